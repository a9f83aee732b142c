import { updateItem } from '../db/items';
import type { ItemRow } from '../db/items';
import { beginOperation } from '../db/operations';
import type { Channel } from '../domain/channel';
import type { ReviewProgress } from '../domain/review';
import { SealError } from '../quarantine/seal-error';
import type { ActivityDeps, ItemRef } from './deps';
import { RetryLater } from './failures';
import { CONTAINABLE, refuseContainment } from './outcomes';
import { isContainmentWanted, lockContext, proceed, redactionKey } from './progress';
import type { ItemContext } from './progress';
import { redactGroup, settleSpared } from './redaction';
import { fetchAndSeal, keepSeal, sealRefOf } from './seal';
import { sleep } from './sleep';

/**
 * Seal → verify the seal → redact → prove that it is gone. Items of one comment are redacted together by whichever of
 * their activities holds the comment's lock; the others see the outcome on their row. Where nobody wants the file out any
 * more, a redaction that may have been sent is looked into before the file is called spared.
 */
export async function containAttachment(deps: ActivityDeps, ref: ItemRef): Promise<ReviewProgress> {
  let now = await makeReady(deps, ref);
  if ('step' in now) return now;
  const ready = now.item;
  const { channel } = await deps.access.open(ref);
  const lock = `redaction:${ref.connectionId}:${ready.ticket_id}:${ready.comment_id}`;
  for (let turn = 0; ; turn += 1) {
    if (turn > 0) {
      // The turn before changed nothing: somebody else leads, or nothing could be done yet.
      await sleep(Math.min(20 * 2 ** (turn - 1), 250));
      now = await stillWaiting(deps, ref);
      if ('step' in now) return now;
    }
    const work = isContainmentWanted(now) ? redactGroup : settleSpared;
    await deps.database.tryExclusive(lock, (held) => work(deps, ready, channel, held));
    now = await stillWaiting(deps, ref);
    if ('step' in now) return now;
  }
}

async function stillWaiting(deps: ActivityDeps, ref: ItemRef): Promise<ItemContext | ReviewProgress> {
  return deps.database.withOrganisation(ref.organisationId, async (db) => {
    const context = await lockContext(db, ref);
    return context.item.state === 'waiting' ? context : proceed(db, context);
  });
}

/** A sealed copy that was just read back and compared, and the operation written down; or the step that replaces it. */
async function makeReady(deps: ActivityDeps, ref: ItemRef): Promise<ItemContext | ReviewProgress> {
  const context = await deps.database.withOrganisation(ref.organisationId, async (db) => {
    const seen = await lockContext(db, ref);
    if (isContainable(seen)) return seen;
    const next = await proceed(db, seen);
    return next.step === 'contain' && seen.item.state === 'waiting' ? seen : next;
  });
  if ('step' in context || !isContainable(context)) return context;
  const { item } = context;
  if (!(await hasVerifiedSeal(deps, ref, context))) return refuseContainment(deps, ref, 'sealed_copy_missing');
  return deps.database.withOrganisation(ref.organisationId, async (db) => {
    const now = await lockContext(db, ref);
    // Reading the copy back takes a while: another attempt may have gone on, or an analyst may have decided.
    if (!isContainable(now)) return proceed(db, now);
    const operation = {
      key: redactionKey(item.id),
      organisationId: item.organisation_id,
      itemId: item.id,
      kind: 'redact',
    };
    await Promise.all([
      beginOperation(db, operation),
      updateItem(db, item.id, {
        state: 'waiting',
        state_reason: 'containing',
        deadline_at: new Date(Date.now() + 60_000),
      }),
    ]);
    return { ...now, item: { ...now.item, state: 'waiting' as const } };
  });
}

function isContainable(context: ItemContext): boolean {
  return CONTAINABLE.includes(context.item.state) && isContainmentWanted(context);
}

/** Fetches and seals what was not kept, then reads the copy back and compares it, before anything is taken away. */
async function hasVerifiedSeal(deps: ActivityDeps, ref: ItemRef, { item, object }: ItemContext): Promise<boolean> {
  if (item.sha256 === null) return false;
  let seal = sealRefOf(object);
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    if (seal && (await isIntact(deps, seal, ref))) {
      await deps.checkpoint?.('seal-verified');
      return true;
    }
    const { channel } = await deps.access.open(ref);
    if (!(await sealAgain(deps, ref, item, channel))) return false;
    await deps.checkpoint?.('sealed');
    seal = sealRefOf(
      await deps.database.withOrganisation(ref.organisationId, async (db) => (await lockContext(db, ref)).object),
    );
  }
  throw new RetryLater('SealUnverified', 'the sealed copy that was just written does not verify; nothing was redacted');
}

async function isIntact(
  deps: ActivityDeps,
  seal: NonNullable<ReturnType<typeof sealRefOf>>,
  ref: ItemRef,
): Promise<boolean> {
  try {
    await deps.store.verify(seal);
    return true;
  } catch (error) {
    // A copy that is damaged or gone may be made anew while the file is still in the ticket; any other trouble is retried.
    if (!(error instanceof SealError) || error.kind === 'io' || error.kind === 'unknown_master_key') throw error;
    deps.log.error({ item: ref.itemId, seal: error.kind }, 'sealed copy does not verify');
    return false;
  }
}

async function sealAgain(deps: ActivityDeps, ref: ItemRef, item: ItemRow, channel: Channel): Promise<boolean> {
  const seal = await fetchAndSeal(deps, item, channel, 'redact');
  if (!seal) return false;
  try {
    await deps.database.withOrganisation(ref.organisationId, async (db) => {
      const { object } = await lockContext(db, ref);
      if (object) await keepSeal(db, object, seal, ref.itemId);
    });
    return true;
  } finally {
    await seal.drop();
  }
}
