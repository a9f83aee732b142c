import { z } from 'zod';
import { tokenHash } from '../../db/account-tokens';
import { endSession, endSessionByHash, listSessions } from '../../db/sessions';
import { idSchema } from '../fields';
import { limitFailedSignIns } from '../middleware';
import { registerRoute } from '../openapi';
import type { Api, RouteModule } from '../openapi';
import { notFound } from '../problems';
import type { SignInDeps } from '../session/deps';
import { requireOwnOrigin, requireSession } from '../session/guard';
import { audit, openSession, signIn } from '../session/sign-in';
import { sessionSchema, viewSession } from '../session/view';
import { time } from '../views';

const ANY_STAGE = ['full', 'second_factor', 'enrol'] as const;
const TAG = 'sign-in';

const ownSessionSchema = z
  .strictObject({
    id: z.uuid(),
    current: z.boolean(),
    client: z.string().describe('How the browser named itself; anybody may write anything there.'),
    createdAt: time,
    lastSeenAt: time.describe('To the minute.'),
    expiresAt: time,
  })
  .meta({ id: 'OwnSession' });

/** Addresses are compared without case; any text is taken, so that a wrong one is answered like an unknown one. */
export const emailInput = z.string().trim().min(1).max(254);
/** A password as typed. */
export const passwordInput = z.string().min(1).max(1024);

/** Signing in and out with address and password, and the sessions of the person who is signed in. */
export function sessionRoutes(deps: SignInDeps): RouteModule {
  return (api) => {
    const limiter = limitFailedSignIns({ failedSignIns: deps.settings.refusedPerMinute });
    for (const path of ['/api/v1/session', '/api/v1/session/second-factor']) api.router.post(path, limiter);
    addSignIn(api, deps);
    addCurrent(api, deps);
    addOwnSessions(api, deps);
  };
}

function addSignIn(api: Api, deps: SignInDeps): void {
  registerRoute(api, {
    method: 'post',
    path: '/api/v1/session',
    operationId: 'signIn',
    summary: 'Sign in with address and password',
    description:
      'Sets the session cookie. After five failures in a row each further try has to wait, longer each time, 15 minutes at most.',
    tag: TAG,
    right: 'public',
    body: z.strictObject({ email: emailInput, password: passwordInput }),
    answers: { 201: { description: 'Signed in, or the second factor is asked (stage).', schema: sessionSchema } },
    handle: async ({ body, request, response }) => {
      requireOwnOrigin(deps, request);
      const { person, stage } = await signIn(deps, request, body);
      const before = deps.cookies.read(request, 'session');
      if (before !== undefined) {
        const now = deps.clock();
        await deps.database.withService((db) => endSessionByHash(db, tokenHash(before), 'signed in anew', now));
      }
      const { session, token } = await openSession(deps, { request, response }, person, stage);
      return { status: 201, body: await viewSession(deps, { ...session, userId: person.id }, token) };
    },
  });
}

function addCurrent(api: Api, deps: SignInDeps): void {
  registerRoute(api, {
    method: 'get',
    path: '/api/v1/session',
    operationId: 'getSession',
    summary: 'Who is signed in, and the CSRF token',
    description: 'Needs a session cookie, at any stage of the sign-in.',
    tag: TAG,
    right: 'public',
    answers: { 200: { description: 'The session.', schema: sessionSchema } },
    handle: async ({ request }) => {
      const { session, token } = await requireSession(deps, request, ANY_STAGE);
      return { status: 200, body: await viewSession(deps, session, token) };
    },
  });
  registerRoute(api, {
    method: 'delete',
    path: '/api/v1/session',
    operationId: 'signOut',
    summary: 'Sign out',
    description: 'Needs a session cookie, at any stage, and the CSRF token.',
    tag: TAG,
    right: 'public',
    answers: { 204: { description: 'The session has ended.' } },
    handle: async ({ request, response }) => {
      const { session } = await requireSession(deps, request, ANY_STAGE);
      await deps.database.withService((db) => endSession(db, session, 'signed out', deps.clock()));
      deps.cookies.clear(response, 'session');
      return { status: 204 };
    },
  });
}

function addOwnSessions(api: Api, deps: SignInDeps): void {
  registerRoute(api, {
    method: 'get',
    path: '/api/v1/sessions',
    operationId: 'listOwnSessions',
    summary: 'Live sessions of the person who is signed in',
    description: 'Needs a session.',
    tag: TAG,
    right: 'public',
    answers: {
      200: { description: 'Newest first.', schema: z.strictObject({ sessions: z.array(ownSessionSchema) }) },
    },
    handle: async ({ request }) => {
      const { session } = await requireSession(deps, request);
      const now = deps.clock();
      const idleSince = new Date(now.getTime() - deps.settings.idleMs);
      const rows = await deps.database.withService((db) => listSessions(db, session.userId, now, idleSince));
      const full = rows.filter((row) => row.stage === 'full');
      const sessions = full.map(({ stage: _stage, ...row }) => ({ ...row, current: row.id === session.id }));
      return { status: 200, body: { sessions } };
    },
  });
  registerRoute(api, {
    method: 'delete',
    path: '/api/v1/sessions/{id}',
    operationId: 'endOwnSession',
    summary: 'End one of one’s own sessions',
    description: 'Needs a session and the CSRF token.',
    tag: TAG,
    right: 'public',
    params: z.strictObject({ id: idSchema }),
    answers: { 204: { description: 'It has ended.' } },
    handle: async ({ params, request }) => {
      const { session } = await requireSession(deps, request);
      const person = { id: session.userId, organisationId: session.organisationId };
      const ended = await deps.database.withService(async (db) => {
        const done = await endSession(
          db,
          { id: params.id, userId: session.userId },
          'ended by its person',
          deps.clock(),
        );
        if (done) await audit(db, person, 'session.ended', { sessionId: params.id });
        return done;
      });
      if (!ended) throw notFound('session');
      return { status: 204 };
    },
  });
}
