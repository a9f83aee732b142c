import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { version } from '../../package.json';
import type { ReviewProgress } from '../../domain/review';
import { investigationSignal, notesSignal, verdictSignal } from '../../workflows/messages';
import { eventually, openStage, PACE } from './stage';
import type { Part, Stage } from './stage';

export const HISTORIES = join(__dirname, '../histories');

const DONE: ReviewProgress = { step: 'done' };
const hold = (ms: number): ReviewProgress => ({
  step: 'hold',
  holdUntilMs: Date.now() + ms,
  verdict: 'malicious',
  sha256: 'd'.repeat(64),
});
const retried = (): (() => void) => {
  let tries = 0;
  return () => {
    tries += 1;
    if (tries === 1)
      throw ApplicationFailure.create({ type: 'ZendeskUnavailable', message: 'away', nextRetryDelay: 10 });
  };
};

interface Recording {
  workflow: string;
  life: string;
  part: Part;
  /** Messages that it is started with. */
  verdicts?: number;
  investigations?: number;
  notes?: number;
}

const contained: Part = {
  inspectAttachment: async () => ({ step: 'contain' }),
  containAttachment: async () => hold(3_600_000),
};
const activation: Part = {
  checkAccount: async () => undefined,
  makeWebhooks: async () => undefined,
  readSecrets: async () => undefined,
  makeTrigger: async () => undefined,
  proveIntake: async () => undefined,
  connect: async () => undefined,
  undoActivation: async () => undefined,
  failActivation: async () => undefined,
};

/** One life of each kind. What may change without breaking open workflows is what these replays allow. */
function recordings(): Recording[] {
  const zendesk = retried();
  const batches = [{ waitMs: 20 }, { batchId: randomUUID() }, { batchId: randomUUID() }, {}];
  const more = [true, false];
  const rounds = [true, false];
  const questions = [true, false];
  const pages = [true, false];
  return [
    { workflow: 'attachmentReview', life: 'clean', part: { inspectAttachment: async () => DONE } },
    {
      workflow: 'attachmentReview',
      life: 'released',
      part: { ...contained, applyDecision: async () => ({ step: 'release' }), releaseAttachment: async () => DONE },
      verdicts: 1,
    },
    {
      workflow: 'attachmentReview',
      life: 'hold-ended',
      part: { ...contained, containAttachment: async () => hold(50), endHold: async () => DONE },
    },
    {
      workflow: 'attachmentReview',
      life: 'investigated',
      part: {
        inspectAttachment: async () => DONE,
        openInvestigation: async () => ({ step: 'preserve' }),
        preserveAttachment: async () => hold(50),
        endHold: async () => DONE,
      },
      investigations: 1,
    },
    {
      workflow: 'attachmentReview',
      life: 'watched',
      part: { inspectAttachment: async () => ({ step: 'watch' }), watchReleased: async () => DONE },
    },
    {
      workflow: 'attachmentReview',
      life: 'awaited',
      part: {
        inspectAttachment: async () => ({ step: 'await', waitMs: 20 }),
        askScanners: async () => (questions.shift() ? { step: 'await', waitMs: 20 } : DONE),
      },
    },
    {
      workflow: 'ticketNotes',
      life: 'two-notes',
      part: { freezeNote: async () => batches.shift() ?? {}, writeNote: async () => undefined },
      notes: 1,
    },
    {
      workflow: 'ticketIntake',
      life: 'asked-twice',
      part: { listTicket: async () => ({ more: more.shift() ?? false }) },
    },
    {
      workflow: 'rescan',
      life: 'two-batches',
      part: { rescanBatch: async () => ({ more: rounds.shift() ?? false, waitMs: 20 }) },
    },
    {
      workflow: 'reconciliation',
      life: 'many-pages',
      part: { walkExport: async () => ({ more: pages.shift() ?? false }) },
    },
    { workflow: 'commentLinks', life: 'noted', part: { inspectLinks: async () => ({ redact: false }) } },
    {
      workflow: 'commentLinks',
      life: 'redacted',
      part: { inspectLinks: async () => ({ redact: true }), redactLinks: async () => undefined },
    },
    { workflow: 'mailDelivery', life: 'retried', part: { deliverMail: async () => zendesk() } },
    { workflow: 'channelActivation', life: 'connected', part: activation },
    {
      workflow: 'channelActivation',
      life: 'failed',
      part: {
        ...activation,
        makeTrigger: async () => {
          throw ApplicationFailure.nonRetryable('refused', 'ActivationRefused', { problem: 'p', remedy: 'r' });
        },
      },
    },
    {
      workflow: 'channelDeactivation',
      life: 'removed',
      part: { removeAllParts: async () => undefined, closeConnection: async () => undefined },
    },
    { workflow: 'connectionCheck', life: 'checked', part: { checkParts: async () => undefined } },
    { workflow: 'ticketSight', life: 'seen', part: { checkSight: async () => true } },
    { workflow: 'secretRotation', life: 'rotated', part: { rotateSecrets: async () => undefined } },
  ];
}

/** Lives every life once and writes the histories of all its runs, named by workflow, life and version of the product. */
export async function recordHistories(): Promise<void> {
  // A name of its own: histories hold no host and no process.
  const stage = await openStage('recorder');
  mkdirSync(HISTORIES, { recursive: true });
  try {
    for (const recording of recordings()) await record(stage, recording);
  } finally {
    await stage.close();
  }
}

async function record(stage: Stage, recording: Recording): Promise<void> {
  const { workflow, life } = recording;
  const ids = {
    organisationId: randomUUID(),
    connectionId: randomUUID(),
    ...(workflow === 'attachmentReview' && { itemId: randomUUID() }),
    ...(workflow === 'commentLinks' && { ticketId: randomUUID(), commentId: '1' }),
    ...(workflow.startsWith('ticket') && { ticketId: randomUUID() }),
    ...(workflow === 'rescan' && { rescanId: randomUUID() }),
    ...(workflow === 'mailDelivery' && { outboxId: randomUUID() }),
  };
  const workflowId = `${workflow}:${randomUUID()}`;
  stage.cast(ids.itemId ?? ids.ticketId ?? ids.outboxId ?? ids.rescanId ?? ids.connectionId, recording.part);
  const start = { workflow, workflowId, input: { ...ids, pace: PACE }, search: { organisationId: ids.organisationId } };
  await stage.starter.start(start);
  const first = await stage.handle(workflowId).describe();
  if (recording.verdicts) {
    await stage.called(ids.itemId ?? '', 'containAttachment');
    const continued = async () => (await stage.handle(workflowId).describe()).runId !== first.runId || undefined;
    await eventually(continued);
    await stage.starter.signalWithStart(start, verdictSignal, { decisionId: randomUUID() });
  }
  if (recording.investigations) {
    await stage.starter.signalWithStart(start, investigationSignal, { investigationId: randomUUID() });
  }
  if (recording.notes) await stage.starter.signalWithStart(start, notesSignal);
  await stage.handle(workflowId).result();
  const last = await stage.handle(workflowId).describe();
  for (const [run, runId] of [...new Set([first.runId, last.runId])].entries()) {
    const history = await stage.client.workflow.getHandle(workflowId, runId).fetchHistory();
    const file = `${workflow}.${life}.run-${run + 1}.v${version}.json`;
    writeFileSync(join(HISTORIES, file), withoutPlaces(historyToJSON(history)));
  }
}

/** Stacks name paths of the machine that recorded; a replay does not need them. */
function withoutPlaces(json: string): string {
  const clean: unknown = JSON.parse(json, (key: string, value: unknown) => (key === 'stackTrace' ? '' : value));
  return `${JSON.stringify(clean, undefined, 1)}\n`;
}
