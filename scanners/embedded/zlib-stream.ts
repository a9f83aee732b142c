import { brotliDecompressSync, constants, inflateRawSync, inflateSync } from 'node:zlib';
import { isOverLimit } from './inflate';
import type { UnpackBudget, Unpacked } from './unpack';

/** What is inflated to see whether a header is one. */
const LOOK_BYTES = 4 * 1024;
/** What inflates to more than this is no stream by chance. */
const MAX_RAW_BYTES = 1024 * 1024;

/** Whether bytes are a zlib stream (RFC 1950): its header has a check of its own, and the beginning inflates. */
export function isZlibStream(data: Uint8Array): boolean {
  const [method = 0, flags = 0] = data;
  if ((method & 15) !== 8 || method >> 4 > 7 || (flags & 32) !== 0 || ((method << 8) | flags) % 31 !== 0) return false;
  return opens(() => inflateSync(data.subarray(0, LOOK_BYTES), { finishFlush: constants.Z_SYNC_FLUSH }));
}

/** Whether bytes are one deflate stream without any header (RFC 1951): it must end where they end. */
export function isRawDeflate(data: Uint8Array): boolean {
  const options = { finishFlush: constants.Z_SYNC_FLUSH };
  if (data.length < 16 || !opens(() => inflateRawSync(data.subarray(0, LOOK_BYTES), options))) return false;
  try {
    const result: unknown = inflateRawSync(data, { maxOutputLength: MAX_RAW_BYTES, info: true });
    const { buffer, engine } = result as { buffer: Buffer; engine: { bytesWritten: number } };
    return buffer.length > 0 && engine.bytesWritten === data.length;
  } catch (error) {
    return isOverLimit(error);
  }
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

type Inflate = (data: Uint8Array, options: { maxOutputLength: number; finishFlush?: number }) => Buffer;

/** How streams are read, and the flush that takes one cut off for whole. */
const STREAMS: Readonly<Record<string, readonly [Inflate, number]>> = {
  'application/zlib': [inflateSync, constants.Z_SYNC_FLUSH],
  'application/x-deflate': [inflateRawSync, constants.Z_SYNC_FLUSH],
  'application/x-brotli': [brotliDecompressSync, constants.BROTLI_OPERATION_FLUSH],
};

/** Opens a zlib, deflate or Brotli stream that was recognised by its type; undefined for everything else. */
export function readStream(data: Uint8Array, mime: string, budget: UnpackBudget): Unpacked | undefined {
  const known = Object.hasOwn(STREAMS, mime) ? STREAMS[mime] : undefined;
  if (!known) return undefined;
  const [inflate, finishFlush] = known;
  const maxOutputLength = Math.max(1, Math.min(budget.memberBytes, budget.totalBytes));
  const part = (flush?: number): Unpacked => ({
    members: [
      { name: 'part', data: inflate(data, { maxOutputLength, ...(flush !== undefined && { finishFlush: flush }) }) },
    ],
    gaps: new Set(flush === undefined ? [] : ['malformed']),
  });
  try {
    return part();
  } catch (error) {
    if (isOverLimit(error)) return { members: [], gaps: new Set(['limit_reached']) };
  }
  // Cut off: what came until then is looked at.
  try {
    return part(finishFlush);
  } catch {
    return { members: [], gaps: new Set(['malformed']) };
  }
}
