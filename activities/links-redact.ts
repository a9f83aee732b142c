import { appendAuditEvent, LAZARET } from '../db/audit-events';
import type { CommentRef } from '../db/comment-texts';
import { updateItem } from '../db/items';
import type { ItemRow } from '../db/items';
import { lockCommentLinks } from '../db/links';
import { insertNoteEntry } from '../db/notes';
import { beginOperation, finishOperation } from '../db/operations';
import type { Channel } from '../domain/channel';
import { findWhole } from '../domain/link-text';
import { escapeHtml } from '../domain/text';
import type { StateReason } from '../domain/words';
import { isZendeskError } from '../zendesk/errors';
import type { ActivityDeps } from './deps';
import { RetryLater } from './failures';
import { readFullLinks } from './links';
import { tellOfLinks } from './links-note';
import { redactionKey } from './progress';

/** A link that has to go, with every way in which the comment may write it. */
interface Target {
  item: ItemRow;
  written: string[];
}

/**
 * Takes malicious links out of a comment's text. The full link was sealed before; the help desk's own list proves that it
 * is gone. What cannot be taken out is told on the ticket.
 */
export async function redactLinks(deps: ActivityDeps, ref: CommentRef): Promise<void> {
  const targets = await begin(deps, ref);
  if (targets.length === 0) return;
  const { channel } = await deps.access.open(ref);
  const done = await deps.database.tryExclusive(`links:${ref.connectionId}:${ref.commentId}`, async () => {
    const refusal = await redact(channel, ref, targets);
    const listed = refusal === undefined ? await channel.listComments(ref.ticketId, 'redact', ref.commentId) : [];
    const now = listed.find((comment) => comment.id === ref.commentId);
    await finish(deps, ref, targets, (target) => {
      if (refusal !== undefined) return refusal;
      const all = `${now?.text ?? ''}\n${now?.html ?? ''}`;
      const live = target.written.some((one) => [one, escapeHtml(one)].some((way) => findWhole(all, way).length > 0));
      return live || target.written.length === 0 ? 'redacted_url_live' : undefined;
    });
    return true;
  });
  if (done !== true) throw new RetryLater('OutcomeUnknown', 'another attempt takes links out of this comment', 1000);
}

async function begin(deps: ActivityDeps, ref: CommentRef): Promise<Target[]> {
  return deps.database.withOrganisation(ref.organisationId, async (db) => {
    const waiting = (await lockCommentLinks(db, ref)).filter((item) => item.state === 'waiting');
    if (waiting.length === 0) return [];
    const links = await readFullLinks(deps, db, ref);
    for (const item of waiting) {
      const operation = { key: redactionKey(item.id), organisationId: ref.organisationId, itemId: item.id };
      await beginOperation(db, { ...operation, kind: 'redact' });
    }
    return waiting.map((item) => {
      const link = links[item.id];
      return { item, written: link ? waysOf(link.url, link.shown) : [] };
    });
  });
}

/** As a URL, as it stood in the text, and without a scheme that nobody wrote. */
function waysOf(url: string, shown: string | undefined): string[] {
  const bare = url.replace(/^https?:\/\//u, '');
  const ways = [url, bare, bare.replace(/\/$/u, ''), ...(shown === undefined ? [] : [shown])];
  return [...new Set(ways)].filter((one) => one.length > 3);
}

async function redact(channel: Channel, ref: CommentRef, targets: readonly Target[]): Promise<StateReason | undefined> {
  try {
    const texts = targets.flatMap((target) => target.written);
    await channel.redactText({ ticketId: ref.ticketId, commentId: ref.commentId, texts });
    return undefined;
  } catch (error) {
    if (isZendeskError(error, 'forbidden', 'missing_scope')) return 'redaction_forbidden';
    if (isZendeskError(error, 'not_found')) return 'ticket_gone';
    if (isZendeskError(error, 'ticket_closed', 'record_invalid', 'bad_request')) return 'redaction_unavailable';
    throw error;
  }
}

async function finish(
  deps: ActivityDeps,
  ref: CommentRef,
  targets: readonly Target[],
  refusalOf: (target: Target) => StateReason | undefined,
): Promise<void> {
  const { organisationId, connectionId, ticketId } = ref;
  await deps.database.withOrganisation(organisationId, async (db) => {
    const now = await lockCommentLinks(db, ref);
    const refused: string[] = [];
    for (const target of targets) {
      const item = now.find((one) => one.id === target.item.id);
      if (item?.state !== 'waiting') continue;
      const refusal = refusalOf(target);
      const event = { organisationId, actor: LAZARET, itemId: item.id };
      if (refusal !== undefined) {
        refused.push(item.id);
        await updateItem(db, item.id, { state: 'refused', state_reason: refusal, deadline_at: null });
        await appendAuditEvent(db, { ...event, kind: 'containment.refused', detail: { reason: refusal } });
        continue;
      }
      const decided = item.decision_id !== null;
      const state = decided ? ('contained' as const) : ('held' as const);
      await updateItem(db, item.id, { state, state_reason: null, contained_at: new Date(), deadline_at: null });
      await finishOperation(db, redactionKey(item.id), { byUs: true });
      await appendAuditEvent(db, {
        ...event,
        kind: 'item.contained',
        detail: { proof: 'the text no longer holds it' },
      });
      const key = `link_redacted:${item.id}`;
      await insertNoteEntry(db, {
        organisationId,
        connectionId,
        ticketId,
        itemId: item.id,
        kind: 'link_redacted',
        key,
      });
    }
    await tellOfLinks(db, ref, refused);
  });
}
