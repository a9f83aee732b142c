import type { ServerResponse } from 'node:http';
import type { FetchOutcome, FetchRequest } from '../../domain/channel';
import { bytesOf, CONTENT, failureOf, FILE, FIRST, recordOf, redirect, serve } from './support/scripted-download';
import { DEAD_TOKEN, json, startScriptedZendesk, type ScriptedZendesk } from './support/scripted-zendesk';

let zendesk: ScriptedZendesk;
beforeEach(async () => {
  zendesk = await startScriptedZendesk();
});
afterEach(() => zendesk.close());

const fetchFile = (change: Partial<FetchRequest> = {}): Promise<FetchOutcome> =>
  zendesk.client.download({ attachmentId: '5', contentUrl: FIRST, lane: 'scan', maxBytes: 1000, ...change });

const authorizations = (): (string | undefined)[] => zendesk.seen.map((one) => one.authorization);

describe('where a download may go', () => {
  test.each([
    ['another account', 'https://victim.zendesk.com/attachments/token/x/'],
    ['a foreign host', 'https://evil.test/attachments/token/x/'],
    ['a look-alike', 'https://acme.zendesk.com.evil.test/x'],
    ['a local address', 'https://127.0.0.1/x'],
    ['the content host at once', CONTENT],
  ])('knows %s as no host of this account and sends nothing', async (_name, contentUrl) => {
    serve(zendesk, {});
    expect(await fetchFile({ contentUrl })).toMatchObject({ outcome: 'refused', reason: 'unknown_host' });
    expect(zendesk.seen).toEqual([]);
  });

  test.each([
    ['plain http', 'http://acme.zendesk.com/attachments/token/x/'],
    ['another port', 'https://acme.zendesk.com:8443/x'],
    ['user info', 'https://acme.zendesk.com@evil.test/x'],
    ['no address', 'attachments/token/x'],
  ])('refuses %s as the first address and sends nothing', async (_name, contentUrl) => {
    serve(zendesk, {});
    expect(await fetchFile({ contentUrl })).toMatchObject({ outcome: 'refused', reason: 'malformed' });
    expect(zendesk.seen).toEqual([]);
  });

  test.each(['http://p1.zdusercontent.com/x', 'file:///etc/passwd', ''])(
    'refuses a redirect to %j and sends nothing there',
    async (location) => {
      serve(zendesk, { own: (response) => redirect(response, location) });
      expect(await fetchFile()).toMatchObject({ outcome: 'refused', reason: 'malformed' });
      expect(zendesk.seen).toHaveLength(1);
    },
  );

  test.each([
    'https://evil.test/x',
    'https://victim.zendesk.com/x',
    'https://zdusercontent.com.evil.test/x',
    'https://169.254.169.254/latest/meta-data',
  ])('sends nothing to %j, which a redirect names', async (location) => {
    serve(zendesk, { own: (response) => redirect(response, location) });
    expect(await fetchFile()).toMatchObject({ outcome: 'refused', reason: 'unknown_host' });
    expect(zendesk.seen).toHaveLength(1);
  });

  test('refuses a sixth redirect', async () => {
    serve(zendesk, { own: (response) => redirect(response, FIRST) });
    expect(await fetchFile()).toMatchObject({ outcome: 'refused', reason: 'malformed' });
    expect(zendesk.seen).toHaveLength(6);
  });
});

describe('a download that Zendesk refuses', () => {
  const missing = (response: ServerResponse) => json(response, 404, { error: 'RecordNotFound' });

  test.each([404, 410])('is gone at status %i when Zendesk has no such attachment any more', async (status) => {
    const own = (response: ServerResponse) => json(response, status, { error: 'RecordNotFound' });
    const content = (response: ServerResponse) => void response.writeHead(status).end();
    serve(zendesk, { own, record: missing });
    expect(await fetchFile()).toEqual({ outcome: 'gone' });
    serve(zendesk, { content, record: missing });
    expect(await fetchFile()).toEqual({ outcome: 'gone' });
    serve(zendesk, { content, record: recordOf({ deleted: true }) });
    expect(await fetchFile()).toEqual({ outcome: 'gone' });
  });

  test.each([404, 410])('is tried again later at status %i while Zendesk still has the attachment', async (status) => {
    serve(zendesk, { own: (response) => json(response, status, { error: 'RecordNotFound' }), record: recordOf() });
    await expect(fetchFile()).rejects.toMatchObject({ kind: 'unavailable', retryable: true });
    serve(zendesk, { content: (response) => response.writeHead(status).end(), record: recordOf() });
    await expect(fetchFile()).rejects.toMatchObject({ kind: 'unavailable', retryable: true });
  });

  test.each([404, 410])(
    'is gone at status %i for the proof of a redaction, without a further request',
    async (status) => {
      serve(zendesk, { own: (response) => json(response, status, { error: 'RecordNotFound' }), record: recordOf() });
      expect(await fetchFile({ lane: 'redact' })).toEqual({ outcome: 'gone' });
      expect(zendesk.seen).toHaveLength(1);
    },
  );

  test('is not gone when the whole help desk is', async () => {
    const error = { title: 'No help desk at acme.zendesk.com', message: 'x' };
    serve(zendesk, { own: (response) => json(response, 404, { error }) });
    await expect(fetchFile()).rejects.toMatchObject({ kind: 'unknown_host' });
  });

  test('is blocked at status 403 when the record says malware', async () => {
    serve(zendesk, {
      own: (response) => response.writeHead(403).end('no'),
      record: recordOf({ malware_scan_result: 'malware_found' }),
    });
    expect(await fetchFile()).toEqual({ outcome: 'blocked' });
  });

  test('is forbidden at status 403 when the record is harmless', async () => {
    serve(zendesk, { own: (response) => response.writeHead(403).end('no'), record: recordOf() });
    await expect(fetchFile()).rejects.toMatchObject({ kind: 'forbidden', retryable: false });
  });

  test('is tried again later when the signed address has expired', async () => {
    serve(zendesk, { content: (response) => response.writeHead(403).end('<Error>'), record: recordOf() });
    await expect(fetchFile()).rejects.toMatchObject({ kind: 'unavailable', retryable: true });
  });

  test('renews a dead token once and starts again', async () => {
    zendesk.use(({ authorization, host }, response) => {
      if (host.endsWith('.zdusercontent.com')) return response.writeHead(200, { 'content-length': 10 }).end(FILE);
      return authorization === 'Bearer token-2' ? redirect(response, CONTENT) : json(response, 401, DEAD_TOKEN);
    });
    expect(await bytesOf(await fetchFile())).toBe(FILE);
    expect(authorizations()).toEqual(['Bearer token-1', 'Bearer token-2', undefined]);
  });

  test('ends as token_dead when the renewed token is dead too', async () => {
    serve(zendesk, { own: (response) => json(response, 401, DEAD_TOKEN) });
    await expect(fetchFile()).rejects.toMatchObject({ kind: 'token_dead' });
    expect(zendesk.seen).toHaveLength(2);
  });

  test('tells the budget about a 429 and fails for now', async () => {
    serve(zendesk, { own: (response) => response.writeHead(429, { 'retry-after': '3' }).end('slow down') });
    await expect(fetchFile()).rejects.toMatchObject({ kind: 'rate_limited', retryAfterMs: 3000, retryable: true });
    expect(zendesk.learned).toEqual([
      { endpoint: 'attachment_content', facts: { retryAfterMs: 3000, remaining: 0 }, ticketId: undefined },
    ]);
  });

  test('stops when the caller gives up, before and within the body', async () => {
    const before = new AbortController();
    serve(zendesk, { own: () => before.abort() });
    await expect(fetchFile({ signal: before.signal })).rejects.toMatchObject({ kind: 'aborted', retryable: false });
    const within = new AbortController();
    serve(zendesk, { content: (response) => response.writeHead(200, { 'content-length': 10 }).write('0123') });
    const outcome = await fetchFile({ signal: within.signal });
    within.abort();
    expect(await failureOf(outcome)).toMatchObject({ kind: 'aborted' });
  });
});
