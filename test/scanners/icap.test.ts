import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { createIcapEngine, inspect } from '../../scanners';
import { eicar, report, zip } from './samples';
import {
  CLEAN,
  engineAt,
  found,
  INFECTED,
  OPTIONS,
  replies,
  returned,
  standIn,
  stopStandIns,
} from '../support/icap-stand-in';
import type { StandIn } from '../support/icap-stand-in';

const text = Buffer.from('harmless');

afterEach(stopStandIns);

describe('answers', () => {
  test('204 after the whole file is clean, with the service and its tag as versions', async () => {
    const { address, requests } = await standIn({ onFile: replies(CLEAN) });
    expect(await report(engineAt(address), 'Rechnung geheim.pdf', text)).toMatchObject({
      engine: 'icap',
      engineVersion: 'Stand-in 1',
      rulesVersion: 'tag-2',
      result: 'clean',
    });
    // Neither name nor type leave the house, and no preview is offered.
    expect(requests.join('')).not.toMatch(/Rechnung|Preview/);
  });

  test.each<[string, string, string]>([
    ['X-Infection-Found: Type=0; Resolution=2; Threat=Win.Test;', 'Win.Test', 'critical'],
    ['X-Infection-Found: Type=1; Resolution=0; Threat=Company policy;', 'Company policy', 'medium'],
    ['X-Infection-Found: garbage', 'unnamed signature', 'critical'],
    ['X-Violations-Found: 1\r\n\tfile\r\n\tEvil.A\r\n\t0\r\n\t0', 'Evil.A', 'critical'],
    ['X-Virus-ID: Some Virus', 'Some Virus', 'critical'],
    ['x-blocked: yes', 'Blocked', 'critical'],
  ])('%j is a finding', async (header, rule, severity) => {
    const { address } = await standIn({ onFile: replies(found(header)) });
    expect(await report(engineAt(address), 'a', text)).toMatchObject({
      result: 'findings',
      findings: [{ engine: 'icap', rule, severity, path: ['a'] }],
    });
  });

  test.each([
    ['an infection in the encapsulated head', returned('page', '200 OK\r\nX-Virus-ID: Inner.Virus'), 'Inner.Virus'],
    ['a page with status 403', returned('blocked', '403 Forbidden'), 'Blocked'],
  ])('%s is a finding', async (_title, reply, rule) => {
    const { address } = await standIn({ onFile: replies(reply) });
    expect(await report(engineAt(address), 'a', text)).toMatchObject({ result: 'findings', findings: [{ rule }] });
  });

  test.each([
    ['X-Infection-Found: Type=2; Resolution=0; Threat=too deep;', 'limit_reached'],
    ['X-Infection-Found: Type=0; Resolution=2; Threat=Heuristics.Limits.Exceeded.MaxFileSize;', 'limit_reached'],
    ['X-Virus-ID: Heuristics.Encrypted.Zip', 'encrypted'],
  ])('%j is no malware but %s', async (header, reason) => {
    const { address } = await standIn({ onFile: replies(found(header)) });
    expect(await report(engineAt(address), 'a', text)).toMatchObject({ result: 'unscannable', reason, findings: [] });
  });

  test.each(['X-Violations-Found: 0', 'X-Virus-ID: none', 'X-Blocked: no', 'X-Infection-Found:'])(
    '%j names no infection',
    async (header) => {
      const { address } = await standIn({ onFile: replies(CLEAN.replace('\r\n\r\n', `\r\n${header}\r\n\r\n`)) });
      expect(await report(engineAt(address), 'a', text)).toMatchObject({ result: 'clean' });
    },
  );

  test('a reply in single bytes is read whole', async () => {
    const onFile = (socket: Socket): void => {
      const bytes = [...returned('gone', '403 Forbidden', 'X-Virus-ID: Slow\r\n')];
      const trickle = (): void =>
        void socket.write(bytes.shift() ?? '', () => bytes.length > 0 && setImmediate(trickle));
      trickle();
    };
    const { address } = await standIn({ onFile });
    expect(await report(engineAt(address), 'a', text)).toMatchObject({ findings: [{ rule: 'Slow' }] });
  });

  test('an infection before the end is a finding at once, and the rest of the file passes by', async () => {
    const { address } = await standIn({ onHead: (socket) => void socket.write(INFECTED) });
    const source = Readable.from(Array.from({ length: 100 }, () => Buffer.alloc(65_536, 7)));
    const { reports, length } = await inspect([engineAt(address, { maxBytes: 1e9 })], { fileName: 'a' }, source, []);
    expect(reports).toMatchObject([{ result: 'findings' }]);
    expect(length).toBe(6_553_600);
  });
});

describe('a file that comes back with status 200', () => {
  const echo: NonNullable<StandIn['onFile']> = (socket, body) => void socket.write(returned(body), 'latin1');

  test('unchanged is clean from a service that never says 204', async () => {
    const { address } = await standIn({
      onFile: echo,
      samples: { clean: returned('Lazaret looks whether this service answers.') },
    });
    expect(await report(engineAt(address), 'a', text)).toMatchObject({ result: 'clean', findings: [] });
  });

  test('unchanged from one that says 204 to clean files was not looked at', async () => {
    const { address } = await standIn({ onFile: echo });
    expect(await report(engineAt(address), 'a', text)).toMatchObject({
      result: 'unscannable',
      reason: 'limit_reached',
    });
    expect(await report(engineAt(address), 'a', Buffer.alloc(0))).toMatchObject({ result: 'clean' });
  });

  test.each([
    ['cut short', 'harm'],
    ['replaced', 'This file was removed.'],
    ['longer', 'harmless and more'],
    ['emptied', ''],
  ])('%s is neither clean nor an infection', async (_title, body) => {
    const { address } = await standIn({ onFile: replies(returned(body)), samples: { clean: returned('x') } });
    expect(await report(engineAt(address), 'a', text)).toMatchObject({ result: 'unscannable', findings: [] });
  });

  test('while it is still being sent is taken, and no deadlock comes of it', async () => {
    const big = Array.from({ length: 40 }, () => Buffer.alloc(65_536, 7));
    const body = Buffer.concat(big);
    const head = 'HTTP/1.1 200 OK\r\n\r\n';
    const onHead = (socket: Socket): void => {
      const start = `ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-body=${head.length}\r\n\r\n${head}`;
      socket.write(start);
      for (const piece of big) socket.write(Buffer.concat([Buffer.from('10000\r\n'), piece, Buffer.from('\r\n')]));
    };
    const onFile = (socket: Socket): void => void socket.write('0\r\n\r\n');
    const { address } = await standIn({ onHead, onFile, samples: { clean: returned('x') } });
    const engine = engineAt(address, { maxBytes: 1e9 });
    expect(await report(engine, 'a', body)).toMatchObject({ result: 'clean' });
  });
});

describe('no answer is never clean', () => {
  test.each<[string, StandIn]>([
    ['closed without a reply', { onFile: (socket) => void socket.end() }],
    ['reset without a reply', { onFile: (socket) => void socket.resetAndDestroy() }],
    ['half a reply', { onFile: (socket) => void socket.end('ICAP/1.0 204 Unmod') }],
    ['half a body', { onFile: (socket) => void socket.end(returned(text).slice(0, -9), 'latin1') }],
    ['404', { onFile: replies('ICAP/1.0 404 Service not found\r\n\r\n') }],
    ['500', { onFile: replies('ICAP/1.0 500 Server error\r\n\r\n') }],
    ['503', { onFile: replies('ICAP/1.0 503 Overloaded\r\n\r\n') }],
    ['100 without a preview', { onFile: replies('ICAP/1.0 100 Continue\r\n\r\n') }],
    ['206', { onFile: replies('ICAP/1.0 206 Partial\r\nEncapsulated: null-body=0\r\n\r\n') }],
    ['an answer of HTTP', { onFile: replies('HTTP/1.1 204 No Content\r\n\r\n') }],
    ['200 without a body', { onFile: replies('ICAP/1.0 200 OK\r\nEncapsulated: null-body=0\r\n\r\n') }],
    ['200 without Encapsulated', { onFile: replies('ICAP/1.0 200 OK\r\n\r\n') }],
    [
      'parts out of order',
      { onFile: replies('ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=9, res-body=2\r\n\r\nxxxxxxxx') },
    ],
    [
      'an inner head that is none',
      { onFile: replies('ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-body=4\r\n\r\nabcd') },
    ],
    ['a chunk size that is none', { onFile: replies(returned(text).replace('8\r\n', 'zz\r\n')) }],
    ['a chunk longer than its size', { onFile: replies(returned(text).replace('8\r\n', '4\r\n')) }],
    ['an inner 500', { onFile: replies(returned('sorry', '500 Error')) }],
    ['a head without end', { onFile: (socket) => void socket.write('x'.repeat(200_000)) }],
    ['bytes behind the reply', { onFile: replies(`${CLEAN}surplus`) }],
    ['a service that finds nothing', { samples: { bare: CLEAN }, onFile: replies(CLEAN) }],
    ['no answer to OPTIONS', { options: 'ICAP/1.0 500 Error\r\n\r\n', onFile: replies(CLEAN) }],
    ['no RESPMOD', { options: OPTIONS.replace('RESPMOD', 'REQMOD'), onFile: replies(CLEAN) }],
  ])('%s', async (_title, server) => {
    const { address } = await standIn(server);
    const engine = engineAt(address);
    expect(await report(engine, 'a', text)).toMatchObject({
      result: 'error',
      reason: 'engine_unavailable',
      findings: [],
    });
  });

  test('silence ends with the clock', async () => {
    const { address } = await standIn({ onFile: () => undefined });
    const answer = await report(engineAt(address, { timeoutMs: 200 }), 'a', text);
    expect(answer).toMatchObject({ result: 'error', reason: 'timeout' });
  });

  test('nobody listens', async () => {
    const engine = engineAt('icap://127.0.0.1:1/scan');
    expect(await report(engine, 'a', text)).toMatchObject({ result: 'error', reason: 'engine_unavailable' });
    expect(await engine.health()).toMatchObject({ ok: false });
  });

  test('204 before the end is a file that the service let pass', async () => {
    const { address } = await standIn({ onHead: (socket) => void socket.write(CLEAN) });
    const session = engineAt(address).open({ fileName: 'a' });
    session.sink.write(text);
    expect(await session.report).toMatchObject({ result: 'unscannable', reason: 'limit_reached' });
  });

  test('204 for a format in which the service found no EICAR', async () => {
    const { address } = await standIn({ onFile: replies(CLEAN), samples: { inside: CLEAN } });
    const engine = engineAt(address);
    const archive = await report(engine, 'a.zip', zip([{ name: 'a', data: text }]));
    expect(archive).toMatchObject({ result: 'unscannable', reason: 'limit_reached' });
    expect(await report(engine, 'a.pdf', Buffer.from('%PDF-1.7'))).toMatchObject({ result: 'unscannable' });
    expect(await report(engine, 'a', text)).toMatchObject({ result: 'clean' });
    const { ok, detail } = await engine.health();
    expect(ok).toBe(false);
    expect(detail).toMatch(/inside a PDF.*inside a zip/);
  });

  test('more bytes than the service takes', async () => {
    const { address } = await standIn({ onFile: replies(CLEAN) });
    const answer = await report(engineAt(address, { maxBytes: 1_000 }), 'a', Buffer.alloc(1_001));
    expect(answer).toMatchObject({ result: 'unscannable', reason: 'too_large' });
  });
});

test('health names service and tag, and asks for OPTIONS without showing EICAR again', async () => {
  const { address, requests } = await standIn({});
  const engine = engineAt(address);
  expect(await engine.health()).toMatchObject({ ok: true, engineVersion: 'Stand-in 1', rulesVersion: 'tag-1' });
  const shown = requests.length;
  await engine.health();
  expect(requests).toHaveLength(shown);
});

test('a service that scans nothing is unhealthy', async () => {
  const { address } = await standIn({ samples: { bare: CLEAN } });
  const { ok, detail } = await engineAt(address).health();
  expect(ok).toBe(false);
  expect(detail).toMatch(/did not find the EICAR test file/);
});

test.each(['', 'host', 'icap://host', 'icap://host/', 'http://host/x', 'icap://user:secret@host/x', 'icap://host/x#y'])(
  'refuses the address %p with a sentence',
  (address) => {
    expect(() => createIcapEngine({ address })).toThrow(/icap:\/\/host\/service/);
  },
);

test('EICAR stands in no file of this product', () => {
  expect(readFileSync(require.resolve('../../scanners/icap-probe.ts')).includes(eicar())).toBe(false);
});
