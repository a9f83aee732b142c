import { z } from 'zod';
import { INVESTIGATION_STATES, OPINIONS, listInvestigations, readInvestigation } from '../../db/investigations';
import { requestInvestigation } from '../../db/investigations';
import type { InvestigationFilter, QueuedInvestigation } from '../../db/investigations';
import { readActorNames } from '../../db/claims';
import type { Database, Queryable } from '../../db/pool';
import { displayFileName } from '../../domain/text';
import { DECIDED_VERDICTS, ITEM_KINDS, ITEM_STATES, SEVERITIES, VERDICTS } from '../../domain/words';
import { auditCrossing, inOrganisation, inOwner } from '../auth';
import { cursorSchema, decodeCursor, encodeCursor, idSchema, limitSchema, proseSchema, wordsSchema } from '../fields';
import { registerRoute } from '../openapi';
import type { Api, Caller, RouteModule } from '../openapi';
import { notFound } from '../problems';
import { investigationSchema, pageOf, time } from '../views';

const claimSchema = z
  .strictObject({ by: z.string(), name: z.string().nullable(), mine: z.boolean(), at: time })
  .meta({ id: 'Claim' });

const answerSchema = z.strictObject({
  verdict: z.enum(DECIDED_VERDICTS),
  reason: z.string(),
  actor: z.string(),
  name: z.string().nullable(),
  createdAt: time,
});

/** An investigation with what an analyst needs to choose and to begin. Names of the operator's people are told to them only. */
export const queuedSchema = investigationSchema
  .extend({
    organisationName: z.string().nullable(),
    requestedByName: z.string().nullable(),
    ticketId: z.string(),
    kind: z.enum(ITEM_KINDS),
    fileName: z.string(),
    displayName: z.string(),
    size: z.number().nullable(),
    detectedType: z.string().nullable(),
    overdue: z.boolean().describe('It is open, and dueAt has passed.'),
    claim: claimSchema.nullable(),
    findings: z
      .array(z.strictObject({ engine: z.string(), rule: z.string(), severity: z.enum(SEVERITIES), what: z.string() }))
      .describe('The gravest three of the newest inspection.'),
    findingsTotal: z.int(),
    answer: answerSchema.nullable().describe('The decision that answered it.'),
    verdict: z.enum(VERDICTS),
    machineVerdict: z.enum(VERDICTS),
    scanState: z.enum(ITEM_STATES),
    copies: z.int().describe('Items with these bytes in the organisation, this one included.'),
  })
  .meta({ id: 'QueuedInvestigation' });

const params = z.strictObject({ id: idSchema });

/** Requests that analysts look again, and their queue. */
export function investigationRoutes({ database }: { database: Database }): RouteModule {
  return (api) => {
    addRequest(api, database);
    addList(api, database);
    registerRoute(api, {
      method: 'get',
      path: '/api/v1/investigations/{id}',
      operationId: 'getInvestigation',
      summary: 'One investigation',
      tag: 'investigations',
      right: 'investigations.read',
      params,
      answers: { 200: { description: 'The investigation.', schema: queuedSchema } },
      handle: async ({ params: { id }, caller }) => {
        const row = await inOwner(database, caller, { what: 'investigation', id }, 'getInvestigation', (db) =>
          readInvestigation(db, id),
        );
        if (!row) throw notFound('investigation');
        const [body] = await queuedViews(database, caller, [row]);
        return { status: 200, body };
      },
    });
  };
}

function addRequest(api: Api, database: Database): void {
  registerRoute(api, {
    method: 'post',
    path: '/api/v1/scans/{id}/investigations',
    operationId: 'requestInvestigation',
    summary: 'Ask analysts to look again',
    description: 'Asking while an investigation of the same bytes is open joins that one.',
    tag: 'investigations',
    right: 'investigations.request',
    params,
    body: z.strictObject({ opinion: z.enum(OPINIONS), reason: proseSchema(2000) }),
    answers: {
      200: { description: 'Joined the open one.', schema: investigationSchema },
      201: { description: 'Requested.', schema: investigationSchema },
    },
    handle: async ({ params: { id }, body, caller }) => {
      const made = await inOwner(database, caller, { what: 'scan', id }, 'requestInvestigation', (db, organisationId) =>
        requestInvestigation(db, {
          organisationId,
          itemId: id,
          opinion: body.opinion,
          reason: body.reason,
          actorId: caller.actorId,
          actorRole: caller.role,
        }),
      );
      if (made.outcome === 'unknown') throw notFound('scan');
      return { status: made.outcome === 'requested' ? 201 : 200, body: made.investigation };
    },
  });
}

function addList(api: Api, database: Database): void {
  registerRoute(api, {
    method: 'get',
    path: '/api/v1/investigations',
    operationId: 'listInvestigations',
    summary: 'Investigations: whose time to be answered runs out first comes first',
    tag: 'investigations',
    right: 'investigations.read',
    query: z.strictObject({
      organisation: idSchema.optional(),
      state: wordsSchema(INVESTIGATION_STATES),
      limit: limitSchema,
      cursor: cursorSchema,
    }),
    answers: {
      200: {
        description: 'One page.',
        schema: z.strictObject({ investigations: z.array(queuedSchema), nextCursor: z.string().nullable() }),
      },
    },
    handle: async ({ query, caller }) => {
      const filter = { organisationId: query.organisation ?? caller.organisationId, states: query.state };
      const page = { limit: query.limit + 1, after: decodeCursor(filter, query.cursor) };
      const rows = await readPage(database, caller, filter, page);
      const { shown, nextCursor } = pageOf(rows, query.limit, ({ at, id }) => encodeCursor(filter, { at, id }));
      return { status: 200, body: { investigations: await queuedViews(database, caller, shown), nextCursor } };
    },
  });
}

async function readPage(
  database: Database,
  caller: Caller,
  filter: InvestigationFilter,
  page: Parameters<typeof listInvestigations>[2],
): Promise<QueuedInvestigation[]> {
  const { organisationId } = filter;
  if (organisationId !== undefined) {
    const read = (db: Parameters<typeof listInvestigations>[0]) => listInvestigations(db, filter, page);
    return inOrganisation(database, caller, organisationId, 'listInvestigations', read);
  }
  return database.withService(async (db) => {
    const rows = await listInvestigations(db, filter, page);
    const organisations = rows.map((row) => row.organisationId);
    await auditCrossing(db, caller, organisations, 'listInvestigations');
    return rows;
  });
}

/** Rows as this caller may see them, with names beside ids. */
export async function queuedViews(
  database: Database,
  caller: Caller,
  rows: readonly QueuedInvestigation[],
): Promise<Record<string, unknown>[]> {
  const ids = rows.flatMap((row) => [row.claimedBy, row.requestedBy, row.answer?.actor ?? null]);
  const names = await namesFor(database, caller, ids);
  return rows.map((row) => queuedView(row, caller, names));
}

/** Names by the ids of people and API keys: the operator's people are named to one another only. */
export async function namesFor(
  database: Database,
  caller: Caller,
  ids: readonly (string | null)[],
): Promise<Map<string, string>> {
  const known = ids.filter((id) => id !== null);
  if (known.length === 0) return new Map();
  const { organisationId } = caller;
  const read = (db: Queryable): Promise<Map<string, string>> => readActorNames(db, known);
  return organisationId === undefined ? database.withService(read) : database.withOrganisation(organisationId, read);
}

function queuedView(
  { at: _, ...row }: QueuedInvestigation,
  caller: Caller,
  names: ReadonlyMap<string, string>,
): Record<string, unknown> {
  const { claimedBy, claimedAt, answer } = row;
  const nameOf = (id: string): string | null => names.get(id) ?? null;
  return {
    ...row,
    displayName: displayFileName(row.fileName),
    requestedByName: nameOf(row.requestedBy),
    overdue: row.state === 'open' && row.dueAt.getTime() < Date.now(),
    claim:
      claimedBy === null
        ? null
        : { by: claimedBy, name: nameOf(claimedBy), mine: claimedBy === caller.actorId, at: claimedAt },
    answer: answer && { ...answer, name: nameOf(answer.actor) },
  };
}
