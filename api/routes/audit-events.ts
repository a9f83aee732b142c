import { z } from 'zod';
import { listAuditEvents } from '../../db/audit-log';
import type { AuditEventRow, AuditFilter } from '../../db/audit-log';
import { readActorNames } from '../../db/actors';
import type { Database, Queryable } from '../../db/pool';
import { auditCrossing, inOrganisation } from '../auth';
import {
  cursorSchema,
  decodeNumberCursor,
  encodeNumberCursor,
  idSchema,
  limitSchema,
  namesSchema,
  timeSchema,
  wordsSchema,
} from '../fields';
import { registerRoute } from '../openapi';
import type { RouteModule } from '../openapi';
import { invalidFields } from '../problems';
import { auditEventSchema, pageOf } from '../views';

const word = z.string().regex(/^[\w.:-]{1,200}$/u, 'expected letters, digits and . : - _');

const ACTOR_KINDS = ['lazaret', 'person', 'zendesk'] as const;

const namedEventSchema = auditEventSchema
  .extend({
    actorName: z.string().nullable().describe('Of a person or key; null where it is not for the asker to know.'),
  })
  .meta({ id: 'NamedAuditEvent' });

const querySchema = z.strictObject({
  organisation: idSchema.optional(),
  scan: idSchema.optional(),
  connection: idSchema.optional(),
  kind: namesSchema.describe('Acts, such as policy.changed; may be repeated or hold a list with commas.'),
  actorKind: wordsSchema(ACTOR_KINDS),
  actor: word.optional().describe('Id of a person, key or part of Lazaret.'),
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
          schema: z.strictObject({ auditEvents: z.array(namedEventSchema), nextCursor: z.string().nullable() }),
        },
      },
      handle: async ({ query, caller }) => {
        const { limit, cursor, organisation, scan, connection, kind, actorKind, ...rest } = query;
        const organisationId = organisation ?? caller.organisationId;
        const filter = {
          ...rest,
          organisationId,
          itemId: scan,
          connectionId: connection,
          kinds: kind,
          actorKinds: actorKind,
        };
        refuseBackwards(query);
        const page = { limit: limit + 1, before: decodeNumberCursor(filter, cursor) };
        const rows =
          organisationId === undefined
            ? await database.withService(async (db) => {
                const found = await listNamed(db, filter, page);
                await auditCrossing(db, caller, organisationsOf(found), 'listAuditEvents');
                return found;
              })
            : await inOrganisation(database, caller, organisationId, 'listAuditEvents', (db) =>
                listNamed(db, filter, page),
              );
        const { shown, nextCursor } = pageOf(rows, limit, (last) => encodeNumberCursor(filter, last.id));
        return { status: 200, body: { auditEvents: shown, nextCursor } };
      },
    });
  };
}

async function listNamed(db: Queryable, ...asked: [AuditFilter, Parameters<typeof listAuditEvents>[2]]) {
  const rows = await listAuditEvents(db, ...asked);
  const people = rows.filter((row) => row.actorKind === 'person').map((row) => row.actor);
  const names = await readActorNames(db, people);
  return rows.map((row) => ({ ...row, actorName: names.get(row.actor) ?? null }));
}

function refuseBackwards({ from, to }: { from?: string | undefined; to?: string | undefined }): void {
  if (from === undefined || to === undefined || Date.parse(from) < Date.parse(to)) return;
  throw invalidFields('query', [{ field: 'to', detail: 'expected a time after from.' }]);
}

function organisationsOf(rows: readonly AuditEventRow[]): string[] {
  return rows.map((row) => row.organisationId);
}
