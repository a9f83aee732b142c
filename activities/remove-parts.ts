import type { ConnectionRef } from '../db/connection-secrets';
import { findConnection } from '../db/connections';
import type { ConnectionRow } from '../db/connections';
import { accountFactsSchema, PARTS } from '../domain/connection';
import type { PartName, Parts } from '../domain/connection';
import type { ZendeskClient } from '../zendesk/client';
import { isZendeskError } from '../zendesk/errors';
import { changeConnection } from './activation-steps';
import type { ActivationDeps } from './activation-steps';
import {
  deleteTrigger,
  deleteWebhook,
  findTriggers,
  findWebhooks,
  webhookDraft,
  withPartsLock,
} from './connection-parts';
import { asFailure, isReconnectNeeded } from './failures';
import { loadConnection } from './token-renewal';

/** True while somebody wants this connection taken down and no later activation was confirmed. */
export function isLeaving(row: ConnectionRow | undefined): row is ConnectionRow {
  return row !== undefined && row.deactivationAskedAt !== null && ['connected', 'reconnect_needed'].includes(row.state);
}

/** A newer activation was confirmed meanwhile: nothing of it may be removed. */
class NoLongerWanted extends Error {
  override readonly name = 'NoLongerWanted';
}

/**
 * Removes webhooks and trigger at Zendesk: all of them while a deactivation is wanted, or what an activation has not
 * settled. What a dead sign-in cannot remove is written down on the connection.
 */
export async function removeParts(deps: ActivationDeps, ref: ConnectionRef, which: 'all' | 'unsettled'): Promise<void> {
  try {
    await withPartsLock(deps, ref, () => removeUnderLock(deps, ref, which));
  } catch (error) {
    if (!(error instanceof NoLongerWanted)) throw asFailure(error);
    deps.log.info({ connectionId: ref.connectionId }, 'deactivation stopped: the channel was activated again');
  }
}

async function removeUnderLock(deps: ActivationDeps, ref: ConnectionRef, which: 'all' | 'unsettled'): Promise<void> {
  const stillWanted = async (): Promise<void> => {
    if (which === 'unsettled') return;
    const now = await deps.database.withOrganisation(ref.organisationId, (db) => findConnection(db, ref.connectionId));
    if (!isLeaving(now)) throw new NoLongerWanted();
  };
  await stillWanted();
  deps.access.forget(ref.connectionId);
  const row = await loadConnection(deps.database, ref);
  const kept = (name: PartName): string | undefined => {
    const part = row.parts[name];
    return which === 'unsettled' && part?.settled ? part.id : undefined;
  };
  try {
    const { client } = await deps.access.openAnyway(ref);
    await removeAtZendesk({ deps, ref, client, row, kept, stillWanted });
  } catch (error) {
    if (!isDead(error) && !isZendeskError(error, 'forbidden', 'missing_scope')) throw error;
    const left = PARTS.filter((name) => row.parts[name] && kept(name) === undefined);
    const leftBehind = leftBehindSentences(row.parts, left, 'Zendesk no longer accepts the sign-in');
    await changeConnection(deps, ref, ({ account }) => ({
      account: { ...(account ?? accountFactsSchema.parse({})), leftBehind },
    }));
    return;
  }
  await changeConnection(deps, ref, ({ parts, account }) => {
    const still: Parts = {};
    for (const name of PARTS) if (parts[name] && kept(name) !== undefined) still[name] = parts[name];
    return { parts: still, ...(which === 'all' && account && { account: { ...account, leftBehind: [] } }) };
  });
}

/** True where the sign-in is dead, so that nothing can be removed at Zendesk any more. */
function isDead(error: unknown): boolean {
  return (
    isReconnectNeeded(error) || isZendeskError(error, 'token_dead', 'unauthorised', 'invalid_grant', 'unknown_host')
  );
}

interface Removal {
  deps: ActivationDeps;
  ref: ConnectionRef;
  client: ZendeskClient;
  row: ConnectionRow;
  kept: (name: PartName) => string | undefined;
  /** @throws NoLongerWanted */
  stillWanted: () => Promise<void>;
}

/** Triggers first: Zendesk may refuse to delete a webhook that a trigger calls. */
async function removeAtZendesk({ deps, ref, client, row, kept, stillWanted }: Removal): Promise<void> {
  const webhooks: { id: string; keep: boolean }[] = [];
  for (const name of ['eventWebhook', 'triggerWebhook'] as const) {
    const draft = webhookDraft(name, ref.connectionId, deps.settings.publicUrl);
    for (const { id } of await findWebhooks(client, draft)) webhooks.push({ id, keep: kept(name) === id });
  }
  const ours = { webhookIds: webhooks.map((one) => one.id), knownId: row.parts.trigger?.id };
  for (const trigger of await findTriggers(client, ours)) {
    if (trigger.id === kept('trigger')) continue;
    await stillWanted();
    await deleteTrigger(client, trigger.id);
  }
  await deps.checkpoint?.('trigger removed');
  for (const webhook of webhooks) {
    if (webhook.keep) continue;
    await stillWanted();
    await deleteWebhook(client, webhook.id);
  }
}

const WHAT: Record<PartName, string> = {
  eventWebhook: 'The event webhook',
  triggerWebhook: 'The trigger webhook',
  trigger: 'The trigger',
};

/** What a person has to remove at Zendesk, one sentence a part. `because` goes on from "because". */
export function leftBehindSentences(parts: Parts, names: readonly PartName[], because: string): string[] {
  return names.map((name) => {
    const where =
      name === 'trigger'
        ? 'Objects and rules → Business rules → Triggers'
        : 'Apps and integrations → Actions and webhooks → Webhooks';
    const what = `${WHAT[name]} ${parts[name]?.id ?? ''}`;
    return `${what} could not be removed, because ${because}. Remove it in the Admin Center: ${where}.`;
  });
}
