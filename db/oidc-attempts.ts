import type { Queryable } from './pool';

/** A sign-in under way at the identity provider. */
export interface OidcAttempt {
  /** SHA-256 of the browser's secret. */
  browserHash: Buffer;
  nonce: string;
  pkceVerifier: string;
  /** Path of ours to go to afterwards. */
  returnTo: string;
}

/** Keeps an attempt under the hash of its state. */
export async function insertOidcAttempt(
  db: Queryable,
  stateHash: Buffer,
  attempt: OidcAttempt,
  expiresAt: Date,
): Promise<void> {
  await db.query(
    `insert into oidc_attempts (state_hash, browser_hash, nonce, pkce_verifier, return_to, expires_at)
     values ($1, $2, $3, $4, $5, $6)`,
    [stateHash, attempt.browserHash, attempt.nonce, attempt.pkceVerifier, attempt.returnTo, expiresAt],
  );
}

/** Takes the attempt of a state away: a state counts once. */
export async function takeOidcAttempt(db: Queryable, stateHash: Buffer, now: Date): Promise<OidcAttempt | undefined> {
  const { rows } = await db.query<OidcAttempt & { expiresAt: Date }>(
    `delete from oidc_attempts where state_hash = $1 returning browser_hash as "browserHash", nonce,
       pkce_verifier as "pkceVerifier", return_to as "returnTo", expires_at as "expiresAt"`,
    [stateHash],
  );
  const [found] = rows;
  return found && found.expiresAt > now ? found : undefined;
}
