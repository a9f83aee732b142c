/** Temporal's development server on the loopback interface, with the settings that make it quick on one machine. */
import type { ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import {
  endProcess,
  exitOf,
  freePort,
  recordedProcess,
  recordProcess,
  removeFile,
  spawnServer,
  stopChild,
  tailOf,
} from './processes';
import { findTemporal } from './temporal-binary';

export { findTemporal, TEMPORAL_VERSION } from './temporal-binary';

/** Registered at start; set on workflows by ids only (they are never encrypted). */
export const SEARCH_ATTRIBUTES = {
  Organisation: 'Keyword',
  ConnectionId: 'Keyword',
  TicketId: 'Keyword',
  Verdict: 'Keyword',
  Sha256: 'Keyword',
} as const;

/** Without these every step of a workflow waits for a reader that polls 20 times a second. */
const DYNAMIC_CONFIG = {
  'history.transferProcessorMaxPollRPS': 2000,
  'history.timerProcessorMaxPollRPS': 2000,
  'history.visibilityProcessorMaxPollRPS': 2000,
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
};

const START_TIMEOUT_MS = 60_000;
const STOP_GRACE_MS = 10_000;
const PORT_TRIES = 3;

export interface TemporalOptions {
  say: (line: string) => void;
  /** SQLite file that keeps everything; without it nothing survives the server. */
  dbFile?: string;
  /** gRPC port; 0 means a free one. */
  port: number;
  /** Port of the web UI, 0 means a free one; without it there is no UI. */
  uiPort?: number;
  namespace?: string;
  searchAttributes?: Readonly<Record<string, string>>;
  /** Receives the server's output; default: a file in the temporary directory. */
  logFile?: string;
  /** The tool, where it was found before; default: {@link findTemporal}. */
  binary?: string;
}

export interface RunningTemporal {
  /** host:port of the frontend. */
  address: string;
  namespace: string;
  uiUrl: string | undefined;
  pid: number;
  exited: Promise<string>;
  stop(): Promise<void>;
}

interface Plan {
  binary: string;
  namespace: string;
  port: number;
  uiPort: number | undefined;
  logFile: string;
}

/**
 * Starts the server and waits until its namespace and search attributes answer. A server left by a killed run on the
 * same file is ended first. Throws a sentence with the server's last lines where it does not come up within a minute.
 */
export async function startTemporal(options: TemporalOptions): Promise<RunningTemporal> {
  const binary = options.binary ?? (await findTemporal({ say: options.say }));
  const namespace = options.namespace ?? 'default';
  const pidFile = options.dbFile === undefined ? undefined : `${options.dbFile}.pid`;
  if (pidFile !== undefined) await clearLeftover(pidFile, options.say);
  for (let attempt = 1; ; attempt += 1) {
    const plan = { binary, namespace, ...(await choosePorts(options)), logFile: logFileOf(options) };
    const child = spawnServer({ command: binary, args: argumentsFor(plan, options), logFile: plan.logFile });
    if (pidFile !== undefined && child.pid !== undefined) recordProcess(pidFile, child.pid);
    const failure = await Promise.race([exitOf(child), answers(plan, options)]);
    if (failure === undefined) return running(plan, child, pidFile);
    await stopChild(child, 'SIGKILL', 0);
    const tail = tailOf(plan.logFile);
    const portTaken = /address already in use|can't set frontend port/i.test(tail);
    if (portTaken && options.port === 0 && attempt < PORT_TRIES) continue;
    throw new Error(
      `Temporal did not start on port ${plan.port} (${failure}). Its last lines, from ${plan.logFile}:\n${tail}`,
    );
  }
}

function running(plan: Plan, child: ChildProcess, pidFile: string | undefined): RunningTemporal {
  return {
    address: `127.0.0.1:${plan.port}`,
    namespace: plan.namespace,
    uiUrl: plan.uiPort === undefined ? undefined : `http://127.0.0.1:${plan.uiPort}`,
    pid: child.pid ?? 0,
    exited: exitOf(child),
    stop: async () => {
      await stopChild(child, 'SIGTERM', STOP_GRACE_MS);
      if (pidFile !== undefined) removeFile(pidFile);
    },
  };
}

async function clearLeftover(pidFile: string, say: (line: string) => void): Promise<void> {
  const left = recordedProcess(pidFile);
  if (!left) return;
  say(`stopping the Temporal server (process ${left.pid}) that a killed run left behind`);
  await endProcess(left, { graceMs: STOP_GRACE_MS });
}

async function choosePorts(options: TemporalOptions): Promise<{ port: number; uiPort: number | undefined }> {
  const port = options.port === 0 ? await freePort() : options.port;
  const uiPort = options.uiPort === 0 ? await freePort() : options.uiPort;
  return { port, uiPort };
}

function logFileOf(options: TemporalOptions): string {
  return options.logFile ?? join(tmpdir(), `lazaret-temporal-${process.pid}.log`);
}

function argumentsFor(plan: Plan, options: TemporalOptions): string[] {
  const args = ['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(plan.port), '--namespace', plan.namespace];
  args.push('--disable-config-file', '--disable-config-env', '--log-format', 'json', '--log-level', 'error');
  args.push(...(plan.uiPort === undefined ? ['--headless'] : ['--ui-port', String(plan.uiPort)]));
  if (options.dbFile !== undefined) {
    mkdirSync(dirname(options.dbFile), { recursive: true });
    args.push('--db-filename', options.dbFile);
    args.push('--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL');
  }
  for (const [key, value] of Object.entries(DYNAMIC_CONFIG)) args.push('--dynamic-config-value', `${key}=${value}`);
  for (const [key, type] of Object.entries(wantedAttributes(options)))
    args.push('--search-attribute', `${key}=${type}`);
  return args;
}

function wantedAttributes(options: TemporalOptions): Readonly<Record<string, string>> {
  return options.searchAttributes ?? SEARCH_ATTRIBUTES;
}

/** Resolves with undefined when a workflow could be started with our search attributes, with a reason when not in time. */
async function answers(plan: Plan, options: TemporalOptions): Promise<string | undefined> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  let last = 'no answer';
  while (Date.now() < deadline) {
    try {
      await probe(plan, Object.keys(wantedAttributes(options)));
      return undefined;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
      await sleep(50);
    }
  }
  return `${last} within ${START_TIMEOUT_MS / 1000} s`;
}

async function probe(plan: Plan, attributes: string[]): Promise<void> {
  const connection = await Connection.connect({ address: `127.0.0.1:${plan.port}`, connectTimeout: 2_000 });
  try {
    const { namespace } = plan;
    await connection.workflowService.describeNamespace({ namespace });
    const listed = await connection.operatorService.listSearchAttributes({ namespace });
    const missing = attributes.filter((name) => !(name in listed.customAttributes));
    if (missing.length > 0) throw new Error(`search attributes not there yet: ${missing.join(', ')}`);
  } finally {
    await connection.close();
  }
}
