import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A token in a callback address. Only `hash` is stored; the token itself goes to the scanner and nowhere else. */
export interface CallbackToken {
  /** 43 characters of base64url: 256 random bits. */
  token: string;
  /** SHA-256 of the token, 32 bytes. */
  hash: Buffer;
}

/** Makes a token for one submission. It is used up by the statement that finds and deletes its hash. */
export function createCallbackToken(): CallbackToken {
  const token = randomBytes(32).toString('base64url');
  return { token, hash: digest(token) };
}

/** Returns the hash to look a presented token up by; undefined for what cannot be one of ours. */
export function hashCallbackToken(presented: string): Buffer | undefined {
  return /^[\w-]{43}$/.test(presented) ? digest(presented) : undefined;
}

/** Whether a presented token is the one of this hash, compared in constant time. */
export function callbackTokenMatches(presented: string, hash: Buffer): boolean {
  const given = hashCallbackToken(presented);
  return given !== undefined && hash.length === given.length && timingSafeEqual(given, hash);
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token, 'ascii').digest();
}
