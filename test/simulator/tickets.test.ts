import { createClient } from 'node-zendesk';
import { basic, call, openDesk } from './support';
import type { Desk, Raw } from './support';

let now = Date.now();
let desk: Desk;
beforeEach(async () => {
  now = Date.parse('2026-01-02T03:04:05Z');
  desk = await openDesk({}, { clock: () => now });
});
afterEach(() => desk.simulator.stop());

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
const api = (method: Method, path: string, body?: unknown, who: 'agent' | 'admin' = 'agent'): Promise<Raw> =>
  call(desk.simulator.url, method, path, {
    auth: basic(desk.view[who].email, desk.view[who].apiToken),
    ...(body === undefined ? {} : { body }),
  });
const update = (ticket: object): Promise<Raw> => api('PUT', '/api/v2/tickets/1.json', { ticket });
const create = () => desk.agent.createTicket({ subject: 'Help', comment: 'It is broken' });

test('serves a real client library: users, tickets, comments, merge, webhooks and triggers', async () => {
  const { email, apiToken } = desk.view.admin;
  const zendesk = createClient({ username: email, token: apiToken ?? '', endpointUri: `${desk.simulator.url}/api/v2` });
  const me = (await zendesk.users.me()) as unknown as { result: { id: number } };
  expect(me.result.id).toBe(desk.view.admin.id);
  const made = (await zendesk.tickets.create({ ticket: { subject: 'S', comment: { body: 'B' } } })) as unknown as {
    result: { id: number };
  };
  await zendesk.tickets.update(made.result.id, { ticket: { comment: { body: 'note', public: false } } });
  const comments = (await zendesk.tickets.getComments(made.result.id)) as unknown as { body: string }[];
  expect(comments.map((comment) => comment.body)).toEqual(['B', 'note']);
  await desk.agent.createTicket({ subject: 'second', comment: 'x' });
  await zendesk.tickets.merge(made.result.id, { ids: [2] });
  expect((await desk.agent.getTicket(2)).status).toBe('closed');
  const webhook = {
    name: 'w',
    endpoint: 'http://127.0.0.1:9/',
    http_method: 'POST',
    request_format: 'json',
    subscriptions: ['conditional_ticket_events'],
  };
  await zendesk.webhooks.create({ webhook });
  const listed = (await zendesk.triggers.list()) as unknown as unknown[];
  expect(listed).toEqual([]);
});

test('answers an update with its audit: the comment, its files, the changes and our metadata', async () => {
  await create();
  const token = await desk.agent.upload({ name: 'a.txt', bytes: Buffer.from('a') });
  const answer = await update({
    status: 'open',
    metadata: { lazaret: 'key-1' },
    comment: { html_body: '<p>n</p>', public: false, uploads: [token] },
  });
  expect(answer.json['audit']).toMatchObject({
    author_id: desk.view.agent.id,
    metadata: { custom: { lazaret: 'key-1' } },
    events: [
      {
        type: 'Comment',
        public: false,
        html_body: expect.stringContaining('<p>n</p>'),
        attachments: [{ file_name: 'a.txt' }],
      },
      { type: 'Change', field_name: 'status', value: 'open', previous_value: 'new' },
    ],
  });
  const { audits } = (await api('GET', '/api/v2/tickets/1/audits')).json as {
    audits: { metadata: { custom: object } }[];
  };
  expect(audits.at(-1)?.metadata.custom).toEqual({ lazaret: 'key-1' });
});

test('refuses every update of a closed ticket, and continues it in a follow-up', async () => {
  await create();
  await desk.agent.close(1);
  for (const ticket of [{ comment: { body: 'x' } }, { status: 'open' }, { tags: ['a'] }]) {
    const refused = await update(ticket);
    expect(refused).toMatchObject({
      status: 422,
      json: { error: 'RecordInvalid', details: { status: [{ description: 'Status: closed prevents ticket update' }] } },
    });
  }
  expect((await api('PUT', '/api/v2/tickets/1/tags', { tags: ['a'] })).status).toBe(422);
  const follow = await api('POST', '/api/v2/tickets', {
    ticket: { via_followup_source_id: 1, comment: { body: 'again', public: false } },
  });
  expect(follow.json['ticket']).toMatchObject({ id: 2, via: { source: { rel: 'follow_up', from: { ticket_id: 1 } } } });
  expect(
    (await api('POST', '/api/v2/tickets', { ticket: { via_followup_source_id: 2, comment: { body: 'open' } } })).status,
  ).toBe(422);
});

test('prevents an update with an outdated stamp', async () => {
  const { ticket } = await create();
  now += 5000;
  expect((await update({ safe_update: true, updated_stamp: ticket.updated_at, comment: { body: 'a' } })).status).toBe(
    200,
  );
  for (const safe_update of [true, false]) {
    const refused = await update({ safe_update, updated_stamp: ticket.updated_at, comment: { body: 'b' } });
    expect(refused).toMatchObject({ status: 409, json: { error: 'UpdateConflict' } });
  }
  expect(await desk.agent.listComments(1)).toHaveLength(2);
});

test('warns of unknown keys and ignores them', async () => {
  await create();
  const answer = await update({ id: 7, comment: { body: 'a' } });
  expect(answer.status).toBe(200);
  expect(answer.headers['x-zendesk-api-warn']).toBe(
    '{:allowed_parameters=>{:controller=>"tickets", :action=>"update", :unpermitted_keys=>["ticket.id"]}}',
  );
});

test('refuses comments past the limit, and still takes other updates', async () => {
  await create();
  await desk.agent.switches({ commentLimit: 1 });
  expect((await update({ comment: { body: 'x' } })).status).toBe(422);
  expect((await update({ status: 'open' })).status).toBe(200);
});

test('expands placeholders in what agents write, and leaves broken ones alone', async () => {
  await create();
  await update({
    comment: { body: 'on {{ticket.id}} of {{current_user.id}}, said {{ticket.latest_comment}}', public: false },
  });
  await update({ comment: { body: 'name \\{{ticket.id}}.txt and {{ broken', public: false } });
  const bodies = (await desk.agent.listComments(1)).map((comment) => comment.body);
  expect(bodies[1]).toBe(`on 1 of ${desk.view.agent.id}, said It is broken`);
  expect(bodies[2]).toContain('{{');
});

test('pages comments by cursor, both ways, with a cursor on the last page', async () => {
  await create();
  for (const body of ['b', 'c', 'd', 'e']) await desk.agent.addComment(1, { body });
  const seen: string[] = [];
  let after = '';
  for (let pages = 1; ; pages += 1) {
    const page = (await api('GET', `/api/v2/tickets/1/comments?page[size]=2&sort=-created_at${after}`)).json as {
      comments: { body: string }[];
      meta: { has_more: boolean; after_cursor: string };
      links: { next: string };
    };
    seen.push(...page.comments.map((comment) => comment.body));
    expect(page.meta.after_cursor).toEqual(expect.any(String));
    expect(page.links.next).toContain('page%5Bafter%5D=');
    if (!page.meta.has_more) {
      expect(pages).toBe(3);
      break;
    }
    after = `&page[after]=${page.meta.after_cursor}`;
  }
  expect(seen).toEqual(['e', 'd', 'c', 'b', 'It is broken']);
  expect((await api('GET', '/api/v2/tickets/1/comments?page[after]=rubbish')).json).toMatchObject({
    errors: [{ code: 'InvalidPaginationParameter' }],
  });
  expect((await api('GET', '/api/v2/tickets/1/comments/count')).json).toMatchObject({ count: { value: 5 } });
});

test('adds and removes tags, and makes a comment private', async () => {
  const { comment } = await create();
  expect((await api('PUT', '/api/v2/tickets/1/tags', { tags: ['b', 'a'] })).json['tags']).toEqual(['a', 'b']);
  expect((await api('DELETE', '/api/v2/tickets/1/tags', { tags: ['b'] })).status).toBe(204);
  expect((await desk.agent.getTicket(1)).tags).toEqual(['a']);
  await api('PUT', `/api/v2/tickets/1/comments/${comment.id}/make_private`);
  expect((await desk.agent.listComments(1))[0]?.public).toBe(false);
});

test('hides a deleted ticket until it is restored', async () => {
  await create();
  expect((await api('DELETE', '/api/v2/tickets/1')).status).toBe(204);
  expect((await api('GET', '/api/v2/tickets/1/comments')).json['error']).toBe('RecordNotFound');
  await api('PUT', '/api/v2/deleted_tickets/1/restore');
  expect((await api('GET', '/api/v2/tickets/1')).status).toBe(200);
});

test('keeps end users out of the agents API, but lets them upload', async () => {
  const made = await call(desk.simulator.url, 'POST', '/_simulator/users', {
    body: { role: 'end-user', email: 'c@x.test', password: 'pw' },
  });
  expect(made.status).toBe(200);
  const auth = `Basic ${Buffer.from('c@x.test:pw').toString('base64')}`;
  expect((await call(desk.simulator.url, 'GET', '/api/v2/tickets', { auth })).status).toBe(403);
  expect((await call(desk.simulator.url, 'POST', '/api/v2/uploads?filename=a.txt', { auth, body: {} })).status).toBe(
    201,
  );
});

test('answers unknown paths, malformed JSON and unknown help desks as Zendesk does', async () => {
  expect(await api('GET', '/api/v2/nonsense.json')).toMatchObject({ status: 404, json: { error: 'InvalidEndpoint' } });
  expect((await api('PUT', '/api/v2/tickets/1', 'not an object')).status).toBe(404);
  await create();
  expect((await api('PUT', '/api/v2/tickets/1', 'not an object')).status).toBe(400);
  const lost = await call(desk.simulator.url, 'GET', '/api/v2/users/me', { host: 'nobody.zendesk.com' });
  expect(lost).toMatchObject({ status: 404, json: { error: { title: 'No help desk at nobody.zendesk.com' } } });
});

test('exports changes incrementally: nothing of the last minute, ties whole, deleted ones marked, admins only', async () => {
  const start = Math.floor(now / 1000) - 100;
  await create();
  await create();
  const cursor = `/api/v2/incremental/tickets/cursor.json?start_time=${start}&per_page=1`;
  expect((await api('GET', cursor)).status).toBe(403);
  expect((await api('GET', cursor, undefined, 'admin')).json).toMatchObject({ tickets: [], end_of_stream: true });
  now += 61_000;
  const first = (await api('GET', cursor, undefined, 'admin')).json as { after_cursor: string };
  expect(first).toMatchObject({ tickets: [{ id: 1 }], end_of_stream: false });
  const second = await api(
    'GET',
    `/api/v2/incremental/tickets/cursor.json?cursor=${first.after_cursor}`,
    undefined,
    'admin',
  );
  expect(second.json).toMatchObject({ tickets: [{ id: 2 }], end_of_stream: true });
  const ties = await api('GET', `/api/v2/incremental/tickets.json?start_time=${start}&per_page=1`, undefined, 'admin');
  expect(ties.json).toMatchObject({ count: 2, end_of_stream: true });
  const path = `/api/v2/incremental/ticket_events.json?start_time=${start}&include=comment_events`;
  const { ticket_events: events } = (await api('GET', path, undefined, 'admin')).json as {
    ticket_events: { child_events: object[] }[];
  };
  expect(events[0]?.child_events[0]).toMatchObject({ event_type: 'Comment', body: 'It is broken', attachments: [] });
  expect(
    (await api('GET', `/api/v2/incremental/tickets.json?start_time=${Math.floor(now / 1000)}`, undefined, 'admin'))
      .status,
  ).toBe(422);
});
