import type { Queryable } from './pool';

/** Who did it. `actor` is an id (api key, workflow, engine), never a name or an address. */
export interface Actor {
  kind: 'lazaret' | 'person' | 'zendesk';
  id: string;
}

/** Lazaret itself. */
export const LAZARET: Actor = { kind: 'lazaret', id: 'lazaret' };

export interface AuditEvent {
  organisationId: string;
  kind: string;
  actor: Actor;
  itemId?: string;
  connectionId?: string;
  /** Evidence: ids, hashes, counts, versions. No bytes, no secrets. */
  detail?: Record<string, unknown>;
}

/** Appends one event, in the transaction of the change that it tells of. */
export async function appendAuditEvent(db: Queryable, event: AuditEvent): Promise<void> {
  await db.query(
    `insert into audit_events (organisation_id, kind, item_id, connection_id, actor_kind, actor, detail)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      event.organisationId,
      event.kind,
      event.itemId ?? null,
      event.connectionId ?? null,
      event.actor.kind,
      event.actor.id,
      JSON.stringify(event.detail ?? {}),
    ],
  );
}
