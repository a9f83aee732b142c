import { appendAuditEvent, LAZARET } from '../db/audit-events';
import { updateItem } from '../db/items';
import { insertNoteEntry } from '../db/notes';
import type { NewNoteEntry } from '../db/notes';
import type { ReviewProgress } from '../domain/review';
import type { ItemState, StateReason } from '../domain/words';
import type { ActivityDeps, ItemRef } from './deps';
import { lockContext, proceed } from './progress';
import type { ItemContext } from './progress';

/** Entry of the ticket's note for something that happened to an item, once per cause. */
export function noteEntryFor(context: ItemContext, kind: NewNoteEntry['kind'], cause: string): NewNoteEntry {
  const { item } = context;
  return {
    organisationId: item.organisation_id,
    connectionId: item.connection_id,
    ticketId: item.ticket_id,
    itemId: item.id,
    kind,
    key: `${kind}:${item.id}:${cause}`,
    decisionId: context.decision?.id,
  };
}

/** States from which a containment may set out; in any other one it has been settled already. */
export const CONTAINABLE: readonly ItemState[] = ['waiting', 'clean', 'noted', 'refused', 'braked'];

/** Ends a containment that cannot be: the file stays where it is, and people are told so. */
export async function refuseContainment(
  deps: ActivityDeps,
  ref: ItemRef,
  reason: StateReason,
): Promise<ReviewProgress> {
  return deps.database.withOrganisation(ref.organisationId, async (db) => {
    const context = await lockContext(db, ref);
    if (!CONTAINABLE.includes(context.item.state)) return proceed(db, context);
    const decided = context.item.decision_id === null ? {} : { applied_decision_id: context.item.decision_id };
    await updateItem(db, ref.itemId, { state: 'refused', state_reason: reason, ...decided });
    const event = {
      organisationId: ref.organisationId,
      kind: 'containment.refused',
      actor: LAZARET,
      itemId: ref.itemId,
    };
    await appendAuditEvent(db, { ...event, detail: { reason } });
    await insertNoteEntry(db, noteEntryFor(context, 'refused', context.decision?.id ?? 'machine'));
    const item = { ...context.item, state: 'refused' as const, ...decided };
    return proceed(db, { ...context, item });
  });
}
