import { z } from 'zod';
import type { Actor } from '../../db/audit-events';
import { listEngineHealth } from '../../db/engine-health';
import { readPolicy, savePolicy } from '../../db/policies';
import type { PolicyRow } from '../../db/policies';
import type { Database, Queryable } from '../../db/pool';
import { policyChangeSchema, policySchema, withoutForeignMail } from '../../domain/policy';
import type { Policy } from '../../domain/policy';
import { actorOf, inOrganisation } from '../auth';
import { readActorNames } from '../../db/actors';
import { idSchema } from '../fields';
import { registerRoute } from '../openapi';
import type { Api, Caller, RouteModule } from '../openapi';
import { templateErrors } from '../policy-preview';
import { conflict, invalidFields, Problem } from '../problems';
import { timeOrNull } from '../views';

const policyDocument = policySchema.meta({ id: 'Policy' });
const versionSchema = z
  .int()
  .min(0)
  .describe('Version that was seen; 0 for the defaults. A newer one refuses the change.');

const storedSchema = z
  .strictObject({
    organisationId: z.uuid(),
    version: z.int(),
    policy: policyDocument,
    updatedAt: timeOrNull,
    updatedBy: z.string().nullable(),
  })
  .meta({ id: 'StoredPolicy' });

const params = z.strictObject({ id: idSchema });
const answers = { 200: { description: 'The policy as it is now.', schema: storedSchema } };

/** Quarantine configuration: support sets all of it, an admin the addresses, and where support allows it the rest. */
export function policyRoutes({ database }: { database: Database }): RouteModule {
  return (api) => {
    registerRoute(api, {
      method: 'get',
      path: '/api/v1/organisations/{id}/policy',
      operationId: 'getPolicy',
      summary: 'Quarantine configuration',
      tag: 'policy',
      right: 'policy.read',
      params,
      answers,
      handle: async ({ params: { id }, caller }) => ({
        status: 200,
        body: await inOrganisation(database, caller, id, 'getPolicy', (db) => readPolicy(db, id)),
      }),
    });
    addReplace(api, database);
    addAddresses(api, database);
  };
}

function addReplace(api: Api, database: Database): void {
  registerRoute(api, {
    method: 'put',
    path: '/api/v1/organisations/{id}/policy',
    operationId: 'replacePolicy',
    summary: 'Change the quarantine configuration',
    description: 'Fields that are left out stay as they are. Admins may where adminsMayConfigure is set.',
    tag: 'policy',
    right: 'policy.write',
    params,
    body: z.strictObject({ version: versionSchema, policy: policyChangeSchema.meta({ id: 'PolicyChange' }) }),
    answers,
    handle: async ({ params: { id }, body, caller }) =>
      inOrganisation(database, caller, id, 'replacePolicy', async (db) => {
        const now = await readPolicy(db, id);
        const policy = policySchema.parse({ ...now.policy, ...body.policy });
        refuseAdmin(caller, now.policy, policy);
        refuseWrongFields(policy, body.policy);
        for (const field of ['requiredEngines', 'uploadEngines'] as const) {
          if (body.policy[field]) await refuseUnknownEngines(database, field, policy[field] ?? []);
        }
        const change = { organisationId: id, expectedVersion: body.version, policy };
        return { status: 200, body: await saveOrRefuse(db, change, actorOf(caller)) };
      }),
  });
}

function addAddresses(api: Api, database: Database): void {
  registerRoute(api, {
    method: 'patch',
    path: '/api/v1/organisations/{id}/policy',
    operationId: 'setNotificationAddresses',
    summary: 'Set who is mailed',
    tag: 'policy',
    right: 'notifications.write',
    params,
    body: z.strictObject({
      version: versionSchema.optional(),
      notificationAddresses: z.array(z.email().max(254)).max(50),
    }),
    answers,
    handle: async ({ params: { id }, body, caller }) =>
      inOrganisation(database, caller, id, 'setNotificationAddresses', async (db) => {
        const now = await readPolicy(db, id);
        const policy = withoutForeignMail({ ...now.policy, notificationAddresses: body.notificationAddresses });
        const change = { organisationId: id, expectedVersion: body.version ?? now.version, policy };
        return { status: 200, body: await saveOrRefuse(db, change, actorOf(caller)) };
      }),
  });
}

/** An admin changes the configuration only where support allows it, and never whether support does. */
function refuseAdmin(caller: Caller, now: Policy, wanted: Policy): void {
  if (caller.role !== 'admin') return;
  if (now.adminsMayConfigure && wanted.adminsMayConfigure) return;
  throw new Problem({
    status: 403,
    kind: 'configuration_reserved',
    title: now.adminsMayConfigure ? 'Only support sets who may configure.' : 'Support keeps this configuration.',
    detail: 'Admins of this organisation may set the notification addresses.',
    remedy: 'Ask the support of Lazaret for the change, or to let admins configure.',
    errors: [{ field: 'policy', pointer: '/policy', detail: 'is reserved to support.' }],
  });
}

/** What fits the form of a policy and still cannot be: templates that fail, addresses that are not notified. */
function refuseWrongFields(policy: Policy, sent: Partial<Policy>): void {
  const templates = { note: sent.noteTemplate ?? null, mail: sent.mailTemplate ?? null };
  const errors = templateErrors(templates);
  const known = new Set(policy.notificationAddresses.map((one) => one.toLowerCase()));
  for (const [subject, chosen] of Object.entries(policy.mailTo)) {
    const foreign = chosen.findIndex((one) => !known.has(one.toLowerCase()));
    if (foreign < 0) continue;
    const field = `policy.mailTo.${subject}.${foreign}`;
    const detail = 'is no notification address: add it there, or take it out here.';
    errors.push({ field, pointer: `/${field.replaceAll('.', '/')}`, detail });
  }
  if (errors.length > 0) throw invalidFields('body', errors);
}

/**
 * A required engine that nobody runs would make every file unscannable, and one that may have files be a surprise later.
 * Nobody knows while no worker reports.
 */
async function refuseUnknownEngines(
  database: Database,
  field: 'requiredEngines' | 'uploadEngines',
  names: readonly string[],
): Promise<void> {
  const rows = await database.withService(listEngineHealth);
  const known = new Set(rows.filter((row) => row.looksAt === 'files').map((row) => row.engine));
  const unknown = known.size === 0 ? [] : names.filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  const detail = `expected engines that run here: ${[...known].join(', ')}.`;
  throw invalidFields('body', [{ field: `policy.${field}`, pointer: `/policy/${field}`, detail }]);
}

async function saveOrRefuse(
  db: Queryable,
  change: { organisationId: string; expectedVersion: number; policy: Policy },
  actor: Actor,
): Promise<PolicyRow> {
  const saved = await savePolicy(db, change, actor);
  if (saved) return saved;
  const current = await readPolicy(db, change.organisationId);
  const by = current.updatedBy ?? 'nobody';
  const name = (await readActorNames(db, [by])).get(by);
  const who = name === undefined ? by : `${name} (${by})`;
  const detail = `Version ${change.expectedVersion} was expected; ${who} saved version ${current.version}.`;
  throw conflict(
    'policy_changed',
    'The policy was changed in the meantime.',
    detail,
    'Read the policy again, put your change into it and send it with its version.',
    {
      errors: [{ field: 'version', pointer: '/version', detail: `the policy is at version ${current.version}` }],
      extra: { current, savedBy: name ?? null },
    },
  );
}
