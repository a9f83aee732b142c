import { z } from 'zod';
import { sealedSignInContext } from '../../db/sealed-sign-ins';
import type { LiveSession } from '../../db/sessions';
import {
  disableTotp,
  enableTotp,
  readCredentials,
  saveRecoveryCodes,
  saveTotpSecret,
  takeTotpStep,
} from '../../db/users';
import type { Credentials, UserRow } from '../../db/users';
import { registerRoute } from '../openapi';
import type { Api, RouteModule } from '../openapi';
import { conflict, invalidFields } from '../problems';
import {
  enrolmentUri,
  newRecoveryCodes,
  newSecret,
  recoveryHash,
  requireSecondFactor,
  stepOf,
  wrongCode,
} from '../session/authenticator';
import type { SignInDeps } from '../session/deps';
import { requireSession } from '../session/guard';
import { audit, openSession, requireOwnPassword } from '../session/sign-in';
import { sessionSchema, viewSession } from '../session/view';
import { passwordInput } from './session';

const TAG = 'sign-in';
const codeInput = z
  .string()
  .trim()
  .regex(/^\d{6}$/u, 'expected six digits');

/** The second factor: codes of an authenticator (RFC 6238), and recovery codes. */
export function authenticatorRoutes(deps: SignInDeps): RouteModule {
  return (api) => {
    addSecondFactor(api, deps);
    addEnrolment(api, deps);
    addConfirmation(api, deps);
    addRemoval(api, deps);
  };
}

function personOf(deps: SignInDeps, session: LiveSession): Promise<UserRow & Credentials> {
  return deps.database.withService((db) => readCredentials(db, session.userId));
}

function addSecondFactor(api: Api, deps: SignInDeps): void {
  registerRoute(api, {
    method: 'post',
    path: '/api/v1/session/second-factor',
    operationId: 'proveSecondFactor',
    summary: 'Finish a sign-in with a code',
    description:
      'Needs a session at the stage second_factor and the CSRF token. Gives one of `code` and `recoveryCode`.',
    tag: TAG,
    right: 'public',
    body: z
      .strictObject({ code: codeInput.optional(), recoveryCode: z.string().max(50).optional() })
      .refine((body) => (body.code === undefined) !== (body.recoveryCode === undefined), {
        message: 'expected either code or recoveryCode',
        path: ['code'],
      }),
    answers: { 201: { description: 'Signed in, under a new session.', schema: sessionSchema } },
    handle: async ({ body, request, response }) => {
      const { session } = await requireSession(deps, request, ['second_factor']);
      const person = await personOf(deps, session);
      await requireSecondFactor(deps, person, body);
      const opened = await openSession(deps, { request, response }, person, 'full', session);
      return { status: 201, body: await viewSession(deps, { ...opened.session, userId: person.id }, opened.token) };
    },
  });
}

function addEnrolment(api: Api, deps: SignInDeps): void {
  registerRoute(api, {
    method: 'post',
    path: '/api/v1/session/authenticator',
    operationId: 'beginAuthenticator',
    summary: 'Begin to set up an authenticator',
    description: 'Needs a session (stage full or enrol) and the CSRF token. It counts once a code of it was sent back.',
    tag: TAG,
    right: 'public',
    answers: {
      201: {
        description: 'The secret, this once.',
        schema: z.strictObject({ secret: z.string().describe('Base 32.'), uri: z.string().describe('otpauth://…') }),
      },
    },
    handle: async ({ request }) => {
      const { session } = await requireSession(deps, request, ['full', 'enrol']);
      const person = await personOf(deps, session);
      if (person.secondFactor) throw alreadySetUp();
      const secret = newSecret();
      const sealed = await deps.secretBox.seal(secret, sealedSignInContext('totp_secret', person.id));
      await deps.database.withService((db) => saveTotpSecret(db, person.id, sealed));
      return { status: 201, body: { secret, uri: enrolmentUri(secret, person.email) } };
    },
  });
}

function addConfirmation(api: Api, deps: SignInDeps): void {
  registerRoute(api, {
    method: 'put',
    path: '/api/v1/session/authenticator',
    operationId: 'confirmAuthenticator',
    summary: 'Switch the authenticator on with its first code',
    description: 'Needs a session (stage full or enrol) and the CSRF token. The session is replaced by a new one.',
    tag: TAG,
    right: 'public',
    body: z.strictObject({ code: codeInput }),
    answers: {
      200: {
        description: 'On. The recovery codes are shown this once.',
        schema: z.strictObject({ recoveryCodes: z.array(z.string()), session: sessionSchema }),
      },
    },
    handle: async ({ body, request, response }) => {
      const { session } = await requireSession(deps, request, ['full', 'enrol']);
      const person = await personOf(deps, session);
      if (person.secondFactor) throw alreadySetUp();
      const recoveryCodes = await confirm(deps, person, body.code);
      const opened = await openSession(deps, { request, response }, person, 'full', session);
      const view = await viewSession(deps, { ...opened.session, userId: person.id }, opened.token);
      return { status: 200, body: { recoveryCodes, session: view } };
    },
  });
}

async function confirm(deps: SignInDeps, person: UserRow & Credentials, code: string): Promise<string[]> {
  if (person.totpSecret === null) {
    throw conflict(
      'authenticator_not_begun',
      'No authenticator is being set up.',
      'There is no secret that this code could belong to.',
      'Begin with POST /api/v1/session/authenticator.',
    );
  }
  const now = deps.clock();
  const secret = (await deps.secretBox.open(person.totpSecret, sealedSignInContext('totp_secret', person.id))).toString(
    'utf8',
  );
  const step = stepOf(secret, code, now);
  if (step === undefined) {
    throw invalidFields('body', [
      { field: 'code', pointer: '/code', detail: 'is not the code of this authenticator.' },
    ]);
  }
  const recoveryCodes = newRecoveryCodes();
  await deps.database.withService(async (db) => {
    if (!(await takeTotpStep(db, person.id, step))) throw wrongCode({ code });
    await enableTotp(db, person.id, now);
    const hashes = recoveryCodes.map((one) => recoveryHash(person.id, one));
    await saveRecoveryCodes(db, person.id, hashes);
    await audit(db, person, 'second_factor.enabled');
  });
  return recoveryCodes;
}

function addRemoval(api: Api, deps: SignInDeps): void {
  registerRoute(api, {
    method: 'delete',
    path: '/api/v1/session/authenticator',
    operationId: 'removeAuthenticator',
    summary: 'Switch one’s own second factor off',
    description: 'Needs a session, the CSRF token and the password. Refused where the organisation asks for one.',
    tag: TAG,
    right: 'public',
    body: z.strictObject({ password: passwordInput }),
    answers: { 204: { description: 'Off.' } },
    handle: async ({ body, request }) => {
      const { session } = await requireSession(deps, request);
      const person = await personOf(deps, session);
      if (person.secondFactorRequired) {
        throw conflict(
          'second_factor_required',
          'Your organisation asks for a second factor.',
          'It cannot be switched off by its people.',
          'Ask an admin to reset it, and set up a new one at the next sign-in.',
        );
      }
      await requireOwnPassword(deps, person, body.password);
      await deps.database.withService(async (db) => {
        await disableTotp(db, person.id);
        await audit(db, person, 'second_factor.disabled');
      });
      return { status: 204 };
    },
  });
}

function alreadySetUp() {
  return conflict(
    'authenticator_set_up',
    'An authenticator is set up already.',
    'A person has one at a time.',
    'Remove it first, or ask an admin to reset it.',
  );
}
