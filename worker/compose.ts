import { hostname } from 'node:os';
import { join } from 'node:path';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { NativeConnectionOptions } from '@temporalio/worker';
import { createConnectionActivities } from '../activities/activation-set';
import { createBudget } from '../activities/budget';
import { WAITS } from '../activities/deps';
import type { ActivityDeps, ActivityWaits, Logger } from '../activities/deps';
import { startEngineWatch } from '../activities/engine-watch';
import { createActivities } from '../activities/index';
import { planRescansFor } from '../activities/rescan';
import { createOrganisationKeys } from '../activities/organisation-keys';
import { createSenders } from '../activities/senders';
import { createVerdictCache } from '../activities/verdict-cache';
import { createZendeskAccess } from '../activities/zendesk-access';
import { requireDatabaseUrl } from '../config/config';
import type { Config } from '../config/config';
import { masterKeysById } from '../config/secrets';
import type { Secrets } from '../config/secrets';
import { openDatabase } from '../db/pool';
import { enginesKey } from '../domain/inspection';
import { createMailer } from '../email/mailer';
import { createFileSealedStore, createSecretBox } from '../quarantine/index';
import { createZendeskTransport } from '../zendesk/http';
import { startEngines } from './engines';
import { startLinkEngines } from './link-engines';

/** What a worker is made from. `waits` and `checkpoint` are for tests; the product uses neither. */
export interface WorkerSettings {
  config: Config;
  secrets: Secrets;
  publicUrl: string;
  smtpUrl: string;
  log: Logger;
  temporal: { connection: NativeConnectionOptions; namespace: string };
  waits?: Partial<ActivityWaits>;
  proofWaitMs?: number;
  checkpoint?: (step: string) => Promise<void>;
}

export interface RunningWorker {
  /** Resolves when the worker has ended its work after `shutdown`; rejects when it failed. */
  finished: Promise<void>;
  shutdown(): Promise<void>;
}

/** Makes the real clients, the activities and the worker, and lets it run. */
export async function startWorker(settings: WorkerSettings): Promise<RunningWorker> {
  const { config, log } = settings;
  const database = openDatabase(requireDatabaseUrl(config), { size: 24, onError: (error) => warn(log, error) });
  const masterKeys = masterKeysById(settings.secrets);
  const transport = createZendeskTransport({
    address: config.zendesk.address,
    connectTimeoutMs: 10_000,
    headersTimeoutMs: 30_000,
    bodyTimeoutMs: 30_000,
  });
  const mailDomain = new URL(settings.publicUrl).hostname;
  const secretBox = createSecretBox(masterKeys);
  const { clientId } = config.zendesk;
  const clientSecret = settings.secrets.zendeskClientSecret;
  const access = createZendeskAccess({
    database,
    secretBox,
    transport,
    budgetFor: (ref) => createBudget({ database, ...ref, share: config.zendesk.budgetShare }),
    ...(clientId !== undefined && clientSecret !== undefined
      ? { globalClient: { id: clientId, secret: clientSecret } }
      : {}),
    settings: { publicUrl: settings.publicUrl, mailDomain },
    log,
  });
  const engines = await startEngines(config.scanning, settings.secrets, log);
  const links = await startLinkEngines(config, settings.secrets, log);
  const requiredEngines = config.scanning.requiredEngines ?? engines.engines.map((engine) => engine.name);
  const watch = startEngineWatch({
    database,
    engines: engines.engines,
    asyncEngines: engines.asyncEngines,
    requiredEngines,
    links,
    worker: `${hostname()}:${process.pid}`,
    ...(engines.embedded && { isolation: { [engines.embedded.name]: { ...engines.embedded.isolation() } } }),
    onVersions: (versions) => planRescansFor(database, enginesKey(versions)),
    log,
  });
  const store = createFileSealedStore({ directory: config.sealedDir, masterKeys });
  await store.sweepTemporary(3_600_000);
  const organisationKeys = createOrganisationKeys({ database, secretBox });
  const checkpoint = settings.checkpoint === undefined ? {} : { checkpoint: settings.checkpoint };
  const mailer = createMailer({ url: settings.smtpUrl, from: config.email.from });
  const deps: ActivityDeps = {
    database,
    access,
    store,
    engines: engines.engines,
    asyncEngines: engines.asyncEngines,
    requiredEngines,
    verdicts: createVerdictCache({ database, secretBox, organisationKeys, versions: watch.versions, log }),
    linkEngines: links.engines,
    requiredLinkEngines: links.required,
    senders: createSenders({ database, access }),
    ...(links.follow && { followLink: links.follow }),
    secretBox,
    organisationKeys,
    mailer,
    log,
    settings: {
      publicUrl: settings.publicUrl,
      mailDomain,
      maxFileBytes: config.scanning.maxFileBytes,
      waits: { ...WAITS, ...settings.waits },
    },
    ...checkpoint,
  };
  const forConnections = createConnectionActivities({
    database,
    secretBox,
    access,
    transport,
    log,
    settings: { publicUrl: settings.publicUrl, proofWaitMs: settings.proofWaitMs ?? 20_000 },
    ...checkpoint,
  });
  const connection = await NativeConnection.connect(settings.temporal.connection);
  const worker = await Worker.create({
    connection,
    namespace: settings.temporal.namespace,
    taskQueue: config.taskQueue,
    workflowBundle: { codePath: join(__dirname, '..', 'workflow-bundle.js') },
    activities: { ...createActivities(deps), ...forConnections },
    identity: `${process.pid}@${hostname()}`,
    maxCachedWorkflows: 500,
    // What a killed worker had in its cache waits for so long before another one takes it.
    stickyQueueScheduleToStartTimeout: '2s',
    maxConcurrentActivityTaskExecutions: 40,
    shutdownGraceTime: '20s',
  });
  const finished = worker.run().finally(async () => {
    await watch.close();
    links.close();
    await Promise.allSettled([engines.close(), mailer.close(), transport.close(), database.close()]);
    await connection.close();
  });
  return {
    finished,
    async shutdown() {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await finished;
    },
  };
}

function warn(log: Logger, error: Error): void {
  log.warn({ error: error.name }, 'an idle database connection broke');
}
