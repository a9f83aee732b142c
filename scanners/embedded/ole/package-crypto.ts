import { createDecipheriv, createHash, type Decipher } from 'node:crypto';
import { u16, u32 } from './bytes';

/** Tries one password on an encrypted package; undefined when it is the wrong one. */
export type PackageKey = (password: string) => ((data: Buffer) => Buffer) | undefined;

const SEGMENT = 4_096;
/** Office writes 100,000; the standard's most would take a minute a password. */
const MAX_SPIN = 500_000;
const STANDARD_SPIN = 50_000;
const HASHES: Readonly<Record<string, string>> = {
  SHA1: 'sha1',
  'SHA-1': 'sha1',
  SHA256: 'sha256',
  'SHA-256': 'sha256',
  SHA384: 'sha384',
  'SHA-384': 'sha384',
  SHA512: 'sha512',
  'SHA-512': 'sha512',
};

/** Reads `EncryptionInfo` ([MS-OFFCRYPTO] 2.3.4). Undefined for ways of encryption that no password opens here. */
export function readEncryptionInfo(info: Buffer): PackageKey | undefined {
  const [major, minor] = [u16(info, 0), u16(info, 2)];
  if (major === 4 && minor === 4) return agileKey(info.toString('utf8', 8));
  return minor === 2 && major >= 2 && major <= 4 ? standardKey(info) : undefined;
}

interface AgileCipher {
  salt: Buffer;
  hash: string;
  bits: number;
  block: number;
  mode: 'cbc' | 'cfb8';
}

function agileKey(xml: string): PackageKey | undefined {
  const data = attributes(/<(?:\w{1,20}:)?keyData\b([^>]{0,2000})>/.exec(xml)?.[1]);
  const key = attributes(/<(?:\w{1,20}:)?encryptedKey\b([^>]{0,4000})>/.exec(xml)?.[1]);
  const [dataCipher, keyCipher] = [agileCipher(data), agileCipher(key)];
  const spin = Number(key.get('spinCount'));
  if (!dataCipher || !keyCipher || !(spin >= 0 && spin <= MAX_SPIN)) return undefined;
  const value = (name: string): Buffer => Buffer.from(key.get(name) ?? '', 'base64');
  return (password) => {
    const base = spun(keyCipher.hash, keyCipher.salt, password, spin);
    const open = (block: string, name: string): Buffer => {
      const derived = digest(keyCipher.hash, base, Buffer.from(block, 'hex'));
      return decipher(keyCipher, fit(derived, keyCipher.bits / 8), fit(keyCipher.salt, keyCipher.block), value(name));
    };
    const input = open('fea7d2763b4b9e79', 'encryptedVerifierHashInput').subarray(0, keyCipher.salt.length);
    const expected = open('d7aa0f6d3061344e', 'encryptedVerifierHashValue');
    const actual = digest(keyCipher.hash, input);
    if (!actual.equals(expected.subarray(0, actual.length))) return undefined;
    const secret = open('146e0be7abacd0d6', 'encryptedKeyValue').subarray(0, dataCipher.bits / 8);
    return (stream) => openSegments(dataCipher, secret, stream);
  };
}

function attributes(text = ''): Map<string, string> {
  return new Map([...text.matchAll(/(\w{1,40})\s*=\s*"([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]));
}

function agileCipher(values: Map<string, string>): AgileCipher | undefined {
  const hash = HASHES[values.get('hashAlgorithm') ?? ''];
  const bits = Number(values.get('keyBits'));
  const chaining = values.get('cipherChaining');
  if (!hash || values.get('cipherAlgorithm') !== 'AES' || ![128, 192, 256].includes(bits)) return undefined;
  const salt = Buffer.from(values.get('saltValue') ?? '', 'base64');
  return { salt, hash, bits, block: 16, mode: chaining === 'ChainingModeCFB' ? 'cfb8' : 'cbc' };
}

function openSegments(cipher: AgileCipher, key: Buffer, stream: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 8, index = 0; at < stream.length; at += SEGMENT, index += 1) {
    const iv = fit(digest(cipher.hash, cipher.salt, number(index)), cipher.block);
    parts.push(decipher(cipher, key, iv, stream.subarray(at, at + SEGMENT)));
  }
  return Buffer.concat(parts).subarray(0, packageSize(stream));
}

function decipher({ bits, mode }: AgileCipher, key: Buffer, iv: Buffer, data: Buffer): Buffer {
  return finish(createDecipheriv(`aes-${bits}-${mode}`, key, iv), data);
}

function standardKey(info: Buffer): PackageKey | undefined {
  const headerBytes = u32(info, 8);
  const bits = u32(info, 12 + 16) || 128;
  const at = 12 + headerBytes;
  // AES-128, 192, 256 ([MS-OFFCRYPTO] 2.3.2); RC4 packages are written by nobody.
  if (![0x660e, 0x660f, 0x6610].includes(u32(info, 12 + 8)) || ![128, 192, 256].includes(bits)) return undefined;
  if (headerBytes > 4_096 || at + 72 > info.length) return undefined;
  const salt = info.subarray(at + 4, at + 20);
  return (password) => {
    const base = digest('sha1', spun('sha1', salt, password, STANDARD_SPIN), number(0));
    const half = (pad: number): Buffer => {
      const block = Buffer.alloc(64, pad);
      for (const [index, byte] of base.entries()) block[index] = byte ^ pad;
      return digest('sha1', block);
    };
    const key = Buffer.concat([half(0x36), half(0x5c)]).subarray(0, bits / 8);
    const open = (data: Buffer): Buffer => finish(createDecipheriv(`aes-${bits}-ecb`, key, null), data);
    const expected = open(info.subarray(at + 40, at + 72)).subarray(0, 20);
    if (!digest('sha1', open(info.subarray(at + 20, at + 36))).equals(expected)) return undefined;
    return (stream) => open(stream.subarray(8)).subarray(0, packageSize(stream));
  };
}

const packageSize = (stream: Buffer): number => u32(stream, 0) + u32(stream, 4) * 2 ** 32;

const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

const digest = (hash: string, ...parts: Buffer[]): Buffer =>
  parts.reduce((sum, part) => sum.update(part), createHash(hash)).digest();

function spun(hash: string, salt: Buffer, password: string, count: number): Buffer {
  let value = digest(hash, salt, Buffer.from(password, 'utf16le'));
  const counter = Buffer.alloc(4);
  for (let index = 0; index < count; index += 1) {
    counter.writeUInt32LE(index);
    value = createHash(hash).update(counter).update(value).digest();
  }
  return value;
}

/** Cuts, or fills with 0x36 as the format asks. */
function fit(bytes: Buffer, length: number): Buffer {
  return bytes.length >= length
    ? bytes.subarray(0, length)
    : Buffer.concat([bytes, Buffer.alloc(length - bytes.length, 0x36)]);
}

function finish(cipher: Decipher, data: Buffer): Buffer {
  cipher.setAutoPadding(false);
  const whole = data.subarray(0, data.length - (data.length % 16));
  return Buffer.concat([cipher.update(whole), cipher.final()]);
}
