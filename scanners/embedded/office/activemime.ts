import { inflateSync } from 'node:zlib';
import type { Opened, OpenContext } from '../opener';

const MAX_TRIES = 32;

/**
 * Opens `editdata.mso` and `oledata.mso`: a compound file, compressed behind a header whose length differs. The usual
 * places come first, then every byte that may begin such data.
 */
export function openActiveMime(data: Uint8Array, { budget }: OpenContext): Opened {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const limit = Math.min(budget.memberBytes, budget.totalBytes);
  for (const at of starts(bytes)) {
    try {
      const inner = inflateSync(bytes.subarray(at), { maxOutputLength: limit, finishFlush: 2 });
      if (inner.length > 8) return { members: [{ name: 'oledata', data: inner }], gaps: new Set() };
    } catch (error) {
      if (error instanceof RangeError) return { members: [], gaps: new Set(['limit_reached']) };
    }
  }
  return { members: [], gaps: new Set(['malformed']) };
}

function starts(bytes: Buffer): number[] {
  const told = bytes.length > 0x20 ? [bytes.readUInt16LE(0x1e) + 46] : [];
  const places = [...told, 0x32, 0x22a];
  for (let at = bytes.indexOf(0x78, 12); at >= 0 && places.length < MAX_TRIES; at = bytes.indexOf(0x78, at + 1)) {
    if (at + 1 < bytes.length && bytes.readUInt16BE(at) % 31 === 0) places.push(at);
  }
  return places.filter((at) => at + 2 < bytes.length && bytes[at] === 0x78);
}
