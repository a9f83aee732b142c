import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { EngineReport } from '../domain/inspection';
import type { UnscannableReason } from '../domain/words';
import { failedReport, type Engine, type EngineSession, type ScanTarget } from './engine';

/** A writable whose failure is seen even while nobody waits for it. */
export class Outlet {
  private readonly sink: Writable;
  private readonly done: Promise<void>;

  constructor(sink: Writable) {
    this.sink = sink;
    this.done = finished(sink, { readable: false });
    this.done.catch(() => undefined);
    // A late error of a destroyed sink must not become an uncaught exception.
    sink.on('error', () => undefined);
  }

  async write(chunk: Buffer): Promise<void> {
    let stop = (): void => undefined;
    const taken = new Promise<void>((resolve, reject) => {
      stop = () => reject(new Error('sink closed before the end'));
      this.sink.once('close', stop);
      if (this.sink.destroyed) stop();
      else this.sink.write(chunk, (error) => (error ? reject(error) : resolve()));
    });
    const failed = this.done.then(() => {
      throw new Error('sink finished before the end');
    });
    failed.catch(() => undefined);
    try {
      await Promise.race([taken, failed]);
    } finally {
      this.sink.off('close', stop);
    }
  }

  async end(): Promise<void> {
    this.sink.end();
    await this.done;
  }

  destroy(cause?: Error): void {
    this.sink.destroy(cause);
  }
}

/** One engine's share of a pass. After a failure it takes nothing more and keeps its failed report. */
export class EngineLane {
  private readonly engine: Engine;
  private readonly session: EngineSession | undefined;
  private readonly outlet: Outlet | undefined;
  private readonly started = performance.now();
  private failure: UnscannableReason | undefined;

  constructor(engine: Engine, target: ScanTarget, signal: AbortSignal | undefined) {
    this.engine = engine;
    try {
      this.session = engine.open(target, signal);
      this.outlet = new Outlet(this.session.sink);
      this.session.report.catch(() => undefined);
    } catch {
      this.failure = 'engine_unavailable';
    }
  }

  /** Queues for a place, at once; resolves when the lane takes bytes, or never will. */
  async enter(): Promise<void> {
    try {
      await this.session?.enter?.();
    } catch {
      this.fail('engine_unavailable');
    }
  }

  async write(chunk: Buffer, stallMs: number): Promise<void> {
    if (this.failure || !this.outlet) return;
    try {
      if ((await within(this.outlet.write(chunk), stallMs)) === 'late') this.fail('timeout');
    } catch {
      this.fail('engine_unavailable');
    }
  }

  async finish(stallMs: number, reportMs: number): Promise<EngineReport> {
    if (!this.session || !this.outlet) return this.failed('engine_unavailable');
    if (!this.failure) {
      const ended = within(this.outlet.end(), stallMs).catch(() => this.fail('engine_unavailable'));
      if ((await ended) === 'late') this.fail('timeout');
    }
    const failure = this.failure;
    // A broken sink often has its reason in the report; an honest engine settles it at once.
    const answer = await within(this.session.report, failure ? 1_000 : reportMs).catch(() => 'broken' as const);
    if (answer === 'late' || answer === 'broken') {
      this.outlet.destroy();
      return this.failed(failure ?? (answer === 'late' ? 'timeout' : 'engine_unavailable'));
    }
    // An engine that did not take every byte cannot vouch for the file.
    if (failure && answer.result === 'clean') return this.failed(failure);
    return answer;
  }

  drop(): void {
    this.outlet?.destroy();
  }

  private fail(reason: UnscannableReason): void {
    this.failure ??= reason;
    this.outlet?.destroy();
  }

  private failed(reason: UnscannableReason): EngineReport {
    return failedReport(this.engine.name, reason, { ms: Math.round(performance.now() - this.started) });
  }
}

/** Resolves with `late` when the work takes longer than so many milliseconds. The work itself goes on. */
export async function within<T>(work: Promise<T>, ms: number): Promise<T | 'late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, ms, 'late');
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
