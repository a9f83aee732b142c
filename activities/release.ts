import { appendAuditEvent, LAZARET } from '../db/audit-events';
import { updateItem } from '../db/items';
import { cancelOpenRelease, insertNoteEntry } from '../db/notes';
import { beginOperation, finishOperation, isOperationPending } from '../db/operations';
import type { Queryable } from '../db/pool';
import { internalNote } from '../email/note-template';
import type { ReviewProgress } from '../domain/review';
import type { ActivityDeps, ItemRef } from './deps';
import { noteRefusal, RetryLater } from './failures';
import { buildNoteBatch } from './note-freeze';
import { queueNoteMails } from './note-mails';
import { proveReturned, recordRefusedRelease, recordRelease, uploadReleases } from './note-release';
import { noteEntryFor } from './outcomes';
import { lockContext, proceed } from './progress';
import type { ItemContext } from './progress';

/**
 * Sets a file on its way back. The ticket's one writer of notes uploads, attaches and proves it; this only says so, once
 * per decision. A decision that came since takes an unfrozen release back.
 */
export async function releaseAttachment(deps: ActivityDeps, ref: ItemRef): Promise<ReviewProgress> {
  const begun = await deps.database.withOrganisation(ref.organisationId, async (db) => {
    const context = await lockContext(db, ref);
    const { item, decision } = context;
    if (decision?.verdict !== 'clean') return takeBack(db, context);
    if (item.state === 'releasing') return item.state_reason === 'follow_up' ? context : ({ step: 'done' } as const);
    if (item.state !== 'held' && item.state !== 'contained') return proceed(db, context);
    if (!context.object?.seal_key) {
      await updateItem(db, item.id, { state: 'releasing', state_reason: null });
      await recordRefusedRelease(
        db,
        ref.organisationId,
        { item_id: item.id, decision_id: decision.id },
        'sealed_copy_missing',
      );
      await insertNoteEntry(db, noteEntryFor(context, 'release_refused', decision.id));
      return { step: 'done' } as const;
    }
    const deadline = new Date(Date.now() + 60_000);
    await updateItem(db, item.id, { state: 'releasing', state_reason: null, deadline_at: deadline });
    await insertNoteEntry(db, noteEntryFor(context, 'released', decision.id));
    const event = { organisationId: ref.organisationId, kind: 'release.started', actor: LAZARET, itemId: item.id };
    await appendAuditEvent(db, { ...event, detail: { decision: decision.id } });
    return { step: 'done' } as const;
  });
  return 'item' in begun ? followUpOrRefuse(deps, ref, begun) : begun;
}

/** A newer decision stops a release that is in no note yet; one that is under way ends first and is contained again then. */
async function takeBack(db: Queryable, context: ItemContext): Promise<ReviewProgress | ItemContext> {
  const { item } = context;
  if (item.state !== 'releasing') return proceed(db, context);
  const asked = item.state_reason === 'follow_up';
  // A follow-up that was announced may exist: it is brought to its end, and its copy is contained then.
  if (asked && (await isOperationPending(db, followUpKey(item)))) return context;
  if (!asked && !(await cancelOpenRelease(db, item.id))) return { step: 'done' };
  const settled = { state: 'contained' as const, state_reason: null };
  await updateItem(db, item.id, settled);
  const event = { organisationId: item.organisation_id, kind: 'release.cancelled', actor: LAZARET, itemId: item.id };
  await appendAuditEvent(db, { ...event, detail: { decision: item.decision_id } });
  return proceed(db, { ...context, item: { ...item, ...settled } });
}

/** Named by the decision that sent the file back; a newer one makes no second follow-up. */
function followUpKey(item: ItemContext['item']): string {
  return `follow-up:${item.id}:${item.applied_decision_id ?? ''}`;
}

/** A follow-up that Zendesk will never take ends as a refused release, with the file for download. */
async function followUpOrRefuse(deps: ActivityDeps, ref: ItemRef, context: ItemContext): Promise<ReviewProgress> {
  try {
    return await followUp(deps, ref, context);
  } catch (error) {
    const reason = noteRefusal(error, true);
    if (reason === undefined) throw error;
    const entry = { item_id: ref.itemId, decision_id: context.item.applied_decision_id };
    return deps.database.withOrganisation(ref.organisationId, async (db) => {
      await recordRefusedRelease(db, ref.organisationId, entry, reason);
      return proceed(db, await lockContext(db, ref));
    });
  }
}

/** Opens a follow-up of a closed ticket with the file, on an admin's word. A repetition finds the ticket by its key. */
async function followUp(deps: ActivityDeps, ref: ItemRef, context: ItemContext): Promise<ReviewProgress> {
  const { item } = context;
  const entry = { item_id: item.id, decision_id: item.applied_decision_id };
  const ticket = { organisationId: ref.organisationId, connectionId: ref.connectionId, ticketId: item.ticket_id };
  const key = followUpKey(item);
  const said = { ...entry, id: '', kind: 'released' as const, created_at: new Date() };
  const batch = await deps.database.withOrganisation(ref.organisationId, (db) =>
    buildNoteBatch(deps, db, ticket, { key, entries: [said] }),
  );
  const { channel } = await deps.access.open(ref);
  const uploadTokens = await uploadReleases(deps, channel, ref, [entry]);
  const operation = { key, organisationId: ref.organisationId, itemId: item.id, kind: 'follow_up' };
  await deps.database.withOrganisation(ref.organisationId, (db) => beginOperation(db, operation));
  const note = await channel.createFollowUp({
    ticketId: item.ticket_id,
    subject: `Follow-up of ticket ${item.ticket_id}: a file was returned`,
    html: internalNote(batch).html,
    key,
    uploadTokens,
    lane: 'release',
  });
  await deps.checkpoint?.('follow-up-created');
  const target = { organisation_id: ref.organisationId, target_ticket_id: note.ticketId };
  const { returned } = await proveReturned(deps, channel, target, [entry], note);
  if (returned.length === 0)
    throw new RetryLater('NotProvenYet', 'the file on the follow-up does not read back yet', 1000);
  return deps.database.withOrganisation(ref.organisationId, async (db) => {
    for (const file of returned) await recordRelease(db, target, file);
    await finishOperation(db, key, { ticket: note.ticketId });
    await queueNoteMails(deps, db, ticket, batch);
    return proceed(db, await lockContext(db, ref));
  });
}
