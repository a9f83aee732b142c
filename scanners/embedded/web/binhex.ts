import type { Member } from '../opener';
import type { Gap } from '../unpack';

const ALPHABET = '!"#$%&\'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr';
const VALUES = new Map([...ALPHABET].map((letter, value) => [letter.charCodeAt(0), value]));
const START = /^\(This file must be converted with BinHex/m;
const COLON = 0x3a;
const REPEAT = 0x90;

/** The file in a text of BinHex 4.0 (RFC 1741): its data, and its resources where it has some. Too large or cut off is a gap. */
export function openBinhex(text: string, most: number): { members: Member[]; gaps: Set<Gap> } {
  const gaps = new Set<Gap>();
  const start = START.exec(text);
  const from = start ? text.indexOf(':', start.index) : -1;
  // A text that only speaks of the format has no letters of it.
  if (!/^:[!-r]{20}/.test(text.slice(from, from + 30)) || from < 0) return { members: [], gaps };
  const bytes = expanded(sixBits(text, from + 1), most);
  const length = bytes[0] ?? 0;
  // Name, a zero, type, creator and flags stand before the two lengths, a checksum behind each piece.
  const lengths = length + 12;
  if (length === 0 || bytes.length < lengths + 10) return { members: [], gaps: gaps.add('malformed') };
  const data = bytes.readUInt32BE(lengths);
  const resources = bytes.readUInt32BE(lengths + 4);
  const name = bytes.toString('latin1', 1, 1 + length);
  const dataAt = lengths + 10;
  const resourcesAt = dataAt + data + 2;
  if (resourcesAt + resources > bytes.length) gaps.add(bytes.length >= most ? 'limit_reached' : 'malformed');
  const members = [
    { name, data: bytes.subarray(dataAt, dataAt + data) },
    { name: `${name}.rsrc`, data: bytes.subarray(resourcesAt, resourcesAt + resources) },
  ].filter((member) => member.data.length > 0);
  return { members, gaps };
}

/** Letters to bytes, up to the closing colon. */
function sixBits(text: string, from: number): Buffer {
  const out = Buffer.alloc(Math.ceil(((text.length - from) * 3) / 4));
  let [used, bits, held] = [0, 0, 0];
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === COLON) break;
    const value = VALUES.get(code);
    if (value === undefined) continue;
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out[used] = (held >> bits) & 0xff;
    used += 1;
  }
  return out.subarray(0, used);
}

/** Runs undone: a byte, 90 and a count; 90 and zero stand for 90 itself. The size is known before memory is taken. */
function expanded(packed: Buffer, most: number): Buffer {
  let size = 0;
  for (const [, count] of runsOf(packed)) size += count;
  const out = Buffer.alloc(Math.min(size, most));
  let used = 0;
  for (const [byte, count] of runsOf(packed)) {
    if (used >= out.length) break;
    out.fill(byte, used, used + count);
    used += count;
  }
  return out;
}

function* runsOf(packed: Buffer): Generator<[byte: number, count: number]> {
  let last = 0;
  for (let at = 0; at < packed.length; at += 1) {
    const byte = packed[at] ?? 0;
    if (byte !== REPEAT) yield [(last = byte), 1];
    else {
      at += 1;
      const count = packed[at] ?? 0;
      if (count === 0) yield [(last = REPEAT), 1];
      else yield [last, count - 1];
    }
  }
}
