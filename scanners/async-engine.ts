import type { Readable } from 'node:stream';
import type { EngineReport } from '../domain/inspection';
import type { UnscannableReason } from '../domain/words';
import type { EngineHealth } from './engine';

/** A file whose bytes were read before. `open` gives them again, from the start; an engine that asks by hash never calls it. */
export interface KnownFile {
  /** 64 lower-case hexadecimal digits. */
  sha256: string;
  /** Bytes. */
  length: number;
  /** The sender's word; never sent to an outside engine. */
  fileName: string;
  /** Whether the organisation lets this engine have the bytes. Without it an engine asks by hash only. */
  mayUpload: boolean;
  open(): Promise<Readable>;
}

/** Names a submission. Plain data without secrets: it may wait in a workflow or a table. */
export interface SubmissionHandle {
  engine: string;
  /** The scanner's own name for the submission. */
  id: string;
  sha256: string;
  /** ISO 8601. */
  submittedAt: string;
  /** ISO 8601. After it `fetchResult` gives a report with reason `timeout`. */
  expiresAt: string;
}

/**
 * What an asynchronous engine says. `busy`: nothing was submitted (a quota, a refusal for the moment), to be submitted
 * again. `pending`: ask `fetchResult` again. `trouble` says that the scanner did not answer this time.
 */
export type AsyncAnswer =
  | { state: 'done'; report: EngineReport }
  | { state: 'pending'; handle: SubmissionHandle; retryAfterMs: number; trouble?: UnscannableReason }
  | { state: 'busy'; retryAfterMs: number };

/**
 * An engine that answers later. Nothing is held between the calls: whoever waits waits outside. Both calls end within the
 * engine's own clock and reject only with what the file's own source threw. Findings have an empty path: the file itself.
 * A callback only says that `fetchResult` is worth a call; it carries no verdict.
 */
export interface AsyncEngine {
  readonly name: string;
  /** Longest time from `submit` to the answer, in milliseconds; also the bound for repeating a `busy` one. */
  readonly deadlineMs: number;
  /** False: knows some files by their hash, so it is never required unless an operator says so. */
  readonly looksAtBytes: boolean;
  /** Whether `submit` makes use of a callback address. */
  readonly callback: boolean;
  /**
   * @param callbackUrl holds a single-use token; given only where `callback` is true
   */
  submit(file: KnownFile, callbackUrl?: string): Promise<AsyncAnswer>;
  fetchResult(handle: SubmissionHandle): Promise<AsyncAnswer>;
  health(): Promise<EngineHealth>;
  close(): Promise<void>;
}
