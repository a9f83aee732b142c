import { readDirectory, type DirectoryEntry } from './cfb-directory';

/** A stream or storage of a compound file. `path` leads from the root, without it. */
export interface CompoundEntry {
  name: string;
  path: string[];
  kind: 'storage' | 'stream';
  /** Class identifier, lower case with hyphens; empty where all zero. */
  clsid: string;
  /** Bytes, as the directory promises. */
  size: number;
  start: number;
  /** No other entry leads here: deleted, or hidden. Applications do not see it. */
  orphan: boolean;
}

/** What of a stream could be read. `whole`: as much as its entry promises. */
export interface StreamBytes {
  data: Buffer;
  whole: boolean;
}

const FREE = 0xffff_ffff;
const END = 0xffff_fffe;
const LAST_REGULAR = 0xffff_fffa;
const MAGIC = Buffer.from('d0cf11e0a1b11ae1', 'hex');
const HEADER_BYTES = 512;
const DIFAT_IN_HEADER = 109;

/** Thrown where not even a directory can be read. */
export class NotCompound extends Error {
  override readonly name = 'NotCompound';
}

/**
 * Reads compound files ([MS-CFB], versions 3 and 4) as tolerantly as Windows does, in time and memory bounded by the
 * file's own length: no chain is followed for more sectors than the file has.
 */
export class CompoundFile {
  readonly entries: CompoundEntry[] = [];
  private readonly byPath = new Map<string, CompoundEntry>();
  readonly rootClsid: string;
  /** A chain of the file's own tables broke off. */
  damaged = false;
  private readonly bytes: Buffer;
  private readonly sectorBytes: number;
  private readonly miniBytes: number;
  private readonly miniCutoff: number;
  private readonly sectors: number;
  private readonly fat: Uint32Array;
  private readonly miniFat: Uint32Array;
  private readonly miniStream: Buffer;

  /** @throws {@link NotCompound} when the bytes are no compound file or have no directory */
  constructor(data: Uint8Array) {
    this.bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    if (this.bytes.length < HEADER_BYTES || !this.bytes.subarray(0, 8).equals(MAGIC)) throw new NotCompound();
    const shift = this.bytes.readUInt16LE(0x1e);
    this.sectorBytes = shift >= 7 && shift <= 16 ? 2 ** shift : this.bytes.readUInt16LE(0x1a) === 4 ? 4096 : 512;
    const miniShift = this.bytes.readUInt16LE(0x20);
    this.miniBytes = miniShift >= 3 && 2 ** miniShift <= this.sectorBytes ? 2 ** miniShift : 64;
    // The cutoff is a constant ([MS-CFB] 2.2); a writer's zero would make every small stream unreadable.
    this.miniCutoff = this.bytes.readUInt32LE(0x38) || 4096;
    this.sectors = Math.max(0, Math.ceil(this.bytes.length / this.sectorBytes) - 1);
    this.fat = this.table(this.fatSectors());
    const { data: directory, whole } = this.chain(this.bytes.readUInt32LE(0x30), Infinity);
    if (!whole) this.damaged = true;
    const tree = readDirectory(directory, this.bytes.readUInt16LE(0x1a) < 4);
    if (!tree) throw new NotCompound();
    if (tree.damaged) this.damaged = true;
    this.rootClsid = tree.root.clsid;
    this.miniFat = this.table(this.numbersOf(this.bytes.readUInt32LE(0x3c)));
    this.miniStream = this.chain(tree.root.start, tree.root.size).data;
    for (const entry of tree.entries) this.keep(asEntry(entry));
  }

  /** A stream's bytes, at most `limit` of them. A stream that lies in one piece is not copied. */
  read(entry: CompoundEntry, limit: number): StreamBytes {
    const size = Math.min(entry.size, limit);
    if (size === 0) return { data: Buffer.alloc(0), whole: entry.size === 0 };
    const read = entry.size < this.miniCutoff ? this.miniChain(entry.start, size) : this.chain(entry.start, size);
    return { data: read.data, whole: read.whole && size === entry.size };
  }

  /** The stream of that path, whatever the case of its letters. */
  find(...path: string[]): CompoundEntry | undefined {
    return this.byPath.get(keyOf('stream', path));
  }

  /** The storage of that path. */
  findStorage(...path: string[]): CompoundEntry | undefined {
    return this.byPath.get(keyOf('storage', path));
  }

  private keep(entry: CompoundEntry): void {
    this.entries.push(entry);
    const key = keyOf(entry.kind, entry.path);
    if (!this.byPath.has(key)) this.byPath.set(key, entry);
  }

  /** What stands behind the last sector in use. */
  behindTheEnd(): Buffer {
    let last = Math.min(this.fat.length, this.sectors) - 1;
    while (last >= 0 && this.fat[last] === FREE) last -= 1;
    return this.bytes.subarray((last + 2) * this.sectorBytes);
  }

  /** Sectors of the file that hold the allocation table ([MS-CFB] 2.5). */
  private fatSectors(): number[] {
    const found: number[] = [];
    for (let index = 0; index < DIFAT_IN_HEADER; index += 1) found.push(this.bytes.readUInt32LE(0x4c + index * 4));
    const perSector = this.sectorBytes / 4 - 1;
    let next = this.bytes.readUInt32LE(0x44);
    for (let steps = 0; next < this.sectors && steps < this.sectors; steps += 1) {
      const sector = this.sector(next);
      for (let index = 0; index < perSector && index * 4 + 4 <= sector.length; index += 1) {
        found.push(sector.readUInt32LE(index * 4));
      }
      if (found.length > this.sectors + DIFAT_IN_HEADER) break;
      next = sector.length === this.sectorBytes ? sector.readUInt32LE(this.sectorBytes - 4) : END;
    }
    const used = found.filter((sector) => sector <= LAST_REGULAR);
    if (used.some((sector) => sector >= this.sectors)) this.damaged = true;
    return used.slice(0, this.sectors);
  }

  private numbersOf(start: number): number[] {
    const numbers: number[] = [];
    for (let sector = start; sector < this.sectors && numbers.length < this.sectors; sector = this.next(sector)) {
      numbers.push(sector);
    }
    return numbers;
  }

  /** A table of 32-bit numbers out of the given sectors; what is missing reads as free. */
  private table(sectors: readonly number[]): Uint32Array {
    const perSector = this.sectorBytes / 4;
    const table = new Uint32Array(sectors.length * perSector).fill(FREE);
    for (const [order, number] of sectors.entries()) {
      const sector = this.sector(number);
      for (let index = 0; index * 4 + 4 <= sector.length; index += 1) {
        table[order * perSector + index] = sector.readUInt32LE(index * 4);
      }
    }
    return table;
  }

  private sector(number: number): Buffer {
    const at = (number + 1) * this.sectorBytes;
    return this.bytes.subarray(at, at + this.sectorBytes);
  }

  private next(sector: number): number {
    return this.fat[sector] ?? FREE;
  }

  private chain(start: number, size: number): StreamBytes {
    return follow(this.bytes, start, size, this.sectorBytes, this.sectorBytes, this.fat, this.sectors);
  }

  private miniChain(start: number, size: number): StreamBytes {
    const most = Math.ceil(this.miniStream.length / this.miniBytes);
    return follow(this.miniStream, start, size, this.miniBytes, 0, this.miniFat, most);
  }
}

/** Collects a chain as runs of neighbouring sectors. `size` may be infinite: then to the chain's end. */
function follow(
  bytes: Buffer,
  start: number,
  size: number,
  sectorBytes: number,
  base: number,
  table: Uint32Array,
  most: number,
): StreamBytes {
  const runs: [number, number][] = [];
  let [left, sector, steps] = [size, start, 0];
  while (left > 0 && sector < most && steps < most) {
    const at = base + sector * sectorBytes;
    const length = Math.min(sectorBytes, left, bytes.length - at);
    if (length <= 0) break;
    const last = runs.at(-1);
    if (last?.[1] === at) last[1] = at + length;
    else runs.push([at, at + length]);
    left -= length;
    steps += 1;
    if (length < sectorBytes) break;
    sector = table[sector] ?? FREE;
  }
  const pieces = runs.map(([from, to]) => bytes.subarray(from, to));
  const [only] = pieces;
  const data = pieces.length === 1 && only ? only : Buffer.concat(pieces);
  return { data, whole: size === Infinity ? sector === END : left === 0 };
}

const keyOf = (kind: string, path: readonly string[]): string => [kind, ...path].join('\0').toLowerCase();

function asEntry({ name, path, kind, clsid, start, size, orphan }: DirectoryEntry): CompoundEntry {
  return { name, path, kind, clsid, start, size, orphan };
}
