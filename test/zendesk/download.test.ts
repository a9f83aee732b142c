import type { ServerResponse } from 'node:http';
import type { FetchOutcome, FetchRequest } from '../../domain/channel';
import { bytesOf, CONTENT, failureOf, FILE, FIRST, HTML, recordOf, redirect, serve } from './support/scripted-download';
import { DEAD_TOKEN, json, startScriptedZendesk, type ScriptedZendesk } from './support/scripted-zendesk';

let zendesk: ScriptedZendesk;
beforeEach(async () => {
  zendesk = await startScriptedZendesk();
});
afterEach(() => zendesk.close());

const fetchFile = (change: Partial<FetchRequest> = {}): Promise<FetchOutcome> =>
  zendesk.client.download({ attachmentId: '5', contentUrl: FIRST, lane: 'scan', maxBytes: 1000, ...change });

const authorizations = (): (string | undefined)[] => zendesk.seen.map((one) => one.authorization);

describe('a download that is the file', () => {
  test('costs one request at the account and one at the content host, which gets no credentials', async () => {
    serve(zendesk, { content: (response) => response.writeHead(200, { 'content-length': 10 }).end(FILE) });
    const outcome = await fetchFile();
    expect(outcome).toMatchObject({ outcome: 'bytes', length: 10 });
    expect(await bytesOf(outcome)).toBe(FILE);
    expect(zendesk.seen.map((one) => one.host)).toEqual(['acme.zendesk.com', 'p1.zdusercontent.com']);
    expect(authorizations()).toEqual(['Bearer token-1', undefined]);
    expect(zendesk.seen.every((one) => one.headers['accept-encoding'] === 'identity')).toBe(true);
    expect(zendesk.acquired).toEqual(['attachment_content scan']);
  });

  test("starts at another brand's host with the token, and at a mapped domain without", async () => {
    serve(zendesk, { content: (response) => response.writeHead(200, { 'content-length': 10 }).end(FILE) });
    await bytesOf(await fetchFile({ contentUrl: 'https://acme-shop.zendesk.com/attachments/token/x/' }));
    await bytesOf(await fetchFile({ contentUrl: 'https://help.acme.test/attachments/token/x/' }));
    expect(zendesk.seen.map((one) => [one.host, one.authorization])).toEqual([
      ['acme-shop.zendesk.com', 'Bearer token-1'],
      ['p1.zdusercontent.com', undefined],
      ['help.acme.test', undefined],
      ['p1.zdusercontent.com', undefined],
    ]);
  });

  test('may be empty', async () => {
    serve(zendesk, { content: (response) => response.writeHead(200, { 'content-length': 0 }).end() });
    const outcome = await fetchFile();
    expect(outcome).toMatchObject({ outcome: 'bytes', length: 0 });
    expect(await bytesOf(outcome)).toBe('');
  });

  test('follows five redirects', async () => {
    const own = (response: ServerResponse, _host: string, path: string): void => {
      const hop = Number(new URL(path, FIRST).searchParams.get('hop') ?? '0');
      redirect(response, hop < 4 ? `/attachments/next?hop=${hop + 1}` : CONTENT);
    };
    serve(zendesk, { own, content: (response) => response.writeHead(200, { 'content-length': 10 }).end(FILE) });
    expect(await bytesOf(await fetchFile())).toBe(FILE);
  });

  test('is an HTML file when the record has the same size', async () => {
    serve(zendesk, {
      content: (response) => response.writeHead(200, { 'content-length': 10, ...HTML }).end('<p>hi</p>\n'),
      record: recordOf({ file_name: 'page.html', content_type: 'text/html', size: 10 }),
    });
    expect(await bytesOf(await fetchFile())).toBe('<p>hi</p>\n');
  });

  test('has the length of its record when none was declared', async () => {
    serve(zendesk, {
      content: (response) => response.write(FILE, () => response.end()),
      record: recordOf({ size: 10 }),
    });
    const outcome = await fetchFile();
    expect(outcome).toMatchObject({ outcome: 'bytes', length: 10 });
    expect(await bytesOf(outcome)).toBe(FILE);
  });

  test('may come from an own host when the record has the same size', async () => {
    serve(zendesk, {
      own: (response) => response.writeHead(200, { 'content-length': 10 }).end(FILE),
      record: recordOf(),
    });
    expect(await bytesOf(await fetchFile())).toBe(FILE);
  });
});

describe('a download that is not the whole file', () => {
  test('fails as truncated when the connection ends at 80 %', async () => {
    serve(zendesk, {
      content: (response) => {
        response.writeHead(200, { 'content-length': 10 });
        response.write(FILE.slice(0, 8), () => response.destroy());
      },
    });
    expect(await failureOf(await fetchFile())).toMatchObject({ kind: 'truncated', retryable: true });
  });

  test('fails as truncated when an undeclared body ends before the size of the record', async () => {
    serve(zendesk, {
      content: (response) => response.write('01234567', () => response.end()),
      record: recordOf({ size: 10 }),
    });
    expect(await failureOf(await fetchFile())).toMatchObject({ kind: 'truncated' });
  });

  test('fails as truncated when an undeclared body is longer than the record', async () => {
    serve(zendesk, {
      content: (response) => response.write(`${FILE}x`, () => response.end()),
      record: recordOf({ size: 10 }),
    });
    expect(await failureOf(await fetchFile())).toMatchObject({ kind: 'truncated' });
  });

  test('is refused when an own host declares less than the record', async () => {
    serve(zendesk, {
      own: (response) => response.writeHead(200, { 'content-length': 8 }).end('01234567'),
      record: recordOf(),
    });
    expect(await fetchFile()).toMatchObject({ outcome: 'refused', reason: 'truncated' });
  });

  test('is refused when the content host declares less than the caller knows', async () => {
    serve(zendesk, { content: (response) => response.writeHead(200, { 'content-length': 8 }).end('01234567') });
    expect(await fetchFile({ expectedSize: 10 })).toMatchObject({ outcome: 'refused', reason: 'truncated' });
    expect(await fetchFile({ expectedSize: 8 })).toMatchObject({ outcome: 'bytes', length: 8 });
  });

  test('is refused in any coding', async () => {
    const headers = { 'content-encoding': 'gzip', 'content-length': 10 };
    serve(zendesk, { content: (response) => response.writeHead(200, headers).end(FILE) });
    expect(await fetchFile()).toMatchObject({ outcome: 'refused', reason: 'malformed' });
  });

  test('is refused as a partial answer', async () => {
    serve(zendesk, { content: (response) => response.writeHead(206, { 'content-length': 8 }).end('01234567') });
    expect(await fetchFile()).toMatchObject({ outcome: 'refused', reason: 'malformed' });
  });

  test('is refused before reading when it is larger than allowed', async () => {
    serve(zendesk, { content: (response) => response.writeHead(200, { 'content-length': 1001 }).flushHeaders() });
    expect(await fetchFile()).toMatchObject({ outcome: 'refused', reason: 'too_large' });
  });

  test('is refused before reading when its record is larger than allowed', async () => {
    serve(zendesk, { content: (response) => void response.write('x'), record: recordOf({ size: 1001 }) });
    expect(await fetchFile()).toMatchObject({ outcome: 'refused', reason: 'too_large' });
  });
});

describe('an HTML page in place of the file', () => {
  const page = '<html><body>This file is malicious</body></html>';
  const block = (response: ServerResponse): void =>
    void response.writeHead(200, { 'content-length': page.length, ...HTML }).end(page);

  test("is a block when Zendesk's scan says so", async () => {
    serve(zendesk, {
      own: block,
      record: recordOf({ malware_scan_result: 'malware_found', content_type: 'text/html' }),
    });
    expect(await fetchFile()).toEqual({ outcome: 'blocked' });
  });

  test('is a block even in the size of the file', async () => {
    const record = { malware_scan_result: 'malware_found', file_name: 'x.html', size: page.length };
    serve(zendesk, { content: block, record: recordOf(record) });
    expect(await fetchFile()).toEqual({ outcome: 'blocked' });
  });

  test('is never the file when it has another size, also of an HTML file', async () => {
    serve(zendesk, { content: block, record: recordOf({ file_name: 'x.html', content_type: 'text/html', size: 10 }) });
    expect(await fetchFile()).toMatchObject({ outcome: 'refused', reason: 'page' });
  });

  test('is never the file when it comes from an own host, also in its size', async () => {
    serve(zendesk, { own: block, record: recordOf({ file_name: 'x.html', size: page.length }) });
    expect(await fetchFile()).toMatchObject({ outcome: 'refused', reason: 'page' });
  });

  test('is gone when Zendesk has no such attachment', async () => {
    serve(zendesk, { own: block, record: (response) => json(response, 404, { error: 'RecordNotFound' }) });
    expect(await fetchFile()).toEqual({ outcome: 'gone' });
  });

  test('is fetched again when the token was dead and Zendesk showed its sign-in page', async () => {
    zendesk.use(({ authorization, host, path }, response) => {
      if (host.endsWith('.zdusercontent.com')) return response.writeHead(200, { 'content-length': 10 }).end(FILE);
      const alive = authorization === 'Bearer token-2';
      if (path.startsWith('/api/')) return alive ? recordOf()(response) : json(response, 401, DEAD_TOKEN);
      return alive ? redirect(response, CONTENT) : block(response);
    });
    expect(await bytesOf(await fetchFile())).toBe(FILE);
  });
});
