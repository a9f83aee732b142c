import { brotliDecompressSync, constants, inflateSync } from 'node:zlib';
import { isOverLimit } from './inflate';
import type { UnpackBudget, Unpacked } from './unpack';

/** What is inflated to see whether a header is one. */
const LOOK_BYTES = 4 * 1024;

/** Whether bytes are a zlib stream (RFC 1950): its header has a check of its own, and the beginning inflates. */
export function isZlibStream(data: Uint8Array): boolean {
  const [method = 0, flags = 0] = data;
  if ((method & 15) !== 8 || method >> 4 > 7 || (flags & 32) !== 0 || ((method << 8) | flags) % 31 !== 0) return false;
  return opens(() => inflateSync(data.subarray(0, LOOK_BYTES), { finishFlush: constants.Z_SYNC_FLUSH }));
}

/** Whether bytes are Brotli (RFC 7932), which has no mark: only a name that says so makes it worth a try. */
export function isBrotli(data: Uint8Array, name: string): boolean {
  if (!/\.br$/i.test(name)) return false;
  const options = { finishFlush: constants.BROTLI_OPERATION_FLUSH };
  return opens(() => brotliDecompressSync(data.subarray(0, LOOK_BYTES), options));
}

function opens(read: () => Buffer): boolean {
  try {
    return read().length > 0;
  } catch {
    return false;
  }
}

/** Opens a zlib or Brotli stream that was recognised by its type; undefined for everything else. */
export function readStream(data: Uint8Array, mime: string, budget: UnpackBudget): Unpacked | undefined {
  if (mime !== 'application/zlib' && mime !== 'application/x-brotli') return undefined;
  const maxOutputLength = Math.max(1, Math.min(budget.memberBytes, budget.totalBytes));
  const read = (cut: boolean): Buffer =>
    mime === 'application/zlib'
      ? inflateSync(data, { maxOutputLength, ...(cut && { finishFlush: constants.Z_SYNC_FLUSH }) })
      : brotliDecompressSync(data, {
          maxOutputLength,
          ...(cut && { finishFlush: constants.BROTLI_OPERATION_FLUSH }),
        });
  try {
    return { members: [{ name: 'part', data: read(false) }], gaps: new Set() };
  } catch (error) {
    if (isOverLimit(error)) return { members: [], gaps: new Set(['limit_reached']) };
  }
  // Cut off: what came until then is looked at.
  try {
    return { members: [{ name: 'part', data: read(true) }], gaps: new Set(['malformed']) };
  } catch {
    return { members: [], gaps: new Set(['malformed']) };
  }
}
