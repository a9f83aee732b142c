import type { Configuration } from 'openid-client' with { 'resolution-mode': 'import' };
import { z } from 'zod';
import type { Role } from '../../domain/words';
import { Problem } from '../problems';

/** Which claim makes whom of somebody; the first rule that fits counts. */
export interface OidcRoleRule {
  claim: string;
  /** The claim is this text, or a list that holds it. */
  value: string;
  role: Role;
  /** Needed for viewer and admin, absent for support and analyst. */
  organisationId?: string | undefined;
}

/** The identity provider of an installation. */
export interface OidcSettings {
  issuer: string;
  clientId: string;
  clientSecret: string;
  roles: readonly OidcRoleRule[];
  /** Further hosts that the provider's own document may send us to; its own host always may. */
  hosts: readonly string[];
  /** Whether an account with password becomes the provider's when the address is the same. */
  linkAccounts: boolean;
}

/** Who came back from the provider, as far as we believe it. */
export interface OidcPerson {
  subject: string;
  email: string;
  name: string;
  role: Role;
  organisationId: string | null;
}

const TIMEOUT_S = 10;
const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);

// Published as an ES module only.
const library = () => import('openid-client');

/** Speaks to the provider; its document is read at the first sign-in and kept. */
export interface OidcClient {
  issuer: string;
  signInUrl(redirectUri: string, secrets: { state: string; nonce: string; verifier: string }): Promise<URL>;
  /** @throws Problem 401 or 403 that says what was refused */
  personBehind(callback: URL, secrets: { state: string; nonce: string; verifier: string }): Promise<OidcPerson>;
}

/** Makes the client; nothing is asked before the first sign-in. */
export function createOidcClient(settings: OidcSettings): OidcClient {
  let known: Promise<Configuration> | undefined;
  const configuration = (): Promise<Configuration> => {
    known ??= discover(settings);
    // A provider that was away is asked again by the next person.
    known.catch(() => (known = undefined));
    return known;
  };
  return {
    issuer: settings.issuer,
    async signInUrl(redirectUri, { state, nonce, verifier }) {
      const client = await library();
      const url = client.buildAuthorizationUrl(await orUnavailable(configuration()), {
        redirect_uri: redirectUri,
        scope: 'openid email profile',
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
      });
      requireAllowed(settings, url);
      return url;
    },
    async personBehind(callback, { state, nonce, verifier }) {
      const config = await orUnavailable(configuration());
      const claims = await claimsOf(config, callback, { state, nonce, verifier });
      return personOf(settings, claims);
    },
  };
}

async function discover(settings: OidcSettings): Promise<Configuration> {
  const client = await library();
  const issuer = new URL(settings.issuer);
  const insecure = issuer.protocol === 'http:' && LOOPBACK.has(issuer.hostname);
  return client.discovery(issuer, settings.clientId, settings.clientSecret, undefined, {
    timeout: TIMEOUT_S,
    execute: insecure ? [client.allowInsecureRequests] : [],
    // Checked before each request: the provider's document names the other addresses, and nobody else may.
    [client.customFetch]: async (url, options) => {
      requireAllowed(settings, new URL(url));
      return fetch(url, { ...options, redirect: 'manual' } as RequestInit);
    },
  });
}

/** @throws Error for an address that is neither the provider's own host nor listed, or not TLS where the provider has it */
function requireAllowed(settings: OidcSettings, url: URL): void {
  const issuer = new URL(settings.issuer);
  const own = url.origin === issuer.origin;
  const listed = url.protocol === 'https:' && url.port === '' && settings.hosts.includes(url.hostname);
  if (!own && !listed) {
    throw new Error(`the identity provider names an address outside of ${issuer.hostname}; list its host to allow it`);
  }
}

async function claimsOf(
  config: Configuration,
  callback: URL,
  { state, nonce, verifier }: { state: string; nonce: string; verifier: string },
): Promise<Record<string, unknown>> {
  const client = await library();
  try {
    const tokens = await client.authorizationCodeGrant(config, callback, {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
      idTokenExpected: true,
    });
    const claims = tokens.claims();
    if (!claims) throw new Error('no ID token');
    if (config.serverMetadata().userinfo_endpoint === undefined) return claims;
    const more = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
    return { ...more, ...claims };
  } catch (error) {
    throw refused('The identity provider did not confirm the sign-in.', 'Begin the sign-in again.', error);
  }
}

const claimsSchema = z.looseObject({
  sub: z.string().min(1).max(255),
  email: z.email().max(254).optional(),
  email_verified: z.boolean().optional(),
  name: z.string().optional(),
});

function personOf(settings: OidcSettings, given: Record<string, unknown>): OidcPerson {
  const parsed = claimsSchema.safeParse(given);
  const claims = parsed.success ? parsed.data : undefined;
  if (claims?.email === undefined || claims.email_verified !== true) {
    throw refused(
      'The identity provider gave no verified e-mail address.',
      'Have the address verified there, and the claims email and email_verified released to Lazaret.',
    );
  }
  const rule = settings.roles.find(({ claim, value }) => holds(claims[claim], value));
  if (!rule) {
    throw refused(
      'The identity provider names no role that Lazaret knows.',
      'Ask whoever manages it to give you one of the groups that LAZARET_OIDC_ROLES lists.',
    );
  }
  const { sub: subject, email } = claims;
  const name = [...(claims.name ?? email).replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '').trim()]
    .slice(0, 100)
    .join('');
  return { subject, email, name: name || email, role: rule.role, organisationId: rule.organisationId ?? null };
}

function holds(claim: unknown, value: string): boolean {
  return claim === value || (Array.isArray(claim) && claim.includes(value));
}

/** 403: the provider's answer is not enough. */
export function refused(detail: string, remedy: string, cause?: unknown): Problem {
  return new Problem({
    status: 403,
    kind: 'identity_refused',
    title: 'The sign-in was refused.',
    detail,
    remedy,
    ...(cause !== undefined && { cause }),
  });
}

async function orUnavailable<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (cause) {
    throw new Problem({
      status: 503,
      kind: 'identity_provider_unavailable',
      title: 'The identity provider cannot be used at the moment.',
      detail: 'It does not answer, or its document names addresses that are not allowed; the log says which.',
      remedy: 'Try again later, or sign in with a password.',
      headers: { 'retry-after': '30' },
      cause,
    });
  }
}
