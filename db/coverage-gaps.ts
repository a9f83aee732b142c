import type { GapCause } from '../domain/words';
import type { Queryable } from './pool';

/** A stretch of time in which comments were not announced, or the walk stood still. */
export interface GapRow {
  id: string;
  cause: GapCause;
  beginsAt: Date;
  endsAt: Date;
  comments: number;
  healedAt: Date | null;
}

export interface NewGap {
  organisationId: string;
  connectionId: string;
  cause: GapCause;
  beginsAt: Date;
  endsAt: Date;
  comments: number;
}

/** What lies this close together is one gap, in minutes. */
const JOIN_MINUTES = 5;

/** Records a gap, or widens the one that it belongs to. @returns whether it is a new one */
export async function recordGap(db: Queryable, gap: NewGap): Promise<boolean> {
  const { rowCount } = await db.query(
    `update coverage_gaps set begins_at = least(begins_at, $3), ends_at = greatest(ends_at, $4), comments = comments + $5, healed_at = null
     where id = (select id from coverage_gaps where connection_id = $1 and cause = $2
       and begins_at <= $4::timestamptz + $6::int * interval '1 minute' and ends_at >= $3::timestamptz - $6::int * interval '1 minute'
       order by id desc limit 1 for update)`,
    [gap.connectionId, gap.cause, gap.beginsAt, gap.endsAt, gap.comments, JOIN_MINUTES],
  );
  if ((rowCount ?? 0) > 0) return false;
  await db.query(
    `insert into coverage_gaps (organisation_id, connection_id, cause, begins_at, ends_at, comments) values ($1, $2, $3, $4, $5, $6)`,
    [gap.organisationId, gap.connectionId, gap.cause, gap.beginsAt, gap.endsAt, gap.comments],
  );
  return true;
}

/** Closes gaps in which everything that the help desk lists has its row by now. @returns how many */
export async function healGaps(db: Queryable, connectionId: string): Promise<number> {
  const { rowCount } = await db.query(
    `update coverage_gaps g set healed_at = now() where g.connection_id = $1 and g.healed_at is null
       and exists (select from coverage_walks w where w.connection_id = g.connection_id and w.passed_until >= g.ends_at)
       and not exists (select from covered_comments c where c.connection_id = g.connection_id and c.listed_at is not null
         and c.accounted_at is null and c.written_at between g.begins_at and g.ends_at)`,
    [connectionId],
  );
  return rowCount ?? 0;
}

/** Newest gaps of a connection first. */
export async function listGaps(db: Queryable, connectionId: string, limit: number): Promise<GapRow[]> {
  const { rows } = await db.query<GapRow>(
    `select id::text as id, cause, begins_at as "beginsAt", ends_at as "endsAt", comments, healed_at as "healedAt"
     from coverage_gaps where connection_id = $1 order by begins_at desc, id desc limit $2`,
    [connectionId, limit],
  );
  return rows;
}
