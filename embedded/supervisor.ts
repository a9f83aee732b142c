/** Keeps Node processes of ours running: start, wait until ready, log, restart after a crash, stop. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createWriteStream, mkdirSync, readdirSync } from 'node:fs';
import type { WriteStream } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createInterface } from 'node:readline';
import { endProcess, exitOf, recordedProcess, recordProcess, removeFile, stopChild, tailOf } from './processes';

export interface SupervisorOptions {
  /** Gets `logs/NAME.log` and `run/NAME.pid`. */
  dataDir: string;
  say: (line: string) => void;
  /** Wait before the first restart, in milliseconds; doubled after each further crash. Default 500. */
  restartDelayMs?: number;
}

export interface ChildPlan {
  name: string;
  /** Compiled file. It prints one line of JSON with `"ready":true` on standard output when it serves. */
  script: string;
  args?: string[];
  /** The whole environment of the child. */
  env: NodeJS.ProcessEnv;
  /** How long it may take to become ready, in milliseconds. Default one minute. */
  readyTimeoutMs?: number;
  /** How long it may take to stop before it is killed, in milliseconds. Default half a minute. */
  stopGraceMs?: number;
}

/** What a child said when it was ready. */
export type ReadyLine = Readonly<Record<string, unknown>>;

export interface Supervised {
  name: string;
  ready: ReadyLine;
  /** Process id of the present run. */
  pid(): number | undefined;
  /** Resolves when a run that crashed has been replaced by one that is ready. */
  restarted(): Promise<void>;
  /** Ends it for good. Safe to call twice. */
  stop(): Promise<void>;
  /** Ends it at once. */
  kill(): void;
}

const MAX_RESTART_DELAY_MS = 30_000;
/** A child that lived this long was healthy: the next crash starts the waits anew. */
const HEALTHY_MS = 60_000;
const LAST_WORDS_MS = 2_000;

/** Ends processes that a killed run of ours left behind on this data directory, and those only. */
export async function endLeftovers(options: SupervisorOptions): Promise<void> {
  const runDir = join(options.dataDir, 'run');
  mkdirSync(runDir, { recursive: true });
  for (const file of readdirSync(runDir).filter((name) => name.endsWith('.pid'))) {
    const left = recordedProcess(join(runDir, file));
    if (left) {
      options.say(`stopping ${file.replace(/\.pid$/, '')} (process ${left.pid}), left behind by a killed run`);
      await endProcess(left, { group: true });
    }
    removeFile(join(runDir, file));
  }
}

/** Starts a child and resolves when it is ready. Throws a sentence with its last lines where it does not become so. */
export async function supervise(plan: ChildPlan, options: SupervisorOptions): Promise<Supervised> {
  const state = new ChildState(plan, options);
  const ready = await state.start();
  return {
    name: plan.name,
    ready,
    pid: () => state.pid(),
    restarted: () => state.restarted(),
    stop: () => state.stop(),
    kill: () => state.kill(),
  };
}

class ChildState {
  private readonly plan: ChildPlan;
  private readonly options: SupervisorOptions;
  private readonly logFile: string;
  private readonly pidFile: string;
  private child: ChildProcess | undefined;
  private stopping = false;
  private crashes = 0;
  private timer: NodeJS.Timeout | undefined;
  private waiting: (() => void)[] = [];
  /** Resolves when everything that the child said stands in its log. */
  private logged: Promise<void> = Promise.resolve();

  constructor(plan: ChildPlan, options: SupervisorOptions) {
    this.plan = plan;
    this.options = options;
    this.logFile = join(options.dataDir, 'logs', `${plan.name}.log`);
    this.pidFile = join(options.dataDir, 'run', `${plan.name}.pid`);
    mkdirSync(join(options.dataDir, 'logs'), { recursive: true, mode: 0o700 });
    mkdirSync(join(options.dataDir, 'run'), { recursive: true });
  }

  /** Resolves with the ready line; afterwards a crash leads to a restart. */
  async start(): Promise<ReadyLine> {
    const startedAt = Date.now();
    const child = this.spawn();
    const exited = exitOf(child);
    const outcome = await this.readyOr(child, exited);
    if (typeof outcome === 'string') {
      await stopChild(child, 'SIGKILL', 0);
      removeFile(this.pidFile);
      // Its last words may still be on their way; a process of its own that keeps the pipe open is not waited for.
      await Promise.race([this.logged, sleep(LAST_WORDS_MS, undefined, { ref: false })]);
      throw new Error(
        `${this.plan.name} did not start (${outcome}). Its last lines, from ${this.logFile}:\n${tailOf(this.logFile)}`,
      );
    }
    void exited.then((reason) => this.ended(reason, Date.now() - startedAt));
    return outcome;
  }

  pid(): number | undefined {
    return this.child?.pid;
  }

  restarted(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    if (this.child) await stopChild(this.child, 'SIGTERM', this.plan.stopGraceMs ?? 30_000);
    removeFile(this.pidFile);
  }

  kill(): void {
    this.stopping = true;
    clearTimeout(this.timer);
    this.child?.kill('SIGKILL');
    removeFile(this.pidFile);
  }

  private spawn(): ChildProcess {
    // A group of its own, so that Ctrl-C in the terminal reaches only us; the channel tells it when we are gone.
    const child = fork(this.plan.script, this.plan.args ?? [], {
      env: this.plan.env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: ['--enable-source-maps'],
    });
    this.child = child;
    if (child.pid !== undefined) recordProcess(this.pidFile, child.pid);
    return child;
  }

  /** Sends every line to the log; resolves with the ready line, or with the reason why there is none. */
  private readyOr(child: ChildProcess, exited: Promise<string>): Promise<ReadyLine | string> {
    const log = createWriteStream(this.logFile, { flags: 'a', mode: 0o600 });
    const timeoutMs = this.plan.readyTimeoutMs ?? 60_000;
    this.logged = new Promise((resolve) => log.once('close', resolve));
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(`not ready within ${timeoutMs / 1000} s`), timeoutMs);
      const finish = (outcome: ReadyLine | string) => {
        clearTimeout(timer);
        resolve(outcome);
      };
      this.copyLines(child.stderr, log);
      this.copyLines(child.stdout, log, (line) => {
        const said = parseReady(line);
        if (said) finish(said);
      });
      void exited.then((reason) => finish(`it ended: ${reason}`));
      child.once('close', () => log.end());
    });
  }

  private copyLines(from: NodeJS.ReadableStream | null, log: WriteStream, each?: (line: string) => void): void {
    if (!from) return;
    createInterface({ input: from }).on('line', (line) => {
      log.write(`${new Date().toISOString()} ${this.plan.name} ${line}\n`);
      each?.(line);
    });
  }

  private ended(reason: string, livedMs: number): void {
    if (this.stopping) return;
    if (livedMs >= HEALTHY_MS) this.crashes = 0;
    const delayMs = Math.min((this.options.restartDelayMs ?? 500) * 2 ** this.crashes, MAX_RESTART_DELAY_MS);
    this.crashes += 1;
    this.options.say(
      `${this.plan.name} ended (${reason}); starting it again in ${delayMs / 1000} s; see ${this.logFile}`,
    );
    this.timer = setTimeout(() => void this.restart(), delayMs);
  }

  private async restart(): Promise<void> {
    const startedAt = Date.now();
    try {
      await this.start();
      this.options.say(`${this.plan.name} runs again (process ${String(this.pid())})`);
      for (const resolve of this.waiting.splice(0)) resolve();
    } catch (error) {
      if (!this.stopping)
        this.ended(error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'failed', Date.now() - startedAt);
    }
  }
}

function parseReady(line: string): ReadyLine | undefined {
  if (!line.startsWith('{') || !line.includes('"ready"')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    const ready = typeof value === 'object' && value !== null && 'ready' in value && value.ready === true;
    return ready ? (value as ReadyLine) : undefined;
  } catch {
    return undefined;
  }
}
