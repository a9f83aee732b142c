import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { appendAuditEvent } from '../db/audit-events';
import { openSecret, pairOf, sealTokens } from '../db/connection-secrets';
import type { ConnectionRef } from '../db/connection-secrets';
import { findConnection, lockConnection, updateConnection } from '../db/connections';
import type { ConnectionRow } from '../db/connections';
import {
  closeAttempt,
  confirmAttempt,
  findAttempt,
  findAttemptByState,
  openAttempt,
  saveSignIn,
  useAttempt,
} from '../db/oauth-attempts';
import type { AttemptRow, SignedIn } from '../db/oauth-attempts';
import { isUuid } from '../db/pool';
import { ZENDESK_SCOPES } from '../domain/connection';
import { channelActivationId } from '../domain/ids';
import { createZendeskClient } from '../zendesk/client';
import { isZendeskError } from '../zendesk/errors';
import { createZendeskOAuth, randomToken } from '../zendesk/oauth';
import type { OAuthClient, TokenPair } from '../zendesk/oauth';
import type { ConnectionApiDeps } from './connection-deps';
import { errorFields } from './log';
import { PageProblem } from './page-problems';
import type { PageProblemKind } from './page-problems';

/** SHA-256 of a secret of high entropy: all that is stored of states and browsers. */
export function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** Token of a form: made of the browser's secret and the attempt, so that nothing needs to be stored. */
export function csrfToken(browser: string, attemptId: string): string {
  return createHmac('sha256', browser).update(`confirm ${attemptId}`).digest('base64url');
}

function redirectUri(deps: ConnectionApiDeps): string {
  return `${deps.publicUrl}/oauth/zendesk/callback`;
}

const refOf = (attempt: AttemptRow): ConnectionRef => ({
  organisationId: attempt.organisationId,
  connectionId: attempt.connectionId,
});

export interface OpenedAttempt {
  attempt: AttemptRow;
  connection: ConnectionRow;
  organisationName: string;
  /** Begun by a person in the console, who goes on there; else by a program with an API key. */
  byPerson: boolean;
}

/** The attempt with this id. @throws PageProblem `unknown_attempt` */
export async function loadAttempt(deps: ConnectionApiDeps, id: string): Promise<OpenedAttempt> {
  const found = isUuid(id)
    ? await deps.database.withService(async (db) => {
        const attempt = await findAttempt(db, id);
        const connection = attempt && (await findConnection(db, attempt.connectionId));
        if (!connection) return undefined;
        const sql = `select name, exists (select from users where id::text = $2) as "byPerson" from organisations where id = $1`;
        const values = [attempt.organisationId, attempt.startedBy];
        const { rows } = await db.query<{ name: string; byPerson: boolean }>(sql, values);
        const { name = '', byPerson = false } = rows[0] ?? {};
        return { attempt, connection, organisationName: name, byPerson };
      })
    : undefined;
  if (!found) throw new PageProblem('unknown_attempt');
  return found;
}

/** Binds the attempt to this browser and answers with the address of Zendesk's sign-in page. */
export async function beginSignIn(deps: ConnectionApiDeps, id: string, browser: string): Promise<string> {
  const { attempt, connection } = await loadAttempt(deps, id);
  if (attempt.usedAt) throw new PageProblem('already_used');
  if (attempt.expiresAt <= deps.clock()) throw new PageProblem('expired');
  const state = randomToken();
  const bound = { stateHash: hashOf(state), browserHash: hashOf(browser) };
  const opened = await deps.database.withOrganisation(attempt.organisationId, (db) => openAttempt(db, id, bound));
  if (!opened) throw new PageProblem('expired');
  return createZendeskOAuth({ transport: deps.transport, nowMs: Date.now }).authoriseUrl({
    subdomain: connection.subdomain,
    clientId: attempt.oauthClient.clientId,
    redirectUri: redirectUri(deps),
    scopes: ZENDESK_SCOPES,
    state,
    codeVerifier: await openSecret(deps.secretBox, refOf(attempt), 'pkce_verifier', attempt.pkceVerifier),
  });
}

/** True when this browser is the one that opened the attempt. */
export function isSameBrowser(attempt: AttemptRow, browser: string | undefined): boolean {
  return browser !== undefined && attempt.browserHash !== null && timingSafeEqual(attempt.browserHash, hashOf(browser));
}

export interface CallbackQuery {
  state: string | undefined;
  code: string | undefined;
  error: string | undefined;
}

/**
 * Takes what Zendesk's sign-in page sent back: the state counts once and in its own browser only, the code is exchanged
 * here and nowhere else. @returns the attempt's id, for the page that asks
 */
export async function finishSignIn(
  deps: ConnectionApiDeps,
  query: CallbackQuery,
  browser: string | undefined,
): Promise<string> {
  const { state } = query;
  if (state === undefined) throw new PageProblem('no_state');
  const attempt = await deps.database.withService((db) => findAttemptByState(db, hashOf(state)));
  if (!attempt) throw new PageProblem('unknown_state');
  if (!isSameBrowser(attempt, browser)) throw new PageProblem('wrong_browser');
  if (attempt.usedAt) throw new PageProblem('already_used');
  if (attempt.expiresAt <= deps.clock()) throw new PageProblem('expired');
  const used = await deps.database.withOrganisation(attempt.organisationId, (db) => useAttempt(db, attempt.id));
  if (!used) throw new PageProblem('already_used');
  if (query.error !== undefined) {
    throw new PageProblem(query.error === 'access_denied' ? 'access_denied' : 'zendesk_refused');
  }
  if (query.code === undefined) throw new PageProblem('no_code');
  await redeem(deps, attempt, query.code);
  return attempt.id;
}

async function redeem(deps: ConnectionApiDeps, attempt: AttemptRow, code: string): Promise<void> {
  const { connection } = await loadAttempt(deps, attempt.id);
  const { subdomain } = connection;
  const oauth = createZendeskOAuth({ transport: deps.transport, nowMs: Date.now });
  const ref = refOf(attempt);
  try {
    const tokens = await oauth.exchangeCode({
      subdomain,
      client: await clientOf(deps, attempt),
      redirectUri: redirectUri(deps),
      scopes: ZENDESK_SCOPES,
      code,
      codeVerifier: await openSecret(deps.secretBox, ref, 'pkce_verifier', attempt.pkceVerifier),
    });
    const signedIn = await whoSignedIn(deps, subdomain, tokens);
    const sealed = await sealTokens(deps.secretBox, ref, pairOf(tokens));
    await deps.database.withOrganisation(attempt.organisationId, async (db) => {
      await saveSignIn(db, attempt.id, { tokens: sealed, signedIn });
      const row = await lockConnection(db, attempt.connectionId);
      if (row?.state === 'authorising') await updateConnection(db, row.id, { state: 'confirming' });
    });
  } catch (error) {
    const kind = pageProblemOf(error);
    deps.log.warn({ attemptId: attempt.id, kind: kind ?? 'unknown', ...errorFields(error) }, 'sign-in not completed');
    throw kind ? new PageProblem(kind) : error;
  }
}

function pageProblemOf(error: unknown): PageProblemKind | undefined {
  if (!isZendeskError(error)) return undefined;
  switch (error.kind) {
    case 'invalid_grant':
      return 'code_refused';
    case 'invalid_client':
      return 'client_refused';
    case 'unknown_host':
      return 'unknown_subdomain';
    case 'unauthorised':
    case 'token_dead':
      return 'nobody_signed_in';
    case 'missing_scope':
    case 'forbidden':
      return 'scope_refused';
    default:
      return 'zendesk_unavailable';
  }
}

async function clientOf(deps: ConnectionApiDeps, attempt: AttemptRow): Promise<OAuthClient> {
  const { kind, clientId } = attempt.oauthClient;
  if (kind === 'local' && attempt.oauthClientSecret) {
    const secret = await openSecret(deps.secretBox, refOf(attempt), 'oauth_client_secret', attempt.oauthClientSecret);
    return { id: clientId, secret };
  }
  if (deps.globalClient?.id === clientId) return deps.globalClient;
  throw new PageProblem('client_refused');
}

/** One request, made by a person: it does not go through the shared budget. */
async function whoSignedIn(deps: ConnectionApiDeps, subdomain: string, tokens: TokenPair): Promise<SignedIn> {
  const client = createZendeskClient({
    subdomain,
    ownHosts: [],
    transport: deps.transport,
    tokens: {
      current: () => Promise.resolve(tokens.accessToken),
      renew: () => Promise.reject(new PageProblem('nobody_signed_in')),
    },
    budget: { acquire: () => Promise.resolve(), learn: () => undefined },
  });
  const me = await client.account.me('release');
  return { userId: me.id, name: me.name, role: me.role, scopes: tokens.scopes };
}

/**
 * The person has read account, user, role and organisation, and agrees: from here on the connection is activating.
 * Confirming again starts the workflow again where it had not been started; that joins an open one.
 */
export async function confirm(deps: ConnectionApiDeps, { attempt }: OpenedAttempt): Promise<void> {
  await deps.database.withOrganisation(attempt.organisationId, async (db) => {
    const row = await lockConnection(db, attempt.connectionId);
    const now = await findAttempt(db, attempt.id);
    if (!row || !now || now.confirmedAt) return;
    if (!now.accessToken || now.expiresAt <= deps.clock()) throw new PageProblem('expired');
    if (row.state === 'activating') throw new PageProblem('under_way');
    if (!(await confirmAttempt(db, now, row))) throw new PageProblem('expired');
    await appendAuditEvent(db, {
      organisationId: attempt.organisationId,
      kind: 'connection.activation_confirmed',
      actor: { kind: 'person', id: attempt.startedBy },
      connectionId: attempt.connectionId,
      detail: { attemptId: attempt.id, userId: now.signedIn?.userId, role: now.signedIn?.role },
    });
  });
  await startActivation(deps, attempt);
}

/** @throws PageProblem `not_started` when the workflow could not be started: confirming again tries again */
export async function startActivation(deps: ConnectionApiDeps, attempt: AttemptRow): Promise<void> {
  const connection = await deps.database.withOrganisation(attempt.organisationId, (db) =>
    findConnection(db, attempt.connectionId),
  );
  if (connection?.state !== 'activating') return;
  try {
    await deps.startWorkflow('channelActivation', channelActivationId(attempt.connectionId), refOf(attempt));
  } catch (error) {
    deps.log.error({ connectionId: attempt.connectionId, ...errorFields(error) }, 'activation could not be started');
    throw new PageProblem('not_started');
  }
}

/** The person does not agree: nothing was made, and what the sign-in brought is given back. */
export async function cancel(deps: ConnectionApiDeps, { attempt, connection }: OpenedAttempt): Promise<void> {
  if (attempt.confirmedAt) throw new PageProblem('already_used');
  if (attempt.accessToken) {
    const accessToken = await openSecret(deps.secretBox, refOf(attempt), 'access_token', attempt.accessToken);
    const oauth = createZendeskOAuth({ transport: deps.transport, nowMs: Date.now });
    // A token that cannot be revoked now runs out by itself within half an hour; it is forgotten here in any case.
    await oauth.revoke({ subdomain: connection.subdomain, accessToken }).catch((error: unknown) => {
      deps.log.warn({ attemptId: attempt.id, ...errorFields(error) }, 'a token could not be revoked');
    });
  }
  await deps.database.withOrganisation(attempt.organisationId, async (db) => {
    await closeAttempt(db, attempt.id);
    const row = await lockConnection(db, attempt.connectionId);
    if (row?.state === 'confirming') await updateConnection(db, row.id, { state: 'authorising' });
  });
}
