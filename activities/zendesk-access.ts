import type { Channel } from '../domain/channel';
import type { ConnectionRef, TokenPair } from '../db/connection-secrets';
import type { ConnectionRow } from '../db/connections';
import type { Budget } from '../zendesk/budget';
import { createZendeskChannel } from '../zendesk/channel';
import { createZendeskClient } from '../zendesk/client';
import type { TokenSource, ZendeskClient } from '../zendesk/client';
import { isZendeskError } from '../zendesk/errors';
import type { ZendeskTransport } from '../zendesk/http';
import { ownHostsOf } from '../zendesk/own-hosts';
import type { OwnHost } from '../zendesk/own-hosts';
import { saveOwnHosts } from './own-hosts';
import { ConnectionNotActiveError, ReconnectNeededError } from './reconnect';
import { loadConnection, readTokenPair, RENEW_AHEAD_MS, renewTokens } from './token-renewal';
import type { RenewalDeps } from './token-renewal';

export interface ZendeskAccessDeps extends RenewalDeps {
  /** Zendesk's budget of one connection, shared among all processes. */
  budgetFor(ref: ConnectionRef): Budget;
  log: { warn(fields: Record<string, unknown>, message: string): void };
  /** How long a row may be used without being read again; milliseconds. */
  cacheMs?: number;
}

export interface OpenedConnection {
  channel: Channel;
  client: ZendeskClient;
  connection: ConnectionRow;
}

export interface ZendeskAccess {
  /**
   * Opens the account of a connection that works.
   * @throws ReconnectNeededError · ConnectionNotActiveError
   */
  open(ref: ConnectionRef): Promise<OpenedConnection>;
  /** As `open`, whatever the state, as long as tokens are stored: for activation, check and deactivation. */
  openAnyway(ref: ConnectionRef): Promise<OpenedConnection>;
  /** Reads the account's brands and records their hosts: credentials go to these alone. Once at a time per process. */
  refreshOwnHosts(ref: ConnectionRef): Promise<void>;
  /** Forgets what is remembered of a connection: its row was changed. */
  forget(connectionId: string): void;
}

interface Remembered {
  connection: ConnectionRow;
  until: number;
}

const CACHE_MS = 2000;

/** Gives activities the help desk of a connection, with credentials that are renewed as needed. */
export function createZendeskAccess(deps: ZendeskAccessDeps): ZendeskAccess {
  const rows = new Map<string, Remembered>();
  const pairs = new Map<string, { pair: TokenPair; until: number }>();
  const budgets = new Map<string, Budget>();
  const renewals = new Map<string, Promise<TokenPair>>();
  const refreshes = new Map<string, Promise<void>>();
  const cacheMs = deps.cacheMs ?? CACHE_MS;

  const forget = (connectionId: string): void => {
    rows.delete(connectionId);
    pairs.delete(connectionId);
  };
  const rowOf = async (ref: ConnectionRef): Promise<ConnectionRow> => {
    const known = rows.get(ref.connectionId);
    if (known && known.until > Date.now() && known.connection.organisationId === ref.organisationId) {
      return known.connection;
    }
    const connection = await loadConnection(deps.database, ref);
    rows.set(ref.connectionId, { connection, until: Date.now() + cacheMs });
    return connection;
  };
  const remember = (ref: ConnectionRef, pair: TokenPair): TokenPair => {
    pairs.set(ref.connectionId, { pair, until: Date.now() + cacheMs });
    return pair;
  };
  // One renewal per process and stale token: the others share its promise instead of a database session each.
  const renew = (ref: ConnectionRef, stale: string): Promise<TokenPair> => {
    const key = `${ref.connectionId}\n${stale}`;
    const running = renewals.get(key) ?? renewTokens(deps, ref, stale).finally(() => renewals.delete(key));
    renewals.set(key, running);
    return running.then(
      (pair) => remember(ref, pair),
      (error: unknown) => {
        forget(ref.connectionId);
        throw error;
      },
    );
  };
  const tokensOf = (ref: ConnectionRef): TokenSource => ({
    current: async () => {
      const known = pairs.get(ref.connectionId);
      const fresh = known && known.until > Date.now();
      const pair = fresh ? known.pair : remember(ref, (await readTokenPair(deps, ref)).pair);
      return (await aheadOfTime(pair, () => renew(ref, pair.accessToken))).accessToken;
    },
    renew: async (stale) => (await renew(ref, stale)).accessToken,
  });
  // Kept, for a budget remembers what it learned of an account.
  const budgetOf = (ref: ConnectionRef): Budget => {
    const key = `${ref.organisationId} ${ref.connectionId}`;
    const budget = budgets.get(key) ?? deps.budgetFor(ref);
    budgets.set(key, budget);
    return budget;
  };
  const openRow = (ref: ConnectionRef, connection: ConnectionRow): OpenedConnection => {
    const client = createZendeskClient({
      subdomain: connection.subdomain,
      ownHosts: hostsOf(connection),
      transport: watching(deps.transport, () => forget(ref.connectionId)),
      tokens: tokensOf(ref),
      budget: budgetOf(ref),
    });
    const agentWorkspace = connection.account?.agentWorkspace ?? false;
    return { client, connection, channel: createZendeskChannel(client, { agentWorkspace }) };
  };

  return {
    async open(ref) {
      const remembered = await rowOf(ref);
      if (isWorking(remembered)) return openRow(ref, remembered);
      // Before work is sent away the row is read again: somebody may have signed in a moment ago.
      rows.delete(ref.connectionId);
      const connection = await rowOf(ref);
      if (isWorking(connection)) return openRow(ref, connection);
      if (connection.state === 'reconnect_needed') throw new ReconnectNeededError(ref.connectionId);
      throw new ConnectionNotActiveError(ref.connectionId, connection.state);
    },
    openAnyway: async (ref) => openRow(ref, await rowOf(ref)),
    async refreshOwnHosts(ref) {
      const read = async (): Promise<void> => {
        const { client, connection } = openRow(ref, await rowOf(ref));
        const brands = await client.account.brands('scan');
        await saveOwnHosts(
          deps.database,
          ref,
          ownHostsOf(connection.subdomain, brands).map((one) => one.host),
        );
        forget(ref.connectionId);
      };
      const running = refreshes.get(ref.connectionId) ?? read().finally(() => refreshes.delete(ref.connectionId));
      refreshes.set(ref.connectionId, running);
      await running;
    },
    forget,
  };
}

/** Renews a token that has little left. While it still counts, a Zendesk that cannot renew it now is no reason to stop. */
async function aheadOfTime(pair: TokenPair, renew: () => Promise<TokenPair>): Promise<TokenPair> {
  const left = pair.accessExpiresAt === null ? Infinity : pair.accessExpiresAt.getTime() - Date.now();
  if (left > RENEW_AHEAD_MS) return pair;
  try {
    return await renew();
  } catch (error) {
    if (left > 0 && isZendeskError(error) && error.retryable) return pair;
    throw error;
  }
}

/** Connected, or being healed while it works. */
function isWorking(connection: ConnectionRow): boolean {
  return (
    connection.state === 'connected' || (connection.state === 'activating' && connection.priorState === 'connected')
  );
}

function hostsOf(connection: ConnectionRow): OwnHost[] {
  return connection.ownHosts.map((host) => ({ host, credentials: host.endsWith('.zendesk.com') }));
}

/** Calls back when Zendesk refuses the credentials, so that a row changed elsewhere is read at once. */
function watching(transport: ZendeskTransport, onRefused: () => void): ZendeskTransport {
  return {
    browserUrl: (url) => transport.browserUrl(url),
    close: () => transport.close(),
    async send(request) {
      const answer = await transport.send(request);
      if (answer.status === 401 || answer.status === 403) onRefused();
      return answer;
    },
  };
}
