import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { errorFromAnswer } from './error-answer';
import { ZendeskError } from './errors';
import type { ZendeskTransport } from './http';
import { parseAnswer, readText } from './request';
import { parseSubdomain } from './subdomain';

// Own code: oauth4webapi posts forms, Zendesk documents JSON for POST /oauth/tokens (fact sheet §1.2).

/** The installation's global client or an account's local one: `id` is the unique identifier, not the number. */
export interface OAuthClient {
  id: string;
  secret: string;
}

/** A pair of tokens. Instants are ISO texts, taken from the clock before the request: rather too early than too late. */
export interface TokenPair {
  accessToken: string;
  /** Missing with clients made before April 2025: then the access token lives until it is revoked. */
  refreshToken: string | undefined;
  scopes: string[];
  accessExpiresAt: string | undefined;
  refreshExpiresAt: string | undefined;
}

export interface AuthoriseRequest {
  subdomain: string;
  clientId: string;
  redirectUri: string;
  scopes: readonly string[];
  state: string;
  codeVerifier: string;
}

export interface ExchangeRequest {
  subdomain: string;
  client: OAuthClient;
  redirectUri: string;
  scopes: readonly string[];
  code: string;
  codeVerifier: string;
}

export interface RefreshRequest {
  subdomain: string;
  client: OAuthClient;
  refreshToken: string;
}

/** Sign-in at Zendesk. Errors: `invalid_client`, `invalid_grant`, `unknown_host`, and what any call may throw. */
export interface ZendeskOAuth {
  /** Where to send the browser (already mapped to the test address, where one is set). */
  authoriseUrl(request: AuthoriseRequest): string;
  /** Redeems a code; it lives 120 seconds and works once. */
  exchangeCode(request: ExchangeRequest): Promise<TokenPair>;
  /**
   * Gets a new pair; Zendesk kills the old one at once. Call it from one place at a time, store the pair before using
   * it. An error with `outcomeUnknown` may mean that the only valid pair was lost: the admin must sign in again.
   */
  refresh(request: RefreshRequest): Promise<TokenPair>;
  /** Ends this access token. Done already counts as done. */
  revoke(request: { subdomain: string; accessToken: string }): Promise<void>;
}

/** Asked for explicitly, within Zendesk's limits (300–172,800 s and 7–90 days): old clients give endless tokens else. */
const LIFETIMES = { expires_in: 1800, refresh_token_expires_in: 2_592_000 };

const TokenAnswer = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).nullish(),
  token_type: z.string().regex(/^bearer$/i),
  scope: z.string().nullish(),
  expires_in: z.number().positive().nullish(),
  refresh_token_expires_in: z.number().positive().nullish(),
});

/** A PKCE verifier or a `state`: 32 random bytes as base64url (43 characters, RFC 7636 §4.1). */
export function randomToken(): string {
  return randomBytes(32).toString('base64url');
}

/** @param options.nowMs the clock, milliseconds since 1970 */
export function createZendeskOAuth(options: { transport: ZendeskTransport; nowMs: () => number }): ZendeskOAuth {
  return {
    authoriseUrl: (request) => options.transport.browserUrl(authoriseUrl(request)),
    exchangeCode: ({ subdomain, client, redirectUri, scopes, code, codeVerifier }) =>
      tokens(options, subdomain, 'oauth.exchange', {
        grant_type: 'authorization_code',
        code,
        client_id: client.id,
        client_secret: client.secret,
        redirect_uri: redirectUri,
        scope: scopes.join(' '),
        code_verifier: codeVerifier,
        ...LIFETIMES,
      }),
    refresh: ({ subdomain, client, refreshToken }) =>
      tokens(options, subdomain, 'oauth.refresh', {
        grant_type: 'refresh_token',
        refresh_token: refreshToken,
        client_id: client.id,
        client_secret: client.secret,
        ...LIFETIMES,
      }),
    revoke: ({ subdomain, accessToken }) => revoke(options.transport, subdomain, accessToken),
  };
}

function authoriseUrl(request: AuthoriseRequest): string {
  const url = hostUrl(request.subdomain, '/oauth/authorizations/new', 'oauth.authorise');
  const challenge = createHash('sha256').update(request.codeVerifier).digest('base64url');
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: request.clientId,
    redirect_uri: request.redirectUri,
    scope: request.scopes.join(' '),
    state: request.state,
    code_challenge: challenge,
    code_challenge_method: 'S256',
  }).toString();
  return url.href;
}

/** Client secrets and codes go to a checked sub-domain of zendesk.com only. */
function hostUrl(subdomain: string, path: string, operation: string): URL {
  const checked = parseSubdomain(subdomain);
  if (checked.ok && checked.subdomain === subdomain) return new URL(`https://${subdomain}.zendesk.com${path}`);
  throw new ZendeskError({ kind: 'unknown_host', operation, detail: 'not a sub-domain' });
}

const HEADERS = { accept: 'application/json', 'accept-encoding': 'identity', 'accept-language': 'en' };

async function tokens(
  { transport, nowMs }: { transport: ZendeskTransport; nowMs: () => number },
  subdomain: string,
  operation: string,
  body: Record<string, unknown>,
): Promise<TokenPair> {
  const before = nowMs();
  const answer = await transport.send({
    operation,
    method: 'POST',
    url: hostUrl(subdomain, '/oauth/tokens', operation),
    headers: { ...HEADERS, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const { status, headers } = answer;
  const ok = status === 200 || status === 201;
  const text = await readText(answer, { operation, write: true, limit: 65_536, cut: !ok });
  if (!ok) throw errorFromAnswer({ operation, status, headers, body: text, write: true });
  const pair = parseAnswer({ operation, method: 'POST' }, text, TokenAnswer);
  const after = (seconds: number | null | undefined): string | undefined =>
    seconds ? new Date(before + seconds * 1000).toISOString() : undefined;
  return {
    accessToken: pair.access_token,
    refreshToken: pair.refresh_token ?? undefined,
    scopes: (pair.scope ?? '').split(/\s+/).filter((scope) => scope !== ''),
    accessExpiresAt: after(pair.expires_in),
    refreshExpiresAt: after(pair.refresh_token_expires_in),
  };
}

async function revoke(transport: ZendeskTransport, subdomain: string, accessToken: string): Promise<void> {
  const operation = 'oauth.revoke';
  const answer = await transport.send({
    operation,
    method: 'DELETE',
    url: hostUrl(subdomain, '/api/v2/oauth/tokens/current.json', operation),
    headers: { ...HEADERS, authorization: `Bearer ${accessToken}` },
  });
  const { status, headers } = answer;
  const body = await readText(answer, { operation, write: true, limit: 65_536, cut: true });
  if (status >= 200 && status < 300) return;
  const error = errorFromAnswer({ operation, status, headers, body, write: true });
  if (error.kind !== 'token_dead' && error.kind !== 'not_found') throw error;
}
