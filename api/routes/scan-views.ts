import { z } from 'zod';
import { appendAuditEvent } from '../../db/audit-events';
import type { Database, Queryable } from '../../db/pool';
import {
  insertSavedView,
  isViewNameTaken,
  listSavedViews,
  lockSavedView,
  MOST_VIEWS,
  removeSavedView,
  updateSavedView,
} from '../../db/saved-views';
import type { SavedViewRow, ViewScope } from '../../db/saved-views';
import { actorOf, inOrganisation } from '../auth';
import { idSchema, nameSchema } from '../fields';
import { registerRoute } from '../openapi';
import type { Api, Caller, RouteModule } from '../openapi';
import { conflict, notFound, Problem } from '../problems';
import { time } from '../views';

/** Filters that a view may hold, by their names in the console's address. */
const FILTERS = [
  'text',
  'channel',
  'verdict',
  'state',
  'kind',
  'since',
  'from',
  'to',
  'ticket',
  'sha256',
  'type',
  'engine',
  'rule',
  'requester',
  'organisation',
] as const;

const filtersSchema = z
  .partialRecord(z.enum(FILTERS), nameSchema(500))
  .describe('As they stand in the address of the list of scans; lists hold commas.');

const fields = {
  name: nameSchema(100),
  filters: filtersSchema,
  shared: z.boolean().describe("Shown to everybody of the organisation; of the operator's: to all of its people."),
};

const viewSchema = z
  .strictObject({
    id: z.uuid(),
    name: z.string(),
    filters: z.record(z.string(), z.string()),
    shared: z.boolean(),
    own: z.boolean().describe('Whether the caller made it, and may change it.'),
    updatedAt: time,
  })
  .meta({ id: 'SavedView' });

const params = z.strictObject({ id: idSchema });

/** Saved views of the list of scans: filters under a name, private or shared. */
export function scanViewRoutes({ database }: { database: Database }): RouteModule {
  return (api) => {
    addList(api, database);
    addCreate(api, database);
    addChange(api, database);
    addRemove(api, database);
  };
}

function addList(api: Api, database: Database): void {
  registerRoute(api, {
    method: 'get',
    path: '/api/v1/scan-views',
    operationId: 'listScanViews',
    summary: "The caller's saved views and those that others share",
    tag: 'scans',
    right: 'scan_views.use',
    answers: { 200: { description: 'By name.', schema: z.strictObject({ views: z.array(viewSchema) }) } },
    handle: async ({ caller }) =>
      inScope(database, caller, 'listScanViews', async (db, scope) => {
        const views = await listSavedViews(db, scope);
        return { status: 200, body: { views: views.map((row) => viewOf(row, caller)) } };
      }),
  });
}

function addCreate(api: Api, database: Database): void {
  registerRoute(api, {
    method: 'post',
    path: '/api/v1/scan-views',
    operationId: 'saveScanView',
    summary: 'Save filters under a name',
    tag: 'scans',
    right: 'scan_views.use',
    body: z.strictObject({ ...fields, shared: fields.shared.default(false) }),
    answers: { 201: { description: 'Saved.', schema: viewSchema } },
    handle: async ({ body, caller }) =>
      inScope(database, caller, 'saveScanView', async (db, scope) => {
        const made = await insertSavedView(db, scope, body);
        if (made === 'full') throw tooMany();
        if (!made) throw nameTaken(body.name);
        await tell(db, caller, 'scan_view.saved', made);
        return { status: 201, body: viewOf(made, caller) };
      }),
  });
}

function addChange(api: Api, database: Database): void {
  registerRoute(api, {
    method: 'patch',
    path: '/api/v1/scan-views/{id}',
    operationId: 'changeScanView',
    summary: 'Rename a view, change its filters, share it or keep it private',
    tag: 'scans',
    right: 'scan_views.use',
    params,
    body: z.strictObject(fields).partial(),
    answers: { 200: { description: 'As it is now.', schema: viewSchema } },
    handle: async ({ params: { id }, body, caller }) =>
      inScope(database, caller, 'changeScanView', async (db, scope) => {
        const view = await lockSavedView(db, scope, id);
        if (!view) throw notFound('saved view');
        if (view.owner !== caller.actorId) throw notYours();
        const name = body.name ?? view.name;
        if (await isViewNameTaken(db, view, name)) throw nameTaken(name);
        const next = { name, filters: body.filters ?? view.filters, shared: body.shared ?? view.shared };
        const saved = await updateSavedView(db, id, next);
        await tell(db, caller, 'scan_view.changed', saved);
        return { status: 200, body: viewOf(saved, caller) };
      }),
  });
}

function addRemove(api: Api, database: Database): void {
  registerRoute(api, {
    method: 'delete',
    path: '/api/v1/scan-views/{id}',
    operationId: 'removeScanView',
    summary: 'Remove a saved view',
    description: 'Its owner may; a shared one also an admin, or support.',
    tag: 'scans',
    right: 'scan_views.use',
    params,
    answers: { 204: { description: 'Removed.' } },
    handle: async ({ params: { id }, caller }) =>
      inScope(database, caller, 'removeScanView', async (db, scope) => {
        const view = await lockSavedView(db, scope, id);
        if (!view) throw notFound('saved view');
        const tidies = caller.role === 'admin' || caller.role === 'support';
        if (view.owner !== caller.actorId && !tidies) throw notYours();
        await removeSavedView(db, id);
        await tell(db, caller, 'scan_view.removed', view);
        return { status: 204 };
      }),
  });
}

function inScope<T>(
  database: Database,
  caller: Caller,
  purpose: string,
  work: (db: Queryable, scope: ViewScope) => Promise<T>,
): Promise<T> {
  const { organisationId, actorId: owner } = caller;
  if (organisationId === undefined) return database.withService((db) => work(db, { organisationId: null, owner }));
  return inOrganisation(database, caller, organisationId, purpose, (db) => work(db, { organisationId, owner }));
}

function viewOf({ id, name, filters, shared, owner, updatedAt }: SavedViewRow, caller: Caller) {
  return { id, name, filters, shared, own: owner === caller.actorId, updatedAt };
}

/** The audit log belongs to organisations: views of the operator's people are in none. */
async function tell(db: Queryable, caller: Caller, kind: string, view: SavedViewRow): Promise<void> {
  if (view.organisationId === null) return;
  const detail = { view: view.id, shared: view.shared };
  await appendAuditEvent(db, { organisationId: view.organisationId, kind, actor: actorOf(caller), detail });
}

function nameTaken(name: string): Problem {
  return conflict(
    'name_taken',
    'You have a view of this name.',
    `Another saved view of yours is called ${name}.`,
    'Choose another name, or change that view.',
    { errors: [{ field: 'name', pointer: '/name', detail: 'is the name of another view of yours' }] },
  );
}

function tooMany(): Problem {
  const detail = `A person has at most ${MOST_VIEWS} saved views.`;
  return conflict('too_many_views', 'You have too many saved views.', detail, 'Remove one that you do not need.');
}

function notYours(): Problem {
  return new Problem({
    status: 403,
    kind: 'not_yours',
    title: 'This view belongs to somebody else.',
    detail: 'A shared view is changed by who made it; an admin may remove it.',
    remedy: 'Save the filters under a name of your own.',
  });
}
