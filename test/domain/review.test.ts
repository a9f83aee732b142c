import fc from 'fast-check';
import { chooseStep } from '../../domain/review';
import type { ReviewChoice, ReviewFacts } from '../../domain/review';
import { DECIDED_VERDICTS, ITEM_STATES, VERDICTS } from '../../domain/words';
import type { ItemState } from '../../domain/words';
import { walk, WORLD } from './review-model';

const SETTLED: ReviewFacts = {
  state: 'clean',
  machineVerdict: 'clean',
  decision: undefined,
  decisionIsNew: false,
  containmentWanted: false,
  redactionBegun: false,
  investigationIsOpen: false,
  sealed: false,
  isReleasedCopy: false,
  enginesAwaited: false,
};

const choose = (facts: Partial<ReviewFacts>): ReviewChoice => chooseStep({ ...SETTLED, ...facts });
const NEW_CLEAN = { decision: 'clean', decisionIsNew: true } as const;
const NEW_SUSPICIOUS = { decision: 'suspicious', decisionIsNew: true } as const;
const NEW_MALICIOUS = { decision: 'malicious', decisionIsNew: true, containmentWanted: true } as const;

/** One row a state: without a decision, and with each new one. `step` or `step>state settled in first`. */
const TABLE: Record<ItemState, [none: string, clean: string, suspicious: string, malicious: string]> = {
  pending: ['inspect', 'inspect', 'inspect', 'inspect'],
  scanning: ['inspect', 'inspect', 'inspect', 'inspect'],
  waiting: ['done>noted', 'done>clean', 'done>noted', 'contain'],
  clean: ['done', 'done', 'done>noted', 'contain'],
  noted: ['done', 'done>clean', 'done', 'contain'],
  held: ['hold', 'release', 'done>contained', 'done>contained'],
  contained: ['done', 'release', 'done', 'done'],
  blocked_at_source: ['done', 'done', 'done', 'done'],
  refused: ['done', 'done>clean', 'done', 'contain'],
  braked: ['done', 'done>clean', 'done>noted', 'contain'],
  releasing: ['release', 'release', 'release', 'release'],
  released: ['done', 'done', 'done', 'done>contained'],
  release_refused: ['done', 'done', 'done', 'done>contained'],
  gone: ['done', 'done', 'done', 'done'],
};

const text = (choice: ReviewChoice): string => choice.step + (choice.settleAs ? `>${choice.settleAs}` : '');

describe('the next step', () => {
  const machine = (state: ItemState) =>
    state === 'pending' || state === 'scanning' ? 'pending' : state === 'clean' ? 'clean' : 'malicious';

  it.each(ITEM_STATES)('of a %s item follows the table for every new decision', (state) => {
    const facts = { state, machineVerdict: machine(state) } as const;
    const said = [{}, NEW_CLEAN, NEW_SUSPICIOUS, NEW_MALICIOUS].map((decided) =>
      text(choose({ ...facts, ...decided })),
    );
    expect(said).toEqual(TABLE[state]);
  });

  const AFTER = ['clean', 'noted', 'contained', 'blocked_at_source', 'refused', 'released', 'release_refused', 'gone'];
  it.each(AFTER as ItemState[])('of a %s item does not act twice upon one decision', (state) => {
    for (const decision of DECIDED_VERDICTS) {
      const facts = { state, decision, decisionIsNew: false, containmentWanted: decision === 'malicious' };
      expect(text(choose(facts))).toBe('done');
    }
  });

  it.each([
    ['clean', false, 'preserve'],
    ['clean', true, 'hold'],
    ['noted', false, 'preserve'],
    ['noted', true, 'hold'],
    ['contained', true, 'hold'],
    ['refused', false, 'hold'],
    ['gone', false, 'hold'],
    ['blocked_at_source', false, 'hold'],
    ['released', true, 'hold'],
  ] as const)('of a %s item under investigation, sealed %s, is %s', (state, sealed, step) => {
    expect(choose({ state, sealed, investigationIsOpen: true })).toEqual({ step });
  });

  it('after a lost inspection is the inspection again, whatever the item waits for', () => {
    expect(choose({ state: 'waiting', machineVerdict: 'pending', ...NEW_CLEAN })).toEqual({ step: 'inspect' });
  });

  it('of a file that waits for engines is the wait, until their answer is recorded', () => {
    const waiting = { state: 'waiting', machineVerdict: 'pending', enginesAwaited: true } as const;
    for (const decided of [{}, NEW_CLEAN, NEW_SUSPICIOUS, NEW_MALICIOUS, { investigationIsOpen: true }]) {
      expect(choose({ ...waiting, ...decided })).toEqual({ step: 'await' });
    }
    expect(choose({ ...waiting, machineVerdict: 'malicious', containmentWanted: true })).toEqual({ step: 'contain' });
  });

  it('of a containment under way is containment only while somebody wants it', () => {
    const waiting = { state: 'waiting', machineVerdict: 'malicious', sealed: true } as const;
    expect(text(choose({ ...waiting, containmentWanted: true }))).toBe('contain');
    expect(text(choose(waiting))).toBe('done>noted');
    expect(text(choose({ ...waiting, ...NEW_CLEAN }))).toBe('done>clean');
    expect(text(choose({ ...waiting, ...NEW_CLEAN, investigationIsOpen: true }))).toBe('hold>clean');
  });

  it('never calls a file spared whose redaction may have been sent', () => {
    for (const decided of [{}, NEW_CLEAN, NEW_SUSPICIOUS, NEW_MALICIOUS]) {
      const facts = { state: 'waiting', machineVerdict: 'malicious', redactionBegun: true, ...decided } as const;
      expect(choose(facts)).toEqual({ step: 'contain' });
    }
  });

  it('releases the original, never the copy that was taken out again', () => {
    for (const state of ['held', 'contained'] as const) {
      expect(choose({ state, sealed: true, ...NEW_CLEAN })).toEqual({ step: 'release' });
      expect(choose({ state, sealed: true, isReleasedCopy: true, ...NEW_CLEAN }).settleAs).toBe('contained');
    }
  });
});

const anyFacts: fc.Arbitrary<ReviewFacts> = fc.record({
  state: fc.constantFrom(...ITEM_STATES),
  machineVerdict: fc.constantFrom(...VERDICTS),
  decision: fc.option(fc.constantFrom(...DECIDED_VERDICTS), { nil: undefined }),
  decisionIsNew: fc.boolean(),
  containmentWanted: fc.boolean(),
  redactionBegun: fc.boolean(),
  investigationIsOpen: fc.boolean(),
  sealed: fc.boolean(),
  isReleasedCopy: fc.boolean(),
  enginesAwaited: fc.boolean(),
});

describe('for all facts', () => {
  it('a release begins only by a decision that says clean', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const { step } = chooseStep(facts);
        return step !== 'release' || facts.decision === 'clean' || facts.state === 'releasing';
      }),
    );
  });

  it('a containment begins only where it is wanted, or finishes one whose redaction may have been sent', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        return chooseStep(facts).step !== 'contain' || facts.containmentWanted || facts.redactionBegun;
      }),
    );
  });

  it('no item settles as clean without an analyst or a machine that says so', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const said = facts.decision ?? facts.machineVerdict;
        return chooseStep(facts).settleAs !== 'clean' || said === 'clean';
      }),
    );
  });

  it('no file is held back from a person who waits: an open investigation never ends in done by itself', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const asks = facts.investigationIsOpen && !facts.decisionIsNew && facts.decision === undefined;
        return !asks || chooseStep(facts).step !== 'done';
      }),
    );
  });
});

describe('walking the whole life in a model of the activities', () => {
  it('ends or waits for a person from every state, whatever people decide meanwhile', () => {
    fc.assert(
      fc.property(WORLD, (world) => {
        const end = walk(world);
        return end.step === 'done' || end.step === 'hold';
      }),
      { numRuns: 3000 },
    );
  });

  it('never releases a file against the newest decision, and never redacts one that nobody wants out', () => {
    fc.assert(
      fc.property(WORLD, (world) => {
        const { acts } = walk(world);
        const released = acts.filter((act) => act.did === 'release');
        const redacted = acts.filter((act) => act.did === 'redact');
        return released.every((act) => act.decision === 'clean') && redacted.every((act) => act.wanted);
      }),
      { numRuns: 3000 },
    );
  });

  it('says clean, noted or refused only of a file that is in the ticket, and held or contained only of one that is not', () => {
    fc.assert(
      fc.property(WORLD, (world) => {
        const { item } = walk(world);
        const there = ['clean', 'noted', 'refused'].includes(item.state);
        const away = ['held', 'contained', 'releasing'].includes(item.state);
        return (!there || item.inTicket) && (!away || !item.inTicket);
      }),
      { numRuns: 3000 },
    );
  });

  it('redacts at most once between two returns', () => {
    fc.assert(
      fc.property(WORLD, (world) => {
        let out = false;
        return walk(world).acts.every((act) => {
          const twice = act.did === 'redact' && out;
          out = act.did === 'redact';
          return !twice;
        });
      }),
      { numRuns: 1000 },
    );
  });
});
