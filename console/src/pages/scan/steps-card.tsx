import { getColor } from '@zendeskgarden/react-theming';
import styled from 'styled-components';
import type { ScanStory } from '../../api/client';
import { secondsBetween } from '../../parts/figures';
import { Card } from '../../parts/page';
import { When } from '../../parts/when';
import { t } from '../../texts';

const STEPS = ['arrived', 'scanned', 'sealed', 'redacted', 'proven', 'noted', 'mailed', 'released'] as const;

const Bar = styled.ol`
  display: grid;
  grid-template-columns: repeat(auto-fit, minmax(84px, 1fr));
  gap: 12px 0;
  margin: 0;
  padding: 0;
  list-style: none;
  li {
    border-top: 4px solid ${({ theme }) => getColor({ theme, variable: 'border.primaryEmphasis' })};
    padding: 6px 8px 0 0;
    overflow-wrap: anywhere;
  }
  time {
    font-size: 0.9em;
  }
`;

/** What was done with the item, step by step, each with how long after its arrival. */
export function StepsCard({ story: { milestones } }: { story: ScanStory }) {
  const { arrived } = milestones;
  const done = STEPS.flatMap((step) => {
    const at = milestones[step];
    return at === null ? [] : [{ step, at }];
  });
  if (arrived === null || done.length < 2) return null;
  done.sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
  return (
    <Card aria-labelledby="steps">
      <h2 id="steps">{t.scans.steps.title}</h2>
      <Bar>
        {done.map(({ step, at }) => (
          <li key={step}>
            <strong>{t.scans.steps[step]}</strong>
            <div>{step === 'arrived' ? <When at={at} /> : t.scans.steps.after(secondsBetween(arrived, at))}</div>
          </li>
        ))}
      </Bar>
    </Card>
  );
}
