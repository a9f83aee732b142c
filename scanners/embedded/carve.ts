import { crc32, inflateRawSync } from 'node:zlib';
import { isLzmaAlone } from './signatures';
import { isZlibStream } from './zlib-stream';

/** Bytes of an archive inside other bytes. `sure`: its structure was checked, so that not opening it is a gap. */
export interface Carved {
  start: number;
  end: number;
  sure: boolean;
}

const MAX_CARVED = 64;
/** A workbook has a zip for each of its drawings: beyond this many the first member that is left leads to the rest. */
const MAX_DIRECTORIES = 24;
/** Every member of a zip without directory is a candidate; the first one opens the rest, the second is for good measure. */
const MAX_MEMBERS = 2;

/**
 * Finds archives that stand in or behind other content, as unpackers and operating systems do. Every candidate is
 * checked by its own headers, so that pictures, fonts and texts are none by chance. `more`: there are further ones.
 */
export function findArchives(data: Uint8Array): { found: Carved[]; more: boolean } {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const found: Carved[] = [];
  const inside = (at: number): boolean => found.some(({ start, end, sure }) => sure && at >= start && at < end);
  for (const { signature, check, most = MAX_CARVED } of KINDS) {
    let taken = 0;
    for (let at = bytes.indexOf(signature); at >= 0 && taken < most; at = bytes.indexOf(signature, at + 1)) {
      const carved = check(bytes, at);
      if (!carved || (!carved.sure && inside(at))) continue;
      if (found.length >= MAX_CARVED) return { found, more: true };
      found.push(carved);
      taken += 1;
    }
  }
  return { found, more: false };
}

type Check = (bytes: Buffer, at: number) => Carved | undefined;

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const MEMBER = hex('504b0304');

/** Directories first: they say where their zip begins, so that its members' headers are no candidates of their own. */
const KINDS: readonly { signature: Buffer; check: Check; most?: number }[] = [
  { signature: hex('504b0506'), check: zipByDirectory, most: MAX_DIRECTORIES },
  { signature: MEMBER, check: zipByMember, most: MAX_MEMBERS },
  { signature: hex('377abcaf271c'), check: sevenZip },
  { signature: hex('526172211a0700'), check: rar4 },
  { signature: hex('526172211a070100'), check: rar5 },
  { signature: hex('1f8b08'), check: gzip },
  { signature: hex('fd377a585a00'), check: xz },
  { signature: hex('314159265359'), check: bzip2 },
  { signature: hex('4d53434600000000'), check: cabinet },
  { signature: hex('68737173'), check: squash },
  { signature: Buffer.from('-lh'), check: lha },
  { signature: hex('1f9d90'), check: compress, most: MAX_MEMBERS },
  { signature: hex('5d0000'), check: lzmaAlone },
  { signature: Buffer.from('LZIP\x01'), check: (bytes, at) => toEnd(bytes, at, false) },
  { signature: Buffer.from('zTXt'), check: pictureText },
  { signature: Buffer.from('iTXt'), check: pictureText },
  { signature: Buffer.from('CWS'), check: film },
];

const toEnd = (bytes: Buffer, start: number, sure = true): Carved => ({ start, end: bytes.length, sure });

/** End of central directory (APPNOTE 4.3.16): the directory stands before it and begins with an entry. */
function zipByDirectory(bytes: Buffer, at: number): Carved | undefined {
  if (at + 22 > bytes.length) return undefined;
  const [size, offset] = [bytes.readUInt32LE(at + 12), bytes.readUInt32LE(at + 16)];
  const directory = at - size;
  if (directory < 0 || size < 46 || bytes.readUInt32LE(directory) !== 0x0201_4b50) return undefined;
  const end = Math.min(bytes.length, at + 22 + bytes.readUInt16LE(at + 20));
  // Offsets count from the zip's beginning, or from the file's where a tool corrected them.
  const base = Math.max(0, directory - offset);
  const member = base + bytes.readUInt32LE(directory + 42);
  const start = bytes.indexOf(MEMBER, startsAt(bytes, member) ? base : 0);
  return start < 0 || start > directory ? undefined : { start, end, sure: startsAt(bytes, member) };
}

function startsAt(bytes: Buffer, at: number): boolean {
  return at + 4 <= bytes.length && bytes.readUInt32BE(at) === 0x504b_0304;
}

/** A local header that could be one (APPNOTE 4.3.7): its zip lost its directory, or hides it. */
function zipByMember(bytes: Buffer, at: number): Carved | undefined {
  if (at + 30 > bytes.length) return undefined;
  const [version, method] = [bytes.readUInt16LE(at + 4), bytes.readUInt16LE(at + 8)];
  const name = bytes.readUInt16LE(at + 26);
  const plausible =
    (version & 0xff) <= 63 && method <= 99 && name > 0 && name <= 1_024 && at + 30 + name <= bytes.length;
  return plausible ? toEnd(bytes, at, false) : undefined;
}

/** The start header carries its own checksum (7zFormat.txt). */
function sevenZip(bytes: Buffer, at: number): Carved | undefined {
  if (at + 32 > bytes.length || crc32(bytes.subarray(at + 12, at + 32)) !== bytes.readUInt32LE(at + 8))
    return undefined;
  const end = at + 32 + Number(bytes.readBigUInt64LE(at + 12)) + Number(bytes.readBigUInt64LE(at + 20));
  return { start: at, end: Math.min(bytes.length, end), sure: true };
}

/** The first block is the archive header, 13 bytes, with the low half of a CRC-32. */
function rar4(bytes: Buffer, at: number): Carved | undefined {
  const header = bytes.subarray(at + 7, at + 20);
  if (header.length < 13 || header[2] !== 0x73) return undefined;
  return (crc32(header.subarray(2)) & 0xffff) === header.readUInt16LE(0) ? toEnd(bytes, at) : undefined;
}

/** The first header: CRC-32, then its size as a number of up to three bytes. */
function rar5(bytes: Buffer, at: number): Carved | undefined {
  if (at + 16 > bytes.length) return undefined;
  let [size, length] = [0, 0];
  for (; length < 3; length += 1) {
    const byte = bytes[at + 12 + length] ?? 0;
    size |= (byte & 0x7f) << (7 * length);
    if (byte < 0x80) break;
  }
  const header = bytes.subarray(at + 12, at + 13 + length + size);
  return crc32(header) === bytes.readUInt32LE(at + 8) ? toEnd(bytes, at) : undefined;
}

/** Only what begins to inflate is taken for gzip: three bytes stand anywhere. */
function gzip(bytes: Buffer, at: number): Carved | undefined {
  const flags = bytes[at + 3] ?? 0xff;
  if ((flags & 0xe0) !== 0 || at + 18 > bytes.length) return undefined;
  let from = at + 10;
  if (flags & 4) from += 2 + bytes.readUInt16LE(from);
  for (const flag of [8, 16]) {
    if (!(flags & flag)) continue;
    const end = bytes.subarray(from, from + 1_024).indexOf(0);
    if (end < 0) return undefined;
    from += end + 1;
  }
  if (flags & 2) from += 2;
  try {
    inflateRawSync(bytes.subarray(from), { maxOutputLength: 64 * 1024, finishFlush: 2 });
  } catch (error) {
    if (!(error instanceof RangeError)) return undefined;
  }
  return toEnd(bytes, at, false);
}

function xz(bytes: Buffer, at: number): Carved | undefined {
  if (at + 12 > bytes.length || crc32(bytes.subarray(at + 6, at + 8)) !== bytes.readUInt32LE(at + 8)) return undefined;
  return toEnd(bytes, at);
}

/** The mark of the first block stands behind `BZh1` to `BZh9`. */
function bzip2(bytes: Buffer, at: number): Carved | undefined {
  return /^BZh[1-9]$/.test(bytes.toString('latin1', at - 4, at)) ? toEnd(bytes, at - 4, false) : undefined;
}

function cabinet(bytes: Buffer, at: number): Carved | undefined {
  if (at + 36 > bytes.length || bytes.readUInt16LE(at + 24) !== 0x0103) return undefined;
  return { start: at, end: Math.min(bytes.length, at + bytes.readUInt32LE(at + 8)), sure: false };
}

/** Version 4.0 with a block size that is the power of two it is said to be (SquashFS 4.0, superblock). */
function squash(bytes: Buffer, at: number): Carved | undefined {
  if (at + 96 > bytes.length || bytes.readUInt32LE(at + 28) !== 4) return undefined;
  return bytes.readUInt32LE(at + 12) === 2 ** bytes.readUInt16LE(at + 22) ? toEnd(bytes, at, false) : undefined;
}

/** Headers of level 0 and 1 have a sum of their bytes before the method; that of level 2 tells its level alone. */
function lha(bytes: Buffer, at: number): Carved | undefined {
  const start = at - 2;
  if (start < 0 || at + 22 > bytes.length || !/^-lh[0-7]-$/.test(bytes.toString('latin1', at, at + 5)))
    return undefined;
  const level = bytes[start + 20] ?? 0xff;
  if (level === 2) return toEnd(bytes, start, false);
  const head = bytes.subarray(at, at + (bytes[start] ?? 0));
  const sum = head.reduce((total, byte) => total + byte, 0) & 0xff;
  return level < 2 && head.length >= 20 && sum === bytes[start + 1] ? toEnd(bytes, start, false) : undefined;
}

/** The first code of `compress` is a byte: its ninth bit is zero. */
function compress(bytes: Buffer, at: number): Carved | undefined {
  return at + 6 <= bytes.length && ((bytes[at + 4] ?? 1) & 1) === 0 ? toEnd(bytes, at, false) : undefined;
}

/** An LZMA file with a dictionary that is a power of two, and a size that is unknown or no more than 4 GiB. */
function lzmaAlone(bytes: Buffer, at: number): Carved | undefined {
  if (!isLzmaAlone(bytes.subarray(at, at + 18))) return undefined;
  return toEnd(bytes, at, false);
}

/** A compressed comment of a PNG picture: keyword, zero, for `iTXt` flags and two more words, then a zlib stream. */
function pictureText(bytes: Buffer, at: number): Carved | undefined {
  if (at < 4) return undefined;
  const end = Math.min(bytes.length, at + 4 + bytes.readUInt32BE(at - 4));
  let start = bytes.indexOf(0, at + 4) + 2;
  if (bytes[at] === 0x69) start = bytes.indexOf(0, bytes.indexOf(0, start + 1) + 1) + 1;
  const stream = bytes.subarray(start, end);
  return start > at + 4 && isZlibStream(stream) ? { start, end, sure: false } : undefined;
}

/** A Flash film whose rest is a zlib stream. */
function film(bytes: Buffer, at: number): Carved | undefined {
  return isZlibStream(bytes.subarray(at + 8)) ? toEnd(bytes, at + 8, false) : undefined;
}
