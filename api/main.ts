import { access, constants } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { Router } from 'express';
import { version as packageVersion } from '../package.json';
import { loadConfig, requireDatabaseUrl } from '../config/config';
import type { Config } from '../config/config';
import { createLogger } from '../config/logger';
import { loadSecrets, masterKeysById } from '../config/secrets';
import { readObject } from '../db/objects';
import { openDatabase } from '../db/pool';
import type { Database } from '../db/pool';
import { createFileSealedStore, createSecretBox } from '../quarantine/index';
import type { SealedStore } from '../quarantine/index';
import { createStructureViewer } from '../scanners/embedded/structure/viewer';
import { createZendeskTransport } from '../zendesk/http';
import type { ConnectionApiDeps } from './connection-deps';
import { createConsoleFiles } from './console-files';
import { createApp } from './create-app';
import { createDispatcher } from './dispatcher';
import { createClockWatch } from './hook-clock';
import type { Log } from './log';
import { productModules } from './modules';
import { createActivationPages } from './routes/activation-pages';
import type { OpenSealed } from './routes/scan-file';
import { createScanFeed } from './scan-feed';
import type { ScanFeed } from './scan-feed';
import { requireOidcOrganisations } from './session/oidc-organisations';
import { readSidebarFiles } from './sidebar-page';
import { createSightQuestion } from './sight-question';
import { createWorkflowStarter } from './workflow-starter';
import type { WorkflowStarter } from './workflow-starter';

/** Serves the API and dispatches rows to Temporal until SIGTERM or SIGINT; prints one line of JSON when it listens. */
async function main(): Promise<void> {
  const config = loadConfig();
  const log = createLogger({ level: config.logLevel, name: 'api' });
  const secrets = loadSecrets();
  const database = openDatabase(requireDatabaseUrl(config), {
    size: 20,
    onError: (error) => log.warn({ error: error.name }, 'an idle database connection broke'),
  });
  if (config.oidc) await requireOidcOrganisations(database, config.oidc.roles);
  const { connectionOptions, namespace } = loadClientConnectConfig();
  // Lazy: intake records what arrives while Temporal is away.
  const temporal = Connection.lazy(connectionOptions);
  const client = new Client({ connection: temporal, namespace: namespace ?? 'default' });
  const starter = createWorkflowStarter(client, config.taskQueue);
  const masterKeys = masterKeysById(secrets);
  const publicUrl = config.http.publicUrl ?? `http://127.0.0.1:${config.http.port}`;
  const { clientId } = config.zendesk;
  const clientSecret = secrets.zendeskClientSecret;
  const connections: ConnectionApiDeps = {
    database,
    log,
    clock: () => new Date(),
    publicUrl,
    mailDomain: new URL(publicUrl).hostname,
    secretBox: createSecretBox(masterKeys),
    transport: createZendeskTransport({
      address: config.zendesk.address,
      connectTimeoutMs: 10_000,
      headersTimeoutMs: 30_000,
      bodyTimeoutMs: 30_000,
    }),
    ...(clientId !== undefined && clientSecret !== undefined
      ? { globalClient: { id: clientId, secret: clientSecret } }
      : {}),
    supportAddress: config.supportAddress,
    startWorkflow: (workflow, workflowId, input) => startConnectionWorkflow(starter, workflow, workflowId, input),
  };
  const store = createFileSealedStore({ directory: config.sealedDir, masterKeys });
  const openSealed = openSealedFrom(database, store);
  const structures = createStructureViewer();
  const scanFeed = createScanFeed(database, log);
  const clocks = createClockWatch(connections.clock);
  const sidebar = { maySee: createSightQuestion(starter), files: readSidebarFiles(join(__dirname, '../zendesk-app')) };
  const { app } = createApp({
    database,
    log,
    clock: () => new Date(),
    publicUrl,
    version: packageVersion,
    ...(config.temporalUiUrl === undefined ? {} : { temporalUi: config.temporalUiUrl }),
    temporalNamespace: namespace ?? 'default',
    openSealed,
    secretBox: connections.secretBox,
    ...(config.oidc && { oidc: { ...config.oidc, clientSecret: secrets.oidcClientSecret ?? '' } }),
    checks: {
      temporal: () => checkTemporal(temporal),
      sealedStore: () => checkDirectory(config.sealedDir),
      clock: clocks.check,
    },
    modules: productModules(connections, { database, scanFeed, clocks, openSealed, structures, sidebar }),
    mounts: [],
    pages: Router().use(createActivationPages(connections), createConsoleFiles(join(__dirname, '../console'))),
  });
  const pace = { heartbeatMs: config.heartbeatMs, noteWindowMs: config.noteWindowMs };
  const dispatcher = createDispatcher({ database, starter, pace, log });
  await serve(app, {
    config,
    log,
    dispatcher,
    scanFeed,
    close: () =>
      Promise.allSettled([structures.close(), connections.transport.close(), temporal.close(), database.close()]),
  });
}

function startConnectionWorkflow(
  starter: WorkflowStarter,
  workflow: string,
  workflowId: string,
  input: { organisationId: string; connectionId: string },
): Promise<void> {
  return starter.start({ workflow, workflowId, input, search: input });
}

function openSealedFrom(database: Database, store: SealedStore): OpenSealed {
  return async ({ organisationId, sha256 }) => {
    const object = await database.withOrganisation(organisationId, (db) => readObject(db, organisationId, sha256));
    if (!object?.seal_key || !object.master_key_id) return undefined;
    const seal = {
      organisationId,
      sha256,
      length: object.length,
      sealKey: object.seal_key,
      masterKeyId: object.master_key_id,
    };
    return { length: object.length, body: store.open(seal) };
  };
}

async function checkTemporal(connection: Connection): Promise<string | undefined> {
  await connection.workflowService.getSystemInfo({});
  return undefined;
}

/** Clean files are given out from here, and the worker writes here. */
async function checkDirectory(directory: string): Promise<string | undefined> {
  await access(directory, constants.R_OK | constants.W_OK);
  return undefined;
}

interface Serving {
  config: Config;
  log: Log;
  dispatcher: ReturnType<typeof createDispatcher>;
  scanFeed: ScanFeed;
  close(): Promise<unknown>;
}

async function serve(app: RequestListener, serving: Serving): Promise<void> {
  const { config, log, dispatcher } = serving;
  // Longer than a proxy before us keeps idle connections: who closes first must not be who is about to be asked.
  const server = createServer({ keepAliveTimeout: 65_000 }, app);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.http.port, config.http.host, resolve);
  });
  await dispatcher.start();
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ ready: true, role: 'api', port })}\n`);
  const stop = async (): Promise<void> => {
    await dispatcher.stop();
    serving.scanFeed.close();
    server.close();
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), 5000).unref();
    await serving.close();
    log.info({}, 'stopped');
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop());
  // Started by `npm start`: an API without it would go on unseen. Fires only where there is such a channel.
  process.once('disconnect', () => void stop());
  // Listening alone would keep the process alive after its work has ended.
  process.channel?.unref();
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
