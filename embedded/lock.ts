import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { identityOf, isRunning, readIdentity } from './processes';

/** Another live process holds the lock. */
export class LockHeldError extends Error {
  readonly pid: number;

  constructor(path: string, pid: number) {
    super(`process ${pid} holds ${path}`);
    this.name = 'LockHeldError';
    this.pid = pid;
  }
}

/**
 * Takes the lock file `path` for this process; returns a function that gives it back. A lock whose holder no longer
 * runs (killed, machine restarted) is taken over. Throws {@link LockHeldError} where the holder lives.
 */
export function acquireLock(path: string): () => void {
  const identity = identityOf(process.pid);
  if (!identity) throw new Error('cannot find out when this process started');
  const mine = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  writeFileSync(mine, JSON.stringify(identity), { mode: 0o600 });
  try {
    for (;;) {
      if (tryLink(mine, path)) return () => releaseLock(path, identity.startedAt);
      removeIfStale(path);
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

/** A hard link either appears with its whole content or not at all. */
function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function removeIfStale(path: string): void {
  const holder = readIdentity(path);
  if (holder && isRunning(holder)) throw new LockHeldError(path, holder.pid);
  const aside = `${path}.stale.${randomBytes(4).toString('hex')}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  // Somebody may have taken over between our look and our rename: then what we moved is theirs and goes back.
  const moved = readIdentity(aside);
  if (moved && isRunning(moved)) tryLink(aside, path);
  rmSync(aside, { force: true });
}

function releaseLock(path: string, startedAt: string): void {
  try {
    if (readFileSync(path, 'utf8').includes(startedAt)) rmSync(path, { force: true });
  } catch {
    // Already gone.
  }
}
