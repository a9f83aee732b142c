import { createHmac } from 'node:crypto';
import { sign, TEST_SECRET } from '../../simulator/webhook-request';
import { basic, call, openDesk, openReceiver } from './support';
import type { Delivery, Desk, Receiver } from './support';

let desk: Desk;
let receiver: Receiver;
beforeEach(async () => {
  desk = await openDesk();
  receiver = await openReceiver();
});
afterEach(async () => {
  await desk.simulator.stop();
  await receiver.stop();
});

const LINKED = 'zen:event-type:ticket.attachment_linked_to_comment';

async function createHook(subscriptions: string[] = [LINKED], rest: object = {}): Promise<{ id: string }> {
  const webhook = {
    name: 'Lazaret',
    endpoint: receiver.url,
    http_method: 'POST',
    request_format: 'json',
    status: 'active',
    subscriptions,
    ...rest,
  };
  return (await desk.admin.api<{ webhook: { id: string } }>('POST', '/api/v2/webhooks', { webhook })).webhook;
}

async function secretOf(id: string): Promise<string> {
  const path = `/api/v2/webhooks/${id}/signing_secret`;
  return (await desk.admin.api<{ signing_secret: { secret: string } }>('GET', path)).signing_secret.secret;
}

interface Envelope {
  id: string;
  type: string;
  account_id: number;
  detail: { id: string; actor_id: string; status: string };
  event: {
    comment?: { id: string; attachment?: { id: string; filename: string; content_url: string } };
    meta: { sequence: { id: string; position: number } };
  };
}

const envelope = (delivery: Delivery | undefined): Envelope => JSON.parse(delivery?.body ?? '{}') as Envelope;
const files = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ name: `f${index}.txt`, bytes: Buffer.from(`file ${index}`) }));

test('signs the vectors of the fact sheet', () => {
  expect(sign(TEST_SECRET, '2021-03-25T05:09:27Z', '{"event":"ticket.updated","id":123}')).toBe(
    'S/RDdU2ERmj7LHDDoWJ2onPYH+t7/f2+LTM4dL7UiLM=',
  );
  expect(sign(TEST_SECRET, '2026-01-02T03:04:05Z', '')).toBe('1xsiPKGHFyXedEmvxNaOg4VQ2U4XjHcPMETpJymjCkg=');
});

test('sends one signed, pretty-printed event per attachment, with string ids and the real host', async () => {
  const { id } = await createHook();
  const { ticket, comment } = await desk.agent.createTicket({ subject: 'x', comment: 'y', files: files(2) });
  await receiver.waitFor(2);
  const [first] = receiver.deliveries;
  const { headers, body } = first ?? { headers: {}, body: '' };
  const timestamp = String(headers['x-zendesk-webhook-signature-timestamp']);
  const expected = createHmac('sha256', await secretOf(id))
    .update(timestamp + body)
    .digest('base64');
  expect(headers['x-zendesk-webhook-signature']).toBe(expected);
  expect(headers).toMatchObject({
    'x-zendesk-webhook-id': id,
    'x-zendesk-account-id': String(desk.view.id),
    'user-agent': 'Zendesk Webhook',
    'content-type': 'application/json; charset=utf-8',
  });
  expect(body).toMatch(/^\{\n {3}"account_id".*\}\n$/s);
  const events = receiver.deliveries.map(envelope);
  expect(new Set(events.map((event) => event.event.comment?.attachment?.id))).toEqual(
    new Set(comment.attachments.map((row) => String(row.id))),
  );
  for (const event of events) {
    expect(event).toMatchObject({
      type: LINKED,
      account_id: desk.view.id,
      detail: { id: String(ticket.id), status: 'NEW' },
    });
    expect(event.detail.actor_id).toBe(String(desk.view.agent.id));
    expect(event.event.comment?.attachment?.content_url).toMatch(/^https:\/\/acme\.zendesk\.com\/attachments\/token\//);
  }
});

test('announces our own note with our own actor', async () => {
  const { ticket } = await desk.agent.createTicket({ subject: 'x', comment: 'y' });
  await createHook();
  await desk.admin.addComment(ticket.id, { body: 'note', public: false, files: files(1) });
  await receiver.waitFor(1);
  expect(envelope(receiver.deliveries[0]).detail.actor_id).toBe(String(desk.view.admin.id));
});

test('publishes creation, comments, redaction, status, merge, deletion and restoration', async () => {
  const types = [
    'created',
    'comment_added',
    'attachment_redacted_from_comment',
    'status_changed',
    'merged',
    'soft_deleted',
    'undeleted',
  ];
  await createHook(types.map((type) => `zen:event-type:ticket.${type}`));
  const one = await desk.agent.createTicket({ subject: 'one', comment: 'y', files: files(1) });
  const two = await desk.agent.createTicket({ subject: 'two', comment: 'z' });
  const path = `/api/v2/tickets/${one.ticket.id}/comments/${one.comment.id}/attachments/${one.comment.attachments[0]?.id}/redact`;
  await desk.agent.api('PUT', path, {});
  await desk.agent.setStatus(two.ticket.id, 'open');
  await desk.agent.merge(two.ticket.id, [one.ticket.id]);
  await desk.agent.api('DELETE', `/api/v2/tickets/${two.ticket.id}`);
  await desk.agent.api('PUT', `/api/v2/deleted_tickets/${two.ticket.id}/restore`);
  await receiver.waitFor(12);
  const seen = new Set(
    receiver.deliveries.map((delivery) => envelope(delivery).type.replace('zen:event-type:ticket.', '')),
  );
  expect([...seen].sort()).toEqual([...types].sort());
});

test('calls the webhook of a trigger with its placeholders expanded, and only when its conditions hold', async () => {
  const hook = await createHook(['conditional_ticket_events']);
  const payload =
    '{"ticket":"{{ticket.id}}","comment":"{{ticket.latest_comment.id}}","at":"{{ticket.updated_at_with_timestamp}}","by":"{{current_user.id}}"}';
  const trigger = {
    title: 'Lazaret Trigger',
    conditions: { all: [{ field: 'attachment', operator: 'is', value: 'present' }], any: [] },
    actions: [{ field: 'notification_webhook', value: [hook.id, payload] }],
  };
  await desk.admin.api('POST', '/api/v2/triggers', { trigger });
  await desk.agent.createTicket({ subject: 'no file', comment: 'y' });
  const { ticket, comment } = await desk.agent.createTicket({ subject: 'file', comment: 'y', files: files(1) });
  await receiver.waitFor(1);
  expect(receiver.deliveries).toHaveLength(1);
  const sent = JSON.parse(receiver.deliveries[0]?.body ?? '{}') as Record<string, string>;
  const wanted = {
    ticket: String(ticket.id),
    comment: String(comment.id),
    at: ticket.updated_at,
    by: String(desk.view.agent.id),
  };
  expect(sent).toEqual(wanted);
  const found = await desk.admin.api<{ count: number }>('GET', '/api/v2/triggers/search?query=lazaret');
  expect(found.count).toBe(1);
  await expect(desk.admin.api('DELETE', `/api/v2/webhooks/${hook.id}`)).rejects.toThrow('400');
});

test('refuses a trigger with a field, a value or a webhook that does not exist', async () => {
  const hook = await createHook(['conditional_ticket_events']);
  const send = (condition: object, webhookId: string) =>
    desk.admin.api('POST', '/api/v2/triggers', {
      trigger: { title: 't', all: [condition], actions: [{ field: 'notification_webhook', value: [webhookId, '{}'] }] },
    });
  await expect(send({ field: 'colour', operator: 'is', value: 'red' }, hook.id)).rejects.toThrow('422');
  await expect(send({ field: 'attachment', operator: 'is', value: 'maybe' }, hook.id)).rejects.toThrow('422');
  await expect(send({ field: 'attachment', operator: 'is', value: 'present' }, 'nowhere')).rejects.toThrow('422');
});

test('refuses ticket events where the account has none, and keeps triggers', async () => {
  await desk.admin.switches({ webhooks: { eventSubscriptions: false } });
  await expect(createHook()).rejects.toThrow('400');
  await expect(createHook(['conditional_ticket_events'])).resolves.toBeDefined();
});

test('lets admins and custom roles with the right manage webhooks, and no other agent', async () => {
  const list = () =>
    call(desk.simulator.url, 'GET', '/api/v2/webhooks', {
      auth: basic(desk.view.agent.email, desk.view.agent.apiToken),
    });
  expect((await list()).status).toBe(403);
  await call(desk.simulator.url, 'POST', '/_simulator/users', {
    body: { id: desk.view.agent.id, customRole: { manageWebhooks: true } },
  });
  expect((await list()).status).toBe(200);
});

test('never shows secrets of a webhook, and drops on PUT what is left out', async () => {
  const { id } = await createHook([LINKED], {
    description: 'about',
    authentication: { type: 'bearer_token', add_position: 'header', data: { token: 'hush' } },
  });
  const show = () =>
    call(desk.simulator.url, 'GET', `/api/v2/webhooks/${id}`, {
      auth: basic(desk.view.admin.email, desk.view.admin.apiToken),
    });
  expect((await show()).text).not.toContain('hush');
  await desk.admin.api('PATCH', `/api/v2/webhooks/${id}`, { webhook: { name: 'Renamed' } });
  expect((await show()).text).toContain('about');
  const whole = {
    name: 'Whole',
    endpoint: receiver.url,
    http_method: 'POST',
    request_format: 'json',
    subscriptions: [LINKED],
  };
  await desk.admin.api('PUT', `/api/v2/webhooks/${id}`, { webhook: whole });
  expect((await show()).json['webhook']).not.toHaveProperty('description');
});

test('tries again after 503 with Retry-After and after 409, and not after 500', async () => {
  await desk.admin.switches({ webhooks: { retryDelayMs: 1 } });
  const { id } = await createHook();
  receiver.answers.push(
    { status: 503, headers: { 'retry-after': '0' } },
    { status: 409 },
    { status: 200 },
    { status: 500 },
  );
  await desk.agent.createTicket({ subject: 'x', comment: 'y', files: files(1) });
  await receiver.waitFor(3);
  expect(new Set(receiver.deliveries.map((delivery) => delivery.headers['x-zendesk-webhook-invocation-id'])).size).toBe(
    1,
  );
  await desk.agent.createTicket({ subject: 'x', comment: 'y', files: files(1) });
  await receiver.waitFor(4);
  await desk.agent.createTicket({ subject: 'x', comment: 'y', files: files(1) });
  await receiver.waitFor(5);
  const path = `/api/v2/webhooks/${id}/invocations`;
  const { invocations } = await desk.admin.api<{ invocations: { id: string; status: string }[] }>('GET', path);
  expect(invocations.slice(0, 2).map((row) => row.status)).toEqual(['success', 'server error']);
  const { attempts } = await desk.admin.api<{ attempts: { status_code: number }[] }>(
    'GET',
    `${path}/${invocations[0]?.id}/attempts`,
  );
  expect(attempts.map((row) => row.status_code)).toEqual([503, 409, 200]);
});

test('keeps deliveries back until they are released, twice each and in reverse, as the switches say', async () => {
  await createHook();
  await desk.admin.switches({ webhooks: { hold: true, duplicate: true } });
  await desk.agent.createTicket({ subject: 'x', comment: 'y', files: files(2) });
  expect(receiver.deliveries).toHaveLength(0);
  await desk.admin.switches({ webhooks: { hold: false, duplicate: false } });
  await receiver.waitFor(4);
  expect(new Set(receiver.deliveries.map((delivery) => envelope(delivery).id)).size).toBe(2);
});

test('drops every delivery where the switch says so', async () => {
  await createHook();
  await desk.admin.switches({ webhooks: { dropFraction: 1 } });
  await desk.agent.createTicket({ subject: 'lost', comment: 'y', files: files(1) });
  await desk.admin.switches({ webhooks: { dropFraction: 0 } });
  const { ticket } = await desk.agent.createTicket({ subject: 'seen', comment: 'y', files: files(1) });
  await receiver.waitFor(1);
  expect(envelope(receiver.deliveries[0]).detail.id).toBe(String(ticket.id));
});

test('signs a test of a saved webhook with its own secret or the one for tests', async () => {
  const { id } = await createHook();
  const send = () =>
    desk.admin.api<{ response: { status_code: number } }>('POST', `/api/v2/webhooks/test?webhook_id=${id}`, {
      request: { payload: '{}' },
    });
  const signedWith = (delivery: Delivery | undefined) => (secret: string) =>
    sign(secret, String(delivery?.headers['x-zendesk-webhook-signature-timestamp']), delivery?.body ?? '') ===
    delivery?.headers['x-zendesk-webhook-signature'];
  expect((await send()).response.status_code).toBe(200);
  expect(signedWith(receiver.deliveries[0])(await secretOf(id))).toBe(true);
  await desk.admin.switches({ webhooks: { testSecret: 'static' } });
  await send();
  expect(signedWith(receiver.deliveries[1])(TEST_SECRET)).toBe(true);
});

test('rotates a signing secret', async () => {
  const { id } = await createHook();
  const before = await secretOf(id);
  await desk.admin.api('POST', `/api/v2/webhooks/${id}/signing_secret`);
  expect(await secretOf(id)).not.toBe(before);
});

test('opens the breaker when most calls fail', async () => {
  await desk.admin.switches({ webhooks: { breakerMinimum: 2, breakerPauseMs: 60_000 } });
  const { id } = await createHook();
  receiver.answers.push({ status: 500 }, { status: 500 });
  for (let turn = 1; turn <= 2; turn += 1) {
    await desk.agent.createTicket({ subject: 'x', comment: 'y', files: files(1) });
    await receiver.waitFor(turn);
    await settled(id, turn);
  }
  await desk.agent.createTicket({ subject: 'x', comment: 'y', files: files(1) });
  await settled(id, 3);
  expect(receiver.deliveries).toHaveLength(2);
});

/** Asks the invocations API until that many calls have ended. */
async function settled(id: string, count: number): Promise<void> {
  for (;;) {
    const { invocations } = await desk.admin.api<{ invocations: { status: string }[] }>(
      'GET',
      `/api/v2/webhooks/${id}/invocations`,
    );
    if (invocations.filter((row) => row.status !== 'accepted').length >= count) return;
  }
}
