import { defineSignal } from '@temporalio/workflow';

/** Waits as inputs, so that a test takes seconds. All in milliseconds. */
export interface Pace {
  /** An activity that says nothing for this long is given to another worker. */
  heartbeatMs: number;
  /** How long a ticket's note gathers what happens. */
  noteWindowMs: number;
}

export interface VerdictMessage {
  decisionId: string;
}

export interface InvestigationMessage {
  investigationId: string;
}

/** A decision was recorded. It carries the decision's id only: a message can deliver a decision, never make one. */
export const verdictSignal = defineSignal<[VerdictMessage]>('verdict');

/** An investigation was recorded. */
export const investigationSignal = defineSignal<[InvestigationMessage]>('investigation');

/** The row changed: look at it again before ending. */
export const lookSignal = defineSignal('look');

/** There is something to say on the ticket. */
export const notesSignal = defineSignal('notes');

/** Ids only: bytes, names and addresses never enter a workflow. */
export interface AttachmentReviewInput {
  organisationId: string;
  connectionId: string;
  itemId: string;
  pace: Pace;
  /** Set by continue-as-new while a person thinks; without a time, while engines that answer later are waited for. */
  resume?: { holdUntilMs?: number; wakes: Wake[] };
}

export type Wake = { decisionId: string } | { investigationId: string };

export interface TicketNotesInput {
  organisationId: string;
  connectionId: string;
  ticketId: string;
  pace: Pace;
}

export interface TicketIntakeInput {
  organisationId: string;
  connectionId: string;
  ticketId: string;
  pace: Pace;
}

export interface MailDeliveryInput {
  organisationId: string;
  outboxId: string;
  pace: Pace;
}

export interface RescanInput {
  organisationId: string;
  rescanId: string;
  pace: Pace;
}

export interface ReconciliationInput {
  organisationId: string;
  connectionId: string;
  pace: Pace;
}

export interface CommentLinksInput {
  organisationId: string;
  connectionId: string;
  ticketId: string;
  commentId: string;
  pace: Pace;
}
