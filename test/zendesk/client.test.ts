import { Readable } from 'node:stream';
import {
  attachmentRecord,
  DEAD_TOKEN,
  json,
  startScriptedZendesk,
  type ScriptedZendesk,
} from './support/scripted-zendesk';

let zendesk: ScriptedZendesk;
beforeEach(async () => {
  zendesk = await startScriptedZendesk();
});
afterEach(() => zendesk.close());

const TICKET = {
  id: 33144647570963,
  status: 'open',
  updated_at: '2026-01-02T03:04:05Z',
  requester_id: 42,
  allow_attachments: true,
};
const AUDIT = {
  id: 9,
  author_id: 1,
  created_at: '2026-01-02T03:04:06Z',
  metadata: { system: {}, custom: { lazaret_op: 'key-1' } },
  via: { channel: 'api' },
  events: [
    { id: 900, type: 'Comment', public: false, attachments: [{ id: 5 }] },
    { id: 901, type: 'Change', field_name: 'status', value: 'open' },
  ],
};
const note = { html: '<p>x</p>', key: 'key-1', uploadTokens: [] };
const addNote = () => zendesk.client.tickets.addInternalComment('7', note, 'note');

describe('a call', () => {
  test('carries the token, asks for plain English JSON, and pays its budget first', async () => {
    zendesk.use((_request, response) => json(response, 200, { ticket: TICKET }, { 'x-rate-limit': '700' }));
    expect(await zendesk.client.tickets.get('7', 'scan')).toMatchObject({ id: '33144647570963', status: 'open' });
    expect(zendesk.seen[0]).toMatchObject({
      host: 'acme.zendesk.com',
      method: 'GET',
      path: '/api/v2/tickets/7',
      authorization: 'Bearer token-1',
      headers: { accept: 'application/json', 'accept-language': 'en' },
    });
    expect(zendesk.acquired).toEqual(['account scan']);
    expect(zendesk.learned).toEqual([{ endpoint: 'account', facts: { limit: 700 }, ticketId: undefined }]);
  });

  test('is harmed by no unknown key', async () => {
    zendesk.use((_request, response) => json(response, 200, { ticket: { ...TICKET, new_thing: { a: [1] } }, more: 1 }));
    expect(await zendesk.client.tickets.get('7', 'scan')).not.toHaveProperty('new_thing');
  });

  test('takes Zendesk itself for an author, and events of any type', async () => {
    const system = { ...AUDIT, author_id: -1, events: [{ type: 'Brand new', attachments: 'none' }, ...AUDIT.events] };
    zendesk.use((_request, response) => json(response, 200, { audits: [system], meta: { has_more: false } }));
    expect(await zendesk.client.tickets.audits('7', 'note')).toMatchObject([{ author_id: '-1' }]);
  });

  test.each([
    ['a missing key', { ...TICKET, updated_at: undefined }],
    ['an id beyond 2^53', { ...TICKET, id: 9007199254740993123 }],
    ['an id that is no number', { ...TICKET, id: '../../x' }],
  ])('refuses an answer with %s', async (_name, ticket) => {
    zendesk.use((_request, response) => json(response, 200, { ticket }));
    await expect(zendesk.client.tickets.get('7', 'scan')).rejects.toMatchObject({ kind: 'malformed_answer' });
  });

  test('refuses HTML in place of JSON', async () => {
    zendesk.use((_request, response) => response.writeHead(200).end('<html>maintenance</html>'));
    await expect(zendesk.client.tickets.get('7', 'scan')).rejects.toMatchObject({ kind: 'malformed_answer' });
  });

  test('follows no redirect', async () => {
    zendesk.use((_request, response) => response.writeHead(302, { location: 'https://evil.test/' }).end());
    await expect(zendesk.client.tickets.get('7', 'scan')).rejects.toMatchObject({ status: 302 });
    expect(zendesk.seen).toHaveLength(1);
  });

  test.each(['../users/me', '7/comments', '', '7?x=1', '%2e%2e'])('refuses %j as an id before sending', async (id) => {
    await expect(zendesk.client.tickets.get(id, 'scan')).rejects.toMatchObject({ kind: 'bad_request' });
    expect(zendesk.seen).toEqual([]);
  });

  test('renews a dead token once and repeats the same request', async () => {
    zendesk.use(({ authorization }, response) =>
      authorization === 'Bearer token-2'
        ? json(response, 200, { ticket: TICKET, audit: AUDIT })
        : json(response, 401, DEAD_TOKEN),
    );
    expect(await addNote()).toMatchObject({ commentId: '900' });
    expect(zendesk.seen.map((one) => one.authorization)).toEqual(['Bearer token-1', 'Bearer token-2']);
    expect(zendesk.seen[0]?.body).toBe(zendesk.seen[1]?.body);
  });

  test('ends as token_dead when the renewed token is dead too', async () => {
    zendesk.use((_request, response) => json(response, 401, DEAD_TOKEN));
    await expect(addNote()).rejects.toMatchObject({ kind: 'token_dead', retryable: false, outcomeUnknown: false });
    expect(zendesk.seen).toHaveLength(2);
  });

  test('does not renew for any other 401', async () => {
    zendesk.use((_request, response) => json(response, 401, { error: "Couldn't authenticate you" }));
    await expect(addNote()).rejects.toMatchObject({ kind: 'unauthorised' });
    expect(zendesk.tokens).toEqual(['token-1']);
  });

  test('names the scopes a token lacks', async () => {
    const description = 'You are missing the following required scopes: read';
    zendesk.use((_request, response) => json(response, 403, { error: 'Forbidden', description }));
    await expect(zendesk.client.tickets.audits('7', 'note')).rejects.toMatchObject({
      kind: 'missing_scope',
      missingScopes: ['read'],
    });
  });

  test.each([
    ['JSON', JSON.stringify({ error: 'APIRateLimitExceeded', description: 'Number of allowed API requests' })],
    ['text', 'Number of allowed API requests per minute exceeded'],
  ])('believes a 429 as %s', async (_name, body) => {
    const headers = { 'retry-after': '93', 'zendesk-rate-limit-tickets-update': 'total=100; remaining=0; resets=93' };
    zendesk.use((_request, response) => response.writeHead(429, headers).end(body));
    await expect(addNote()).rejects.toMatchObject({ kind: 'rate_limited', retryable: true, retryAfterMs: 93_000 });
    expect(zendesk.learned.at(-1)).toMatchObject({ endpoint: 'ticket_update', facts: { retryAfterMs: 93_000 } });
  });

  test('is unavailable at 503, and waits as told', async () => {
    zendesk.use((_request, response) => response.writeHead(503, { 'retry-after': '4' }).end('<html>'));
    await expect(zendesk.client.account.me('scan')).rejects.toMatchObject({
      kind: 'unavailable',
      retryAfterMs: 4000,
      outcomeUnknown: false,
    });
  });

  test('takes the anonymous user for nobody', async () => {
    zendesk.use((_request, response) => json(response, 200, { user: { id: null, name: 'Anonymous user' } }));
    await expect(zendesk.client.account.me('scan')).rejects.toMatchObject({ kind: 'unauthorised' });
  });
});

describe('a write whose outcome nobody knows', () => {
  test('is told when the connection drops after the request was handled', async () => {
    zendesk.use((_request, response) => response.destroy());
    await expect(addNote()).rejects.toMatchObject({ kind: 'network', retryable: true, outcomeUnknown: true });
    expect(zendesk.seen).toHaveLength(1);
  });

  test('is told when no answer comes in time', async () => {
    await zendesk.close();
    zendesk = await startScriptedZendesk(300);
    zendesk.use(() => undefined);
    await expect(addNote()).rejects.toMatchObject({ kind: 'timeout', retryable: true, outcomeUnknown: true });
  });

  test('is told when the answer breaks off or does not fit', async () => {
    zendesk.use((_request, response) => {
      response.writeHead(200, { 'content-length': 500 });
      response.write('{"ticket":', () => response.destroy());
    });
    await expect(addNote()).rejects.toMatchObject({ kind: 'network', outcomeUnknown: true });
    zendesk.use((_request, response) => json(response, 200, { ticket: TICKET }));
    await expect(addNote()).rejects.toMatchObject({ kind: 'malformed_answer', outcomeUnknown: true });
    zendesk.use((_request, response) => json(response, 200, { ticket: TICKET, audit: { ...AUDIT, events: [] } }));
    await expect(addNote()).rejects.toMatchObject({ kind: 'malformed_answer', outcomeUnknown: true });
  });

  test('is not assumed when nothing was sent, or for a read', async () => {
    zendesk.use((_request, response) => response.destroy());
    await expect(zendesk.client.tickets.get('7', 'scan')).rejects.toMatchObject({ outcomeUnknown: false });
    await zendesk.close();
    const fresh = await startScriptedZendesk();
    await fresh.close();
    const { transport, client } = fresh;
    await expect(client.tickets.addInternalComment('7', note, 'note')).rejects.toMatchObject({ kind: 'network' });
    expect(transport.browserUrl('https://acme.zendesk.com/agent/tickets/1?a=b')).toMatch(
      /^http:\/\/acme\.localhost:\d+\/agent\/tickets\/1\?a=b$/,
    );
    expect(transport.browserUrl('https://example.test/x')).toBe('https://example.test/x');
    zendesk = await startScriptedZendesk();
  });
});

describe('lists', () => {
  const page = (id: number, more: boolean, after: string | null) => ({
    comments: [
      {
        id,
        type: 'Comment',
        author_id: 1,
        public: true,
        audit_id: id,
        created_at: '2026-01-02T03:04:05Z',
        via: { channel: 'email', source: { from: { address: 'c@x.test', name: 'C' }, to: {}, rel: null } },
        attachments: [attachmentRecord()],
      },
    ],
    meta: { has_more: more, after_cursor: after, before_cursor: 'b' },
    links: { next: 'https://other.zendesk.com/api/v2/next', prev: null },
  });

  test('are read to the last page, whose cursor is filled too, and with inline images', async () => {
    zendesk.use(({ path }, response) =>
      json(response, 200, path.includes('c1') ? page(1, false, 'c2') : page(2, true, 'c1')),
    );
    const comments = await zendesk.client.tickets.comments('7', 'reconcile');
    expect(comments.map((one) => one.id)).toEqual(['2', '1']);
    expect(zendesk.seen).toHaveLength(2);
    expect(zendesk.seen.every((one) => one.host === 'acme.zendesk.com')).toBe(true);
    expect(zendesk.seen.every((one) => one.path.includes('include_inline_images=true'))).toBe(true);
  });

  test('end early at the comment that is asked for', async () => {
    zendesk.use((_request, response) => json(response, 200, page(2, true, 'c1')));
    expect(await zendesk.client.tickets.comments('7', 'scan', '2')).toHaveLength(1);
    expect(zendesk.seen).toHaveLength(1);
  });

  test.each([[null], ['same']])('are refused when more is said without a new cursor (%j)', async (cursor) => {
    zendesk.use((_request, response) => json(response, 200, page(2, true, cursor)));
    await expect(zendesk.client.tickets.comments('7', 'scan')).rejects.toMatchObject({ kind: 'malformed_answer' });
  });
});

describe('an upload', () => {
  const file = (body: Readable, length: number) => ({
    fileName: 'a/ü{{x}}.pdf',
    contentType: 'application/pdf',
    length,
    body,
  });

  test('sends raw bytes and reads JSON that is called text', async () => {
    zendesk.use((_request, response) => {
      response.writeHead(201, { 'content-type': 'text/plain; charset=utf-8' });
      response.end(
        JSON.stringify({ upload: { token: 'tok', expires_at: '2026-01-05T00:00:00Z', attachment: { id: 5 } } }),
      );
    });
    const made = await zendesk.client.attachments.upload(file(Readable.from([Buffer.from('abc')]), 3), 'release');
    expect(made).toEqual({ token: 'tok', attachmentId: '5', expiresAt: '2026-01-05T00:00:00Z' });
    expect(zendesk.seen[0]).toMatchObject({ method: 'POST', body: 'abc', headers: { 'content-length': '3' } });
    expect(new URL(zendesk.seen[0]?.path ?? '', 'https://x').searchParams.get('filename')).toBe('a/ü{{x}}.pdf');
  });

  test("passes on the source's own error", async () => {
    zendesk.use((_request, response) => json(response, 500, {}));
    const broken = Readable.from(
      (async function* () {
        yield Buffer.from('a');
        throw new RangeError('the seal does not fit');
      })(),
    );
    await expect(zendesk.client.attachments.upload(file(broken, 3), 'release')).rejects.toThrow(
      'the seal does not fit',
    );
  });

  test('with a dead token renews it and asks the caller to open the bytes anew', async () => {
    zendesk.use((_request, response) => json(response, 401, DEAD_TOKEN));
    const sent = zendesk.client.attachments.upload(file(Readable.from([Buffer.from('abc')]), 3), 'release');
    await expect(sent).rejects.toMatchObject({ kind: 'unauthorised', retryable: true });
    expect(zendesk.tokens).toEqual(['token-1', 'token-2']);
  });

  test.each([
    [413, '', 'too_large'],
    [422, JSON.stringify({ error: 'AttachmentUnprocessable', description: 'x' }), 'uploads_restricted'],
  ])('that Zendesk refuses with %i is %s', async (status, body, kind) => {
    zendesk.use((_request, response) => response.writeHead(status).end(body));
    const sent = zendesk.client.attachments.upload(file(Readable.from([Buffer.from('abc')]), 3), 'release');
    await expect(sent).rejects.toMatchObject({ kind, retryable: false });
  });
});
