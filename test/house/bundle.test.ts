import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';

const root = join(__dirname, '../..');
const said: string[] = [];
const keep = (message: string) => void said.push(message);
const quiet = { trace() {}, debug() {}, info() {}, warn: keep, error: keep, log() {} };

/** Bundles as the build does; the SDK refuses Node's modules by itself. */
async function bundle(entry: string): Promise<string> {
  const { code } = await bundleWorkflowCode({ workflowsPath: entry, logger: quiet });
  return code;
}

/** Paths of the modules in a bundle: webpack names each in a comment or a key. */
function modulesIn(code: string): string[] {
  return [...code.matchAll(/["'!](\.{0,2}\/[^"'!\s]+?\.(?:js|ts|cjs|mjs))["'!\s]/g)].map((match) => match[1] ?? '');
}

describe('the workflow bundle', () => {
  let code: string;
  beforeAll(async () => {
    code = await bundle(join(root, 'dist/workflows/index.js'));
  }, 120_000);

  it('holds every workflow that has a file', () => {
    const index = readFileSync(join(root, 'workflows/index.ts'), 'utf8');
    const files = readdirSync(join(root, 'workflows')).filter((file) => /^[\w-]+\.ts$/.test(file));
    const workflows = files.flatMap((file) => {
      const name = file.slice(0, -3).replaceAll(/-(\w)/g, (_dash, letter: string) => letter.toUpperCase());
      return readFileSync(join(root, 'workflows', file), 'utf8').includes(`export async function ${name}(`)
        ? [name]
        : [];
    });
    expect(workflows.length).toBeGreaterThan(1);
    expect(workflows.filter((name) => !new RegExp(`\\b${name}\\b`).test(index))).toEqual([]);
  });

  it('holds no module of Node', () => {
    expect(code).not.toMatch(/require\(["'](node:|fs|path|crypto|net|http|child_process)/);
  });

  it('holds neither zod nor any other package than Temporal needs', () => {
    const packages = modulesIn(code).flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []);
    const foreign = packages.filter(
      (name) =>
        !/^(@temporalio\/|@protobufjs\/|protobufjs$|long$|ms$|nexus-rpc$|abort-controller|heap-js$|source-map|events$|assert$|url$|util$|punycode$|qs$)/.test(
          name,
        ),
    );
    expect(packages).toContain('@temporalio/workflow');
    expect([...new Set(foreign)]).toEqual([]);
  });

  it('holds nothing of the folders that act', () => {
    const acting = /dist\/(activities|api|worker|db|zendesk|scanners|quarantine|email|config|embedded|simulator|cli)\//;
    expect(modulesIn(code).filter((path) => acting.test(path))).toEqual([]);
  });

  it('would be refused with a module of Node, and seen with zod inside', async () => {
    // Below the root, so that packages resolve; a fresh clone has no such folder yet.
    mkdirSync(join(root, 'node_modules/.cache'), { recursive: true });
    const folder = mkdtempSync(join(root, 'node_modules/.cache/bundle-'));
    const entry = join(folder, 'index.js');
    writeFileSync(entry, `const fs = require('node:fs'); exports.w = async () => fs.readFileSync('/etc/hostname');`);
    await expect(bundle(entry)).rejects.toThrow();
    expect(said.join('\n')).toMatch(/disallowed|node:fs/);
    writeFileSync(
      entry,
      `const { z } = require(${JSON.stringify(require.resolve('zod'))}); exports.w = async () => z.string();`,
    );
    expect(modulesIn(await bundle(entry)).some((path) => path.includes('node_modules/zod/'))).toBe(true);
    rmSync(folder, { recursive: true });
  }, 60_000);

  it('is what the build left for the worker', () => {
    expect(existsSync(join(root, 'dist/workflow-bundle.js'))).toBe(true);
  });
});
