import { timingSafeEqual } from 'node:crypto';
import express, { Router } from 'express';
import type { ErrorRequestHandler, Request, Response } from 'express';
import {
  beginSignIn,
  cancel,
  confirm,
  csrfToken,
  finishSignIn,
  isSameBrowser,
  loadAttempt,
  startActivation,
} from '../activation-flow';
import type { OpenedAttempt } from '../activation-flow';
import { cancelledPage, confirmPage, problemPage, progressPage, STEPS_PAGE } from '../activation-html';
import { PAGE_POLICY } from '../html';
import type { ConnectionApiDeps } from '../connection-deps';
import { requestIdOf } from '../openapi';
import { PageProblem } from '../page-problems';
import { Problem, problemDocument } from '../problems';
import { asyncHandler } from '../requests';
import { randomToken } from '../../zendesk/oauth';

const BROWSER_SECRET = /^[\w-]{43}$/u;
/** An activation that shows no step for this long after its confirmation is started once more; milliseconds. */
const START_AGAIN_MS = 3000;

/** The pages on which a person activates a connection: sign-in, question, progress. No script, no foreign content. */
export function createActivationPages(deps: ConnectionApiDeps): Router {
  const router = Router({ caseSensitive: true });
  const form = express.urlencoded({ extended: false, limit: 4096 });
  router.use(['/activation', '/oauth/zendesk'], (_request, response, next) => {
    response.set({
      'cache-control': 'no-store',
      'content-security-policy': PAGE_POLICY,
      'referrer-policy': 'no-referrer',
    });
    next();
  });
  router.get(
    '/activation/:attempt/start',
    asyncHandler(async (request, response) => {
      const browser = browserOf(deps, request) ?? randomToken();
      const address = await beginSignIn(deps, idOf(request), browser);
      setBrowser(deps, response, browser);
      response.redirect(302, address);
    }),
  );
  router.get(
    '/oauth/zendesk/callback',
    asyncHandler(async (request, response) => {
      const { query } = request;
      const answer = { state: textOf(query['state']), code: textOf(query['code']), error: textOf(query['error']) };
      const attempt = await finishSignIn(deps, answer, browserOf(deps, request));
      // Code and state leave the address bar and the history.
      response.redirect(303, `/activation/${attempt}`);
    }),
  );
  router.get(
    '/activation/:attempt',
    asyncHandler(async (request, response) => {
      await showAttempt(deps, request, response);
    }),
  );
  router.post(
    '/activation/:attempt/confirm',
    form,
    asyncHandler(async (request, response) => {
      const opened = await ownAttempt(deps, request);
      checkForm(deps, request, opened);
      await confirm(deps, opened);
      response.redirect(303, opened.byPerson ? STEPS_PAGE : `/activation/${opened.attempt.id}`);
    }),
  );
  router.post(
    '/activation/:attempt/cancel',
    form,
    asyncHandler(async (request, response) => {
      const opened = await ownAttempt(deps, request);
      checkForm(deps, request, opened);
      await cancel(deps, opened);
      send(request, response, 200, cancelledPage(), { state: 'cancelled' });
    }),
  );
  router.use(['/activation', '/oauth/zendesk'], pageErrors);
  return router;
}

function idOf(request: Request): string {
  const id: unknown = request.params['attempt'];
  return typeof id === 'string' ? id : '';
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= 2000 ? value : undefined;
}

/** `__Host-` binds the cookie to this host over TLS; a laptop without TLS cannot have it. */
function cookieName(deps: ConnectionApiDeps): string {
  return deps.publicUrl.startsWith('https:') ? '__Host-lazaret_activation' : 'lazaret_activation';
}

function setBrowser(deps: ConnectionApiDeps, response: Response, browser: string): void {
  const secure = deps.publicUrl.startsWith('https:');
  response.cookie(cookieName(deps), browser, {
    httpOnly: true,
    sameSite: 'lax',
    path: '/',
    secure,
    maxAge: 20 * 60 * 1000,
  });
}

function browserOf(deps: ConnectionApiDeps, request: Request): string | undefined {
  const name = cookieName(deps);
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [key, value] = pair.split('=').map((part) => part.trim());
    if (key === name && value !== undefined && BROWSER_SECRET.test(value)) return value;
  }
  return undefined;
}

/** The attempt, for the browser that opened it and for nobody else. */
async function ownAttempt(deps: ConnectionApiDeps, request: Request): Promise<OpenedAttempt> {
  const opened = await loadAttempt(deps, idOf(request));
  if (!isSameBrowser(opened.attempt, browserOf(deps, request))) throw new PageProblem('wrong_browser');
  return opened;
}

function checkForm(deps: ConnectionApiDeps, request: Request, { attempt }: OpenedAttempt): void {
  const body: unknown = request.body;
  const given = typeof body === 'object' && body !== null && 'csrf' in body ? String(body.csrf) : '';
  const expected = Buffer.from(csrfToken(browserOf(deps, request) ?? '', attempt.id));
  const came = Buffer.from(given);
  if (came.length !== expected.length || !timingSafeEqual(came, expected)) throw new PageProblem('bad_form');
}

async function showAttempt(deps: ConnectionApiDeps, request: Request, response: Response): Promise<void> {
  const opened = await ownAttempt(deps, request);
  const { attempt, connection, organisationName } = opened;
  const { signedIn } = attempt;
  if (attempt.confirmedAt) {
    await startLate(deps, opened);
    const { state, activationSteps: steps, id } = connection;
    return send(request, response, 200, progressPage(connection), { state, connectionId: id, steps });
  }
  if (attempt.expiresAt <= deps.clock()) throw new PageProblem('expired');
  if (!signedIn || !attempt.accessToken) throw new PageProblem(attempt.usedAt ? 'already_used' : 'no_state');
  const csrf = csrfToken(browserOf(deps, request) ?? '', attempt.id);
  const { subdomain } = connection;
  const html = confirmPage({ attemptId: attempt.id, subdomain, signedIn, organisationName, csrf });
  const { userId, name, role } = signedIn;
  const account = `${subdomain}.zendesk.com`;
  send(request, response, 200, html, {
    state: 'confirm',
    account,
    userId,
    userName: name,
    role,
    organisationName,
    csrf,
  });
}

/** An activation whose start was lost with the process that should have started it. */
async function startLate(deps: ConnectionApiDeps, { attempt, connection }: OpenedAttempt): Promise<void> {
  if (connection.state !== 'activating' || connection.activationSteps.length > 0 || !attempt.confirmedAt) return;
  if (deps.clock().getTime() - attempt.confirmedAt.getTime() >= START_AGAIN_MS) await startActivation(deps, attempt);
}

function send(request: Request, response: Response, status: number, html: string, json: object): void {
  response.status(status).vary('accept');
  if (request.accepts(['html', 'json']) === 'json') response.json(json);
  else response.type('html').send(html);
}

/** Page problems become pages, or problem documents for who asks for JSON; everything else goes on. */
const pageErrors: ErrorRequestHandler = (error: unknown, request, response, next) => {
  if (!(error instanceof PageProblem)) return next(error);
  const { kind, status, problem: title, remedy } = error;
  if (request.accepts(['html', 'json']) === 'json') {
    const document = problemDocument(
      new Problem({ status, kind, title, detail: title, remedy }),
      requestIdOf(response),
    );
    response.status(status).type('application/problem+json').send(JSON.stringify(document));
    return;
  }
  response.status(status).type('html').send(problemPage(error));
};
