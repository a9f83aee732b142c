import { u16, u32 } from './bytes';

const CHUNK = 4_096;

/**
 * Undoes the compression of macro projects ([MS-OVBA] 2.4.1), as far as the bytes go and at most `limit` bytes.
 * Empty where no compressed container begins at `start`.
 */
export function decompressVba(bytes: Buffer, start: number, limit: number): Buffer {
  if (bytes[start] !== 1) return Buffer.alloc(0);
  const chunks: Buffer[] = [];
  let length = 0;
  for (let at = start + 1; at + 2 <= bytes.length && length < limit;) {
    const header = u16(bytes, at);
    if (((header >> 12) & 7) !== 3) break;
    const end = Math.min(bytes.length, at + 3 + (header & 0x0fff));
    const chunk =
      header & 0x8000 ? inflateChunk(bytes, at + 2, end) : Buffer.from(bytes.subarray(at + 2, at + 2 + CHUNK));
    chunks.push(chunk);
    length += chunk.length;
    at = header & 0x8000 ? end : at + 2 + CHUNK;
  }
  return Buffer.concat(chunks).subarray(0, limit);
}

function inflateChunk(bytes: Buffer, start: number, end: number): Buffer {
  const out = Buffer.alloc(CHUNK);
  let [at, size] = [start, 0];
  while (at < end && size < CHUNK) {
    const flags = bytes[at] ?? 0;
    at += 1;
    for (let bit = 0; bit < 8 && at < end && size < CHUNK; bit += 1) {
      if ((flags & (1 << bit)) === 0) {
        out[size] = bytes[at] ?? 0;
        at += 1;
        size += 1;
        continue;
      }
      const token = u16(bytes, at);
      at += 2;
      const bits = Math.max(4, Math.ceil(Math.log2(size)));
      const copy = (token & (0xffff >> bits)) + 3;
      const from = size - ((token >> (16 - bits)) + 1);
      if (from < 0) return out.subarray(0, size);
      for (let index = 0; index < copy && size < CHUNK; index += 1, size += 1) out[size] = out[from + index] ?? 0;
    }
  }
  return out.subarray(0, size);
}

/** A module as the project's `dir` stream lists it. */
export interface VbaModule {
  name: string;
  stream: string;
  /** Where its compressed source begins. */
  offset: number;
}

/**
 * Reads a decompressed `dir` stream ([MS-OVBA] 2.3.4.2): modules and the code page of their texts. `decode` turns bytes
 * of that code page into text.
 */
export function readDirStream(
  dir: Buffer,
  decode: (bytes: Buffer, codePage: number) => string,
): { modules: VbaModule[]; codePage: number } {
  const modules: VbaModule[] = [];
  let codePage = 1252;
  let current: VbaModule = { name: '', stream: '', offset: 0 };
  for (let at = 0; at + 6 <= dir.length && modules.length < 2_000;) {
    const id = u16(dir, at);
    // PROJECTVERSION says 4 and has 6 (2.3.4.2.1.11).
    const size = id === 0x0009 ? 6 : u32(dir, at + 2);
    const data = dir.subarray(at + 6, at + 6 + size);
    at += 6 + size;
    if (id === 0x0003) codePage = u16(data, 0);
    else if (id === 0x0019) current = { name: decode(data, codePage), stream: '', offset: 0 };
    else if (id === 0x0047) current.name = data.toString('utf16le') || current.name;
    else if (id === 0x001a) current.stream = decode(data, codePage);
    else if (id === 0x0032) current.stream = data.toString('utf16le') || current.stream;
    else if (id === 0x0031) current.offset = u32(data, 0);
    else if (id === 0x002b) modules.push(current);
  }
  return { modules, codePage };
}
