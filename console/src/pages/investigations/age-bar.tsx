import { getColor } from '@zendeskgarden/react-theming';
import styled from 'styled-components';
import { t } from '../../texts';
import { Stack } from '../../parts/page';

const Track = styled.div`
  height: 6px;
  width: 100%;
  max-width: 120px;
  border-radius: 3px;
  overflow: hidden;
  background: ${({ theme }) => getColor({ theme, variable: 'background.emphasis', transparency: 800 })};
`;
const Fill = styled.div<{ $over: boolean }>`
  height: 100%;
  background: ${({ theme, $over }) =>
    getColor({ theme, variable: $over ? 'background.dangerEmphasis' : 'background.primaryEmphasis' })};
`;

/** A span of time in its two largest units. */
function spanText(ms: number): string {
  const minutes = Math.floor(Math.abs(ms) / 60_000);
  const hours = Math.floor(minutes / 60);
  return hours >= 48 ? t.analysts.days(Math.floor(hours / 24)) : t.analysts.hours(hours, minutes % 60);
}

/** How much of the time to answer is used up: a bar, and in words. */
export function AgeBar({ from, due, now }: { from: string; due: string; now: number }) {
  const whole = Date.parse(due) - Date.parse(from);
  const left = Date.parse(due) - now;
  const used = Math.min(1, Math.max(0, 1 - left / whole));
  return (
    <Stack $gap={4}>
      <Track aria-hidden="true">
        <Fill $over={left < 0} style={{ width: `${Math.round(used * 100)}%` }} />
      </Track>
      <span>
        <time dateTime={due} title={new Date(due).toLocaleString()}>
          {left < 0 ? t.analysts.over(spanText(left)) : t.analysts.left(spanText(left))}
        </time>
      </span>
    </Stack>
  );
}
