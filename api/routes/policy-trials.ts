import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { appendAuditEvent } from '../../db/audit-events';
import { countTestMails, insertMail } from '../../db/email-outbox';
import { readOrganisation } from '../../db/organisations';
import { readPolicy } from '../../db/policies';
import type { Database, Queryable } from '../../db/pool';
import { readJudgedGroups } from '../../db/what-if';
import { compareOrders } from '../../domain/policy-order';
import type { WhatIf } from '../../domain/policy-order';
import { policyChangeSchema, policySchema } from '../../domain/policy';
import { testMail } from '../../domain/settings-mails';
import { ITEM_KINDS, POLICY_ACTIONS, UNSCANNABLE_REASONS, VERDICTS } from '../../domain/words';
import { actorOf, inOrganisation } from '../auth';
import { idSchema } from '../fields';
import { registerRoute } from '../openapi';
import type { Api, RouteModule } from '../openapi';
import { EXAMPLE_NAMES, previewOf, previewSchema, templateErrors } from '../policy-preview';
import { invalidFields, Problem } from '../problems';
import { time } from '../views';

interface Deps {
  database: Database;
  clock: () => Date;
  publicUrl: string;
}

const DAYS = 30;
const DAY_MS = 86_400_000;
const MOST_TESTS = 5;
const params = z.strictObject({ id: idSchema });
const action = z.enum(POLICY_ACTIONS);
const counts = z.strictObject({ monitor: z.int(), note: z.int(), contain: z.int() });
const changeSchema = policyChangeSchema.meta({ id: 'PolicyChange' });

const whatIfSchema = z
  .strictObject({
    from: time.describe('Items that arrived since then were counted.'),
    items: z.int(),
    now: counts,
    then: counts,
    thenLaterClean: z.int().describe('Of those that the change takes out: how many an analyst later called clean.'),
    changed: z.array(
      z.strictObject({
        kind: z.enum(ITEM_KINDS),
        verdict: z.enum(VERDICTS),
        reason: z.enum(UNSCANNABLE_REASONS).nullable(),
        blockedAtSource: z.boolean(),
        wasRead: z.boolean(),
        count: z.int(),
        laterClean: z.int(),
        now: action,
        then: action,
      }),
    ),
  })
  .meta({ id: 'WhatIf' });

/** Trying a configuration before it is saved: what it would have done, how its texts look, whether a mail arrives. */
export function policyTrialRoutes(deps: Deps): RouteModule {
  return (api) => {
    addWhatIf(api, deps);
    addPreview(api, deps);
    addTestMail(api, deps);
  };
}

function addWhatIf(api: Api, { database, clock }: Deps): void {
  registerRoute(api, {
    method: 'post',
    path: '/api/v1/organisations/{id}/policy/what-if',
    operationId: 'tryPolicy',
    summary: 'What a change would have done',
    description: `Counts what the present policy and the changed one order for every item of the last ${DAYS} days, as their scans judged them. Nothing is changed.`,
    tag: 'policy',
    right: 'policy.read',
    params,
    body: z.strictObject({ policy: changeSchema }),
    answers: { 200: { description: 'Now and then.', schema: whatIfSchema } },
    handle: async ({ params: { id }, body, caller }) =>
      inOrganisation(database, caller, id, 'tryPolicy', async (db) => {
        const { policy: now } = await readPolicy(db, id);
        const from = new Date(Math.floor((clock().getTime() - DAYS * DAY_MS) / 60_000) * 60_000);
        const { total, groups } = await readJudgedGroups(db, id, from);
        const result = compareOrders(groups, now, policySchema.parse({ ...now, ...body.policy }));
        return { status: 200, body: whatIfView(from, total, result) };
      }),
  });
}

function whatIfView(from: Date, total: number, { now, then, thenLaterClean, changed }: WhatIf) {
  const others = total - now.monitor - now.note - now.contain;
  return {
    from,
    items: total,
    now: { ...now, monitor: now.monitor + others },
    then: { ...then, monitor: then.monitor + others },
    thenLaterClean,
    changed: changed.map(({ group, ...orders }) => ({
      kind: group.kind,
      verdict: group.verdict,
      reason: group.reason ?? null,
      blockedAtSource: group.blockedAtSource,
      wasRead: group.wasRead,
      count: group.count,
      laterClean: group.laterClean,
      ...orders,
    })),
  };
}

function addPreview(api: Api, { database }: Deps): void {
  const { noteTemplate, mailTemplate } = policySchema.shape;
  registerRoute(api, {
    method: 'post',
    path: '/api/v1/organisations/{id}/policy/preview',
    operationId: 'previewTemplates',
    summary: 'Note and mail with these templates',
    description: 'About made-up files. A template that is wrong is refused with its line. Nothing is changed.',
    tag: 'policy',
    right: 'policy.read',
    params,
    body: z.strictObject({
      noteTemplate: noteTemplate.unwrap(),
      mailTemplate: mailTemplate.unwrap(),
      example: z.enum(EXAMPLE_NAMES).default('contained'),
    }),
    answers: { 200: { description: 'As they would look.', schema: previewSchema } },
    handle: async ({ params: { id }, body, caller }) =>
      inOrganisation(database, caller, id, 'previewTemplates', async (db) => {
        const templates = { note: body.noteTemplate, mail: body.mailTemplate };
        const errors = templateErrors(templates, '');
        if (errors.length > 0) throw invalidFields('body', errors);
        const { policy } = await readPolicy(db, id);
        const organisation = await readOrganisation(db, id);
        const about = { organisationName: organisation?.name ?? '', retentionDays: policy.retentionDays };
        return { status: 200, body: previewOf(templates, { ...about, example: body.example }) };
      }),
  });
}

function addTestMail(api: Api, { database, clock, publicUrl }: Deps): void {
  registerRoute(api, {
    method: 'post',
    path: '/api/v1/organisations/{id}/policy/test-mail',
    operationId: 'sendTestMail',
    summary: 'Mail an address to see whether notifications arrive',
    description: `At most ${MOST_TESTS} an hour for an organisation.`,
    tag: 'policy',
    right: 'notifications.write',
    params,
    body: z.strictObject({ address: z.email().max(254) }),
    answers: {
      202: { description: 'It is on its way.', schema: z.strictObject({ address: z.string(), left: z.int() }) },
    },
    handle: async ({ params: { id }, body: { address }, caller }) =>
      inOrganisation(database, caller, id, 'sendTestMail', async (db) => {
        const made = await refuseTooMany(db, id, clock());
        const organisation = await readOrganisation(db, id);
        const mail = testMail(organisation?.name ?? '', publicUrl);
        const messageId = `<test.${randomUUID()}@${new URL(publicUrl).hostname}>`;
        await insertMail(db, { ...mail, organisationId: id, kind: 'test', address, messageId });
        // The address is personal data, and the log is kept for ever: the mail's row has it as long as it lives.
        const detail = { messageId };
        await appendAuditEvent(db, { organisationId: id, kind: 'mail.test_requested', actor: actorOf(caller), detail });
        return { status: 202, body: { address, left: MOST_TESTS - made - 1 } };
      }),
  });
}

async function refuseTooMany(db: Queryable, organisationId: string, now: Date): Promise<number> {
  const made = await countTestMails(db, organisationId, new Date(now.getTime() - 3_600_000));
  if (made < MOST_TESTS) return made;
  throw new Problem({
    status: 429,
    kind: 'too_many_test_mails',
    title: 'There were enough test mails for now.',
    detail: `${MOST_TESTS} were sent within the last hour.`,
    remedy: 'Look into the mailbox, and try again in an hour.',
  });
}
