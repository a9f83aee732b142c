import type { Request, Response } from 'express';
import { z } from 'zod';
import { newToken, tokenHash } from '../../db/account-tokens';
import { insertOidcAttempt, takeOidcAttempt } from '../../db/oidc-attempts';
import type { OidcAttempt } from '../../db/oidc-attempts';
import { readOrganisation } from '../../db/organisations';
import type { Queryable } from '../../db/pool';
import { endSessionByHash, endSessionsOf } from '../../db/sessions';
import { findByEmail, findByOidc, findUser, insertUser, linkOidc, updateUser } from '../../db/users';
import type { UserRow } from '../../db/users';
import { registerRoute } from '../openapi';
import { page, PAGE_POLICY, text } from '../html';
import type { Api, Reply, RouteModule } from '../openapi';
import { notFound, Problem } from '../problems';
import type { SignInDeps } from '../session/deps';
import { createOidcClient, refused } from '../session/oidc';
import type { OidcClient, OidcPerson, OidcSettings } from '../session/oidc';
import { audit, openSession } from '../session/sign-in';

const TAG = 'sign-in';
const ATTEMPT_MS = 10 * 60 * 1000;
/** A path of ours: one slash at its beginning, so that it names no other host. */
const returnToInput = z
  .string()
  .max(500)
  .regex(/^\/(?![/\\])[\x21-\x7e]*$/u, 'expected a path of Lazaret, such as /scans')
  .default('/');

const waysSchema = z.strictObject({
  password: z.literal(true),
  oidc: z.boolean(),
  oidcProvider: z.string().nullable().describe('Host of the identity provider.'),
});

/** Sign-in at the organisation's own identity provider (OpenID Connect, code flow with PKCE). */
export function oidcRoutes(deps: SignInDeps, settings: OidcSettings | undefined): RouteModule {
  const provider = settings && { settings, client: createOidcClient(settings) };
  return (api) => {
    addWays(api, settings);
    addStart(api, deps, provider?.client);
    addCallback(api, deps, provider);
  };
}

const callbackOf = (deps: SignInDeps): string => `${deps.publicUrl}/api/v1/session/oidc/callback`;

function addWays(api: Api, settings: OidcSettings | undefined): void {
  const oidc = settings !== undefined;
  const oidcProvider = settings === undefined ? null : new URL(settings.issuer).hostname;
  registerRoute(api, {
    method: 'get',
    path: '/api/v1/sign-in-ways',
    operationId: 'getSignInWays',
    summary: 'How people may sign in here',
    tag: TAG,
    right: 'public',
    answers: {
      200: { description: 'The ways.', schema: waysSchema },
    },
    handle: async () => ({ status: 200, body: { password: true, oidc, oidcProvider } }),
  });
}

function addStart(api: Api, deps: SignInDeps, client: OidcClient | undefined): void {
  registerRoute(api, {
    method: 'get',
    path: '/api/v1/session/oidc/start',
    operationId: 'startOidcSignIn',
    summary: 'Go to the identity provider',
    tag: TAG,
    right: 'public',
    query: z.strictObject({ returnTo: returnToInput }),
    answers: { 303: { description: 'To the identity provider.' } },
    handle: async ({ query, request, response }) => {
      if (!client) throw notFound('identity provider', 'path');
      return orPage({ request, response }, () => start(deps, client, response, query.returnTo));
    },
  });
}

async function start(deps: SignInDeps, client: OidcClient, response: Response, returnTo: string): Promise<Reply> {
  const [state, nonce, verifier, browser] = [newToken(), newToken(), newToken(), newToken()];
  const url = await client.signInUrl(callbackOf(deps), { state, nonce, verifier });
  const attempt = { browserHash: tokenHash(browser), nonce, pkceVerifier: verifier, returnTo };
  const expiresAt = new Date(deps.clock().getTime() + ATTEMPT_MS);
  await deps.database.withService((db) => insertOidcAttempt(db, tokenHash(state), attempt, expiresAt));
  deps.cookies.write(response, 'oidc', browser, ATTEMPT_MS);
  return { status: 303, headers: { location: url.href } };
}

/** Whoever comes with a browser reads a refusal as a page, with the way back to the sign-in. */
async function orPage(exchange: Exchange, work: () => Promise<Reply>): Promise<Reply | undefined> {
  try {
    return await work();
  } catch (error) {
    const { request, response } = exchange;
    if (!(error instanceof Problem) || request.accepts(['json', 'html']) !== 'html') throw error;
    const { status, title, detail, remedy } = error.options;
    const body = `<p>${text(detail)}</p><p>${text(remedy)}</p><p><a href="/sign-in">Back to the sign-in</a></p>`;
    response.status(status).set({ 'cache-control': 'no-store', 'content-security-policy': PAGE_POLICY });
    response.type('html').send(page(title, body));
    return undefined;
  }
}

interface Exchange {
  request: Request;
  response: Response;
}

interface Provider {
  settings: OidcSettings;
  client: OidcClient;
}

function addCallback(api: Api, deps: SignInDeps, provider: Provider | undefined): void {
  registerRoute(api, {
    method: 'get',
    path: '/api/v1/session/oidc/callback',
    operationId: 'finishOidcSignIn',
    summary: 'Back from the identity provider',
    description: 'Sets the session cookie and goes to where the sign-in began.',
    tag: TAG,
    right: 'public',
    query: z.looseObject({ state: z.string().max(200).optional() }),
    answers: { 303: { description: 'Signed in.' } },
    handle: async ({ query, request, response }) => {
      if (!provider) throw notFound('identity provider', 'path');
      return orPage({ request, response }, () => finish(deps, provider, { request, response }, query.state ?? ''));
    },
  });
}

async function finish(deps: SignInDeps, provider: Provider, exchange: Exchange, state: string): Promise<Reply> {
  const { request, response } = exchange;
  const attempt = await attemptOf(deps, request, state);
  deps.cookies.clear(response, 'oidc');
  const url = new URL(request.originalUrl, deps.publicUrl);
  const secrets = { state, nonce: attempt.nonce, verifier: attempt.pkceVerifier };
  const came = await provider.client.personBehind(url, secrets);
  const person = await deps.database.withService((db) => admit(deps, db, provider.settings, came));
  await open(deps, exchange, person);
  return { status: 303, headers: { location: `${deps.publicUrl}${attempt.returnTo}` } };
}

async function attemptOf(deps: SignInDeps, request: Request, state: string): Promise<OidcAttempt> {
  const attempt = await deps.database.withService((db) => takeOidcAttempt(db, tokenHash(state), deps.clock()));
  const browser = deps.cookies.read(request, 'oidc');
  if (!attempt || browser === undefined || !tokenHash(browser).equals(attempt.browserHash)) {
    throw refused('This sign-in was not begun in this browser, is too old, or was used.', 'Begin the sign-in again.');
  }
  return attempt;
}

async function open(deps: SignInDeps, exchange: Exchange, person: UserRow): Promise<void> {
  const before = deps.cookies.read(exchange.request, 'session');
  if (before !== undefined) {
    await deps.database.withService((db) => endSessionByHash(db, tokenHash(before), 'signed in anew', deps.clock()));
  }
  await openSession(deps, exchange, person, 'full');
}

/** The person whom the provider names, made or brought up to date: role and organisation follow the claims each time. */
async function admit(deps: SignInDeps, db: Queryable, settings: OidcSettings, came: OidcPerson): Promise<UserRow> {
  if (came.organisationId !== null && !(await readOrganisation(db, came.organisationId))) {
    throw refused(
      'The organisation that goes with your role is not known here.',
      'Tell the operator of this installation: LAZARET_OIDC_ROLES names an organisation that does not exist.',
    );
  }
  const oidc = { issuer: settings.issuer, subject: came.subject };
  const known = await findByOidc(db, oidc.issuer, oidc.subject);
  if (known) return follow(deps, db, known, came);
  const same = await findByEmail(db, came.email);
  if (same) {
    if (!settings.linkAccounts || same.external) {
      throw refused(
        'There is an account with this address that signs in another way.',
        'Sign in with its password, or ask the operator of this installation to allow that accounts are linked.',
      );
    }
    await linkOidc(db, same.id, oidc);
    await audit(db, same, 'identity.linked');
    return follow(deps, db, same, came);
  }
  const { email, name, role, organisationId } = came;
  const made = await insertUser(db, { email, name, role, organisationId, passwordHash: null, oidc });
  if (!made) throw refused('The account was made by another sign-in at the same moment.', 'Begin the sign-in again.');
  await audit(db, made, 'person.made', { role });
  return made;
}

async function follow(deps: SignInDeps, db: Queryable, person: UserRow, came: OidcPerson): Promise<UserRow> {
  if (person.disabledAt !== null) {
    throw refused('The account is disabled.', 'Ask an admin of your organisation.');
  }
  const moved = person.organisationId !== came.organisationId;
  if (moved || person.role !== came.role) {
    const { role, organisationId } = came;
    await audit(db, person, 'person.changed', { fields: ['role'], role, moved });
    await updateUser(db, person.id, { role, organisationId, name: person.name, disabled: false }, deps.clock());
    // What was opened with the former role ends.
    await endSessionsOf(db, person.id, 'role changed', deps.clock());
  }
  return (await findUser(db, person.id)) ?? person;
}
