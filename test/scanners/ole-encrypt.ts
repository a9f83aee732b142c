import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { compound, long, short } from './ole-build';
import { biff } from './ole-documents';
import { rc4Mask } from '../../scanners/embedded/ole/rc4';

const SPIN = 1_000;
const hash = (algorithm: string, ...parts: Buffer[]): Buffer =>
  parts.reduce((sum, part) => sum.update(part), createHash(algorithm)).digest();
const padded = (data: Buffer): Buffer => Buffer.concat([data, Buffer.alloc((16 - (data.length % 16)) % 16)]);

/** An agile encrypted package ([MS-OFFCRYPTO] 2.3.4.10): AES-256, SHA-512. */
export function agile(content: Buffer, password: string): Buffer {
  const [salt, dataSalt, secret, verifier] = [16, 16, 32, 16].map((size) => randomBytes(size)) as [
    Buffer,
    Buffer,
    Buffer,
    Buffer,
  ];
  let base = hash('sha512', salt, Buffer.from(password, 'utf16le'));
  for (let index = 0; index < SPIN; index += 1) base = hash('sha512', long(index), base);
  const cbc = (key: Buffer, iv: Buffer, data: Buffer): Buffer => {
    const cipher = createCipheriv('aes-256-cbc', key, iv).setAutoPadding(false);
    return Buffer.concat([cipher.update(padded(data)), cipher.final()]);
  };
  const seal = (block: string, data: Buffer): string =>
    cbc(hash('sha512', base, Buffer.from(block, 'hex')).subarray(0, 32), salt, data).toString('base64');
  const ways = `blockSize="16" keyBits="256" hashSize="64" cipherAlgorithm="AES" cipherChaining="ChainingModeCBC" hashAlgorithm="SHA512"`;
  const xml = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><encryption xmlns="http://schemas.microsoft.com/office/2006/encryption" xmlns:p="http://schemas.microsoft.com/office/2006/keyEncryptor/password"><keyData saltSize="16" ${ways} saltValue="${dataSalt.toString('base64')}"/><keyEncryptors><keyEncryptor uri="http://schemas.microsoft.com/office/2006/keyEncryptor/password"><p:encryptedKey spinCount="${SPIN}" saltSize="16" ${ways} saltValue="${salt.toString('base64')}" encryptedVerifierHashInput="${seal('fea7d2763b4b9e79', verifier)}" encryptedVerifierHashValue="${seal('d7aa0f6d3061344e', hash('sha512', verifier))}" encryptedKeyValue="${seal('146e0be7abacd0d6', secret)}"/></keyEncryptor></keyEncryptors></encryption>`;
  const parts: Buffer[] = [long(content.length), long(0)];
  for (let at = 0, index = 0; at < content.length; at += 4_096, index += 1) {
    parts.push(cbc(secret, hash('sha512', dataSalt, long(index)).subarray(0, 16), content.subarray(at, at + 4_096)));
  }
  return encryptedPackage(Buffer.concat([short(4), short(4), long(0x40), Buffer.from(xml)]), Buffer.concat(parts));
}

/** A package of Office 2007 ([MS-OFFCRYPTO] 2.3.4.5): AES-128, SHA-1. */
export function standard(content: Buffer, password: string): Buffer {
  const [salt, verifier] = [randomBytes(16), randomBytes(16)];
  let base = hash('sha1', salt, Buffer.from(password, 'utf16le'));
  for (let index = 0; index < 50_000; index += 1) base = hash('sha1', long(index), base);
  base = hash('sha1', base, long(0));
  const block = Buffer.alloc(64, 0x36);
  for (const [index, byte] of base.entries()) block[index] = byte ^ 0x36;
  const key = hash('sha1', block).subarray(0, 16);
  const ecb = (data: Buffer): Buffer => {
    const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
    return Buffer.concat([cipher.update(padded(data)), cipher.final()]);
  };
  const provider = Buffer.from('Microsoft Enhanced RSA and AES Cryptographic Provider\0', 'utf16le');
  const fields = [0x24, 0, 0x660e, 0x8004, 128, 0x18, 0, 0].map(long);
  const header = Buffer.concat([...fields, provider]);
  const info = Buffer.concat([
    short(3),
    short(2),
    long(0x24),
    long(header.length),
    header,
    long(16),
    salt,
    ecb(verifier),
    long(20),
    ecb(hash('sha1', verifier)),
  ]);
  return encryptedPackage(info, Buffer.concat([long(content.length), long(0), ecb(content)]));
}

export function encryptedPackage(info: Buffer, content: Buffer): Buffer {
  return compound([
    { path: 'EncryptionInfo', data: info },
    { path: 'EncryptedPackage', data: content },
  ]);
}

/** A workbook stream under 40-bit RC4 ([MS-XLS] 2.2.10): the record behind the first is FILEPASS. */
export function rc4Workbook(records: readonly Buffer[], password: string): Buffer {
  const [salt, verifier] = [randomBytes(16), randomBytes(16)];
  const first = hash('md5', Buffer.from(password, 'utf16le')).subarray(0, 5);
  const mixed = hash('md5', ...Array.from({ length: 16 }, () => Buffer.concat([first, salt]))).subarray(0, 5);
  const mask = (block: number): Buffer => rc4Mask(hash('md5', mixed, long(block)), 1_024);
  const proof = Buffer.concat([verifier, hash('md5', verifier)]).map((byte, index) => byte ^ (mask(0)[index] ?? 0));
  const [bof, ...rest] = records;
  const filePass = biff(0x002f, short(1), short(1), short(1), salt, Buffer.from(proof));
  const stream = Buffer.concat([bof ?? Buffer.alloc(0), filePass, ...rest]);
  for (let at = 0; at + 4 <= stream.length;) {
    const [type, length] = [stream.readUInt16LE(at), stream.readUInt16LE(at + 2)];
    const clear = type === 0x0809 || type === 0x002f ? length : type === 0x0085 ? 4 : 0;
    for (let index = at + 4 + clear; index < at + 4 + length; index += 1) {
      stream[index] = (stream[index] ?? 0) ^ (mask(Math.floor(index / 1_024))[index % 1_024] ?? 0);
    }
    at += 4 + length;
  }
  return stream;
}
