import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';
import { newToken, tokenHash } from '../../db/account-tokens';
import { appendAuditEvent } from '../../db/audit-events';
import type { Queryable } from '../../db/pool';
import { endSession, insertSession, isKnownBrowser, rememberBrowser, sweepSignIns } from '../../db/sessions';
import type { SessionRow, SessionStage } from '../../db/sessions';
import { beginsWaiting, clearSignIns, takeSignIn } from '../../db/sign-in-delays';
import { emailKey, findByEmail, savePassword, touchSignIn } from '../../db/users';
import type { Credentials, UserRow } from '../../db/users';
import { signInDelayedMail } from '../../domain/sign-in-mails';
import { tooManyRequests } from '../errors';
import { errorFields } from '../log';
import { invalidFields, Problem } from '../problems';
import type { SignInDeps } from './deps';
import { queueSignInMail } from './mails';

type Person = UserRow & Credentials;

/**
 * Signs in by address and password. Nobody, a wrong password, a disabled person and one without password get the same
 * answer after the same work.
 * @returns the person and how far the sign-in has come
 * @throws Problem 401, or 429 while this address has to wait
 */
export async function signIn(
  deps: SignInDeps,
  request: Request,
  given: { email: string; password: string },
): Promise<{ person: Person; stage: SessionStage }> {
  const now = deps.clock();
  const { key, person, turn } = await deps.database.withService(async (db) => {
    const delayKey = await delayKeyOf(deps, db, request, given.email);
    return { key: delayKey, person: await findByEmail(db, given.email), turn: await takeSignIn(db, delayKey, now) };
  });
  if (!turn.ok) throw tooManyRequests(turn.retryAfterSeconds, 'Too many failed sign-ins for this address.');
  const right = await deps.passwords.verify(person?.passwordHash, given.password);
  if (!right || !person || person.disabledAt !== null) {
    // Not waited for: the answer comes as soon for nobody as for somebody.
    void noteFailure(deps, person, turn.failures).catch((error: unknown) =>
      deps.log.error(errorFields(error), 'a failed sign-in was not recorded'),
    );
    throw wrongCredentials();
  }
  await deps.database.withService((db) => clearSignIns(db, key));
  await renewHash(deps, person, given.password);
  return { person, stage: stageOf(person) };
}

function stageOf(person: Person): SessionStage {
  if (person.secondFactor) return 'second_factor';
  return person.secondFactorRequired && !person.external ? 'enrol' : 'full';
}

/** A browser in which this person has signed in before counts apart: strangers cannot make its owner wait. */
async function delayKeyOf(deps: SignInDeps, db: Queryable, request: Request, email: string): Promise<Buffer> {
  const browser = deps.cookies.read(request, 'browser');
  const folded = emailKey(email);
  const known = browser !== undefined && (await isKnownBrowser(db, folded, tokenHash(browser)));
  return createHash('sha256')
    .update(JSON.stringify(known ? [folded, browser] : [folded]))
    .digest();
}

async function noteFailure(deps: SignInDeps, person: Person | undefined, failures: number): Promise<void> {
  if (!person || person.disabledAt !== null || !beginsWaiting(failures)) return;
  await deps.database.withService(async (db) => {
    await audit(db, person, 'sign_in.delayed', { failures });
    const to = { address: person.email, organisationId: person.organisationId };
    await queueSignInMail(deps, db, to, signInDelayedMail());
  });
}

async function renewHash(deps: SignInDeps, person: Person, password: string): Promise<void> {
  if (person.passwordHash === null || !deps.passwords.isOutdated(person.passwordHash)) return;
  const renewed = await deps.passwords.hash(password);
  await deps.database.withService((db) => savePassword(db, person.id, renewed));
}

/**
 * Opens a session under a token that nobody has seen before, whatever cookie came, and gives it to the browser. A session
 * that this one replaces ends.
 */
export async function openSession(
  deps: SignInDeps,
  { request, response }: { request: Request; response: Response },
  person: Pick<UserRow, 'id' | 'organisationId'>,
  stage: SessionStage,
  replaced?: { id: string },
): Promise<{ session: SessionRow; token: string }> {
  const token = newToken();
  const now = deps.clock();
  const lifeMs = stage === 'full' ? deps.settings.sessionMs : deps.settings.secondFactorMs;
  const expiresAt = new Date(now.getTime() + lifeMs);
  const client = (request.get('user-agent') ?? 'unknown').slice(0, 300);
  const browser = deps.cookies.read(request, 'browser') ?? newToken();
  const session = await deps.database.withService(async (db) => {
    if (replaced) await endSession(db, { id: replaced.id, userId: person.id }, 'rotated', now);
    const opened = await insertSession(db, {
      userId: person.id,
      hash: tokenHash(token),
      stage,
      client,
      now,
      expiresAt,
    });
    if (stage === 'full') {
      await touchSignIn(db, person.id, now);
      await rememberBrowser(db, person.id, tokenHash(browser), now);
      await audit(db, person, 'session.opened', { sessionId: opened.id });
      await sweepSignIns(db, now);
    }
    return opened;
  });
  deps.cookies.write(response, 'session', token, lifeMs);
  if (stage === 'full') deps.cookies.write(response, 'browser', browser);
  return { session, token };
}

/**
 * Asks a person who is signed in for the password again. Tries count as those of signing in do.
 * @throws Problem 422 that names the field, 429 while the person has to wait
 */
export async function requireOwnPassword(deps: SignInDeps, person: Person, password: string): Promise<void> {
  const key = createHash('sha256').update(`lazaret own password\n${person.id}`).digest();
  const turn = await deps.database.withService((db) => takeSignIn(db, key, deps.clock()));
  if (!turn.ok) throw tooManyRequests(turn.retryAfterSeconds, 'Too many wrong passwords.');
  if (!(await deps.passwords.verify(person.passwordHash, password))) {
    throw invalidFields('body', [{ field: 'password', pointer: '/password', detail: 'is not your password.' }]);
  }
  await deps.database.withService((db) => clearSignIns(db, key));
}

/** Appends an event about a person; the log belongs to organisations, so the operator's people have none. */
export async function audit(
  db: Queryable,
  person: Pick<UserRow, 'id' | 'organisationId'>,
  kind: string,
  detail: Record<string, unknown> = {},
): Promise<void> {
  if (person.organisationId === null) return;
  const actor = { kind: 'person' as const, id: person.id };
  const all = { userId: person.id, ...detail };
  await appendAuditEvent(db, { organisationId: person.organisationId, kind, actor, detail: all });
}

function wrongCredentials(): Problem {
  const detail = 'address and password do not belong together';
  return new Problem({
    status: 401,
    kind: 'wrong_credentials',
    title: 'The sign-in was refused.',
    detail: 'Address and password do not belong together, or the account cannot sign in.',
    remedy: 'Check both; after some failures ask for a new password.',
    errors: [
      { field: 'email', pointer: '/email', detail },
      { field: 'password', pointer: '/password', detail },
    ],
  });
}
