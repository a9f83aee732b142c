import { appendAuditEvent, LAZARET } from '../db/audit-events';
import { updateItem } from '../db/items';
import type { ItemRow } from '../db/items';
import type { ListedAttachment } from '../domain/channel';
import type { ReviewProgress } from '../domain/review';
import type { ActivityDeps, ItemRef } from './deps';
import { lockContext, proceed } from './progress';

/** Zendesk names a result seconds after an upload; what has none by then keeps none. */
const LONGEST_WATCH_MS = 10 * 60_000;

/**
 * Looks whether Zendesk's own scan of a returned file has ended. Its block is lifted only where the organisation switched
 * that on; elsewhere it is written down and stays.
 */
export async function watchReleased(deps: ActivityDeps, ref: ItemRef): Promise<ReviewProgress> {
  const context = await deps.database.withOrganisation(ref.organisationId, (db) => lockContext(db, ref));
  const { item } = context;
  const { channel } = await deps.access.open(ref);
  const listed = await channel.readAttachment(item.source_id, 'release');
  const young = Date.now() - item.created_at.getTime() < LONGEST_WATCH_MS;
  if (listed?.sourceScan === 'none' && young) return { step: 'watch' };
  const lift = listed?.sourceScan === 'blocked' && context.policy.liftZendeskBlock;
  if (lift) await channel.liftBlock(item.source_id, 'release');
  return deps.database.withOrganisation(ref.organisationId, async (db) => {
    const now = await lockContext(db, ref);
    const watched = { watched_at: new Date() };
    await updateItem(db, item.id, watched);
    await appendAuditEvent(db, {
      organisationId: ref.organisationId,
      kind: endOf(listed?.sourceScan, lift),
      actor: LAZARET,
      itemId: item.id,
      detail: { sourceScan: listed?.sourceScan ?? 'gone' },
    });
    return proceed(db, { ...now, item: { ...now.item, ...watched } satisfies ItemRow });
  });
}

function endOf(scan: ListedAttachment['sourceScan'] | undefined, lifted: boolean): string {
  if (scan !== 'blocked') return 'release.watched';
  return lifted ? 'release.block_lifted' : 'release.blocked_at_source';
}
