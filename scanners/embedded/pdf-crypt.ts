import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { entry, type PdfDictionary, type PdfValue } from './pdf-objects';

/** Undoes the encryption of one document. Data that cannot be decrypted comes back as it is. */
export interface PdfCrypt {
  string(raw: Buffer, id: number, generation: number): Buffer;
  stream(raw: Buffer, id: number, generation: number, embedded: boolean): Buffer;
  /** Whether streams of type Metadata are encrypted too. */
  metadata: boolean;
}

/** Pads passwords to 32 bytes (ISO 32000-1, 7.6.3.3, algorithm 2). */
const PADDING = Buffer.from('28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a', 'hex');

type Method = 'none' | 'rc4' | 'aes128' | 'aes256';

interface Standard {
  version: number;
  revision: number;
  bytes: number;
  permissions: number;
  owner: Buffer;
  user: Buffer;
  ownerKey: Buffer;
  userKey: Buffer;
  metadata: boolean;
  id: Buffer;
}

/**
 * Opens the standard security handler with the empty password, then with each candidate, as user's and as owner's
 * password. Undefined where none fits or another handler protects the document.
 * @param dictionary the value of `Encrypt`
 * @param id the first string of the trailer's `ID`
 * @param resolve looks references up
 */
export function openPdfCrypt(
  dictionary: PdfDictionary,
  id: Buffer,
  passwords: Iterable<string>,
  resolve: (value: PdfValue | undefined) => PdfValue | undefined,
): PdfCrypt | undefined {
  const handler = resolve(dictionary.entries.get('Filter'));
  if (handler?.kind !== 'name' || handler.name !== 'Standard') return undefined;
  const standard = readStandard(dictionary, id, resolve);
  if (standard.revision < 2 || standard.revision > 6) return undefined;
  const methods = readMethods(dictionary, standard, resolve);
  for (const password of ['', ...passwords]) {
    const key = standard.revision >= 5 ? keyOf256(standard, password) : keyOf128(standard, password);
    if (key) return cryptWith(key, methods, standard.metadata);
  }
  return undefined;
}

type Resolve = (value: PdfValue | undefined) => PdfValue | undefined;

function readStandard(dictionary: PdfDictionary, id: Buffer, resolve: Resolve): Standard {
  const number = (key: string, other: number): number => {
    const value = resolve(dictionary.entries.get(key));
    return value?.kind === 'number' ? value.value : other;
  };
  const bytes = (key: string): Buffer => {
    const value = resolve(dictionary.entries.get(key));
    return Buffer.from(value?.kind === 'string' ? value.raw : '', 'latin1');
  };
  const version = number('V', 0);
  const length = number('Length', 40);
  // Some writers give the length in bytes.
  const bits = version === 1 ? 40 : version === 4 ? 128 : length < 40 ? length * 8 : length;
  const metadata = dictionary.entries.get('EncryptMetadata');
  return {
    version,
    revision: number('R', 0),
    bytes: Math.min(16, Math.max(5, Math.floor(bits / 8))),
    permissions: number('P', 0) | 0,
    owner: bytes('O'),
    user: bytes('U'),
    ownerKey: bytes('OE'),
    userKey: bytes('UE'),
    metadata: !(metadata?.kind === 'other' && metadata.word === 'false'),
    id,
  };
}

interface Methods {
  strings: Method;
  streams: Method;
  files: Method;
}

/** Crypt filters (7.6.5) say per kind of data how it is encrypted; before version 4 all is RC4. */
function readMethods(dictionary: PdfDictionary, { version }: Standard, resolve: Resolve): Methods {
  if (version < 4) return { strings: 'rc4', streams: 'rc4', files: 'rc4' };
  const filters = resolve(dictionary.entries.get('CF'));
  const method = (key: string, other: Method): Method => {
    const named = resolve(dictionary.entries.get(key));
    if (named?.kind !== 'name') return other;
    if (named.name === 'Identity' || filters?.kind !== 'dictionary') return 'none';
    const filter = resolve(filters.entries.get(named.name));
    const name = filter?.kind === 'dictionary' ? entry(filter, 'CFM', 'name')?.name : undefined;
    return name === 'V2' ? 'rc4' : name === 'AESV2' ? 'aes128' : name === 'AESV3' ? 'aes256' : 'none';
  };
  const streams = method('StmF', 'none');
  return { streams, strings: method('StrF', 'none'), files: method('EFF', streams) };
}

const md5 = (...parts: Buffer[]): Buffer => {
  const hash = createHash('md5');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

const padded = (password: Buffer): Buffer => Buffer.concat([password, PADDING]).subarray(0, 32);

/** Revisions 2 to 4: the user's password fits, or the owner's gives the user's (algorithms 6 and 7). */
function keyOf128(standard: Standard, password: string): Buffer | undefined {
  const bytes = Buffer.from(password, 'latin1');
  return userKeyOf(standard, bytes) ?? userKeyOf(standard, userPasswordOf(standard, bytes));
}

function userKeyOf(standard: Standard, password: Buffer): Buffer | undefined {
  const { revision, bytes, permissions, owner, user, metadata, id } = standard;
  const flags = Buffer.alloc(4);
  flags.writeInt32LE(permissions);
  const extra = revision >= 4 && !metadata ? Buffer.alloc(4, 0xff) : Buffer.alloc(0);
  const length = revision === 2 ? 5 : bytes;
  let key = md5(padded(password), owner.subarray(0, 32), flags, id, extra);
  for (let round = 0; revision >= 3 && round < 50; round += 1) key = md5(key.subarray(0, length));
  key = key.subarray(0, length);
  if (revision === 2) return rc4(key, PADDING).equals(user.subarray(0, 32)) ? key : undefined;
  let proof = rc4(key, md5(PADDING, id));
  for (let round = 1; round < 20; round += 1) proof = rc4(Buffer.from(key.map((byte) => byte ^ round)), proof);
  return proof.equals(user.subarray(0, 16)) ? key : undefined;
}

function userPasswordOf({ revision, bytes, owner }: Standard, password: Buffer): Buffer {
  const length = revision === 2 ? 5 : bytes;
  let key = md5(padded(password));
  for (let round = 0; revision >= 3 && round < 50; round += 1) key = md5(key);
  key = key.subarray(0, length);
  let out = owner.subarray(0, 32);
  for (let round = revision === 2 ? 0 : 19; round >= 0; round -= 1) {
    out = rc4(Buffer.from(key.map((byte) => byte ^ round)), out);
  }
  return out;
}

/** Revisions 5 and 6 (ISO 32000-2, 7.6.4.3.3, algorithm 2.A). */
function keyOf256({ revision, owner, user, ownerKey, userKey }: Standard, password: string): Buffer | undefined {
  if (user.length < 48 || owner.length < 48) return undefined;
  const bytes = Buffer.from(password.normalize('NFKC'), 'utf8').subarray(0, 127);
  const hash = (salt: Buffer, more: Buffer): Buffer =>
    revision === 5 ? createHash('sha256').update(bytes).update(salt).update(more).digest() : hash2B(bytes, salt, more);
  const open = (salt: Buffer, more: Buffer, sealed: Buffer): Buffer | undefined => {
    if (sealed.length < 32) return undefined;
    const decipher = createDecipheriv('aes-256-cbc', hash(salt, more), Buffer.alloc(16)).setAutoPadding(false);
    return Buffer.concat([decipher.update(sealed.subarray(0, 32)), decipher.final()]);
  };
  const none = Buffer.alloc(0);
  const whole = user.subarray(0, 48);
  if (hash(user.subarray(32, 40), none).equals(user.subarray(0, 32))) return open(user.subarray(40, 48), none, userKey);
  if (hash(owner.subarray(32, 40), whole).equals(owner.subarray(0, 32))) {
    return open(owner.subarray(40, 48), whole, ownerKey);
  }
  return undefined;
}

/** Algorithm 2.B: at least 64 rounds of AES and one of three hashes. Its end depends on the data, so rounds are bounded. */
function hash2B(password: Buffer, salt: Buffer, more: Buffer): Buffer {
  let key = createHash('sha256').update(password).update(salt).update(more).digest();
  for (let round = 0; round < 2_000; round += 1) {
    const once = Buffer.concat([password, key, more]);
    const block = Buffer.concat(Array.from({ length: 64 }, () => once));
    const cipher = createCipheriv('aes-128-cbc', key.subarray(0, 16), key.subarray(16, 32)).setAutoPadding(false);
    const sealed = Buffer.concat([cipher.update(block), cipher.final()]);
    const rest = sealed.subarray(0, 16).reduce((sum, byte) => sum + byte, 0) % 3;
    key = createHash(['sha256', 'sha384', 'sha512'][rest] ?? 'sha256')
      .update(sealed)
      .digest();
    if (round >= 63 && (sealed.at(-1) ?? 0) <= round - 31) break;
  }
  return key.subarray(0, 32);
}

function cryptWith(key: Buffer, methods: Methods, metadata: boolean): PdfCrypt {
  const undo = (method: Method, raw: Buffer, id: number, generation: number): Buffer => {
    if (method === 'none') return raw;
    if (method === 'aes256') return undoAes(key, raw);
    const salt = Buffer.from([id, id >> 8, id >> 16, generation, generation >> 8].map((byte) => byte & 0xff));
    const tail = method === 'aes128' ? Buffer.from('sAlT') : Buffer.alloc(0);
    const own = md5(key, salt, tail).subarray(0, Math.min(16, key.length + 5));
    return method === 'rc4' ? rc4(own, raw) : undoAes(own, raw);
  };
  return {
    metadata,
    string: (raw, id, generation) => undo(methods.strings, raw, id, generation),
    stream: (raw, id, generation, embedded) => undo(embedded ? methods.files : methods.streams, raw, id, generation),
  };
}

/** The first block is the vector; padding that is wrong stays, since writers are careless about the end. */
function undoAes(key: Buffer, raw: Buffer): Buffer {
  const whole = raw.length - (raw.length % 16);
  if (whole < 32) return Buffer.alloc(0);
  const decipher = createDecipheriv(key.length === 32 ? 'aes-256-cbc' : 'aes-128-cbc', key, raw.subarray(0, 16));
  decipher.setAutoPadding(false);
  const out = Buffer.concat([decipher.update(raw.subarray(16, whole)), decipher.final()]);
  const pad = out.at(-1) ?? 0;
  return pad >= 1 && pad <= 16 ? out.subarray(0, out.length - pad) : out;
}

/** RC4, which OpenSSL 3 offers in its legacy provider only. */
function rc4(key: Buffer, data: Buffer): Buffer {
  const state = Uint8Array.from({ length: 256 }, (_unused, index) => index);
  for (let i = 0, j = 0; i < 256; i += 1) {
    const held = state[i] ?? 0;
    j = (j + held + (key[i % key.length] ?? 0)) & 0xff;
    state[i] = state[j] ?? 0;
    state[j] = held;
  }
  const out = Buffer.alloc(data.length);
  for (let at = 0, i = 0, j = 0; at < data.length; at += 1) {
    i = (i + 1) & 0xff;
    const held = state[i] ?? 0;
    j = (j + held) & 0xff;
    const other = (state[i] = state[j] ?? 0);
    state[j] = held;
    out[at] = (data[at] ?? 0) ^ (state[(held + other) & 0xff] ?? 0);
  }
  return out;
}
