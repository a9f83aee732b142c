import { getColor } from '@zendeskgarden/react-theming';
import styled from 'styled-components';

/** Below this width the rail lies across the top. */
const NARROW = '@media (max-width: 760px)';

export const Frame = styled.div`
  display: flex;
  min-height: 100vh;
  ${NARROW} {
    flex-direction: column;
  }
`;

export const Skip = styled.a`
  position: absolute;
  left: 8px;
  top: -48px;
  z-index: 10;
  padding: 8px 12px;
  border-radius: 4px;
  background: ${({ theme }) => getColor({ theme, variable: 'background.raised' })};
  &:focus {
    top: 8px;
  }
`;

export const Rail = styled.nav`
  flex: none;
  width: 216px;
  padding: 16px 12px;
  background: ${({ theme }) => getColor({ theme, variable: 'background.recessed' })};
  border-right: 1px solid ${({ theme }) => getColor({ theme, variable: 'border.default' })};
  ul {
    list-style: none;
    margin: 16px 0 0;
    padding: 0;
  }
  ${NARROW} {
    width: auto;
    border-right: 0;
    padding: 8px 12px;
    ul {
      display: flex;
      flex-wrap: wrap;
      gap: 4px;
      margin-top: 4px;
    }
  }
`;

export const Brand = styled.a`
  display: inline-flex;
  align-items: center;
  gap: 10px;
  padding: 4px 8px;
  font-size: 16px;
  font-weight: 600;
  text-decoration: none;
  color: ${({ theme }) => getColor({ theme, variable: 'foreground.default' })};
`;

export const Entry = styled.a`
  display: flex;
  align-items: center;
  gap: 10px;
  padding: 8px;
  margin: 2px 0;
  border-radius: 4px;
  text-decoration: none;
  color: ${({ theme }) => getColor({ theme, variable: 'foreground.default' })};
  &:hover {
    text-decoration: underline;
  }
  &[aria-current='page'] {
    font-weight: 600;
    background: ${({ theme }) => getColor({ theme, variable: 'background.raised' })};
    color: ${({ theme }) => getColor({ theme, variable: 'foreground.default' })};
  }
`;

export const Side = styled.div`
  flex: 1;
  min-width: 0;
`;

export const Bar = styled.header`
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  justify-content: flex-end;
  gap: 12px;
  padding: 8px 24px;
  border-bottom: 1px solid ${({ theme }) => getColor({ theme, variable: 'border.default' })};
  ${NARROW} {
    padding: 8px 16px;
  }
`;

export const Who = styled.span`
  color: ${({ theme }) => getColor({ theme, variable: 'foreground.subtle' })};
`;

export const Content = styled.main`
  padding: 24px;
  outline: none;
  ${NARROW} {
    padding: 16px;
  }
`;
