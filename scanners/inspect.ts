import { createHash } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { EngineReport } from '../domain/inspection';
import type { UnscannableReason } from '../domain/words';
import { failedReport, type Engine, type EngineSession, type ScanTarget } from './engine';

/** What one pass over a file gave: SHA-256 (lower-case hex) and length (bytes) of what was read, one report per engine. */
export interface Inspection {
  sha256: string;
  length: number;
  reports: EngineReport[];
}

/** Backstops behind the engines' own clocks, in milliseconds: one chunk not taken, no report after the last byte. */
export interface InspectLimits {
  stallMs: number;
  reportMs: number;
}

const DEFAULT_LIMITS: InspectLimits = { stallMs: 60_000, reportMs: 60_000 };

/**
 * Streams a file once into its SHA-256, the extra sinks (the seal) and all engines, with back-pressure and without
 * collecting it. An engine that fails or stalls loses its place and becomes a report; nobody else is affected.
 * @param extraSinks ended by this function after the last byte, destroyed when the inspection fails
 * @throws when the source, an extra sink or the signal fails: then nothing is known about the file
 */
export async function inspect(
  engines: readonly Engine[],
  target: ScanTarget,
  source: Readable,
  extraSinks: readonly Writable[],
  signal?: AbortSignal,
  limits: Partial<InspectLimits> = {},
): Promise<Inspection> {
  const { stallMs, reportMs } = { ...DEFAULT_LIMITS, ...limits };
  const outlets = extraSinks.map((sink) => new Outlet(sink));
  const lanes = engines.map((engine) => new EngineLane(engine, target, signal));
  const hash = createHash('sha256');
  let length = 0;
  const give = async (chunk: Buffer): Promise<void> => {
    await Promise.all([
      ...outlets.map((outlet) => outlet.write(chunk)),
      ...lanes.map((lane) => lane.write(chunk, stallMs)),
    ]);
  };
  const abort = (): void => void source.destroy(abortError(signal));
  signal?.addEventListener('abort', abort, { once: true });
  try {
    signal?.throwIfAborted();
    for await (const chunk of source) {
      const bytes = asBuffer(chunk);
      hash.update(bytes);
      length += bytes.length;
      await orAborted(give(bytes), signal);
    }
    signal?.throwIfAborted();
    const sealed = Promise.all(outlets.map((outlet) => outlet.end()));
    const reports = Promise.all(lanes.map((lane) => lane.finish(stallMs, reportMs)));
    const [, answers] = await orAborted(Promise.all([sealed, reports]), signal);
    return { sha256: hash.digest('hex'), length, reports: answers };
  } catch (error) {
    const cause = error instanceof Error ? error : new Error('inspection failed');
    source.destroy();
    for (const outlet of outlets) outlet.destroy(cause);
    for (const lane of lanes) lane.drop();
    throw cause;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

function asBuffer(chunk: unknown): Buffer {
  if (Buffer.isBuffer(chunk)) return chunk;
  if (chunk instanceof Uint8Array) return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  throw new TypeError('inspect expects a source of bytes, not of text or objects');
}

function abortError(signal: AbortSignal | undefined): Error {
  return signal?.reason instanceof Error ? signal.reason : new Error('inspection aborted');
}

async function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(abortError(signal));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** A writable whose failure is seen even while nobody waits for it. */
class Outlet {
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
class EngineLane {
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

async function within<T>(work: Promise<T>, ms: number): Promise<T | 'late'> {
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
