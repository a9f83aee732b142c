// Packs the Zendesk app for one installation: `npm run zendesk-app -- --url https://lazaret.example`.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';

const root = new URL('..', import.meta.url).pathname;
const usage =
  'Usage: npm run zendesk-app -- --url https://lazaret.example [--out FILE.zip] [--email admin@example.com]\n';
const LOGO = (size) =>
  Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 64 64"><rect width="64" height="64" rx="12" fill="#17494d"/><path d="M32 10 50 16v16c0 11-8 18-18 22-10-4-18-11-18-22V16z" fill="none" stroke="#fff" stroke-width="4"/><path d="m24 32 6 6 11-12" fill="none" stroke="#fff" stroke-width="4"/></svg>`,
  );

let values;
try {
  ({ values } = parseArgs({
    options: { url: { type: 'string' }, out: { type: 'string' }, email: { type: 'string' } },
  }));
} catch (error) {
  fail(error.message);
}
const url = values.url && URL.canParse(values.url) ? new URL(values.url) : undefined;
if (url?.protocol !== 'https:' || url.pathname !== '/' || url.search !== '' || url.username !== '') {
  fail('--url must be the https origin under which Zendesk reaches Lazaret, such as https://lazaret.example.');
}
const manifest = JSON.parse(readFileSync(join(root, 'zendesk-app/manifest.json'), 'utf8'));
manifest.location.support.ticket_sidebar.url = `${url.origin}/app/sidebar`;
manifest.author.email = values.email ?? `lazaret@${url.hostname}`;
const files = {
  'manifest.json': Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`),
  'translations/en.json': readFileSync(join(root, 'zendesk-app/translations/en.json')),
  'assets/logo.png': await sharp(LOGO(320)).png().toBuffer(),
  'assets/logo-small.png': await sharp(LOGO(128)).png().toBuffer(),
};
const out = values.out ?? join(root, 'dist/lazaret-zendesk-app.zip');
mkdirSync(join(out, '..'), { recursive: true });
writeFileSync(out, await zipOf(files));
process.stdout.write(`${out}: upload it in Zendesk's Admin Center, Apps and integrations, Upload private app.\n`);

async function zipOf(contents) {
  const require = createRequire(import.meta.url);
  const seven = await require('7z-wasm')({ print: () => undefined });
  for (const [name, bytes] of Object.entries(contents)) {
    const folder = name.includes('/') ? name.split('/')[0] : undefined;
    if (folder && !seven.FS.analyzePath(folder).exists) seven.FS.mkdir(folder);
    seven.FS.writeFile(name, bytes);
  }
  seven.callMain(['a', '-tzip', 'app.zip', ...new Set(Object.keys(contents).map((name) => name.split('/')[0]))]);
  return Buffer.from(seven.FS.readFile('app.zip'));
}

function fail(sentence) {
  process.stderr.write(`${sentence}\n${usage}`);
  process.exit(3);
}
