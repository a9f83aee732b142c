import { appendAuditEvent, LAZARET } from '../db/audit-events';
import {
  openSecret,
  openTokens,
  pairOf,
  readClientSecret,
  readSealedTokens,
  saveTokens,
  sealTokens,
} from '../db/connection-secrets';
import type { ConnectionRef, SealedTokens, SecretSealer, TokenPair } from '../db/connection-secrets';
import { findConnection, lockConnection, updateConnection } from '../db/connections';
import type { ConnectionRow } from '../db/connections';
import type { Database } from '../db/pool';
import { isZendeskError } from '../zendesk/errors';
import type { ZendeskTransport } from '../zendesk/http';
import { createZendeskOAuth } from '../zendesk/oauth';
import type { OAuthClient } from '../zendesk/oauth';
import { markReconnectNeeded, ReconnectNeededError } from './reconnect';
import type { ReconnectSettings } from './reconnect';

/** A token is renewed when it has less than this left, in milliseconds. */
export const RENEW_AHEAD_MS = 120_000;
/** How long one caller waits for another process's refresh, in milliseconds; longer than a refresh can take. */
const PATIENCE_MS = 120_000;
/** How long a fresh pair is offered to the database, in milliseconds: it exists nowhere but in memory until then. */
const KEEP_MS = 60_000;
const KEEP_AGAIN_MS = 250;
const LOOK_AGAIN_MS = 50;

export interface RenewalDeps {
  database: Database;
  secretBox: SecretSealer;
  transport: ZendeskTransport;
  /** The installation's own OAuth client; connections with a local client do not need it. */
  globalClient?: OAuthClient | undefined;
  settings: ReconnectSettings;
}

export interface StoredPair {
  sealed: SealedTokens;
  pair: TokenPair;
}

/** The stored pair, opened. @throws ReconnectNeededError when none is stored */
export async function readTokenPair(deps: RenewalDeps, ref: ConnectionRef): Promise<StoredPair> {
  const sealed = await deps.database.withOrganisation(ref.organisationId, (db) =>
    readSealedTokens(db, ref.connectionId),
  );
  if (!sealed) throw new ReconnectNeededError(ref.connectionId);
  return { sealed, pair: await openTokens(deps.secretBox, ref, sealed) };
}

/**
 * Another pair than the stale one. Among all processes one refreshes, under a lock in the database; the others read what
 * it stored. The new pair is stored before anybody uses it, for Zendesk has deleted the old one by then.
 * @throws ReconnectNeededError when Zendesk refuses the refresh token; ZendeskError when it cannot be reached now
 */
export async function renewTokens(deps: RenewalDeps, ref: ConnectionRef, stale: string): Promise<TokenPair> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const done = await deps.database.tryExclusive(`zendesk-refresh:${ref.connectionId}`, async () => {
      const stored = await readTokenPair(deps, ref);
      return stored.pair.accessToken === stale ? refresh(deps, ref, stored) : stored.pair;
    });
    if (done) return done;
    if (Date.now() > until)
      throw new Error(`connection ${ref.connectionId}: another process has been renewing its token for minutes`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

async function refresh(deps: RenewalDeps, ref: ConnectionRef, stored: StoredPair): Promise<TokenPair> {
  const refreshToken = stored.pair.refreshToken;
  if (refreshToken === null) return lost(deps, ref, stored);
  const connection = await loadConnection(deps.database, ref);
  const client = await clientOf(deps, ref, connection);
  let fresh: TokenPair;
  try {
    const oauth = createZendeskOAuth({ transport: deps.transport, nowMs: Date.now });
    fresh = pairOf(await oauth.refresh({ subdomain: connection.subdomain, client, refreshToken }));
  } catch (error) {
    // A refresh whose answer was lost has used the token up: the next try comes here.
    if (isZendeskError(error, 'invalid_grant')) return lost(deps, ref, stored);
    // A wrong secret of the installation's own client is the operator's to mend; no admin can sign that away.
    if (isZendeskError(error, 'invalid_client') && connection.oauthClient.kind === 'local')
      return lost(deps, ref, stored);
    throw error;
  }
  return keep(deps, ref, stored, fresh);
}

/** Stores the fresh pair, again and again while the database does not take it: Zendesk has deleted the old pair by now. */
async function keep(deps: RenewalDeps, ref: ConnectionRef, stored: StoredPair, fresh: TokenPair): Promise<TokenPair> {
  const sealed = await sealTokens(deps.secretBox, ref, fresh);
  const until = Date.now() + KEEP_MS;
  for (;;) {
    const kept = await store(deps, ref, stored, sealed).catch(async (error: unknown) => {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, KEEP_AGAIN_MS));
      return undefined;
    });
    if (kept !== undefined) return kept ? fresh : (await readTokenPair(deps, ref)).pair;
  }
}

/** @returns false when somebody signed in anew meanwhile: what they brought counts */
async function store(
  deps: RenewalDeps,
  ref: ConnectionRef,
  before: StoredPair,
  sealed: SealedTokens,
): Promise<boolean> {
  return deps.database.withOrganisation(ref.organisationId, async (db) => {
    const row = await lockConnection(db, ref.connectionId);
    const now = await readSealedTokens(db, ref.connectionId);
    // A commit whose answer was lost has stored it already.
    if (now?.accessToken.equals(sealed.accessToken)) return true;
    if (!row || !now?.accessToken.equals(before.sealed.accessToken)) return false;
    await saveTokens(db, row.id, sealed);
    const event = { organisationId: ref.organisationId, actor: LAZARET, connectionId: row.id };
    const accessExpiresAt = sealed.accessExpiresAt?.toISOString() ?? null;
    await appendAuditEvent(db, { ...event, kind: 'connection.token_renewed', detail: { accessExpiresAt } });
    // Another process lost the lock's session, met the used-up token and gave the sign-in up; here is its successor.
    if (row.state === 'reconnect_needed') {
      await updateConnection(db, row.id, { state: 'connected', lostAt: null });
      await appendAuditEvent(db, { ...event, kind: 'connection.recovered', detail: { reason: 'pair_stored_late' } });
    }
    return true;
  });
}

async function lost(deps: RenewalDeps, ref: ConnectionRef, stored: StoredPair): Promise<TokenPair> {
  const marked = await markReconnectNeeded(deps.database, ref, stored.sealed.accessToken, deps.settings);
  if (marked) throw new ReconnectNeededError(ref.connectionId);
  return (await readTokenPair(deps, ref)).pair;
}

/** @throws Error when this organisation has no such connection */
export async function loadConnection(database: Database, ref: ConnectionRef): Promise<ConnectionRow> {
  const row = await database.withOrganisation(ref.organisationId, (db) => findConnection(db, ref.connectionId));
  if (!row) throw new Error(`connection ${ref.connectionId}: this organisation has none with this id`);
  return row;
}

async function clientOf(deps: RenewalDeps, ref: ConnectionRef, connection: ConnectionRow): Promise<OAuthClient> {
  const { kind, clientId } = connection.oauthClient;
  if (kind === 'global') {
    if (deps.globalClient?.id === clientId) return deps.globalClient;
    throw new Error(`connection ${ref.connectionId}: its global OAuth client is not the configured one`);
  }
  const sealed = await deps.database.withOrganisation(ref.organisationId, (db) =>
    readClientSecret(db, ref.connectionId),
  );
  if (!sealed) throw new Error(`connection ${ref.connectionId}: the secret of its local OAuth client is not stored`);
  return { id: clientId, secret: await openSecret(deps.secretBox, ref, 'oauth_client_secret', sealed) };
}
