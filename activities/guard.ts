import { lockItem, updateItem } from '../db/items';
import type { ActivityDeps, ItemRef } from './deps';
import { asFailure, waitingReason } from './failures';
import { currentContext } from './sleep';

/** Runs one activity: heartbeats while it runs, so that a lost worker is noticed, and names its failures. */
export async function guard<T>(deps: ActivityDeps, name: string, work: () => Promise<T>): Promise<T> {
  const context = currentContext();
  const everyMs = Math.max(100, (context?.info.heartbeatTimeoutMs ?? 10_000) / 4);
  const beat = setInterval(() => context?.heartbeat(), everyMs);
  try {
    return await work();
  } catch (error) {
    const failure = asFailure(error);
    const known = describe(failure) !== 'Unexpected';
    const fields = { activity: name, attempt: context?.info.attempt, failure: describe(failure) };
    if (known) deps.log.warn(fields, 'activity failed');
    else deps.log.error({ ...fields, frames: framesOf(error) }, 'activity failed unexpectedly');
    throw failure;
  } finally {
    clearInterval(beat);
  }
}

/** Where it came from, without its text: messages of drivers repeat values. */
function framesOf(error: unknown): string[] {
  const lines = error instanceof Error ? (error.stack ?? '').split('\n') : [];
  return lines
    .filter((line) => line.startsWith('    at '))
    .slice(0, 12)
    .map((line) => line.trim());
}

function describe(failure: unknown): string {
  if (!(failure instanceof Error)) return 'unknown';
  return 'type' in failure && typeof failure.type === 'string' ? failure.type : failure.name;
}

/** As {@link guard}, and shows on the item why it waits while Zendesk cannot be reached. */
export function guardItem<T>(deps: ActivityDeps, name: string, ref: ItemRef, work: () => Promise<T>): Promise<T> {
  return guard(deps, name, async () => {
    try {
      return await work();
    } catch (error) {
      const reason = waitingReason(error);
      if (reason !== undefined) await showWaiting(deps, ref, reason);
      throw error;
    }
  });
}

async function showWaiting(deps: ActivityDeps, ref: ItemRef, reason: NonNullable<ReturnType<typeof waitingReason>>) {
  await deps.database.withOrganisation(ref.organisationId, async (db) => {
    const item = await lockItem(db, ref.itemId);
    if (!item || !['pending', 'scanning', 'waiting'].includes(item.state)) return;
    // What waits for engines is woken by this very reason.
    if (item.state === 'waiting' && (item.state_reason === reason || item.state_reason === 'scanner')) return;
    await updateItem(db, item.id, { state: 'waiting', state_reason: reason });
  });
}
