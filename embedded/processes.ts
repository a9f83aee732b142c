/** Processes on this machine: who runs, starting one in its own group, ending one that we provably started. */
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process and when the kernel started it: a pid alone may have been given to somebody else since. */
export interface ProcessIdentity {
  pid: number;
  startedAt: string;
}

/** Takes a pid; returns the identity of the process that has it now, undefined where none runs. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  const startedAt = process.platform === 'linux' ? startOnLinux(pid) : startElsewhere(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

function startOnLinux(pid: number): string | undefined {
  try {
    // Field 2 is the command in brackets and may itself hold brackets and spaces; the rest is counted from its end.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X' || fields[19] === undefined) return undefined;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${fields[19]}`;
  } catch {
    return undefined;
  }
}

function startElsewhere(pid: number): string | undefined {
  try {
    const [state, ...start] = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' })
      .trim()
      .split(/\s+/);
    return state === undefined || state.startsWith('Z') || start.length === 0 ? undefined : start.join(' ');
  } catch {
    return undefined;
  }
}

/** Whether exactly this process still runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  return identityOf(identity.pid)?.startedAt === identity.startedAt;
}

/** Writes which process serves a purpose, so that a later start can find it after a crash. */
export function recordProcess(pidFile: string, pid: number): void {
  const identity = identityOf(pid);
  if (identity) writeFileSync(pidFile, JSON.stringify(identity), { mode: 0o600 });
}

/** Returns the process that {@link recordProcess} wrote, where that very process still runs. */
export function recordedProcess(pidFile: string): ProcessIdentity | undefined {
  const identity = readIdentity(pidFile);
  return identity && isRunning(identity) ? identity : undefined;
}

/** Returns what a pid file or lock file holds, undefined where it is missing or unreadable. */
export function readIdentity(file: string): ProcessIdentity | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof value !== 'object' || value === null || !('pid' in value) || !('startedAt' in value)) return undefined;
    const { pid, startedAt } = value;
    return typeof pid === 'number' && typeof startedAt === 'string' ? { pid, startedAt } : undefined;
  } catch {
    return undefined;
  }
}

export interface EndOptions {
  signal?: NodeJS.Signals;
  /** How long it may take to stop by itself before it is killed, in milliseconds. */
  graceMs?: number;
  /** Also end its process group (it must lead one). */
  group?: boolean;
}

/** Ends a process that was identified before; resolves when it is gone. Does nothing where it no longer runs. */
export async function endProcess(identity: ProcessIdentity, options: EndOptions = {}): Promise<void> {
  const { signal = 'SIGTERM', graceMs = 10_000, group = false } = options;
  if (!isRunning(identity)) return;
  send(identity.pid, signal);
  const killAt = Date.now() + graceMs;
  let killed = false;
  while (isRunning(identity)) {
    if (!killed && Date.now() >= killAt) {
      killed = true;
      send(group ? -identity.pid : identity.pid, 'SIGKILL');
    }
    await sleep(20);
  }
  if (group) send(-identity.pid, 'SIGKILL');
}

function send(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal);
  } catch {
    // Gone in the meantime, which is what we wanted.
  }
}

export interface SpawnOptions {
  command: string;
  args: string[];
  /** Receives standard output and standard error; appended to. */
  logFile: string;
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  uid?: number;
  gid?: number;
}

/**
 * Starts a server in its own process group, so that Ctrl-C in the terminal reaches only us and we stop it in order.
 * Its output goes to a file directly: it does not stumble over a closed pipe when we are killed.
 */
export function spawnServer(options: SpawnOptions): ChildProcess {
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = openSync(options.logFile, 'a', 0o600);
  const { command, args, cwd, env, uid, gid } = options;
  const place = {
    ...(cwd && { cwd }),
    ...(env && { env }),
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
  };
  try {
    return spawn(command, args, { ...place, detached: true, stdio: ['ignore', log, log] });
  } finally {
    closeSync(log);
  }
}

/** Resolves when the child has ended or could not be started at all. */
export function exitOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(String(child.exitCode ?? child.signalCode));
    child.once('exit', (code, signal) => resolve(String(code ?? signal)));
    child.once('error', (error) => resolve(error.message));
  });
}

/** Stops a child: `signal` first, SIGKILL after `graceMs` milliseconds. Resolves when it is gone. */
export async function stopChild(child: ChildProcess, signal: NodeJS.Signals, graceMs: number): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = exitOf(child);
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  child.kill(signal);
  await exited;
  clearTimeout(timer);
}

/** Returns a TCP port of the loopback interface that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

/** Last lines of a log file, for an error message; empty where there is none. */
export function tailOf(file: string, lines = 12): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '';
  }
}

/** Removes a file if it is there. */
export function removeFile(file: string): void {
  rmSync(file, { force: true });
}
