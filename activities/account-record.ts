import { appendAuditEvent, LAZARET } from '../db/audit-events';
import type { ConnectionRef } from '../db/connection-secrets';
import { isLiveAccountConflict, lockConnection, updateConnection } from '../db/connections';
import { isZendeskError } from '../zendesk/errors';
import type { ZendeskClient } from '../zendesk/client';
import type { ActivationDeps } from './activation-steps';
import { LANE } from './connection-parts';

/** How many of a webhook's newest deliveries are looked at. */
const NEWEST = 3;

/**
 * The account id that Zendesk's own record of a webhook's deliveries names (`GET …/invocations/{id}/attempts`, fact sheet
 * §4.5), read with the account's own sign-in. Undefined where it has no record of one. Whoever knows the webhook's secret
 * can put any id into a delivery, but not into this record.
 */
export async function recordedAccountId(client: ZendeskClient, webhookId: string): Promise<string | undefined> {
  try {
    const newest = await client.webhooks.invocations(webhookId, LANE);
    for (const { id } of newest.slice(-NEWEST).reverse()) {
      for (const attempt of await client.webhooks.attempts(webhookId, id, LANE)) {
        const header = attempt.request?.headers.find((one) => one.key.toLowerCase() === 'x-zendesk-account-id');
        if (header && /^\d{1,19}$/u.test(header.value)) return header.value;
      }
    }
    return undefined;
  } catch (error) {
    if (isZendeskError(error, 'not_found', 'forbidden', 'bad_request', 'malformed_answer')) return undefined;
    throw error;
  }
}

/** Confirms the account id of a connection by Zendesk's own record, where it has one. */
export async function confirmAccount(deps: ActivationDeps, ref: ConnectionRef, client: ZendeskClient): Promise<void> {
  const row = await deps.database.withOrganisation(ref.organisationId, (db) => lockConnection(db, ref.connectionId));
  const webhookId = row?.parts.eventWebhook?.id ?? row?.parts.triggerWebhook?.id;
  if (!row || row.accountConfirmed || row.accountId === null || webhookId === undefined) return;
  const recorded = await recordedAccountId(client, webhookId);
  if (recorded === undefined) return;
  if (recorded !== row.accountId) {
    deps.log.error({ connectionId: row.id }, "Zendesk's record names another account than the deliveries did");
    return;
  }
  try {
    await deps.database.withOrganisation(ref.organisationId, async (db) => {
      await updateConnection(db, row.id, { accountConfirmed: true });
      const event = { organisationId: ref.organisationId, kind: 'connection.account_confirmed', actor: LAZARET };
      await appendAuditEvent(db, { ...event, connectionId: row.id, detail: { accountId: recorded } });
    });
    deps.access.forget(row.id);
  } catch (error) {
    if (!isLiveAccountConflict(error)) throw error;
    deps.log.error({ connectionId: row.id }, 'another connection to this account was confirmed before');
  }
}
