import { appendAuditEvent } from '../db/audit-events';
import type { Actor } from '../db/audit-events';
import { sealCommentText } from '../db/comment-seal';
import { insertCommentText, TICKET_TEXT } from '../db/comment-texts';
import type { NewCommentText } from '../db/comment-texts';
import type { SecretSealer } from '../db/connection-secrets';
import type { ConnectionRow } from '../db/connections';
import { announceComment } from '../db/coverage';
import { insertAttachmentItem } from '../db/items';
import { findBatchOfComment } from '../db/notes';
import type { Queryable } from '../db/pool';
import { insertTicketIntake } from '../db/ticket-intake';
import { mayHoldLinks, mayHoldPasswords } from '../domain/link-hint';
import type { ParsedEvent } from '../zendesk/events';

/** A delivery whose signature, time and account were verified. */
export interface Delivery {
  connection: ConnectionRow;
  webhookId: string;
  invocationId: string;
  rawBody: Buffer;
}

/** Writes what a delivery tells into the ledger, in the caller's transaction. */
export async function recordEvent(
  db: Queryable,
  delivery: Delivery,
  event: ParsedEvent,
  text: NewCommentText | undefined,
): Promise<void> {
  switch (event.type) {
    case 'comment_added':
      await announceComment(db, { ...refOf(delivery), ticketId: event.ticketId, commentId: event.commentId });
      return text && recordText(db, text);
    case 'ticket_created':
      return text && recordText(db, text);
    case 'attachment_linked':
      return recordAttachment(db, delivery, event);
    case 'attachment_redacted':
      return audit(db, delivery, 'zendesk.attachment_redacted', {
        ticketId: event.ticketId,
        commentId: event.commentId,
        attachmentId: event.attachmentId,
        actorId: event.actorId,
      });
    case 'merged':
      // The target's new comment has copies of the files. Without its number the source's audits tell it.
      return askForListing(db, delivery, event.targetTicketId ?? event.ticketId, 'merge', event.eventId);
    case 'trigger':
      return recordTrigger(db, delivery, event);
    case 'undeleted':
      // While it was in the bin nothing of it could be listed.
      return askForListing(db, delivery, event.ticketId, 'undeleted', event.eventId);
    case 'malformed':
      return recordUnreadable(db, delivery, event.where);
    case 'comment_redacted':
    case 'status_changed':
    case 'soft_deleted':
    case 'proof':
    case 'ignored':
      return undefined;
    default:
      return event satisfies never;
  }
}

/**
 * Seals what a new comment or ticket says, where it may hold a link or a password; most hold neither and cost nothing more.
 * Done before the transaction, which has to be short.
 */
export async function sealEventText(
  box: SecretSealer,
  connection: ConnectionRow,
  event: ParsedEvent,
): Promise<NewCommentText | undefined> {
  if (event.type !== 'comment_added' && event.type !== 'ticket_created') return undefined;
  const words = event.type === 'comment_added' ? event.body : `${event.subject}\n${event.description}`;
  const passwords = mayHoldPasswords(words);
  if (!passwords && !mayHoldLinks(words)) return undefined;
  const ref = {
    organisationId: connection.organisationId,
    connectionId: connection.id,
    ticketId: event.ticketId,
    commentId: event.type === 'comment_added' ? event.commentId : TICKET_TEXT,
  };
  const sealed = await sealCommentText(box, ref, { text: words });
  const authorId = (event.type === 'comment_added' ? event.authorId : undefined) ?? event.actorId;
  const occurredAt = timeOf(event.occurredAt);
  return { ...ref, foundBy: 'event', sealed, mayHoldPasswords: passwords, occurredAt, authorId };
}

/** Our own notes hold links to our own pages: those that are known as ours by now are left out. */
async function recordText(db: Queryable, text: NewCommentText): Promise<void> {
  if (await findBatchOfComment(db, text.connectionId, text.commentId)) return;
  await insertCommentText(db, text);
}

function timeOf(occurredAt: string): string | undefined {
  return Number.isNaN(Date.parse(occurredAt)) ? undefined : new Date(occurredAt).toISOString();
}

function zendesk(delivery: Delivery): Actor {
  return { kind: 'zendesk', id: delivery.invocationId };
}

function audit(db: Queryable, delivery: Delivery, kind: string, detail: object, itemId?: string): Promise<void> {
  return appendAuditEvent(db, {
    organisationId: delivery.connection.organisationId,
    kind,
    actor: zendesk(delivery),
    connectionId: delivery.connection.id,
    ...(itemId !== undefined && { itemId }),
    detail: { ...detail, webhookId: delivery.webhookId },
  });
}

async function recordAttachment(
  db: Queryable,
  delivery: Delivery,
  event: ParsedEvent & { type: 'attachment_linked' },
): Promise<void> {
  const { attachment, ticketId, commentId } = event;
  const itemId = await insertAttachmentItem(db, {
    organisationId: delivery.connection.organisationId,
    connectionId: delivery.connection.id,
    ticketId,
    commentId,
    attachmentId: attachment.id,
    foundBy: 'event',
    fileName: attachment.fileName,
    declaredType: attachment.contentType,
    contentUrl: attachment.contentUrl,
    occurredAt: timeOf(event.occurredAt),
    authorId: event.actorId,
  });
  if (itemId === undefined) return;
  const detail = { foundBy: 'event', eventId: event.eventId, ticketId, commentId, attachmentId: attachment.id };
  await audit(db, delivery, 'item.found', detail, itemId);
}

function refOf({ connection }: Delivery): { organisationId: string; connectionId: string } {
  return { organisationId: connection.organisationId, connectionId: connection.id };
}

/** Where events carry intake, the trigger is the second path: it costs a listing only where no event came in time. */
async function recordTrigger(
  db: Queryable,
  delivery: Delivery,
  { ticketId, commentId }: ParsedEvent & { type: 'trigger' },
): Promise<void> {
  if (delivery.connection.intakeMode === 'trigger') {
    return askForListing(db, delivery, ticketId, 'trigger', delivery.invocationId);
  }
  const intake = { ...refOf(delivery), ticketId, cause: 'trigger' as const, deliveryKey: delivery.invocationId };
  await insertTicketIntake(db, { ...intake, unlessAnnounced: { commentId } });
}

async function askForListing(
  db: Queryable,
  delivery: Delivery,
  ticketId: string,
  cause: 'trigger' | 'merge' | 'undeleted',
  deliveryKey: string,
): Promise<void> {
  const added = await insertTicketIntake(db, { ...refOf(delivery), ticketId, cause, deliveryKey });
  if (added) await audit(db, delivery, 'intake.listing_asked', { ticketId, cause });
}

/** A signed body that does not fit: nothing of it may be missed, so its ticket is listed where it has a number. */
async function recordUnreadable(db: Queryable, delivery: Delivery, where: string): Promise<void> {
  const ticketId = ticketIn(delivery.rawBody);
  const bytes = delivery.rawBody.length;
  await audit(db, delivery, 'intake.unreadable', { where, bytes, ...(ticketId !== undefined && { ticketId }) });
  if (ticketId !== undefined)
    await askForListing(db, delivery, ticketId, 'trigger', `unreadable:${delivery.invocationId}`);
}

/** The ticket's number, wherever in the text one of Zendesk's two forms names it; the text need not be JSON. */
function ticketIn(rawBody: Buffer): string | undefined {
  const text = rawBody.toString('utf8');
  const found = /"subject"\s*:\s*"zen:ticket:(\d{1,19})"/u.exec(text) ?? /"ticket_id"\s*:\s*"?(\d{1,19})\b/u.exec(text);
  return found?.[1];
}
