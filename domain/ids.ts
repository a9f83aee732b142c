/** Workflow ids and keys: made here and nowhere else. Names are contracts. */

export interface AttachmentKey {
  connectionId: string;
  ticketId: string;
  attachmentId: string;
}

/** Id of the workflow that follows one attachment of one ticket. */
export function attachmentReviewId(key: AttachmentKey): string {
  return `attachment:${key.connectionId}:${key.ticketId}:${key.attachmentId}`;
}

/** Inverse of {@link attachmentReviewId}; undefined for any other text. */
export function parseAttachmentReviewId(workflowId: string): AttachmentKey | undefined {
  const [kind, connectionId, ticketId, attachmentId, ...rest] = workflowId.split(':');
  if (kind !== 'attachment' || !connectionId || !ticketId || !attachmentId || rest.length > 0) return undefined;
  return { connectionId, ticketId, attachmentId };
}

/** Id of the one writer of notes on a ticket. */
export function ticketNotesId(connectionId: string, ticketId: string): string {
  return `notes:${connectionId}:${ticketId}`;
}

/** Id of the workflow that reads a ticket's comments where no event carried the attachment itself. */
export function ticketIntakeId(connectionId: string, ticketId: string): string {
  return `intake:${connectionId}:${ticketId}`;
}

/** Stands where an organisation's id stands otherwise: the operator's own people, who belong to none. */
export const OPERATOR = 'operator';

/** Id of the workflow that delivers one mail of the outbox. */
export function mailDeliveryId(outboxId: string): string {
  return `mail:${outboxId}`;
}

/** Id of the workflow about the links of one comment. */
export function commentLinksId(connectionId: string, ticketId: string, commentId: string): string {
  return `links:${connectionId}:${ticketId}:${commentId}`;
}

/** Id of the workflow that scans young files of an organisation again. */
export function rescanWorkflowId(rescanId: string): string {
  return `rescan:${rescanId}`;
}

/** Id of the workflow that compares the help desk's own export with the ledger. */
export function reconciliationId(connectionId: string): string {
  return `reconciliation:${connectionId}`;
}

export function channelActivationId(connectionId: string): string {
  return `activation:${connectionId}`;
}
