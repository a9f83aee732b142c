import { signingSecretsSchema } from '../domain/connection';
import type { SigningSecrets } from '../domain/connection';
import type { Queryable } from './pool';

/** What is needed of the secret box (`quarantine/secret-box.ts`). Contexts bind a value to the field it is for. */
export interface SecretSealer {
  seal(plaintext: string, context: Readonly<Record<string, string>>): Promise<Buffer>;
  open(sealed: Buffer, context: Readonly<Record<string, string>>): Promise<Buffer>;
}

export interface ConnectionRef {
  organisationId: string;
  connectionId: string;
}

/** A token pair of Zendesk. Times are absolute; null where Zendesk says that a token does not expire. */
export interface TokenPair {
  accessToken: string;
  refreshToken: string | null;
  accessExpiresAt: Date | null;
  refreshExpiresAt: Date | null;
}

/** The same pair from the words of Zendesk's adapter, whose instants are ISO texts. */
export function pairOf(answer: {
  accessToken: string;
  refreshToken: string | undefined;
  accessExpiresAt: string | undefined;
  refreshExpiresAt: string | undefined;
}): TokenPair {
  const instant = (text: string | undefined): Date | null => (text === undefined ? null : new Date(text));
  return {
    accessToken: answer.accessToken,
    refreshToken: answer.refreshToken ?? null,
    accessExpiresAt: instant(answer.accessExpiresAt),
    refreshExpiresAt: instant(answer.refreshExpiresAt),
  };
}

/** A token pair as it is stored. */
export interface SealedTokens {
  accessToken: Buffer;
  refreshToken: Buffer | null;
  accessExpiresAt: Date | null;
  refreshExpiresAt: Date | null;
}

export type SecretField =
  'access_token' | 'refresh_token' | 'oauth_client_secret' | 'signing_secrets' | 'pkce_verifier';

function contextOf(ref: ConnectionRef, field: SecretField): Record<string, string> {
  return { organisation: ref.organisationId, connection: ref.connectionId, field };
}

/** Seals one value for one field of one connection. */
export function sealSecret(box: SecretSealer, ref: ConnectionRef, field: SecretField, value: string): Promise<Buffer> {
  return box.seal(value, contextOf(ref, field));
}

/** Opens a value sealed by {@link sealSecret} for the same connection and field. @throws SealError */
export async function openSecret(
  box: SecretSealer,
  ref: ConnectionRef,
  field: SecretField,
  sealed: Buffer,
): Promise<string> {
  return (await box.open(sealed, contextOf(ref, field))).toString('utf8');
}

/** Seals a token pair outside of any transaction: it takes milliseconds. */
export async function sealTokens(box: SecretSealer, ref: ConnectionRef, pair: TokenPair): Promise<SealedTokens> {
  const refresh = pair.refreshToken;
  return {
    accessToken: await sealSecret(box, ref, 'access_token', pair.accessToken),
    refreshToken: refresh === null ? null : await sealSecret(box, ref, 'refresh_token', refresh),
    accessExpiresAt: pair.accessExpiresAt,
    refreshExpiresAt: pair.refreshExpiresAt,
  };
}

/** Replaces the stored pair. */
export async function saveTokens(db: Queryable, connectionId: string, tokens: SealedTokens): Promise<void> {
  await db.query(
    `update connections set access_token = $2, refresh_token = $3, access_expires_at = $4, refresh_expires_at = $5
     where id = $1`,
    [connectionId, tokens.accessToken, tokens.refreshToken, tokens.accessExpiresAt, tokens.refreshExpiresAt],
  );
}

interface StoredTokens {
  access_token: Buffer | null;
  refresh_token: Buffer | null;
  access_expires_at: Date | null;
  refresh_expires_at: Date | null;
}

/** The stored pair, still sealed; undefined when there is none. */
export async function readSealedTokens(db: Queryable, connectionId: string): Promise<SealedTokens | undefined> {
  const { rows } = await db.query<StoredTokens>(
    'select access_token, refresh_token, access_expires_at, refresh_expires_at from connections where id = $1',
    [connectionId],
  );
  const row = rows[0];
  if (!row?.access_token) return undefined;
  return {
    accessToken: row.access_token,
    refreshToken: row.refresh_token,
    accessExpiresAt: row.access_expires_at,
    refreshExpiresAt: row.refresh_expires_at,
  };
}

export async function openTokens(box: SecretSealer, ref: ConnectionRef, sealed: SealedTokens): Promise<TokenPair> {
  const refresh = sealed.refreshToken;
  return {
    accessToken: await openSecret(box, ref, 'access_token', sealed.accessToken),
    refreshToken: refresh === null ? null : await openSecret(box, ref, 'refresh_token', refresh),
    accessExpiresAt: sealed.accessExpiresAt,
    refreshExpiresAt: sealed.refreshExpiresAt,
  };
}

/** Sealed access tokens that are out of use and still to be revoked at the help desk. */
export async function readTokensToRevoke(db: Queryable, connectionId: string): Promise<Buffer[]> {
  const { rows } = await db.query<{ tokens: Buffer[] }>(
    'select revoke_later as tokens from connections where id = $1',
    [connectionId],
  );
  return rows[0]?.tokens ?? [];
}

/** Takes the stored access token out of use and keeps it to be revoked. */
export async function keepTokenToRevoke(db: Queryable, connectionId: string): Promise<void> {
  await db.query(
    `update connections set revoke_later = array_append(revoke_later, access_token), access_token = null
     where id = $1 and access_token is not null`,
    [connectionId],
  );
}

/** Forgets a token that was revoked, or cannot be. */
export async function forgetTokenToRevoke(db: Queryable, connectionId: string, sealed: Buffer): Promise<void> {
  await db.query('update connections set revoke_later = array_remove(revoke_later, $2) where id = $1', [
    connectionId,
    sealed,
  ]);
}

/** Forgets tokens and signing secrets; a local client's secret stays, a repeated sign-in needs it. */
export async function eraseCredentials(db: Queryable, connectionId: string): Promise<void> {
  await db.query(
    `update connections set access_token = null, refresh_token = null, access_expires_at = null,
       refresh_expires_at = null, signing_secrets = null, proof = '{}' where id = $1`,
    [connectionId],
  );
}

/** The sealed secret of the local OAuth client; undefined for the global one. */
export async function readClientSecret(db: Queryable, connectionId: string): Promise<Buffer | undefined> {
  const { rows } = await db.query<{ secret: Buffer | null }>(
    'select oauth_client_secret as secret from connections where id = $1',
    [connectionId],
  );
  return rows[0]?.secret ?? undefined;
}

export async function readSealedSigningSecrets(db: Queryable, connectionId: string): Promise<Buffer | undefined> {
  const { rows } = await db.query<{ secrets: Buffer | null }>(
    'select signing_secrets as secrets from connections where id = $1',
    [connectionId],
  );
  return rows[0]?.secrets ?? undefined;
}

/** Signing secrets by webhook id; empty when none are stored. @throws SealError */
export async function openSigningSecrets(
  box: SecretSealer,
  ref: ConnectionRef,
  sealed: Buffer | undefined,
): Promise<SigningSecrets> {
  if (!sealed) return {};
  return signingSecretsSchema.parse(JSON.parse(await openSecret(box, ref, 'signing_secrets', sealed)));
}

export async function saveSigningSecrets(db: Queryable, connectionId: string, sealed: Buffer): Promise<void> {
  await db.query('update connections set signing_secrets = $2 where id = $1', [connectionId, sealed]);
}
