import { KeptMembers } from './kept-members';
import type { UnpackBudget, Unpacked } from './unpack';

const BLOCK = 512;
/** Links, devices, folders: no data of their own, whatever their size says. */
const WITHOUT_DATA = new Set(['1', '2', '3', '4', '5', '6']);
const MAX_NAME_BYTES = 64 * 1024;

/** Whether a header with a right sum stands there (POSIX ustar, and v7 before it). Bytes count as signed in some writers. */
export function isTarHeader(bytes: Buffer, at: number): boolean {
  if (at < 0 || at + BLOCK > bytes.length) return false;
  const said = octal(bytes.subarray(at + 148, at + 156));
  if (said === undefined) return false;
  let [unsigned, signed] = [0, 0];
  for (let index = 0; index < BLOCK; index += 1) {
    const byte = index >= 148 && index < 156 ? 0x20 : (bytes[at + index] ?? 0);
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  return said > 0 && (said === unsigned || said === signed);
}

/**
 * Reads a tar: ustar, v7, GNU and pax with their long names and sizes. Blocks that are no header are stepped over until
 * the next one and come out as a part of their own. Undefined where it does not begin with a header.
 */
export function readTar(data: Uint8Array, budget: UnpackBudget): Unpacked | undefined {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return isTarHeader(bytes, 0) ? new TarReader(bytes, budget).read() : undefined;
}

class TarReader {
  private readonly bytes: Buffer;
  private readonly kept: KeptMembers;
  /** What a header of names or records says of the next file. */
  private next: { name?: string; size?: number } = {};

  constructor(bytes: Buffer, budget: UnpackBudget) {
    this.bytes = bytes;
    this.kept = new KeptMembers(budget);
  }

  read(): Unpacked {
    let lost: number | undefined;
    for (let at = 0; at < this.bytes.length && !this.kept.gaps.has('limit_reached');) {
      if (!isTarHeader(this.bytes, at)) {
        lost ??= at;
        at += BLOCK;
        continue;
      }
      if (lost !== undefined) this.takeLost(lost, at, true);
      lost = undefined;
      at = this.entry(at);
    }
    if (lost !== undefined) this.takeLost(lost, this.bytes.length, false);
    return this.kept;
  }

  private entry(at: number): number {
    const { bytes } = this;
    const type = String.fromCharCode(bytes[at + 156] ?? 0);
    const start = at + BLOCK + (type === 'S' ? this.sparseMaps(at) : 0);
    const said = this.next.size ?? octal(bytes.subarray(at + 124, at + 136));
    if (said === undefined || !Number.isSafeInteger(said)) {
      this.kept.gaps.add('malformed');
      return start;
    }
    const size = WITHOUT_DATA.has(type) ? 0 : said;
    // Some writers store a file with its link, others only its size: the next header tells.
    const behind = start + Math.ceil(said / BLOCK) * BLOCK;
    const storesLink = size === 0 && said > 0 && !isTarHeader(bytes, start) && isTarHeader(bytes, behind);
    const length = storesLink ? said : size;
    const end = start + length;
    if (end > bytes.length) this.kept.gaps.add('malformed');
    const body = bytes.subarray(start, Math.min(end, bytes.length));
    if (type === 'L' || type === 'K' || type === 'x' || type === 'X' || type === 'g') this.describe(type, body);
    else {
      const name = this.next.name ?? nameAt(bytes, at);
      this.next = {};
      if (length > 0 || type === '0' || type === '\0' || type === '7') this.kept.take(name, body);
    }
    return start + Math.ceil(length / BLOCK) * BLOCK;
  }

  /** GNU's old sparse files: further maps stand between header and data, each saying whether one follows. */
  private sparseMaps(at: number): number {
    let length = 0;
    for (let flag = this.bytes[at + 482]; flag === 1; flag = this.bytes[at + length + 504]) length += BLOCK;
    return length;
  }

  private describe(type: string, body: Buffer): void {
    const text = body.subarray(0, MAX_NAME_BYTES).toString('utf8');
    if (type === 'L') this.next.name = text.replace(/\0[^]*$/, '');
    if (type !== 'x' && type !== 'X') return;
    const name = record(text, 'path');
    const size = Number(record(text, 'size') ?? Number.NaN);
    if (name !== undefined) this.next.name = name;
    if (Number.isSafeInteger(size) && size >= 0) this.next.size = size;
  }

  /** Zeros are padding; anything else before another header was a file that lost its own. */
  private takeLost(from: number, to: number, inside: boolean): void {
    const lost = this.bytes.subarray(from, to);
    if (lost.every((byte) => byte === 0)) return;
    if (inside || !lost.subarray(0, BLOCK).every((byte) => byte === 0)) this.kept.gaps.add('malformed');
    this.kept.take('bytes outside the entries', lost);
  }
}

/** The value of a pax record, `LENGTH KEY=VALUE`. */
function record(text: string, key: string): string | undefined {
  let at = text.indexOf(` ${key}=`);
  while (at > 0 && !/(^|\n)\d{1,10}$/.test(text.slice(Math.max(0, at - 11), at))) at = text.indexOf(` ${key}=`, at + 1);
  if (at < 0) return undefined;
  const start = at + key.length + 2;
  const end = text.indexOf('\n', start);
  return text.slice(start, end < 0 ? undefined : end).replace(/\0[^]*$/, '');
}

function nameAt(bytes: Buffer, at: number): string {
  const text = (from: number, length: number): string => {
    const field = bytes.subarray(at + from, at + from + length);
    const end = field.indexOf(0);
    return field.toString('utf8', 0, end < 0 ? length : end);
  };
  const prefix = text(257, 6) === 'ustar' ? text(345, 155) : '';
  return prefix ? `${prefix}/${text(0, 100)}` : text(0, 100);
}

/** Octal digits with blanks around, or GNU's binary numbers (first bit set). */
function octal(field: Buffer): number | undefined {
  if ((field[0] ?? 0) & 0x80) {
    let value = (field[0] ?? 0) & 0x7f;
    if (value & 0x40) return undefined;
    for (const byte of field.subarray(1)) value = value * 256 + byte;
    return value;
  }
  const text = field
    .toString('latin1')
    .replace(/\0[^]*$/, '')
    .trim();
  if (text === '') return 0;
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : undefined;
}
