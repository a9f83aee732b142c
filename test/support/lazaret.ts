import { randomBytes, randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ActivityWaits } from '../../activities/deps';
import { openDatabase } from '../../db/pool';
import type { Database } from '../../db/pool';
import { activateAsPerson } from '../../embedded/activate';
import { LazaretClient } from '../../embedded/lazaret-client';
import { startMailInbox } from '../../embedded/mail-inbox';
import { freePort } from '../../embedded/processes';
import { prepareDemonstration } from '../../embedded/seed';
import { supervise } from '../../embedded/supervisor';
import type { Supervised } from '../../embedded/supervisor';
import { SimulatorUser } from '../../simulator/client';
import { startSimulator } from '../../simulator/index';
import type { Simulator } from '../../simulator/index';
import { createTestDatabase } from './postgres';
import { testTemporal } from './temporal';

export interface LazaretOptions {
  /** Variables for worker and API. */
  env?: Record<string, string>;
  waits?: Partial<ActivityWaits>;
  /** Switches of the simulator, set before the activation. */
  switches?: Record<string, unknown>;
  /** No worker is started; `startWorker` does it later. */
  withoutWorker?: boolean;
  temporal?: { address: string; namespace: string };
}

/** The whole product with real parts: API and worker as processes, Postgres, Temporal, mail server, simulator. */
export interface Lazaret {
  apiUrl: string;
  organisationId: string;
  connectionId: string;
  database: Database;
  simulator: Simulator;
  agent: SimulatorUser;
  zendeskAdmin: SimulatorUser;
  admin: LazaretClient;
  analyst: LazaretClient;
  support: LazaretClient;
  viewer: LazaretClient;
  inbox: Awaited<ReturnType<typeof startMailInbox>>;
  temporal: { address: string; namespace: string };
  taskQueue: string;
  directory: string;
  api: Supervised;
  worker(): Supervised;
  /** Signs in and activates once more, as after a change at Zendesk. */
  activateAgain(): Promise<void>;
  startWorker(): Promise<Supervised>;
  /** Checkpoints that workers have passed, in order. */
  steps(): string[];
  /** The worker kills itself when it next comes to this checkpoint, once, and is started again. */
  killAt(step: string): void;
  /** Checkpoints at which workers have killed themselves, in order. */
  kills(): string[];
  /** Everything that worker and API wrote. */
  logs(): string;
  stop(): Promise<void>;
}

/** Starts the product for one test file, with an activated help desk. Waits are short; heartbeats too. */
export async function startLazaret(options: LazaretOptions = {}): Promise<Lazaret> {
  const directory = mkdtempSync(join(tmpdir(), 'lazaret-test-'));
  chmodSync(directory, 0o755);
  const testDatabase = await createTestDatabase();
  const temporal = options.temporal ?? (await testTemporal());
  const simulator = await startSimulator({ port: 0 });
  const inbox = await startMailInbox({ smtpPort: 0, httpPort: 0 });
  const port = await freePort();
  const apiUrl = `http://127.0.0.1:${port}`;
  const taskQueue = `test-${randomUUID()}`;
  const env = {
    PATH: process.env['PATH'] ?? '',
    LAZARET_DATA_DIR: directory,
    LAZARET_PORT: String(port),
    LAZARET_PUBLIC_URL: apiUrl,
    DATABASE_URL: testDatabase.appUrl,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    TASK_QUEUE: taskQueue,
    SMTP_URL: inbox.smtpUrl,
    ZENDESK_ADDRESS: simulator.url,
    LAZARET_MASTER_KEYS: `test:${randomBytes(32).toString('base64')}`,
    LAZARET_HEARTBEAT_MS: '2000',
    LAZARET_NOTE_WINDOW_MS: '300',
    LAZARET_SCAN_CHILDREN: '1',
    ...options.env,
  };
  const place = { dataDir: directory, say: () => undefined, restartDelayMs: 0 };
  const processes: Supervised[] = [];
  const startWorker = async (): Promise<Supervised> => {
    const args = [JSON.stringify({ directory, waits: options.waits ?? {} })];
    const worker = await supervise({ name: 'worker', script: join(__dirname, 'worker.js'), args, env }, place);
    processes.push(worker);
    return worker;
  };
  const api = await supervise({ name: 'api', script: join(__dirname, '../../dist/api/main.js'), env }, place);
  processes.push(api);
  let worker = options.withoutWorker ? undefined : await startWorker();

  const context = {
    apiUrl,
    ownerUrl: testDatabase.ownerUrl,
    databaseUrl: testDatabase.appUrl,
    zendesk: { url: simulator.url, ready: {} },
    mail: { smtpUrl: inbox.smtpUrl, url: inbox.url },
    temporal: { ...temporal, uiUrl: undefined },
    dataDir: directory,
    say: () => undefined,
  };
  const { activation, account, apiKeys } = await prepareDemonstration(context);
  const user = ({ email, apiToken }: { email: string; apiToken: string }) =>
    new SimulatorUser({ url: simulator.url, subdomain: activation.subdomain, email, apiToken });
  const zendeskAdmin = user(account.admin);
  if (options.switches) await zendeskAdmin.switches(options.switches);
  const { connectionId } = worker ? await activateAsPerson(activation) : { connectionId: '' };
  const database = openDatabase(testDatabase.appUrl, { size: 4 });
  return {
    apiUrl,
    organisationId: activation.organisationId,
    connectionId,
    database,
    simulator,
    agent: user(account.agent),
    zendeskAdmin,
    admin: activation.client,
    analyst: new LazaretClient(apiUrl, apiKeys.analyst),
    support: new LazaretClient(apiUrl, apiKeys.support),
    viewer: new LazaretClient(apiUrl, apiKeys.viewer),
    inbox,
    temporal,
    taskQueue,
    directory,
    api,
    activateAgain: async () => void (await activateAsPerson(activation)),
    worker: () => {
      if (!worker) throw new Error('no worker was started');
      return worker;
    },
    startWorker: async () => (worker = await startWorker()),
    steps: () => linesOf(join(directory, 'steps')),
    killAt: (step) => {
      // The worker must never read half an order.
      writeFileSync(join(directory, 'kill-at.part'), step);
      renameSync(join(directory, 'kill-at.part'), join(directory, 'kill-at'));
    },
    kills: () => linesOf(join(directory, 'killed')),
    logs: () => ['api', 'worker'].map((name) => readOr(join(directory, 'logs', `${name}.log`))).join('\n'),
    async stop() {
      await Promise.all(processes.map((one) => one.stop()));
      await Promise.all([database.close(), simulator.stop(), inbox.stop()]);
      await testDatabase.drop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function linesOf(path: string): string[] {
  return readOr(path).split('\n').filter(Boolean);
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
