import type { Request } from 'express';
import { tokenHash } from '../../db/account-tokens';
import { useSession } from '../../db/sessions';
import type { LiveSession, SessionStage } from '../../db/sessions';
import { Problem } from '../problems';
import type { SignInDeps } from './deps';
import { isCsrfToken } from './tokens';

/** Header that a page sends with everything that changes something. */
export const CSRF_HEADER = 'x-csrf-token';
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** A session and the token it came with. */
export interface UsedSession {
  session: LiveSession;
  token: string;
}

/**
 * The session of a request in one of these stages. What changes something must come from our own pages and carry the
 * session's CSRF token.
 * @throws Problem 401 without such a session, 403 for a request that another site may have caused
 */
export async function requireSession(
  deps: SignInDeps,
  request: Request,
  stages: readonly SessionStage[] = ['full'],
): Promise<UsedSession> {
  const token = deps.cookies.read(request, 'session');
  if (token === undefined) throw signInNeeded('No session came with the request.');
  const now = deps.clock();
  const idleSince = new Date(now.getTime() - deps.settings.idleMs);
  const session = await deps.database.withService((db) => useSession(db, tokenHash(token), now, idleSince));
  if (!session) throw signInNeeded('The session has ended.');
  if (!stages.includes(session.stage)) throw unfinished(session.stage);
  if (!SAFE.has(request.method)) {
    requireOwnOrigin(deps, request);
    if (!isCsrfToken(token, request.get(CSRF_HEADER) ?? '')) {
      throw foreignRequest(CSRF_HEADER, 'expected csrfToken of GET /api/v1/session');
    }
  }
  return { session, token };
}

/**
 * Refuses what a page of another site sent. Browsers name where a changing request comes from; one that names neither
 * origin nor site is no browser and has no business with a cookie.
 */
export function requireOwnOrigin(deps: Pick<SignInDeps, 'publicUrl'>, request: Request): void {
  const own = new URL(deps.publicUrl).origin;
  const origin = request.get('origin');
  const site = request.get('sec-fetch-site');
  if (origin === undefined && site === undefined) throw foreignRequest('Origin', `is missing; expected ${own}`);
  if (origin !== undefined && origin !== own) throw foreignRequest('Origin', `expected ${own}`);
  if (site !== undefined && site !== 'same-origin') throw foreignRequest('Sec-Fetch-Site', 'expected same-origin');
}

function foreignRequest(field: string, detail: string): Problem {
  return new Problem({
    status: 403,
    kind: 'foreign_request',
    title: 'The request does not come from a page of Lazaret.',
    detail: `${field}: ${detail}. Nothing was changed.`,
    remedy: 'Open Lazaret at its own address and try again; programs use an API key in place of a session.',
    errors: [{ field, detail }],
  });
}

/** 401 for people: sign in again. */
export function signInNeeded(detail: string): Problem {
  return new Problem({
    status: 401,
    kind: 'sign_in_needed',
    title: 'This needs a sign-in.',
    detail,
    remedy: 'Sign in again; what you were doing is still there.',
    errors: [{ field: 'Cookie', detail }],
    headers: { 'www-authenticate': 'Bearer realm="lazaret"' },
  });
}

function unfinished(stage: SessionStage): Problem {
  if (stage === 'full') {
    return new Problem({
      status: 409,
      kind: 'already_signed_in',
      title: 'You are signed in already.',
      detail: 'This session waits for nothing.',
      remedy: 'Go on; or sign out first.',
    });
  }
  const enrol = stage === 'enrol';
  return new Problem({
    status: 401,
    kind: enrol ? 'second_factor_setup_needed' : 'second_factor_needed',
    title: enrol ? 'Your organisation asks for a second factor.' : 'The second factor is missing.',
    detail: 'The password was right; the sign-in is not finished.',
    remedy: enrol
      ? 'Set up an authenticator at POST /api/v1/session/authenticator.'
      : 'Send the code of your authenticator to POST /api/v1/session/second-factor.',
    errors: [{ field: 'Cookie', detail: 'the sign-in is not finished' }],
  });
}
