import type { DecidedVerdict, ItemState, Verdict } from './words';

/** What the workflow of an item does next. */
export type ReviewStep = 'inspect' | 'await' | 'contain' | 'release' | 'watch' | 'preserve' | 'hold' | 'done';

/**
 * Answer of every step: what comes next, until when (milliseconds since 1970) a hold waits at most, and for how long
 * engines that answer later are left alone.
 */
export interface ReviewProgress {
  step: ReviewStep;
  holdUntilMs?: number;
  waitMs?: number;
  /** Shown in Temporal's own search while a file is held. */
  sha256?: string;
  verdict?: Verdict;
}

/** What is known of an item when the next step is chosen. */
export interface ReviewFacts {
  state: ItemState;
  machineVerdict: Verdict;
  /** The newest decision about these bytes, if there is one. */
  decision: DecidedVerdict | undefined;
  /** True when that decision has not been acted upon. */
  decisionIsNew: boolean;
  /** Policy or decision wants the file out of the ticket. */
  containmentWanted: boolean;
  /** A redaction was announced whose outcome nobody has recorded: the file may be gone from the ticket already. */
  redactionBegun: boolean;
  investigationIsOpen: boolean;
  /** A sealed copy exists. */
  sealed: boolean;
  /** It is a copy that Lazaret itself put back; the original's release makes the next copy. */
  isReleasedCopy: boolean;
  /** It was read, and engines that answer later were asked about it. */
  enginesAwaited: boolean;
}

/** The next step, and the state to settle in first where a decision needs no act in the ticket. */
export interface ReviewChoice {
  step: ReviewStep;
  settleAs?: ItemState;
}

/**
 * Chooses the next step from the row alone, so that a workflow started again after any loss goes on where the row is.
 */
export function chooseStep(facts: ReviewFacts): ReviewChoice {
  const { state, decision } = facts;
  switch (state) {
    case 'pending':
    case 'scanning':
    case 'waiting':
      if (facts.machineVerdict === 'pending') return { step: facts.enginesAwaited ? 'await' : 'inspect' };
      if (facts.containmentWanted || facts.redactionBegun) return { step: 'contain' };
      return spared(facts);
    case 'braked':
      return decision === undefined ? { step: rest(facts) } : decided(facts, decision);
    case 'releasing':
      return { step: 'release' };
    case 'held':
      if (decision === undefined) return { step: 'hold' };
      return decided(facts, decision);
    case 'contained':
    case 'released':
    case 'release_refused':
    case 'clean':
    case 'noted':
    case 'refused':
    case 'gone':
    case 'blocked_at_source':
      if (!facts.decisionIsNew || decision === undefined) return { step: rest(facts) };
      return decided(facts, decision);
    default:
      return state satisfies never;
  }
}

/** A containment that nobody wants any more, and that surely took nothing away: the file stays in the ticket. */
function spared(facts: ReviewFacts): ReviewChoice {
  const clean = (facts.decision ?? facts.machineVerdict) === 'clean';
  const settleAs = clean ? 'clean' : 'noted';
  return { step: rest({ ...facts, state: settleAs }), settleAs };
}

/** Nothing to do in the ticket: wait while somebody looks, else end. */
function rest(facts: ReviewFacts): ReviewStep {
  if (!facts.investigationIsOpen) return 'done';
  const readable = facts.state === 'clean' || facts.state === 'noted';
  return readable && !facts.sealed ? 'preserve' : 'hold';
}

function decided(facts: ReviewFacts, decision: DecidedVerdict): ReviewChoice {
  switch (decision) {
    case 'clean':
      return decidedClean(facts);
    case 'malicious':
      return decidedMalicious(facts);
    case 'suspicious':
      if (facts.state === 'held') return { step: 'done', settleAs: 'contained' };
      if (facts.state === 'clean' || facts.state === 'braked') return { step: 'done', settleAs: 'noted' };
      return { step: 'done' };
    default:
      return decision satisfies never;
  }
}

function decidedClean(facts: ReviewFacts): ReviewChoice {
  switch (facts.state) {
    case 'held':
    case 'contained':
      return facts.isReleasedCopy ? { step: 'done', settleAs: 'contained' } : { step: 'release' };
    case 'refused':
      // It may have been taken out all the same; what is gone has to come back.
      if (facts.redactionBegun) return { step: 'contain', settleAs: 'waiting' };
      return { step: 'done', settleAs: 'clean' };
    case 'noted':
    case 'braked':
      return { step: 'done', settleAs: 'clean' };
    default:
      return { step: 'done' };
  }
}

function decidedMalicious(facts: ReviewFacts): ReviewChoice {
  switch (facts.state) {
    case 'held':
    case 'released':
    case 'release_refused':
      return { step: 'done', settleAs: 'contained' };
    case 'clean':
    case 'noted':
    case 'refused':
    case 'braked':
      return facts.containmentWanted ? { step: 'contain' } : { step: 'done', settleAs: 'noted' };
    default:
      return { step: 'done' };
  }
}
