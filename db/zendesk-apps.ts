import type { Queryable } from './pool';

/** The Zendesk app of a connection, as support or an admin has entered it. */
export interface ZendeskAppRow {
  connectionId: string;
  organisationId: string;
  /** Zendesk's number of the installation. */
  installationId: string;
  /** PEM. */
  publicKey: string;
  setBy: string;
  setAt: Date;
}

const COLUMNS = `a.connection_id as "connectionId", a.organisation_id as "organisationId", a.installation_id as "installationId",
  a.public_key as "publicKey", a.set_by as "setBy", a.set_at as "setAt"`;

/** Enters the app of a connection, in place of an earlier one; whoever opened that has to open it again. */
export async function putZendeskApp(db: Queryable, app: Omit<ZendeskAppRow, 'setAt'> & { setAt: Date }): Promise<void> {
  await db.query(
    `insert into zendesk_apps (connection_id, organisation_id, installation_id, public_key, set_by, set_at)
     values ($1, $2, $3, $4, $5, $6) on conflict (connection_id) do update set installation_id = excluded.installation_id,
       public_key = excluded.public_key, set_by = excluded.set_by, set_at = excluded.set_at, removed_at = null`,
    [app.connectionId, app.organisationId, app.installationId, app.publicKey, app.setBy, app.setAt],
  );
  await endSidebarSessions(db, app.connectionId);
}

/** The app of a connection. */
export async function readZendeskApp(db: Queryable, connectionId: string): Promise<ZendeskAppRow | undefined> {
  const { rows } = await db.query<ZendeskAppRow>(
    `select ${COLUMNS} from zendesk_apps a where connection_id = $1 and removed_at is null`,
    [connectionId],
  );
  return rows[0];
}

/** Takes the app of a connection away. @returns whether there was one */
export async function dropZendeskApp(db: Queryable, connectionId: string): Promise<boolean> {
  await endSidebarSessions(db, connectionId);
  const { rowCount } = await db.query(
    'update zendesk_apps set removed_at = now() where connection_id = $1 and removed_at is null',
    [connectionId],
  );
  return rowCount === 1;
}

/** The app that a token names, of a connection that is alive. Needs a service transaction: nobody is signed in yet. */
export async function findZendeskApp(
  db: Queryable,
  named: { subdomain: string; installationId: string },
): Promise<ZendeskAppRow | undefined> {
  const { rows } = await db.query<ZendeskAppRow>(
    `select ${COLUMNS} from zendesk_apps a join connections c on c.id = a.connection_id
     where c.subdomain = $1 and a.installation_id = $2 and a.removed_at is null
       and c.state in ('activating', 'connected', 'reconnect_needed')`,
    [named.subdomain, named.installationId],
  );
  return rows[0];
}

/** An agent who has opened the app. */
export interface SidebarSession {
  id: string;
  organisationId: string;
  connectionId: string;
  /** The agent, by Zendesk's number. */
  userId: string;
}

/** Opens a session for a token. @returns false where the token was used before */
export async function openSidebarSession(
  db: Queryable,
  session: Omit<SidebarSession, 'id'> & { hash: Buffer; tokenHash: Buffer; now: Date; expiresAt: Date },
): Promise<boolean> {
  await db.query('delete from sidebar_sessions where expires_at < $1', [session.now]);
  const { rowCount } = await db.query(
    `insert into sidebar_sessions (organisation_id, connection_id, user_id, hash, token_hash, created_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict (token_hash) do nothing`,
    [
      ...[session.organisationId, session.connectionId, session.userId],
      ...[session.hash, session.tokenHash, session.now, session.expiresAt],
    ],
  );
  return rowCount === 1;
}

/** The live session behind what a page sent, of a connection that is alive. Needs a service transaction. */
export async function findSidebarSession(db: Queryable, hash: Buffer, now: Date): Promise<SidebarSession | undefined> {
  const { rows } = await db.query<SidebarSession>(
    `select s.id, s.organisation_id as "organisationId", s.connection_id as "connectionId", s.user_id as "userId"
     from sidebar_sessions s join connections c on c.id = s.connection_id
     where s.hash = $1 and s.expires_at > $2 and c.state in ('activating', 'connected', 'reconnect_needed')`,
    [hash, now],
  );
  return rows[0];
}

async function endSidebarSessions(db: Queryable, connectionId: string): Promise<void> {
  // The rows stay until they expire, for they remember which tokens were used.
  await db.query(`update sidebar_sessions set hash = sha256(gen_random_uuid()::text::bytea) where connection_id = $1`, [
    connectionId,
  ]);
}
