import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eicar } from '../../embedded/demo-files';
import { CLAMD, clamdAddress, startClamd } from '../support/clamd';
import { sha256, startHostile } from '../support/hostile';
import type { Stage } from '../support/hostile';

const folder = mkdtempSync(join(tmpdir(), 'lazaret-clamd-'));
let stage: Stage;
beforeAll(async () => {
  stage = await startHostile({ env: { CLAMD_ADDRESS: clamdAddress(folder) }, waits: { engineGrace: 200 } });
}, 120_000);
afterAll(() => stage.lazaret.stop(), 60_000);

const text = (): Buffer => Buffer.from(`A harmless line ${randomBytes(6).toString('hex')}.\n`);

test('while a required engine is away a file is unscannable, never clean, and stays where it is', async () => {
  const bytes = text();
  await stage.policy({ unscannable: { engine_unavailable: 'note' } });
  const sent = await stage.send([{ name: 'letter.txt', bytes }]);
  const { scan, engines } = await stage.story(await stage.scanIn(sent.ticketId, 'noted'));
  expect([scan.verdict, scan.reason]).toEqual(['unscannable', 'engine_unavailable']);
  expect(engines).toMatchObject([
    { result: 'clean' },
    { engine: 'clamd', result: 'error', reason: 'engine_unavailable' },
  ]);
  expect((await stage.mail(sent.ticketId)).text).toContain('a required engine did not answer');
  expect(await stage.redactionRequests(sent)).toEqual([]);
  expect((await stage.gives(sent.files[0]?.content_url)).equals(bytes)).toBe(true);
}, 60_000);

test('what another engine finds meanwhile is malicious and contained', async () => {
  const bytes = eicar(1);
  const sent = await stage.send([{ name: 'found.com', bytes }]);
  const { scan, findings } = await stage.story(await stage.scanIn(sent.ticketId, 'held'));
  expect(scan.verdict).toBe('malicious');
  expect(findings.map((one) => one.engine)).not.toContain('clamd');
  expect(sha256(await stage.gives(sent.files[0]?.content_url))).not.toBe(sha256(bytes));
  expect((await stage.sealedBytes(sha256(bytes))).equals(bytes)).toBe(true);
}, 60_000);

if (!CLAMD) process.stderr.write('SKIPPED: the test with a real clamd, because clamd is not installed.\n');

(CLAMD ? test : test.skip)(
  'when the engine is back its word counts: clean is clean, and what it alone knows is contained',
  async () => {
    const known = text();
    const daemon = await startClamd({ folder, known: { 'Own.Letter': known }, alerts: 'yes' });
    try {
      const sent = await stage.send([
        { name: 'fine.txt', bytes: text() },
        { name: 'known.txt', bytes: known },
      ]);
      await stage.scanIn(sent.ticketId, 'clean', 'fine.txt');
      const { scan, findings } = await stage.story(await stage.scanIn(sent.ticketId, 'held', 'known.txt'));
      expect(scan.sha256).toBe(sha256(known));
      expect(findings.map((one) => one.engine)).toEqual(['clamd']);
      expect((await stage.sealedBytes(sha256(known))).equals(known)).toBe(true);
    } finally {
      await daemon.stop();
    }
  },
  60_000,
);
