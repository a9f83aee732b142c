import { Writable } from 'node:stream';
import type { EngineReport } from '../../domain/inspection';
import type { UnscannableReason } from '../../domain/words';
import { failedReport, withAsyncBreaker, withBreaker } from '../../scanners';
import type { AsyncAnswer, AsyncEngine, Engine, SubmissionHandle } from '../../scanners';
import { report } from './samples';

const OPEN_MS = 10_000;
const text = Buffer.from('harmless');

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance'] });
});
afterEach(() => {
  jest.useRealTimers();
});

const clean = (): EngineReport => ({ ...failedReport('one', 'gone'), result: 'clean' });

/** Answers what the test says next; counts how often it was asked. */
function scripted(healthy = true): { engine: Engine; asked: () => number; fail?: UnscannableReason; hang?: boolean } {
  let asked = 0;
  const stage: ReturnType<typeof scripted> = {
    asked: () => asked,
    engine: {
      name: 'one',
      open: () => {
        asked += 1;
        let settle: (answer: EngineReport) => void = () => undefined;
        const answer = new Promise<EngineReport>((resolve) => (settle = resolve));
        const sink = new Writable({
          write: (_chunk, _encoding, done) => done(),
          final: (done) => {
            if (!stage.hang) settle(stage.fail ? failedReport('one', stage.fail) : clean());
            done();
          },
          destroy: (error, done) => {
            settle(failedReport('one', 'engine_unavailable'));
            done(error);
          },
          autoDestroy: false,
        });
        return { sink, report: answer };
      },
      health: () =>
        Promise.resolve({ engine: 'one', ok: healthy, detail: 'as ever', engineVersion: '1', rulesVersion: '2' }),
      close: () => Promise.resolve(),
    },
  };
  return stage;
}

/** The breaker counts right after the report; nobody's report waits for that. */
const counted = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function failTimes(engine: Engine, times: number): Promise<void> {
  for (let count = 0; count < times; count += 1) await report(engine, 'a', text);
  await counted();
}

test('failures in a row open it: the engine is not asked, and nothing is clean', async () => {
  const stage = scripted();
  const engine = withBreaker(stage.engine, { failures: 3, openMs: OPEN_MS });
  stage.fail = 'engine_unavailable';
  await failTimes(engine, 3);
  expect(await report(engine, 'a', text)).toMatchObject({ result: 'error', reason: 'engine_unavailable' });
  expect(stage.asked()).toBe(3);
  const health = await engine.health();
  expect(health).toMatchObject({ ok: false, breaker: 'open', counts: { answered: 0, failed: 3, refused: 1 } });
  expect(health.counts?.lastFailureAt).toMatch(/^\d{4}-/);
});

test('an answer between failures keeps it closed', async () => {
  const stage = scripted();
  const engine = withBreaker(stage.engine, { failures: 3, openMs: OPEN_MS });
  for (const fail of [
    'engine_unavailable',
    'engine_unavailable',
    undefined,
    'engine_unavailable',
    'timeout',
  ] as const) {
    if (fail) stage.fail = fail;
    else delete stage.fail;
    await report(engine, 'a', text);
    await counted();
  }
  expect(await engine.health()).toMatchObject({ ok: true, breaker: 'closed' });
});

test('after a while one file tries the engine; others meanwhile are refused, and its answer closes the breaker', async () => {
  const stage = scripted();
  const engine = withBreaker(stage.engine, { failures: 1, openMs: OPEN_MS });
  stage.fail = 'engine_crashed';
  await failTimes(engine, 1);
  await jest.advanceTimersByTimeAsync(OPEN_MS + 1);
  delete stage.fail;
  const trial = engine.open({ fileName: 'a' });
  expect((await engine.health()).breaker).toBe('half-open');
  expect(await report(engine, 'b', text)).toMatchObject({ result: 'error' });
  expect(stage.asked()).toBe(2);
  trial.sink.end(text);
  expect(await trial.report).toMatchObject({ result: 'clean' });
  await counted();
  expect(await report(engine, 'c', text)).toMatchObject({ result: 'clean' });
  expect((await engine.health()).breaker).toBe('closed');
});

test('a trial that fails, or is given up, opens it again', async () => {
  const stage = scripted();
  const engine = withBreaker(stage.engine, { failures: 1, openMs: OPEN_MS });
  stage.fail = 'engine_unavailable';
  await failTimes(engine, 1);
  await jest.advanceTimersByTimeAsync(OPEN_MS + 1);
  await failTimes(engine, 1);
  expect((await engine.health()).breaker).toBe('open');
  await jest.advanceTimersByTimeAsync(OPEN_MS + 1);
  const trial = engine.open({ fileName: 'a' });
  trial.sink.destroy();
  await trial.report;
  await counted();
  expect((await engine.health()).breaker).toBe('open');
  expect(stage.asked()).toBe(3);
});

test('inspections that their caller gave up are no failures', async () => {
  const stage = scripted();
  const engine = withBreaker(stage.engine, { failures: 2, openMs: OPEN_MS });
  for (let count = 0; count < 5; count += 1) {
    const session = engine.open({ fileName: 'a' });
    session.sink.destroy();
    expect(await session.report).toMatchObject({ result: 'error' });
  }
  expect(await engine.health()).toMatchObject({ breaker: 'closed', counts: { failed: 0 } });
});

test.each([
  ['healthy engine is the file’s doing', true, 'closed'],
  ['sick engine is its own', false, 'open'],
])('a time-out of a %s', async (_title, healthy, breaker) => {
  const stage = scripted(healthy);
  const engine = withBreaker(stage.engine, { failures: 2, openMs: OPEN_MS });
  stage.fail = 'timeout';
  await failTimes(engine, 2);
  expect((await engine.health()).breaker).toBe(breaker);
});

test('unscannable files are answers, however many', async () => {
  const stage = scripted();
  const engine = withBreaker(
    {
      ...stage.engine,
      open: () => {
        const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
        return {
          sink,
          report: Promise.resolve({ ...failedReport('one', 'encrypted'), result: 'unscannable' as const }),
        };
      },
    },
    { failures: 1 },
  );
  await failTimes(engine, 4);
  expect(await engine.health()).toMatchObject({ breaker: 'closed', counts: { answered: 4 } });
});

describe('in front of an asynchronous engine', () => {
  const handle = (expiresAt: string): SubmissionHandle => ({
    engine: 'box',
    id: '1',
    sha256: 'a'.repeat(64),
    submittedAt: new Date().toISOString(),
    expiresAt,
  });
  const file = {
    sha256: 'a'.repeat(64),
    length: 1,
    fileName: 'a',
    mayUpload: true,
    open: () => Promise.reject(new Error('not wanted')),
  };
  const box = (answer: () => AsyncAnswer): AsyncEngine => ({
    name: 'box',
    deadlineMs: 60_000,
    looksAtBytes: true,
    callback: false,
    submit: () => Promise.resolve(answer()),
    fetchResult: () => Promise.resolve(answer()),
    health: () => Promise.resolve({ engine: 'box', ok: true, detail: '', engineVersion: '', rulesVersion: '' }),
    close: () => Promise.resolve(),
  });

  test('an open one answers submissions with an error, and lets results wait until their deadline', async () => {
    const guarded = withAsyncBreaker(
      box(() => ({ state: 'done', report: failedReport('box', 'engine_unavailable') })),
      { failures: 1, openMs: OPEN_MS },
    );
    await guarded.submit(file);
    await counted();
    expect(await guarded.submit(file)).toMatchObject({ state: 'done', report: { result: 'error' } });
    const later = new Date(Date.now() + 60_000).toISOString();
    expect(await guarded.fetchResult(handle(later))).toMatchObject({ state: 'pending', retryAfterMs: OPEN_MS });
    const past = new Date(Date.now() - 1).toISOString();
    expect(await guarded.fetchResult(handle(past))).toMatchObject({
      state: 'done',
      report: { result: 'error', reason: 'timeout' },
    });
    expect(await guarded.health()).toMatchObject({ breaker: 'open', counts: { failed: 1, refused: 3 } });
  });

  test('waiting and quotas are no failures, trouble is one', async () => {
    const pending = { state: 'pending' as const, handle: handle(new Date(Date.now() + 1_000).toISOString()) };
    const answers: AsyncAnswer[] = [
      { ...pending, retryAfterMs: 1 },
      { state: 'busy', retryAfterMs: 1 },
      { ...pending, retryAfterMs: 1, trouble: 'engine_unavailable' },
    ];
    const guarded = withAsyncBreaker(
      box(() => answers.shift() ?? { state: 'busy', retryAfterMs: 1 }),
      { failures: 1 },
    );
    await guarded.fetchResult(pending.handle);
    await guarded.submit(file);
    await counted();
    expect((await guarded.health()).breaker).toBe('closed');
    await guarded.fetchResult(pending.handle);
    await counted();
    expect((await guarded.health()).breaker).toBe('open');
  });
});
