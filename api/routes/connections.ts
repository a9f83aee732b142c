import { z } from 'zod';
import { appendAuditEvent } from '../../db/audit-events';
import { listLicensedChannels } from '../../db/bundles';
import { queueConnectionMail, readNotificationTargets } from '../../db/connection-mails';
import { countOpenHolds, findOrganisationConnection, lockConnection, updateConnection } from '../../db/connections';
import type { ConnectionRow } from '../../db/connections';
import type { Queryable } from '../../db/pool';
import { channelDeactivationId, connectionCheckId, PARTS, secretRotationId } from '../../domain/connection';
import { connectionVerifiedMail } from '../../domain/connection-mails';
import { CHANNELS, CONNECTION_STATES } from '../../domain/words';
import { actorOf, inOrganisation } from '../auth';
import type { ConnectionApiDeps, ConnectionWorkflow } from '../connection-deps';
import { connectionSchema, connectionView } from '../connection-view';
import { idSchema } from '../fields';
import { errorFields } from '../log';
import { registerRoute } from '../openapi';
import type { Api, Caller, RouteModule } from '../openapi';
import { conflict, notFound, Problem } from '../problems';
import type { Right } from '../rights';
import { timeOrNull } from '../views';

const params = z.strictObject({ id: idSchema });
const BASE = '/api/v1/organisations/{id}/channels';

const channelsSchema = z.strictObject({
  channels: z.array(
    z.strictObject({
      channel: z.enum(CHANNELS),
      inBundle: z.boolean(),
      state: z.enum([...CONNECTION_STATES, 'not_activated']),
      connectionId: z.uuid().nullable(),
      subdomain: z.string().nullable(),
      lastEventAt: timeOrNull,
    }),
  ),
  supportAddress: z.string().nullable().describe('Whom to ask for a channel outside of the bundle.'),
});

/** States of channels, and what is done with a connection once it is there. */
export function connectionRoutes(deps: ConnectionApiDeps): RouteModule {
  return (api) => {
    addReading(api, deps);
    addVerify(api, deps);
    addOrder(api, deps, {
      name: 'deactivate',
      operationId: 'deactivateZendeskConnection',
      summary: 'Take the connection down: remove trigger and webhooks, revoke the sign-in, keep every hold',
      right: 'connections.deactivate',
      states: ['connected', 'reconnect_needed'],
      workflow: 'channelDeactivation',
      workflowId: channelDeactivationId,
      audit: 'connection.deactivation_asked',
      wish: true,
    });
    addOrder(api, deps, {
      name: 'rotate-secret',
      operationId: 'rotateZendeskSecrets',
      summary: 'Change the signing secrets of the webhooks; the old ones count for a day more',
      right: 'connections.deactivate',
      states: ['connected'],
      workflow: 'secretRotation',
      workflowId: secretRotationId,
      audit: 'connection.rotation_asked',
    });
    addOrder(api, deps, {
      name: 'check',
      operationId: 'checkZendeskConnection',
      summary: 'Look at every part at Zendesk now; the connection shows what was found, with checkedAt',
      right: 'connections.deactivate',
      states: ['connected'],
      workflow: 'connectionCheck',
      workflowId: connectionCheckId,
      audit: 'connection.check_asked',
    });
  };
}

function addReading(api: Api, deps: ConnectionApiDeps): void {
  registerRoute(api, {
    method: 'get',
    path: BASE,
    operationId: 'listChannels',
    summary: 'Channels and their states',
    tag: 'channels',
    right: 'connections.read',
    params,
    answers: { 200: { description: 'Every channel this version knows.', schema: channelsSchema } },
    handle: async ({ params: { id }, caller }) =>
      inOrganisation(deps.database, caller, id, 'listChannels', async (db) => {
        const licensed = await listLicensedChannels(db, id);
        const connection = await findOrganisationConnection(db, id);
        const channels = CHANNELS.map((channel) => ({
          channel,
          inBundle: licensed.includes(channel),
          state: connection?.state ?? 'not_activated',
          connectionId: connection?.id ?? null,
          subdomain: connection?.subdomain ?? null,
          lastEventAt: connection?.lastEventAt?.toISOString() ?? null,
        }));
        return { status: 200, body: { channels, supportAddress: deps.supportAddress ?? null } };
      }),
  });
  registerRoute(api, {
    method: 'get',
    path: `${BASE}/zendesk/connection`,
    operationId: 'getZendeskConnection',
    summary: 'The connection: each part with its id at Zendesk, rights, sources, steps',
    tag: 'channels',
    right: 'connections.read',
    params,
    answers: { 200: { description: 'As recorded; each part names when it was looked at.', schema: connectionSchema } },
    handle: async ({ params: { id }, caller }) =>
      inOrganisation(deps.database, caller, id, 'getZendeskConnection', async (db) => {
        const row = await requireConnection(db, id);
        return { status: 200, body: connectionView(row, await countOpenHolds(db, row.id)) };
      }),
  });
}

function addVerify(api: Api, deps: ConnectionApiDeps): void {
  registerRoute(api, {
    method: 'post',
    path: `${BASE}/zendesk/connection/verify`,
    operationId: 'verifyZendeskConnection',
    summary: 'Mark the connection as verified, and tell the notification addresses',
    tag: 'channels',
    right: 'connections.verify',
    params,
    answers: { 200: { description: 'Verified.', schema: connectionSchema } },
    handle: async ({ params: { id }, caller }) =>
      inOrganisation(deps.database, caller, id, 'verifyZendeskConnection', async (db) => {
        const row = await requireConnection(db, id);
        refuseUnverifiable(row);
        if (row.verifiedAt === null) await verify(deps, db, caller, row);
        const now = await requireConnection(db, id);
        return { status: 200, body: connectionView(now, await countOpenHolds(db, row.id)) };
      }),
  });
}

async function verify(deps: ConnectionApiDeps, db: Queryable, caller: Caller, row: ConnectionRow): Promise<void> {
  await lockConnection(db, row.id);
  const verifiedAt = deps.clock();
  const ref = { organisationId: row.organisationId, connectionId: row.id };
  await updateConnection(db, row.id, { verifiedAt, verifiedBy: caller.actorId });
  await appendAuditEvent(db, {
    organisationId: row.organisationId,
    kind: 'connection.verified',
    actor: actorOf(caller),
    connectionId: row.id,
    detail: { intakeMode: row.intakeMode },
  });
  const { name, addresses } = await readNotificationTargets(db, row.organisationId);
  const facts = { ...ref, organisationName: name, subdomain: row.subdomain, publicUrl: deps.publicUrl };
  const target = { ...ref, addresses, mailDomain: deps.mailDomain };
  await queueConnectionMail(db, target, connectionVerifiedMail(facts), verifiedAt.toISOString());
}

function refuseUnverifiable(row: ConnectionRow): void {
  if (row.state !== 'connected') throw wrongState(row, 'verified');
  const missing = PARTS.filter((name) => {
    const part = row.parts[name];
    const needed = name !== 'eventWebhook' || row.intakeMode === 'events';
    return needed && !(part?.present === true && part.asMade);
  });
  if (missing.length === 0) return;
  throw conflict(
    'parts_missing',
    'Parts of the connection are not as they were made.',
    `Missing or changed at Zendesk: ${missing.join(', ')}.`,
    'Activate the channel again: that repairs what is missing.',
    { extra: { parts: missing } },
  );
}

interface Order {
  name: string;
  operationId: string;
  summary: string;
  right: Right;
  states: readonly string[];
  workflow: ConnectionWorkflow;
  workflowId: (connectionId: string) => string;
  audit: string;
  /** Written into the row too, from where the dispatcher starts the workflow when Temporal is away now. */
  wish?: true;
}

/** How long after the wish the dispatcher looks whether its workflow is open, in milliseconds. */
const WISH_MS = 60_000;

/** Routes that start a workflow and answer at once. */
function addOrder(api: Api, deps: ConnectionApiDeps, order: Order): void {
  registerRoute(api, {
    method: 'post',
    path: `${BASE}/zendesk/connection/${order.name}`,
    operationId: order.operationId,
    summary: order.summary,
    tag: 'channels',
    right: order.right,
    params,
    answers: {
      202: { description: 'Under way.', schema: z.strictObject({ connectionId: z.uuid(), openHolds: z.int() }) },
    },
    handle: async ({ params: { id }, caller }) => {
      const found = await inOrganisation(deps.database, caller, id, order.operationId, async (db) => {
        const { id: connectionId } = await requireConnection(db, id);
        const row = await lockConnection(db, connectionId);
        if (!row) throw notFound('connection');
        if (!order.states.includes(row.state)) throw wrongState(row, order.states.join(' or '));
        await appendAuditEvent(db, {
          organisationId: id,
          kind: order.audit,
          actor: actorOf(caller),
          connectionId: row.id,
        });
        if (order.wish) {
          const now = deps.clock();
          const deadlineAt = new Date(now.getTime() + WISH_MS);
          await updateConnection(db, row.id, { deactivationAskedAt: row.deactivationAskedAt ?? now, deadlineAt });
        }
        return { connectionId: row.id, openHolds: await countOpenHolds(db, row.id) };
      });
      const input = { organisationId: id, connectionId: found.connectionId };
      try {
        await deps.startWorkflow(order.workflow, order.workflowId(found.connectionId), input);
      } catch (error) {
        deps.log.error({ connectionId: found.connectionId, ...errorFields(error) }, 'workflow could not be started');
        if (!order.wish) throw notStarted();
      }
      return { status: 202, body: found };
    },
  });
}

async function requireConnection(db: Queryable, organisationId: string): Promise<ConnectionRow> {
  const row = await findOrganisationConnection(db, organisationId);
  if (!row) throw notFound('connection');
  return row;
}

function wrongState(row: ConnectionRow, needed: string): Problem {
  return conflict(
    'wrong_connection_state',
    `The connection is ${row.state.replace(/_/gu, ' ')}.`,
    `For this the connection has to be ${needed === 'verified' ? 'connected' : needed.replace(/_/gu, ' ')}.`,
    'Look at the connection; activating the channel again repairs it.',
    { extra: { state: row.state } },
  );
}

function notStarted(): Problem {
  return new Problem({
    status: 503,
    kind: 'temporarily_unavailable',
    title: 'This could not be started at the moment.',
    detail: 'Temporal cannot be reached; nothing was changed.',
    remedy: 'Send the request again in a few seconds.',
    headers: { 'retry-after': '5' },
  });
}
