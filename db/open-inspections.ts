import type { EngineReport } from '../domain/inspection';
import type { ObjectKey } from './submissions';
import type { Queryable } from './pool';

/** A file that was read, and now waits for engines that answer later. `links` is encrypted. */
export interface OpenInspection extends ObjectKey {
  itemId: string;
  /** Bytes. */
  length: number;
  /** Engines that were asked and answer later. */
  engines: string[];
  /** What the others said. */
  reports: EngineReport[];
  links: Buffer | null;
  ms: number;
  cached: boolean;
}

/** Writes down what is known of a file while engines are waited for, at most `longestMs`. One at a time per item. */
export async function insertOpenInspection(
  db: Queryable,
  inspection: OpenInspection & { longestMs: number },
): Promise<void> {
  const { organisationId, sha256, length, engines, reports, links, ms, cached, longestMs } = inspection;
  await db.query(
    `insert into open_inspections (item_id, organisation_id, sha256, length, engines, reports, links, ms, cached, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, now() + $10::float8 * interval '1 millisecond')
     on conflict (item_id) do update set sha256 = excluded.sha256, length = excluded.length, engines = excluded.engines,
       reports = excluded.reports, links = excluded.links, ms = excluded.ms, cached = excluded.cached, created_at = now(),
       expires_at = excluded.expires_at, closed_at = null where open_inspections.closed_at is not null`,
    [
      inspection.itemId,
      ...[organisationId, sha256, length, engines],
      JSON.stringify(reports).replaceAll('\\u0000', ''),
      ...[links, ms, cached, longestMs],
    ],
  );
}

/** The inspection that an item waits in; undefined where it waits for no engine. */
export async function readOpenInspection(
  db: Queryable,
  itemId: string,
): Promise<(OpenInspection & { expired: boolean }) | undefined> {
  const { rows } = await db.query<OpenInspection & { expired: boolean }>(
    `select item_id as "itemId", organisation_id as "organisationId", sha256, length::float8 as length, engines, reports, links,
       ms, cached, expires_at <= now() as expired from open_inspections where item_id = $1 and closed_at is null`,
    [itemId],
  );
  return rows[0];
}

/** Ends the wait. */
export async function closeOpenInspection(db: Queryable, itemId: string): Promise<void> {
  const sql = `update open_inspections set closed_at = now(), reports = '[]', links = null
    where item_id = $1 and closed_at is null`;
  await db.query(sql, [itemId]);
}

/** Milliseconds until an item's engines are to be asked again, zero when that is now; undefined where it waits for none. */
export async function readAwaitedMs(db: Queryable, itemId: string): Promise<number | undefined> {
  const { rows } = await db.query<{ waitMs: number }>(
    `select greatest(0, extract(epoch from least(o.expires_at,
       coalesce(min(s.next_at) filter (where s.state <> 'done'), now())) - now()) * 1000)::float8 as "waitMs"
     from open_inspections o left join submissions s
       on s.organisation_id = o.organisation_id and s.sha256 = o.sha256 and s.engine = any(o.engines)
     where o.item_id = $1 and o.closed_at is null group by o.item_id`,
    [itemId],
  );
  return rows[0]?.waitMs;
}
