import check from '@zendeskgarden/svg-icons/src/16/check-circle-fill.svg?raw';
import clock from '@zendeskgarden/svg-icons/src/16/clock-stroke.svg?raw';
import reload from '@zendeskgarden/svg-icons/src/16/reload-stroke.svg?raw';
import cross from '@zendeskgarden/svg-icons/src/16/x-circle-fill.svg?raw';
import { getColor } from '@zendeskgarden/react-theming';
import styled from 'styled-components';
import type { Connection } from '../../api/client';
import { Icon } from '../../parts/icon';
import { Subtle } from '../../parts/page';
import { Untrusted } from '../../parts/untrusted';
import { t } from '../../texts';

type Step = Connection['steps'][number];

const names = t.account.connection.step;
const texts = t.account.progress;
const ORDER = Object.keys(names) as Step['step'][];
const LOOKS = {
  ok: { icon: check, colour: 'foreground.success' },
  failed: { icon: cross, colour: 'foreground.danger' },
  running: { icon: reload, colour: 'foreground.primary' },
  waiting: { icon: clock, colour: 'foreground.subtle' },
} as const;

const List = styled.ol`
  list-style: none;
  margin: 0;
  padding: 0;
`;
const Item = styled.li<{ $colour: string }>`
  display: flex;
  gap: 10px;
  padding: 6px 0;
  > span:first-child {
    margin-top: 2px;
    color: ${({ theme, $colour }) => getColor({ theme, variable: $colour })};
  }
`;

/** Every step of an activation, also those that wait for their turn; a failure says what to do. */
export function ActivationSteps({ steps }: Pick<Connection, 'steps'>) {
  return (
    <List aria-live="polite">
      {ORDER.map((name) => (
        <OneStep key={name} name={name} step={steps.find((one) => one.step === name)} />
      ))}
    </List>
  );
}

function OneStep({ name, step }: { name: Step['step']; step: Step | undefined }) {
  const { icon, colour } = LOOKS[step?.state ?? 'waiting'];
  return (
    <Item $colour={colour}>
      <Icon svg={icon} />
      <div>
        {names[name]} <Subtle>{stateOf(step)}</Subtle>
        {step?.detail !== undefined && (
          <div>
            <Untrusted text={step.detail} max={600} />
          </div>
        )}
        {step?.problem !== undefined && (
          <div>
            <strong>
              <Untrusted text={step.problem} max={600} />
            </strong>{' '}
            <Untrusted text={step.remedy ?? ''} max={600} />
          </div>
        )}
      </div>
    </Item>
  );
}

function stateOf(step: Step | undefined): string {
  if (!step) return texts.waiting;
  switch (step.state) {
    case 'running':
      return texts.running;
    case 'ok':
      return texts.took(Math.round(step.ms ?? 0));
    case 'failed':
      return t.words.connection.failed;
    default:
      return step.state satisfies never;
  }
}
