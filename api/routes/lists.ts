import { z } from 'zod';
import { listEntries, putListEntries, readListOwner, removeListEntry } from '../../db/lists';
import type { ListEntryRow } from '../../db/lists';
import type { Database, Queryable } from '../../db/pool';
import { LIST_EFFECTS, LIST_KINDS, listEntrySchema } from '../../domain/lists';
import type { ListEntry } from '../../domain/lists';
import { actorOf, inOrganisation } from '../auth';
import { cursorSchema, decodeCursor, encodeCursor, idSchema, limitSchema, nameSchema, timeSchema } from '../fields';
import { readLists, writeLists } from '../lists-csv';
import { registerRoute } from '../openapi';
import type { Api, Caller, RouteModule } from '../openapi';
import { invalidFields, notFound } from '../problems';
import { pageOf, time, timeOrNull } from '../views';

const entrySchema = z
  .strictObject({
    id: z.uuid(),
    organisationId: z.uuid().nullable().describe('null: it holds for the whole installation.'),
    kind: z.enum(LIST_KINDS),
    effect: z.enum(LIST_EFFECTS),
    value: z.string(),
    owner: z.string(),
    reason: z.string(),
    expiresAt: timeOrNull,
    createdAt: time,
    createdBy: z.string().describe('Id of the API key.'),
  })
  .meta({ id: 'ListEntry' });

const newEntrySchema = z.strictObject({
  organisationId: idSchema
    .nullable()
    .optional()
    .describe('For the operator: whose list; absent or null: the one of the whole installation.'),
  kind: z.enum(LIST_KINDS),
  effect: z.enum(LIST_EFFECTS),
  value: z
    .string()
    .max(2000)
    .describe('A SHA-256, a domain, a URL pattern such as example.com/download/*, or a mail address.'),
  owner: nameSchema(200).describe('Who answers for the entry.'),
  reason: nameSchema(500),
  expiresAt: timeSchema.nullable().optional().describe('From then on the entry does nothing.'),
});

const whose = idSchema
  .optional()
  .describe("For the operator: whose list; absent: the installation's. People of an organisation work on their own.");

/** Most entries in one export; more are read page by page. */
const MOST_EXPORTED = 100_000;

/** Block and allow lists: support keeps the installation's, admins their organisation's. */
export function listRoutes({ database }: { database: Database }): RouteModule {
  return (api) => {
    addList(api, database);
    addPut(api, database);
    addImport(api, database);
    addExport(api, database);
    addRemove(api, database);
  };
}

/** Runs `work` on the list of an organisation, or on the installation's where an operator names none. */
function inList<T>(
  database: Database,
  caller: Caller,
  organisation: string | undefined,
  purpose: string,
  work: (db: Queryable, organisationId: string | null) => Promise<T>,
): Promise<T> {
  const organisationId = organisation ?? caller.organisationId;
  if (organisationId === undefined) return database.withService((db) => work(db, null));
  return inOrganisation(database, caller, organisationId, purpose, (db) => work(db, organisationId));
}

function view(row: ListEntryRow): Record<string, unknown> {
  const { id, organisationId, kind, effect, value, owner, reason, createdAt, createdBy } = row;
  const expiresAt = row.expiresAt ?? null;
  return { id, organisationId, kind, effect, value, owner, reason, expiresAt, createdAt, createdBy };
}

function addList(api: Api, database: Database): void {
  registerRoute(api, {
    method: 'get',
    path: '/api/v1/lists',
    operationId: 'listListEntries',
    summary: 'Entries of block and allow lists, newest first',
    description: "An organisation sees the installation's entries among its own: they hold for it too.",
    tag: 'lists',
    right: 'lists.read',
    query: z.strictObject({
      organisation: whose,
      kind: z.enum(LIST_KINDS).optional(),
      limit: limitSchema,
      cursor: cursorSchema,
    }),
    answers: {
      200: {
        description: 'One page.',
        schema: z.strictObject({ entries: z.array(entrySchema), nextCursor: z.string().nullable() }),
      },
    },
    handle: async ({ query: { organisation, kind, limit, cursor }, caller }) =>
      inList(database, caller, organisation, 'listListEntries', async (db, organisationId) => {
        const filter = { organisationId, kind };
        const rows = await listEntries(db, filter, { limit: limit + 1, after: decodeCursor(filter, cursor) });
        const page = pageOf(rows, limit, (last) => encodeCursor(filter, { at: last.at, id: last.id }));
        return { status: 200, body: { entries: page.shown.map(view), nextCursor: page.nextCursor } };
      }),
  });
}

function addPut(api: Api, database: Database): void {
  registerRoute(api, {
    method: 'post',
    path: '/api/v1/lists',
    operationId: 'putListEntry',
    summary: 'Put an entry on a list',
    description:
      'An entry for the same value gets the new owner, reason and end. Holds for what is scanned from now on.',
    tag: 'lists',
    right: 'lists.write',
    body: newEntrySchema,
    answers: { 201: { description: 'The entry as it is now.', schema: entrySchema } },
    handle: async ({ body: { organisationId: organisation, ...typed }, caller }) =>
      inList(database, caller, organisation ?? undefined, 'putListEntry', async (db, organisationId) => {
        const [row] = await putListEntries(db, organisationId, [checked(typed)], actorOf(caller));
        return { status: 201, body: row && view(row) };
      }),
  });
}

function checked({ expiresAt, ...typed }: Omit<z.output<typeof newEntrySchema>, 'organisationId'>): ListEntry {
  const read = listEntrySchema.safeParse({
    ...typed,
    ...(expiresAt !== null && expiresAt !== undefined && { expiresAt }),
  });
  if (read.success) return read.data;
  const problems = read.error.issues.map(({ path, message }) => {
    const field = String(path[0] ?? 'value');
    return { field, pointer: `/${field}`, detail: `${message}.` };
  });
  throw invalidFields('body', problems);
}

function addImport(api: Api, database: Database): void {
  registerRoute(api, {
    method: 'post',
    path: '/api/v1/lists/import',
    operationId: 'importListEntries',
    summary: 'Put the entries of a CSV table on a list',
    description:
      'Columns kind, effect, value, owner, reason and, where wanted, expires; at most 1 MB. One wrong line refuses all.',
    tag: 'lists',
    right: 'lists.write',
    query: z.strictObject({ organisation: whose }),
    rawBody: true,
    answers: { 200: { description: 'Put there.', schema: z.strictObject({ entries: z.int() }) } },
    handle: async ({ query: { organisation }, rawBody, caller }) =>
      inList(database, caller, organisation, 'importListEntries', async (db, organisationId) => {
        const read = readLists(rawBody.toString('utf8').replaceAll('\0', '�'));
        if ('problems' in read) {
          const problems = read.problems.map(({ line, message }) => ({ field: `line ${line}`, detail: `${message}.` }));
          throw invalidFields('body', problems);
        }
        const rows = await putListEntries(db, organisationId, read.entries, actorOf(caller));
        return { status: 200, body: { entries: rows.length } };
      }),
  });
}

function addExport(api: Api, database: Database): void {
  registerRoute(api, {
    method: 'get',
    path: '/api/v1/lists/export',
    operationId: 'exportListEntries',
    summary: 'A list as a CSV table',
    description: 'Only the entries of that list itself, in the form that the import reads; no cell is a formula.',
    tag: 'lists',
    right: 'lists.read',
    query: z.strictObject({ organisation: whose }),
    answers: { 200: { description: 'The table.', contentType: 'text/csv' } },
    handle: async ({ query: { organisation }, caller }) =>
      inList(database, caller, organisation, 'exportListEntries', async (db, organisationId) => {
        const rows = await listEntries(db, { organisationId }, { limit: MOST_EXPORTED, after: undefined });
        const own = rows.filter((row) => row.organisationId === organisationId);
        const headers = { 'content-disposition': 'attachment; filename="lazaret-lists.csv"' };
        return { status: 200, body: writeLists(own), headers };
      }),
  });
}

function addRemove(api: Api, database: Database): void {
  registerRoute(api, {
    method: 'delete',
    path: '/api/v1/lists/{id}',
    operationId: 'removeListEntry',
    summary: 'Take an entry off a list',
    tag: 'lists',
    right: 'lists.write',
    params: z.strictObject({ id: idSchema }),
    answers: { 204: { description: 'Gone.' } },
    handle: async ({ params: { id }, caller }) => {
      const owner = await database.withService((db) => readListOwner(db, id));
      // The installation's own entries are the operator's.
      const visible = owner !== undefined && (caller.organisationId === undefined || caller.organisationId === owner);
      if (!visible) throw notFound('list entry');
      return inList(database, caller, owner ?? undefined, 'removeListEntry', async (db, organisationId) => {
        if (!(await removeListEntry(db, id, organisationId, actorOf(caller)))) throw notFound('list entry');
        return { status: 204 };
      });
    },
  });
}
