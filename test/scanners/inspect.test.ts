import { createHash } from 'node:crypto';
import { PassThrough, Readable, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { EngineReport } from '../../domain/inspection';
import { EngineBusy, inspect, SourceStalled, type Engine, type EngineSession } from '../../scanners';

const target = { fileName: 'a.txt' };

function fake(name: string, open: () => EngineSession): Engine {
  return {
    name,
    open,
    health: () => Promise.resolve({ engine: name, ok: true, detail: '', engineVersion: '1', rulesVersion: '1' }),
    close: () => Promise.resolve(),
  };
}

function answer(engine: string): EngineReport {
  return { engine, engineVersion: '1', rulesVersion: '1', result: 'clean', findings: [], ms: 1 };
}

/** Answers clean when it has every byte, and keeps them for comparison. */
function honest(name: string): { engine: Engine; bytes: Buffer[] } {
  const bytes: Buffer[] = [];
  const engine = fake(name, () => {
    let done: (report: EngineReport) => void;
    const report = new Promise<EngineReport>((resolve) => (done = resolve));
    const sink = new Writable({
      write: (chunk: Buffer, _encoding, next) => {
        bytes.push(chunk);
        next();
      },
      final: (next) => {
        done(answer(name));
        next();
      },
    });
    return { sink, report };
  });
  return { engine, bytes };
}

const chunks = Array.from({ length: 64 }, (_unused, index) => Buffer.alloc(16_384, index));
const whole = Buffer.concat(chunks);
const sha256 = createHash('sha256').update(whole).digest('hex');

test('every engine and every sink gets the same bytes in one pass', async () => {
  const [one, two] = [honest('one'), honest('two')];
  const seal = new PassThrough();
  const sealed = buffer(seal);
  const seen = await inspect([one.engine, two.engine], target, Readable.from(chunks), [seal]);
  expect(seen).toMatchObject({ sha256, length: whole.length });
  expect(seen.reports.map(({ engine, result }) => [engine, result])).toEqual([
    ['one', 'clean'],
    ['two', 'clean'],
  ]);
  expect(Buffer.concat(one.bytes).equals(whole)).toBe(true);
  expect(Buffer.concat(two.bytes).equals(whole)).toBe(true);
  expect((await sealed).equals(whole)).toBe(true);
});

test('the source is read no faster than the slowest taker', async () => {
  let ahead = 0;
  let most = 0;
  const source = (async function* () {
    for (const chunk of chunks) {
      most = Math.max(most, (ahead += 1));
      yield chunk;
    }
  })();
  const slow = new Writable({
    highWaterMark: 1,
    write: (_chunk, _encoding, next) =>
      setImmediate(() => {
        ahead -= 1;
        next();
      }),
  });
  await inspect([], target, Readable.from(source, { highWaterMark: 1 }), [slow]);
  expect(most).toBeLessThan(5);
});

describe('an engine that fails is a report, and the others go on', () => {
  const broken: [string, () => EngineSession, string][] = [
    [
      'throws when it is opened',
      () => {
        throw new Error('no');
      },
      'engine_unavailable',
    ],
    [
      'breaks its sink',
      () => ({
        sink: new Writable({ write: (_c, _e, next) => next(new Error('broken pipe')) }),
        report: new Promise<EngineReport>(() => undefined),
      }),
      'engine_unavailable',
    ],
    [
      'rejects its report',
      () => ({ sink: new PassThrough().resume(), report: Promise.reject(new Error('no')) }),
      'engine_unavailable',
    ],
    [
      'never takes a byte',
      () => ({ sink: new Writable({ write: () => undefined }), report: new Promise<EngineReport>(() => undefined) }),
      'timeout',
    ],
    [
      'never answers',
      () => ({ sink: new PassThrough().resume(), report: new Promise<EngineReport>(() => undefined) }),
      'timeout',
    ],
    [
      'says clean without having taken all bytes',
      () => ({
        sink: new Writable({ write: (_c, _e, next) => next(new Error('enough')) }),
        report: Promise.resolve(answer('bad')),
      }),
      'engine_unavailable',
    ],
  ];
  test.each(broken)('one that %s', async (_title, open, reason) => {
    const good = honest('good');
    const limits = { stallMs: 50, reportMs: 50 };
    const engines = [fake('bad', open), good.engine];
    const seen = await inspect(engines, target, Readable.from(chunks), [], undefined, limits);
    expect(seen).toMatchObject({
      sha256,
      reports: [
        { engine: 'bad', result: 'error', reason },
        { engine: 'good', result: 'clean' },
      ],
    });
    expect(Buffer.concat(good.bytes).equals(whole)).toBe(true);
  });
});

describe('nothing is known when', () => {
  test('the source fails', async () => {
    const source = new Readable({ read() {} });
    source.push(whole);
    const cut = inspect([honest('one').engine], target, source, []);
    source.destroy(new Error('fewer bytes than declared'));
    await expect(cut).rejects.toThrow('fewer bytes than declared');
  });

  test('the seal fails', async () => {
    const seal = new Writable({ write: (_chunk, _encoding, next) => next(new Error('disk full')) });
    await expect(inspect([honest('one').engine], target, Readable.from(chunks), [seal])).rejects.toThrow('disk full');
  });

  test('the seal fails at its end', async () => {
    const seal = new Writable({
      write: (_chunk, _encoding, next) => next(),
      final: (next) => next(new Error('cannot sync')),
    });
    await expect(inspect([honest('one').engine], target, Readable.from(chunks), [seal])).rejects.toThrow('cannot sync');
  });

  test('it is aborted, even while an engine blocks', async () => {
    const stuck = fake('stuck', () => ({
      sink: new Writable({ write: () => undefined }),
      report: new Promise<EngineReport>(() => undefined),
    }));
    const controller = new AbortController();
    const seal = new PassThrough();
    seal.on('error', () => undefined);
    const pass = inspect([stuck], target, Readable.from(chunks), [seal], controller.signal);
    controller.abort(new Error('worker stops'));
    await expect(pass).rejects.toThrow('worker stops');
    expect(seal.destroyed).toBe(true);
  });
});

/** An engine with a queue of its own: `serve` gives the longest waiting inspection its place. */
function queued(name: string): { engine: Engine; queue: string[]; serve: () => void; left: string[] } {
  const waiting: { file: string; serve: () => void }[] = [];
  const left: string[] = [];
  const engine = fake(name, () => {
    throw new Error('unused');
  });
  engine.open = ({ fileName }) => {
    const { sink, report } = honest(name).engine.open({ fileName });
    sink.once('close', () => left.push(fileName));
    const enter = (): Promise<void> => new Promise((resolve) => waiting.push({ file: fileName, serve: resolve }));
    return { sink, report, enter };
  };
  return {
    engine,
    left,
    get queue() {
      return waiting.map(({ file }) => file);
    },
    serve: () => waiting.shift()?.serve(),
  };
}

const silent = (): Readable => new Readable({ read() {} });
/** After the stream's own ticks, not after a time. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('places in the engines', () => {
  test('a download without bytes takes none; the first byte queues at every engine in one go', async () => {
    const [one, two] = [queued('one'), queued('two')];
    const sources = { a: silent(), b: silent() };
    const passA = inspect([one.engine, two.engine], { fileName: 'a' }, sources.a, []);
    const passB = inspect([two.engine, one.engine], { fileName: 'b' }, sources.b, []);
    await settled();
    expect([one.queue, two.queue]).toEqual([[], []]);
    sources.b.push(whole);
    await settled();
    sources.a.push(whole);
    await settled();
    expect([one.queue, two.queue]).toEqual([
      ['b', 'a'],
      ['b', 'a'],
    ]);
    for (const { serve } of [one, one, two, two]) serve();
    sources.a.push(null);
    sources.b.push(null);
    for (const { reports } of await Promise.all([passA, passB])) {
      expect(reports.map(({ result }) => result)).toEqual(['clean', 'clean']);
    }
  });

  test('an empty file queues too', async () => {
    const one = queued('one');
    const pass = inspect([one.engine], target, Readable.from([]), []);
    while (one.queue.length === 0) await settled();
    one.serve();
    expect((await pass).reports).toMatchObject([{ result: 'clean' }]);
  });

  test('waiting in a queue is not stalling: the clock of a sink starts with its place', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'performance'] });
    try {
      const one = queued('one');
      const limits = { stallMs: 1_000, placeMs: 60_000 };
      const pass = inspect([one.engine], target, Readable.from(chunks), [], undefined, limits);
      while (one.queue.length === 0) await settled();
      await jest.advanceTimersByTimeAsync(30_000);
      one.serve();
      expect((await pass).reports).toMatchObject([{ result: 'clean' }]);
    } finally {
      jest.useRealTimers();
    }
  });

  test('without a place in time the pass is rejected as busy, and no report exists', async () => {
    const one = queued('one');
    const source = Readable.from(chunks);
    const pass = inspect([one.engine, honest('two').engine], target, source, [], undefined, { placeMs: 20 });
    await expect(pass).rejects.toBeInstanceOf(EngineBusy);
    expect(source.destroyed).toBe(true);
    await settled();
    expect(one.left).toEqual(['a.txt']);
  });

  test.each([
    ['for one piece', { sourceStallMs: 20 }],
    ['in all', { sourceMs: 20 }],
  ])('a source that keeps engines waiting %s loses the places', async (_title, limits) => {
    const one = queued('one');
    const source = silent();
    source.push(whole);
    const pass = inspect([one.engine], target, source, [], undefined, limits);
    while (one.queue.length === 0) await settled();
    one.serve();
    await expect(pass).rejects.toBeInstanceOf(SourceStalled);
    expect(source.destroyed).toBe(true);
    await settled();
    expect(one.left).toEqual(['a.txt']);
  });
});
