import { inflateSync } from 'node:zlib';
import type { Container } from './content-type';
import type { Member } from './opener';
import { findHidden, type Hidden } from './web/hidden';
import { longRuns } from './web/runs';
import { hiddenMembers } from './web/script';
import { isZlibStream } from './zlib-stream';

/** Kinds whose own openers look for encoded files, or whose members are looked at one by one. */
const LOOKED_AT: ReadonlySet<Container> = new Set([
  'archive',
  'compound',
  'mail',
  'tnef',
  'cms',
  'calendar',
  'html',
  'script',
  'text',
]);
/** Digits in a row that no program or picture has by chance. */
const MIN_RUN = 64;
const MAX_REGIONS = 50;
const MAX_REGION = 16 * 1024 * 1024;
const MAX_STREAMS = 32;
const MAX_STREAM_BYTES = 16 * 1024 * 1024;

/**
 * Files that stand encoded in content which is no text: base64 and hexadecimal in comments of pictures, documents and
 * programs, and zlib streams (colour profiles, fonts, what programs keep packed). The first of each, within bounds.
 */
export function hiddenInside(data: Uint8Array, container: Container): Member[] {
  if (LOOKED_AT.has(container)) return [];
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const members = hiddenMembers(findHidden(digitRuns(bytes), '').filter(isFile));
  return container === 'none' || container === 'image' ? [...members, ...zlibStreams(bytes)] : members;
}

const isFile = ({ kind }: Hidden): boolean => kind !== 'image' && kind !== 'other';

/** Runs of digits among any bytes. Looks from each window's end, so that most bytes are passed over. */
function digitRuns(bytes: Buffer): string[] {
  const found: string[] = [];
  let regions = 0;
  for (let at = 0; at + MIN_RUN <= bytes.length && regions < MAX_REGIONS;) {
    let back = at + MIN_RUN - 1;
    while (back >= at && isDigit(bytes[back])) back -= 1;
    if (back >= at) {
      at = back + 1;
      continue;
    }
    let end = at + MIN_RUN;
    while (end < bytes.length && end - at < MAX_REGION && isDigitOrBreak(bytes[end])) end += 1;
    found.push(...longRuns(bytes.toString('latin1', at, end), MIN_RUN));
    regions += 1;
    at = end;
  }
  return found;
}

const isDigit = (byte = 0): boolean =>
  (byte >= 0x61 && byte <= 0x7a) ||
  (byte >= 0x41 && byte <= 0x5a) ||
  (byte >= 0x30 && byte <= 0x39) ||
  byte === 0x2b ||
  byte === 0x2f ||
  byte === 0x2d ||
  byte === 0x5f;
const isDigitOrBreak = (byte = 0): boolean =>
  isDigit(byte) || byte === 0x3d || byte === 0x0a || byte === 0x0d || byte === 0x20 || byte === 0x09;

/** Whole streams with the sum at their end; the pixels of a PNG picture are none. */
function zlibStreams(bytes: Buffer): Member[] {
  const members: Member[] = [];
  let left = MAX_STREAM_BYTES;
  for (let at = bytes.indexOf(0x78); at >= 0 && members.length < MAX_STREAMS; at = bytes.indexOf(0x78, at + 1)) {
    if (!isZlibStream(bytes.subarray(at)) || /IDAT|fdAT/.test(bytes.toString('latin1', at - 8, at))) continue;
    const stream = wholeStream(bytes.subarray(at), left);
    if (!stream) continue;
    left -= stream.data.length;
    members.push({ name: `stream-${members.length + 1}.bin`, data: stream.data });
    at += stream.used - 1;
  }
  return members;
}

function wholeStream(bytes: Buffer, limit: number): { data: Buffer; used: number } | undefined {
  try {
    const result: unknown = inflateSync(bytes, { maxOutputLength: Math.max(1, limit), info: true });
    const { buffer, engine } = result as { buffer: Buffer; engine: { bytesWritten: number } };
    return buffer.length > 0 ? { data: buffer, used: engine.bytesWritten } : undefined;
  } catch {
    return undefined;
  }
}
