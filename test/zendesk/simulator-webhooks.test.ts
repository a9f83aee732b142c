import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ZendeskClient } from '../../zendesk/client';
import { parseEvent, type ParsedEvent } from '../../zendesk/events';
import { verifyWebhook, type WebhookVerification } from '../../zendesk/webhook-signature';
import { TICKET_EVENT_SUBSCRIPTIONS, TRIGGER_SUBSCRIPTION } from '../../zendesk/webhooks';
import { startSimulatedZendesk, type SimulatedZendesk } from './support/simulated-zendesk';

let zendesk: SimulatedZendesk;
let client: ZendeskClient;
let receiver: Server;
let secrets: string[];
let received: { verified: WebhookVerification; event: ParsedEvent }[];

beforeEach(async () => {
  secrets = [];
  received = [];
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const rawBody = Buffer.concat(chunks);
      const accountId = String(zendesk.simulator.world.accountBySubdomain('acme')?.id);
      const verified = verifyWebhook({ headers: request.headers, rawBody, secrets, accountId, nowMs: Date.now() });
      received.push({ verified, event: parseEvent(rawBody) });
      response.writeHead(verified.ok ? 200 : 403).end();
      receiver.emit('received');
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const { port } = receiver.address() as AddressInfo;
  zendesk = await startSimulatedZendesk({ webhookTarget: `http://127.0.0.1:${port}` });
  client = await zendesk.connect();
});
afterEach(async () => {
  await zendesk.close();
  receiver.closeAllConnections();
  await new Promise((resolve) => receiver.close(resolve));
});

const LANE = 'reconcile';
const draft = (subscriptions: readonly string[]) => ({
  name: 'Lazaret',
  description: 'Lazaret',
  endpoint: 'https://lazaret.test/webhooks/acme',
  subscriptions,
});

/** Waits until the deliveries so far satisfy a test. */
async function until(done: () => boolean): Promise<void> {
  while (!done()) await once(receiver, 'received');
}
const types = (): string[] => received.map((one) => one.event.type);

describe('webhooks at the simulator', () => {
  test('deliver signed events that verify and parse', async () => {
    const webhook = await client.webhooks.create(draft(TICKET_EVENT_SUBSCRIPTIONS), LANE);
    const { algorithm, secret } = await client.webhooks.signingSecret(webhook.id, LANE);
    expect(algorithm).toBe('SHA256');
    secrets = [secret];
    const ticketId = await zendesk.ticketWith({ 'a.pdf': Buffer.from('%PDF-') });
    await until(() => types().includes('attachment_linked') && types().includes('ticket_created'));
    expect(received.every((one) => one.verified.ok)).toBe(true);
    const linked = received.find((one) => one.event.type === 'attachment_linked')?.event;
    const accountId = String(zendesk.simulator.world.accountBySubdomain('acme')?.id);
    expect(linked).toMatchObject({ accountId, ticketId, attachment: { fileName: 'a.pdf' } });
    const [comment] = await client.tickets.comments(ticketId, 'scan');
    expect(linked).toMatchObject({
      commentId: comment?.id,
      attachment: { id: comment?.attachments[0]?.id, contentUrl: comment?.attachments[0]?.content_url },
    });
  });

  test('tell redactions, closing, deletion, restoring and merging', async () => {
    const webhook = await client.webhooks.create(draft(TICKET_EVENT_SUBSCRIPTIONS), LANE);
    secrets = [(await client.webhooks.signingSecret(webhook.id, LANE)).secret];
    const source = await zendesk.ticketWith({ 'a.pdf': Buffer.from('%PDF-') });
    const target = await zendesk.ticketWith({ 'b.pdf': Buffer.from('%PDF-') });
    const [comment] = await client.tickets.comments(source, 'scan');
    const ids = { ticketId: source, commentId: comment?.id ?? '', attachmentId: comment?.attachments[0]?.id ?? '' };
    await client.attachments.redact(ids, 'redact');
    await zendesk.agent('DELETE', `/api/v2/tickets/${source}`);
    await zendesk.agent('PUT', `/api/v2/deleted_tickets/${source}/restore`);
    await zendesk.agent('POST', `/api/v2/tickets/${target}/merge`, { ids: [Number(source)] });
    const wanted = ['attachment_redacted', 'soft_deleted', 'undeleted', 'merged', 'status_changed'];
    await until(() => wanted.every((type) => types().includes(type)));
    const find = (type: string) => received.find((one) => one.event.type === type)?.event;
    expect(find('merged')).toMatchObject({ ticketId: source, targetTicketId: target });
    expect(find('status_changed')).toMatchObject({ ticketId: source, status: 'closed' });
    expect(find('attachment_redacted')).toMatchObject({ commentId: ids.commentId, attachmentId: ids.attachmentId });
    expect(types()).not.toContain('malformed');
  });

  test('are proven by a test event, and only with their own secret', async () => {
    const { id, endpoint } = await client.webhooks.create(draft(TICKET_EVENT_SUBSCRIPTIONS), LANE);
    secrets = [(await client.webhooks.signingSecret(id, LANE)).secret];
    const payload = JSON.stringify({ lazaret_proof: 'nonce' });
    expect(await client.webhooks.test(id, endpoint, payload, LANE)).toEqual({ status: 200 });
    expect(received[0]?.event).toEqual({ type: 'proof', nonce: 'nonce' });
    await zendesk.control('switches', { account: 'acme', webhooks: { testSecret: 'static' } });
    expect(await client.webhooks.test(id, endpoint, payload, LANE)).toEqual({ status: 403 });
    expect(received[1]?.verified).toEqual({ ok: false, refusal: 'test_secret' });
  });

  test('are verified with the old and the new secret after a rotation', async () => {
    const { id, endpoint } = await client.webhooks.create(draft(TICKET_EVENT_SUBSCRIPTIONS), LANE);
    const old = (await client.webhooks.signingSecret(id, LANE)).secret;
    const next = (await client.webhooks.rotateSigningSecret(id, LANE)).secret;
    expect(next).not.toBe(old);
    secrets = [old];
    expect(await client.webhooks.test(id, endpoint, '{}', LANE)).toEqual({ status: 403 });
    secrets = [old, next];
    expect(await client.webhooks.test(id, endpoint, '{}', LANE)).toEqual({ status: 200 });
  });

  test('are listed, switched, replaced and deleted', async () => {
    const { id } = await client.webhooks.create(draft([TRIGGER_SUBSCRIPTION]), LANE);
    expect(await client.webhooks.list(LANE, 'laza')).toMatchObject([
      { id, status: 'active', subscriptions: [TRIGGER_SUBSCRIPTION] },
    ]);
    expect(await client.webhooks.list(LANE, 'other')).toEqual([]);
    await client.webhooks.setStatus(id, 'inactive', LANE);
    expect(await client.webhooks.get(id, LANE)).toMatchObject({ status: 'inactive', endpoint: draft([]).endpoint });
    await client.webhooks.replace(id, { ...draft([TRIGGER_SUBSCRIPTION]), name: 'Lazaret 2' }, LANE);
    expect(await client.webhooks.get(id, LANE)).toMatchObject({ status: 'active', name: 'Lazaret 2' });
    await client.webhooks.delete(id, LANE);
    await expect(client.webhooks.get(id, LANE)).rejects.toMatchObject({ kind: 'not_found' });
  });

  test('for ticket events are refused by an account that has none', async () => {
    await zendesk.control('switches', { account: 'acme', webhooks: { eventSubscriptions: false } });
    const refused: unknown = await client.webhooks
      .create(draft(TICKET_EVENT_SUBSCRIPTIONS), LANE)
      .catch((e: unknown) => e);
    expect(refused).toMatchObject({ name: 'ZendeskError', retryable: false });
    await client.webhooks.create(draft([TRIGGER_SUBSCRIPTION]), LANE);
  });

  test('are called by a trigger with ids only, and show it in their invocations', async () => {
    const { id } = await client.webhooks.create(draft([TRIGGER_SUBSCRIPTION]), LANE);
    secrets = [(await client.webhooks.signingSecret(id, LANE)).secret];
    const { all } = await client.triggers.conditionDefinitions(LANE);
    expect(all.find((one) => one.subject === 'update_type')?.values.map((one) => one.value)).toEqual([
      'Create',
      'Change',
    ]);
    const category = await client.triggers.createCategory('Lazaret', LANE);
    expect((await client.triggers.categories(LANE)).map((one) => one.name)).toContain('Lazaret');
    const condition = (value: string) => ({ field: 'update_type', operator: 'is', value });
    const trigger = await client.triggers.create(
      {
        title: 'Lazaret Trigger',
        description: 'Lazaret',
        categoryId: category.id,
        conditions: { all: [], any: [condition('Create'), condition('Change')] },
        webhookId: id,
        payload: '{"ticket_id":"{{ticket.id}}","comment_id":"{{ticket.latest_comment.id}}"}',
      },
      LANE,
    );
    expect(await client.triggers.search('Lazaret Trigger', LANE)).toMatchObject([{ id: trigger.id, active: true }]);
    const ticketId = await zendesk.ticketWith({});
    await until(() => types().includes('trigger'));
    const [comment] = await client.tickets.comments(ticketId, 'scan');
    expect(received[0]?.event).toEqual({ type: 'trigger', ticketId, commentId: comment?.id });
    expect(await client.webhooks.invocations(id, LANE)).toHaveLength(1);
    await client.triggers.delete(trigger.id, LANE);
    await expect(client.triggers.get(trigger.id, LANE)).rejects.toMatchObject({ kind: 'not_found' });
  });

  test('are forbidden to an agent without the right', async () => {
    const agent = await zendesk.connect({ user: 'agent' });
    await expect(agent.webhooks.list(LANE)).rejects.toMatchObject({ kind: 'forbidden' });
  });
});
