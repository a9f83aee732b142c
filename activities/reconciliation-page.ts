import { appendAuditEvent, LAZARET } from '../db/audit-events';
import type { ConnectionRef } from '../db/connection-secrets';
import { recordListed } from '../db/coverage';
import { pageKey, readKnownOfPage } from '../db/coverage-page';
import type { KnownOfPage } from '../db/coverage-page';
import { insertAttachmentItem } from '../db/items';
import type { Queryable } from '../db/pool';
import { insertTicketIntake } from '../db/ticket-intake';
import type { ExportedComment } from '../domain/channel';
import { applyText, mayLink, prepareText } from './comment-intake';
import type { TextChange } from './comment-intake';
import { tellGap } from './coverage-gap';
import type { ActivityDeps, ConnectionFacts } from './deps';
import { CLOCK_SLACK_MS } from './ticket-intake';

/** What the ledger lacks of one comment. */
interface Lack {
  comment: ExportedComment;
  files: ExportedComment['attachments'];
  text: TextChange | undefined;
  /** Only the ticket's own list can tell the rest. */
  listing: boolean;
  announced: boolean;
}

/** Compares a page of the export with the ledger and adds what is missing, with the walk's progress in one transaction. */
export async function recordComments(
  deps: ActivityDeps,
  ref: ConnectionRef,
  connection: ConnectionFacts,
  comments: readonly ExportedComment[],
  progress: (db: Queryable) => Promise<void>,
): Promise<void> {
  const since = (connection.activatedAt?.getTime() ?? 0) - CLOCK_SLACK_MS;
  const ours = comments.filter((comment) => comment.writtenAt.getTime() >= since);
  const { database } = deps;
  const known = await database.withOrganisation(ref.organisationId, (db) =>
    readKnownOfPage(db, ref.connectionId, ours),
  );
  const lacks: Lack[] = [];
  for (const comment of ours) {
    if (known.own.has(comment.commentId) || isAccounted(known, comment)) continue;
    lacks.push(await lackOf(deps, ref, known, comment));
  }
  await database.withOrganisation(ref.organisationId, async (db) => {
    for (const lack of lacks) await fill(db, ref, lack);
    await recordListed(
      db,
      ref,
      lacks.map(({ comment: { ticketId, commentId, writtenAt, attachments, ...words } }) => {
        return { ticketId, commentId, writtenAt, attachments: attachments.length, hasLinks: mayLink(words) };
      }),
    );
    await recordUnannounced(db, ref, lacks);
    await progress(db);
  });
}

function isAccounted(known: KnownOfPage, comment: ExportedComment): boolean {
  const before = known.accounted.get(pageKey(comment));
  return (
    before !== undefined && before.attachments >= comment.attachments.length && (before.hasLinks || !mayLink(comment))
  );
}

async function lackOf(
  deps: ActivityDeps,
  ref: ConnectionRef,
  known: KnownOfPage,
  comment: ExportedComment,
): Promise<Lack> {
  const { ticketId, commentId, unlisted, text, html } = comment;
  const words = { ...(text !== undefined && { text }), ...(html !== undefined && { html }) };
  const seen = { ...words, foundBy: 'export' as const, writtenAt: comment.writtenAt, authorId: comment.authorId };
  const announced = known.announced.has(pageKey(comment));
  // A comment beside a note of ours without recorded end may be that note: the listing of the ticket waits until it is known.
  if (known.inFlight.has(ticketId)) return { comment, files: [], text: undefined, listing: true, announced };
  const addresses = known.addresses.get(ticketId) ?? [];
  return {
    comment,
    files: comment.attachments.filter((file) => !known.files.has(`${ticketId}:${file.id}`)),
    text: await prepareText(deps, { ...ref, ticketId, commentId }, seen, known.texts.get(pageKey(comment))),
    listing: unlisted.some((token) => !addresses.some((address) => address.includes(token))),
    announced,
  };
}

async function fill(db: Queryable, ref: ConnectionRef, { comment, files, text, listing }: Lack): Promise<void> {
  const { ticketId, commentId, writtenAt, authorId } = comment;
  for (const file of files) {
    const itemId = await insertAttachmentItem(db, {
      ...ref,
      ticketId,
      commentId,
      attachmentId: file.id,
      foundBy: 'export',
      fileName: file.fileName,
      declaredType: file.contentType,
      contentUrl: file.contentUrl,
      occurredAt: writtenAt.toISOString(),
      authorId,
    });
    if (itemId === undefined) continue;
    const event = { organisationId: ref.organisationId, kind: 'item.found', actor: LAZARET, itemId };
    await appendAuditEvent(db, { ...event, connectionId: ref.connectionId, detail: { by: 'export' } });
  }
  if (text) await applyText(db, text);
  if (!listing) return;
  await insertTicketIntake(db, { ...ref, ticketId, cause: 'export', deliveryKey: `export:${ticketId}:${commentId}` });
}

/** What had to be added although webhooks should have told of it is a gap in what they cover. */
async function recordUnannounced(db: Queryable, ref: ConnectionRef, lacks: readonly Lack[]): Promise<void> {
  const missed = lacks.filter((lack) => !lack.announced && (lack.files.length > 0 || lack.text?.kind === 'add'));
  const times = missed.map((lack) => lack.comment.writtenAt.getTime());
  if (times.length === 0) return;
  const [beginsAt, endsAt] = [new Date(Math.min(...times)), new Date(Math.max(...times))];
  await tellGap(db, { ...ref, cause: 'not_announced', beginsAt, endsAt, comments: missed.length });
}
