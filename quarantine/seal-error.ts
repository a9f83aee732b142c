/** Why the sealed store or the secret box refused. A closed list; docs, logs and console use these strings. */
export const SEAL_ERROR_KINDS = [
  'missing',
  'incomplete',
  'wrong_key',
  'unknown_master_key',
  'tampered',
  'context_mismatch',
  'digest_mismatch',
  'length_mismatch',
  'bad_id',
  'bad_configuration',
  'io',
] as const;
export type SealErrorKind = (typeof SEAL_ERROR_KINDS)[number];

/**
 * The only error of `quarantine/`. The message names no file name, path, key or secret; `cause` may, and is for a
 * debugger, never for a log.
 */
export class SealError extends Error {
  readonly kind: SealErrorKind;

  constructor(kind: SealErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SealError';
    this.kind = kind;
  }
}

/** The system's error code (`ENOSPC`, `ENOENT` …) or `unknown`. */
export function systemCode(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'unknown';
}

/** A failed file operation as a {@link SealError}: kind `missing` for ENOENT, else `io` with the system's code. */
export function fromSystem(error: unknown, doing: string): SealError {
  if (error instanceof SealError) return error;
  const code = systemCode(error);
  if (code === 'ENOENT') return new SealError('missing', `Nothing is there (while ${doing}).`, { cause: error });
  return new SealError('io', `The disk refused (${code}) while ${doing}.`, { cause: error });
}
