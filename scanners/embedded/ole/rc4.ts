import { createHash } from 'node:crypto';
import { u16, u32 } from './bytes';

/** The key stream of one block. */
export type BlockMask = (block: number, length: number) => Buffer;

/** RC4 as the old Office formats use it; OpenSSL 3 has it in its legacy part only. `mask`: the key stream itself. */
export function rc4Mask(key: Buffer, length: number): Buffer {
  const state = Buffer.from(Array.from({ length: 256 }, (_unused, index) => index));
  for (let i = 0, j = 0; i < 256; i += 1) {
    j = (j + (state[i] ?? 0) + (key[i % key.length] ?? 0)) & 255;
    [state[i], state[j]] = [state[j] ?? 0, state[i] ?? 0];
  }
  const out = Buffer.alloc(length);
  for (let n = 0, i = 0, j = 0; n < length; n += 1) {
    i = (i + 1) & 255;
    const [a, b] = [state[i] ?? 0, 0];
    j = (j + a) & 255;
    const other = state[j] ?? b;
    state[i] = other;
    state[j] = a;
    out[n] = state[(other + a) & 255] ?? 0;
  }
  return out;
}

/**
 * Checks a password against an RC4 header ([MS-OFFCRYPTO] 2.3.5 CryptoAPI, 2.3.6 the 40-bit kind) that begins with its
 * version. Undefined when it is wrong or the header no such one.
 */
export function openRc4(header: Buffer, password: string): BlockMask | undefined {
  const [major, minor] = [u16(header, 0), u16(header, 2)];
  if (major === 1 && minor === 1) return plainRc4(header, password);
  return minor === 2 && major >= 2 && major <= 4 ? cryptoApiRc4(header, password) : undefined;
}

function plainRc4(header: Buffer, password: string): BlockMask | undefined {
  if (header.length < 52) return undefined;
  const salt = header.subarray(4, 20);
  const first = hash('md5', Buffer.from(password, 'utf16le')).subarray(0, 5);
  const mixed = hash('md5', ...Array.from({ length: 16 }, () => Buffer.concat([first, salt]))).subarray(0, 5);
  const mask: BlockMask = (block, length) => rc4Mask(hash('md5', mixed, number(block)), length);
  return verified(mask, header.subarray(20, 36), header.subarray(36, 52), 'md5') ? mask : undefined;
}

function cryptoApiRc4(header: Buffer, password: string): BlockMask | undefined {
  const at = 12 + u32(header, 8);
  const bits = u32(header, 12 + 16) || 40;
  // RC4 ([MS-OFFCRYPTO] 2.3.5.1).
  if (u32(header, 12 + 8) !== 0x6801 || bits > 128 || bits < 40 || at + 60 > header.length) return undefined;
  const base = hash('sha1', header.subarray(at + 4, at + 20), Buffer.from(password, 'utf16le'));
  const mask: BlockMask = (block, length) => {
    const key = hash('sha1', base, number(block)).subarray(0, bits / 8);
    // 40 bits are filled up to 128 with zeros.
    return rc4Mask(bits === 40 ? Buffer.concat([key, Buffer.alloc(11)]) : key, length);
  };
  const [verifier, expected] = [header.subarray(at + 20, at + 36), header.subarray(at + 40, at + 60)];
  return verified(mask, verifier, expected, 'sha1') ? mask : undefined;
}

function verified(mask: BlockMask, verifier: Buffer, expected: Buffer, algorithm: string): boolean {
  const stream = mask(0, verifier.length + expected.length);
  const open = Buffer.concat([verifier, expected]).map((byte, index) => byte ^ (stream[index] ?? 0));
  const actual = hash(algorithm, Buffer.from(open.subarray(0, verifier.length)));
  return actual.equals(Buffer.from(open.subarray(verifier.length)));
}

const hash = (algorithm: string, ...parts: Buffer[]): Buffer =>
  parts.reduce((sum, part) => sum.update(part), createHash(algorithm)).digest();

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}
