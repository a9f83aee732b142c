import { createInflateRaw, inflateRawSync } from 'node:zlib';

/** What a deflate stream gave. `used`: compressed bytes up to its end. */
export interface Inflated {
  data: Buffer;
  used: number;
  over: boolean;
  damaged: boolean;
}

/** Inflates up to `limit` bytes; what came before the limit or the damage is kept. */
export async function inflateUpTo(body: Uint8Array, limit: number, expected: number): Promise<Inflated> {
  const chunkSize = Math.min(Math.max(expected + 1, 1_024), 1024 * 1024);
  try {
    const result: unknown = inflateRawSync(body, { maxOutputLength: Math.max(1, limit), chunkSize, info: true });
    const { buffer, engine } = result as { buffer: Buffer; engine: { bytesWritten: number } };
    return { data: buffer, used: engine.bytesWritten, over: false, damaged: false };
  } catch (error) {
    return partly(body, limit, isOverLimit(error));
  }
}

/** Node's word for output beyond `maxOutputLength`. */
export function isOverLimit(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
}

/** An opener that reads past its bytes or nests too deep met damage; only memory is the process's own trouble. */
export function isOutOfMemory(error: unknown): boolean {
  if (!(error instanceof RangeError)) return false;
  return !('code' in error) && !/call stack/i.test(error.message);
}

async function partly(body: Uint8Array, limit: number, over: boolean): Promise<Inflated> {
  const chunks: Buffer[] = [];
  let length = 0;
  const stream = createInflateRaw({ chunkSize: over ? 256 * 1024 : 4 * 1024 });
  stream.end(body);
  try {
    for await (const chunk of stream) {
      const bytes = chunk as Buffer;
      chunks.push(bytes.subarray(0, limit - length));
      length += bytes.length;
      if (length >= limit) break;
    }
  } catch {
    // What came before the damage is in the chunks.
  }
  return { data: Buffer.concat(chunks), used: body.length, over, damaged: !over };
}
