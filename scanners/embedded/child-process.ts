import { fork, type ChildProcess, type Serializable } from 'node:child_process';
import { closeSync, openSync, readSync } from 'node:fs';
import { Socket } from 'node:net';
import { Writable } from 'node:stream';
import type { Launcher } from './isolation';
import type { z } from 'zod';
import { BYTES_FD } from './protocol';

const PAGE_BYTES = 4096;
const STATM = Buffer.alloc(128);

/** Why a child ended. `memory` and `clock`: killed by us. */
export type ChildEnd = 'memory' | 'clock' | 'crash' | 'closed';

/** What a process says, as it is checked. */
interface Ears<Heard> {
  schema: z.ZodType<Heard>;
  onMessage(message: Heard): void;
}

/**
 * One scanning process: empty environment, working directory `/`, killed when it takes more memory than it may.
 * It is forked from compiled code; what it says is checked, for it reads hostile files.
 */
export class ScanProcess<Said extends Serializable, Heard> {
  /** Settles once, when the process is gone. */
  readonly gone: Promise<ChildEnd>;
  readonly bytes: Writable;
  private readonly child: ChildProcess;
  private end: ChildEnd | undefined;
  private statm: number | undefined;
  private over = false;

  constructor(launcher: Launcher, modulePath: string, heapMb: number, ears: Ears<Heard>) {
    this.child = fork(modulePath, [], {
      execPath: launcher.execPath,
      execArgv: [...launcher.prefix, `--max-old-space-size=${heapMb}`],
      cwd: '/',
      env: {},
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc', 'pipe'],
    });
    const bytes = this.child.stdio[BYTES_FD];
    this.bytes =
      bytes instanceof Writable ? bytes : new Writable({ write: (_c, _e, done) => done(new Error('no pipe')) });
    this.bytes.on('error', () => undefined);
    this.child.on('message', (raw) => {
      const parsed = ears.schema.safeParse(raw);
      if (parsed.success) ears.onMessage(parsed.data);
      else this.kill('crash');
    });
    this.gone = new Promise((resolve) => {
      const finish = (): void => {
        this.closeStatm();
        resolve(this.end ?? 'crash');
      };
      this.child.once('exit', finish);
      this.child.once('error', finish);
    });
    // Waiting children must not keep the parent alive; a running inspection holds its own timers.
    this.child.unref();
    this.child.channel?.unref();
    if (bytes instanceof Socket) bytes.unref();
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  send(message: Said): void {
    if (this.child.connected) this.child.send(message, (error) => error && this.kill('crash'));
    else this.kill('crash');
  }

  /** SIGKILL: a parser in a loop hears nothing else. */
  kill(end: ChildEnd): void {
    this.end ??= end;
    this.bytes.destroy();
    // Whoever closes the pool waits for the end.
    this.child.ref();
    this.child.kill('SIGKILL');
  }

  /** Resident memory in bytes; undefined where /proc does not tell. The file stays open: one short read each time. */
  residentBytes(): number | undefined {
    if (process.platform !== 'linux' || this.pid === undefined || this.over) return undefined;
    try {
      this.statm ??= openSync(`/proc/${this.pid}/statm`, 'r');
      const length = readSync(this.statm, STATM, 0, STATM.length, 0);
      const pages = Number(STATM.toString('latin1', 0, length).split(' ')[1]);
      return Number.isInteger(pages) && pages > 0 ? pages * PAGE_BYTES : undefined;
    } catch {
      return undefined;
    }
  }

  private closeStatm(): void {
    this.over = true;
    if (this.statm !== undefined) closeSync(this.statm);
    this.statm = undefined;
  }
}
