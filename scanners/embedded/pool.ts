import { shippedOnly, usable, withoutBroken, type RuleGeneration } from './generation';
import type { Job } from './job';
import { Slot, type Loaded, type SlotOptions } from './slot';

const STARTS_BEFORE_GIVING_UP = 3;

export interface PoolState {
  ready: number;
  queued: number;
  engineVersion: string;
  rulesVersion: string;
  ruleFiles: number;
  problems: string[];
  /** Why no process can start; undefined while at least one can. */
  broken: string | undefined;
}

/** What became of new rules. `detail` is one sentence for the operator. */
export interface RuleChange {
  taken: boolean;
  rulesVersion: string;
  problems: string[];
  detail: string;
}

interface Trial {
  slot: Slot;
  settle(change: RuleChange): void;
}

/**
 * A fixed number of scanning processes and a first-come queue before them. A process that ends is replaced; when
 * three in a row end before they were usable, waiting jobs are answered `engine_unavailable` and the next job tries again.
 * New rules are tried by one more process; once it is usable all new jobs go to processes with the new rules, and the
 * former ones leave after the file they have in hand.
 */
export class Pool {
  private readonly slots = new Set<Slot>();
  private readonly queue: Job[] = [];
  private readonly size: number;
  private readonly options: SlotOptions;
  private generation: RuleGeneration;
  private trial: Trial | undefined;
  private refused: string | undefined;
  private failedStarts = 0;
  private closed = false;
  private engineVersion = '';
  private problems: string[] = [];
  private detail = 'the scanning process ended while it started';
  private waiters: (() => void)[] = [];

  constructor(size: number, options: SlotOptions, generation: RuleGeneration) {
    this.size = size;
    this.options = options;
    this.generation = generation;
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
    return {
      ready,
      queued: this.queue.length,
      engineVersion: this.engineVersion,
      rulesVersion: this.generation.version,
      ruleFiles: this.generation.sources.length,
      problems: this.allProblems(),
      broken,
    };
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

  /**
   * Tries other rules. They are taken once a process is usable with them; where none of the added files compiles, or the
   * process ends, the former rules stay. A later call ends an earlier trial.
   */
  tryRules(generation: RuleGeneration): Promise<RuleChange> {
    this.endTrial('newer rules came before they were tried');
    if (this.closed) return Promise.resolve(this.changeOf(false, 'the engine was closed'));
    if (generation.version === this.generation.version) {
      this.refused = undefined;
      this.generation = { ...this.generation, problems: generation.problems };
      return Promise.resolve(this.changeOf(true, 'the rules are those in use'));
    }
    return new Promise((settle) => {
      this.trial = { slot: this.createSlot(generation), settle };
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const job of this.queue.splice(0)) job.finish('engine_unavailable');
    const tried = this.trial?.slot;
    this.endTrial('the engine was closed');
    const ends = [...this.slots, ...(tried ? [tried] : [])].map((slot) => {
      slot.process.kill('closed');
      return slot.process.gone;
    });
    await Promise.all(ends);
  }

  private createSlot(generation: RuleGeneration): Slot {
    return new Slot(this.options, generation, {
      idle: () => this.pump(),
      gone: (slot, ready) => this.replace(slot, ready),
      loaded: (slot, loaded) => this.loaded(slot, loaded),
      unusable: (slot, detail) => {
        if (slot !== this.trial?.slot) this.detail = detail;
      },
    });
  }

  private refill(): void {
    const staying = (): number => [...this.slots].filter((slot) => !slot.retired).length;
    while (!this.closed && staying() < this.size && this.failedStarts < STARTS_BEFORE_GIVING_UP) {
      this.slots.add(this.createSlot(this.generation));
    }
    if (this.slots.size > 0 || this.closed) return;
    const shipped = shippedOnly(this.generation);
    if (shipped) {
      this.generation = shipped;
      this.failedStarts = 0;
      return this.refill();
    }
    for (const job of this.queue.splice(0)) job.finish('engine_unavailable');
    this.wake();
  }

  private loaded(slot: Slot, loaded: Loaded): void {
    if (slot === this.trial?.slot) this.judgeTrial(slot, loaded);
    if (slot.generation.version !== this.generation.version) return;
    this.failedStarts = 0;
    this.engineVersion = loaded.engineVersion;
    // A process that was given checked files alone has nothing to say about the others.
    if (!slot.generation.checked) this.problems = loaded.problems;
    this.generation = withoutBroken(this.generation, loaded.broken);
    this.wake();
  }

  private judgeTrial(slot: Slot, { broken, problems }: Loaded): void {
    if (!usable(slot.generation, broken)) {
      return this.endTrial(`none of the added rule files compiles: ${problems[0] ?? 'no reason given'}`);
    }
    const { settle } = this.trial ?? {};
    this.trial = undefined;
    this.refused = undefined;
    this.problems = slot.generation.checked ? [] : problems;
    this.generation = slot.generation;
    this.slots.add(slot);
    for (const former of this.slots) if (former !== slot) former.retire();
    this.refill();
    settle?.(this.changeOf(true, `${slot.generation.sources.length - broken.length} rule files are in use`));
  }

  private endTrial(why: string): void {
    if (!this.trial) return;
    const { slot, settle } = this.trial;
    this.trial = undefined;
    slot.retire();
    this.refused = `the changed rules were refused and the former ones stay: ${why}`;
    settle(this.changeOf(false, this.refused));
  }

  private changeOf(taken: boolean, detail: string): RuleChange {
    return { taken, rulesVersion: this.generation.version, problems: this.allProblems(), detail };
  }

  private allProblems(): string[] {
    return [...this.generation.problems, ...this.problems, ...(this.refused === undefined ? [] : [this.refused])];
  }

  private replace(slot: Slot, ready: boolean): void {
    if (slot === this.trial?.slot) return this.endTrial('the scanning process ended while it started with them');
    if (!this.slots.delete(slot)) return;
    if (!ready && !slot.retired) this.failedStarts += 1;
    this.refill();
    this.pump();
  }

  private pump(): void {
    for (const slot of this.slots) {
      if (slot.state !== 'idle' || slot.retired) continue;
      const job = this.queue.shift();
      if (!job) return;
      slot.run(job);
    }
  }

  private wake(): void {
    for (const waiter of this.waiters.splice(0)) waiter();
  }
}
