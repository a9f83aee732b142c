import type { Readable, Writable } from 'node:stream';
import type { SealErrorKind } from './seal-error';

/** Names one sealed copy. Holds ids and hashes only, so it may go into rows and workflow payloads. */
export interface SealRef {
  organisationId: string;
  /** Of the plain bytes, 64 lower-case hexadecimal digits. */
  sha256: string;
  /** Of the plain bytes. */
  length: number;
  /** Where the store keeps it; path-safe, the same for the same organisation and SHA-256. */
  sealKey: string;
  /** Master key by which it was wrapped when this reference was made. Later rewraps do not invalidate a reference. */
  masterKeyId: string;
}

/** What was written into a sink, known when the sink has finished. */
export interface Sealed {
  sha256: string;
  length: number;
}

/** One file on its way into the store. Exactly one of `commit` and `drop` ends it. */
export interface SealWriter {
  /** Takes the plain bytes; encrypts in one pass. Emits a SealError when the disk refuses. */
  readonly sink: Writable;
  /** SHA-256 and length of what went in; undefined until the sink has finished. */
  written(): Sealed | undefined;
  /**
   * Keeps the file. A second copy of the same bytes in the same organisation is dropped when the first one verifies.
   * @param expected what the caller counted and hashed
   * @throws SealError `incomplete` · `length_mismatch` · `digest_mismatch` · `io`; the file is dropped then
   */
  commit(expected: Sealed): Promise<SealRef>;
  /** Deletes the file and forgets its key: nobody can read it any more. May be called at any time, more than once. */
  drop(): Promise<void>;
}

/** A copy as the store's own records name it, unverified. Without a reference where its key file cannot be read. */
export type ListedSeal =
  { ref: SealRef; problem?: never } | { ref?: never; organisationId: string; sha256: string; problem: SealErrorKind };

/** Keeps originals encrypted and authenticated: organisation, SHA-256 and length belong to the seal. */
export interface SealedStore {
  /** @throws SealError `bad_id` for an organisation id that is no plain id */
  begin(organisationId: string): SealWriter;
  /** Reads the whole copy back and compares. @throws SealError with the kind that tells what is wrong */
  verify(ref: SealRef): Promise<void>;
  /** Plain bytes. Fails before `end` on anything that is not the sealed file: use no byte for good before `end`. */
  open(ref: SealRef): Readable;
  /** Destroys the key, then the bytes. No error where nothing is left. */
  delete(ref: SealRef): Promise<void>;
  /** Whether key and bytes are present; says nothing about their state. */
  has(ref: SealRef): Promise<boolean>;
  /** Wraps the file's key by the current master key; the bytes stay as they are. Returns the new reference. */
  rewrap(ref: SealRef): Promise<SealRef>;
  /** Every sealed copy, of one organisation or of all; unreadable ones too, with the problem. */
  list(organisationId?: string): AsyncIterableIterator<ListedSeal>;
  /** Removes what crashed writers left behind. @returns how many files were removed */
  sweepTemporary(olderThanMs: number): Promise<number>;
}
