import type { ReviewProgress } from '../../domain/review';
import { reviewOn } from './review';
import { openStage } from './stage';
import type { Part, Stage } from './stage';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
}, 120_000);
afterAll(() => stage.close());

const DONE: ReviewProgress = { step: 'done' };
const review = (part: Part) => reviewOn(stage, part);

describe('a file that waits for engines which answer later', () => {
  const AWAIT = (waitMs = 3_600_000): ReviewProgress => ({ step: 'await', waitMs });

  it('is asked about again after each pause, and holds no activity meanwhile', async () => {
    const answers = [AWAIT(5), AWAIT(5), DONE];
    const one = review({ inspectAttachment: async () => AWAIT(5), askScanners: async () => answers.shift() ?? DONE });
    await one.start();
    await one.ended();
    expect(one.calls()).toEqual(['inspectAttachment', 'askScanners', 'askScanners', 'askScanners']);
  });

  it('is asked about at once when something happened', async () => {
    const one = review({ inspectAttachment: async () => AWAIT(), askScanners: async () => DONE });
    await one.start();
    await one.waits();
    await one.look();
    await one.ended();
    expect(one.calls()).toEqual(['inspectAttachment', 'askScanners']);
  });

  it('waits for nobody once an analyst has decided', async () => {
    const decided: ReviewProgress = { step: 'await', waitMs: 0 };
    const one = review({
      inspectAttachment: async () => AWAIT(),
      applyDecision: async () => decided,
      askScanners: async () => DONE,
    });
    await one.start();
    await one.waits();
    await one.decide();
    await one.ended();
    expect(one.calls()).toEqual(['inspectAttachment', 'applyDecision', 'askScanners']);
  });

  it('goes on waiting while somebody looks at it', async () => {
    const one = review({
      inspectAttachment: async () => AWAIT(),
      openInvestigation: async () => AWAIT(5),
      askScanners: async () => DONE,
    });
    await one.start();
    await one.waits();
    await one.ask();
    await one.ended();
    expect(one.calls()).toEqual(['inspectAttachment', 'openInvestigation', 'askScanners']);
  });

  it('begins its history anew after forty questions', async () => {
    let asked = 0;
    const one = review({
      inspectAttachment: async () => AWAIT(1),
      askScanners: async () => ((asked += 1) > 41 ? DONE : AWAIT(1)),
    });
    await one.start();
    await one.ended();
    expect(one.calls().filter((name) => name === 'inspectAttachment')).toHaveLength(2);
    expect((await one.history())[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId).toBeTruthy();
  }, 60_000);
});
