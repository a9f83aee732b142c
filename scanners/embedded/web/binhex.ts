import type { Member } from '../opener';

const ALPHABET = '!"#$%&\'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr';
const VALUES = new Map([...ALPHABET].map((letter, value) => [letter.charCodeAt(0), value]));
const START = /^\(This file must be converted with BinHex/m;
const COLON = 0x3a;
const REPEAT = 0x90;

/** The file in a text of BinHex 4.0 (RFC 1741): its data, and its resources where it has some. Damage ends it early. */
export function binhexMembers(text: string, most: number): Member[] {
  const start = START.exec(text);
  const from = start ? text.indexOf(':', start.index) : -1;
  if (from < 0) return [];
  const bytes = expanded(sixBits(text, from + 1), most);
  const length = bytes[0] ?? 0;
  // Name, a zero, type, creator and flags stand before the two lengths, a checksum behind each piece.
  const lengths = length + 12;
  if (length === 0 || bytes.length < lengths + 10) return [];
  const data = bytes.readUInt32BE(lengths);
  const resources = bytes.readUInt32BE(lengths + 4);
  const name = bytes.toString('latin1', 1, 1 + length);
  const dataAt = lengths + 10;
  const resourcesAt = dataAt + data + 2;
  return [
    { name, data: bytes.subarray(dataAt, dataAt + data) },
    { name: `${name}.rsrc`, data: bytes.subarray(resourcesAt, resourcesAt + resources) },
  ].filter((member) => member.data.length > 0);
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

/** Runs undone: a byte, 90 and a count; 90 and zero stand for 90 itself. */
function expanded(packed: Buffer, most: number): Buffer {
  const out: number[] = [];
  for (let at = 0; at < packed.length && out.length < most; at += 1) {
    const byte = packed[at] ?? 0;
    if (byte !== REPEAT) {
      out.push(byte);
      continue;
    }
    at += 1;
    const count = packed[at] ?? 0;
    if (count === 0) out.push(REPEAT);
    const last = out.at(-1) ?? 0;
    for (let times = 1; times < count && out.length < most; times += 1) out.push(last);
  }
  return Buffer.from(out);
}
