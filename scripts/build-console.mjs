// Builds console/ into dist/console/, packs its files for the wire and says what the first page weighs.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'vite';

const root = new URL('..', import.meta.url).pathname;
const target = join(root, 'dist/console');
const PACKED = /\.(?:js|css|html|svg)$/;
/** The page whose first row the budget of the first load counts to. */
const FIRST_PAGE = 'src/pages/scans/scans-page.tsx';

function filesUnder(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function digestOfInputs() {
  const inputs = [...filesUnder(join(root, 'console')), ...filesUnder(join(root, 'domain'))];
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')));
  hash.update(readFileSync(new URL(import.meta.url).pathname));
  for (const file of inputs) {
    if (!file.endsWith('.d.ts')) hash.update(relative(root, file)).update(readFileSync(file));
  }
  return hash.digest('hex');
}

/** Script bytes that a browser loads before the first row of scans: the entry and the page, with all they import. */
function weigh() {
  const manifest = JSON.parse(readFileSync(join(target, '.vite/manifest.json'), 'utf8'));
  const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);
  const wanted = new Set();
  const add = (key) => {
    if (key === undefined || wanted.has(key)) return;
    wanted.add(key);
    for (const next of manifest[key].imports ?? []) add(next);
  };
  add(entry);
  if (manifest[FIRST_PAGE]) add(FIRST_PAGE);
  const files = [...wanted].map((key) => manifest[key].file).filter((file) => file.endsWith('.js'));
  const size = (file) => readFileSync(join(target, file)).length;
  const sum = (ending) => files.reduce((total, file) => total + size(file + ending), 0);
  return { firstLoad: { files, bytes: sum(''), gzip: sum('.gz'), brotli: sum('.br') } };
}

/** Builds where something has changed since the last time. */
export async function buildConsole({ quiet }) {
  const stamp = join(root, 'dist/console.sha256');
  const digest = digestOfInputs();
  const fresh = existsSync(join(target, 'index.html')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest;
  if (!fresh) {
    rmSync(stamp, { force: true });
    await build({ configFile: join(root, 'console/vite.config.mjs'), logLevel: 'warn' });
    for (const file of filesUnder(target).filter((name) => PACKED.test(name))) {
      const bytes = readFileSync(file);
      writeFileSync(`${file}.br`, brotliCompressSync(bytes));
      writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
    }
    writeFileSync(join(target, 'weight.json'), JSON.stringify(weigh(), null, 2));
    writeFileSync(stamp, digest);
  }
  if (quiet) return;
  const { gzip, brotli } = JSON.parse(readFileSync(join(target, 'weight.json'), 'utf8')).firstLoad;
  const kib = (bytes) => (bytes / 1024).toFixed(1);
  process.stdout.write(`console: ${kib(gzip)} KiB of script (gzip; ${kib(brotli)} brotli) before the first row\n`);
}
