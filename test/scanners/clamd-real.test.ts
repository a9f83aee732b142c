import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClamdEngine, type Engine } from '../../scanners';
import { CLAMD, clamdAddress, startClamd } from '../support/clamd';
import { eicar, encryptedZip, report, zip } from './samples';

const text = Buffer.from('harmless');

interface Daemon {
  engine: Engine;
  stop(): Promise<void>;
}

async function startEngine(alerts: 'yes' | 'no'): Promise<Daemon> {
  const folder = mkdtempSync(join(tmpdir(), 'lazaret-clamd-'));
  const daemon = await startClamd({ folder, known: { 'Own.Eicar': eicar() }, alerts });
  const engine = createClamdEngine({ address: clamdAddress(folder), maxBytes: 1024 * 1024 });
  const stop = async (): Promise<void> => {
    await engine.close();
    await daemon.stop();
  };
  return { engine, stop };
}

if (!CLAMD) process.stderr.write('SKIPPED: the tests against a real clamd, because clamd is not installed.\n');
const whenInstalled = CLAMD ? describe : describe.skip;

whenInstalled('a real clamd that reports its gaps', () => {
  let daemon: Daemon;
  beforeAll(async () => {
    daemon = await startEngine('yes');
  });
  afterAll(() => daemon.stop());

  test('is healthy, and says that it has no official database', async () => {
    const health = await daemon.engine.health();
    expect(health).toMatchObject({ ok: true, rulesVersion: 'no official database' });
    expect(health.engineVersion).toMatch(/^\d+\.\d+/);
  });

  test.each<[string, Buffer, object]>([
    ['text', text, { result: 'clean' }],
    ['an empty file', Buffer.alloc(0), { result: 'clean' }],
    ['EICAR', eicar(), { result: 'findings', findings: [{ rule: expect.stringContaining('Own.Eicar') as string }] }],
    ['EICAR in a zip', zip([{ name: 'a.com', data: eicar() }]), { result: 'findings' }],
    ['an encrypted zip', encryptedZip('a', text, 'x'), { result: 'unscannable', reason: 'encrypted' }],
    ['a file over its limit', Buffer.alloc(1024 * 1024 + 1), { result: 'unscannable', reason: 'too_large' }],
    [
      'a zip with a member over its limit',
      zip([{ name: 'a', data: Buffer.alloc(2_000_000) }]),
      { result: 'unscannable', reason: 'limit_reached' },
    ],
  ])('%s', async (_title, data, expected) => {
    expect(await report(daemon.engine, 'sample', data)).toMatchObject(expected);
  });

  test('answers forty files at once', async () => {
    const all = Array.from({ length: 40 }, (_unused, index) => (index % 2 === 0 ? eicar() : Buffer.from(`${index}`)));
    const answers = await Promise.all(all.map((data) => report(daemon.engine, 'a', data)));
    expect(answers.map(({ result }) => result)).toEqual(
      all.map((_data, index) => (index % 2 === 0 ? 'findings' : 'clean')),
    );
  });
});

whenInstalled('a real clamd that says OK to what it did not look into', () => {
  let daemon: Daemon;
  beforeAll(async () => {
    daemon = await startEngine('no');
  });
  afterAll(() => daemon.stop());

  test('is found out by the probes', async () => {
    const { ok, detail } = await daemon.engine.health();
    expect(ok).toBe(false);
    expect(detail).toMatch(/AlertEncrypted yes.*AlertExceedsMax yes/);
  });

  test('is not believed about an encrypted zip or a large member', async () => {
    const secret = await report(daemon.engine, 'a.zip', encryptedZip('a', text, 'x'));
    expect(secret).toMatchObject({ result: 'unscannable', reason: 'encrypted' });
    const large = await report(daemon.engine, 'b.zip', zip([{ name: 'a', data: Buffer.alloc(2_000_000) }]));
    expect(large).toMatchObject({ result: 'unscannable', reason: 'limit_reached' });
  });
});
