/** An entry of a compound file's directory, with its place in the tree. */
export interface DirectoryEntry {
  name: string;
  path: string[];
  kind: 'storage' | 'stream';
  clsid: string;
  start: number;
  size: number;
  orphan: boolean;
}

interface RawEntry {
  name: string;
  type: number;
  left: number;
  right: number;
  child: number;
  clsid: string;
  start: number;
  size: number;
}

const ENTRY_BYTES = 128;
const STORAGE = 1;
const STREAM = 2;
const ROOT = 5;
/** Deeper storages are listed under this many names; no application makes them. */
const MAX_DEPTH = 32;
/** More than a whole inspection may have parts; what lies beyond counts as damage. */
const MAX_ENTRIES = 50_000;

/**
 * Reads the directory ([MS-CFB] 2.6): every entry once, whatever cycles its links make, orphans included.
 * Undefined where there is no root.
 */
export function readDirectory(
  directory: Buffer,
  shortSizes: boolean,
): { root: Pick<DirectoryEntry, 'clsid' | 'start' | 'size'>; entries: DirectoryEntry[]; damaged: boolean } | undefined {
  const count = Math.min(Math.floor(directory.length / ENTRY_BYTES), MAX_ENTRIES);
  const raw: RawEntry[] = [];
  for (let index = 0; index < count; index += 1) raw.push(readEntry(directory, index * ENTRY_BYTES, shortSizes));
  const [root] = raw;
  if (!root || (root.type !== ROOT && root.child >= count)) return undefined;
  const entries: DirectoryEntry[] = [];
  const seen = new Set<number>([0]);
  let damaged = directory.length / ENTRY_BYTES > MAX_ENTRIES;
  const walk = (start: number, base: string[], orphan: boolean): void => {
    const open: { index: number; base: string[] }[] = [{ index: start, base }];
    for (let step = open.pop(); step; step = open.pop()) {
      const entry = raw[step.index];
      if (!entry || seen.has(step.index)) {
        if (step.index < 0xffff_fffa) damaged = true;
        continue;
      }
      seen.add(step.index);
      const path = [...step.base.slice(0, MAX_DEPTH), entry.name];
      open.push({ index: entry.right, base: step.base }, { index: entry.left, base: step.base });
      if (entry.type !== STORAGE && entry.type !== STREAM) continue;
      const kind = entry.type === STORAGE ? ('storage' as const) : ('stream' as const);
      const { name, clsid, start: first, size } = entry;
      entries.push({ name, path, kind, clsid, start: first, size: kind === 'stream' ? size : 0, orphan });
      if (kind === 'storage') open.push({ index: entry.child, base: path });
    }
  };
  walk(root.child, [], false);
  const linked = damaged;
  for (const [index, entry] of raw.entries()) {
    if (!seen.has(index) && (entry.type === STREAM || entry.type === STORAGE)) walk(index, [], true);
  }
  return { root, entries, damaged: linked };
}

function readEntry(directory: Buffer, at: number, shortSizes: boolean): RawEntry {
  const nameBytes = Math.min(64, directory.readUInt16LE(at + 0x40));
  const name = directory.toString('utf16le', at, at + (nameBytes & ~1)).replace(/\0[^]*$/, '');
  const low = directory.readUInt32LE(at + 0x78);
  // Version 3 writers leave anything in the high half ([MS-CFB] 2.6.1).
  const size = shortSizes ? low : low + directory.readUInt32LE(at + 0x7c) * 2 ** 32;
  return {
    name,
    type: directory[at + 0x42] ?? 0,
    left: directory.readUInt32LE(at + 0x44),
    right: directory.readUInt32LE(at + 0x48),
    child: directory.readUInt32LE(at + 0x4c),
    clsid: clsidAt(directory, at + 0x50),
    start: directory.readUInt32LE(at + 0x74),
    size,
  };
}

/** A class identifier as people write it, lower case; empty where all bytes are zero or missing. */
export function clsidAt(bytes: Buffer, at: number): string {
  if (at + 16 > bytes.length) return '';
  const raw = bytes.subarray(at, at + 16);
  if (raw.every((byte) => byte === 0)) return '';
  const hex = (from: number, to: number, swap: boolean): string => {
    const part = Buffer.from(raw.subarray(from, to));
    return (swap ? part.reverse() : part).toString('hex');
  };
  return [hex(0, 4, true), hex(4, 6, true), hex(6, 8, true), hex(8, 10, false), hex(10, 16, false)].join('-');
}
