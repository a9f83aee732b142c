import { crc32 } from 'node:zlib';
import { inflateUpTo } from './inflate';
import type { Member } from './opener';
import type { Gap, UnpackBudget } from './unpack';
import { decryptEntry } from './zip-crypto';
import { isLocal, localEntry, readDirectory, type ZipDirectory, type ZipEntry } from './zip-directory';

/** What a zip holds. `foreign`: members of a method that only 7-Zip knows. */
export interface ZipContent {
  members: Member[];
  gaps: Set<Gap>;
  foreign: boolean;
  /** Members that the directory does not list. */
  hidden: boolean;
}

type Range = readonly [start: number, end: number];
interface Place {
  entry: ZipEntry;
  dataAt: number;
  end: number;
}

/** Bytes between entries below this are padding or a descriptor. */
const MIN_REST = 32;
/** The name of what no entry covers. */
export const OUTSIDE_ENTRIES = 'bytes outside the entries';
/** Local headers outside the directory that are tried. A workbook has a small zip for each of its drawings. */
const MAX_HIDDEN = 5_000;
/** Entries that no password opened; the rest will have the same one. */
const MAX_LOCKED = 3;
/** Entries that share bytes are opened this far: enough to see what they are, too little for a bomb. */
const OVERLAP_BYTES = 16 * 1024 * 1024;

/**
 * Reads a zip by its directory and by its local headers: members that only one of the two names, or that the two
 * describe differently, are seen both ways, and bytes that belong to no entry come out as parts of their own.
 * Undefined where no entry could be found.
 */
export async function readZip(
  data: Uint8Array,
  passwords: Iterable<string>,
  budget: UnpackBudget,
): Promise<ZipContent | undefined> {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const directory = readDirectory(bytes, budget.members);
  if (!directory && !isLocal(bytes, 0)) return undefined;
  return new ZipReader(bytes, directory, passwords, budget).read();
}

class ZipReader {
  private readonly bytes: Buffer;
  private readonly directory: ZipDirectory | undefined;
  private readonly given: Iterable<string>;
  private spelled: Buffer[] | undefined;
  private readonly content: ZipContent;
  private readonly memberBytes: number;
  private readonly maxMembers: number;
  private left: number;
  private hiddenTries = 0;
  private lockedOut = 0;
  /** Whether the last entry had the content that its checksum names. */
  private right = true;

  constructor(bytes: Buffer, directory: ZipDirectory | undefined, passwords: Iterable<string>, budget: UnpackBudget) {
    this.bytes = bytes;
    this.directory = directory;
    this.given = passwords;
    this.left = budget.totalBytes;
    this.memberBytes = budget.memberBytes;
    this.maxMembers = budget.members;
    this.content = { members: [], gaps: new Set(), foreign: false, hidden: false };
  }

  async read(): Promise<ZipContent> {
    const { directory, content } = this;
    if (!directory || directory.damaged || directory.split) content.gaps.add('malformed');
    const places = this.listed();
    if (overlap(places) || places.length < (directory?.entries.length ?? 0)) {
      content.gaps.add('malformed');
      this.left = Math.min(this.left, OVERLAP_BYTES);
    }
    for (const place of places) {
      if (!(await this.openListed(place))) return content;
    }
    await this.openRests([...places.map(({ entry, end }): Range => [entry.at, end]), ...(directory?.ranges ?? [])]);
    return content;
  }

  /** The directory's entries, each local header once, in the order of the file. */
  private listed(): Place[] {
    const places = new Map<number, Place>();
    for (const entry of this.directory?.entries ?? []) {
      const at = entry.at + (this.directory?.base ?? 0);
      const local = localEntry(this.bytes, at);
      if (!local) {
        this.content.gaps.add('malformed');
        continue;
      }
      const end = Math.min(this.bytes.length, local.dataAt + entry.compressed);
      places.set(at, { entry: { ...entry, at }, dataAt: local.dataAt, end });
    }
    return [...places.values()].sort((a, b) => a.entry.at - b.entry.at);
  }

  private async openListed(place: Place): Promise<boolean> {
    const { entry } = place;
    const local = localEntry(this.bytes, entry.at);
    if (!(await this.open(place))) return false;
    if (!local) return true;
    const { name, method, flags, compressed } = local.entry;
    const streamed = (flags & 8) !== 0 && compressed === 0;
    const differs = method !== entry.method || (flags & 1) !== (entry.flags & 1);
    if (differs || (!streamed && compressed !== entry.compressed)) {
      await this.openLocal(entry.at);
    } else if (baseName(name) !== baseName(entry.name)) {
      const same = this.content.members.at(-1);
      if (same) this.content.members.push({ name, data: same.data });
    }
    return true;
  }

  /** False when nothing more is to be opened. */
  private async open({ entry, dataAt, end }: Place): Promise<boolean> {
    const { content } = this;
    if (entry.compressed === 0 && entry.plain === 0) return this.take(entry.name, Buffer.alloc(0));
    if (dataAt + entry.compressed > this.bytes.length) content.gaps.add('malformed');
    const body = this.bytes.subarray(dataAt, end);
    if ((entry.flags & 1) === 0) return this.unpack(entry, entry.method, body, true);
    // A flag that lies: programs that do not look at it find the content in the clear.
    if ((entry.method === 0 || entry.method === 8) && (await this.unpack(entry, entry.method, body, false)))
      return true;
    if (!(await this.openLocked(entry, body))) content.gaps.add('encrypted');
    return true;
  }

  private async openLocked(entry: ZipEntry, body: Buffer): Promise<boolean> {
    if (this.lockedOut >= MAX_LOCKED) return false;
    const passwords = (this.spelled ??= [...this.given].flatMap(spellings));
    for (const password of passwords) {
      const clear = decryptEntry(entry, body, password);
      if (!clear || !(await this.unpack(entry, clear.method, clear.body, false))) continue;
      // The next entry most likely has the same.
      passwords.splice(passwords.indexOf(password), 1);
      passwords.unshift(password);
      return true;
    }
    this.lockedOut += 1;
    return false;
  }

  /** False when a limit ends it all, or, where not `sure`, when the bytes are no such content. */
  private async unpack(entry: ZipEntry, method: number, body: Buffer, sure: boolean): Promise<boolean> {
    const limit = Math.min(this.memberBytes, this.left);
    if (method !== 0 && method !== 8) {
      this.content.foreign = true;
      return true;
    }
    if (method === 0) {
      const right = crc32(body) === entry.crc || isAe2(entry);
      this.right = right;
      if (!right && !sure) return false;
      if (!right) this.content.gaps.add('malformed');
      if (body.length > limit) this.content.gaps.add('limit_reached');
      return this.take(entry.name, body.subarray(0, limit));
    }
    const { data, used, over, damaged } = await inflateUpTo(body, limit, Math.min(entry.plain, limit));
    const right = !damaged && (over || crc32(data) === entry.crc || isAe2(entry));
    this.right = right;
    if (!right && !sure) return false;
    if (!right) this.content.gaps.add('malformed');
    if (over) this.content.gaps.add('limit_reached');
    if (!this.take(entry.name, data)) return false;
    if (sure && body.length - used >= MIN_REST) this.takeRest(body.subarray(used));
    return true;
  }

  private take(name: string, data: Buffer): boolean {
    if (this.content.members.length >= this.maxMembers || data.length > this.left) {
      this.content.gaps.add('limit_reached');
      return false;
    }
    this.left -= data.length;
    if (data.length > 0 || !name.endsWith('/')) this.content.members.push({ name, data });
    if (this.left > 0) return true;
    this.content.gaps.add('limit_reached');
    return false;
  }

  /** What no entry covers: members hidden from the directory, other files before, between and behind. */
  private async openRests(covered: readonly Range[]): Promise<void> {
    const sorted = [...covered].sort((a, b) => a[0] - b[0]);
    let at = 0;
    for (const [start, end] of [...sorted, [this.bytes.length, this.bytes.length] as const]) {
      if (start - at >= MIN_REST) await this.openRest(at, start);
      at = Math.max(at, end);
    }
  }

  private async openRest(start: number, end: number): Promise<void> {
    let at = start;
    for (;;) {
      const next = this.bytes.indexOf('PK\x03\x04', at, 'latin1');
      if (next < 0 || next + 30 > end) break;
      this.takeRest(this.bytes.subarray(at, next));
      this.hiddenTries += 1;
      if (this.hiddenTries > MAX_HIDDEN && this.directory) {
        this.content.gaps.add('limit_reached');
        return;
      }
      const behind = await this.openLocal(next, end);
      if (behind === undefined) return;
      at = Math.max(next + 4, behind);
    }
    this.takeRest(this.bytes.subarray(at, Math.max(at, end)));
  }

  /** Opens the entry of a local header alone; gives where it ends, undefined when a limit was reached. */
  private async openLocal(at: number, bound = this.bytes.length): Promise<number | undefined> {
    const local = localEntry(this.bytes, at);
    if (!local || local.entry.name === '') return at + 4;
    const { entry, dataAt } = local;
    const before = this.content.members.length;
    const streamed = (entry.flags & 8) !== 0 && entry.compressed === 0;
    const end = streamed ? this.streamEnd(dataAt, bound) : Math.min(bound, dataAt + entry.compressed);
    if (streamed && (entry.flags & 1) === 0 && entry.method === 8) {
      const limit = Math.min(this.memberBytes, this.left);
      const { data, used, over, damaged } = await inflateUpTo(this.bytes.subarray(dataAt, bound), limit, 0);
      if (over) this.content.gaps.add('limit_reached');
      if (damaged) this.content.gaps.add('malformed');
      const taken = this.take(entry.name, data);
      this.content.hidden ||= this.directory !== undefined && !damaged;
      return taken ? dataAt + (damaged ? 0 : used) : undefined;
    }
    const sizes = streamed ? { compressed: end - dataAt, plain: end - dataAt } : {};
    const known = { ...entry, ...sizes, ...(streamed && this.descriptor(end)) };
    this.right = true;
    const goOn = await this.open({ entry: known, dataAt, end });
    this.content.hidden ||= this.directory !== undefined && this.content.members.length > before;
    if (!goOn) return undefined;
    // A header that lies about its content may lie about its length: further ones can stand in what it claims.
    return this.right ? end : at + 4;
  }

  /** A data descriptor's CRC (APPNOTE 4.3.9), where it has its mark. */
  private descriptor(end: number): { crc: number } | undefined {
    return end + 8 <= this.bytes.length && this.bytes.readUInt32LE(end) === 0x0807_4b50
      ? { crc: this.bytes.readUInt32LE(end + 4) }
      : undefined;
  }

  private streamEnd(from: number, bound: number): number {
    const marks = ['PK\x07\x08', 'PK\x03\x04', 'PK\x01\x02'].map((mark) => this.bytes.indexOf(mark, from, 'latin1'));
    return Math.min(bound, ...marks.filter((at) => at >= 0));
  }

  private takeRest(rest: Buffer): void {
    if (rest.length < MIN_REST || this.left <= 0 || rest.every((byte) => byte === 0)) return;
    this.take(OUTSIDE_ENTRIES, rest);
  }
}

/** AE-2 stores no CRC: its HMAC was checked. */
const isAe2 = (entry: ZipEntry): boolean => entry.method === 99 && entry.crc === 0;

function overlap(places: readonly Place[]): boolean {
  let end = 0;
  for (const place of places) {
    if (place.entry.at < end) return true;
    end = Math.max(end, place.end);
  }
  return false;
}

const baseName = (name: string): string => name.split(/[/\\]/).at(-1) ?? '';

/** The bytes that different writers make of one password. */
function spellings(password: string): Buffer[] {
  const utf8 = Buffer.from(password);
  const latin1 = Buffer.from(password, 'latin1');
  return utf8.equals(latin1) ? [utf8] : [utf8, latin1];
}
