import type { Server } from 'node:http';
import type { AccountRequest } from './accounts';
import { ensureAccount } from './accounts';
import { Courier } from './courier';
import { Faults } from './faults';
import { RateLimits } from './rate-limits';
import type { Served } from './server';
import { listen } from './server';
import { World } from './world';

export interface SimulatorOptions {
  /** TCP port; 0 takes a free one. */
  port: number;
  /** Port of the content host; default 0. */
  contentPort?: number;
  /** Address to bind; default 127.0.0.1. */
  host?: string;
  /** Where state is kept; without it, state ends with the process. */
  dataDir?: string;
  /** Origin to which webhook calls for names outside this machine are led. Without it they fail. */
  webhookTarget?: string;
  /** Milliseconds since 1970; default the system's clock. */
  clock?: () => number;
  /** Accounts to make at the start; those that exist are kept. */
  accounts?: AccountRequest[];
}

export interface Simulator {
  /** Main host under its loopback address. */
  url: string;
  port: number;
  contentUrl: string;
  contentPort: number;
  world: World;
  /** Ends listeners, connections and deliveries; what was not delivered stays recorded. */
  stop: () => Promise<void>;
}

/**
 * Starts a stand-in for Zendesk on loopback: the accounts' hosts on one port, the content host on a second.
 * @throws Error when a port is taken, Refusal when an account is described wrongly
 */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const host = options.host ?? '127.0.0.1';
  const world = new World(options.dataDir, options.clock ?? Date.now);
  for (const account of options.accounts ?? []) ensureAccount(world, { ...account });
  const courier = new Courier(world, options.webhookTarget);
  const served: Served = {
    world,
    courier,
    faults: new Faults(),
    limits: new RateLimits(),
    webhookTarget: options.webhookTarget,
    ports: { main: 0, content: 0 },
  };
  const content = await listen(served, host, options.contentPort ?? 0, { kind: 'content' });
  served.ports.content = content.port;
  const main = await listen(served, host, options.port, undefined);
  served.ports.main = main.port;
  courier.resume();
  return {
    url: `http://127.0.0.1:${main.port}`,
    port: main.port,
    contentUrl: `http://127.0.0.1:${content.port}`,
    contentPort: content.port,
    world,
    stop: async () => {
      await Promise.all([close(main.server), close(content.server), courier.stop()]);
      world.journal.close();
    },
  };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
