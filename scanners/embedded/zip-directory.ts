/** One file of a zip, as its directory or its local header describes it. Sizes are promises. */
export interface ZipEntry {
  name: string;
  flags: number;
  method: number;
  time: number;
  crc: number;
  compressed: number;
  plain: number;
  /** Where its local header stands. */
  at: number;
  extra: Buffer;
}

/** A zip's directory. `base` is what its offsets count from; `ranges` are its own bytes, first inclusive, last exclusive. */
export interface ZipDirectory {
  entries: ZipEntry[];
  base: number;
  ranges: [number, number][];
  comment: string;
  /** A part of several: the others are not here. */
  split: boolean;
  /** It lists fewer or more entries than it says, or ends early. */
  damaged: boolean;
}

const CENTRAL = 0x0201_4b50;
const LOCAL = 0x0403_4b50;
const LOCATOR_64 = 0x0706_4b50;
const END_64 = 0x0606_4b50;
const END_SIZE = 22;
const NONE_32 = 0xffff_ffff;
/** APPNOTE 4.3.16: the comment after the end record has a length of two bytes; junk behind it is common. */
const SEARCH = 1024 * 1024;

/**
 * Reads the central directory (APPNOTE 4.3.12 to 4.3.16, with Zip64) that stands last in the bytes. Undefined where there
 * is none. At most `limit + 1` entries.
 */
export function readDirectory(bytes: Buffer, limit: number): ZipDirectory | undefined {
  const from = Math.max(0, bytes.length - SEARCH);
  for (let at = bytes.lastIndexOf('PK\x05\x06', undefined, 'latin1'); at >= from;) {
    const directory = at + END_SIZE <= bytes.length ? directoryAt(bytes, at, limit) : undefined;
    if (directory) return directory;
    if (at === 0) return undefined;
    at = bytes.lastIndexOf('PK\x05\x06', at - 1, 'latin1');
  }
  return undefined;
}

function directoryAt(bytes: Buffer, end: number, limit: number): ZipDirectory | undefined {
  let [count, size, offset] = [
    bytes.readUInt16LE(end + 10),
    bytes.readUInt32LE(end + 12),
    bytes.readUInt32LE(end + 16),
  ];
  const commentEnd = Math.min(bytes.length, end + END_SIZE + bytes.readUInt16LE(end + 20));
  const large = end64(bytes, end);
  let behind = end;
  if (large) {
    if (count === 0xffff) count = large.count;
    if (size === NONE_32) size = large.size;
    if (offset === NONE_32) offset = large.offset;
    behind = large.at;
  }
  const split = bytes.readUInt16LE(end + 4) > 0 && bytes.readUInt16LE(end + 4) !== 0xffff;
  const own: [number, number] = [behind, commentEnd];
  const comment = bytes.toString('latin1', end + END_SIZE, commentEnd);
  if (count === 0 && size === 0) return { entries: [], base: 0, ranges: [own], comment, split, damaged: false };
  // Where the directory is not just before its end, its own offset may still be right.
  const start = [behind - size, offset].find(
    (at) => at >= 0 && at + 46 <= bytes.length && bytes.readUInt32LE(at) === CENTRAL,
  );
  if (start === undefined) return undefined;
  const entries: ZipEntry[] = [];
  let at = start;
  while (entries.length <= limit && at + 46 <= bytes.length && bytes.readUInt32LE(at) === CENTRAL) {
    const length = 46 + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
    entries.push(centralEntry(bytes, at));
    at += length;
  }
  const base = baseOf(bytes, entries, start - offset);
  const damaged = entries.length <= limit && (entries.length & 0xffff) !== (count & 0xffff);
  return { entries, base, ranges: [[start, Math.min(at, bytes.length)], own], comment, split, damaged };
}

/** Offsets count from the zip's beginning, or from the file's where a tool corrected them. */
function baseOf(bytes: Buffer, entries: readonly ZipEntry[], shift: number): number {
  const fits = (base: number): number =>
    entries.slice(0, 8).filter(({ at, name }) => localEntry(bytes, base + at)?.entry.name === name).length;
  return shift > 0 && fits(shift) >= fits(0) ? shift : 0;
}

/** Whether a local header stands there. */
export function isLocal(bytes: Buffer, at: number): boolean {
  return at >= 0 && at + 30 <= bytes.length && bytes.readUInt32LE(at) === LOCAL;
}

function end64(bytes: Buffer, end: number): { count: number; size: number; offset: number; at: number } | undefined {
  const locator = end - 20;
  if (locator < 0 || bytes.readUInt32LE(locator) !== LOCATOR_64) return undefined;
  const said = Number(bytes.readBigUInt64LE(locator + 8));
  const at = [said, locator - 56].find(
    (place) => place >= 0 && place + 56 <= end && bytes.readUInt32LE(place) === END_64,
  );
  if (at === undefined) return undefined;
  const number = (place: number): number => Number(bytes.readBigUInt64LE(at + place));
  return { count: number(32), size: number(40), offset: number(48), at };
}

function centralEntry(bytes: Buffer, at: number): ZipEntry {
  const nameEnd = at + 46 + bytes.readUInt16LE(at + 28);
  const extra = bytes.subarray(nameEnd, nameEnd + bytes.readUInt16LE(at + 30));
  const entry: ZipEntry = {
    flags: bytes.readUInt16LE(at + 8),
    method: bytes.readUInt16LE(at + 10),
    time: bytes.readUInt16LE(at + 12),
    crc: bytes.readUInt32LE(at + 16),
    compressed: bytes.readUInt32LE(at + 20),
    plain: bytes.readUInt32LE(at + 24),
    at: bytes.readUInt32LE(at + 42),
    name: nameOf(bytes.subarray(at + 46, nameEnd)),
    extra,
  };
  return widen(entry);
}

/** The entry that a local header describes (APPNOTE 4.3.7), and where its data begins. */
export function localEntry(bytes: Buffer, at: number): { entry: ZipEntry; dataAt: number } | undefined {
  if (!isLocal(bytes, at)) return undefined;
  const nameEnd = at + 30 + bytes.readUInt16LE(at + 26);
  const dataAt = nameEnd + bytes.readUInt16LE(at + 28);
  const entry: ZipEntry = {
    flags: bytes.readUInt16LE(at + 6),
    method: bytes.readUInt16LE(at + 8),
    time: bytes.readUInt16LE(at + 10),
    crc: bytes.readUInt32LE(at + 14),
    compressed: bytes.readUInt32LE(at + 18),
    plain: bytes.readUInt32LE(at + 22),
    at,
    name: nameOf(bytes.subarray(at + 30, nameEnd)),
    extra: bytes.subarray(nameEnd, dataAt),
  };
  return dataAt <= bytes.length ? { entry: widen(entry), dataAt } : undefined;
}

/** Zip64 (APPNOTE 4.5.3): values that do not fit stand in a field of their own, in this order. */
function widen(entry: ZipEntry): ZipEntry {
  const field = extraField(entry.extra, 1);
  if (!field) return entry;
  let place = 0;
  const next = (value: number): number => {
    if (value !== NONE_32 || place + 8 > field.length) return value;
    place += 8;
    return Number(field.readBigUInt64LE(place - 8));
  };
  const plain = next(entry.plain);
  const compressed = next(entry.compressed);
  return { ...entry, plain, compressed, at: next(entry.at) };
}

/** The data of an extra field by its number (APPNOTE 4.5.1). */
export function extraField(extra: Buffer, wanted: number): Buffer | undefined {
  for (let at = 0; at + 4 <= extra.length;) {
    const size = extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === wanted) return extra.subarray(at + 4, at + 4 + size);
    at += 4 + size;
  }
  return undefined;
}

/** UTF-8 where it is valid, whatever the flag says: most writers that use it do not say so. */
function nameOf(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.includes('\ufffd') ? bytes.toString('latin1') : text;
}
