import { z } from 'zod';
import { INVESTIGATION_STATES, OPINIONS, listInvestigations, readInvestigation } from '../../db/investigations';
import { requestInvestigation } from '../../db/investigations';
import type { InvestigationFilter, QueuedInvestigation } from '../../db/investigations';
import type { Database } from '../../db/pool';
import { displayFileName } from '../../domain/text';
import { ITEM_STATES, VERDICTS } from '../../domain/words';
import { auditCrossing, inOrganisation, inOwner } from '../auth';
import { cursorSchema, decodeCursor, encodeCursor, idSchema, limitSchema, proseSchema, wordsSchema } from '../fields';
import { registerRoute } from '../openapi';
import type { Api, Caller, RouteModule } from '../openapi';
import { notFound } from '../problems';
import { investigationSchema, pageOf } from '../views';

const queuedSchema = investigationSchema
  .extend({
    ticketId: z.string(),
    fileName: z.string(),
    displayName: z.string(),
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
        return { status: 200, body: queuedView(row) };
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
    summary: 'Investigations, oldest first',
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
      return { status: 200, body: { investigations: shown.map(queuedView), nextCursor } };
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

function queuedView({ at: _, ...row }: QueuedInvestigation): Record<string, unknown> {
  return { ...row, displayName: displayFileName(row.fileName) };
}
