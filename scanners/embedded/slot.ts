import type { UnscannableReason } from '../../domain/words';
import { ScanProcess, type ChildEnd } from './child-process';
import type { RuleGeneration } from './generation';
import type { Launcher } from './isolation';
import type { Job, Seen } from './job';
import {
  boundText,
  FRAME_ABORT,
  FRAME_END,
  frameHeader,
  fromChildSchema,
  type FromChild,
  type InspectionLimits,
  type ToChild,
} from './protocol';

const WATCH_MS = 25;
/** Share of its memory bound that a process may hold between files. YARA-X's WebAssembly build grows with each scan. */
const KEPT_SHARE = 0.7;
const START_MS = 60_000;

export interface SlotOptions {
  launcher: Launcher;
  modulePath: string;
  limits: InspectionLimits;
  yara: 'auto' | 'wasm';
  memoryBytes: number;
  heapMb: number;
  recycleAfter: number;
}

/** What a process said when it was usable. */
export type Loaded = Omit<Extract<FromChild, { type: 'ready' }>, 'type'>;

export interface SlotEvents {
  /** The process is warm, or free again. */
  idle(slot: Slot): void;
  /** The process is gone. `ready`: it had been usable. */
  gone(slot: Slot, ready: boolean): void;
  loaded(slot: Slot, loaded: Loaded): void;
  unusable(slot: Slot, detail: string): void;
}

/** One process of the pool and the file it has in hand. Both clocks and the memory bound live here. */
export class Slot {
  readonly process: ScanProcess<ToChild, FromChild>;
  readonly generation: RuleGeneration;
  state: 'starting' | 'idle' | 'busy' | 'gone' = 'starting';
  /** Takes no further file: newer rules are in place. */
  retired = false;
  private readonly options: SlotOptions;
  private readonly events: SlotEvents;
  private job: { id: number; job: Job } | undefined;
  private clock: NodeJS.Timeout | undefined;
  private watch: NodeJS.Timeout | undefined;
  private served = 0;

  constructor(options: SlotOptions, generation: RuleGeneration, events: SlotEvents) {
    this.options = options;
    this.generation = generation;
    this.events = events;
    this.process = new ScanProcess(options.launcher, options.modulePath, options.heapMb, {
      schema: fromChildSchema,
      onMessage: (message) => this.hear(message),
    });
    this.startClock(START_MS);
    void this.process.gone.then((end) => this.ended(end));
  }

  run(job: Job): void {
    const id = ++this.served;
    this.state = 'busy';
    job.rulesVersion = this.generation.version;
    this.job = { id, job };
    this.watch = setInterval(() => this.checkMemory(), WATCH_MS);
    const { fileName, declaredType, passwords = [], text = '' } = job.target;
    this.process.send({
      type: 'open',
      job: id,
      fileName,
      passwords: passwords.slice(0, 8),
      text: boundText(text),
      ...(declaredType !== undefined && { declaredType }),
    });
    const { bytes } = this.process;
    job.attach({
      data: (chunk, done) => {
        if (chunk.length === 0) return done();
        this.startClock();
        bytes.cork();
        bytes.write(frameHeader(chunk.length));
        bytes.write(chunk, (error) => {
          this.stopClock();
          // A broken pipe is a dying process; its end says why, and settles the job.
          if (!error) done();
        });
        bytes.uncork();
      },
      end: () => {
        bytes.write(frameHeader(FRAME_END));
        this.startClock();
      },
      abort: () => {
        bytes.write(frameHeader(FRAME_ABORT));
        this.startClock();
      },
    });
  }

  /** Ends the process once the file in its hands is done. */
  retire(): void {
    this.retired = true;
    if (this.state !== 'busy') this.process.kill('closed');
  }

  private hear(message: FromChild): void {
    switch (message.type) {
      case 'loaded': {
        const { limits, yara } = this.options;
        const { sources: rules, checked } = this.generation;
        this.process.send({ type: 'init', rules, checked, limits, yara });
        return;
      }
      case 'ready':
        if (this.state !== 'starting') return;
        this.stopClock();
        this.events.loaded(this, message);
        this.free();
        return;
      case 'unusable':
        this.events.unusable(this, message.detail);
        this.process.kill('crash');
        return;
      case 'finding':
        if (this.job?.id === message.job) this.job.job.found(message.finding);
        return;
      case 'done':
        if (this.job?.id !== message.job) return;
        this.release(message.reason, {
          ...(message.detectedType !== undefined && { detectedType: message.detectedType }),
          ...(message.links && {
            links: message.links.map(({ url, shown, path }) => ({ url, path, ...(shown !== undefined && { shown }) })),
          }),
        });
        if (message.retire || this.retired || this.isSpent()) this.process.kill('closed');
        else this.free();
        return;
      default: {
        const never: never = message;
        return never;
      }
    }
  }

  /** Whether it has done its share of files, or keeps so much memory that the next file would pay for it. */
  private isSpent(): boolean {
    if (this.served >= this.options.recycleAfter) return true;
    const resident = this.process.residentBytes();
    return resident !== undefined && resident > this.options.memoryBytes * KEPT_SHARE;
  }

  private free(): void {
    this.state = 'idle';
    this.events.idle(this);
  }

  private release(reason?: UnscannableReason, seen?: Seen): void {
    this.stopClock();
    clearInterval(this.watch);
    const current = this.job;
    this.job = undefined;
    current?.job.finish(reason, seen);
  }

  private ended(end: ChildEnd): void {
    const ready = this.state !== 'starting';
    this.state = 'gone';
    const reasons = {
      memory: 'limit_reached',
      clock: 'timeout',
      crash: 'engine_crashed',
      closed: 'engine_unavailable',
    } as const;
    this.release(reasons[end]);
    this.events.gone(this, ready);
  }

  private checkMemory(): void {
    const resident = this.process.residentBytes();
    if (resident !== undefined && resident > this.options.memoryBytes) this.process.kill('memory');
  }

  private startClock(ms = this.options.limits.wallMs): void {
    if (this.state === 'gone') return;
    clearTimeout(this.clock);
    this.clock = setTimeout(() => this.process.kill('clock'), ms);
  }

  private stopClock(): void {
    clearTimeout(this.clock);
  }
}
