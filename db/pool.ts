import { Pool } from 'pg';
import type { PoolClient, QueryResult, QueryResultRow } from 'pg';
import { createLockSession } from './lock-session';

/** Anything that runs one parameterised statement: the functions of db/ take this and never open a transaction themselves. */
export interface Queryable {
  query<Row extends QueryResultRow>(text: string, values?: unknown[]): Promise<QueryResult<Row>>;
}

export interface Database {
  /** Runs `work` in one transaction that sees only this organisation's rows. */
  withOrganisation<T>(organisationId: string, work: (db: Queryable) => Promise<T>): Promise<T>;
  /** Runs `work` in one transaction that sees every organisation: intake, dispatcher, and audited crossings only. */
  withService<T>(work: (db: Queryable) => Promise<T>): Promise<T>;
  /**
   * Runs `work` while holding a session lock by this name, or returns undefined at once when somebody else holds it.
   * The lock ends with the connection, so a killed holder never keeps it.
   */
  tryExclusive<T>(name: string, work: (held: () => boolean) => Promise<T>): Promise<T | undefined>;
  /** Calls back for every wake-up of the dispatcher until closed; reconnects by itself. */
  listen(channel: string, onNotify: () => void, onError: (error: Error) => void): Promise<() => void>;
  ping(): Promise<void>;
  close(): Promise<void>;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/u;

/** True for the ids this product makes: lower-case hexadecimal UUIDs. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/**
 * Nobody waits for ever for a database that went silent: the caller says so and tries again. Idle connections are kept for
 * five minutes: a new one costs the first files of a quiet hour a tenth of a second.
 */
const TIMES = { connectionTimeoutMillis: 10_000, query_timeout: 60_000, idleTimeoutMillis: 300_000 };

/**
 * Opens a pool for the login role `lazaret_app`, which owns nothing and inherits nothing: a query outside
 * {@link Database.withOrganisation} or {@link Database.withService} is refused by Postgres.
 * @param url connection string; `size` connections at most
 */
export function openDatabase(url: string, options: { size?: number; onError?: (error: Error) => void } = {}): Database {
  const pool = new Pool({
    connectionString: url,
    max: options.size ?? 16,
    application_name: 'lazaret',
    // Statements are sent without waiting for the answer to the one before: those that need nothing of it are started together.
    pipeline: true,
    ...TIMES,
  });
  pool.on('error', (error) => options.onError?.(error));
  const locks = createLockSession(url, (error) => options.onError?.(error));
  return {
    withOrganisation(organisationId, work) {
      if (!isUuid(organisationId)) throw new TypeError('organisation id: expected a lower-case UUID');
      const begin = `begin; set local role lazaret_tenant; set local lazaret.organisation_id = '${organisationId}'`;
      return inTransaction(pool, begin, work);
    },
    withService: (work) => inTransaction(pool, 'begin; set local role lazaret_service', work),
    tryExclusive: (name, work) => locks.tryExclusive(name, work),
    listen: (channel, onNotify, onError) => listen(pool, channel, onNotify, onError),
    async ping() {
      await pool.query('select 1');
    },
    async close() {
      await locks.close();
      await pool.end();
    },
  };
}

async function inTransaction<T>(pool: Pool, begin: string, work: (db: Queryable) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    // Not waited for: the first statement follows at once. Without the role that this sets Postgres would refuse it.
    const begun = client.query(begin);
    begun.catch(() => undefined);
    const result = await work(client);
    await begun;
    await client.query('commit');
    return result;
  } catch (error) {
    // A client that cannot even roll back is thrown away with its open transaction.
    await client.query('rollback').catch((failure: Error) => (broken = failure));
    throw error;
  } finally {
    client.release(broken);
  }
}

async function listen(pool: Pool, channel: string, onNotify: () => void, onError: (error: Error) => void) {
  if (!/^[a-z_]+$/u.test(channel)) throw new TypeError('channel: expected lower-case letters and underscores');
  let closed = false;
  let client: PoolClient | undefined;
  let retry: NodeJS.Timeout | undefined;
  const later = (error: Error): void => {
    onError(error);
    if (!closed) retry = setTimeout(() => void connect().catch(later), 1000);
  };
  const connect = async (): Promise<void> => {
    const next = await pool.connect();
    client = next;
    next.on('notification', onNotify);
    next.on('error', (error) => {
      if (client !== next) return;
      client = undefined;
      next.release(error);
      later(error);
    });
    try {
      await next.query(`listen ${channel}`);
    } catch (error) {
      if (client === next) {
        client = undefined;
        next.release(true);
      }
      throw error;
    }
    // Whatever was written while nobody listened is found now.
    onNotify();
  };
  await connect();
  return (): void => {
    closed = true;
    clearTimeout(retry);
    client?.release(true);
    client = undefined;
  };
}
