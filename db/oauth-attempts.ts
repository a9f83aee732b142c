import { z } from 'zod';
import type { ConnectionRow, OAuthClientRef } from './connections';
import type { SealedTokens } from './connection-secrets';
import type { Queryable } from './pool';

const signedInSchema = z.object({
  userId: z.string(),
  name: z.string(),
  role: z.string(),
  scopes: z.array(z.string()),
});
/** Who came back from Zendesk's sign-in page: shown on the page that asks. */
export type SignedIn = z.output<typeof signedInSchema>;

const attemptSchema = z.object({
  id: z.string(),
  organisationId: z.string(),
  connectionId: z.string(),
  browserHash: z.instanceof(Buffer).nullable(),
  pkceVerifier: z.instanceof(Buffer),
  expiresAt: z.date(),
  openedAt: z.date().nullable(),
  usedAt: z.date().nullable(),
  confirmedAt: z.date().nullable(),
  startedBy: z.string(),
  oauthClient: z.object({ kind: z.enum(['global', 'local']), clientId: z.string() }),
  oauthClientSecret: z.instanceof(Buffer).nullable(),
  accessToken: z.instanceof(Buffer).nullable(),
  refreshToken: z.instanceof(Buffer).nullable(),
  accessExpiresAt: z.date().nullable(),
  refreshExpiresAt: z.date().nullable(),
  signedIn: signedInSchema.nullable(),
});
/** One sign-in: what was sealed stays sealed. */
export type AttemptRow = z.output<typeof attemptSchema>;

const COLUMNS = `id, organisation_id as "organisationId", connection_id as "connectionId", browser_hash as "browserHash",
  pkce_verifier as "pkceVerifier", expires_at as "expiresAt", opened_at as "openedAt", used_at as "usedAt",
  confirmed_at as "confirmedAt", started_by as "startedBy", oauth_client as "oauthClient",
  oauth_client_secret as "oauthClientSecret", access_token as "accessToken", refresh_token as "refreshToken",
  access_expires_at as "accessExpiresAt", refresh_expires_at as "refreshExpiresAt", signed_in as "signedIn"`;

export interface NewAttempt {
  organisationId: string;
  connectionId: string;
  /** SHA-256 of the state; a new one is set when a browser opens the attempt. */
  stateHash: Buffer;
  pkceVerifier: Buffer;
  oauthClient: OAuthClientRef;
  oauthClientSecret: Buffer | null;
  expiresAt: Date;
  startedBy: string;
}

/** Opens an attempt; what is left of the connection's earlier, unconfirmed ones is closed and forgotten. */
export async function insertAttempt(db: Queryable, attempt: NewAttempt): Promise<string> {
  await db.query(
    `update oauth_attempts set expires_at = least(expires_at, now()), access_token = null, refresh_token = null
     where connection_id = $1 and confirmed_at is null`,
    [attempt.connectionId],
  );
  const { rows } = await db.query<{ id: string }>(
    `insert into oauth_attempts (organisation_id, connection_id, state_hash, pkce_verifier, oauth_client,
       oauth_client_secret, expires_at, started_by) values ($1, $2, $3, $4, $5, $6, $7, $8) returning id`,
    [
      attempt.organisationId,
      attempt.connectionId,
      attempt.stateHash,
      attempt.pkceVerifier,
      attempt.oauthClient,
      attempt.oauthClientSecret,
      attempt.expiresAt,
      attempt.startedBy,
    ],
  );
  const id = rows[0]?.id;
  if (id === undefined) throw new Error('oauth_attempts: no row was written');
  return id;
}

export async function findAttempt(db: Queryable, id: string): Promise<AttemptRow | undefined> {
  const { rows } = await db.query(`select ${COLUMNS} from oauth_attempts where id = $1`, [id]);
  return rows[0] === undefined ? undefined : attemptSchema.parse(rows[0]);
}

export async function findAttemptByState(db: Queryable, stateHash: Buffer): Promise<AttemptRow | undefined> {
  const { rows } = await db.query(`select ${COLUMNS} from oauth_attempts where state_hash = $1`, [stateHash]);
  return rows[0] === undefined ? undefined : attemptSchema.parse(rows[0]);
}

/** Binds the attempt to a browser and a fresh state. False when it was used or has run out meanwhile. */
export async function openAttempt(
  db: Queryable,
  id: string,
  bound: { stateHash: Buffer; browserHash: Buffer },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `update oauth_attempts set state_hash = $2, browser_hash = $3, opened_at = now()
     where id = $1 and used_at is null and expires_at > now()`,
    [id, bound.stateHash, bound.browserHash],
  );
  return rowCount === 1;
}

/** Uses the state up. False when somebody was faster: a state counts once. */
export async function useAttempt(db: Queryable, id: string): Promise<boolean> {
  const { rowCount } = await db.query(
    'update oauth_attempts set used_at = now() where id = $1 and used_at is null and expires_at > now()',
    [id],
  );
  return rowCount === 1;
}

/** Keeps what the sign-in brought until it is confirmed; ten more minutes. */
export async function saveSignIn(
  db: Queryable,
  id: string,
  brought: { tokens: SealedTokens; signedIn: SignedIn },
): Promise<void> {
  const { tokens, signedIn } = brought;
  await db.query(
    `update oauth_attempts set access_token = $2, refresh_token = $3, access_expires_at = $4, refresh_expires_at = $5,
       signed_in = $6, expires_at = now() + interval '10 minutes' where id = $1`,
    [id, tokens.accessToken, tokens.refreshToken, tokens.accessExpiresAt, tokens.refreshExpiresAt, signedIn],
  );
}

/** Forgets the tokens of an attempt that nobody may confirm any more. */
export async function closeAttempt(db: Queryable, id: string): Promise<void> {
  await db.query(
    `update oauth_attempts set access_token = null, refresh_token = null, expires_at = least(expires_at, now())
     where id = $1 and confirmed_at is null`,
    [id],
  );
}

/**
 * Confirms a sign-in: its tokens and client become the connection's, which is `activating` from here on. A connection
 * that works already remembers what it had, for the case that this activation fails.
 * @returns false when it was confirmed before or has run out
 */
export async function confirmAttempt(db: Queryable, attempt: AttemptRow, connection: ConnectionRow): Promise<boolean> {
  const { rowCount } = await db.query(
    `update oauth_attempts set confirmed_at = now()
     where id = $1 and confirmed_at is null and access_token is not null and expires_at > now()`,
    [attempt.id],
  );
  if (rowCount !== 1) return false;
  const working = connection.state === 'connected' || connection.state === 'reconnect_needed';
  await db.query(
    `update connections c set prior = case when $2 then jsonb_build_object('state', c.state, 'oauth_client', c.oauth_client,
         'oauth_client_secret', encode(c.oauth_client_secret, 'hex'), 'access_token', encode(c.access_token, 'hex'),
         'refresh_token', encode(c.refresh_token, 'hex'), 'access_expires_at', c.access_expires_at,
         'refresh_expires_at', c.refresh_expires_at, 'account', c.account, 'own_hosts', c.own_hosts) end,
       state = 'activating', oauth_client = a.oauth_client, oauth_client_secret = a.oauth_client_secret,
       access_token = a.access_token, refresh_token = a.refresh_token, access_expires_at = a.access_expires_at,
       refresh_expires_at = a.refresh_expires_at, activation_steps = '[]', proof = '{}', deactivated_at = null,
       deactivation_asked_at = null, deadline_at = now() + interval '1 minute'
     from oauth_attempts a where c.id = a.connection_id and a.id = $1`,
    [attempt.id, working],
  );
  await db.query('update oauth_attempts set access_token = null, refresh_token = null where id = $1', [attempt.id]);
  return true;
}

/** Goes back to what the connection had before an activation that failed. False when it did not work before. */
export async function restorePrior(db: Queryable, connectionId: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `update connections set state = prior->>'state', oauth_client = prior->'oauth_client',
       oauth_client_secret = decode(prior->>'oauth_client_secret', 'hex'), access_token = decode(prior->>'access_token', 'hex'),
       refresh_token = decode(prior->>'refresh_token', 'hex'), access_expires_at = (prior->>'access_expires_at')::timestamptz,
       refresh_expires_at = (prior->>'refresh_expires_at')::timestamptz, account = prior->'account',
       own_hosts = array(select jsonb_array_elements_text(prior->'own_hosts')), prior = null, proof = '{}'
     where id = $1 and prior is not null`,
    [connectionId],
  );
  return rowCount === 1;
}

/** Forgets what the connection had before an activation that succeeded; its token stays until it is revoked. */
export async function forgetPrior(db: Queryable, connectionId: string): Promise<void> {
  await db.query(
    `update connections set prior = null, revoke_later = revoke_later ||
       case when prior->>'access_token' is null then '{}' else array[decode(prior->>'access_token', 'hex')] end
     where id = $1`,
    [connectionId],
  );
}
