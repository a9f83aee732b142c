import type { Queryable } from './pool';

export interface NewTicketIntake {
  organisationId: string;
  connectionId: string;
  ticketId: string;
  cause: 'trigger' | 'merge' | 'release' | 'proof' | 'undeleted' | 'export';
  /** Id of the delivery or of the act that asks for the listing: a repetition adds nothing. */
  deliveryKey: string;
  /** Waits a while, and then costs nothing where an event announced this comment, or any comment of the ticket. */
  unlessAnnounced?: { commentId: string | undefined };
}

/** How long events may take to overtake the trigger's call, in seconds. */
const GRACE_SECONDS = 20;

/** Asks for a listing of one ticket's comments, once per delivery. @returns false when it was asked before */
export async function insertTicketIntake(db: Queryable, intake: NewTicketIntake): Promise<boolean> {
  const { rowCount } = await db.query(
    `insert into ticket_intake (organisation_id, connection_id, ticket_id, cause, delivery_key, comment_id, unless_announced, deadline_at)
     values ($1, $2, $3, $4, $5, $6, $7, now() + $8::int * interval '1 second') on conflict (connection_id, delivery_key) do nothing`,
    [
      intake.organisationId,
      intake.connectionId,
      intake.ticketId,
      intake.cause,
      intake.deliveryKey,
      intake.unlessAnnounced?.commentId ?? null,
      intake.unlessAnnounced !== undefined,
      intake.unlessAnnounced === undefined ? 0 : GRACE_SECONDS,
    ],
  );
  return (rowCount ?? 0) > 0;
}

/** Rows of one ticket that no listing has answered yet, read before the listing. */
export async function readOpenIntake(
  db: Queryable,
  connectionId: string,
  ticketId: string,
): Promise<{ id: string; cause: NewTicketIntake['cause'] }[]> {
  const { rows } = await db.query<{ id: string; cause: NewTicketIntake['cause'] }>(
    'select id::text as id, cause from ticket_intake where connection_id = $1 and ticket_id = $2 and listed_at is null',
    [connectionId, ticketId],
  );
  return rows;
}

export async function finishIntake(db: Queryable, ids: string[]): Promise<void> {
  await db.query('update ticket_intake set listed_at = now(), deadline_at = null where id = any($1::bigint[])', [ids]);
}

/** Tickets that are to be listed now. What an event announced in time is settled without a listing. */
export async function claimDueIntake(
  db: Queryable,
  limit: number,
  leaseSeconds: number,
): Promise<{ organisation_id: string; connection_id: string; ticket_id: string }[]> {
  await db.query(
    `update ticket_intake t set listed_at = now(), deadline_at = null
     where deadline_at <= now() and unless_announced and exists (select from covered_comments c
       where c.connection_id = t.connection_id and c.ticket_id = t.ticket_id and (t.comment_id is null or c.comment_id = t.comment_id)
         and c.announced_at > t.received_at - interval '2 minutes')`,
  );
  const { rows } = await db.query<{ organisation_id: string; connection_id: string; ticket_id: string }>(
    `with due as (
       update ticket_intake set deadline_at = now() + $2::int * interval '1 second'
       where id in (select id from ticket_intake where deadline_at <= now() order by deadline_at limit $1 for update skip locked)
       returning organisation_id, connection_id, ticket_id)
     select distinct organisation_id, connection_id, ticket_id from due`,
    [limit, leaseSeconds],
  );
  return rows;
}

/** Brings a claimed ticket forward, after Temporal did not take it. */
export async function postponeIntake(
  db: Queryable,
  ticket: { connection_id: string; ticket_id: string },
  seconds: number,
): Promise<void> {
  await db.query(
    `update ticket_intake set deadline_at = least(deadline_at, now() + $3::int * interval '1 second')
     where connection_id = $1 and ticket_id = $2 and deadline_at is not null`,
    [ticket.connection_id, ticket.ticket_id, seconds],
  );
}
