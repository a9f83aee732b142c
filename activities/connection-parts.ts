import type { ConnectionRef } from '../db/connection-secrets';
import type { Database } from '../db/pool';
import { shortConnectionId } from '../domain/connection';
import type { Part } from '../domain/connection';
import { isZendeskError } from '../zendesk/errors';
import type { ZendeskClient } from '../zendesk/client';
import type { Trigger, Webhook } from '../zendesk/schemas-account';
import type { TriggerDraft } from '../zendesk/triggers';
import { TRIGGER_SUBSCRIPTION } from '../zendesk/webhooks';
import type { WebhookDraft } from '../zendesk/webhooks';
import { RetryLater } from './failures';
import { sleep } from './sleep';

/** Activation and checks are asked for by a person who waits. */
export const LANE = 'release';
export const TRIGGER_TITLE = 'Lazaret Trigger';
/** Ids only: placeholders are not escaped for JSON (zendesk-api.md §5). */
export const TRIGGER_BODY = '{"ticket_id":"{{ticket.id}}","comment_id":"{{ticket.latest_comment.id}}"}';
const EVENTS = [
  'zen:event-type:ticket.attachment_linked_to_comment',
  'zen:event-type:ticket.comment_added',
  'zen:event-type:ticket.created',
  'zen:event-type:ticket.attachment_redacted_from_comment',
  'zen:event-type:ticket.merged',
  'zen:event-type:ticket.undeleted',
];

export type WebhookPart = 'eventWebhook' | 'triggerWebhook';

/** The webhook as it has to be at Zendesk. Its name tells it from those of other installations. */
export function webhookDraft(part: WebhookPart, connectionId: string, publicUrl: string): WebhookDraft {
  const events = part === 'eventWebhook';
  return {
    name: `Lazaret ${events ? 'events' : 'trigger'} [${shortConnectionId(connectionId)}]`,
    description: 'Made by Lazaret. Removing it stops the scanning of attachments.',
    endpoint: `${publicUrl}/hooks/zendesk/${connectionId}`,
    subscriptions: events ? EVENTS : [TRIGGER_SUBSCRIPTION],
  };
}

/** Names of what differs between a webhook and its draft; empty when it is as it was made. */
export function webhookDiffers(webhook: Webhook, draft: WebhookDraft): string[] {
  const differs: string[] = [];
  if (webhook.endpoint !== draft.endpoint) differs.push('endpoint');
  if (webhook.status !== 'active') differs.push('status');
  if (webhook.http_method.toUpperCase() !== 'POST') differs.push('http_method');
  if (webhook.request_format !== 'json') differs.push('request_format');
  if (!sameSet(webhook.subscriptions, draft.subscriptions)) differs.push('subscriptions');
  return differs;
}

function sameSet(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((value) => other.includes(value));
}

/** All webhooks at Zendesk that carry the draft's name; ours, whoever made them. */
export async function findWebhooks(client: ZendeskClient, draft: WebhookDraft): Promise<Webhook[]> {
  const listed = await client.webhooks.list(LANE, draft.name);
  return listed.filter((webhook) => webhook.name === draft.name);
}

/**
 * Brings about exactly one webhook as drafted: adopts the one that is there, repairs it, removes doubles, or makes it.
 * An earlier answer that was lost is found by its name, so a repetition doubles nothing.
 */
export async function ensureWebhook(client: ZendeskClient, draft: WebhookDraft, knownId?: string): Promise<Webhook> {
  const found = await findWebhooks(client, draft);
  const viaTrigger = draft.subscriptions.includes(TRIGGER_SUBSCRIPTION);
  // How a webhook is connected cannot be changed: one of the other kind is of no use.
  const usable = found.filter((webhook) => webhook.subscriptions.includes(TRIGGER_SUBSCRIPTION) === viaTrigger);
  const chosen = usable.find((webhook) => webhook.id === knownId) ?? usable[0];
  for (const extra of found) if (extra !== chosen) await deleteWebhook(client, extra.id);
  if (!chosen) return client.webhooks.create(draft, LANE);
  if (webhookDiffers(chosen, draft).length === 0) return chosen;
  await client.webhooks.replace(chosen.id, draft, LANE);
  return { ...chosen, ...draft, subscriptions: [...draft.subscriptions], status: 'active' };
}

/** The webhook that a trigger calls, or undefined. */
export function webhookOfTrigger(trigger: Trigger): string | undefined {
  const action = trigger.actions.find((one) => one.field === 'notification_webhook');
  const first: unknown = Array.isArray(action?.value) ? action.value[0] : undefined;
  return typeof first === 'string' ? first : undefined;
}

/** Names of what differs between a trigger and its draft. */
export function triggerDiffers(trigger: Trigger, draft: TriggerDraft): string[] {
  const differs: string[] = [];
  const action = trigger.actions.find((one) => one.field === 'notification_webhook');
  const value: unknown[] = Array.isArray(action?.value) ? action.value : [];
  if (!trigger.active) differs.push('active');
  if (value[0] !== draft.webhookId) differs.push('webhook');
  if (value[1] !== draft.payload || trigger.actions.length !== 1) differs.push('actions');
  const flat = (list: readonly { field: string; operator?: string | null | undefined; value?: unknown }[]): string =>
    JSON.stringify(list.map((one) => [one.field, one.operator ?? '', String(one.value ?? '')]).sort());
  if (flat(trigger.conditions.all) !== flat(draft.conditions.all)) differs.push('conditions');
  if (flat(trigger.conditions.any) !== flat(draft.conditions.any)) differs.push('conditions');
  return [...new Set(differs)];
}

/**
 * Triggers named {@link TRIGGER_TITLE} that are ours: they call one of our webhooks, are recorded, or call a webhook that
 * no longer exists.
 */
export async function findTriggers(
  client: ZendeskClient,
  ours: { webhookIds: readonly string[]; knownId?: string | undefined },
): Promise<Trigger[]> {
  const titled = (await client.triggers.search(TRIGGER_TITLE, LANE)).filter((one) => one.title === TRIGGER_TITLE);
  if (titled.length === 0) return [];
  const alive = new Set((await client.webhooks.list(LANE)).map((webhook) => webhook.id));
  return titled.filter((trigger) => {
    const webhookId = webhookOfTrigger(trigger);
    if (trigger.id === ours.knownId) return true;
    return webhookId !== undefined && (ours.webhookIds.includes(webhookId) || !alive.has(webhookId));
  });
}

/** As {@link ensureWebhook}, for the trigger. */
export async function ensureTrigger(client: ZendeskClient, draft: TriggerDraft, knownId?: string): Promise<Trigger> {
  const found = await findTriggers(client, { webhookIds: [draft.webhookId], knownId });
  const chosen = found.find((one) => one.id === knownId) ?? found[0];
  for (const extra of found) if (extra !== chosen) await deleteTrigger(client, extra.id);
  if (!chosen) return client.triggers.create(draft, LANE);
  return triggerDiffers(chosen, draft).length === 0 ? chosen : client.triggers.replace(chosen.id, draft, LANE);
}

/**
 * The trigger as this account can have it. The words of the condition "has an attachment" are read from the account; where
 * it has none, every new comment calls, and the listing finds out.
 */
export async function triggerDraft(client: ZendeskClient, webhookId: string): Promise<TriggerDraft> {
  const { all } = await client.triggers.conditionDefinitions(LANE);
  const definition = all.find((one) => one.subject === 'attachment');
  const operator = definition?.operators.find((one) => one.value === 'is') ?? definition?.operators[0];
  const values = (definition?.values ?? []).filter((one) => one.enabled && typeof one.value === 'string');
  const value = values.find((one) => one.value === 'present') ?? values[0];
  const known = operator !== undefined && typeof value?.value === 'string';
  return {
    title: TRIGGER_TITLE,
    description: 'Made by Lazaret: tells it of comments with attachments. It changes nothing on the ticket.',
    conditions: known
      ? { all: [{ field: 'attachment', operator: operator.value, value: String(value.value) }], any: [] }
      : { all: [], any: ['Create', 'Change'].map((kind) => ({ field: 'update_type', operator: 'is', value: kind })) },
    webhookId,
    payload: TRIGGER_BODY,
  };
}

/** Deletes a webhook and the triggers of ours that call it; one that is gone already is as good. */
export async function deleteWebhook(client: ZendeskClient, id: string): Promise<void> {
  try {
    await client.webhooks.delete(id, LANE).catch(ignoreGone);
  } catch (error) {
    // Zendesk keeps a webhook that an active trigger calls.
    if (!isZendeskError(error, 'bad_request', 'record_invalid')) throw error;
    const callers = await findTriggers(client, { webhookIds: [id] });
    if (callers.length === 0) throw error;
    for (const trigger of callers) await deleteTrigger(client, trigger.id);
    await client.webhooks.delete(id, LANE).catch(ignoreGone);
  }
}

export async function deleteTrigger(client: ZendeskClient, id: string): Promise<void> {
  await client.triggers.delete(id, LANE).catch(ignoreGone);
}

function ignoreGone(error: unknown): void {
  if (!isZendeskError(error, 'not_found')) throw error;
}

/** The record of a part that was just found or made as wanted. */
export function partRecord(id: string, madeAs: object, before: Part | undefined): Part {
  const now = new Date().toISOString();
  const same = before?.id === id ? before : undefined;
  return {
    id,
    madeAs: { ...madeAs },
    madeAt: same?.madeAt ?? now,
    settled: same?.settled ?? false,
    present: true,
    asMade: true,
    differs: [],
    checkedAt: now,
    lastWorkedAt: same?.lastWorkedAt,
  };
}

/** Longer than any one request to Zendesk may take, in milliseconds. */
const LOCK_PATIENCE_MS = 35_000;

/** Runs `work` while nobody else makes or removes parts of this connection. @throws RetryLater when somebody does for long */
export async function withPartsLock<T>(
  deps: { database: Database },
  ref: ConnectionRef,
  work: () => Promise<T>,
): Promise<T> {
  const until = Date.now() + LOCK_PATIENCE_MS;
  for (;;) {
    const name = `zendesk-parts:${ref.connectionId}`;
    const done = await deps.database.tryExclusive(name, async () => ({ value: await work() }));
    if (done) return done.value;
    if (Date.now() > until) throw new RetryLater('ZendeskUnavailable', 'somebody else works on these parts');
    await sleep(50);
  }
}
