import { createHash } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import type { EngineReport } from '../domain/inspection';
import { EngineBusy, SourceStalled, type Engine, type ScanTarget } from './engine';
import { EngineLane, Outlet, within } from './lanes';

/** What one pass over a file gave: SHA-256 (lower-case hex) and length (bytes) of what was read, one report per engine. */
export interface Inspection {
  sha256: string;
  length: number;
  reports: EngineReport[];
}

/**
 * Backstops behind the engines' own clocks, in milliseconds: `stallMs` one chunk not taken by an engine that took the
 * file, `reportMs` no report after the last byte, `placeMs` no place in an engine, `sourceStallMs` no bytes from the
 * source, `sourceMs` time spent waiting for the source, in all, while engines' places are held.
 */
export interface InspectLimits {
  stallMs: number;
  reportMs: number;
  placeMs: number;
  sourceStallMs: number;
  sourceMs: number;
}

/** `sourceStallMs` is below clamd's ReadTimeout of 30 s, which would blame the file. */
const DEFAULT_LIMITS: InspectLimits = {
  stallMs: 60_000,
  reportMs: 60_000,
  placeMs: 60_000,
  sourceStallMs: 20_000,
  sourceMs: 180_000,
};

/** A source that breaks after so long in the queue may have broken because nobody read it. */
const LONG_WAIT_MS = 1_000;

/**
 * Streams a file once into its SHA-256, the extra sinks (the seal) and all engines, with back-pressure and without
 * collecting it. Engines' places are queued for when the first bytes are there, all in one go, and given back when the
 * source stalls. An engine that fails or stalls loses its place and becomes a report; nobody else is affected.
 * @param extraSinks ended by this function after the last byte, destroyed when the inspection fails
 * @throws when the source, an extra sink or the signal fails: then nothing is known about the file. {@link EngineBusy}
 * when an engine had no place in time, {@link SourceStalled} when the source kept the places too long
 */
export async function inspect(
  engines: readonly Engine[],
  target: ScanTarget,
  source: Readable,
  extraSinks: readonly Writable[],
  signal?: AbortSignal,
  limits: Partial<InspectLimits> = {},
): Promise<Inspection> {
  const outlets = extraSinks.map((sink) => new Outlet(sink));
  const lanes = engines.map((engine) => new EngineLane(engine, target, signal));
  const abort = (): void => void source.destroy(abortError(signal));
  signal?.addEventListener('abort', abort, { once: true });
  try {
    signal?.throwIfAborted();
    return await pass(source, outlets, lanes, signal, { ...DEFAULT_LIMITS, ...limits });
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

async function pass(
  source: Readable,
  outlets: readonly Outlet[],
  lanes: readonly EngineLane[],
  signal: AbortSignal | undefined,
  limits: InspectLimits,
): Promise<Inspection> {
  const { stallMs, reportMs } = limits;
  const hash = createHash('sha256');
  let length = 0;
  for await (const bytes of placed(source, lanes, signal, limits)) {
    hash.update(bytes);
    length += bytes.length;
    const taken = [...outlets.map((outlet) => outlet.write(bytes)), ...lanes.map((lane) => lane.write(bytes, stallMs))];
    await orAborted(Promise.all(taken), signal);
  }
  signal?.throwIfAborted();
  const sealed = Promise.all(outlets.map((outlet) => outlet.end()));
  const reports = Promise.all(lanes.map((lane) => lane.finish(stallMs, reportMs)));
  const [, answers] = await orAborted(Promise.all([sealed, reports]), signal);
  return { sha256: hash.digest('hex'), length, reports: answers };
}

/** The source's bytes; between the first of them (or the end of an empty file) and the taker stand the engines' queues. */
async function* placed(
  source: Readable,
  lanes: readonly EngineLane[],
  signal: AbortSignal | undefined,
  limits: InspectLimits,
): AsyncGenerator<Buffer> {
  const chunks: AsyncIterator<unknown> = source[Symbol.asyncIterator]();
  let queuedMs: number | undefined;
  let leftMs = limits.sourceMs;
  for (;;) {
    const asked = performance.now();
    const next = await within(chunks.next(), Math.min(limits.sourceStallMs, leftMs)).catch((error: unknown) => {
      throw (queuedMs ?? 0) > LONG_WAIT_MS && !signal?.aborted ? new EngineBusy(BUSY, { cause: error }) : error;
    });
    if (next === 'late') throw new SourceStalled('the source kept the engines waiting for bytes');
    if (queuedMs === undefined) queuedMs = await takePlaces(lanes, signal, limits.placeMs);
    else leftMs -= performance.now() - asked;
    if (next.done) return;
    yield asBuffer(next.value);
  }
}

const BUSY = 'every place in an engine is taken';

/** @returns milliseconds spent in the queue */
async function takePlaces(
  lanes: readonly EngineLane[],
  signal: AbortSignal | undefined,
  placeMs: number,
): Promise<number> {
  const started = performance.now();
  // One go: all queues hold the inspections in the same order.
  const all = Promise.all(lanes.map((lane) => lane.enter()));
  if ((await orAborted(within(all, placeMs), signal)) === 'late') throw new EngineBusy(BUSY);
  return performance.now() - started;
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
