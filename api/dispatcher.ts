import { claimDueComments, postponeComment } from '../db/comment-texts';
import type { DueComment } from '../db/comment-texts';
import { claimDueConnections } from '../db/connections';
import type { DueConnection } from '../db/connections';
import { claimDueWalks, postponeWalk } from '../db/coverage';
import { claimDueMails, postponeMail } from '../db/email-outbox';
import { claimDueItems, postponeItems } from '../db/items';
import type { DueItem } from '../db/items';
import { claimDueNoteTickets, postponeNoteTicket } from '../db/notes';
import type { Database, Queryable } from '../db/pool';
import { claimDueRescans, postponeRescan } from '../db/rescans';
import { claimDueIntake, postponeIntake } from '../db/ticket-intake';
import { channelDeactivationId } from '../domain/connection';
import {
  attachmentReviewId,
  channelActivationId,
  commentLinksId,
  mailDeliveryId,
  OPERATOR,
  reconciliationId,
  rescanWorkflowId,
  ticketIntakeId,
  ticketNotesId,
} from '../domain/ids';
import { investigationSignal, lookSignal, notesSignal, verdictSignal } from '../workflows/messages';
import type { Pace, Wake } from '../workflows/messages';
import type { WorkflowStarter } from './workflow-starter';

export interface DispatcherDeps {
  database: Database;
  starter: WorkflowStarter;
  pace: Pace;
  log: { error(fields: Record<string, unknown>, message: string): void };
  /** Looks at the rows at least this often, in milliseconds, for deadlines and for wake-ups that were lost. */
  pollMs?: number;
}

export interface Dispatcher {
  /** Resolves when it listens. */
  start(): Promise<void>;
  /** Ends after the pass that is under way. */
  stop(): Promise<void>;
}

const BATCH = 100;
const LEASE_SECONDS = 60;
/** A row that Temporal did not take is due again after this long. */
const RETRY_SECONDS = 3;

/**
 * Starts workflows from rows; there is no second way. A row is claimed by moving its deadline, so a dispatcher that dies
 * only delays it, and several may run at once. Starting what is open already changes nothing.
 */
export function createDispatcher(deps: DispatcherDeps): Dispatcher {
  const { database, log } = deps;
  let stopped = false;
  let woken = false;
  let unlisten: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;

  const wake = (): void => {
    woken = true;
    running ??= run().finally(() => {
      running = undefined;
      if (woken && !stopped) wake();
    });
  };
  const run = async (): Promise<void> => {
    while (woken && !stopped) {
      woken = false;
      try {
        if (await dispatchDue(deps)) woken = true;
      } catch (error) {
        log.error({ error: error instanceof Error ? error.name : 'error' }, 'dispatch failed; the rows stay due');
        return;
      }
    }
  };
  return {
    async start() {
      const onError = (error: Error): void => log.error({ error: error.name }, 'listening for work was interrupted');
      unlisten = await database.listen('lazaret_work', wake, onError);
      timer = setInterval(wake, deps.pollMs ?? 1000);
      wake();
    },
    async stop() {
      stopped = true;
      clearInterval(timer);
      unlisten?.();
      await running;
    },
  };
}

/** One pass over everything that is due. @returns true when a batch was full, so that more may be waiting */
export async function dispatchDue(deps: DispatcherDeps): Promise<boolean> {
  const due = await deps.database.withService(async (db) => {
    const [items, notes, intake, mails, connections, rescans, comments, walks] = await Promise.all([
      claimDueItems(db, BATCH, LEASE_SECONDS),
      claimDueNoteTickets(db, BATCH, LEASE_SECONDS),
      claimDueIntake(db, BATCH, LEASE_SECONDS),
      claimDueMails(db, BATCH, LEASE_SECONDS * 5),
      claimDueConnections(db, BATCH, LEASE_SECONDS),
      claimDueRescans(db, BATCH),
      claimDueComments(db, BATCH, LEASE_SECONDS),
      claimDueWalks(db, BATCH),
    ]);
    return { items, notes, intake, mails, connections, rescans, comments, walks };
  });
  const late: ((db: Queryable) => Promise<void>)[] = [];
  const settle = async (start: Promise<void>, postpone: (db: Queryable) => Promise<void>): Promise<void> => {
    try {
      await start;
    } catch (error) {
      const fields = { error: error instanceof Error ? error.name : 'error' };
      deps.log.error(fields, 'Temporal did not take a start; tried again later');
      late.push(postpone);
    }
  };
  await Promise.all([
    ...due.items.map((item) => settle(startReview(deps, item), (db) => postponeItems(db, [item.id], RETRY_SECONDS))),
    ...due.notes.map((one) => settle(startNotes(deps, one), (db) => postponeNoteTicket(db, one, RETRY_SECONDS))),
    ...due.intake.map((one) => settle(startIntake(deps, one), (db) => postponeIntake(db, one, RETRY_SECONDS))),
    ...due.mails.map((mail) => settle(startMail(deps, mail), (db) => postponeMail(db, mail.id, RETRY_SECONDS))),
    ...due.comments.map((one) => settle(startLinks(deps, one), (db) => postponeComment(db, one, RETRY_SECONDS))),
    ...due.rescans.map((one) => settle(startRescan(deps, one), (db) => postponeRescan(db, one.id, RETRY_SECONDS))),
    ...due.walks.map((one) =>
      settle(startReconciliation(deps, one), (db) => postponeWalk(db, one.connection_id, RETRY_SECONDS)),
    ),
    // Claimed again within a minute, which is soon enough for what a person waits for.
    ...due.connections.map((one) => settle(startConnection(deps, one), () => Promise.resolve())),
  ]);
  if (late.length > 0) {
    await deps.database.withService(async (db) => {
      for (const postpone of late) await postpone(db);
    });
  }
  return Object.values(due).some((rows) => rows.length === BATCH);
}

async function startReview(deps: DispatcherDeps, item: DueItem): Promise<void> {
  if (item.kind === 'url') return startLinks(deps, item);
  const ids = { organisationId: item.organisation_id, connectionId: item.connection_id };
  const key = { connectionId: item.connection_id, ticketId: item.ticket_id, attachmentId: item.source_id };
  const start = {
    workflow: 'attachmentReview' as const,
    workflowId: attachmentReviewId(key),
    input: { ...ids, itemId: item.id, pace: deps.pace },
    search: { organisationId: ids.organisationId, connectionId: ids.connectionId, ticketId: item.ticket_id },
  };
  const wakes = wakesFor(item);
  // An open workflow may be about to end on what it read before: the message makes it look once more.
  if (wakes.length === 0 && item.fresh) await deps.starter.start(start);
  else if (wakes.length === 0) await deps.starter.signalWithStart(start, lookSignal);
  for (const wake of wakes) {
    if ('decisionId' in wake) await deps.starter.signalWithStart(start, verdictSignal, wake);
    else await deps.starter.signalWithStart(start, investigationSignal, wake);
  }
}

function wakesFor(item: DueItem): Wake[] {
  const wakes: Wake[] = [];
  if (item.decision_id !== null && item.decision_id !== item.applied_decision_id) {
    wakes.push({ decisionId: item.decision_id });
  }
  if (item.investigation_id !== null && item.investigation_id !== item.applied_investigation_id) {
    wakes.push({ investigationId: item.investigation_id });
  }
  return wakes;
}

interface DueTicket {
  organisation_id: string;
  connection_id: string;
  ticket_id: string;
}

function ticketStart(deps: DispatcherDeps, ticket: DueTicket) {
  const ref = {
    organisationId: ticket.organisation_id,
    connectionId: ticket.connection_id,
    ticketId: ticket.ticket_id,
  };
  return { input: { ...ref, pace: deps.pace }, search: ref };
}

async function startNotes(deps: DispatcherDeps, ticket: DueTicket): Promise<void> {
  const workflowId = ticketNotesId(ticket.connection_id, ticket.ticket_id);
  const start = { workflow: 'ticketNotes' as const, workflowId, ...ticketStart(deps, ticket) };
  await deps.starter.signalWithStart(start, notesSignal);
}

async function startIntake(deps: DispatcherDeps, ticket: DueTicket): Promise<void> {
  const workflowId = ticketIntakeId(ticket.connection_id, ticket.ticket_id);
  const start = { workflow: 'ticketIntake' as const, workflowId, ...ticketStart(deps, ticket) };
  await deps.starter.signalWithStart(start, lookSignal);
}

async function startMail(deps: DispatcherDeps, mail: { id: string; organisation_id: string | null }): Promise<void> {
  const organisationId = mail.organisation_id ?? OPERATOR;
  await deps.starter.start({
    workflow: 'mailDelivery',
    workflowId: mailDeliveryId(mail.id),
    input: { organisationId, outboxId: mail.id, pace: deps.pace },
    search: { organisationId },
  });
}

async function startLinks(deps: DispatcherDeps, comment: DueComment): Promise<void> {
  const { connection_id: connectionId, ticket_id: ticketId, comment_id: commentId } = comment;
  const { input, search } = ticketStart(deps, comment);
  const workflowId = commentLinksId(connectionId, ticketId, commentId);
  const start = { workflow: 'commentLinks' as const, workflowId, input: { ...input, commentId }, search };
  await deps.starter.signalWithStart(start, lookSignal);
}

async function startRescan(deps: DispatcherDeps, due: { id: string; organisation_id: string }): Promise<void> {
  await deps.starter.start({
    workflow: 'rescan',
    workflowId: rescanWorkflowId(due.id),
    input: { organisationId: due.organisation_id, rescanId: due.id, pace: deps.pace },
    search: { organisationId: due.organisation_id },
  });
}

async function startReconciliation(
  deps: DispatcherDeps,
  due: { connection_id: string; organisation_id: string },
): Promise<void> {
  const ref = { organisationId: due.organisation_id, connectionId: due.connection_id };
  const workflowId = reconciliationId(ref.connectionId);
  const start = { workflow: 'reconciliation' as const, workflowId, input: { ...ref, pace: deps.pace }, search: ref };
  await deps.starter.signalWithStart(start, lookSignal);
}

/** An activation or a deactivation that should be under way; joins the open workflow where there is one. */
async function startConnection(deps: DispatcherDeps, due: DueConnection): Promise<void> {
  const ref = { organisationId: due.organisation_id, connectionId: due.id };
  const start =
    due.wanted === 'activation'
      ? { workflow: 'channelActivation', workflowId: channelActivationId(due.id) }
      : { workflow: 'channelDeactivation', workflowId: channelDeactivationId(due.id) };
  await deps.starter.start({ ...start, input: ref, search: ref });
}
