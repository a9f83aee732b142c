import type { Role } from '../domain/words';
import type { Queryable } from './pool';
import { onlyRow } from './sql';

/** How far a sign-in has come; only `full` may do anything but finish it. */
export type SessionStage = 'full' | 'second_factor' | 'enrol';

/** A session as its person may see it; the token is nowhere stored. */
export interface SessionRow {
  id: string;
  stage: SessionStage;
  /** The browser, as it named itself; shown to its person only. */
  client: string;
  createdAt: Date;
  lastSeenAt: Date;
  expiresAt: Date;
}

/** A live session with its person. */
export interface LiveSession extends SessionRow {
  userId: string;
  role: Role;
  organisationId: string | null;
  email: string;
  name: string;
}

const COLUMNS = `s.id, s.stage, s.client, s.created_at as "createdAt", s.last_seen_at as "lastSeenAt",
  s.expires_at as "expiresAt"`;
const LIVE = 's.ended_at is null and s.expires_at > $2 and s.last_seen_at > $3';

/** Opens a session. */
export async function insertSession(
  db: Queryable,
  session: { userId: string; hash: Buffer; stage: SessionStage; client: string; now: Date; expiresAt: Date },
): Promise<SessionRow> {
  const { rows } = await db.query<SessionRow>(
    `insert into sessions as s (user_id, hash, stage, client, created_at, last_seen_at, expires_at)
     values ($1, $2, $3, $4, $5, $5, $6) returning ${COLUMNS}`,
    [session.userId, session.hash, session.stage, session.client, session.now, session.expiresAt],
  );
  return onlyRow(rows);
}

/**
 * The live session of this token and its person, who is not disabled. The time it was last seen moves at most once a
 * minute, so that reading does not write each time.
 * @param idleSince a session not seen since then has ended
 */
export async function useSession(
  db: Queryable,
  hash: Buffer,
  now: Date,
  idleSince: Date,
): Promise<LiveSession | undefined> {
  const { rows } = await db.query<LiveSession>(
    `select ${COLUMNS}, u.id as "userId", u.role, u.organisation_id as "organisationId", u.email, u.name
     from sessions s join users u on u.id = s.user_id where s.hash = $1 and ${LIVE} and u.disabled_at is null`,
    [hash, now, idleSince],
  );
  const [found] = rows;
  if (found && now.getTime() - found.lastSeenAt.getTime() > 60_000) {
    await db.query('update sessions set last_seen_at = $2 where id = $1 and last_seen_at < $2', [found.id, now]);
  }
  return found;
}

/** Live sessions of one person, newest first. */
export async function listSessions(db: Queryable, userId: string, now: Date, idleSince: Date): Promise<SessionRow[]> {
  const sql = `select ${COLUMNS} from sessions s where s.user_id = $1 and ${LIVE} order by s.created_at desc limit 200`;
  return (await db.query<SessionRow>(sql, [userId, now, idleSince])).rows;
}

/** Ends one session of a person. False when there is no such live one. */
export async function endSession(
  db: Queryable,
  session: { id: string; userId: string },
  why: string,
  now: Date,
): Promise<boolean> {
  const sql = `update sessions set ended_at = $4, ended_why = $3 where id = $1 and user_id = $2 and ended_at is null`;
  return (await db.query(sql, [session.id, session.userId, why, now])).rowCount === 1;
}

/** Ends every session of a person, or every other one. */
export async function endSessionsOf(
  db: Queryable,
  userId: string,
  why: string,
  now: Date,
  except?: string,
): Promise<void> {
  await db.query(
    `update sessions set ended_at = $3, ended_why = $2
     where user_id = $1 and ended_at is null and id is distinct from $4::uuid`,
    [userId, why, now, except ?? null],
  );
}

/** Notes that a session looked into an organisation. True the first time. */
export async function noteCrossing(db: Queryable, sessionId: string, organisationId: string): Promise<boolean> {
  const sql = `insert into session_crossings (session_id, organisation_id) values ($1, $2) on conflict do nothing`;
  return (await db.query(sql, [sessionId, organisationId])).rowCount === 1;
}

/** Keeps that a person has signed in with this browser. */
export async function rememberBrowser(db: Queryable, userId: string, hash: Buffer, now: Date): Promise<void> {
  const sql = 'insert into known_browsers (user_id, hash, created_at) values ($1, $2, $3) on conflict do nothing';
  await db.query(sql, [userId, hash, now]);
}

/** Whether the person with this address has signed in with this browser. */
export async function isKnownBrowser(db: Queryable, emailKey: string, hash: Buffer): Promise<boolean> {
  const sql = 'select from known_browsers k join users u on u.id = k.user_id where u.email_key = $1 and k.hash = $2';
  return (await db.query(sql, [emailKey, hash])).rowCount === 1;
}

/** Forgets the browsers of a person, e.g. when the password was changed. */
export async function forgetBrowsers(db: Queryable, userId: string): Promise<void> {
  await db.query('delete from known_browsers where user_id = $1', [userId]);
}

/** Forgets what nobody can use any more. */
export async function sweepSignIns(db: Queryable, now: Date): Promise<void> {
  const old = new Date(now.getTime() - 30 * 86_400_000);
  await db.query('delete from sessions where coalesce(ended_at, expires_at) < $1', [old]);
  await db.query('delete from sign_in_delays where updated_at < $1', [new Date(now.getTime() - 86_400_000)]);
  await db.query('delete from oidc_attempts where expires_at < $1', [now]);
}

/** Ends the session of this token, whosever it is: what a browser brought along is not used again. */
export async function endSessionByHash(db: Queryable, hash: Buffer, why: string, now: Date): Promise<void> {
  await db.query('update sessions set ended_at = $3, ended_why = $2 where hash = $1 and ended_at is null', [
    hash,
    why,
    now,
  ]);
}
