// Compiles every TypeScript folder into dist/ (types are checked by `npm run typecheck`), copies SQL and rule files,
// and bundles the workflows once, so that workers start without a compiler.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { buildConsole } from './build-console.mjs';

const root = new URL('..', import.meta.url).pathname;
const quiet = process.argv.includes('--quiet');
const folders = ['activities', 'api', 'cli', 'config', 'db', 'domain', 'email', 'embedded', 'quarantine', 'scanners'];
folders.push('simulator', 'worker', 'workflows', 'zendesk');
const copied = /\.(sql|yar|html|css)$/;

function filesUnder(folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

const started = Date.now();
const files = folders.flatMap(filesUnder);
const sources = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'));
const wanted = new Set(sources.map((file) => file.replace(/\.ts$/, '.js')));
for (const folder of folders) {
  for (const file of filesUnder(join('dist', folder))) {
    const name = relative('dist', file).replace(/\.map$/, '');
    if (name.endsWith('.js') && !wanted.has(name)) rmSync(join(root, file));
  }
}
await build({
  absWorkingDir: root,
  entryPoints: sources,
  outdir: 'dist',
  outbase: '.',
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  // Dynamic import() must stay: several engines are ESM-only packages.
  supported: { 'dynamic-import': true },
  logLevel: 'warning',
});
for (const file of files.filter((name) => copied.test(name))) {
  mkdirSync(join(root, 'dist', file, '..'), { recursive: true });
  cpSync(join(root, file), join(root, 'dist', file));
}

// The page of the Zendesk app runs in a browser: one file, without the console's libraries.
await build({
  absWorkingDir: root,
  entryPoints: ['zendesk-app/page/sidebar.ts', 'zendesk-app/page/sidebar.css'],
  outdir: 'dist/zendesk-app',
  outbase: 'zendesk-app/page',
  bundle: true,
  minify: true,
  format: 'iife',
  platform: 'browser',
  target: 'es2022',
  logLevel: 'warning',
});

const workflowSources = sources.filter((file) => file.startsWith('workflows/') || file.startsWith('domain/'));
if (workflowSources.some((file) => file === 'workflows/index.ts')) await bundleWorkflows(workflowSources);
cpSync(join(root, 'package.json'), join(root, 'dist/package.json'));
await buildConsole({ quiet });
if (!quiet) process.stdout.write(`built ${sources.length} files in ${Date.now() - started} ms\n`);

async function bundleWorkflows(inputs) {
  const require = createRequire(import.meta.url);
  const hash = createHash('sha256').update(require('@temporalio/worker/package.json').version);
  for (const file of inputs.sort()) hash.update(file).update(readFileSync(join(root, file)));
  const digest = hash.digest('hex');
  const target = join(root, 'dist/workflow-bundle.js');
  const stamp = `${target}.sha256`;
  if (existsSync(target) && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  const { bundleWorkflowCode } = require('@temporalio/worker');
  const silent = { trace() {}, debug() {}, info() {}, warn: console.warn, error: console.error, log() {} };
  const { code } = await bundleWorkflowCode({ workflowsPath: join(root, 'dist/workflows/index.js'), logger: silent });
  writeFileSync(target, code);
  writeFileSync(stamp, digest);
}
