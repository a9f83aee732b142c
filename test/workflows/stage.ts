import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { ActivationActivities } from '../../activities/activation-set';
import type { Activities } from '../../activities/index';
import { createWorkflowStarter } from '../../api/workflow-starter';
import type { WorkflowStarter } from '../../api/workflow-starter';
import { testTemporal } from '../support/temporal';

/** What the activities of a test do: the real set's names and types. */
export type Part = Partial<Activities & ActivationActivities>;
type Name = keyof (Activities & ActivationActivities);

const NAMES: Record<Name, true> = {
  inspectAttachment: true,
  askScanners: true,
  containAttachment: true,
  preserveAttachment: true,
  releaseAttachment: true,
  watchReleased: true,
  applyDecision: true,
  openInvestigation: true,
  endHold: true,
  freezeNote: true,
  writeNote: true,
  deliverMail: true,
  listTicket: true,
  rescanBatch: true,
  walkExport: true,
  inspectLinks: true,
  redactLinks: true,
  checkAccount: true,
  makeWebhooks: true,
  readSecrets: true,
  makeTrigger: true,
  proveIntake: true,
  connect: true,
  undoActivation: true,
  failActivation: true,
  removeAllParts: true,
  closeConnection: true,
  checkParts: true,
  rotateSecrets: true,
  checkSight: true,
};

interface Ref {
  itemId?: string;
  ticketId?: string;
  outboxId?: string;
  rescanId?: string;
  connectionId?: string;
}

export interface Stage {
  client: Client;
  taskQueue: string;
  starter: WorkflowStarter;
  /** Casts the activities of one item, ticket, mail or connection. */
  cast(id: string, part: Part): void;
  /** Names of the activities called for one id so far, in order. */
  calls(id: string): string[];
  /** Resolves when this activity was called so many times for this id. */
  called(id: string, name: Name, times?: number): Promise<void>;
  handle(workflowId: string): WorkflowHandle;
  close(): Promise<void>;
}

/** A promise that the test opens. */
export function gate(): { passed: Promise<void>; open(): void } {
  let open: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { passed, open };
}

export const PACE = { heartbeatMs: 20_000, noteWindowMs: 20 };

/** The compiled workflows on the shared server, on a task queue of their own, with activities that each test casts. */
export async function openStage(identity = 'stage'): Promise<Stage> {
  Runtime.install({ logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} } });
  const { address, namespace } = await testTemporal();
  const native = await NativeConnection.connect({ address });
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace, identity });
  const taskQueue = `stage-${randomUUID()}`;
  const parts = new Map<string, Part>();
  const log: { id: string; name: string }[] = [];
  const waiters = new Set<() => void>();
  const act = (name: Name) => (ref: Ref) => {
    const id = ref.itemId ?? ref.ticketId ?? ref.outboxId ?? ref.rescanId ?? ref.connectionId ?? '';
    log.push({ id, name });
    for (const look of waiters) look();
    const play = parts.get(id)?.[name] as ((ref: Ref) => Promise<unknown>) | undefined;
    if (!play) throw ApplicationFailure.nonRetryable(`nobody plays ${name} here`);
    return play(ref);
  };
  const worker = await Worker.create({
    connection: native,
    namespace,
    taskQueue,
    identity,
    workflowBundle: { codePath: join(__dirname, '../../dist/workflow-bundle.js') },
    activities: Object.fromEntries((Object.keys(NAMES) as Name[]).map((name) => [name, act(name)])),
    shutdownGraceTime: '1s',
  });
  const running = worker.run();
  const count = (id: string, name: string) => log.filter((one) => one.id === id && one.name === name).length;
  const handle = (workflowId: string) => client.workflow.getHandle(workflowId);
  return {
    client,
    taskQueue,
    starter: createWorkflowStarter(client, taskQueue),
    cast: (id, part) => void parts.set(id, { ...parts.get(id), ...part }),
    calls: (id) => log.filter((one) => one.id === id).map((one) => one.name),
    called: (id, name, times = 1) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (count(id, name) < times) return;
          waiters.delete(look);
          resolve();
        };
        waiters.add(look);
        look();
      }),
    handle,
    async close() {
      worker.shutdown();
      await running;
      await native.close();
      await connection.close();
    },
  };
}

/** Asks the server until it says what is expected. */
export async function eventually<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await pause(15);
  }
}
