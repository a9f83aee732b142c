import type { EngineReport } from '../domain/inspection';
import type { Queryable } from './pool';

/** What engines said of one question. `links` is encrypted; undefined where the file holds none. */
export interface CachedVerdict {
  key: Buffer;
  reports: EngineReport[];
  links: Buffer | null;
  createdAt: Date;
}

/** The newest answer to any of these keys that has not run out. */
export async function readCachedVerdict(
  db: Queryable,
  organisationId: string,
  keys: readonly Buffer[],
): Promise<CachedVerdict | undefined> {
  const { rows } = await db.query<CachedVerdict>(
    `select key, reports, links, created_at as "createdAt" from verdict_cache
     where organisation_id = $1 and key = any($2::bytea[]) and expires_at > now() order by created_at desc limit 1`,
    [organisationId, keys],
  );
  return rows[0];
}

export interface NewCachedVerdict {
  organisationId: string;
  key: Buffer;
  sha256: string;
  reports: readonly EngineReport[];
  links: Buffer | null;
  keepSeconds: number;
}

/** Remembers an answer; a newer one replaces it. */
export async function saveCachedVerdict(db: Queryable, answer: NewCachedVerdict): Promise<void> {
  await db.query(
    `insert into verdict_cache (organisation_id, key, sha256, reports, links, expires_at)
     values ($1, $2, $3, $4, $5, now() + $6::int * interval '1 second')
     on conflict (organisation_id, key) do update set reports = excluded.reports, links = excluded.links,
       created_at = now(), expires_at = excluded.expires_at`,
    [
      answer.organisationId,
      answer.key,
      answer.sha256,
      JSON.stringify(answer.reports).replaceAll('\\u0000', ''),
      answer.links,
      answer.keepSeconds,
    ],
  );
}

/** Drops what has run out, for retention. Runs in the service's role. @returns how many answers went */
export async function dropExpiredVerdicts(db: Queryable, limit: number): Promise<number> {
  const { rowCount } = await db.query(
    `delete from verdict_cache where (organisation_id, key) in
       (select organisation_id, key from verdict_cache where expires_at <= now() order by expires_at limit $1)`,
    [limit],
  );
  return rowCount ?? 0;
}
