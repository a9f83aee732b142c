import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const CHILD = `
const { createFileSealedStore } = require('./dist/quarantine');
const { randomBytes } = require('node:crypto');
const { Readable } = require('node:stream');
const { pipeline } = require('node:stream/promises');
const masterKeys = { currentId: 'k', keys: { k: randomBytes(32) } };
const store = createFileSealedStore({ directory: process.argv[1], masterKeys });
const block = randomBytes(65536);
async function round(megabytes) {
  const writer = store.begin('org');
  await pipeline(Readable.from((function* () { for (let i = 0; i < megabytes * 16; i += 1) yield block; })()), writer.sink);
  const ref = await writer.commit(writer.written());
  await store.verify(ref);
  return process.resourceUsage().maxRSS / 1024;
}
(async () => {
  const warm = await round(8);
  const peak = await round(200);
  process.stdout.write(JSON.stringify({ warm, peak }));
})();
`;

test('seals and reads back 200 MB without holding them in memory', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'lazaret-memory-'));
  try {
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', CHILD, directory]);
    const { warm, peak } = JSON.parse(stdout) as { warm: number; peak: number };
    expect(warm).toBeGreaterThan(10);
    expect(peak - warm).toBeLessThan(100);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}, 120_000);
