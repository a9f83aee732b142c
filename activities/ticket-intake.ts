import { appendAuditEvent, LAZARET } from '../db/audit-events';
import { sealCommentText } from '../db/comment-seal';
import type { CommentText } from '../db/comment-seal';
import { insertCommentText, readCommentText } from '../db/comment-texts';
import { insertAttachmentItem } from '../db/items';
import { findBatchOfComment, findBatchesInFlight } from '../db/notes';
import type { Queryable } from '../db/pool';
import { finishIntake, insertTicketIntake, readOpenIntake } from '../db/ticket-intake';
import type { ListedComment } from '../domain/channel';
import { mayHoldLinks, mayHoldPasswords } from '../domain/link-hint';
import { isZendeskError } from '../zendesk/errors';
import type { ActivityDeps, ConnectionFacts, TicketRef } from './deps';
import { RetryLater } from './failures';

/**
 * Lists a ticket's comments, once for all that asked for it until now, and adds what the ledger lacks.
 * @returns `more` when somebody asked again meanwhile
 */
export async function listTicket(deps: ActivityDeps, ref: TicketRef): Promise<{ more: boolean }> {
  const { database } = deps;
  const asked = await database.withOrganisation(ref.organisationId, (db) =>
    readOpenIntake(db, ref.connectionId, ref.ticketId),
  );
  if (asked.length === 0) return { more: false };
  const { channel, connection } = await deps.access.open(ref);
  const comments = await listOrNone(() => channel.listComments(ref.ticketId, 'scan'));
  // Copies made by a merge stand on the other ticket, which Zendesk's event does not always name.
  const merged = asked.some((row) => row.cause === 'merge');
  const target = merged ? await channel.findMergeTarget(ref.ticketId, 'scan') : undefined;
  return database.withOrganisation(ref.organisationId, async (db) => {
    for (const comment of comments) await addComment(deps, db, ref, connection, comment);
    if (target !== undefined) await askForTarget(db, ref, target);
    await finishIntake(
      db,
      asked.map((row) => row.id),
    );
    return { more: (await readOpenIntake(db, ref.connectionId, ref.ticketId)).length > 0 };
  });
}

async function askForTarget(db: Queryable, ref: TicketRef, target: string): Promise<void> {
  const deliveryKey = `merge:${ref.ticketId}:${target}`;
  await insertTicketIntake(db, { ...ref, ticketId: target, cause: 'merge', deliveryKey });
}

async function listOrNone(list: () => Promise<ListedComment[]>): Promise<ListedComment[]> {
  try {
    return await list();
  } catch (error) {
    // A ticket that was deleted before we could look holds nothing to scan.
    if (isZendeskError(error, 'not_found')) return [];
    throw error;
  }
}

/** Zendesk's times are whole seconds of another clock: a comment of the first moment must not count as older. */
const CLOCK_SLACK_MS = 60_000;

async function addComment(
  deps: ActivityDeps,
  db: Queryable,
  ref: TicketRef,
  connection: ConnectionFacts,
  comment: ListedComment,
): Promise<void> {
  const since = (connection.activatedAt?.getTime() ?? 0) - CLOCK_SLACK_MS;
  const before = Date.parse(comment.createdAt) < since;
  const text = textOf(comment);
  if ((comment.attachments.length === 0 && !text) || before) return;
  if (await findBatchOfComment(db, ref.connectionId, comment.id)) return;
  if ((await findBatchesInFlight(db, ref.connectionId, ref.ticketId)).length > 0) {
    throw new RetryLater('OwnNoteInFlight', 'a note of ours on this ticket has no recorded end yet', 500);
  }
  if (text) await addText(deps, db, ref, comment, text);
  for (const attachment of comment.attachments) {
    if (attachment.deleted) continue;
    const itemId = await insertAttachmentItem(db, {
      organisationId: ref.organisationId,
      connectionId: ref.connectionId,
      ticketId: ref.ticketId,
      commentId: comment.id,
      attachmentId: attachment.id,
      foundBy: 'listing',
      fileName: attachment.fileName,
      declaredType: attachment.contentType,
      contentUrl: attachment.contentUrl,
      occurredAt: comment.createdAt,
      authorId: comment.authorId,
    });
    if (itemId === undefined) continue;
    const event = { organisationId: ref.organisationId, kind: 'item.found', actor: LAZARET, itemId };
    await appendAuditEvent(db, { ...event, connectionId: ref.connectionId, detail: { by: 'listing' } });
  }
}

/** What a listed comment says, where it may hold a link or a password. Links stand in the HTML with their targets. */
function textOf({ text, html }: ListedComment): CommentText | undefined {
  const words = `${text ?? ''}\n${html ?? ''}`;
  // Zendesk's own frame around a comment is no link, but every other tag may be one.
  const links = mayHoldLinks(text ?? '') || /<(?:a|area|form|iframe|meta)\b/iu.test(html ?? '');
  if (!links && !mayHoldPasswords(words)) return undefined;
  return { ...(text !== undefined && { text }), ...(html !== undefined && { html }) };
}

async function addText(
  deps: ActivityDeps,
  db: Queryable,
  ticket: TicketRef,
  comment: ListedComment,
  text: CommentText,
): Promise<void> {
  const ref = { ...ticket, commentId: comment.id };
  if (await readCommentText(db, ref)) return;
  const sealed = await sealCommentText(deps.secretBox, ref, text);
  const passwords = mayHoldPasswords(text.text ?? '');
  const row = { ...ref, foundBy: 'listing' as const, sealed, mayHoldPasswords: passwords };
  await insertCommentText(db, { ...row, occurredAt: comment.createdAt, authorId: comment.authorId });
}
