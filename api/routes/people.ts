import { z } from 'zod';
import { appendAuditEvent } from '../../db/audit-events';
import { readSecondFactorRule, saveSecondFactorRule } from '../../db/organisations';
import type { Queryable } from '../../db/pool';
import { endSessionsOf } from '../../db/sessions';
import { disableTotp, findUser, listUsers, lockAdmins, updateUser } from '../../db/users';
import type { UserRow } from '../../db/users';
import { actorOf, inOrganisation, inOwner } from '../auth';
import { idSchema, nameSchema } from '../fields';
import { registerRoute } from '../openapi';
import type { Api, Caller, RouteModule } from '../openapi';
import { conflict, notFound } from '../problems';
import type { SignInDeps } from '../session/deps';
import { GIVEN_ROLES, organisationOf } from '../session/organisation';
import { personSchema, viewPerson } from '../session/view';

const TAG = 'people';

const changeSchema = z
  .strictObject({
    name: nameSchema(100).optional(),
    role: z.enum(GIVEN_ROLES).optional(),
    disabled: z.boolean().optional(),
    secondFactor: z.literal(false).optional().describe('Forgets the authenticator, e.g. of a lost phone.'),
  })
  .refine((change) => Object.keys(change).length > 0, 'expected at least one field');

const peopleSchema = z.strictObject({
  people: z.array(personSchema),
  secondFactorRequired: z.boolean().describe('Whether everybody of the organisation needs a second factor.'),
});

/** The people of an organisation: admins manage their own, support any. */
export function peopleRoutes(deps: SignInDeps): RouteModule {
  return (api) => {
    addList(api, deps);
    addChange(api, deps);
    addRule(api, deps);
  };
}

function addList(api: Api, { database }: SignInDeps): void {
  registerRoute(api, {
    method: 'get',
    path: '/api/v1/people',
    operationId: 'listPeople',
    summary: 'People of one organisation, oldest first',
    tag: TAG,
    right: 'people.manage',
    query: z.strictObject({ organisation: idSchema.optional() }),
    answers: { 200: { description: 'All of them.', schema: peopleSchema } },
    handle: async ({ query, caller }) => {
      const organisationId = organisationOf(caller, query.organisation, 'query');
      return inOrganisation(database, caller, organisationId, 'listPeople', async (db) => {
        const people = (await listUsers(db, organisationId)).map(viewPerson);
        return { status: 200, body: { people, secondFactorRequired: await readSecondFactorRule(db, organisationId) } };
      });
    },
  });
}

function addChange(api: Api, deps: SignInDeps): void {
  registerRoute(api, {
    method: 'patch',
    path: '/api/v1/people/{id}',
    operationId: 'changePerson',
    summary: 'Change a person: name, role, disabled, second factor reset',
    description: 'Disabling, and resetting the second factor, end every session of the person at once.',
    tag: TAG,
    right: 'people.manage',
    params: z.strictObject({ id: idSchema }),
    body: changeSchema,
    answers: { 200: { description: 'As it is now.', schema: personSchema } },
    handle: async ({ params: { id }, body, caller }) => {
      const row = { what: 'person', id } as const;
      const changed = await inOwner(deps.database, caller, row, 'changePerson', (db, organisationId) =>
        change(deps, db, { caller, id, organisationId }, body),
      );
      // Sessions and recovery codes are the service's alone.
      if (body.disabled === true || body.secondFactor === false) await shutOut(deps, id, body);
      const person = await deps.database.withService((db) => findUser(db, changed.id));
      if (!person) throw notFound('person');
      return { status: 200, body: viewPerson(person) };
    },
  });
}

interface Whose {
  caller: Caller;
  id: string;
  organisationId: string;
}

async function change(
  deps: SignInDeps,
  db: Queryable,
  { caller, id, organisationId }: Whose,
  body: z.output<typeof changeSchema>,
): Promise<UserRow> {
  // Before the person is read: of two admins who remove one another at once, the second sees what the first did.
  const admins = await lockAdmins(db, organisationId);
  const before = await findUser(db, id);
  if (!before) throw notFound('person');
  const after = {
    role: body.role ?? before.role,
    organisationId: before.organisationId,
    name: body.name ?? before.name,
    disabled: body.disabled ?? before.disabledAt !== null,
  };
  const staysAdmin = after.role === 'admin' && !after.disabled;
  if (admins.includes(id) && !staysAdmin && admins.length === 1 && caller.role === 'admin') throw lastAdmin();
  await updateUser(db, id, after, deps.clock());
  const fields = Object.keys(body).sort();
  const detail = { userId: id, fields, role: after.role, disabled: after.disabled };
  await appendAuditEvent(db, { organisationId, kind: 'person.changed', actor: actorOf(caller), detail });
  return before;
}

async function shutOut(deps: SignInDeps, id: string, body: z.output<typeof changeSchema>): Promise<void> {
  await deps.database.withService(async (db) => {
    if (body.secondFactor === false) await disableTotp(db, id);
    const why = body.disabled === true ? 'disabled' : 'second factor reset';
    await endSessionsOf(db, id, why, deps.clock());
  });
}

function lastAdmin() {
  return conflict(
    'last_admin',
    'This is the last admin.',
    'Nobody of the organisation could manage it afterwards.',
    'Make somebody else an admin first, or ask support.',
  );
}

function addRule(api: Api, { database }: SignInDeps): void {
  registerRoute(api, {
    method: 'put',
    path: '/api/v1/organisations/{id}/sign-in-rules',
    operationId: 'setSignInRules',
    summary: 'Say whether everybody of an organisation needs a second factor',
    description: 'Who has none sets it up at the next sign-in. People of an identity provider prove theirs there.',
    tag: TAG,
    right: 'people.manage',
    params: z.strictObject({ id: idSchema }),
    body: z.strictObject({ secondFactorRequired: z.boolean() }),
    answers: {
      200: { description: 'As it is now.', schema: z.strictObject({ secondFactorRequired: z.boolean() }) },
    },
    handle: async ({ params, body, caller }) => {
      await inOrganisation(database, caller, params.id, 'setSignInRules', async () => undefined);
      const { secondFactorRequired } = body;
      await database.withService((db) => saveSecondFactorRule(db, params.id, secondFactorRequired, actorOf(caller)));
      return { status: 200, body: { secondFactorRequired } };
    },
  });
}
