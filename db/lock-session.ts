import { Client } from 'pg';

/**
 * Locks by name over one database session of their own, however many are held: a holder takes no connection from the
 * pool, so holders can never wait for one another's connections. The locks end with the session, hence with the process.
 */
export interface LockSession {
  /**
   * Runs `work` while holding the lock, or returns undefined at once when anybody holds it. `held` says whether the lock
   * is still ours: it is lost with the session, e.g. in a restart of Postgres.
   */
  tryExclusive<T>(name: string, work: (held: () => boolean) => Promise<T>): Promise<T | undefined>;
  close(): Promise<void>;
}

/** @param url connection string; the session is opened at the first lock and again after it broke */
export function createLockSession(url: string, onError: (error: Error) => void): LockSession {
  // Postgres would grant a lock twice to one session, so this process remembers what it holds.
  const held = new Set<string>();
  let session: Promise<Client> | undefined;
  let current: Client | undefined;
  const open = (): Promise<Client> => {
    session ??= connect(url, (error) => {
      session = undefined;
      current = undefined;
      onError(error);
    });
    session.catch(() => (session = undefined));
    return session;
  };
  return {
    async tryExclusive(name, work) {
      if (held.has(name)) return undefined;
      held.add(name);
      try {
        const client = await open();
        current = client;
        const sql = 'select pg_try_advisory_lock(hashtextextended($1, 0)) as locked';
        const { rows } = await client.query<{ locked: boolean }>(sql, [name]);
        if (rows[0]?.locked !== true) return undefined;
        try {
          return await work(() => current === client);
        } finally {
          // A session that broke has let go of the lock already.
          await client.query('select pg_advisory_unlock(hashtextextended($1, 0))', [name]).catch(onError);
        }
      } finally {
        held.delete(name);
      }
    },
    async close() {
      const client = await session?.catch(() => undefined);
      session = undefined;
      await client?.end();
    },
  };
}

/** A connection that went silent is an error after ten seconds, not a wait for ever. */
const TIMES = { connectionTimeoutMillis: 10_000, query_timeout: 10_000 };

async function connect(url: string, onBreak: (error: Error) => void): Promise<Client> {
  const client = new Client({ connectionString: url, application_name: 'lazaret-locks', keepAlive: true, ...TIMES });
  client.on('error', onBreak);
  await client.connect();
  return client;
}
