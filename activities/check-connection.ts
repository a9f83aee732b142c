import type { ConnectionRef } from '../db/connection-secrets';
import { PARTS } from '../domain/connection';
import type { Part, PartName } from '../domain/connection';
import type { ZendeskClient } from '../zendesk/client';
import { isZendeskError } from '../zendesk/errors';
import { confirmAccount } from './account-record';
import { activationFailure } from './activation-problem';
import { changeConnection } from './activation-steps';
import type { ActivationDeps } from './activation-steps';
import { LANE, triggerDiffers, triggerDraft, webhookDiffers, webhookDraft } from './connection-parts';

/** Looks at a connection's parts as they are at Zendesk now. */
export function createCheckActivities(deps: ActivationDeps) {
  return {
    checkParts: async (ref: ConnectionRef): Promise<void> => {
      try {
        deps.access.forget(ref.connectionId);
        await deps.access.refreshOwnHosts(ref);
        const { client, connection } = await deps.access.open(ref);
        await confirmAccount(deps, ref, client);
        for (const name of PARTS) {
          const part = connection.parts[name];
          if (part) await checkPart(deps, ref, client, name, part);
        }
      } catch (error) {
        throw activationFailure(error, 'looking at the parts of the connection');
      }
    },
  };
}

async function checkPart(
  deps: ActivationDeps,
  ref: ConnectionRef,
  client: ZendeskClient,
  name: PartName,
  part: Part,
): Promise<void> {
  const differs = await differencesOf(deps, ref, client, name, part.id);
  const worked = await lastSuccess(client, name, part.id);
  const checkedAt = new Date().toISOString();
  await changeConnection(deps, ref, ({ parts }) => {
    const now = parts[name];
    if (now?.id !== part.id) return {};
    const known: Part = { ...now, present: differs !== undefined, asMade: differs?.length === 0, checkedAt };
    const lastWorkedAt = [now.lastWorkedAt, worked]
      .filter((time) => time !== undefined)
      .sort()
      .at(-1);
    return { parts: { ...parts, [name]: { ...known, differs: differs ?? [], lastWorkedAt } } };
  });
}

/** What differs from how it was made; undefined when it is not there. */
async function differencesOf(
  deps: ActivationDeps,
  ref: ConnectionRef,
  client: ZendeskClient,
  name: PartName,
  id: string,
): Promise<string[] | undefined> {
  try {
    if (name !== 'trigger') {
      const draft = webhookDraft(name, ref.connectionId, deps.settings.publicUrl);
      return webhookDiffers(await client.webhooks.get(id, LANE), draft);
    }
    const { connection } = await deps.access.open(ref);
    const draft = await triggerDraft(client, connection.parts.triggerWebhook?.id ?? '');
    return triggerDiffers(await client.triggers.get(id, LANE), draft);
  } catch (error) {
    if (isZendeskError(error, 'not_found')) return undefined;
    throw error;
  }
}

/** When Zendesk last delivered through this webhook with success, as its own log of seven days says. */
async function lastSuccess(client: ZendeskClient, name: PartName, id: string): Promise<string | undefined> {
  if (name === 'trigger') return undefined;
  try {
    const done = await client.webhooks.invocations(id, LANE, { status: 'success' });
    return done
      .flatMap((one) => (one.latest_completed_at ? [new Date(one.latest_completed_at).toISOString()] : []))
      .sort()
      .at(-1);
  } catch (error) {
    if (isZendeskError(error, 'not_found')) return undefined;
    throw error;
  }
}
