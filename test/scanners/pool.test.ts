import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createEmbeddedEngine, EngineBusy, inspect, type EmbeddedEngine } from '../../scanners';
import { eicar, report } from './samples';

const MIB = 1024 * 1024;
const text = Buffer.from('harmless');
const engines: EmbeddedEngine[] = [];
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lazaret-pool-'));
});
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
});
afterAll(() => rmSync(folder, { recursive: true }));

type Options = Parameters<typeof createEmbeddedEngine>[0];

async function start(options: Options): Promise<EmbeddedEngine> {
  const engine = await createEmbeddedEngine({ processes: 1, ...options });
  engines.push(engine);
  return engine;
}

let common: Promise<EmbeddedEngine> | undefined;
/** One engine for all tests that leave its only process alive. */
function shared(): Promise<EmbeddedEngine> {
  return (common ??= createEmbeddedEngine({ processes: 1 }));
}
afterAll(async () => (await common)?.close());

/** A stand-in scanning process that speaks the protocol and then misbehaves. */
function misbehaving(name: string, onOpen: string): string {
  const path = join(folder, `${name}.js`);
  const script = `
    const { Socket } = require('node:net');
    new Socket({ fd: 4 }).resume();
    process.on('message', (message) => {
      if (message.type === 'init') process.send({ type: 'ready', engineVersion: 'stand-in', problems: [] });
      if (message.type === 'open') { const job = message.job; ${onOpen} }
    });
    process.send({ type: 'loaded' });
  `;
  writeFileSync(path, script, { mode: 0o644 });
  return path;
}

async function* zeros(length: number): AsyncGenerator<Buffer> {
  const chunk = Buffer.alloc(MIB);
  for (let sent = 0; sent < length; sent += chunk.length) yield chunk;
}

test('a process that is killed in the middle of a file costs that file only', async () => {
  const engine = await start({});
  await engine.health();
  const [pid] = engine.pids();
  const source = (async function* () {
    yield text;
    if (pid) process.kill(pid, 'SIGKILL');
    yield* zeros(8 * MIB);
  })();
  const { reports } = await inspect([engine], { fileName: 'a.txt' }, Readable.from(source), []);
  expect(reports[0]).toMatchObject({ result: 'error', reason: 'engine_crashed' });
  expect(await report(engine, 'b.txt', text)).toMatchObject({ result: 'clean' });
  expect(engine.pids()).not.toContain(pid);
});

test('a process that never answers is killed by the clock and replaced', async () => {
  const engine = await start({ modulePath: misbehaving('silent', ''), limits: { wallMs: 300 } });
  await engine.health();
  const [pid] = engine.pids();
  expect(await report(engine, 'a.txt', text)).toMatchObject({ result: 'unscannable', reason: 'timeout' });
  await engine.health();
  expect(engine.pids()).not.toContain(pid);
});

test('a process that stops taking bytes is killed by the clock', async () => {
  const deaf = misbehaving('deaf', 'process.kill(process.pid, "SIGSTOP");');
  const engine = await start({ modulePath: deaf, limits: { wallMs: 300 } });
  const source = Readable.from(zeros(16 * MIB));
  const { reports, length } = await inspect([engine], { fileName: 'a' }, source, []);
  expect(reports[0]).toMatchObject({ result: 'unscannable', reason: 'timeout' });
  expect(length).toBe(16 * MIB);
});

test('a process that takes too much memory is killed', async () => {
  const greedy = misbehaving('greedy', 'const kept = []; setInterval(() => kept.push(Buffer.alloc(20e6, 1)), 10);');
  const engine = await start({ modulePath: greedy, memoryMb: 200 });
  expect(await report(engine, 'a.txt', text)).toMatchObject({ result: 'unscannable', reason: 'limit_reached' });
});

test('findings made before a process died are kept and beat the reason', async () => {
  const finding = `{ rule: 'R', severity: 'high', path: ['a.txt'], what: 'Bad.' }`;
  const dying = misbehaving(
    'dying',
    `process.send({ type: 'finding', job, finding: ${finding} }, () => process.exit(1));`,
  );
  const engine = await start({ modulePath: dying });
  expect(await report(engine, 'a.txt', text)).toMatchObject({
    result: 'findings',
    reason: 'engine_crashed',
    findings: [{ engine: 'embedded', rule: 'R' }],
  });
});

test('an answer in another shape is a crash, not an answer', async () => {
  const engine = await start({
    modulePath: misbehaving('liar', `process.send({ type: 'done', job, reason: 'fine' });`),
  });
  expect(await report(engine, 'a.txt', text)).toMatchObject({ result: 'error', reason: 'engine_crashed' });
});

test('a process that cannot start makes the engine unavailable, and its health says so', async () => {
  const broken = join(folder, 'broken.js');
  writeFileSync(broken, 'process.exit(3)');
  const engine = await start({ modulePath: broken });
  expect(await report(engine, 'a.txt', text)).toMatchObject({ result: 'error', reason: 'engine_unavailable' });
  expect(await engine.health()).toMatchObject({ ok: false });
});

test('a process is replaced after its share of files', async () => {
  const engine = await start({ recycleAfter: 2 });
  await engine.health();
  const before = engine.pids();
  await report(engine, '1.txt', text);
  await report(engine, '2.txt', text);
  expect(await report(engine, '3.txt', text)).toMatchObject({ result: 'clean' });
  expect(engine.pids()).not.toEqual(before);
});

test('a process that keeps memory from file to file is replaced before a file pays for it', async () => {
  const hoarding = misbehaving(
    'hoarding',
    `(globalThis.kept ??= []).push(Buffer.alloc(50e6, 1)); process.send({ type: 'done', job });`,
  );
  const engine = await start({ modulePath: hoarding, memoryMb: 250 });
  for (let file = 0; file < 8; file += 1) {
    expect(await report(engine, `${file}.txt`, text)).toMatchObject({ result: 'clean' });
  }
});

test('two files at once get their own answers, also with one process', async () => {
  const engine = await shared();
  const [bad, good] = await Promise.all([report(engine, 'bad.txt', eicar()), report(engine, 'good.txt', text)]);
  expect(bad.result).toBe('findings');
  expect(good).toMatchObject({ result: 'clean', findings: [] });
});

test('an inspection given up in the queue or in the middle leaves the process usable', async () => {
  const engine = await shared();
  const [first, second] = [engine.open({ fileName: 'a' }), engine.open({ fileName: 'b' })];
  first.sink.write(eicar());
  second.sink.destroy();
  first.sink.destroy();
  expect(await second.report).toMatchObject({ result: 'error', findings: [] });
  expect(await first.report).toMatchObject({ result: 'error', findings: [] });
  expect(await report(engine, 'c.txt', text)).toMatchObject({ result: 'clean' });
});

test('downloads that have not begun hold no process', async () => {
  const engine = await shared();
  const controller = new AbortController();
  const slow = [1, 2, 3].map((index) =>
    inspect([engine], { fileName: `${index}` }, new Readable({ read() {} }), [], controller.signal),
  );
  const ended = Promise.allSettled(slow);
  expect(await report(engine, 'b.txt', text)).toMatchObject({ result: 'clean' });
  controller.abort(new Error('enough'));
  expect((await ended).every(({ status }) => status === 'rejected')).toBe(true);
});

test('a file that never gets a process is busy, not unavailable; the next one gets it', async () => {
  const engine = await shared();
  const first = engine.open({ fileName: 'a' });
  await first.enter?.();
  const source = Readable.from([text]);
  const pass = inspect([engine], { fileName: 'b' }, source, [], undefined, { placeMs: 20 });
  await expect(pass).rejects.toBeInstanceOf(EngineBusy);
  first.sink.destroy();
  expect(await report(engine, 'c.txt', text)).toMatchObject({ result: 'clean' });
});

test.each([
  ['a medium finding after a hundred of them', 'medium', 'unscannable'],
  ['malware after a hundred medium findings', 'critical', 'findings'],
])('%s is not lost', async (_title, severity, result) => {
  const told = (word: string): string =>
    `process.send({ type: 'finding', job, finding: { rule: '${word}', severity: '${word}', path: ['a'], what: 'Bad.' } });`;
  const many = misbehaving(
    severity,
    `for (let n = 0; n < 100; n += 1) ${told('medium')} ${told(severity)} process.send({ type: 'done', job });`,
  );
  const engine = await start({ modulePath: many });
  const answer = await report(engine, 'a.txt', text);
  expect(answer).toMatchObject({ result, reason: 'limit_reached' });
  expect(answer.findings).toHaveLength(100);
  expect(answer.findings.some((finding) => finding.severity === severity)).toBe(true);
});

test('a file of 50 MB passes through without being collected here', async () => {
  const engine = await shared();
  await engine.health();
  global.gc?.();
  const before = process.memoryUsage();
  let peak = 0;
  const source = (async function* () {
    for await (const chunk of zeros(50 * MIB)) {
      const { arrayBuffers } = process.memoryUsage();
      peak = Math.max(peak, arrayBuffers - before.arrayBuffers);
      yield chunk;
    }
  })();
  const { reports, length } = await inspect([engine], { fileName: 'zeros.bin' }, Readable.from(source), []);
  expect(length).toBe(50 * MIB);
  expect(reports[0]).toMatchObject({ result: 'clean' });
  expect(peak).toBeLessThan(20 * MIB);
});

test('a longer file than allowed is too large, but its beginning is looked at', async () => {
  const engine = await start({ limits: { maxFileBytes: MIB } });
  const large = Buffer.concat([text, Buffer.alloc(2 * MIB)]);
  expect(await report(engine, 'a.bin', large)).toMatchObject({ result: 'unscannable', reason: 'too_large' });
  const source = Readable.from([eicar(), Buffer.alloc(2 * MIB)]);
  const { reports } = await inspect([engine], { fileName: 'b.bin' }, source, []);
  expect(reports[0]).toMatchObject({ result: 'findings', reason: 'too_large' });
});

test('the process has no environment, and what the machine offers is told and true', async () => {
  process.env['LAZARET_TEST_SECRET'] = 'must not be seen';
  const engine = await start({});
  delete process.env['LAZARET_TEST_SECRET'];
  await engine.health();
  const isolation = engine.isolation();
  expect(isolation).toMatchObject({ separateProcess: true, emptyEnvironment: true });
  const [pid] = engine.pids();
  if (process.platform !== 'linux' || !pid) return;
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  expect(/^NoNewPrivs:\t1$/m.test(status)).toBe(isolation.noNewPrivileges);
  expect(/^Uid:\t65534\t/m.test(status)).toBe(isolation.unprivilegedUser);
  expect(/^Max core file size\s+0/m.test(readFileSync(`/proc/${pid}/limits`, 'utf8'))).toBe(isolation.resourceLimits);
  if (process.getuid?.() === 0 || !isolation.unprivilegedUser) {
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
    expect(environment).not.toContain('LAZARET_TEST_SECRET');
    expect(environment).not.toContain('PATH=');
  }
});

describe('hostile names', () => {
  test.each([
    ['slashes', '../../etc/passwd/..\\..\\x.txt'],
    ['control characters', 'a\u0000\u0007\r\nb.txt'],
    ['ten thousand characters', `${'x'.repeat(10_000)}.txt`],
    ['a number', '001'],
    ['a truth value', 'true'],
    ['an extension that is a number', 'archive.7z.001'],
    ['nothing', ''],
    ['half a character', 'a\ud800.txt'],
  ])('a name of %s does no harm', async (_title, name) => {
    const engine = await shared();
    expect(await report(engine, name, text)).toMatchObject({ result: 'clean' });
    const bad = await report(engine, name, eicar());
    expect(bad.result).toBe('findings');
    expect(bad.findings[0]?.path.join('').length).toBeLessThanOrEqual(600);
  });
});
