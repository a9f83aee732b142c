import { inflateSync } from 'node:zlib';
import { KeptMembers } from './kept-members';
import type { UnpackBudget, Unpacked } from './unpack';

const SECTOR = 512;
/** Flags of the header (Virtual Disk Format 5.0): grains are compressed, and markers stand between them. */
const STREAM = 0x3_0000;
const GRAIN_HEADER = 12;

/**
 * Reads a stream-optimised VMDK disk, which 7-Zip does not: packed pieces of the disk, each with its place. Gives the disk
 * up to its last piece. Undefined for anything else.
 */
export function readStreamDisk(data: Uint8Array, budget: UnpackBudget): Unpacked | undefined {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (bytes.length < SECTOR || bytes.toString('latin1', 0, 4) !== 'KDMV') return undefined;
  if ((bytes.readUInt32LE(8) & STREAM) !== STREAM) return undefined;
  const kept = new KeptMembers(budget);
  const disk = new Disk(Number(bytes.readBigUInt64LE(12)) * SECTOR, Math.min(budget.memberBytes, budget.totalBytes));
  let at = Number(bytes.readBigUInt64LE(64)) * SECTOR;
  let ended = false;
  while (!ended && at + SECTOR <= bytes.length) {
    const value = Number(bytes.readBigUInt64LE(at));
    const size = bytes.readUInt32LE(at + 8);
    if (size > 0) {
      disk.put(value * SECTOR, bytes.subarray(at + GRAIN_HEADER, at + GRAIN_HEADER + size));
      at += Math.ceil((GRAIN_HEADER + size) / SECTOR) * SECTOR;
    } else {
      // A marker tells how many sectors of tables follow it; the one of type 0 is the last.
      ended = bytes.readUInt32LE(at + 12) === 0;
      at += SECTOR + value * SECTOR;
    }
  }
  if (!ended || disk.damaged) kept.gaps.add('malformed');
  if (disk.over) kept.gaps.add('limit_reached');
  kept.take('disk.img', disk.content());
  return kept;
}

/** The disk as far as it was written. */
class Disk {
  over = false;
  damaged = false;
  private room = Buffer.alloc(0);
  private length = 0;
  private readonly size: number;
  private readonly most: number;

  constructor(size: number, most: number) {
    this.size = size;
    this.most = Math.max(0, most);
  }

  put(place: number, packed: Buffer): void {
    let piece: Buffer;
    try {
      piece = inflateSync(packed, { maxOutputLength: 16 * 1024 * 1024 });
    } catch {
      this.damaged = true;
      return;
    }
    const end = place + piece.length;
    if (end > this.size) this.damaged = true;
    if (end > this.most) {
      this.over = true;
      return;
    }
    if (end > this.room.length) {
      const larger = Buffer.alloc(Math.min(this.most, end * 2));
      this.room.copy(larger, 0, 0, this.length);
      this.room = larger;
    }
    piece.copy(this.room, place);
    this.length = Math.max(this.length, end);
  }

  content(): Buffer {
    return this.room.subarray(0, this.length);
  }
}
