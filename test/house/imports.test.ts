import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { importsOf, RULES, violation } from './import-rules';

const root = join(__dirname, '../..');

function sourcesOf(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.name.endsWith('.d.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((file) => !file.includes('node_modules/') && !file.startsWith('console/dist/'));
}

const files = Object.keys(RULES).flatMap(sourcesOf);
const imports = files.flatMap((file) => importsOf(file, readFileSync(join(root, file), 'utf8')));

/** The verdict about one made-up file, so that the rules are known to bite. */
function judged(file: string, source: string): string[] {
  return importsOf(file, source).flatMap((entry) => violation(entry) ?? []);
}

describe('the folders', () => {
  it('import only what the table allows', () => {
    expect(imports.length).toBeGreaterThan(50);
    expect(imports.flatMap((entry) => violation(entry) ?? [])).toEqual([]);
  });

  it('all have a rule', () => {
    const known = new Set([
      ...Object.keys(RULES),
      'test',
      'scripts',
      'docs',
      'dist',
      'node_modules',
      'coverage',
      'docker',
    ]);
    const folders = readdirSync(root, { withFileTypes: true }).filter(
      (entry) => entry.isDirectory() && !entry.name.startsWith('.'),
    );
    expect(folders.map((entry) => entry.name).filter((name) => !known.has(name))).toEqual([]);
  });

  it('read the environment in config/env.ts only', () => {
    const reads = (file: string) =>
      /\bprocess\.env\b/.test(readFileSync(join(root, file), 'utf8').replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, ''));
    expect(files.filter((file) => file !== 'config/env.ts' && !file.startsWith('console/') && reads(file))).toEqual([]);
  });
});

describe('the import rules', () => {
  it.each([
    ['domain/x.ts', `import { readFileSync } from 'node:fs';`],
    ['domain/x.ts', `import { proxyActivities } from '@temporalio/workflow';`],
    ['workflows/x.ts', `import { z } from 'zod';`],
    ['workflows/x.ts', `import { scan } from '../activities/scan';`],
    ['workflows/x.ts', `export * from '../activities';`],
    ['workflows/x.ts', `import { join } from 'node:path';`],
    ['activities/x.ts', `import { loadConfig } from '../config/config';`],
    ['zendesk/x.ts', `import { query } from '../db/pool';`],
    ['zendesk/x.ts', `import { Context } from '@temporalio/activity';`],
    ['scanners/engines/x.ts', `const x = await import('../../quarantine/store');`],
    ['email/x.ts', `type X = import('../config/config').Config;`],
    ['api/x.ts', `import { scan } from '../scanners';`],
    ['api/routes/x.ts', `import { loadConfig } from '../../config/config';`],
    ['api/routes/x.ts', `import { attachmentReview } from '../../workflows';`],
    ['console/src/x.tsx', `import { createApp } from '../../api/create-app';`],
    ['config/x.ts', `import { VERDICTS } from '../domain/words';`],
    ['worker/x.ts', `import { createApp } from '../api/create-app';`],
    ['worker/x.ts', `const s = require('../simulator/main');`],
    ['simulator/x.ts', `import { sign } from '../zendesk/signature';`],
    ['embedded/x.ts', `import { run } from '../worker/main';`],
    ['cli/x.ts', `import { createApp } from '../api/create-app';`],
    ['db/x.ts', `import { readFileSync } from 'fs';`],
    ['db/x.ts', `import x from '../../elsewhere/x';`],
  ])('refuse in %s: %s', (file, source) => {
    expect(judged(file, source)).toHaveLength(1);
  });

  it.each([
    [
      'domain/x.ts',
      `import type { Readable } from 'node:stream'; import { z } from 'zod'; import { VERDICTS } from './words';`,
    ],
    [
      'workflows/x.ts',
      `import type { Activities } from '../activities'; import { condition } from '@temporalio/workflow';`,
    ],
    ['activities/x.ts', `import { seal } from '../quarantine/store'; import { Context } from '@temporalio/activity';`],
    ['api/main.ts', `import { loadConfig } from '../config/config';`],
    [
      'api/x.ts',
      `import { verdictSignal } from '../workflows/messages'; import type { review } from '../workflows/x';`,
    ],
    ['worker/x.ts', `import { loadConfig } from '../config/config'; import { Worker } from '@temporalio/worker';`],
  ])('allow in %s: %s', (file, source) => {
    expect(judged(file, source)).toEqual([]);
  });
});
