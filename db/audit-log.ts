import { isUuid } from './pool';
import type { Queryable } from './pool';
import { Conditions } from './sql';

export interface AuditEventRow {
  /** Decimal number as text; events of one organisation are in its order. */
  id: string;
  organisationId: string;
  at: Date;
  kind: string;
  itemId: string | null;
  connectionId: string | null;
  actorKind: 'lazaret' | 'person' | 'zendesk';
  actor: string;
  detail: Record<string, unknown>;
}

export interface AuditFilter {
  organisationId?: string | undefined;
  itemId?: string | undefined;
  connectionId?: string | undefined;
  kinds?: readonly string[] | undefined;
  actorKinds?: readonly AuditEventRow['actorKind'][] | undefined;
  actor?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

const COLUMNS = `id, organisation_id as "organisationId", at, kind, item_id as "itemId", connection_id as "connectionId",
  actor_kind as "actorKind", actor, detail`;

/** One page of the audit log, newest first. */
export async function listAuditEvents(
  db: Queryable,
  filter: AuditFilter,
  page: { limit: number; before: string | undefined },
): Promise<AuditEventRow[]> {
  const conditions = new Conditions();
  if (filter.organisationId !== undefined) conditions.add('organisation_id = ?', filter.organisationId);
  if (filter.itemId !== undefined) conditions.add('item_id = ?', filter.itemId);
  if (filter.connectionId !== undefined) conditions.add('connection_id = ?', filter.connectionId);
  if (filter.kinds) conditions.add('kind = any(?::text[])', filter.kinds);
  if (filter.actorKinds) conditions.add('actor_kind = any(?::text[])', filter.actorKinds);
  if (filter.actor !== undefined) {
    // Ids are those of people; only theirs are many enough for an index of their own.
    conditions.add(isUuid(filter.actor) ? `actor = ? and actor_kind = 'person'` : 'actor = ?', filter.actor);
  }
  if (filter.from !== undefined) conditions.add('at >= ?::timestamptz', filter.from);
  if (filter.to !== undefined) conditions.add('at < ?::timestamptz', filter.to);
  if (page.before !== undefined) conditions.add('id < ?::bigint', page.before);
  const sql = `select ${COLUMNS} from audit_events ${conditions.where}
    order by id desc limit $${conditions.values.length + 1}`;
  return (await db.query<AuditEventRow>(sql, [...conditions.values, page.limit])).rows;
}

/** Everything that happened to one item, in order; at most 1,000 events. */
export async function listAuditEventsOfItem(db: Queryable, itemId: string): Promise<AuditEventRow[]> {
  const sql = `select ${COLUMNS} from audit_events where item_id = $1 order by id limit 1000`;
  return (await db.query<AuditEventRow>(sql, [itemId])).rows;
}
