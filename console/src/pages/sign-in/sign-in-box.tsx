import { getColor } from '@zendeskgarden/react-theming';
import { useEffect } from 'react';
import type { ReactNode } from 'react';
import styled from 'styled-components';
import { t } from '../../texts';

const Ground = styled.main`
  display: grid;
  place-items: center;
  min-height: 100vh;
  padding: 16px;
  box-sizing: border-box;
  background: ${({ theme }) => getColor({ theme, variable: 'background.recessed' })};
`;
const Box = styled.div`
  width: 100%;
  max-width: 400px;
  box-sizing: border-box;
  padding: 32px;
  border: 1px solid ${({ theme }) => getColor({ theme, variable: 'border.default' })};
  border-radius: 8px;
  background: ${({ theme }) => getColor({ theme, variable: 'background.raised' })};
  h1 {
    margin: 0 0 20px;
    font-size: 22px;
    line-height: 28px;
  }
`;
const Brand = styled.div`
  display: flex;
  align-items: center;
  gap: 10px;
  margin-bottom: 16px;
  font-weight: 600;
`;

/** The frame of the pages before the sign-in. */
export function SignInBox({ title, children }: { title: string; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} – ${t.frame.product}`;
  }, [title]);
  return (
    <Ground>
      <Box>
        <Brand>
          <img src="/icon.svg" alt="" width="28" height="28" />
          {t.frame.product}
        </Brand>
        <h1>{title}</h1>
        {children}
      </Box>
    </Ground>
  );
}
