import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import openSeven from '7z-wasm';

const root = join(__dirname, '../..');
const script = join(root, 'scripts/zendesk-app.mjs');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'zendesk-app-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Packs the app and takes the package apart again. */
async function packed(...args: string[]): Promise<Record<string, Buffer>> {
  const out = join(folder, 'app.zip');
  execFileSync(process.execPath, [script, '--out', out, ...args], { stdio: 'pipe' });
  const seven = await openSeven({ print: () => undefined });
  seven.FS.writeFile('app.zip', readFileSync(out));
  seven.callMain(['x', 'app.zip', '-oapp']);
  const names = ['manifest.json', 'translations/en.json', 'assets/logo.png', 'assets/logo-small.png'];
  return Object.fromEntries(names.map((name) => [name, Buffer.from(seven.FS.readFile(`app/${name}`))]));
}

it('is packed as Zendesk’s published rules want it', async () => {
  const files = await packed('--url', 'https://lazaret.example:8443/');
  const manifest = JSON.parse(String(files['manifest.json']));
  expect(manifest).toMatchObject({
    name: expect.any(String),
    author: { name: expect.any(String), email: 'lazaret@lazaret.example' },
    defaultLocale: 'en',
    frameworkVersion: '2.0',
    signedUrls: true,
    location: { support: { ticket_sidebar: { url: 'https://lazaret.example:8443/app/sidebar' } } },
  });
  expect(manifest.version).toBe(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version);
  const { app } = JSON.parse(String(files['translations/en.json']));
  for (const text of ['name', 'short_description', 'long_description', 'installation_instructions']) {
    expect(app[text]).toEqual(expect.stringMatching(/\S/u));
  }
  const sizes = await Promise.all(
    ['assets/logo.png', 'assets/logo-small.png'].map((name) => sharp(files[name]).metadata()),
  );
  expect(sizes.map(({ format, width, height }) => [format, width, height])).toEqual([
    ['png', 320, 320],
    ['png', 128, 128],
  ]);
});

it.each([[], ['--url', 'http://lazaret.example'], ['--url', 'https://lazaret.example/app'], ['--nonsense']])(
  'is not packed for %s %s',
  (...args) => {
    const ran = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
    expect([ran.status, ran.stderr]).toEqual([3, expect.stringContaining('Usage: npm run zendesk-app')]);
  },
);
