import type { Queryable } from './pool';

/** A scan that changed, and when: text to the microsecond, which tells two changes of one row apart. */
export interface ScanChange {
  id: string;
  at: string;
}

/**
 * Rows become visible when their transaction ends but carry the time of its begin, so each look goes back this far, in
 * seconds; whoever looks remembers what he knows.
 */
const OVERLAP_SECONDS = 15;

/** The database's own time, which later looks go by. */
export async function readDatabaseTime(db: Queryable): Promise<string> {
  const { rows } = await db.query<{ now: string }>(`select now()::text as now`);
  return rows[0]?.now ?? '';
}

/** Scans of an organisation that changed since this time of the database's, oldest change first, at most `limit`. */
export async function listScanChanges(
  db: Queryable,
  organisationId: string,
  since: string,
  limit: number,
): Promise<ScanChange[]> {
  const { rows } = await db.query<ScanChange>(
    `select id, updated_at::text as at from items
     where organisation_id = $1 and updated_at > $2::timestamptz - $3::int * interval '1 second'
     order by updated_at desc limit $4`,
    [organisationId, since, OVERLAP_SECONDS, limit],
  );
  return rows.toReversed();
}
