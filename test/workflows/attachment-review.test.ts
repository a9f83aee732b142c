import { randomUUID } from 'node:crypto';
import type { ReviewProgress } from '../../domain/review';
import { reviewOn } from './review';
import { eventually, gate, openStage } from './stage';
import type { Part, Stage } from './stage';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
}, 120_000);
afterAll(() => stage.close());

const DONE: ReviewProgress = { step: 'done' };
const SHA256 = 'd'.repeat(64);
const HOLD = (ms = 3_600_000): ReviewProgress => ({
  step: 'hold',
  holdUntilMs: Date.now() + ms,
  verdict: 'malicious',
  sha256: SHA256,
});

const review = (part: Part) => reviewOn(stage, part);

describe('a clean file', () => {
  it('lives for one activity and at most eleven events, and shows neither verdict nor hash', async () => {
    const one = review({ inspectAttachment: async () => DONE });
    await one.start();
    await one.ended();
    expect((await one.history()).length).toBeLessThanOrEqual(11);
    expect(one.calls()).toEqual(['inspectAttachment']);
    const shown = Object.keys(await one.attributes());
    expect(shown).toEqual(expect.arrayContaining(['ConnectionId', 'Organisation', 'TicketId']));
    expect(shown.filter((name) => name === 'Verdict' || name === 'Sha256')).toEqual([]);
  });

  it('that is started twice at once lives once', async () => {
    const inspecting = gate();
    const one = review({
      inspectAttachment: async () => {
        await inspecting.passed;
        return DONE;
      },
    });
    await Promise.all([one.start(), one.start(), one.start()]);
    inspecting.open();
    await one.ended();
    expect(one.calls()).toEqual(['inspectAttachment']);
  });
});

describe('a contained file', () => {
  const contained = (part: Part = {}) =>
    review({
      inspectAttachment: async () => ({ step: 'contain' }),
      containAttachment: async () => HOLD(),
      ...part,
    });

  it('keeps five events open while a person thinks, and can be found by verdict and hash', async () => {
    const one = contained();
    await one.start();
    expect(await one.held()).toHaveLength(5);
    expect(await one.attributes()).toMatchObject({
      Verdict: 'malicious',
      Sha256: SHA256,
      Organisation: one.organisationId,
    });
    expect(one.calls()).toEqual(['inspectAttachment', 'containAttachment']);
    await stage.handle(one.workflowId).terminate();
  });

  it('is released when the verdict comes while it is held', async () => {
    const decisionId = randomUUID();
    const seen: string[] = [];
    const one = contained({
      applyDecision: async (ref) => {
        seen.push(ref.decisionId);
        return { step: 'release' };
      },
      releaseAttachment: async () => DONE,
    });
    await one.start();
    await one.held();
    await one.decide(decisionId);
    await one.ended();
    expect(seen).toEqual([decisionId]);
    expect(one.calls().slice(2)).toEqual(['applyDecision', 'releaseAttachment']);
  });

  it.each(['inspectAttachment', 'containAttachment'] as const)(
    'heeds a verdict that comes during %s, right after that step',
    async (step) => {
      const busy = gate();
      const next: ReviewProgress = step === 'inspectAttachment' ? { step: 'contain' } : HOLD();
      const one = contained({
        [step]: async () => {
          await busy.passed;
          return next;
        },
        applyDecision: async () => ({ step: 'release' }),
        releaseAttachment: async () => DONE,
      });
      await one.start();
      await stage.called(one.itemId, step);
      await one.decide();
      busy.open();
      await one.ended();
      expect(one.calls()).toEqual(['inspectAttachment', 'containAttachment', 'applyDecision', 'releaseAttachment']);
    },
  );

  it('starts again under the same id when a verdict comes after its end', async () => {
    const one = review({ inspectAttachment: async () => DONE, applyDecision: async () => ({ step: 'contain' }) });
    stage.cast(one.itemId, { containAttachment: async () => DONE });
    await one.start();
    await one.ended();
    const first = (await stage.handle(one.workflowId).describe()).runId;
    await one.decide();
    await one.ended();
    expect((await stage.handle(one.workflowId).describe()).runId).not.toBe(first);
    expect(one.calls()).toEqual(['inspectAttachment', 'inspectAttachment', 'applyDecision', 'containAttachment']);
  });

  it('loses no message, however many come around each continue-as-new', async () => {
    const seen = new Set<string>();
    const one = contained({
      applyDecision: async (ref) => {
        seen.add(ref.decisionId);
        return HOLD();
      },
    });
    await one.start();
    const sent = Array.from({ length: 40 }, () => randomUUID());
    for (let index = 0; index < sent.length; index += 4) {
      await Promise.all(sent.slice(index, index + 4).map((decisionId) => one.decide(decisionId)));
    }
    await stage.called(one.itemId, 'applyDecision', sent.length);
    expect([...seen].sort()).toEqual([...sent].sort());
    expect(await one.held()).toHaveLength(5);
    expect(one.calls().filter((name) => name === 'containAttachment')).toHaveLength(1);
    await stage.handle(one.workflowId).terminate();
  });

  it('ends its hold when the time is over, and only then', async () => {
    const one = contained({ containAttachment: async () => HOLD(400), endHold: async () => DONE });
    const began = Date.now();
    await one.start();
    await one.ended();
    expect(Date.now() - began).toBeGreaterThanOrEqual(400);
    expect(one.calls()).toEqual(['inspectAttachment', 'containAttachment', 'endHold']);
  });

  it('ends a hold at once whose time was over before it began', async () => {
    const one = contained({ containAttachment: async () => HOLD(-1000), endHold: async () => DONE });
    await one.start();
    await one.ended();
    expect(one.calls().at(-1)).toBe('endHold');
  });

  it('holds again, with a short history, when a decision changes nothing', async () => {
    const one = contained({ applyDecision: async () => HOLD() });
    await one.start();
    await one.held();
    const first = (await stage.handle(one.workflowId).describe()).runId;
    await one.decide();
    await eventually(async () => {
      const { runId } = await stage.handle(one.workflowId).describe();
      return runId !== first || undefined;
    });
    expect(await one.held()).toHaveLength(5);
    await stage.handle(one.workflowId).terminate();
  });
});

describe('an investigation', () => {
  it('of a clean file seals it first, then waits for the answer', async () => {
    const one = review({
      inspectAttachment: async () => DONE,
      openInvestigation: async () => ({ step: 'preserve' }),
      preserveAttachment: async () => HOLD(),
      applyDecision: async () => DONE,
    });
    await one.ask();
    expect(await one.held()).toHaveLength(5);
    await one.decide();
    await one.ended();
    expect(one.calls()).toEqual(['inspectAttachment', 'openInvestigation', 'preserveAttachment', 'applyDecision']);
  });
});

it('a returned file is looked at until its watch ends, and a verdict interrupts the watch', async () => {
  const one = review({
    inspectAttachment: async () => ({ step: 'watch' }),
    watchReleased: async () => ({ step: 'watch' }),
    applyDecision: async () => DONE,
  });
  await one.start();
  await stage.called(one.itemId, 'watchReleased');
  await one.decide();
  await one.ended();
  expect(one.calls()).toEqual(['inspectAttachment', 'watchReleased', 'applyDecision']);
});

it('a step that fails is tried again until it succeeds', async () => {
  let tries = 0;
  const one = review({
    inspectAttachment: async () => {
      tries += 1;
      if (tries < 3) throw new Error('Zendesk is away');
      return DONE;
    },
  });
  await one.start();
  await one.ended();
  expect(tries).toBe(3);
});
