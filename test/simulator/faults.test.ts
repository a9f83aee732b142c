import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SimulatorUser } from '../../simulator/client';
import { startSimulator } from '../../simulator/index';
import { basic, call, openDesk, userOf, viewOf } from './support';
import type { Desk } from './support';

const main = join(__dirname, '../../dist/simulator/main.js');

describe('faults', () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await openDesk();
    await desk.agent.createTicket({ subject: 'x', comment: 'y' });
  });
  afterEach(() => desk.simulator.stop());

  const auth = () => basic(desk.view.agent.email, desk.view.agent.apiToken);
  const show = () => call(desk.simulator.url, 'GET', '/api/v2/tickets/1', { auth: auth() });
  const fault = (body: object) =>
    call(desk.simulator.url, 'POST', '/_simulator/faults', {
      body: { match: { path: '^/api/v2/tickets/1' }, ...body },
    });

  test('answers the next calls with the ordered status, text and Retry-After', async () => {
    await fault({ status: 503, bodyText: 'busy', retryAfter: 7, times: 2 });
    for (let turn = 0; turn < 2; turn += 1)
      expect(await show()).toMatchObject({ status: 503, text: 'busy', headers: { 'retry-after': '7' } });
    expect((await show()).status).toBe(200);
    await fault({ status: 502, html: '<h1>Bad gateway</h1>' });
    expect((await show()).headers['content-type']).toContain('text/html');
  });

  test('cuts the connection before or after the request was handled', async () => {
    const note = () => desk.agent.addComment(1, { body: 'note', public: false });
    await fault({ dropConnection: true });
    await expect(note()).rejects.toThrow();
    expect(await desk.agent.updates(1)).toMatchObject({ notes: 0 });
    await fault({ dropConnectionAfterHandling: true });
    await expect(note()).rejects.toThrow();
    expect(await desk.agent.updates(1)).toMatchObject({ notes: 1 });
  });

  test('cuts an answer in the middle', async () => {
    await fault({ truncateAt: 0.5 });
    await expect(show()).rejects.toThrow();
  });

  test('limits an account per minute, in JSON or in text, with the headers on success', async () => {
    await desk.agent.switches({ plan: 'essential' });
    await call(desk.simulator.url, 'DELETE', '/_simulator/limits');
    expect((await show()).headers).toMatchObject({
      'x-rate-limit': '10',
      'x-rate-limit-remaining': '9',
      'ratelimit-limit': '10',
    });
    for (let turn = 0; turn < 9; turn += 1) await show();
    expect(await show()).toMatchObject({ status: 429, json: { error: 'APIRateLimitExceeded' } });
    await desk.agent.switches({ rateLimits: { answer: 'text' } });
    const refused = await show();
    expect(refused.headers['content-type']).toContain('text/plain');
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  });

  test('refuses a switch that does not exist or has another type', async () => {
    await expect(desk.agent.switches({ colour: 'red' })).rejects.toThrow('There is no switch colour');
    await expect(desk.agent.switches({ agentWorkspace: 'yes' })).rejects.toThrow('expected boolean');
    await expect(desk.agent.switches({ webhooks: { hold: 1 } })).rejects.toThrow('400');
  });

  test('logs requests with account, status and caller, and forgets them on demand', async () => {
    await desk.agent.clearRequests();
    await show();
    const [entry] = await desk.agent.requests();
    expect(entry).toMatchObject({
      account: 'acme',
      method: 'GET',
      path: '/api/v2/tickets/1',
      status: 200,
      who: `api_token:${desk.view.agent.email}`,
    });
    expect(await desk.agent.requests(entry?.seq)).toEqual([]);
  });
});

describe('what is kept', () => {
  let dataDir = '';
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'simulator-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  test('survives a killed process with everything that was answered', async () => {
    const options = JSON.stringify({ port: 0, dataDir, accounts: [{ subdomain: 'acme' }] });
    const child = fork(main, [options], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer];
    const ready = JSON.parse(line.toString()) as { ready: boolean; url: string };
    const view = await viewOf({ url: ready.url } as Parameters<typeof viewOf>[0], 'acme');
    const { email, apiToken } = view.agent;
    const agent = new SimulatorUser({ url: ready.url, subdomain: 'acme', email, apiToken: apiToken ?? '' });
    const bytes = Buffer.from([0, 1, 2, 255]);
    const { comment } = await agent.createTicket({ subject: 'kept', comment: 'y', files: [{ name: 'a.bin', bytes }] });
    child.kill('SIGKILL');
    await once(child, 'exit');
    const again = await startSimulator({ port: 0, dataDir, accounts: [{ subdomain: 'acme' }] });
    try {
      const survivor = userOf(again, await viewOf(again, 'acme'), 'agent');
      expect((await survivor.getTicket(1)).subject).toBe('kept');
      const [listed] = await survivor.listComments(1);
      expect(listed?.attachments[0]?.id).toBe(comment.attachments[0]?.id);
      expect((await survivor.download(listed?.attachments[0]?.content_url ?? '')).bytes).toEqual(bytes);
      expect((await survivor.createTicket({ subject: 'next', comment: 'z' })).ticket.id).toBe(2);
    } finally {
      await again.stop();
    }
  });

  test('stops on SIGTERM', async () => {
    const child = fork(main, [JSON.stringify({ port: 0 })], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    await once(child.stdout ?? child, 'data');
    child.kill('SIGTERM');
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(0);
  });
});
