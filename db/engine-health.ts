import type { Queryable } from './pool';

/** One engine as one worker saw it last. */
export interface EngineHealthRow {
  worker: string;
  engine: string;
  ok: boolean;
  /** One sentence for the operator. */
  detail: string;
  engineVersion: string;
  rulesVersion: string;
  required: boolean;
  /** What the engine is asked about. */
  looksAt: 'files' | 'links';
  breaker: string | null;
  /** What the platform offered around the scanning processes, by name. */
  isolation: Record<string, boolean> | null;
  /** Since when it has been as it is. */
  changedAt: Date;
  at: Date;
}

export type SeenEngine = Omit<EngineHealthRow, 'worker' | 'changedAt' | 'at'>;

/** Workers that were not heard of for so long count as gone, in seconds. */
const SILENT_SECONDS = 60;

/**
 * Writes what a worker sees of its engines now; engines that it no longer runs, and workers that have been gone for a
 * day, are forgotten. Runs in the service's role: nothing of this belongs to an organisation.
 */
export async function saveEngineHealth(db: Queryable, worker: string, engines: readonly SeenEngine[]): Promise<void> {
  await db.query(
    `insert into engine_health as h (worker, engine, ok, detail, engine_version, rules_version, required, looks_at, breaker, isolation)
     select $1, e.engine, e.ok, e.detail, e."engineVersion", e."rulesVersion", e.required, e."looksAt", e.breaker, e.isolation
     from jsonb_to_recordset($2::jsonb) as e(engine text, ok boolean, detail text, "engineVersion" text, "rulesVersion" text,
       required boolean, "looksAt" text, breaker text, isolation jsonb)
     on conflict (worker, engine) do update set ok = excluded.ok, detail = excluded.detail,
       engine_version = excluded.engine_version, rules_version = excluded.rules_version, required = excluded.required,
       looks_at = excluded.looks_at, breaker = excluded.breaker, isolation = excluded.isolation, at = now(),
       changed_at = case when (h.ok, h.engine_version, h.rules_version, h.breaker) is distinct from
         (excluded.ok, excluded.engine_version, excluded.rules_version, excluded.breaker) then now() else h.changed_at end`,
    [worker, JSON.stringify(engines)],
  );
  await db.query(
    `delete from engine_health where at < now() - interval '1 day' or (worker = $1 and engine <> all($2::text[]))`,
    [worker, engines.map((one) => one.engine)],
  );
}

/** Engines of the workers that are alive, by name and worker. */
export async function listEngineHealth(db: Queryable): Promise<EngineHealthRow[]> {
  const { rows } = await db.query<EngineHealthRow>(
    `select worker, engine, ok, detail, engine_version as "engineVersion", rules_version as "rulesVersion", required,
       looks_at as "looksAt", breaker, isolation, changed_at as "changedAt", at
     from engine_health where at > now() - $1::int * interval '1 second' order by engine, worker limit 1000`,
    [SILENT_SECONDS],
  );
  return rows;
}
