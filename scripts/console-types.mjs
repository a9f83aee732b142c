// Writes console/src/api/schema.d.ts from the OpenAPI document that the API serves. The file is never committed.
import { build } from 'esbuild';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import openapiTS, { astToString } from 'openapi-typescript';

const root = new URL('..', import.meta.url).pathname;
const bundle = join(root, 'node_modules/.cache/lazaret/api-document.cjs');
const target = join(root, 'console/src/api/schema.d.ts');

mkdirSync(join(bundle, '..'), { recursive: true });
await build({
  entryPoints: [join(root, 'api/document.ts')],
  outfile: bundle,
  bundle: true,
  packages: 'external',
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
});
const { describeApi } = createRequire(import.meta.url)(bundle);
const document = JSON.parse(JSON.stringify(describeApi('http://localhost', '0.0.0')));
const types = `// Generated from the OpenAPI document by scripts/console-types.mjs; never edited, never committed.\n\n${astToString(await openapiTS(document))}`;
if (!existsSync(target) || readFileSync(target, 'utf8') !== types) writeFileSync(target, types);
