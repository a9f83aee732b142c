import { createHash } from 'node:crypto';
import type { Answer, Call, Route } from '../http';
import { bodyOf, idOf, idParam, json, notFound, nothing, Refusal, route, stamp, textOf } from '../http';
import type { Account, Grant, Json, OAuthClient, Token } from '../model';
import type { World } from '../world';

/** A client works on the account where it was made; only a global one works everywhere (fact sheet §1.5). */
export function clientFor(world: World, account: Account, identifier: string | undefined): OAuthClient | undefined {
  const matches = world.clients.all().filter((client) => client.identifier === identifier);
  return matches.find((client) => client.accountId === account.id) ?? matches.find((client) => client.global);
}

function invalidClient(call: Call): Refusal {
  return new Refusal(call.account.switches.oauth.invalidClientStatus, {
    error: 'invalid_client',
    error_description:
      'The client identifier provided is invalid, the client failed to authenticate, the client did not include its credentials, provided multiple client credentials, or used unsupported credentials type.',
  });
}

function invalidGrant(call: Call): Refusal {
  return new Refusal(call.account.switches.oauth.invalidGrantStatus, {
    error: 'invalid_grant',
    error_description:
      'The provided access grant is invalid, expired, or revoked (e.g. invalid assertion, expired authorization token, bad end-user password credentials, or mismatching authorization code and redirection URI).',
  });
}

function authenticatedClient(call: Call, input: Json): OAuthClient {
  const identifier = textOf(input['client_id']);
  const client = clientFor(call.world, call.account, identifier);
  if (client === undefined) {
    if (call.world.clients.all().some((row) => row.identifier === identifier)) {
      call.world.violation(
        'A local OAuth client was used at another account.',
        call.account.subdomain,
        call.method,
        call.path,
      );
    }
    throw invalidClient(call);
  }
  const secret = textOf(input['client_secret']);
  if (secret === undefined ? !client.public : secret !== client.secret) throw invalidClient(call);
  return client;
}

function seconds(value: unknown, fallback: number, least: number, most: number): number {
  const wanted = idOf(value);
  if (wanted === undefined) return fallback;
  if (wanted < least || wanted > most) {
    throw new Refusal(400, {
      error: 'invalid_request',
      error_description: `Expiry must be between ${least} and ${most} seconds.`,
    });
  }
  return wanted;
}

function issue(
  call: Call,
  input: Json,
  client: OAuthClient,
  userId: number,
  scope: string,
  refreshable: boolean,
): Answer {
  const { world, account } = call;
  const settings = account.switches.oauth;
  // Limits of fact sheet §1.2; the defaults are switches and may be shorter for tests.
  const access = seconds(input['expires_in'], settings.accessSeconds, 300, 172_800);
  const refresh = seconds(input['refresh_token_expires_in'], settings.refreshSeconds, 604_800, 7_776_000);
  const now = world.clock();
  const token: Token = {
    id: world.nextId(),
    accountId: account.id,
    clientId: client.id,
    userId,
    scope,
    accessToken: world.secret(64),
    refreshToken: refreshable ? world.secret(64) : null,
    createdAt: now,
    expiresAt: now + access * 1000,
    refreshExpiresAt: refreshable ? now + refresh * 1000 : null,
    accessDead: false,
  };
  world.tokens.put(token.id, token);
  const body: Json = { access_token: token.accessToken, token_type: 'bearer', scope, expires_in: access };
  if (token.refreshToken !== null)
    Object.assign(body, { refresh_token: token.refreshToken, refresh_token_expires_in: refresh });
  return json(body, settings.createdStatus);
}

function verifierFits(grant: Grant, client: OAuthClient, verifier: string | undefined): boolean {
  if (grant.codeChallenge === null) return !client.public;
  if (verifier === undefined) return false;
  return createHash('sha256').update(verifier).digest('base64url') === grant.codeChallenge;
}

function exchangeCode(call: Call, input: Json, client: OAuthClient): Answer {
  const grant = call.world.grants.get(textOf(input['code']) ?? '');
  const usable =
    grant !== undefined &&
    !grant.used &&
    grant.accountId === call.account.id &&
    grant.clientId === client.id &&
    grant.expiresAt > call.world.clock() &&
    grant.redirectUri === textOf(input['redirect_uri']) &&
    verifierFits(grant, client, textOf(input['code_verifier']));
  if (!usable) throw invalidGrant(call);
  call.world.grants.put(grant.code, { ...grant, used: true });
  return issue(call, input, client, grant.userId, grant.scope, true);
}

/** The old pair is dead as soon as the new one exists (fact sheet §1.3). */
function refresh(call: Call, input: Json, client: OAuthClient): Answer {
  const given = textOf(input['refresh_token']) ?? '';
  const token = call.world.tokens
    .inGroup(call.account.id)
    .find((row) => row.refreshToken !== null && row.refreshToken === given);
  const usable = token?.clientId === client.id && (token.refreshExpiresAt ?? 0) > call.world.clock();
  if (token === undefined || !usable) throw invalidGrant(call);
  const answer = issue(call, input, client, token.userId, token.scope, true);
  call.world.tokens.remove(token.id);
  return answer;
}

function clientCredentials(call: Call, input: Json, client: OAuthClient): Answer {
  if (client.public) throw invalidClient(call);
  return issue(call, input, client, call.account.adminId, textOf(input['scope']) ?? 'read', false);
}

function createToken(call: Call): Answer {
  const input = bodyOf(call);
  const client = authenticatedClient(call, input);
  switch (textOf(input['grant_type'])) {
    case 'authorization_code':
      return exchangeCode(call, input, client);
    case 'refresh_token':
      return refresh(call, input, client);
    case 'client_credentials':
      return clientCredentials(call, input, client);
    default:
      throw new Refusal(400, {
        error: 'unsupported_grant_type',
        error_description:
          'The access grant included - its type or another attribute - is not supported by the authorization server.',
      });
  }
}

function tokenView(call: Call, token: Token): Json {
  return {
    url: `${call.origin}/api/v2/oauth/tokens/${token.id}.json`,
    id: token.id,
    client_id: token.clientId,
    user_id: token.userId,
    scopes: token.scope.split(' '),
    token: token.accessToken.slice(0, 10),
    refresh_token: token.refreshToken?.slice(0, 10) ?? null,
    created_at: stamp(token.createdAt),
    used_at: stamp(call.world.clock()),
    expires_at: token.expiresAt === null ? null : stamp(token.expiresAt),
    refresh_token_expires_at: token.refreshExpiresAt === null ? null : stamp(token.refreshExpiresAt),
  };
}

function current(call: Call): Token {
  const token = call.identity?.token;
  if (token === undefined) throw notFound();
  return token;
}

/** Ends a token; whether its refresh token ends with it is unconfirmed, hence a switch. */
export function revokeToken(world: World, account: Account, token: Token): void {
  if (account.switches.oauth.revokeKillsRefresh || token.refreshToken === null) world.tokens.remove(token.id);
  else world.tokens.put(token.id, { ...token, accessDead: true });
}

function revokeCurrent(call: Call): Answer {
  revokeToken(call.world, call.account, current(call));
  return nothing();
}

function revokeById(call: Call): Answer {
  const token = call.world.tokens.get(idParam(call, 'id'));
  const user = call.identity?.user;
  if (token?.accountId !== call.account.id || (user?.role !== 'admin' && token.userId !== user?.id)) throw notFound();
  revokeToken(call.world, call.account, token);
  return nothing();
}

export const oauthRoutes: Route[] = [
  route('POST', '/oauth/tokens', 'anonymous', undefined, createToken),
  route('GET', '/api/v2/oauth/tokens/current', 'end-user', undefined, (call) =>
    json({ token: tokenView(call, current(call)) }),
  ),
  route('DELETE', '/api/v2/oauth/tokens/current', 'end-user', undefined, revokeCurrent),
  route('DELETE', '/api/v2/oauth/tokens/:id', 'end-user', undefined, revokeById),
];
