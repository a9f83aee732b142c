import { Writable } from 'node:stream';
import type { EngineReport } from '../domain/inspection';
import type { UnscannableReason } from '../domain/words';
import { cutMiddle } from '../domain/text';
import type { EngineSession, ScanTarget } from './engine';
import type { Turnstile } from './turnstile';

/** What every session of a daemon behind a socket needs to know. */
export interface StreamContext {
  name: string;
  /** Longest wait for a connection, for one chunk to be taken, and for the answer. */
  timeoutMs: number;
  /** More bytes than this are `too_large`. */
  maxBytes: number;
  versions(): Pick<EngineReport, 'engine' | 'engineVersion' | 'rulesVersion'>;
}

/** What a session found out. */
export type Outcome = Pick<EngineReport, 'result' | 'findings'> & { reason?: UnscannableReason };

/**
 * The life of one file at an engine behind a socket: a place in its queue, bytes with back-pressure, a clock, one report.
 * A subclass sends and listens; it ends the session by `finish` or `fail`, and whatever it throws while sending is a failure.
 */
export abstract class StreamSession {
  readonly session: EngineSession;
  protected readonly path: string[];
  protected settled = false;
  /** The last byte was given to us; set before the end is sent. */
  protected allSent = false;
  /** Bytes so far. */
  protected length = 0;
  private readonly base: StreamContext;
  private readonly started = performance.now();
  private readonly queue: Turnstile;
  private place: Promise<() => void> | undefined;
  private placeUsed = false;
  private settle: (report: EngineReport) => void = () => undefined;
  private clock: NodeJS.Timeout | undefined;

  constructor(context: StreamContext, queue: Turnstile, target: ScanTarget, signal: AbortSignal | undefined) {
    this.base = context;
    this.path = [cutMiddle(target.fileName, 255)];
    this.queue = queue;
    const report = new Promise<EngineReport>((resolve) => (this.settle = resolve));
    const sink = this.createSink();
    this.session = { sink, report, enter: () => this.enter() };
    const onAbort = (): void => void sink.destroy();
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
    void report.then(() => signal?.removeEventListener('abort', onAbort));
  }

  /** Sends one piece; resolves when the next one may come. */
  protected abstract transmit(chunk: Buffer): Promise<void>;
  /** Sends the end of the file. */
  protected abstract transmitEnd(): Promise<void>;
  /** Called once, when the report is decided: frees the connection. */
  protected abstract dispose(): void;

  /** Waits for our turn, which is kept until the report. @throws when nobody waits for it any more */
  protected async ourTurn(): Promise<void> {
    const leave = await this.takePlace();
    if (this.settled) {
      leave();
      throw new Error('given up while waiting');
    }
    this.placeUsed = true;
    void this.session.report.then(leave);
  }

  /** Runs a step of sending under the clock, or ends with the report. */
  protected async underClock(step: Promise<void>): Promise<void> {
    if (this.settled) return;
    this.startClock();
    await Promise.race([step, this.session.report]);
    this.stopClock();
  }

  protected startClock(): void {
    clearTimeout(this.clock);
    if (!this.settled) this.clock = setTimeout(() => this.fail('timeout'), this.base.timeoutMs);
  }

  protected stopClock(): void {
    clearTimeout(this.clock);
  }

  protected fail(reason: UnscannableReason): void {
    this.finish({ result: 'error', reason, findings: [] });
  }

  protected finish(outcome: Outcome, versions = this.base.versions()): void {
    if (this.settled) return;
    this.settled = true;
    this.stopClock();
    this.dispose();
    // A place that was never used goes to the next in line when our turn comes.
    const release = (leave: () => void): void => leave();
    if (!this.placeUsed) void this.place?.then(release, () => undefined);
    this.settle({ ...versions, ...outcome, ms: Math.round(performance.now() - this.started) });
  }

  /** Resolves when it is our turn, or when there is nothing to wait for any more. */
  private async enter(): Promise<void> {
    if (this.settled) return;
    // `takePlace` turns a refused place into this session's report.
    await Promise.race([this.takePlace(), this.session.report]).catch(() => undefined);
  }

  private takePlace(): Promise<() => void> {
    if (!this.place) {
      this.place = this.queue.enter();
      this.place.catch(() => this.fail('engine_unavailable'));
    }
    return this.place;
  }

  private createSink(): Writable {
    const sink = new Writable({
      highWaterMark: 1,
      write: (chunk: Buffer, _encoding, done) => void this.take(chunk).then(() => done()),
      final: (done) => void this.takeEnd().then(() => done()),
      destroy: (error, done) => {
        if (!this.allSent) this.fail('engine_unavailable');
        done(error);
      },
    });
    sink.on('error', () => undefined);
    return sink;
  }

  /** After an early answer (a limit, a lost daemon) the rest of the file passes by unsent. */
  private async take(chunk: Buffer): Promise<void> {
    if (this.settled || chunk.length === 0) return;
    this.length += chunk.length;
    if (this.length > this.base.maxBytes) return this.finish(unscannable('too_large'));
    await this.transmit(chunk).catch(() => this.fail('engine_unavailable'));
  }

  private async takeEnd(): Promise<void> {
    this.allSent = true;
    if (this.settled) return;
    await this.transmitEnd().catch(() => this.fail('engine_unavailable'));
    this.startClock();
  }
}

export function unscannable(reason: UnscannableReason): Outcome {
  return { result: 'unscannable', reason, findings: [] };
}
