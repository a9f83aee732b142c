import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { appendAuditEvent } from '../../db/audit-events';
import type { Database } from '../../db/pool';
import { listScans } from '../../db/scan-list';
import type { ScanFilter, ScanRow } from '../../db/scan-list';
import { csvCell } from '../../domain/text';
import { actorOf, inOrganisation } from '../auth';
import { wrongMethod } from '../errors';
import { registerRoute } from '../openapi';
import type { RouteModule } from '../openapi';
import { invalidFields } from '../problems';
import { scanFilterOf, scanQuerySchema } from '../scan-query';

/** Rows read at a time: no more than these are in memory, however long the table. */
const PAGE = 1000;

const COLUMNS: readonly [string, (row: ScanRow) => string | number | Date | null][] = [
  ['created', (row) => row.createdAt],
  ['channel', (row) => row.channel],
  ['ticket', (row) => row.ticketId],
  ['comment', (row) => row.commentId],
  ['requester', (row) => row.authorId],
  ['kind', (row) => row.kind],
  ['name', (row) => row.fileName],
  ['type', (row) => row.detectedType ?? row.declaredType],
  ['bytes', (row) => row.size],
  ['sha256', (row) => row.sha256],
  ['verdict', (row) => row.verdict],
  ['reason', (row) => row.reason],
  ['found_by', (row) => row.foundBy.join(' ')],
  ['machine_verdict', (row) => row.machineVerdict],
  ['state', (row) => row.state],
  ['state_reason', (row) => row.stateReason],
  ['scanned', (row) => row.scannedAt],
  ['contained', (row) => row.containedAt],
  ['released', (row) => row.releasedAt],
  ['scan', (row) => row.id],
];

/** The table of scans as a file, streamed: what is filtered, newest first, each row as it is when it is read. */
export function scansCsvRoutes({ database }: { database: Database }): RouteModule {
  return (api) => {
    registerRoute(api, {
      method: 'get',
      path: '/api/v1/scans.csv',
      operationId: 'exportScans',
      summary: 'Scans as CSV, newest first',
      description: 'A file that was cut by a failure ends without its last line break, and the connection breaks.',
      tag: 'scans',
      right: 'scans.read',
      query: scanQuerySchema,
      answers: { 200: { description: 'The table.', contentType: 'text/csv' } },
      handle: async ({ query, caller, request, response }) => {
        if (request.method !== 'GET') throw wrongMethod(['get']);
        const filter = scanFilterOf(query, caller.organisationId);
        const { organisationId } = filter;
        if (organisationId === undefined) {
          throw invalidFields('query', [{ field: 'organisation', detail: 'expected one: an export holds one only.' }]);
        }
        await inOrganisation(database, caller, organisationId, 'exportScans', (db) =>
          appendAuditEvent(db, { organisationId, kind: 'scans.exported', actor: actorOf(caller), detail: { query } }),
        );
        response.status(200).set({
          'cache-control': 'no-store',
          'content-type': 'text/csv; charset=utf-8; header=present',
          'content-disposition': 'attachment; filename="lazaret-scans.csv"',
        });
        // A failure after the first byte can only be told by breaking the connection, which pipeline does.
        await pipeline(Readable.from(lines(database, organisationId, filter)), response);
        return undefined;
      },
    });
  };
}

async function* lines(database: Database, organisationId: string, filter: ScanFilter): AsyncGenerator<string> {
  yield `${COLUMNS.map(([name]) => name).join(',')}\r\n`;
  let after: { at: string; id: string } | undefined;
  for (;;) {
    const page = { limit: PAGE, after };
    const rows = await database.withOrganisation(organisationId, (db) => listScans(db, filter, page));
    if (rows.length > 0) yield rows.map(lineOf).join('');
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) return;
    after = { at: last.at, id: last.id };
  }
}

function lineOf(row: ScanRow): string {
  const cells = COLUMNS.map(([, value]) => {
    const cell = value(row);
    return csvCell(cell instanceof Date ? cell.toISOString() : String(cell ?? ''));
  });
  return `${cells.join(',')}\r\n`;
}
