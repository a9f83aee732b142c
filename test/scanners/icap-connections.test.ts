import { OPENSSL, selfSigned } from '../support/certificate';
import { CLEAN, engineAt, INFECTED, OPTIONS, replies, standIn, stopStandIns } from '../support/icap-stand-in';
import type { StandIn } from '../support/icap-stand-in';
import { report } from './samples';

const text = Buffer.from('harmless');

afterEach(stopStandIns);

describe('connections', () => {
  test('are kept for the next file', async () => {
    const { address, connections } = await standIn({ onFile: replies(CLEAN) });
    const engine = engineAt(address);
    await engine.health();
    const before = connections();
    for (let count = 0; count < 5; count += 1) expect((await report(engine, 'a', text)).result).toBe('clean');
    expect(connections()).toBe(before);
  });

  test('that the service closes are not used again', async () => {
    const bye = CLEAN.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n');
    const { address, connections } = await standIn({ onFile: replies(bye) });
    const engine = engineAt(address);
    await engine.health();
    const before = connections();
    for (let count = 0; count < 7; count += 1) expect((await report(engine, 'a', text)).result).toBe('clean');
    expect(connections()).toBeGreaterThan(before);
  });

  test('that die under a reused request are replaced, once, and the file is sent again whole', async () => {
    let seen = 0;
    const bodies: Buffer[] = [];
    const onFile: StandIn['onFile'] = (socket, body, exchange) => {
      seen += 1;
      if (exchange === 2) return void socket.destroy();
      bodies.push(body);
      socket.write(CLEAN);
    };
    const { address } = await standIn({ onFile });
    const engine = engineAt(address, { concurrency: 1 });
    for (let count = 0; count < 12; count += 1) {
      expect((await report(engine, 'a', text)).result).toBe('clean');
    }
    expect(seen).toBeGreaterThan(12);
    expect(bodies).toHaveLength(12);
    expect(bodies.every((body) => body.equals(text))).toBe(true);
  });

  test('are no more than Max-Connections, and every file gets its answer', async () => {
    let [open, most] = [0, 0];
    const onFile: StandIn['onFile'] = (socket, body) => {
      setTimeout(() => {
        open -= 1;
        socket.write(body.includes('bad') ? INFECTED : CLEAN);
      }, 5);
    };
    const onHead = (): void => void (most = Math.max(most, (open += 1)));
    const options = OPTIONS.replace('Service', 'Max-Connections: 2\r\nService');
    const { address } = await standIn({ options, onFile, onHead });
    const engine = engineAt(address);
    await engine.health();
    const names = Array.from({ length: 20 }, (_unused, index) => (index % 5 === 0 ? 'bad' : 'good'));
    const answers = await Promise.all(names.map((name) => report(engine, name, Buffer.from(name))));
    expect(answers.map(({ result }) => (result === 'findings' ? 'bad' : 'good'))).toEqual(names);
    expect(most).toBe(2);
  });

  test('of an inspection that is given up end, and its place is free', async () => {
    const { address } = await standIn({ onFile: replies(CLEAN) });
    const engine = engineAt(address, { concurrency: 1 });
    const session = engine.open({ fileName: 'a' });
    session.sink.write(text);
    session.sink.destroy();
    expect((await session.report).result).toBe('error');
    expect(await report(engine, 'b', text)).toMatchObject({ result: 'clean' });
  });

  if (!OPENSSL) process.stderr.write('SKIPPED: ICAP over TLS, because openssl is not installed.\n');
  (OPENSSL ? test : test.skip)('over TLS are made only to a certificate that is trusted', async () => {
    const tls = selfSigned();
    const { address } = await standIn({ tls, onFile: replies(CLEAN) });
    expect(await report(engineAt(address, { ca: tls.cert }), 'a', text)).toMatchObject({ result: 'clean' });
    expect(await report(engineAt(address), 'a', text)).toMatchObject({ result: 'error', reason: 'engine_unavailable' });
  });
});
