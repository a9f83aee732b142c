import { KeptMembers } from './kept-members';
import type { UnpackBudget, Unpacked } from './unpack';

/** `LZIP`, version, size of the dictionary; at the end CRC-32, size of the data and size of the member (lzip manual, 7). */
const HEADER = 6;
const TRAILER = 20;
/** No member of more bytes comes out, whatever its dictionary. */
const MAX_DICTIONARY = 32 * 1024 * 1024;

/**
 * Gives each member of an lzip file as the older LZMA file that 7-Zip opens: the same stream behind another header.
 * Undefined for anything else.
 */
export function readLzip(data: Uint8Array, budget: UnpackBudget): Unpacked | undefined {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (bytes.toString('latin1', 0, 4) !== 'LZIP') return undefined;
  const kept = new KeptMembers(budget);
  const starts = memberStarts(bytes);
  if (starts.length === 0) kept.gaps.add('malformed');
  for (const [index, start] of starts.entries()) {
    kept.take('part.lzma', asLzma(bytes.subarray(start, starts[index + 1] ?? bytes.length)));
  }
  return kept;
}

/** From the end, where each member tells its size; in a damaged file from its first member on. */
function memberStarts(bytes: Buffer): number[] {
  const starts: number[] = [];
  for (let end = bytes.length; end > 0;) {
    const size = end >= HEADER + TRAILER ? Number(bytes.readBigUInt64LE(end - 8)) : 0;
    const start = end - size;
    if (size < HEADER + TRAILER || start < 0 || bytes.toString('latin1', start, start + 4) !== 'LZIP') return [0];
    starts.unshift(start);
    end = start;
  }
  return starts;
}

/** The size is said to be unknown: the stream has a mark at its end. */
function asLzma(member: Buffer): Buffer {
  const coded = member[5] ?? 0;
  const header = Buffer.alloc(13, 0xff);
  header[0] = 0x5d;
  // LZMA files have a power of two here; a larger dictionary reads the same stream.
  header.writeUInt32LE(Math.min(2 ** (coded & 0x1f), MAX_DICTIONARY), 1);
  return Buffer.concat([header, member.subarray(HEADER, Math.max(HEADER, member.length - TRAILER))]);
}
