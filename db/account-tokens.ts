import { createHash, randomBytes } from 'node:crypto';

/** 256 random bits, for whatever opens an account: session, invitation, link for a new password. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** What is stored of such a token; random bits need no slow hash. */
export function tokenHash(token: string): Buffer {
  return createHash('sha256').update(token, 'utf8').digest();
}
