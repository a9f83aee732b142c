import styled from 'styled-components';

const Box = styled.span`
  display: inline-flex;
  flex: none;
  width: 16px;
  height: 16px;
  svg {
    width: 100%;
    height: 100%;
  }
`;

/**
 * One of Garden's icons beside its word; hidden from screen readers, for the word says it.
 * @param svg source of the icon as it was bundled, never text of anybody
 */
export function Icon({ svg, className }: { svg: string; className?: string }) {
  return <Box aria-hidden="true" className={className} dangerouslySetInnerHTML={{ __html: svg }} />;
}
