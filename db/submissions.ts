import type { EngineReport } from '../domain/inspection';
import type { SubmissionState } from '../domain/submission';
import type { Queryable } from './pool';

/** How an engine names what it was given; plain data. */
export interface StoredHandle {
  engine: string;
  id: string;
  sha256: string;
  submittedAt: string;
  expiresAt: string;
}

/** Bytes of one organisation. */
export interface ObjectKey {
  organisationId: string;
  sha256: string;
}

/** One engine that was asked about one object. Times are relative to the database's clock, in milliseconds. */
export interface SubmissionRow {
  engine: string;
  state: SubmissionState;
  handle: StoredHandle | null;
  report: EngineReport | null;
  pauseMs: number;
  /** Since it was first asked. */
  ageMs: number;
  /** Until it is to be asked again; not above zero when it is due. */
  dueMs: number;
  /** Until its deadline; not above zero when that has passed. */
  leftMs: number;
}

const sinceNow = (column: string): string => `(extract(epoch from ${column} - now()) * 1000)::float8`;
const COLUMNS = `engine, state, handle, report, pause_ms as "pauseMs", -${sinceNow('first_at')} as "ageMs",
  ${sinceNow('next_at')} as "dueMs", ${sinceNow('expires_at')} as "leftMs"`;
const OF_OBJECT = 'organisation_id = $1 and sha256 = $2';
const inMs = (parameter: string): string => `now() + ${parameter}::float8 * interval '1 millisecond'`;

/** An engine that is to be asked. */
export interface WantedAnswer {
  engine: string;
  mayUpload: boolean;
  deadlineMs: number;
}

/**
 * Makes sure that each engine has its row for this object. A row under way stays, and so does an answer that is still
 * believed; one that has run out, or was given without the bytes where they may be sent now, begins anew.
 */
export async function openSubmissions(
  db: Queryable,
  object: ObjectKey,
  wanted: readonly WantedAnswer[],
): Promise<SubmissionRow[]> {
  await db.query(
    `insert into submissions as s (organisation_id, sha256, engine, may_upload, expires_at)
     select $1, $2, w.engine, w."mayUpload", ${inMs('w."deadlineMs"')}
     from jsonb_to_recordset($3::jsonb) as w(engine text, "mayUpload" boolean, "deadlineMs" float8) order by w.engine
     on conflict (organisation_id, sha256, engine) do update set state = 'queued', handle = null, report = null,
       may_upload = excluded.may_upload, pause_ms = 0, questions = 0, first_at = now(), next_at = now(),
       expires_at = excluded.expires_at, callback_hash = null
     where s.state = 'done' and (s.expires_at <= now() or (excluded.may_upload and not s.may_upload))`,
    [object.organisationId, object.sha256, JSON.stringify(wanted)],
  );
  const names = wanted.map((one) => one.engine);
  return readSubmissions(db, object, names);
}

/** What these engines were asked about an object and said. */
export async function readSubmissions(
  db: Queryable,
  object: ObjectKey,
  engines: readonly string[],
): Promise<SubmissionRow[]> {
  const sql = `select ${COLUMNS} from submissions where ${OF_OBJECT} and engine = any($3::text[]) order by engine`;
  return (await db.query<SubmissionRow>(sql, [object.organisationId, object.sha256, engines])).rows;
}

/** Writes down that a question is about to be asked, with the token of its callback where there will be one. */
export async function noteQuestion(
  db: Queryable,
  object: ObjectKey,
  question: { engine: string; mayUpload: boolean; callbackHash: Buffer | undefined },
): Promise<void> {
  await db.query(
    `update submissions set questions = questions + 1, may_upload = $4, callback_hash = coalesce($5, callback_hash)
     where ${OF_OBJECT} and engine = $3 and state <> 'done'`,
    [object.organisationId, object.sha256, question.engine, question.mayUpload, question.callbackHash ?? null],
  );
}

/** What an engine answered. Milliseconds from now. */
export interface SubmissionChange {
  engine: string;
  state: SubmissionState;
  handle?: StoredHandle;
  report?: EngineReport;
  pauseMs: number;
  nextMs: number;
  /** Absent: the deadline stays. */
  leftMs?: number;
  /** A callback was promised: where its token is used up by now, the row is due at once. */
  calledBack: boolean;
}

/** Records an answer. An answer that is there already stays. @returns whether it was recorded */
export async function recordSubmission(db: Queryable, object: ObjectKey, change: SubmissionChange): Promise<boolean> {
  const { rowCount } = await db.query(
    `update submissions set state = $4, handle = $5, report = $6, pause_ms = $7,
       next_at = case when $10 and callback_hash is null then now() else ${inMs('$8')} end,
       expires_at = coalesce(${inMs('$9')}, expires_at),
       callback_hash = case when $4 = 'done' then null else callback_hash end
     where ${OF_OBJECT} and engine = $3 and state <> 'done'`,
    [
      object.organisationId,
      object.sha256,
      change.engine,
      change.state,
      change.handle ? JSON.stringify(change.handle) : null,
      change.report ? JSON.stringify(change.report).replaceAll('\\u0000', '') : null,
      Math.round(change.pauseMs),
      change.nextMs,
      change.leftMs ?? null,
      change.calledBack,
    ],
  );
  return rowCount === 1;
}

/**
 * Uses up the token of a callback, makes its submission due and wakes the files that wait for it. Runs in the service's
 * role: a scanner has no organisation.
 * @returns false for a token that is not ours, or was used before
 */
export async function useCallback(db: Queryable, hash: Buffer): Promise<boolean> {
  const { rows } = await db.query<ObjectKey>(
    'select organisation_id as "organisationId", sha256 from submissions where callback_hash = $1',
    [hash],
  );
  const [object] = rows;
  if (!object) return false;
  await wakeWaiting(db, object);
  const sql = 'update submissions set callback_hash = null, next_at = now() where callback_hash = $1';
  return (await db.query(sql, [hash])).rowCount === 1;
}

/**
 * Lets the dispatcher look at every file that waits for engines about these bytes. The object is locked first, as
 * decisions do it, so that nobody waits in a circle.
 */
export async function wakeWaiting(db: Queryable, object: ObjectKey, exceptItemId?: string): Promise<void> {
  const key = [object.organisationId, object.sha256];
  await db.query(`select from objects where ${OF_OBJECT} for update`, key);
  const { rowCount } = await db.query(
    `update items set deadline_at = now(), dispatches = 0 where ${OF_OBJECT} and state = 'waiting' and state_reason = 'scanner'
       and id is distinct from $3::uuid`,
    [...key, exceptItemId ?? null],
  );
  if ((rowCount ?? 0) > 0) await db.query(`select pg_notify('lazaret_work', 'items')`);
}

/** Forgets what ran out two days ago, for retention. Runs in the service's role. @returns how many rows went */
export async function dropExpiredSubmissions(db: Queryable, limit: number): Promise<number> {
  const { rowCount } = await db.query(
    `delete from submissions where ctid in (select ctid from submissions
       where expires_at < now() - interval '2 days' order by expires_at limit $1 for update skip locked)`,
    [limit],
  );
  return rowCount ?? 0;
}
