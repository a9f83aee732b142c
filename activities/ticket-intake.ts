import { appendAuditEvent, LAZARET } from '../db/audit-events';
import { readCommentText } from '../db/comment-texts';
import { recordListed } from '../db/coverage';
import { insertAttachmentItem } from '../db/items';
import { findBatchOfComment, findBatchesInFlight } from '../db/notes';
import type { Queryable } from '../db/pool';
import { finishIntake, insertTicketIntake, readOpenIntake } from '../db/ticket-intake';
import type { ListedComment } from '../domain/channel';
import { mayHoldPasswords } from '../domain/link-hint';
import { isZendeskError } from '../zendesk/errors';
import { applyText, mayLink, prepareText } from './comment-intake';
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
export const CLOCK_SLACK_MS = 60_000;

async function addComment(
  deps: ActivityDeps,
  db: Queryable,
  ref: TicketRef,
  connection: ConnectionFacts,
  comment: ListedComment,
): Promise<void> {
  const since = (connection.activatedAt?.getTime() ?? 0) - CLOCK_SLACK_MS;
  const before = Date.parse(comment.createdAt) < since;
  const hasText = mayLink(comment) || mayHoldPasswords(`${comment.text ?? ''}\n${comment.html ?? ''}`);
  if ((comment.attachments.length === 0 && !hasText) || before) return;
  if (await findBatchOfComment(db, ref.connectionId, comment.id)) return;
  if ((await findBatchesInFlight(db, ref.connectionId, ref.ticketId)).length > 0) {
    throw new RetryLater('OwnNoteInFlight', 'a note of ours on this ticket has no recorded end yet', 500);
  }
  if (hasText) await addText(deps, db, ref, comment);
  const files = comment.attachments.filter((one) => !one.deleted);
  const covered = { ticketId: ref.ticketId, commentId: comment.id, writtenAt: new Date(comment.createdAt) };
  await recordListed(db, ref, [{ ...covered, attachments: files.length, hasLinks: mayLink(comment) }]);
  for (const attachment of files) {
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

async function addText(deps: ActivityDeps, db: Queryable, ticket: TicketRef, comment: ListedComment): Promise<void> {
  const ref = { ...ticket, commentId: comment.id };
  const seen = { ...comment, foundBy: 'listing' as const, writtenAt: new Date(comment.createdAt) };
  const change = await prepareText(deps, ref, seen, await readCommentText(db, ref));
  if (change) await applyText(db, change);
}
