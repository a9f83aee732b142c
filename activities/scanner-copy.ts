import type { Readable } from 'node:stream';
import { appendAuditEvent, LAZARET } from '../db/audit-events';
import { updateItem } from '../db/items';
import { clearSeal, isCopyNeeded, lockObject, markSealPassing, readObject } from '../db/objects';
import type { ObjectRow } from '../db/objects';
import type { Queryable } from '../db/pool';
import type { ObjectKey } from '../db/submissions';
import type { SealWriter } from '../quarantine/sealed-store';
import type { ActivityDeps, ItemRef } from './deps';
import { keepSeal, sealRefOf } from './seal';

/**
 * Keeps the copy of a file that waits for engines. It goes with their answer, unless somebody needs it by then. The item is
 * known by its bytes from now on, so that nobody else who is done with the same bytes drops the copy under it.
 */
export async function keepPassingSeal(
  db: Queryable,
  object: ObjectRow,
  seal: SealWriter,
  itemId: string,
): Promise<ObjectRow> {
  await updateItem(db, itemId, { sha256: object.sha256, length: object.length });
  if (object.seal_key !== null) return object;
  const kept = await keepSeal(db, object, seal, itemId);
  await markSealPassing(db, object);
  return { ...kept, seal_passing: true };
}

/**
 * Drops a copy that was kept for engines only, under the object's lock. Bytes go first: a row that names a copy which is
 * gone is mended where a copy is needed, bytes without a row would stay for ever.
 * @param isDone the item is recorded in this transaction and needs no copy; false: its row tells
 */
export async function dropPassingSeal(
  deps: Pick<ActivityDeps, 'store'>,
  db: Queryable,
  object: ObjectRow,
  itemId: string,
  isDone = true,
): Promise<ObjectRow> {
  const seal = sealRefOf(object);
  if (!seal || !object.seal_passing || (await isCopyNeeded(db, object, isDone ? itemId : null))) return object;
  await deps.store.delete(seal);
  await clearSeal(db, object);
  const detail = { sha256: object.sha256, cause: 'every engine has answered' };
  const event = { organisationId: object.organisation_id, kind: 'object.dropped', actor: LAZARET, itemId };
  await appendAuditEvent(db, { ...event, detail });
  return { ...object, seal_key: null, master_key_id: null, seal_passing: false };
}

/** Bytes of a file that was just read, from its sealed copy, which is kept at the first call and not before. */
export function openAfterPass(
  deps: ActivityDeps,
  ref: ItemRef,
  read: { sha256: string; length: number; seal: SealWriter },
): () => Promise<Readable> {
  const { organisationId, itemId } = ref;
  let kept: Promise<ObjectRow> | undefined;
  return async () => {
    kept ??= deps.database.withOrganisation(organisationId, async (db) =>
      keepPassingSeal(db, await lockObject(db, organisationId, read.sha256, read.length), read.seal, itemId),
    );
    return openCopy(deps, await kept);
  };
}

/** Bytes of a file that waits, from its sealed copy. */
export function openWaiting(
  deps: Pick<ActivityDeps, 'database' | 'store'>,
  { organisationId, sha256 }: ObjectKey,
): () => Promise<Readable> {
  return async () =>
    openCopy(
      deps,
      await deps.database.withOrganisation(organisationId, (db) => readObject(db, organisationId, sha256)),
    );
}

function openCopy(deps: Pick<ActivityDeps, 'store'>, object: ObjectRow | undefined): Readable {
  const seal = sealRefOf(object);
  if (!seal) throw new Error('a file that waits for engines has no sealed copy');
  return deps.store.open(seal);
}
