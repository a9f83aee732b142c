import type { Writable } from 'node:stream';
import type { EngineReport } from '../domain/inspection';
import type { UnscannableReason } from '../domain/words';

/** What is known about a file before its bytes arrive. Names and types are the sender's words and may lie. */
export interface ScanTarget {
  fileName: string;
  declaredType?: string;
  /** Bytes. */
  declaredSize?: number;
  /** Candidates for encrypted containers, in memory only. Engines try at most eight. */
  passwords?: readonly string[];
  /** The ticket's conversation, where passwords may stand. In memory only: never logged, stored or shown. */
  text?: string;
}

/**
 * One inspection of one file by one engine. Bytes go into `sink`; destroying it gives the inspection up.
 * `report` never rejects: whatever fails is a report with result `error` or `unscannable`.
 */
export interface EngineSession {
  sink: Writable;
  report: Promise<EngineReport>;
  /**
   * Queues for a place, at once and once; resolves when the place is ours or the report is settled, never rejects. Bytes
   * or the end given without it queue by themselves. An engine without a queue leaves it out.
   */
  enter?(): Promise<void>;
}

/** No engine had a place for the file in time. Nothing is known about it: to be tried again, never to be judged by. */
export class EngineBusy extends Error {
  override readonly name = 'EngineBusy';
}

/** The source kept engines waiting for bytes. Nothing is known about the file: to be fetched again. */
export class SourceStalled extends Error {
  override readonly name = 'SourceStalled';
}

/** Whether an engine can answer now. `detail` is one sentence for the operator, without secrets. */
export interface EngineHealth {
  engine: string;
  ok: boolean;
  detail: string;
  engineVersion: string;
  rulesVersion: string;
  /** Of engines behind a circuit breaker: `open` answers with errors at once, `half-open` tries one file. */
  breaker?: BreakerState;
  /** Of engines behind a circuit breaker, since this process started. */
  counts?: EngineCounts;
}

export const BREAKER_STATES = ['closed', 'open', 'half-open'] as const;
export type BreakerState = (typeof BREAKER_STATES)[number];

/** How an engine did. `refused` were not asked because the breaker was open; times are ISO 8601. */
export interface EngineCounts {
  answered: number;
  failed: number;
  refused: number;
  lastAnswerAt?: string;
  lastFailureAt?: string;
}

/**
 * An engine. `open` returns at once and takes nothing; a place is queued for by `enter`. Whoever needs several engines
 * calls their `enter` in one go: every queue then holds the inspections in the same order, so that two of them never
 * wait for one another. `close` frees processes and sockets.
 */
export interface Engine {
  readonly name: string;
  open(target: ScanTarget, signal?: AbortSignal): EngineSession;
  health(): Promise<EngineHealth>;
  close(): Promise<void>;
}

/** A report without an answer. Unknown is never clean. */
export function failedReport(
  engine: string,
  reason: UnscannableReason,
  details: Partial<Omit<EngineReport, 'engine' | 'reason'>> = {},
): EngineReport {
  return { engine, engineVersion: '', rulesVersion: '', result: 'error', reason, findings: [], ms: 0, ...details };
}
