import { appendAuditEvent } from './audit-events';
import type { Actor } from './audit-events';
import type { Queryable } from './pool';

/** What an admin does about a clean file that could not go back into its ticket. Each writes its audit event. */

export interface ReturnRequest {
  organisationId: string;
  itemId: string;
}

/**
 * Sends the item back to work: its workflow opens a follow-up of the closed ticket. False when the item does not wait
 * for that.
 */
export async function requestFollowUp(db: Queryable, request: ReturnRequest, actor: Actor): Promise<boolean> {
  const { rowCount } = await db.query(
    `update items set state = 'releasing', state_reason = 'follow_up', updated_at = now(), deadline_at = now()
     where id = $1 and verdict = 'clean' and state = 'release_refused' and state_reason = 'ticket_closed'`,
    [request.itemId],
  );
  if (rowCount !== 1) return false;
  await appendAuditEvent(db, { ...request, kind: 'follow_up.requested', actor });
  await db.query(`select pg_notify('lazaret_work', 'items')`);
  return true;
}

/**
 * Settles a refused release: the admin has the file, or does not want it. Retention may run from then. Returns the
 * time; an earlier settling stays, and is not written twice.
 */
export async function settleReturn(
  db: Queryable,
  request: ReturnRequest,
  how: 'clean_file.delivered' | 'return.declined',
  actor: Actor,
): Promise<Date | undefined> {
  const { rows } = await db.query<{ settledAt: Date; first: boolean }>(
    `with known as (select id, return_settled_at from items where id = $1 and state = 'release_refused' for update)
     update items i set return_settled_at = coalesce(known.return_settled_at, now()), updated_at = now()
     from known where i.id = known.id
     returning i.return_settled_at as "settledAt", known.return_settled_at is null as first`,
    [request.itemId],
  );
  const [row] = rows;
  if (!row) return undefined;
  if (row.first || how === 'clean_file.delivered') await appendAuditEvent(db, { ...request, kind: how, actor });
  return row.settledAt;
}
