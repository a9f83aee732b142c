/**
 * What all tests of one run share: one Postgres, one Temporal server. Lives in jest's main process and starts each when
 * the first test asks for it, so that a run of pure tests starts nothing.
 */
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { givenTemporal, givenTestPostgres } from '../../config/env';
import type * as postgresModule from '../../embedded/postgres';
import type * as processesModule from '../../embedded/processes';
import type * as temporalModule from '../../embedded/temporal';

export interface SharedPostgres {
  /** Owner's connection string of the database that lists the others. */
  adminUrl: string;
  template: string;
  /** The role the product runs under. */
  app: Login;
}

export interface SharedTemporal {
  address: string;
  namespace: string;
}

interface Stoppable {
  stop(): Promise<void>;
}

export interface Login {
  name: string;
  password: string;
}

interface MigrateModule {
  migrate(ownerUrl: string, login: Login): Promise<void>;
}

/** Compiled files and no others: jest's transform would turn `import()` into `require()`. */
const load = createRequire(__filename);
const dist = join(__dirname, '../../dist');
const PREFIX = 'lazaret-test-';
const lines: string[] = [];
const say = (line: string) => void lines.push(line);

export interface Services {
  url: string;
  stop(): Promise<void>;
}

/** Opens the little server that test files ask for addresses. */
export async function openServices(): Promise<Services> {
  if (!existsSync(join(dist, 'embedded/postgres.js'))) {
    throw new Error('the tests use compiled files: run "npm test", or "node scripts/build.mjs" before a single one.');
  }
  const workDir = mkdtempSync(join(tmpdir(), PREFIX));
  // Postgres may run as another user than we.
  chmodSync(workDir, 0o755);
  const started: Stoppable[] = [];
  const postgres = once(() => openPostgres(workDir, started));
  const temporal = once(() => openTemporal(workDir, started));
  const server = createServer((request, response) => {
    // A kept connection may be closed from here while the next test file asks over it.
    response.setHeader('connection', 'close');
    const answer = request.url === '/postgres' ? postgres() : request.url === '/temporal' ? temporal() : undefined;
    if (!answer) return void response.writeHead(404).end();
    answer.then(
      (value) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value)),
      (error: unknown) => response.writeHead(500).end(`${[...lines, String(error)].join('\n')}`),
    );
  });
  await sweep(workDir);
  const url = await listen(server);
  return { url, stop: () => close(server, started, workDir) };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(`http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`);
    });
  });
}

async function close(server: Server, started: Stoppable[], workDir: string): Promise<void> {
  server.closeAllConnections();
  server.close();
  await Promise.all(started.map((service) => service.stop()));
  rmSync(workDir, { recursive: true, force: true });
}

async function openPostgres(workDir: string, started: Stoppable[]): Promise<SharedPostgres> {
  const template = `lazaret_template_${randomBytes(6).toString('hex')}`;
  const given = givenTestPostgres();
  if (given === undefined) {
    const { startPostgres } = load(join(dist, 'embedded/postgres.js')) as typeof postgresModule;
    const running = await startPostgres({ dataDir: join(workDir, 'postgres'), port: 0, say, throwaway: true });
    started.push(running);
    const app = { name: 'lazaret_app', password: randomBytes(12).toString('hex') };
    await makeTemplate(running.ownerUrl, template, app);
    return { adminUrl: running.ownerUrl, template, app };
  }
  const { ownerUrl, appUser } = given;
  // A role of this run's own: changing the password of an existing one would lock others out.
  const own = { name: `lazaret_test_${randomBytes(6).toString('hex')}`, password: randomBytes(12).toString('hex') };
  started.push({ stop: () => cleanServer(ownerUrl, template, appUser === undefined ? own.name : undefined) });
  await makeTemplate(ownerUrl, template, appUser ?? own);
  return { adminUrl: ownerUrl, template, app: appUser ?? own };
}

async function makeTemplate(adminUrl: string, template: string, app: Login): Promise<void> {
  await runSql(adminUrl, `create database ${template}`);
  const file = join(dist, 'db/migrate.js');
  if (!existsSync(file)) throw new Error(`${file} is missing: run "node scripts/build.mjs"`);
  const { migrate } = load(file) as MigrateModule;
  await migrate(withDatabase(adminUrl, template), app);
}

async function cleanServer(ownerUrl: string, template: string, role: string | undefined): Promise<void> {
  await runSql(ownerUrl, `drop database if exists ${template} with (force)`);
  if (role !== undefined) await runSql(ownerUrl, `drop role if exists ${role}`);
}

async function openTemporal(workDir: string, started: Stoppable[]): Promise<SharedTemporal> {
  const given = givenTemporal();
  if (given !== undefined) return given;
  const { startTemporal } = load(join(dist, 'embedded/temporal.js')) as typeof temporalModule;
  const processes = load(join(dist, 'embedded/processes.js')) as typeof processesModule;
  const running = await startTemporal({ port: 0, say, logFile: join(workDir, 'temporal.log') });
  processes.recordProcess(join(workDir, 'temporal.pid'), running.pid);
  started.push(running);
  return { address: running.address, namespace: running.namespace };
}

/** Ends what a run that was killed left behind; a run that is under way holds its lock. */
async function sweep(ownDir: string): Promise<void> {
  const processes = load(join(dist, 'embedded/processes.js')) as typeof processesModule;
  const { stopLeftoverPostgres } = load(join(dist, 'embedded/postgres.js')) as typeof postgresModule;
  processes.recordProcess(join(ownDir, 'owner.pid'), process.pid);
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const folder = join(tmpdir(), name);
    const owned = processes.readIdentity(join(folder, 'owner.pid'));
    if (!owned || processes.isRunning(owned)) continue;
    if (existsSync(join(folder, 'postgres')))
      await stopLeftoverPostgres(join(folder, 'postgres'), say).catch(() => undefined);
    const temporal = processes.recordedProcess(join(folder, 'temporal.pid'));
    if (temporal) await processes.endProcess(temporal);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Returns the same connection string for another database. */
export function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.toString();
}

/** Runs one statement on a connection of its own. */
export async function runSql(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
