import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createConnectionActivities } from '../../activities/activation-set';
import { createZendeskAccess } from '../../activities/zendesk-access';
import type { ZendeskAccess } from '../../activities/zendesk-access';
import { createApp } from '../../api/create-app';
import type { ConnectionApiDeps } from '../../api/connection-deps';
import { activationRoutes } from '../../api/routes/activation';
import { createActivationPages } from '../../api/routes/activation-pages';
import { connectionRoutes } from '../../api/routes/connections';
import { hookRoutes } from '../../api/routes/hooks';
import { createApiKey } from '../../db/api-keys';
import { LAZARET } from '../../db/audit-events';
import { assignBundle, createBundle } from '../../db/bundles';
import { findConnection } from '../../db/connections';
import type { ConnectionRow } from '../../db/connections';
import { createOrganisation } from '../../db/organisations';
import { openDatabase } from '../../db/pool';
import type { Database } from '../../db/pool';
import type { Role } from '../../domain/words';
import { createSecretBox } from '../../quarantine/secret-box';
import { startSimulator } from '../../simulator';
import type { Simulator } from '../../simulator';
import { createZendeskTransport } from '../../zendesk/http';
import { createBrowser, send } from './browser';
import type { Answer, Browser } from './browser';
import { createTestDatabase } from './postgres';
import { testTemporal } from './temporal';

export const GLOBAL_CLIENT = { id: 'zdg-lazaret', secret: 'global-secret' };

export interface House {
  database: Database;
  ownerUrl: string;
  simulator: Simulator;
  access: ZendeskAccess;
  activities: ReturnType<typeof createConnectionActivities>;
  apiDeps: ConnectionApiDeps;
  url: string;
  logged: string[];
  /** Kills and pauses: what the next activity does between its steps. */
  checkpoints: { reached: string[]; at: ((step: string) => Promise<void>) | undefined };
  /** How long an activation started from now on tries a step again, in milliseconds. */
  patience: { ms: number };
  organisation(name: string, licensed?: boolean): Promise<{ id: string; admin: string }>;
  key(role: Role, organisationId?: string): Promise<string>;
  call(method: string, path: string, key?: string, body?: unknown): Promise<Answer>;
  browser(): Browser;
  control(method: string, path: string, body?: unknown): Promise<Answer>;
  connection(id: string): Promise<ConnectionRow>;
  ended(workflowId: string): Promise<unknown>;
  startWorker(): Promise<{ stop(): Promise<void> }>;
  close(): Promise<void>;
}

/** Real parts on loopback: API on Postgres, the stand-in for Zendesk, and on demand a worker on the shared Temporal. */
export async function openHouse(options: { proofWaitMs?: number } = {}): Promise<House> {
  const created = await createTestDatabase();
  const database = openDatabase(created.appUrl);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const publicUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const simulator = await startSimulator({ port: 0, webhookTarget: publicUrl });
  const transport = createZendeskTransport({
    address: simulator.url,
    connectTimeoutMs: 2000,
    headersTimeoutMs: 5000,
    bodyTimeoutMs: 5000,
  });
  const secretBox = createSecretBox({
    currentId: 'k1',
    keys: { k1: Buffer.from(Array.from({ length: 32 }, (_, i) => i)) },
  });
  const logged: string[] = [];
  const write = (fields: object, message: string): void => void logged.push(JSON.stringify({ ...fields, message }));
  const log = { info: write, warn: write, error: write };
  const settings = { publicUrl, mailDomain: 'lazaret.test', proofWaitMs: options.proofWaitMs ?? 500 };
  const unlimited = { acquire: () => Promise.resolve(), learn: () => undefined };
  const access = createZendeskAccess({
    database,
    secretBox,
    transport,
    globalClient: GLOBAL_CLIENT,
    settings,
    budgetFor: () => unlimited,
    log,
  });
  const checkpoints: House['checkpoints'] = { reached: [], at: undefined };
  const patience = { ms: 4000 };
  const temporal = await testTemporal();
  const connection = await Connection.connect({ address: temporal.address });
  const client = new Client({ connection, namespace: temporal.namespace });
  const taskQueue = `house-${randomUUID()}`;
  const apiDeps: ConnectionApiDeps = {
    database,
    log,
    clock: () => new Date(),
    publicUrl,
    mailDomain: 'lazaret.test',
    secretBox,
    transport,
    globalClient: GLOBAL_CLIENT,
    startWorkflow: async (name, workflowId, input) => {
      const args = name === 'channelActivation' ? [{ ...input, patienceMs: patience.ms }] : [input];
      await client.workflow.start(name, { taskQueue, workflowId, args, workflowIdConflictPolicy: 'USE_EXISTING' });
    },
  };
  const { app } = createApp({
    database,
    secretBox,
    log,
    clock: apiDeps.clock,
    publicUrl,
    version: '0.0.0-test',
    openSealed: async () => undefined,
    checks: {},
    checkAnswers: true,
    modules: [activationRoutes(apiDeps), connectionRoutes(apiDeps), hookRoutes(apiDeps)],
    mounts: [createActivationPages(apiDeps)],
  });
  server.on('request', app);
  const bundle = await database.withService((db) => createBundle(db, { name: 'Everything', channels: ['zendesk'] }));
  const activities = createConnectionActivities({
    database,
    secretBox,
    access,
    transport,
    log,
    settings,
    checkpoint: async (step) => {
      checkpoints.reached.push(step);
      await checkpoints.at?.(step);
    },
  });
  const key: House['key'] = async (role, organisationId) => {
    const row = { role, name: role, ...(organisationId !== undefined && { organisationId }) };
    return (await database.withService((db) => createApiKey(db, row, LAZARET))).key;
  };
  return {
    database,
    ownerUrl: created.ownerUrl,
    simulator,
    access,
    activities,
    apiDeps,
    url: publicUrl,
    logged,
    checkpoints,
    patience,
    key,
    organisation: async (name, licensed = true) => {
      const { id } = await database.withService((db) => createOrganisation(db, name, LAZARET));
      const assignment = { organisationId: id, bundleId: bundle?.id ?? '' };
      if (licensed) await database.withService((db) => assignBundle(db, assignment, LAZARET));
      return { id, admin: await key('admin', id) };
    },
    call: (method, path, apiKey, body) =>
      send(
        method,
        `${publicUrl}${path}`,
        {
          accept: 'application/json',
          ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        body === undefined ? undefined : JSON.stringify(body),
      ),
    browser: createBrowser,
    control: (method, path, body) =>
      send(
        method,
        `${simulator.url}/_simulator${path}`,
        { 'content-type': 'application/json' },
        body === undefined ? undefined : JSON.stringify(body),
      ),
    connection: async (id) => {
      const row = await database.withService((db) => findConnection(db, id));
      if (!row) throw new Error(`no connection ${id}`);
      return row;
    },
    ended: (workflowId) => client.workflow.getHandle(workflowId).result(),
    startWorker: async () => {
      const native = await NativeConnection.connect({ address: temporal.address });
      const worker = await Worker.create({
        connection: native,
        namespace: temporal.namespace,
        taskQueue,
        workflowsPath: join(__dirname, 'connection-workflows.ts'),
        activities,
        shutdownGraceTime: 100,
        shutdownForceTime: 2000,
      });
      const running = worker.run();
      return {
        stop: async () => {
          worker.shutdown();
          await running.catch(() => undefined);
          await native.close();
        },
      };
    },
    close: async () => {
      await connection.close();
      await simulator.stop();
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
      await transport.close();
      await database.close();
      await created.drop();
    },
  };
}

/** Quiet logs of Temporal's own runtime; once per test file, before any worker. */
export function quietTemporal(): void {
  Runtime.install({ logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} } });
}
