import { createCipheriv, createHmac, pbkdf2Sync } from 'node:crypto';
import { extraField, type ZipEntry } from './zip-directory';

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_unused, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb8_8320 : value >>> 1;
  return value >>> 0;
});

/** An entry's compressed bytes in the clear, and its real method; undefined where the password is certainly wrong. */
export function decryptEntry(
  entry: ZipEntry,
  body: Buffer,
  password: Buffer,
): { body: Buffer; method: number } | undefined {
  if (entry.method !== 99) {
    const plain = decryptTraditional(entry, body, password);
    return plain && { body: plain, method: entry.method };
  }
  const field = extraField(entry.extra, 0x9901);
  if (!field || field.length < 7) return undefined;
  const plain = decryptAes(body, password, field[4] ?? 3);
  return plain && { body: plain, method: field.readUInt16LE(5) };
}

/** APPNOTE 6.1. The header's last byte tells 255 of 256 wrong passwords. */
function decryptTraditional(entry: ZipEntry, body: Buffer, password: Buffer): Buffer | undefined {
  if (body.length < 12) return undefined;
  let [k0, k1, k2] = [0x1234_5678, 0x2345_6789, 0x3456_7890];
  const crcStep = (crc: number, byte: number): number => (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  const update = (byte: number): void => {
    k0 = crcStep(k0, byte);
    k1 = (Math.imul(k1 + (k0 & 0xff), 134_775_813) + 1) | 0;
    k2 = crcStep(k2, k1 >>> 24);
  };
  const next = (byte: number): number => {
    const word = (k2 & 0xffff) | 2;
    const clear = byte ^ ((Math.imul(word, word ^ 1) >>> 8) & 0xff);
    update(clear);
    return clear;
  };
  for (const byte of password) update(byte);
  let check = 0;
  for (const byte of body.subarray(0, 12)) check = next(byte);
  const expected = (entry.flags & 8) !== 0 ? entry.time >>> 8 : entry.crc >>> 24;
  if (check !== (expected & 0xff) && check !== entry.crc >>> 24) return undefined;
  const out = Buffer.allocUnsafe(body.length - 12);
  for (let at = 12; at < body.length; at += 1) out[at - 12] = next(body[at] ?? 0);
  return out;
}

/** WinZip AE-1 and AE-2: PBKDF2 with 1,000 rounds, two bytes that verify the password, AES in a counter mode, HMAC-SHA1. */
function decryptAes(body: Buffer, password: Buffer, strength: number): Buffer | undefined {
  const keyLength = { 1: 16, 2: 24, 3: 32 }[strength];
  if (keyLength === undefined || body.length < keyLength / 2 + 12) return undefined;
  const saltLength = keyLength / 2;
  const keys = pbkdf2Sync(password, body.subarray(0, saltLength), 1_000, keyLength * 2 + 2, 'sha1');
  if (!keys.subarray(-2).equals(body.subarray(saltLength, saltLength + 2))) return undefined;
  const data = body.subarray(saltLength + 2, -10);
  const mac = createHmac('sha1', keys.subarray(keyLength, keyLength * 2))
    .update(data)
    .digest();
  if (!mac.subarray(0, 10).equals(body.subarray(-10))) return undefined;
  const counters = Buffer.alloc(Math.ceil(data.length / 16) * 16);
  // The counter's lowest byte comes first, unlike in every mode that Node knows.
  for (let block = 0; block * 16 < counters.length; block += 1) counters.writeUInt32LE(block + 1, block * 16);
  const cipher = createCipheriv(`aes-${keyLength * 8}-ecb`, keys.subarray(0, keyLength), null).setAutoPadding(false);
  const stream = cipher.update(counters);
  for (let at = 0; at < data.length; at += 1) stream[at] = (stream[at] ?? 0) ^ (data[at] ?? 0);
  return stream.subarray(0, data.length);
}
