import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { createClamdEngine, inspect, type ClamdOptions, type Engine } from '../../scanners';
import { encryptedZip, report, zip } from './samples';

const text = Buffer.from('harmless');
const servers: Server[] = [];
const sockets = new Set<Socket>();
const engines: Engine[] = [];

afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
  for (const socket of sockets) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

interface StandIn {
  version?: string;
  /** Whether the probes are answered as by a daemon with AlertEncrypted and AlertExceedsMax. */
  alerts?: { encrypted: boolean; exceeds: boolean };
  /** What happens to a file once all of it was received. */
  onFile?: (socket: Socket, bytes: Buffer) => void;
  /** What happens as soon as the command was received. */
  onCommand?: (socket: Socket) => void;
}

const gapProbe = (bytes: Buffer): 'encrypted' | 'exceeds' | undefined =>
  bytes.includes('probe.txt') ? 'encrypted' : bytes.length > 900 && bytes[0] === 0x1f ? 'exceeds' : undefined;

/** A server that speaks just enough of clamd's protocol to lie in every way. */
async function standIn(options: StandIn): Promise<string> {
  const { version = 'ClamAV 1.4.6', alerts = { encrypted: true, exceeds: true } } = options;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    let received = Buffer.alloc(0);
    let told = false;
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.toString('latin1', 0, 9) === 'zVERSION\0') return void socket.end(`${version}\0`);
      if (!told && received.length >= 10) {
        told = true;
        options.onCommand?.(socket);
      }
      const bytes = received.length >= 10 ? unframe(received.subarray(10)) : undefined;
      if (!bytes) return;
      const probe = gapProbe(bytes);
      if (probe) return void socket.end(alerts[probe] ? 'stream: Heuristics.Limits.Exceeded FOUND\0' : 'stream: OK\0');
      options.onFile?.(socket, bytes);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `tcp:127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The file, once its closing frame is there. */
function unframe(data: Buffer): Buffer | undefined {
  const parts: Buffer[] = [];
  for (let at = 0; at + 4 <= data.length;) {
    const length = data.readUInt32BE(at);
    if (length === 0) return Buffer.concat(parts);
    parts.push(data.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return undefined;
}

function engineAt(address: string, options: Partial<ClamdOptions> = {}): Engine {
  const engine = createClamdEngine({ address, timeoutMs: 2_000, ...options });
  engines.push(engine);
  return engine;
}

const replies =
  (reply: string): NonNullable<StandIn['onFile']> =>
  (socket) =>
    void socket.end(reply);

describe('answers', () => {
  test('OK from a daemon that reports its gaps is clean, with versions', async () => {
    const version = 'ClamAV 1.4.6/27450/Mon Nov 23 09:00:00 2026';
    const engine = engineAt(await standIn({ version, onFile: replies('stream: OK\0') }));
    expect(await report(engine, 'a.txt', text)).toMatchObject({
      engine: 'clamd',
      engineVersion: '1.4.6',
      rulesVersion: '27450',
      result: 'clean',
    });
  });

  test('an empty file is asked about too', async () => {
    let asked = 0;
    const onFile = (socket: Socket): void => {
      asked += 1;
      socket.end('stream: OK\0');
    };
    const engine = engineAt(await standIn({ onFile }));
    expect(await report(engine, 'a.txt', Buffer.alloc(0))).toMatchObject({ result: 'clean' });
    expect(asked).toBe(1);
  });

  test.each([
    ['Win.Test.EICAR_HDB-1', 'critical'],
    ['PUA.Pdf.Trojan.EmbeddedJavaScript-1', 'medium'],
    ['Heuristics.OLE2.ContainsMacros', 'medium'],
    ['Heuristics.Phishing.Email.SpoofedDomain', 'critical'],
  ])('%s is a finding of severity %s', async (signature, severity) => {
    const engine = engineAt(await standIn({ onFile: replies(`stream: ${signature} FOUND\0`) }));
    expect(await report(engine, 'a.txt', text)).toMatchObject({
      result: 'findings',
      findings: [{ engine: 'clamd', rule: signature, severity, path: ['a.txt'] }],
    });
  });

  test.each([
    ['Heuristics.Limits.Exceeded.MaxFileSize', 'limit_reached'],
    ['Heuristics.Limits.Exceeded.MaxRecursion', 'limit_reached'],
    ['Heuristics.Encrypted.Zip', 'encrypted'],
    ['Heuristics.Encrypted.PDF', 'encrypted'],
  ])('%s is no malware but %s', async (signature, reason) => {
    const engine = engineAt(await standIn({ onFile: replies(`stream: ${signature} FOUND\0`) }));
    expect(await report(engine, 'a', text)).toMatchObject({ result: 'unscannable', reason, findings: [] });
  });

  test('a reply in many packets is read whole', async () => {
    const parts = [...'stream: Win.Test FOUND', '\0'];
    const trickle = (socket: Socket): void => {
      const next = parts.shift();
      if (next === undefined) socket.end();
      else socket.write(next, () => setImmediate(trickle, socket));
    };
    const engine = engineAt(await standIn({ onFile: trickle }));
    expect(await report(engine, 'a', text)).toMatchObject({ result: 'findings', findings: [{ rule: 'Win.Test' }] });
  });

  test('the reply counts when the connection is reset right behind it', async () => {
    const onCommand = (socket: Socket): void => {
      socket.write('INSTREAM size limit exceeded. ERROR\0', () => setImmediate(() => socket.resetAndDestroy()));
    };
    const engine = engineAt(await standIn({ onCommand }));
    const source = Readable.from(Array.from({ length: 400 }, () => Buffer.alloc(65_536, 7)));
    const { reports, length } = await inspect([engine], { fileName: 'a' }, source, []);
    expect(reports[0]?.result).not.toBe('clean');
    expect(length).toBe(400 * 65_536);
  });
});

describe('no answer is never clean', () => {
  // The probes are a file to the stand-in only when these functions are reached.
  test.each<[string, StandIn, string]>([
    ['closed without a reply', { onFile: (socket) => void socket.end() }, 'engine_unavailable'],
    ['reset without a reply', { onFile: (socket) => void socket.resetAndDestroy() }, 'engine_unavailable'],
    ['half a reply', { onFile: replies('stream: OK') }, 'engine_unavailable'],
    ['an error', { onFile: replies("Can't allocate memory ERROR\0") }, 'engine_unavailable'],
    ['an unknown command', { onFile: replies('UNKNOWN COMMAND\0') }, 'engine_unavailable'],
    ['another sentence', { onFile: replies('all is OK\0') }, 'engine_unavailable'],
    ['an empty reply', { onFile: replies('\0') }, 'engine_unavailable'],
    ['a time-out of the daemon', { onFile: replies('COMMAND READ TIMED OUT\0') }, 'timeout'],
    ['an endless reply', { onFile: (socket) => void socket.write('x'.repeat(100_000)) }, 'engine_unavailable'],
    ['no version', { version: 'HELLO', onFile: replies('stream: OK\0') }, 'engine_unavailable'],
  ])('%s', async (_title, server, reason) => {
    const engine = engineAt(await standIn(server));
    expect(await report(engine, 'a', text)).toMatchObject({ result: 'error', reason, findings: [] });
  });

  test('silence ends with the clock', async () => {
    const engine = engineAt(await standIn({ onFile: () => undefined }), { timeoutMs: 200 });
    expect(await report(engine, 'a', text)).toMatchObject({ result: 'error', reason: 'timeout' });
  });

  test('an OK before all bytes were sent', async () => {
    const engine = engineAt(await standIn({ onCommand: (socket) => void socket.write('stream: OK\0') }));
    const session = engine.open({ fileName: 'a' });
    session.sink.write(text);
    expect(await session.report).toMatchObject({ result: 'error', reason: 'engine_unavailable' });
  });

  test('nobody listens', async () => {
    const engine = engineAt('unix:/nonexistent/clamd.sock');
    expect(await report(engine, 'a', text)).toMatchObject({ result: 'error', reason: 'engine_unavailable' });
    expect(await engine.health()).toMatchObject({ ok: false });
  });

  test('more bytes than the daemon takes', async () => {
    const engine = engineAt(await standIn({ onFile: replies('stream: OK\0') }), { maxBytes: 1_000 });
    const answer = await report(engine, 'a', Buffer.alloc(1_001));
    expect(answer).toMatchObject({ result: 'unscannable', reason: 'too_large' });
  });
});

test('an OK about a zip with a member over the limit is not believed, whatever the daemon reports', async () => {
  const engine = engineAt(await standIn({ onFile: replies('stream: OK\0') }), { maxBytes: 100_000 });
  const large = zip([{ name: 'a', data: Buffer.alloc(200_000) }]);
  expect(await report(engine, 'a.zip', large)).toMatchObject({ result: 'unscannable', reason: 'limit_reached' });
  const small = zip([{ name: 'a', data: Buffer.alloc(90_000) }]);
  expect(await report(engine, 'b.zip', small)).toMatchObject({ result: 'clean' });
});

describe('a daemon that says OK to what it did not look into', () => {
  const silent = { encrypted: false, exceeds: false };

  test('is not believed about encrypted files, and its health says what to set', async () => {
    const engine = engineAt(await standIn({ alerts: silent, onFile: replies('stream: OK\0') }));
    const answer = await report(engine, 'a.zip', encryptedZip('a', text, 'x'));
    expect(answer).toMatchObject({ result: 'unscannable', reason: 'encrypted' });
    const { ok, detail } = await engine.health();
    expect(ok).toBe(false);
    expect(detail).toMatch(/AlertEncrypted yes.*AlertExceedsMax yes/);
  });

  test('is not believed about containers that may hold more than its limit', async () => {
    const engine = engineAt(await standIn({ alerts: silent, onFile: replies('stream: OK\0') }), { maxBytes: 60_000 });
    const big = gzipSync(
      Buffer.from(Array.from({ length: 30_000 }, (_unused, index) => (index * index * 31 + (index >> 3)) % 251)),
    );
    expect(await report(engine, 'a.gz', big)).toMatchObject({ result: 'unscannable', reason: 'limit_reached' });
    expect(await report(engine, 'a.txt', text)).toMatchObject({ result: 'clean' });
  });
});

test('an old database makes the engine unhealthy', async () => {
  const engine = engineAt(await standIn({ version: 'ClamAV 1.4.6/27000/Mon Jan 06 09:00:00 2020' }));
  const { ok, detail, rulesVersion } = await engine.health();
  expect([ok, rulesVersion]).toEqual([false, '27000']);
  expect(detail).toMatch(/days old/);
});

test('no more connections at a time than allowed, and every file gets its answer', async () => {
  let open = 0;
  let most = 0;
  const onFile = (socket: Socket, bytes: Buffer): void => {
    setImmediate(() => {
      open -= 1;
      socket.end(bytes.includes('bad') ? 'stream: Bad FOUND\0' : 'stream: OK\0');
    });
  };
  const onCommand = (): void => void (most = Math.max(most, (open += 1)));
  const engine = engineAt(await standIn({ onFile, onCommand }), { concurrency: 3 });
  // Two connections of the probes are over before the files begin.
  await engine.health();
  [open, most] = [0, 0];
  const names = Array.from({ length: 30 }, (_unused, index) => (index % 5 === 0 ? 'bad' : 'good'));
  const answers = await Promise.all(names.map((name) => report(engine, name, Buffer.from(name))));
  expect(answers.map(({ result }) => (result === 'findings' ? 'bad' : result === 'clean' ? 'good' : result))).toEqual(
    names,
  );
  expect(most).toBeLessThanOrEqual(3);
});

test('an inspection that is given up frees its place', async () => {
  const engine = engineAt(await standIn({ onFile: replies('stream: OK\0') }), { concurrency: 1 });
  const [first, second] = [engine.open({ fileName: 'a' }), engine.open({ fileName: 'b' })];
  first.sink.write(text);
  second.sink.destroy();
  first.sink.destroy();
  expect((await first.report).result).toBe('error');
  expect((await second.report).result).toBe('error');
  expect(await report(engine, 'c', text)).toMatchObject({ result: 'clean' });
});

test.each(['', 'localhost', 'tcp:host', 'tcp:host:0', 'tcp:host:70000', 'unix:relative', 'http://host:3310'])(
  'refuses the address %p with a sentence',
  (address) => {
    expect(() => createClamdEngine({ address })).toThrow(/unix:\/path\/to\/socket or tcp:host:port/);
  },
);
