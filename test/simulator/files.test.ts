import { request } from 'undici';
import { basic, call, eicar, openDesk, viewOf } from './support';
import type { Desk, Raw } from './support';

let now = Date.now();
let desk: Desk;
beforeEach(async () => {
  now = Date.parse('2026-01-02T03:04:05Z');
  desk = await openDesk({ brands: [{ subdomain: 'acme-two', hostMapping: 'help.acme.test' }] }, { clock: () => now });
});
afterEach(() => desk.simulator.stop());

const ACME = 'acme.zendesk.com';
const auth = (): string => basic(desk.view.agent.email, desk.view.agent.apiToken);

async function withFile(bytes: Buffer = Buffer.from('some bytes of a file'), name = 'a.pdf') {
  const { ticket, comment } = await desk.agent.createTicket({ subject: 'x', comment: 'y', files: [{ name, bytes }] });
  return { ticket, comment, url: comment.attachments[0]?.content_url ?? '', id: comment.attachments[0]?.id ?? 0 };
}

async function upload(query: string, body = 'abc'): Promise<Raw> {
  const headers = { host: ACME, authorization: auth(), 'content-type': 'application/octet-stream' };
  const response = await request(`${desk.simulator.url}/api/v2/uploads?${query}`, { method: 'POST', headers, body });
  const text = await response.body.text();
  return { status: response.statusCode, headers: response.headers, text, json: JSON.parse(text) as Raw['json'] };
}

test('takes raw bytes and answers JSON as text, with the type guessed from the extension', async () => {
  const answer = await upload('filename=README.md');
  expect(answer.status).toBe(201);
  expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
  expect(answer.headers['location']).toMatch(/^https:\/\/acme\.zendesk\.com\/api\/v2\/attachments\/\d+\.json$/);
  expect(answer.json['upload']).toMatchObject({
    expires_at: '2026-01-02T04:04:05Z',
    attachment: { content_type: 'application/x-genesis-rom', size: 3 },
  });
});

test('collects several files under one token', async () => {
  const { token } = (await upload('filename=a.txt')).json['upload'] as { token: string };
  const second = (await upload(`filename=b.txt&token=${token}`)).json['upload'];
  expect(second).toMatchObject({
    token,
    attachment: { file_name: 'b.txt' },
    attachments: [{ file_name: 'a.txt' }, { file_name: 'b.txt' }],
  });
});

const update = (comment: object): Promise<Raw> =>
  call(desk.simulator.url, 'PUT', '/api/v2/tickets/1.json', {
    host: ACME,
    auth: auth(),
    body: { ticket: { comment } },
  });

test('refuses a token that was used, and one whose hour is over', async () => {
  await desk.agent.createTicket({ subject: 'x', comment: 'y' });
  const used = await desk.agent.upload({ name: 'a.txt', bytes: Buffer.from('a') });
  expect((await update({ body: 'one', uploads: [used] })).status).toBe(200);
  expect((await update({ body: 'two', uploads: [used] })).status).toBe(422);
  const late = await desk.agent.upload({ name: 'a.txt', bytes: Buffer.from('a') });
  now += 3_601_000;
  expect((await update({ body: 'three', uploads: late })).status).toBe(422);
  expect((await upload(`filename=b.txt&token=${late}`)).status).toBe(404);
});

test('refuses uploads that are too large or of a type that is not allowed', async () => {
  await desk.agent.switches({ attachmentSize: 4, uploads: { allowedExtensions: ['txt'] } });
  expect((await upload('filename=a.txt', 'abcde')).status).toBe(413);
  expect(await upload('filename=a.exe')).toMatchObject({ status: 422, json: { error: 'AttachmentUnprocessable' } });
  expect((await upload('filename=a.txt')).status).toBe(201);
});

test('leads under a real name to zdusercontent.com, which serves the bytes without credentials', async () => {
  await withFile();
  const list = await call(desk.simulator.url, 'GET', '/api/v2/tickets/1/comments.json', { host: ACME, auth: auth() });
  const url = new URL(/"content_url":"([^"]+)"/.exec(list.text)?.[1] ?? '');
  expect(url.host).toBe(ACME);
  const first = await call(desk.simulator.url, 'GET', url.pathname + url.search, { host: url.host });
  expect(first.status).toBe(302);
  const next = new URL(String(first.headers.location));
  expect(next.host).toBe('p1.zdusercontent.com');
  const path = next.pathname + next.search;
  expect(await call(desk.simulator.url, 'GET', path, { host: next.host })).toMatchObject({
    status: 200,
    text: 'some bytes of a file',
  });
  expect((await call(desk.simulator.contentUrl, 'GET', path, { host: next.host })).text).toBe('some bytes of a file');
  expect(
    (await call(desk.simulator.url, 'GET', path.replace('signature=', 'signature=0'), { host: next.host })).status,
  ).toBe(403);
});

test('refuses and records credentials at the content host', async () => {
  const { url } = await withFile();
  const { pathname, search } = new URL(url);
  const first = await call(desk.simulator.url, 'GET', pathname + search, { auth: auth() });
  const next = new URL(String(first.headers.location));
  const answer = await call(desk.simulator.contentUrl, 'GET', next.pathname + next.search, { auth: auth() });
  expect(answer.status).toBe(400);
  expect(await desk.agent.violations()).toEqual([
    expect.objectContaining({ what: expect.stringContaining('Authorization') }),
  ]);
});

test('puts the files of a brand on the host of the brand', async () => {
  const brand = desk.view.brands.find((row) => row.subdomain === 'acme-two');
  const token = await desk.agent.upload({ name: 'a.txt', bytes: Buffer.from('brand bytes') });
  const ticket = { brand_id: brand?.id, comment: { body: 'x', uploads: [token] } };
  const made = await call(desk.simulator.url, 'POST', '/api/v2/tickets', {
    host: ACME,
    auth: auth(),
    body: { ticket },
  });
  expect(made.text).toContain('https://acme-two.zendesk.com/attachments/token/');
  expect(made.text).toContain('"mapped_content_url":"https://help.acme.test/attachments/token/');
  const path = /https:\/\/help\.acme\.test(\/attachments\/[^"]+)"/.exec(made.text)?.[1] ?? '';
  for (const host of ['acme-two.zendesk.com', 'help.acme.test'])
    expect((await call(desk.simulator.url, 'GET', path, { host })).status).toBe(302);
  expect((await viewOf(desk.simulator, 'acme')).brands).toHaveLength(2);
});

test('asks for credentials where attachments are private', async () => {
  const { url } = await withFile();
  const { pathname, search } = new URL(url);
  await desk.agent.switches({ privateAttachments: true });
  expect((await call(desk.simulator.url, 'GET', pathname + search)).status).toBe(401);
  expect((await call(desk.simulator.url, 'GET', pathname + search, { auth: auth() })).status).toBe(302);
  await desk.agent.switches({ privateRefusalStatus: 302 });
  expect((await call(desk.simulator.url, 'GET', pathname + search)).headers.location).toContain('/access/login');
});

test('spoils downloads as ordered: block page, cut off, too short, without length, slow', async () => {
  const { url } = await withFile(Buffer.alloc(1000, 'a'));
  const set = (download: object) => desk.agent.switches({ download });
  await set({ mode: 'blocked_page', times: 1 });
  expect(await desk.agent.download(url)).toMatchObject({ status: 200, contentType: 'text/html; charset=utf-8' });
  expect((await desk.agent.download(url)).bytes).toHaveLength(1000);
  await set({ mode: 'truncated', times: 1 });
  await expect(desk.agent.download(url)).rejects.toThrow();
  await set({ mode: 'wrong_length', times: 1 });
  expect((await desk.agent.download(url)).bytes).toHaveLength(800);
  await set({ mode: 'no_length', times: 1 });
  expect((await desk.agent.download(url)).bytes).toHaveLength(1000);
  await set({ mode: 'slow', times: 1, chunkBytes: 400, chunkDelayMs: 1 });
  expect((await desk.agent.download(url)).bytes).toHaveLength(1000);
});

test('finds EICAR itself only where its scan is on, after the delay, and blocks it until an admin overrides', async () => {
  const { url, id } = await withFile(eicar(), 'eicar.com');
  const result = async () =>
    (await desk.agent.api<{ attachment: { malware_scan_result: string } }>('GET', `/api/v2/attachments/${id}`))
      .attachment.malware_scan_result;
  now += 10_000;
  expect(await result()).toBe('not_scanned');
  expect((await desk.agent.download(url)).bytes).toEqual(eicar());
  await desk.agent.switches({ zendeskScan: { enabled: true, delayMs: 20_000 } });
  expect(await result()).toBe('not_scanned');
  now += 10_000;
  expect(await result()).toBe('malware_found');
  expect((await desk.agent.download(url)).contentType).toContain('text/html');
  const override = { attachment: { malware_access_override: true } };
  await expect(desk.agent.api('PUT', `/api/v2/attachments/${id}`, override)).rejects.toThrow('403');
  await desk.admin.api('PUT', `/api/v2/attachments/${id}`, override);
  expect((await desk.agent.download(url)).bytes).toEqual(eicar());
});

test('fails to scan where the switch says so', async () => {
  await desk.agent.switches({ zendeskScan: { enabled: true, delayMs: 0, fails: true } });
  await withFile();
  const [comment] = await desk.agent.listComments(1);
  expect(comment?.attachments[0]?.malware_scan_result).toBe('failed_to_scan');
});

test('leaves inline images out of the list unless asked', async () => {
  await desk.agent.createTicket({ subject: 'x', comment: 'y' });
  const uploaded = (await upload('filename=i.png')).json['upload'] as {
    token: string;
    attachment: { content_url: string };
  };
  await update({ html_body: `<img src="${uploaded.attachment.content_url}">`, uploads: [uploaded.token] });
  const plain = await desk.agent.api<{ comments: { attachments: object[] }[] }>('GET', '/api/v2/tickets/1/comments');
  expect(plain.comments[1]?.attachments).toEqual([]);
  expect((await desk.agent.listComments(1))[1]?.attachments).toEqual([expect.objectContaining({ inline: true })]);
});
