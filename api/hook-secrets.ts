import { openSigningSecrets, readSealedSigningSecrets } from '../db/connection-secrets';
import { findConnection } from '../db/connections';
import type { ConnectionRow } from '../db/connections';
import type { SigningSecrets } from '../domain/connection';
import type { ConnectionApiDeps } from './connection-deps';

/** What is needed to judge a delivery. */
export interface HookConnection {
  row: ConnectionRow;
  secrets: SigningSecrets;
}

export interface HookConnections {
  /** From memory where it is fresh; undefined when there is no such connection. */
  get(connectionId: string): Promise<HookConnection | undefined>;
  /** From the database; several who ask at one moment share one answer. */
  reload(connectionId: string): Promise<HookConnection | undefined>;
}

const FRESH_MS = 3000;
/** Ids that do not exist are remembered too, so that guessing them costs no query each. */
const MOST_REMEMBERED = 5000;

interface Remembered {
  found: HookConnection | undefined;
  until: number;
}

/** Remembers connections with their opened secrets for seconds: opening them costs milliseconds. */
export function rememberConnections(deps: Pick<ConnectionApiDeps, 'database' | 'secretBox'>): HookConnections {
  const known = new Map<string, Remembered>();
  const loading = new Map<string, Promise<HookConnection | undefined>>();
  const load = async (connectionId: string): Promise<HookConnection | undefined> => {
    const found = await read(deps, connectionId);
    if (known.size >= MOST_REMEMBERED) known.clear();
    // What changes from step to step is not remembered.
    const settled = !found || found.row.state === 'connected' || found.row.state === 'reconnect_needed';
    if (settled) known.set(connectionId, { found, until: Date.now() + FRESH_MS });
    else known.delete(connectionId);
    return found;
  };
  const reload = (connectionId: string): Promise<HookConnection | undefined> => {
    const running = loading.get(connectionId) ?? load(connectionId).finally(() => loading.delete(connectionId));
    loading.set(connectionId, running);
    return running;
  };
  return {
    reload,
    get: async (connectionId) => {
      const entry = known.get(connectionId);
      return entry && entry.until > Date.now() ? entry.found : reload(connectionId);
    },
  };
}

async function read(
  deps: Pick<ConnectionApiDeps, 'database' | 'secretBox'>,
  connectionId: string,
): Promise<HookConnection | undefined> {
  const stored = await deps.database.withService(async (db) => {
    const row = await findConnection(db, connectionId);
    return row && { row, sealed: await readSealedSigningSecrets(db, connectionId) };
  });
  if (!stored) return undefined;
  const ref = { organisationId: stored.row.organisationId, connectionId };
  return { row: stored.row, secrets: await openSigningSecrets(deps.secretBox, ref, stored.sealed) };
}
