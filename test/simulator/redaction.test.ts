import { basic, call, eicar, openDesk } from './support';
import type { Desk } from './support';

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.simulator.stop());

const file = { name: 'bad.txt', bytes: Buffer.from('harmful') };

async function ticketWithFile(names = ['bad.txt']) {
  const files = names.map((name) => ({ name, bytes: Buffer.from(`bytes of ${name}`) }));
  return desk.agent.createTicket({ subject: 'Files', comment: 'See files', files });
}

async function redact(ticketId: number, commentId: number, attachmentId: number, who: 'admin' | 'agent' = 'agent') {
  const { email, apiToken } = desk.view[who];
  const path = `/api/v2/tickets/${ticketId}/comments/${commentId}/attachments/${attachmentId}/redact.json`;
  return call(desk.simulator.url, 'PUT', path, { auth: basic(email, apiToken), body: {} });
}

test('answers a redaction with the attachment as it was, and lists redacted.txt afterwards', async () => {
  const { ticket, comment } = await ticketWithFile();
  const [before] = comment.attachments;
  const answer = await redact(ticket.id, comment.id, before?.id ?? 0);
  expect(answer.status).toBe(200);
  expect(answer.json['attachment']).toMatchObject({ id: before?.id, file_name: 'bad.txt', deleted: false });
  expect(answer.headers['zendesk-ratelimit-per-ticket-updates']).toMatch(/^total=30; remaining=29; resets=\d+$/);
  const [listed] = await desk.agent.listComments(ticket.id);
  expect(listed?.attachments[0]).toMatchObject({
    id: before?.id,
    file_name: 'redacted.txt',
    size: 0,
    content_type: 'text/plain',
  });
  expect((await desk.agent.download(before?.content_url ?? '')).status).toBe(404);
  const empty = await desk.agent.download(listed?.attachments[0]?.content_url ?? '');
  expect(empty).toMatchObject({ status: 200, bytes: Buffer.alloc(0) });
  const { audits } = await desk.agent.api<{ audits: { events: object[] }[] }>(
    'GET',
    `/api/v2/tickets/${ticket.id}/audits`,
  );
  expect(audits.flatMap((audit) => audit.events)).toContainEqual(
    expect.objectContaining({ type: 'AttachmentRedactionEvent', attachment_id: before?.id, comment_id: comment.id }),
  );
  expect(await desk.agent.updates(ticket.id)).toMatchObject({ redactions: 1 });
});

test('gives another id after a redaction where the switch says so', async () => {
  await desk.agent.switches({ redaction: { sameId: false, size: 1 } });
  const { ticket, comment } = await ticketWithFile();
  const id = comment.attachments[0]?.id ?? 0;
  await redact(ticket.id, comment.id, id);
  const [listed] = await desk.agent.listComments(ticket.id);
  expect(listed?.attachments).toHaveLength(1);
  expect(listed?.attachments[0]).toMatchObject({ file_name: 'redacted.txt', size: 1 });
  expect(listed?.attachments[0]?.id).not.toBe(id);
});

test('serves the old address for as many requests as the switch says', async () => {
  await desk.agent.switches({ redaction: { urlLiveRequests: 2 } });
  const { ticket, comment } = await ticketWithFile();
  const [before] = comment.attachments;
  await redact(ticket.id, comment.id, before?.id ?? 0);
  const statuses = [];
  for (let turn = 0; turn < 3; turn += 1) statuses.push((await desk.agent.download(before?.content_url ?? '')).status);
  expect(statuses).toEqual([200, 200, 404]);
});

test('keeps one address through a redaction where the switch says so', async () => {
  await desk.agent.switches({ redaction: { sameUrl: true } });
  const { ticket, comment } = await ticketWithFile();
  const [before] = comment.attachments;
  await redact(ticket.id, comment.id, before?.id ?? 0);
  expect(await desk.agent.download(before?.content_url ?? '')).toMatchObject({ status: 200, bytes: Buffer.alloc(0) });
});

test('refuses to redact on a closed ticket', async () => {
  const { ticket, comment } = await ticketWithFile();
  await desk.agent.close(ticket.id);
  const answer = await redact(ticket.id, comment.id, comment.attachments[0]?.id ?? 0);
  expect(answer.status).toBe(422);
  expect(answer.text).toContain('Status: closed prevents ticket update');
});

test('refuses to redact for an agent who may not delete tickets, and lets an admin', async () => {
  await desk.agent.switches({ agentTicketDeletion: false });
  const { ticket, comment } = await ticketWithFile();
  const id = comment.attachments[0]?.id ?? 0;
  expect((await redact(ticket.id, comment.id, id)).status).toBe(403);
  expect((await redact(ticket.id, comment.id, id, 'admin')).status).toBe(200);
});

test('goes by the custom role of an agent who has one', async () => {
  const { ticket, comment } = await ticketWithFile(['a.txt', 'b.txt']);
  const change = (ticketRedaction: boolean) =>
    call(desk.simulator.url, 'POST', '/_simulator/users', {
      body: { id: desk.view.agent.id, customRole: { ticketRedaction } },
    });
  await change(false);
  expect((await redact(ticket.id, comment.id, comment.attachments[0]?.id ?? 0)).status).toBe(403);
  await change(true);
  expect((await redact(ticket.id, comment.id, comment.attachments[0]?.id ?? 0)).status).toBe(200);
});

test('refuses a second redaction of the same attachment, or repeats it, as the switch says', async () => {
  const { ticket, comment } = await ticketWithFile();
  const id = comment.attachments[0]?.id ?? 0;
  await redact(ticket.id, comment.id, id);
  expect(await redact(ticket.id, comment.id, id)).toMatchObject({ status: 404, json: { error: 'RecordNotFound' } });
  await desk.agent.switches({ redaction: { againStatus: 200 } });
  expect((await redact(ticket.id, comment.id, id)).status).toBe(200);
});

test('refuses the attachment of another comment', async () => {
  const one = await ticketWithFile();
  const two = await ticketWithFile();
  expect((await redact(one.ticket.id, one.comment.id, two.comment.attachments[0]?.id ?? 0)).status).toBe(404);
});

test('redacts several files of a closed ticket in one call of the Agent Workspace, named by either form of their address', async () => {
  const { ticket, comment } = await ticketWithFile(['a.txt', 'b.txt', 'c.txt']);
  await desk.agent.close(ticket.id);
  const path = comment.attachments.map((row) => new URL(row.content_url));
  const urls = [path[0]?.href, `https://acme.zendesk.com${path[1]?.pathname}${path[1]?.search}`];
  const body = { ticket_id: ticket.id, external_attachment_urls: urls };
  const answer = await desk.agent.api<{ comment: { attachments: { file_name: string }[] } }>(
    'PUT',
    `/api/v2/comment_redactions/${comment.id}`,
    body,
  );
  expect(answer.comment.attachments.map((row) => row.file_name)).toEqual(['redacted.txt', 'redacted.txt', 'c.txt']);
  expect((await desk.agent.getTicket(ticket.id)).tags).toEqual([]);
});

test('marks an open ticket that was redacted through the Agent Workspace', async () => {
  const { ticket, comment } = await ticketWithFile();
  const body = { ticket_id: ticket.id, external_attachment_urls: [comment.attachments[0]?.content_url] };
  await desk.agent.api('PUT', `/api/v2/comment_redactions/${comment.id}`, body);
  expect((await desk.agent.getTicket(ticket.id)).tags).toEqual(['redacted_content']);
});

test('refuses the Agent Workspace redaction where the workspace is off, for messaging, and for unknown addresses', async () => {
  const { ticket, comment } = await ticketWithFile();
  const path = `/api/v2/comment_redactions/${comment.id}`;
  const url = comment.attachments[0]?.content_url;
  const send = (urls: unknown[]) =>
    desk.agent.api('PUT', path, { ticket_id: ticket.id, external_attachment_urls: urls });
  await expect(send(['https://acme.zendesk.com/attachments/token/Nowhere/?name=x'])).rejects.toThrow('404');
  await call(desk.simulator.url, 'POST', `/_simulator/tickets/${ticket.id}`, { body: { channel: 'native_messaging' } });
  await expect(send([url])).rejects.toThrow('422');
  await desk.agent.switches({ agentWorkspace: false });
  await expect(send([url])).rejects.toThrow('403');
});

test('takes redacted words and images out of the HTML of a comment', async () => {
  const token = await desk.agent.upload({ name: 'inline.png', bytes: Buffer.from('png') });
  const shown = await desk.agent.upload({ name: 'more.png', bytes: Buffer.from('png') }, token);
  const { ticket } = await desk.agent.createTicket({ subject: 'x', comment: 'x' });
  const { audit } = await desk.agent.api<{
    audit: { events: { id: number; html_body: string; attachments: { content_url: string }[] }[] };
  }>('PUT', `/api/v2/tickets/${ticket.id}`, {
    ticket: { comment: { html_body: '<p>card 4111</p>', uploads: [shown] } },
  });
  const comment = audit.events[0];
  const image = comment?.attachments[0]?.content_url;
  const html_body = `<p>card <redact>4111</redact></p><img src="${image}" redact>`;
  await desk.agent.api('PUT', `/api/v2/comment_redactions/${comment?.id}`, { ticket_id: ticket.id, html_body });
  const listed = (await desk.agent.listComments(ticket.id)).at(-1);
  expect(listed?.html_body).toBe('<p>card ▇▇▇▇</p>');
  expect(listed?.attachments.map((row) => row.file_name)).toEqual(['redacted.txt', 'more.png']);
});

test('counts redactions and notes together against thirty updates of a ticket', async () => {
  const { ticket, comment } = await ticketWithFile();
  for (let turn = 0; turn < 29; turn += 1) await desk.agent.addComment(ticket.id, { body: 'note', public: false });
  expect((await redact(ticket.id, comment.id, comment.attachments[0]?.id ?? 0)).status).toBe(200);
  const refused = await redact(ticket.id, comment.id, comment.attachments[0]?.id ?? 0);
  expect(refused.status).toBe(429);
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  await expect(
    desk.admin.addComment(ticket.id, { body: 'another user has a budget of his own' }),
  ).resolves.toBeDefined();
});

test('copies attachments on a merge, so that redacting the source leaves the copy', async () => {
  const source = await desk.agent.createTicket({
    subject: 'source',
    comment: 'x',
    files: [{ ...file, bytes: eicar() }],
  });
  const target = await desk.agent.createTicket({ subject: 'target', comment: 'y' });
  await desk.agent.merge(target.ticket.id, [source.ticket.id]);
  expect((await desk.agent.getTicket(source.ticket.id)).status).toBe('closed');
  const original = source.comment.attachments[0];
  const copy = (await desk.agent.listComments(target.ticket.id)).at(-1)?.attachments[0];
  expect(copy?.id).not.toBe(original?.id);
  const body = { ticket_id: source.ticket.id, external_attachment_urls: [original?.content_url] };
  await desk.agent.api('PUT', `/api/v2/comment_redactions/${source.comment.id}`, body);
  expect((await desk.agent.download(original?.content_url ?? '')).status).toBe(404);
  expect((await desk.agent.download(copy?.content_url ?? '')).bytes).toEqual(eicar());
  const path = `/api/v2/tickets/${source.ticket.id}/audits`;
  const { audits } = await desk.agent.api<{ audits: { via: { source: { rel: string; to: object } } }[] }>('GET', path);
  expect(audits.map((audit) => audit.via.source)).toContainEqual(
    expect.objectContaining({ rel: 'merge', to: expect.objectContaining({ ticket_id: target.ticket.id }) }),
  );
});
