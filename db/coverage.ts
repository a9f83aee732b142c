import type { CommentRef } from './comment-texts';
import type { Queryable } from './pool';

/** How far the walk over a connection's export has come. */
export interface CoverageWalkRow {
  nextFrom: Date;
  ticketsCursor: string | null;
  passedUntil: Date;
  cycleEndedAt: Date | null;
  cycles: number;
  problem: string | null;
}

/** The export lacks its last minute: before this many seconds there is nothing to read. */
const FIRST_CYCLE_SECONDS = 120;

/** Begins the walk of a connection that just became live, or goes on with it. */
export async function ensureWalk(
  db: Queryable,
  ref: { organisationId: string; connectionId: string },
  activatedAt: Date,
): Promise<void> {
  await db.query(
    `insert into coverage_walks (connection_id, organisation_id, next_from, passed_until, deadline_at)
     values ($1, $2, $3, $3, now() + $4::int * interval '1 second')
     on conflict (connection_id) do update set deadline_at = excluded.deadline_at, next_from = greatest(coverage_walks.next_from, excluded.next_from),
       passed_until = greatest(coverage_walks.passed_until, excluded.passed_until)`,
    [ref.connectionId, ref.organisationId, activatedAt, FIRST_CYCLE_SECONDS],
  );
}

export async function readWalk(db: Queryable, connectionId: string): Promise<CoverageWalkRow | undefined> {
  const { rows } = await db.query<CoverageWalkRow>(
    `select next_from as "nextFrom", tickets_cursor as "ticketsCursor", passed_until as "passedUntil",
       cycle_ended_at as "cycleEndedAt", cycles::float8 as cycles, problem from coverage_walks where connection_id = $1`,
    [connectionId],
  );
  return rows[0];
}

/** Walks whose next cycle is due, of connections that work. */
export async function claimDueWalks(
  db: Queryable,
  limit: number,
): Promise<{ connection_id: string; organisation_id: string }[]> {
  const { rows } = await db.query<{ connection_id: string; organisation_id: string }>(
    `update coverage_walks set deadline_at = now() + interval '10 minutes'
     where connection_id in (select w.connection_id from coverage_walks w join connections c on c.id = w.connection_id
       where w.deadline_at <= now() and c.state = 'connected' order by w.deadline_at limit $1 for update of w skip locked)
     returning connection_id, organisation_id`,
    [limit],
  );
  return rows;
}

/** Moves the next cycle: gives a claimed one back, or says when the next is due. A problem is a failure's word. */
export async function postponeWalk(
  db: Queryable,
  connectionId: string,
  seconds: number,
  problem?: string,
): Promise<void> {
  await db.query(
    `update coverage_walks set deadline_at = now() + $2::float8 * interval '1 second', problem = coalesce($3, problem)
     where connection_id = $1`,
    [connectionId, seconds, problem ?? null],
  );
}

/** Keeps where the walk goes on, in the transaction of what was found until there. */
export async function moveWalk(
  db: Queryable,
  connectionId: string,
  to: { nextFrom?: Date; ticketsCursor?: string | undefined },
): Promise<void> {
  await db.query(
    `update coverage_walks set next_from = coalesce($2, next_from), tickets_cursor = coalesce($3, tickets_cursor),
       deadline_at = now() + interval '10 minutes' where connection_id = $1`,
    [connectionId, to.nextFrom ?? null, to.ticketsCursor ?? null],
  );
}

/** Ends a cycle: everything written before `passedUntil` was seen. */
export async function endCycle(
  db: Queryable,
  connectionId: string,
  to: { nextFrom: Date; passedUntil: Date; pauseSeconds: number },
): Promise<void> {
  await db.query(
    `update coverage_walks set next_from = $2, passed_until = greatest(passed_until, $3),
       cycles = cycles + 1, cycle_ended_at = now(), problem = null, deadline_at = now() + $4::float8 * interval '1 second'
     where connection_id = $1`,
    [connectionId, to.nextFrom, to.passedUntil, to.pauseSeconds],
  );
}

/** Remembers that an event announced this comment, however little it holds: the trigger's call about it costs nothing then. */
export async function announceComment(db: Queryable, ref: CommentRef): Promise<void> {
  await db.query(
    `insert into covered_comments (organisation_id, connection_id, ticket_id, comment_id, announced_at)
     values ($1, $2, $3, $4, now())
     on conflict (connection_id, ticket_id, comment_id) do update set announced_at = now() where covered_comments.announced_at is null`,
    [ref.organisationId, ref.connectionId, ref.ticketId, ref.commentId],
  );
}

/** A comment as the help desk lists it, with what there is to look at. */
export interface ListedCoverage {
  ticketId: string;
  commentId: string;
  writtenAt: Date;
  attachments: number;
  hasLinks: boolean;
}

/** Writes down what the help desk listed. What another list told before stays where it was more. */
export async function recordListed(
  db: Queryable,
  ref: { organisationId: string; connectionId: string },
  comments: readonly ListedCoverage[],
): Promise<void> {
  if (comments.length === 0) return;
  await db.query(
    `insert into covered_comments as c (organisation_id, connection_id, ticket_id, comment_id, listed_at, written_at, attachments, has_links)
     select $1, $2, l."ticketId", l."commentId", now(), l."writtenAt", l.attachments, l."hasLinks"
     from jsonb_to_recordset($3::jsonb) as l("ticketId" text, "commentId" text, "writtenAt" timestamptz, attachments int, "hasLinks" boolean)
     on conflict (connection_id, ticket_id, comment_id) do update set listed_at = coalesce(c.listed_at, excluded.listed_at),
       written_at = coalesce(c.written_at, excluded.written_at), attachments = greatest(c.attachments, excluded.attachments),
       has_links = c.has_links or excluded.has_links,
       accounted_at = case when excluded.attachments > c.attachments or (excluded.has_links and not c.has_links) then null
         else c.accounted_at end`,
    [ref.organisationId, ref.connectionId, JSON.stringify(comments)],
  );
}

/** Marks comments of which everything has its row by now. @returns how many */
export async function settleCoverage(db: Queryable, connectionId: string): Promise<number> {
  const { rowCount } = await db.query(
    `update covered_comments c set accounted_at = now()
     where c.connection_id = $1 and c.listed_at is not null and c.accounted_at is null
       and (exists (select from note_batches b where b.connection_id = c.connection_id and b.comment_id = c.comment_id)
         or ((select count(*) from items i where i.connection_id = c.connection_id and i.ticket_id = c.ticket_id
               and i.comment_id = c.comment_id and i.kind = 'attachment') >= c.attachments
           and (not c.has_links or exists (select from comment_texts t where t.connection_id = c.connection_id
             and t.ticket_id = c.ticket_id and t.comment_id = c.comment_id and t.with_html and t.looked_at is not null))))
       and not exists (select from ticket_intake q where q.connection_id = c.connection_id and q.ticket_id = c.ticket_id
         and q.cause = 'export' and q.listed_at is null)`,
    [connectionId],
  );
  return rowCount ?? 0;
}

/** Listed comments that still lack something after a while: their tickets have to be listed. */
export async function findUnaccounted(
  db: Queryable,
  connectionId: string,
  olderThanSeconds: number,
  limit: number,
): Promise<{ ticketId: string; commentId: string }[]> {
  const { rows } = await db.query<{ ticketId: string; commentId: string }>(
    `select ticket_id as "ticketId", comment_id as "commentId" from covered_comments
     where connection_id = $1 and accounted_at is null and listed_at < now() - $2::float8 * interval '1 second'
     order by listed_at limit $3`,
    [connectionId, olderThanSeconds, limit],
  );
  return rows;
}
