import { z } from 'zod';
import { listScans } from '../../db/scan-list';
import type { ScanFilter, ScanRow } from '../../db/scan-list';
import type { Database } from '../../db/pool';
import { auditCrossing, inOrganisation, inOwner } from '../auth';
import { cursorSchema, decodeCursor, encodeCursor, idSchema, limitSchema } from '../fields';
import { registerRoute } from '../openapi';
import type { Api, Caller, RouteModule } from '../openapi';
import { scanFilterOf, scanQuerySchema } from '../scan-query';
import { readScanStory, scanStorySchema } from '../scan-story';
import type { StoryLinks } from '../scan-story';
import { pageOf, scanSchema, scanView } from '../views';

const querySchema = z.strictObject({ ...scanQuerySchema.shape, limit: limitSchema, cursor: cursorSchema });

const pageSchema = z.strictObject({ scans: z.array(scanSchema), nextCursor: z.string().nullable() });

/** Scans: items of the ledger, as lists and with their whole story. */
export function scanRoutes(deps: { database: Database } & StoryLinks): RouteModule {
  return (api) => {
    addList(api, deps.database);
    registerRoute(api, {
      method: 'get',
      path: '/api/v1/scans/{id}',
      operationId: 'getScan',
      summary: 'One scan with its whole story',
      tag: 'scans',
      right: 'scans.read',
      params: z.strictObject({ id: idSchema }),
      answers: { 200: { description: 'The scan and everything that happened to it.', schema: scanStorySchema } },
      handle: async ({ params: { id }, caller }) =>
        inOwner(deps.database, caller, { what: 'scan', id }, 'getScan', async (db) => ({
          status: 200,
          body: await readScanStory(db, id, caller, deps),
        })),
    });
  };
}

function addList(api: Api, database: Database): void {
  registerRoute(api, {
    method: 'get',
    path: '/api/v1/scans',
    operationId: 'listScans',
    summary: 'Scans, newest first',
    tag: 'scans',
    right: 'scans.read',
    query: querySchema,
    answers: { 200: { description: 'One page.', schema: pageSchema } },
    handle: async ({ query, caller }) => {
      const { limit, cursor, ...words } = query;
      const filter = scanFilterOf(words, caller.organisationId);
      const page = { limit: limit + 1, after: decodeCursor(filter, cursor) };
      const rows = await readPage(database, caller, filter, page);
      const { shown, nextCursor } = pageOf(rows, limit, (last) => encodeCursor(filter, { at: last.at, id: last.id }));
      return { status: 200, body: { scans: shown.map(scanView), nextCursor } };
    },
  });
}

async function readPage(
  database: Database,
  caller: Caller,
  filter: ScanFilter,
  page: Parameters<typeof listScans>[2],
): Promise<(ScanRow & { at: string })[]> {
  if (filter.organisationId !== undefined) {
    return inOrganisation(database, caller, filter.organisationId, 'listScans', (db) => listScans(db, filter, page));
  }
  return database.withService(async (db) => {
    const rows = await listScans(db, filter, page);
    const organisations = rows.map((row) => row.organisationId);
    await auditCrossing(db, caller, organisations, 'listScans');
    return rows;
  });
}
