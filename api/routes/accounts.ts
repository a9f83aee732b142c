import { z } from 'zod';
import { newToken, tokenHash } from '../../db/account-tokens';
import { endPasswordResets, insertPasswordReset, takeInvitation, takePasswordReset } from '../../db/invitations';
import type { Queryable } from '../../db/pool';
import { endSessionsOf, forgetBrowsers } from '../../db/sessions';
import { findByEmail, findUser, insertUser, readCredentials, savePassword } from '../../db/users';
import type { UserRow } from '../../db/users';
import { linkWith, PASSWORD_RESET_MS, PASSWORD_RESET_PAGE, PASSWORD_RESETS_AN_HOUR } from '../../domain/sign-in';
import { passwordChangedMail, passwordResetMail } from '../../domain/sign-in-mails';
import { nameSchema } from '../fields';
import { errorFields } from '../log';
import { limitAsking } from '../middleware';
import { registerRoute } from '../openapi';
import type { Api, RouteModule } from '../openapi';
import { conflict, Problem } from '../problems';
import type { SignInDeps } from '../session/deps';
import { requireOwnOrigin, requireSession } from '../session/guard';
import { queueSignInMail } from '../session/mails';
import { checkNewPassword } from '../session/passwords';
import { audit, openSession, requireOwnPassword } from '../session/sign-in';
import { personSchema, sessionSchema, viewPerson, viewSession } from '../session/view';
import { emailInput, passwordInput } from './session';

const TAG = 'sign-in';
const tokenInput = z.string().regex(/^[A-Za-z0-9_-]{43}$/u, 'expected the token of the link, 43 characters');

/** What people do with their own account: accept an invitation, ask for a new password, change it. */
export function accountRoutes(deps: SignInDeps): RouteModule {
  return (api) => {
    api.router.post('/api/v1/password-resets', limitAsking(deps.settings.resetsPerHour));
    addAcceptance(api, deps);
    addResetRequest(api, deps);
    addReset(api, deps);
    addPasswordChange(api, deps);
  };
}

function addAcceptance(api: Api, deps: SignInDeps): void {
  registerRoute(api, {
    method: 'post',
    path: '/api/v1/invitation-acceptances',
    operationId: 'acceptInvitation',
    summary: 'Accept an invitation: choose name and password',
    description: 'The token stands behind # in the link of the mail, and works once. Sign in afterwards.',
    tag: TAG,
    right: 'public',
    body: z.strictObject({ token: tokenInput, name: nameSchema(100), password: passwordInput }),
    answers: { 201: { description: 'The account is made.', schema: personSchema } },
    handle: async ({ body, request }) => {
      requireOwnOrigin(deps, request);
      await checkNewPassword(body.password, [body.name]);
      const passwordHash = await deps.passwords.hash(body.password);
      const person = await deps.database.withService((db) => accept(deps, db, { ...body, passwordHash }));
      return { status: 201, body: viewPerson(person) };
    },
  });
}

async function accept(
  deps: SignInDeps,
  db: Queryable,
  given: { token: string; name: string; password: string; passwordHash: string },
): Promise<UserRow> {
  const invitation = await takeInvitation(db, tokenHash(given.token), deps.clock());
  if (!invitation) throw deadLink('invitation', 'Ask the person who invited you for a new one.');
  // Thrown inside the transaction: the invitation stays good for another try.
  await checkNewPassword(given.password, [invitation.email]);
  const { organisationId, role, email } = invitation;
  const { name, passwordHash } = given;
  const person = await insertUser(db, { organisationId, role, email, name, passwordHash });
  if (!person) {
    throw conflict(
      'address_in_use',
      'There is an account with this address already.',
      'An address belongs to one account of one organisation.',
      'Sign in with that account, or ask to be invited with another address.',
    );
  }
  await audit(db, person, 'invitation.accepted', { invitationId: invitation.id, role });
  return person;
}

function addResetRequest(api: Api, deps: SignInDeps): void {
  registerRoute(api, {
    method: 'post',
    path: '/api/v1/password-resets',
    operationId: 'requestPasswordReset',
    summary: 'Ask for a link to choose a new password',
    description:
      'The answer is the same whether or not there is such an account. At most five mails an hour for a person, and 30 requests from one network address.',
    tag: TAG,
    right: 'public',
    body: z.strictObject({ email: emailInput }),
    answers: { 202: { description: 'If there is such an account, a mail is on its way.' } },
    handle: async ({ body, request }) => {
      requireOwnOrigin(deps, request);
      // Not waited for: the answer comes as soon for nobody as for somebody.
      void sendReset(deps, body.email).catch((error: unknown) =>
        deps.log.error(errorFields(error), 'a link for a new password was not queued'),
      );
      return { status: 202 };
    },
  });
}

async function sendReset(deps: SignInDeps, email: string): Promise<void> {
  await deps.database.withService(async (db) => {
    const person = await findByEmail(db, email);
    if (!person || person.disabledAt !== null || person.external) return;
    const token = newToken();
    const now = deps.clock();
    const expiresAt = new Date(now.getTime() + PASSWORD_RESET_MS);
    const reset = { userId: person.id, hash: tokenHash(token), now, expiresAt, most: PASSWORD_RESETS_AN_HOUR };
    if (!(await insertPasswordReset(db, reset))) return;
    const to = { address: person.email, organisationId: person.organisationId };
    await queueSignInMail(deps, db, to, passwordResetMail(), linkWith(deps.publicUrl, PASSWORD_RESET_PAGE, token));
    await audit(db, person, 'password.reset_requested');
  });
}

function addReset(api: Api, deps: SignInDeps): void {
  registerRoute(api, {
    method: 'post',
    path: '/api/v1/password-resets/completion',
    operationId: 'completePasswordReset',
    summary: 'Choose a new password with the token of the link',
    description: 'Ends every session of the person; a second factor stays. Sign in afterwards.',
    tag: TAG,
    right: 'public',
    body: z.strictObject({ token: tokenInput, password: passwordInput }),
    answers: { 204: { description: 'The new password counts.' } },
    handle: async ({ body, request }) => {
      requireOwnOrigin(deps, request);
      await checkNewPassword(body.password, []);
      const passwordHash = await deps.passwords.hash(body.password);
      await deps.database.withService(async (db) => {
        const userId = await takePasswordReset(db, tokenHash(body.token), deps.clock());
        const person = userId === undefined ? undefined : await findUser(db, userId);
        if (!person || person.disabledAt !== null) throw deadLink('link', 'Ask for a new link.');
        await checkNewPassword(body.password, [person.name, person.email]);
        await replacePassword(deps, db, person, passwordHash, 'password.reset');
      });
      return { status: 204 };
    },
  });
}

function addPasswordChange(api: Api, deps: SignInDeps): void {
  registerRoute(api, {
    method: 'put',
    path: '/api/v1/session/password',
    operationId: 'changePassword',
    summary: 'Change one’s own password',
    description:
      'Needs a session, the CSRF token and the old password. Ends every session; this browser gets a new one.',
    tag: TAG,
    right: 'public',
    body: z.strictObject({ password: passwordInput, newPassword: passwordInput }),
    answers: { 200: { description: 'Changed.', schema: sessionSchema } },
    handle: async ({ body, request, response }) => {
      const { session } = await requireSession(deps, request);
      const person = await deps.database.withService((db) => readCredentials(db, session.userId));
      await requireOwnPassword(deps, person, body.password);
      await checkNewPassword(body.newPassword, [person.name, person.email], 'newPassword');
      const passwordHash = await deps.passwords.hash(body.newPassword);
      await deps.database.withService((db) => replacePassword(deps, db, person, passwordHash, 'password.changed'));
      const opened = await openSession(deps, { request, response }, person, 'full');
      const view = await viewSession(deps, { ...opened.session, userId: person.id }, opened.token);
      return { status: 200, body: view };
    },
  });
}

/** Whoever knew the old password, or sat in a session of it, is out: sessions, open links, remembered browsers. */
async function replacePassword(
  deps: SignInDeps,
  db: Queryable,
  person: UserRow,
  passwordHash: string,
  kind: 'password.reset' | 'password.changed',
): Promise<void> {
  const now = deps.clock();
  await savePassword(db, person.id, passwordHash);
  await endSessionsOf(db, person.id, kind, now);
  await endPasswordResets(db, person.id, now);
  await forgetBrowsers(db, person.id);
  await audit(db, person, kind);
  await queueSignInMail(
    deps,
    db,
    { address: person.email, organisationId: person.organisationId },
    passwordChangedMail(),
  );
}

/** 410 in the same words for a token that is unknown, used, taken back or too old. */
function deadLink(what: 'invitation' | 'link', remedy: string): Problem {
  const detail = 'is unknown, used up or too old';
  return new Problem({
    status: 410,
    kind: 'link_used_up',
    title: `This ${what} does not work any more.`,
    detail: `The token ${detail}.`,
    remedy,
    errors: [{ field: 'token', pointer: '/token', detail }],
  });
}
