/** Finds Temporal's command line tool, whose development server we run, or gets it once. */
import { execFile, fork, spawn } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { environmentWith, searchPath, userCacheDir } from '../config/env';
import { acquireLock, LockHeldError } from './lock';

/** Later tags cannot be installed with `go install`: their go.mod has `replace` lines. */
export const TEMPORAL_VERSION = '1.5.1';
const MODULE = `github.com/temporalio/cli/cmd/temporal@v${TEMPORAL_VERSION}`;
const DOWNLOAD_TIMEOUT_MS = 60_000;
const DOWNLOAD_CONNECT_MS = 8_000;
const DOWNLOAD_HOST = 'https://temporal.download/';
const PROGRESS_EVERY_MS = 10_000;

export interface FindTemporalOptions {
  say: (line: string) => void;
  /** Where we keep the tool; default: the user's cache directory. */
  cacheDir?: string;
  /** Directories to look in, as in PATH; default: PATH. */
  path?: string;
  /** Go's command; default: `go`. */
  go?: string;
  /** Asked before the SDK's download is tried, so that a machine without a network does not wait for it. */
  downloadHost?: string;
}

/**
 * Returns the path of Temporal's tool, in this order: `temporal` on PATH, our cache, the SDK's download, built with Go.
 * Says which one and why. Two starts at the same moment get it once. Throws a sentence with the remedies where nothing works.
 */
export async function findTemporal(options: FindTemporalOptions): Promise<string> {
  const { say } = options;
  const onPath = findOnPath(options.path ?? searchPath());
  if (onPath !== undefined && (await works(onPath))) {
    say(`Temporal: ${onPath}, found on PATH`);
    return onPath;
  }
  const cacheDir = join(options.cacheDir ?? userCacheDir(), 'lazaret', 'bin');
  mkdirSync(cacheDir, { recursive: true });
  const cached = join(cacheDir, `temporal-${TEMPORAL_VERSION}`);
  if (await works(cached)) {
    say(`Temporal: ${cached}, from our cache (no "temporal" on PATH)`);
    return cached;
  }
  const release = await waitForLock(`${cached}.lock`, say);
  try {
    if (await works(cached)) return cached;
    await obtain(cached, cacheDir, options);
    return cached;
  } finally {
    release();
  }
}

async function obtain(target: string, cacheDir: string, options: FindTemporalOptions): Promise<void> {
  const { say, go = 'go', downloadHost = DOWNLOAD_HOST } = options;
  const workDir = mkdtempSync(join(cacheDir, 'getting-'));
  try {
    say('Temporal: neither on PATH nor in our cache; trying to download it');
    const reason = await download(workDir, target, downloadHost);
    if (reason === undefined) return say(`Temporal: downloaded by its SDK to ${target}`);
    say(`Temporal: the download is not possible (${reason}); building it with Go, once, 2 to 3 minutes`);
    const started = Date.now();
    await build(workDir, target, { go, say });
    say(`Temporal: built in ${Math.round((Date.now() - started) / 1000)} s, kept in ${target}`);
  } finally {
    rmSync(workDir, { recursive: true, force: true });
  }
}

function findOnPath(path: string): string | undefined {
  const candidates = path.split(delimiter).filter((folder) => folder !== '');
  return candidates.map((folder) => join(folder, 'temporal')).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Other programs are called `temporal` too; ours knows a development server. */
async function works(file: string): Promise<boolean> {
  if (!isExecutable(file)) return false;
  try {
    const { stdout } = await promisify(execFile)(file, ['server', 'start-dev', '--help'], { timeout: 30_000 });
    return stdout.includes('--dynamic-config-value');
  } catch {
    return false;
  }
}

async function waitForLock(path: string, say: (line: string) => void): Promise<() => void> {
  let told = false;
  for (;;) {
    try {
      return acquireLock(path);
    } catch (error) {
      if (!(error instanceof LockHeldError)) throw error;
      if (!told) say(`Temporal: process ${error.pid} is getting it already; waiting`);
      told = true;
      await sleep(500);
    }
  }
}

/** Returns undefined when `target` is there, else why not. */
async function download(workDir: string, target: string, host: string): Promise<string | undefined> {
  try {
    await fetch(host, { method: 'HEAD', signal: AbortSignal.timeout(DOWNLOAD_CONNECT_MS) });
  } catch {
    return `${new URL(host).host} does not answer`;
  }
  const failure = await runDownload(workDir);
  if (failure !== undefined) return failure;
  const file = readdirSync(workDir).find((name) => name.startsWith('temporal'));
  if (file === undefined || !(await works(join(workDir, file)))) return 'it left no program that works here';
  install(join(workDir, file), target);
  return undefined;
}

function runDownload(workDir: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const args = [workDir, `v${TEMPORAL_VERSION}`];
    const child = fork(join(__dirname, 'temporal-download.js'), args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000)));
    const timer = setTimeout(() => child.kill('SIGKILL'), DOWNLOAD_TIMEOUT_MS);
    child.once('error', (error) => (said = error.message));
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve(code === 0 ? undefined : (said.trim().split('\n').pop() ?? '').slice(0, 200) || 'it took too long');
    });
  });
}

async function build(
  workDir: string,
  target: string,
  { go, say }: { go: string; say: (line: string) => void },
): Promise<void> {
  const goBin = join(workDir, 'bin');
  const started = Date.now();
  const progress = setInterval(() => {
    say(`Temporal: still building (${Math.round((Date.now() - started) / 1000)} s)`);
  }, PROGRESS_EVERY_MS);
  try {
    await runGo(go, goBin);
  } finally {
    clearInterval(progress);
  }
  install(join(goBin, 'temporal'), target);
}

function runGo(go: string, goBin: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(go, ['install', '-trimpath', '-ldflags=-s -w', MODULE], {
      env: environmentWith({ GOBIN: goBin, CGO_ENABLED: '0', GOFLAGS: '-mod=mod' }),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)));
    child.once('error', () => reject(new Error(noWay('Go is not installed'))));
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(noWay(`"go install" failed:\n${said.trim()}`))),
    );
  });
}

function noWay(reason: string): string {
  return (
    `Temporal is not here and could not be built: ${reason}\n` +
    'Install Temporal\'s CLI so that "temporal" is on PATH (https://docs.temporal.io/cli), or install Go 1.24 or newer, ' +
    'or set TEMPORAL_ADDRESS to a server of your own.'
  );
}

/** The last step is a rename within one directory, so a half-written program is never found. */
function install(from: string, target: string): void {
  const aside = `${target}.${process.pid}`;
  copyFileSync(from, aside);
  chmodSync(aside, 0o755);
  renameSync(aside, target);
}
