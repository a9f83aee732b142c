import { chooseStep } from './review';
import { DECIDED_VERDICTS } from './words';
import type { DecidedVerdict, ItemState, Verdict } from './words';

/** What a decision brings about for one item: what is told before somebody decides. */
export const DECISION_EFFECTS = ['returns', 'removes', 'stays_in', 'stays_out', 'waits', 'nothing'] as const;
export type DecisionEffect = (typeof DECISION_EFFECTS)[number];

/** What has to be known of an item to say what a decision would do to it. */
export interface ItemBefore {
  state: ItemState;
  machineVerdict: Verdict;
  isReleasedCopy: boolean;
  /** A redaction was announced whose outcome nobody has recorded. */
  redactionBegun: boolean;
  sealed: boolean;
}

/**
 * What deciding would do to an item: asked of the very function that chooses the step when the decision has been made.
 * `waits`: Lazaret is not through with it, the decision counts when it is.
 */
export function effectOf(item: ItemBefore, decision: DecidedVerdict): DecisionEffect {
  const { step, settleAs } = chooseStep({
    ...item,
    decision,
    decisionIsNew: true,
    containmentWanted: decision === 'malicious',
    investigationIsOpen: false,
    enginesAwaited: false,
  });
  if (step === 'release') return 'returns';
  // A redaction with an unknown outcome is finished first, then given back.
  if (step === 'contain') return decision === 'malicious' ? 'removes' : 'returns';
  if (step === 'inspect' || step === 'await') return 'waits';
  return restIn(settleAs ?? item.state);
}

function restIn(state: ItemState): DecisionEffect {
  switch (state) {
    case 'held':
    case 'contained':
    case 'release_refused':
      return 'stays_out';
    case 'clean':
    case 'noted':
    case 'released':
    case 'refused':
      return 'stays_in';
    case 'pending':
    case 'scanning':
    case 'waiting':
    case 'braked':
    case 'releasing':
      return 'waits';
    case 'gone':
    case 'blocked_at_source':
      return 'nothing';
    default:
      return state satisfies never;
  }
}

/**
 * The verdict that taking a decision back restores: that of the decision before it, else what the engines said. What they
 * could not look into is not called clean by that, and stays where it is: `suspicious`.
 */
export function restoredVerdict(before: DecidedVerdict | undefined, machineVerdict: Verdict): DecidedVerdict {
  return before ?? DECIDED_VERDICTS.find((verdict) => verdict === machineVerdict) ?? 'suspicious';
}
