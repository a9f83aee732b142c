import { z } from 'zod';
import { appendAuditEvent } from '../../db/audit-events';
import { findOrganisationConnection } from '../../db/connections';
import type { ConnectionRow } from '../../db/connections';
import type { Database, Queryable } from '../../db/pool';
import { dropZendeskApp, putZendeskApp, readZendeskApp } from '../../db/zendesk-apps';
import type { ZendeskAppRow } from '../../db/zendesk-apps';
import { readAppKey } from '../../zendesk/app-token';
import { actorOf, inOrganisation } from '../auth';
import { idSchema } from '../fields';
import { registerRoute } from '../openapi';
import type { Api, RouteModule } from '../openapi';
import { invalidFields, notFound } from '../problems';
import { time } from '../views';

const PATH = '/api/v1/organisations/{id}/channels/zendesk/app';
const params = z.strictObject({ id: idSchema });

const appSchema = z
  .strictObject({
    installationId: z.string(),
    fingerprint: z.string().describe('SHA-256 of the public key, to compare.'),
    audience: z.string().describe('What a token of this installation names.'),
    setBy: z.string(),
    setAt: time,
  })
  .meta({ id: 'ZendeskApp' });

const inputSchema = z.strictObject({
  installationId: z
    .string()
    .trim()
    .regex(/^[0-9]{1,20}$/u, 'expected the number of the installation, as in /api/v2/apps/installations.json'),
  publicKey: z.string().max(10_000).describe('PEM, as Zendesk gives it at /api/v2/apps/{app_id}/public_key.'),
});

interface Deps {
  database: Database;
  clock: () => Date;
}

/** Which installation of the Zendesk app may speak for a connection, and with which key Zendesk signs for it. */
export function zendeskAppRoutes(deps: Deps): RouteModule {
  return (api) => {
    addRead(api, deps);
    addWrite(api, deps);
    addRemove(api, deps);
  };
}

function addRead(api: Api, { database }: Deps): void {
  registerRoute(api, {
    method: 'get',
    path: PATH,
    operationId: 'getZendeskApp',
    summary: 'The Zendesk app of the connection',
    tag: 'channels',
    right: 'connections.app',
    params,
    answers: { 200: { description: 'As entered, or null.', schema: z.strictObject({ app: appSchema.nullable() }) } },
    handle: async ({ params: { id }, caller }) =>
      inOrganisation(database, caller, id, 'getZendeskApp', async (db) => {
        const connection = await requireConnection(db, id);
        const app = await readZendeskApp(db, connection.id);
        return { status: 200, body: { app: app ? appView(connection, app) : null } };
      }),
  });
}

function addWrite(api: Api, { database, clock }: Deps): void {
  registerRoute(api, {
    method: 'put',
    path: PATH,
    operationId: 'setZendeskApp',
    summary: 'Enter installation and public key of the Zendesk app',
    description: 'In place of an earlier one: pages that are open have to be loaded again.',
    tag: 'channels',
    right: 'connections.app',
    params,
    body: inputSchema,
    answers: { 200: { description: 'Entered.', schema: appSchema } },
    handle: async ({ params: { id }, body, caller }) => {
      const key = readAppKey(body.publicKey);
      if ('refusal' in key) {
        throw invalidFields('body', [{ field: 'publicKey', pointer: '/publicKey', detail: key.refusal }]);
      }
      return inOrganisation(database, caller, id, 'setZendeskApp', async (db) => {
        const connection = await requireConnection(db, id);
        const { installationId } = body;
        const app: ZendeskAppRow = {
          ...{ connectionId: connection.id, organisationId: id, installationId, publicKey: key.publicKey },
          ...{ setBy: caller.actorId, setAt: clock() },
        };
        await putZendeskApp(db, app);
        const event = { organisationId: id, connectionId: connection.id, actor: actorOf(caller) };
        const detail = { installationId, fingerprint: key.fingerprint };
        await appendAuditEvent(db, { ...event, kind: 'connection.app_set', detail });
        return { status: 200, body: appView(connection, app) };
      });
    },
  });
}

function addRemove(api: Api, { database }: Deps): void {
  registerRoute(api, {
    method: 'delete',
    path: PATH,
    operationId: 'removeZendeskApp',
    summary: 'Let the Zendesk app of the connection speak no longer',
    tag: 'channels',
    right: 'connections.app',
    params,
    answers: { 204: { description: 'Removed; open pages get no answer from now on.' } },
    handle: async ({ params: { id }, caller }) =>
      inOrganisation(database, caller, id, 'removeZendeskApp', async (db) => {
        const connection = await requireConnection(db, id);
        if (!(await dropZendeskApp(db, connection.id))) throw notFound('Zendesk app');
        const event = { organisationId: id, connectionId: connection.id, actor: actorOf(caller) };
        await appendAuditEvent(db, { ...event, kind: 'connection.app_removed' });
        return { status: 204 };
      }),
  });
}

async function requireConnection(db: Queryable, organisationId: string): Promise<ConnectionRow> {
  const row = await findOrganisationConnection(db, organisationId);
  if (!row) throw notFound('connection');
  return row;
}

function appView({ subdomain }: ConnectionRow, app: ZendeskAppRow): Record<string, unknown> {
  const key = readAppKey(app.publicKey);
  return {
    installationId: app.installationId,
    fingerprint: 'fingerprint' in key ? key.fingerprint : '',
    audience: `https://${subdomain}.zendesk.com/api/v2/apps/installations/${app.installationId}.json`,
    setBy: app.setBy,
    setAt: app.setAt,
  };
}
