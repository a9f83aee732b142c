import { createGunzip, gunzipSync } from 'node:zlib';
import { isOverLimit } from './inflate';
import type { UnpackBudget, Unpacked } from './unpack';

/** RFC 1952: at least a header of 10 bytes and a trailer of 8. */
const MIN_BYTES = 18;
const CHUNK = 64 * 1024;

/**
 * Opens gzip data that is whole and within bounds, several members one after another included. Undefined for anything
 * else, which 7-Zip judges.
 */
export async function readGzip(data: Uint8Array, budget: UnpackBudget): Promise<Unpacked | undefined> {
  if (data[0] !== 0x1f || data[1] !== 0x8b || data[2] !== 8 || data.length < MIN_BYTES) return undefined;
  const limit = Math.min(budget.memberBytes, budget.totalBytes);
  try {
    const result: unknown = gunzipSync(data, { maxOutputLength: Math.max(1, limit), chunkSize: CHUNK, info: true });
    const { buffer, engine } = result as { buffer: Buffer; engine: { bytesWritten: number } };
    const members = [{ name: storedName(data) ?? 'part', data: buffer }];
    const rest = data.subarray(engine.bytesWritten);
    if (rest.some((byte) => byte !== 0)) members.push({ name: 'bytes outside the entries', data: Buffer.from(rest) });
    return { members, gaps: new Set() };
  } catch (error) {
    if (!isOverLimit(error)) return undefined;
    return { members: [{ name: 'part', data: await beginning(data, limit) }], gaps: new Set(['limit_reached']) };
  }
}

async function beginning(data: Uint8Array, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  const stream = createGunzip({ chunkSize: CHUNK });
  stream.end(data);
  for await (const chunk of stream) {
    const bytes = chunk as Buffer;
    chunks.push(bytes.subarray(0, limit - length));
    length += bytes.length;
    if (length >= limit) break;
  }
  return Buffer.concat(chunks);
}

/** The original name, where the header holds one (flag 8, behind the extra field of flag 4). */
function storedName(data: Uint8Array): string | undefined {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const flags = bytes[3] ?? 0;
  if ((flags & 8) === 0) return undefined;
  const start = (flags & 4) === 0 ? 10 : 12 + bytes.readUInt16LE(10);
  const end = bytes.indexOf(0, start);
  return end > start && end - start < 1_024 ? bytes.toString('utf8', start, end) : undefined;
}
