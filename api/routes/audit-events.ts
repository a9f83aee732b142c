import { z } from 'zod';
import { listAuditEvents } from '../../db/audit-log';
import type { AuditEventRow } from '../../db/audit-log';
import type { Database } from '../../db/pool';
import { auditCrossing, inOrganisation } from '../auth';
import { cursorSchema, decodeNumberCursor, encodeNumberCursor, idSchema, limitSchema, timeSchema } from '../fields';
import { registerRoute } from '../openapi';
import type { RouteModule } from '../openapi';
import { auditEventSchema, pageOf } from '../views';

const word = z.string().regex(/^[\w.:-]{1,200}$/u, 'expected letters, digits and . : - _');

const querySchema = z.strictObject({
  organisation: idSchema.optional(),
  scan: idSchema.optional(),
  connection: idSchema.optional(),
  kind: word.optional(),
  actor: word.optional(),
  from: timeSchema.optional(),
  to: timeSchema.optional(),
  limit: limitSchema,
  cursor: cursorSchema,
});

/** The audit log: who or what did what, when, on which evidence. */
export function auditRoutes({ database }: { database: Database }): RouteModule {
  return (api) => {
    registerRoute(api, {
      method: 'get',
      path: '/api/v1/audit-events',
      operationId: 'listAuditEvents',
      summary: 'Audit log, newest first',
      tag: 'audit',
      right: 'audit.read',
      query: querySchema,
      answers: {
        200: {
          description: 'One page.',
          schema: z.strictObject({ auditEvents: z.array(auditEventSchema), nextCursor: z.string().nullable() }),
        },
      },
      handle: async ({ query, caller }) => {
        const { limit, cursor, organisation, scan, connection, ...rest } = query;
        const organisationId = organisation ?? caller.organisationId;
        const filter = { ...rest, organisationId, itemId: scan, connectionId: connection };
        const page = { limit: limit + 1, before: decodeNumberCursor(filter, cursor) };
        const rows =
          organisationId === undefined
            ? await database.withService(async (db) => {
                const found = await listAuditEvents(db, filter, page);
                await auditCrossing(db, caller, organisationsOf(found), 'listAuditEvents');
                return found;
              })
            : await inOrganisation(database, caller, organisationId, 'listAuditEvents', (db) =>
                listAuditEvents(db, filter, page),
              );
        const { shown, nextCursor } = pageOf(rows, limit, (last) => encodeNumberCursor(filter, last.id));
        return { status: 200, body: { auditEvents: shown, nextCursor } };
      },
    });
  };
}

function organisationsOf(rows: readonly AuditEventRow[]): string[] {
  return rows.map((row) => row.organisationId);
}
