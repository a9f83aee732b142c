import { appendAuditEvent, LAZARET } from '../db/audit-events';
import { TICKET_TEXT } from '../db/comment-texts';
import type { CommentRef } from '../db/comment-texts';
import { updateItem } from '../db/items';
import type { ItemChange, ItemRow } from '../db/items';
import { lockCommentLinks } from '../db/links';
import { insertNoteEntry } from '../db/notes';
import type { Queryable } from '../db/pool';
import { readPolicy } from '../db/policies';
import type { Policy } from '../domain/policy';
import type { ItemState } from '../domain/words';
import { tellOfLinks } from './links-note';

/**
 * Acts upon decisions about the links of a comment: what is malicious is told or taken out as policy says, what is clean
 * again is stated in a note where it had been taken out. @returns whether something waits to be taken out
 */
export async function settleLinks(db: Queryable, ref: CommentRef): Promise<{ redact: boolean }> {
  const items = await lockCommentLinks(db, ref);
  const { policy } = await readPolicy(db, ref.organisationId);
  let redact = false;
  for (const item of items) {
    const decided = item.decision_id !== null && item.decision_id !== item.applied_decision_id;
    const state = decided ? await settleOne(db, ref, item, policy) : item.state;
    if (state === 'waiting') redact = true;
    if (item.investigation_id !== item.applied_investigation_id && item.investigation_id !== null) {
      await updateItem(db, item.id, { applied_investigation_id: item.investigation_id, deadline_at: null });
    }
  }
  return { redact };
}

async function settleOne(db: Queryable, ref: CommentRef, item: ItemRow, policy: Policy): Promise<ItemState> {
  const to = stateFor(ref, item, policy);
  const change: ItemChange = { state: to, state_reason: to === 'waiting' ? 'containing' : null, deadline_at: null };
  await updateItem(db, item.id, {
    ...change,
    ...(item.decision_id !== null && { applied_decision_id: item.decision_id }),
    ...(to === 'released' && { released_at: new Date() }),
  });
  if (to !== item.state) {
    const detail = { from: item.state, to, decision: item.decision_id };
    const event = { organisationId: ref.organisationId, kind: 'item.settled', actor: LAZARET, itemId: item.id };
    await appendAuditEvent(db, { ...event, detail });
  }
  if (to === 'released' && item.state !== 'released') await stateAgain(db, ref, item);
  if (to === 'noted' && item.verdict === 'malicious') await tellOfLinks(db, ref, [item.id]);
  return to;
}

/** A decision about a link is an analyst's order: monitor-only mode does not hold it back, the subject of a ticket does. */
function stateFor(ref: CommentRef, item: ItemRow, policy: Policy): ItemState {
  const out = item.state === 'contained' || item.state === 'held';
  switch (item.verdict) {
    case 'clean':
      return out ? 'released' : item.state === 'released' ? 'released' : 'clean';
    case 'malicious': {
      if (out || item.state === 'released') return 'contained';
      return policy.maliciousLink === 'redact' && ref.commentId !== TICKET_TEXT ? 'waiting' : 'noted';
    }
    case 'suspicious':
      return out ? 'contained' : 'noted';
    case 'unscannable':
    case 'pending':
      return item.state;
    default:
      return item.verdict satisfies never;
  }
}

async function stateAgain(db: Queryable, ref: CommentRef, item: ItemRow): Promise<void> {
  const key = `link_restored:${item.id}:${item.decision_id ?? ''}`;
  const { organisationId, connectionId, ticketId } = ref;
  const entry = { organisationId, connectionId, ticketId, itemId: item.id, kind: 'link_restored' as const, key };
  await insertNoteEntry(db, { ...entry, decisionId: item.decision_id ?? undefined });
}
