import { pipeline } from 'node:stream/promises';
import { appendAuditEvent, LAZARET } from '../db/audit-events';
import type { ItemRow } from '../db/items';
import { recordSeal } from '../db/objects';
import type { ObjectRow } from '../db/objects';
import type { Queryable } from '../db/pool';
import type { Channel } from '../domain/channel';
import type { ReviewProgress } from '../domain/review';
import type { Lane } from '../domain/words';
import type { SealRef, SealWriter } from '../quarantine/sealed-store';
import type { ActivityDeps, ItemRef } from './deps';
import { lockContext, proceed } from './progress';

/** How the store names the sealed copy of an object; undefined where none is recorded. */
export function sealRefOf(object: ObjectRow | undefined): SealRef | undefined {
  if (!object?.seal_key || !object.master_key_id) return undefined;
  return {
    organisationId: object.organisation_id,
    sha256: object.sha256,
    length: object.length,
    sealKey: object.seal_key,
    masterKeyId: object.master_key_id,
  };
}

/** Keeps a finished copy and writes down where it is, in the transaction that holds the object's lock. */
export async function keepSeal(db: Queryable, object: ObjectRow, seal: SealWriter, itemId: string): Promise<ObjectRow> {
  const kept = await seal.commit({ sha256: object.sha256, length: object.length });
  await recordSeal(db, { ...kept, organisationId: object.organisation_id });
  await appendAuditEvent(db, {
    organisationId: object.organisation_id,
    kind: 'object.sealed',
    actor: LAZARET,
    itemId,
    detail: { sha256: object.sha256, length: object.length, masterKeyId: kept.masterKeyId },
  });
  return { ...object, seal_key: kept.sealKey, master_key_id: kept.masterKeyId };
}

/**
 * Fetches an item's file again into the sealed store.
 * @returns undefined when Zendesk has other bytes now, or none
 */
export async function fetchAndSeal(
  deps: ActivityDeps,
  item: ItemRow,
  channel: Channel,
  lane: Lane,
): Promise<SealWriter | undefined> {
  const fetched = await channel.fetchBytes({
    attachmentId: item.source_id,
    contentUrl: item.content_url ?? '',
    lane,
    maxBytes: deps.settings.maxFileBytes,
  });
  if (fetched.outcome !== 'bytes') return undefined;
  const seal = deps.store.begin(item.organisation_id);
  try {
    await pipeline(fetched.body, seal.sink);
  } catch (error) {
    await seal.drop();
    throw error;
  }
  if (seal.written()?.sha256 === item.sha256) return seal;
  await seal.drop();
  return undefined;
}

/** Seals a file that was not kept, because somebody asked for an investigation of it. */
export async function preserveAttachment(deps: ActivityDeps, ref: ItemRef): Promise<ReviewProgress> {
  const { item } = await deps.database.withOrganisation(ref.organisationId, (db) => lockContext(db, ref));
  const { channel } = await deps.access.open(ref);
  const seal = await fetchAndSeal(deps, item, channel, 'release');
  try {
    return await deps.database.withOrganisation(ref.organisationId, async (db) => {
      const context = await lockContext(db, ref);
      if (context.object && !context.object.seal_key && seal) {
        const object = await keepSeal(db, context.object, seal, ref.itemId);
        return proceed(db, { ...context, object });
      }
      const detail = { cause: 'Zendesk no longer has these bytes' };
      const event = { organisationId: ref.organisationId, kind: 'object.unavailable', itemId: ref.itemId, detail };
      if (!context.object?.seal_key) await appendAuditEvent(db, { ...event, actor: LAZARET });
      const progress = await proceed(db, context);
      // Without bytes there is still a person to wait for.
      return progress.step === 'preserve' ? { step: 'hold', holdUntilMs: Date.now() + 30 * 86_400_000 } : progress;
    });
  } finally {
    await seal?.drop();
  }
}
