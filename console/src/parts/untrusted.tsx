import { getColor } from '@zendeskgarden/react-theming';
import styled from 'styled-components';
import { cutMiddle, showHidden } from '../../../domain/text';

const Mark = styled.span`
  border-radius: 3px;
  padding: 0 2px;
  font-size: 0.85em;
  background: ${({ theme }) => getColor({ theme, variable: 'background.warning' })};
  color: ${({ theme }) => getColor({ theme, variable: 'foreground.warning' })};
`;
const Text = styled.bdi`
  overflow-wrap: anywhere;
`;

/** Text that a stranger wrote: on one line, cut, hidden and direction characters visible and marked. Every sink of the page uses it. */
export function Untrusted({ text, max = 120 }: { text: string; max?: number }) {
  const shown = cutMiddle(showHidden(cutMiddle(text, max * 4)), max);
  const pieces = shown.split(/(⟨[^⟨⟩]{1,40}⟩)/u);
  return <Text>{pieces.map((piece, at) => (piece.startsWith('⟨') ? <Mark key={at}>{piece}</Mark> : piece))}</Text>;
}
