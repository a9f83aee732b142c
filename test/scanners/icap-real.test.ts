import { deflateSync } from 'node:zlib';
import { createIcapEngine, type Engine } from '../../scanners';
import { ICAP_MISSING, startIcap, type IcapServer } from '../support/icap';
import { eicar, encryptedZip, pdf, report, zip } from './samples';

const MIB = 1024 * 1024;
const text = Buffer.from('harmless');

/** EICAR as the only stream of a PDF. */
function infectedPdf(): Buffer {
  const stream = deflateSync(eicar());
  const open = `4 0 obj\n<< /Type /EmbeddedFile /Filter /FlateDecode /Length ${stream.length} >>\nstream\n`;
  return pdf(Buffer.concat([Buffer.from(open), stream, Buffer.from('\nendstream\nendobj\n')]));
}

if (ICAP_MISSING) process.stderr.write(`SKIPPED: the tests against a real c-icap, because ${ICAP_MISSING}.\n`);
const whenInstalled = ICAP_MISSING ? describe.skip : describe;

whenInstalled('c-icap with its virus scan', () => {
  let server: IcapServer;
  const engines: Engine[] = [];
  beforeAll(async () => {
    server = await startIcap({ 'Own.Eicar': eicar() });
  });
  afterAll(async () => {
    await Promise.all(engines.map((engine) => engine.close()));
    await server.stop();
  });
  const engineAt = (address: string, maxBytes = MIB): Engine => {
    const engine = createIcapEngine({ address, maxBytes, timeoutMs: 60_000 });
    engines.push(engine);
    return engine;
  };

  describe('that scans every type', () => {
    let engine: Engine;
    beforeAll(() => {
      engine = engineAt(`${server.address}?force=on`);
    });

    test('is healthy, and names itself', async () => {
      const health = await engine.health();
      expect(health).toMatchObject({ ok: true, detail: 'answers' });
      expect(health.engineVersion).toMatch(/C-ICAP/);
      expect(health.rulesVersion).toMatch(/^CI0001-/);
    });

    test.each<[string, () => Buffer, object]>([
      ['text', () => text, { result: 'clean' }],
      ['an empty file', () => Buffer.alloc(0), { result: 'clean' }],
      ['a PDF', () => pdf(), { result: 'clean' }],
      ['900 kB', () => Buffer.alloc(900_000, 65), { result: 'clean' }],
      ['EICAR', eicar, { result: 'findings', findings: [{ rule: expect.stringContaining('Own.Eicar') as string }] }],
      ['EICAR in a zip', () => zip([{ name: 'a.com', data: eicar() }]), { result: 'findings' }],
      ['EICAR in a PDF', infectedPdf, { result: 'findings' }],
      ['an encrypted zip', () => encryptedZip('a', text, 'x'), { result: 'unscannable', reason: 'encrypted' }],
      ['a file over our limit', () => Buffer.alloc(MIB + 1), { result: 'unscannable', reason: 'too_large' }],
    ])('%s', async (_title, data, expected) => {
      expect(await report(engine, 'sample', data())).toMatchObject(expected);
    });

    test('answers many files at a time, each with its own verdict, over connections that it closes now and then', async () => {
      const files = Array.from({ length: 60 }, (_unused, index) =>
        index % 2 === 0 ? eicar() : Buffer.from(`${index}`),
      );
      const answers = await Promise.all(files.map((data) => report(engine, 'a', data)));
      expect(answers.map(({ result }) => result)).toEqual(
        files.map((_data, index) => (index % 2 === 0 ? 'findings' : 'clean')),
      );
    });
  });

  test('as it comes leaves PDFs unscanned with 204, is found out, and is not believed about them', async () => {
    const engine = engineAt(server.address);
    const { ok, detail } = await engine.health();
    expect(ok).toBe(false);
    expect(detail).toMatch(/inside a PDF/);
    expect(await report(engine, 'a.pdf', infectedPdf())).toMatchObject({ result: 'unscannable' });
    expect(await report(engine, 'a.txt', text)).toMatchObject({ result: 'clean' });
  });

  test.each([
    ['the limit of the clamd behind it', 1.5, 'limit_reached'],
    ['the size from which it sends before it has looked', 3, 'limit_reached'],
    ['its own limit', 6, 'limit_reached'],
  ])(
    'a file over %s is not called clean',
    async (_title, mib, reason) => {
      const engine = engineAt(server.address, 100 * MIB);
      const infected = Buffer.concat([eicar(), Buffer.alloc(mib * MIB, 65)]);
      expect(await report(engine, 'a', infected)).toMatchObject({ result: 'unscannable', reason });
    },
    90_000,
  );

  test('a service that only gives back what it got is not believed', async () => {
    const engine = engineAt(server.echo);
    expect(await report(engine, 'a', text)).toMatchObject({ result: 'error', reason: 'engine_unavailable' });
    expect((await engine.health()).detail).toMatch(/does not scan/);
  });

  test('a service that does not exist is an error', async () => {
    const engine = engineAt(server.echo.replace('echo', 'nothing'));
    expect(await report(engine, 'a', text)).toMatchObject({ result: 'error', reason: 'engine_unavailable' });
  });

  test('without the clamd behind it everything is an error', async () => {
    const engine = engineAt(`${server.address}?force=on`);
    expect((await report(engine, 'a', text)).result).toBe('clean');
    await server.stopClamd();
    expect(await report(engine, 'a', text)).toMatchObject({ result: 'error', reason: 'engine_unavailable' });
    expect(await report(engine, 'a', eicar())).toMatchObject({ result: 'error', reason: 'engine_unavailable' });
  }, 90_000);
});
