import { appendAuditEvent, LAZARET } from '../db/audit-events';
import { updateItem } from '../db/items';
import { readDecision } from '../db/objects';
import { isUuid } from '../db/pool';
import type { ReviewProgress } from '../domain/review';
import type { ActivityDeps, ItemRef } from './deps';
import { lockContext, proceed } from './progress';

/**
 * Acts upon the newest decision about an item's bytes. The message only wakes: an id without a row for this object is
 * written down and ignored, and a late message about an older decision changes nothing.
 */
export function applyDecision(deps: ActivityDeps, ref: ItemRef & { decisionId: string }): Promise<ReviewProgress> {
  return deps.database.withOrganisation(ref.organisationId, async (db) => {
    const context = await lockContext(db, ref);
    const decision = isUuid(ref.decisionId) ? await readDecision(db, ref.decisionId) : undefined;
    if (decision?.sha256 !== context.item.sha256 || context.item.sha256 === null) {
      deps.log.warn({ item: ref.itemId }, 'a message named a decision that does not exist for these bytes; ignored');
      const event = {
        organisationId: ref.organisationId,
        kind: 'decision.unknown',
        actor: LAZARET,
        itemId: ref.itemId,
      };
      await appendAuditEvent(db, event);
    }
    return proceed(db, context);
  });
}

/** Notes that somebody asked for a look; the workflow then waits for the answer. */
export function openInvestigation(
  deps: ActivityDeps,
  ref: ItemRef & { investigationId: string },
): Promise<ReviewProgress> {
  return deps.database.withOrganisation(ref.organisationId, async (db) => {
    const context = await lockContext(db, ref);
    const asked = context.item.investigation_id;
    if (asked !== null) await updateItem(db, ref.itemId, { applied_investigation_id: asked });
    return proceed(db, context);
  });
}

/** Nobody decided within the retention: the file stays out of the ticket, and the wait ends. */
export function endHold(deps: ActivityDeps, ref: ItemRef): Promise<ReviewProgress> {
  return deps.database.withOrganisation(ref.organisationId, async (db) => {
    const context = await lockContext(db, ref);
    // A decision that nobody has delivered yet goes before the end of the wait.
    if (context.item.decision_id !== context.item.applied_decision_id) return proceed(db, context);
    if (context.item.state === 'held') {
      await updateItem(db, ref.itemId, { state: 'contained', state_reason: null, deadline_at: null });
      const event = { organisationId: ref.organisationId, kind: 'hold.ended', actor: LAZARET, itemId: ref.itemId };
      await appendAuditEvent(db, { ...event, detail: { retentionDays: context.policy.retentionDays } });
    }
    return { step: 'done' };
  });
}
