import alert from '@zendeskgarden/svg-icons/src/16/alert-warning-fill.svg?raw';
import check from '@zendeskgarden/svg-icons/src/16/check-circle-fill.svg?raw';
import clock from '@zendeskgarden/svg-icons/src/16/clock-stroke.svg?raw';
import question from '@zendeskgarden/svg-icons/src/16/question-mark-stroke.svg?raw';
import person from '@zendeskgarden/svg-icons/src/16/user-solo-fill.svg?raw';
import cross from '@zendeskgarden/svg-icons/src/16/x-circle-fill.svg?raw';
import { Tag } from '@zendeskgarden/react-tags';
import styled from 'styled-components';
import type { Verdict } from '../../../domain/words';
import type { Scan } from '../api/client';
import { t } from '../texts';
import { Icon } from './icon';

const LOOKS: Record<Verdict, { hue: string; icon: string }> = {
  pending: { hue: 'grey', icon: clock },
  clean: { hue: 'green', icon: check },
  suspicious: { hue: 'yellow', icon: alert },
  malicious: { hue: 'red', icon: cross },
  unscannable: { hue: 'grey', icon: question },
};
const Row = styled.span`
  display: inline-flex;
  align-items: center;
  gap: 4px;
`;

/** A verdict by icon, word and colour. */
export function VerdictTag({ verdict, large = false }: { verdict: Verdict; large?: boolean }) {
  const { hue, icon } = LOOKS[verdict];
  return (
    <Tag hue={hue} size={large ? 'large' : 'medium'}>
      <Row>
        <Icon svg={icon} />
        <span>{t.words.verdict[verdict]}</span>
      </Row>
    </Tag>
  );
}

const Quiet = styled.span`
  font-size: 0.9em;
`;

/** The effective verdict of a scan, with the mark of an analyst who overruled the machine. */
export function ScanVerdict({ scan, large = false }: { scan: Scan; large?: boolean }) {
  const overruled = scan.decisionId !== null && scan.verdict !== scan.machineVerdict;
  const said = t.scans.detail.bySaid(t.words.verdict[scan.machineVerdict], t.words.verdict[scan.verdict]);
  return (
    <Row>
      <VerdictTag verdict={scan.verdict} large={large} />
      {overruled && (
        <span role="img" aria-label={said} title={said}>
          <Icon svg={person} />
        </span>
      )}
    </Row>
  );
}

/** Where the item is now, and why it is there. */
export function stateText(scan: Scan): string {
  const reason = scan.stateReason === null ? '' : `: ${t.words.stateReason[scan.stateReason]}`;
  const unscannable = scan.reason === null ? '' : ` · ${t.words.unscannable[scan.reason]}`;
  return `${t.words.state[scan.state]}${reason}${unscannable}`;
}

/** The second, quieter line beside a verdict. */
export function ScanState({ scan }: { scan: Scan }) {
  return <Quiet>{stateText(scan)}</Quiet>;
}
