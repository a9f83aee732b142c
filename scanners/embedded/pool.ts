import type { Job } from './job';
import { Slot, type SlotOptions } from './slot';

const STARTS_BEFORE_GIVING_UP = 3;

export interface PoolState {
  ready: number;
  queued: number;
  engineVersion: string;
  problems: string[];
  /** Why no process can start; undefined while at least one can. */
  broken: string | undefined;
}

/**
 * A fixed number of scanning processes and a first-come queue before them. A process that ends is replaced; when
 * three in a row end before they were usable, waiting jobs are answered `engine_unavailable` and the next job tries again.
 */
export class Pool {
  private readonly slots = new Set<Slot>();
  private readonly queue: Job[] = [];
  private readonly size: number;
  private readonly options: SlotOptions;
  private failedStarts = 0;
  private closed = false;
  private engineVersion = '';
  private problems: string[] = [];
  private detail = 'the scanning process ended while it started';
  private waiters: (() => void)[] = [];

  constructor(size: number, options: SlotOptions) {
    this.size = size;
    this.options = options;
    this.refill();
  }

  add(job: Job): void {
    if (this.closed) return job.finish('engine_unavailable');
    this.queue.push(job);
    if (this.slots.size === 0) {
      this.failedStarts = 0;
      this.refill();
    }
    this.pump();
  }

  remove(job: Job): void {
    const index = this.queue.indexOf(job);
    if (index >= 0) this.queue.splice(index, 1);
  }

  state(): PoolState {
    const ready = [...this.slots].filter((slot) => slot.state === 'idle' || slot.state === 'busy').length;
    const broken = this.closed ? 'the engine was closed' : this.slots.size === 0 ? this.detail : undefined;
    return { ready, queued: this.queue.length, engineVersion: this.engineVersion, problems: this.problems, broken };
  }

  /** Resolves when a process was usable once, or when none could start. */
  async started(): Promise<void> {
    while (!this.engineVersion && this.slots.size > 0) {
      await new Promise<void>((resolve) => this.waiters.push(resolve));
    }
  }

  /** Process ids, for operators and tests. */
  pids(): number[] {
    return [...this.slots].flatMap(({ process: { pid } }) => (pid === undefined ? [] : [pid]));
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const job of this.queue.splice(0)) job.finish('engine_unavailable');
    const ends = [...this.slots].map((slot) => {
      slot.process.kill('closed');
      return slot.process.gone;
    });
    await Promise.all(ends);
  }

  private refill(): void {
    while (!this.closed && this.slots.size < this.size && this.failedStarts < STARTS_BEFORE_GIVING_UP) {
      this.slots.add(
        new Slot(this.options, {
          idle: () => this.pump(),
          gone: (slot, ready) => this.replace(slot, ready),
          loaded: (engineVersion, problems) => this.loaded(engineVersion, problems),
          unusable: (detail) => (this.detail = detail),
        }),
      );
    }
    if (this.slots.size > 0 || this.closed) return;
    for (const job of this.queue.splice(0)) job.finish('engine_unavailable');
    this.wake();
  }

  private loaded(engineVersion: string, problems: string[]): void {
    this.failedStarts = 0;
    this.engineVersion = engineVersion;
    this.problems = problems;
    this.wake();
  }

  private replace(slot: Slot, ready: boolean): void {
    this.slots.delete(slot);
    if (!ready) this.failedStarts += 1;
    this.refill();
    this.pump();
  }

  private pump(): void {
    for (const slot of this.slots) {
      if (slot.state !== 'idle') continue;
      const job = this.queue.shift();
      if (!job) return;
      slot.run(job);
    }
  }

  private wake(): void {
    for (const waiter of this.waiters.splice(0)) waiter();
  }
}
