/** Starts every part of Lazaret on this machine in order, and stops them in reverse. */
import { mkdirSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { environmentWith, givenTemporal, readEnv } from '../config/env';
import type { Config } from '../config/config';
import { masterKeyFile, secretFile } from '../config/secrets';
import { migrate } from '../db/migrate';
import { acquireLock, LockHeldError } from './lock';
import { startMailInbox } from './mail-inbox';
import { startPostgres } from './postgres';
import { localOrigin, requireReachable } from './own-address';
import { freePort } from './processes';
import type { SeedContext } from './seed-context';
import { endLeftovers, supervise } from './supervisor';
import type { Supervised } from './supervisor';
import { startTemporal } from './temporal';

export interface EverythingOptions {
  /** Ports (0: a free one), data directory and servers of one's own, as `loadConfig` returns them. */
  config: Config;
  /** Progress, a line at a time. */
  say: (line: string) => void;
  /** Further variables for worker and API: tests shorten waits and set faults with them. */
  env?: Readonly<Record<string, string>>;
  /** Aborts the start: what runs already is stopped again. */
  signal?: AbortSignal;
}

export interface Running extends SeedContext {
  worker: Supervised;
  api: Supervised;
  simulator: Supervised;
  /** Ends everything in reverse order; waits for the worker's activities. Safe to call twice. */
  stop(): Promise<void>;
  /** Ends every process at once; the next start recovers as from a crash. */
  kill(): void;
}

/** What is under way, newest last; unwound from the end. */
interface Part {
  name: string;
  stop: () => Promise<void>;
  kill?: () => void;
}

const ROLE = 'lazaret_app';
/**
 * Starts Postgres, Temporal, the mail inbox, the Zendesk simulator, the worker and the API, each when the one before is
 * ready. When one does not start, what runs is stopped and the error says which one and why.
 */
export async function startEverything(options: EverythingOptions): Promise<Running> {
  const dataDir = resolve(options.config.dataDir);
  mkdirSync(dataDir, { recursive: true, mode: 0o755 });
  const parts: Part[] = [];
  const stop = once(() => unwind(parts, options.say));
  try {
    const release = lockData(dataDir);
    parts.push({ name: 'lock', stop: async () => release() });
    return await startParts(dataDir, options, parts, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startParts(
  dataDir: string,
  options: EverythingOptions,
  parts: Part[],
  stop: () => Promise<void>,
): Promise<Running> {
  const { say, config } = options;
  const next = (line: string) => {
    options.signal?.throwIfAborted();
    say(line);
  };
  await endLeftovers({ dataDir, say });
  next('starting Postgres');
  const database = await startDatabase(dataDir, options, parts);
  next('starting Temporal');
  const temporal = await startTemporalPart(dataDir, options, parts);
  next('starting the mail inbox');
  const mail = await startMail(dataDir, options, parts);
  next('starting the Zendesk simulator');
  const simulator = await startSimulator(dataDir, options, parts);
  const apiPort = config.http.port === 0 ? await freePort() : config.http.port;
  const local = localOrigin(config.http.host, apiPort);
  const apiUrl = config.http.publicUrl ?? local;
  const zendesk = { url: urlFrom(simulator), ready: simulator.ready };
  const env = environmentWith({
    ...productEnvironment({ dataDir, config, apiPort, apiUrl }),
    DATABASE_URL: database.databaseUrl,
    DATABASE_OWNER_URL: '',
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    TEMPORAL_UI_URL: temporal.uiUrl ?? '',
    SMTP_URL: config.email.smtpUrl ?? mail.smtpUrl,
    ZENDESK_ADDRESS: config.zendesk.address ?? zendesk.url,
    ...options.env,
  });
  const given = readEnv().LAZARET_MASTER_KEYS;
  if (given) say(`LAZARET_MASTER_KEYS is not used by npm start: the keys are in ${keyFile(dataDir)}`);
  next('starting worker and API');
  const worker = await startChild('worker', 'worker/main.js', env, { dataDir, say, parts });
  const api = await startChild('api', 'api/main.js', env, { dataDir, say, parts });
  if (apiUrl !== local) await requireReachable(apiUrl, local);
  const kill = () => parts.toReversed().forEach((part) => part.kill?.());
  return { apiUrl, ...database, zendesk, mail, temporal, dataDir, say, worker, api, simulator, stop, kill };
}

function lockData(dataDir: string): () => void {
  try {
    return acquireLock(join(dataDir, 'lock'));
  } catch (error) {
    if (!(error instanceof LockHeldError)) throw error;
    throw new Error(
      `Lazaret already runs on ${dataDir} (process ${error.pid}): stop that one, or set LAZARET_DATA_DIR to another directory.`,
    );
  }
}

async function startDatabase(dataDir: string, options: EverythingOptions, parts: Part[]) {
  const { url, ownerUrl: givenOwner } = options.config.database;
  if (url !== undefined) {
    options.say('Postgres: the one that DATABASE_URL names');
    if (givenOwner !== undefined) await migrate(givenOwner);
    return { databaseUrl: url, ownerUrl: givenOwner ?? url };
  }
  const server = await startPostgres({ dataDir: join(dataDir, 'postgres'), port: 0, say: options.say });
  parts.push({ name: 'Postgres', stop: server.stop, kill: () => process.kill(server.pid, 'SIGQUIT') });
  const password = secretFile(join(dataDir, 'secrets', 'database-role'), () => randomBytes(24).toString('base64url'));
  await migrate(server.ownerUrl, { name: ROLE, password });
  const databaseUrl = new URL(server.ownerUrl);
  databaseUrl.username = ROLE;
  databaseUrl.password = password;
  return { databaseUrl: databaseUrl.toString(), ownerUrl: server.ownerUrl };
}

async function startTemporalPart(
  dataDir: string,
  options: EverythingOptions,
  parts: Part[],
): Promise<SeedContext['temporal']> {
  const given = givenTemporal();
  if (given !== undefined) {
    options.say(`Temporal: ${given.address}, from TEMPORAL_ADDRESS`);
    return { ...given, uiUrl: undefined };
  }
  const { temporal: port, temporalUi: uiPort } = options.config.ports;
  const dbFile = join(dataDir, 'temporal', 'temporal.db');
  const logFile = join(dataDir, 'logs', 'temporal.log');
  const server = await startTemporal({ dbFile, port, uiPort, logFile, say: options.say });
  parts.push({ name: 'Temporal', stop: server.stop, kill: () => process.kill(server.pid, 'SIGKILL') });
  return { address: server.address, namespace: server.namespace, uiUrl: server.uiUrl };
}

async function startMail(dataDir: string, options: EverythingOptions, parts: Part[]): Promise<SeedContext['mail']> {
  const { mail: smtpPort, mailUi: httpPort } = options.config.ports;
  const inbox = await startMailInbox({ dataDir: join(dataDir, 'mail'), smtpPort, httpPort });
  parts.push({ name: 'the mail inbox', stop: () => inbox.stop() });
  return { smtpUrl: inbox.smtpUrl, url: inbox.url };
}

async function startSimulator(dataDir: string, options: EverythingOptions, parts: Part[]): Promise<Supervised> {
  const wanted = options.config.ports.simulator;
  const port = wanted === 0 ? await freePort() : wanted;
  // Both ports stay when it is started again after a crash.
  const simulatorOptions = JSON.stringify({ dataDir: join(dataDir, 'zendesk'), port, contentPort: await freePort() });
  const place = { dataDir, say: options.say, parts };
  return startChild('simulator', 'simulator/main.js', environmentWith({}), place, [simulatorOptions]);
}

interface Place {
  dataDir: string;
  say: (line: string) => void;
  parts: Part[];
}

async function startChild(
  name: string,
  file: string,
  env: NodeJS.ProcessEnv,
  place: Place,
  args: string[] = [],
): Promise<Supervised> {
  const plan = { name, script: join(__dirname, '..', file), args, env };
  const child = await supervise(plan, { dataDir: place.dataDir, say: place.say });
  place.parts.push({ name: `the ${name}`, stop: child.stop, kill: child.kill });
  return child;
}

function urlFrom(simulator: Supervised): string {
  const { url } = simulator.ready;
  if (typeof url !== 'string') throw new Error('the simulator did not say where it is');
  return url.replace(/\/$/, '');
}

const keyFile = (dataDir: string): string => join(dataDir, 'secrets', 'master-keys');

interface ProductPlace {
  dataDir: string;
  config: Config;
  apiPort: number;
  apiUrl: string;
}

/** The key file holds what sealed files and tokens are closed with: without it they stay closed for ever. */
function productEnvironment({ dataDir, config, apiPort, apiUrl }: ProductPlace): Record<string, string> {
  const keys = masterKeyFile(keyFile(dataDir));
  return {
    LAZARET_DATA_DIR: dataDir,
    LAZARET_SEALED_DIR: config.sealedDir,
    LAZARET_PORT: String(apiPort),
    LAZARET_PUBLIC_URL: apiUrl,
    LAZARET_MASTER_KEYS: keys,
    TASK_QUEUE: config.taskQueue,
  };
}

async function unwind(parts: Part[], say: (line: string) => void): Promise<void> {
  for (let part = parts.pop(); part; part = parts.pop()) {
    if (part.name !== 'lock') say(`stopping ${part.name}`);
    try {
      await part.stop();
    } catch (error) {
      say(`${part.name} did not stop as it should: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

function once(act: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= act());
}
