import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../embedded/lazaret-client';
import type { ScanView } from '../../embedded/lazaret-client';
import type { SimulatorUser } from '../../simulator/client';
import { deskOf, sha256 } from '../support/desk';
import type { Desk } from '../support/desk';
import { httpStandIn } from '../support/http-stand-in';
import type { HttpStandIn, Said } from '../support/http-stand-in';
import { startLazaret } from '../support/lazaret';
import type { Lazaret } from '../support/lazaret';

/** Links from the comment to the verdict, with a service asked over HTTP, a downloaded list and lists of people. */

jest.setTimeout(90_000);

const KEY = 'web-risk-key-of-this-test';
const prefixOf = (host: string): string =>
  createHash('sha256').update(`${host}/`).digest().subarray(0, 4).toString('base64');
const newHost = (word: string): string => `${word}-${randomUUID().slice(0, 8)}.example`;

let lazaret: Lazaret;
let desk: Desk;
let service: HttpStandIn;
let directory: string;
/** What the service says of a host; of every other one that it knows nothing. */
const plans = new Map<string, Said>();

const knows = (host: string): Said => {
  const hash = createHash('sha256').update(`${host}/`).digest('base64');
  return { json: { threats: [{ hash, threatTypes: ['MALWARE'], expireTime: '2099-01-01T00:00:00Z' }] } };
};
const plan = (host: string, said: Said): string => {
  plans.set(prefixOf(host), said);
  return host;
};

/** As a careful cron job does: written aside, then put in place. */
function publish(content: string): void {
  writeFileSync(join(directory, 'feed.part'), content);
  renameSync(join(directory, 'feed.part'), join(directory, 'feed.txt'));
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'lazaret-feed-'));
  publish('listed-at-first.example\n');
  service = await httpStandIn(({ url, headers }) => {
    if (headers['x-goog-api-key'] !== KEY) return { status: 403 };
    const prefix = new URL(url, 'http://localhost').searchParams.get('hashPrefix') ?? '';
    return plans.get(prefix) ?? { json: { negativeExpireTime: '2099-01-01T00:00:00Z' } };
  });
  lazaret = await startLazaret({
    env: {
      LAZARET_WEB_RISK_KEY: KEY,
      LAZARET_GOOGLE_URL: service.origin,
      LAZARET_LINK_FEEDS: `intern=${join(directory, 'feed.txt')}`,
      LAZARET_ENGINE_TIMEOUT_MS: '1000',
      LAZARET_ENGINE_FAILURES: '1000',
    },
  });
  desk = deskOf(lazaret);
});
afterAll(async () => {
  await lazaret.stop();
  await service.stop();
  rmSync(directory, { recursive: true, force: true });
});

const list = (entry: { kind: string; effect: string; value: string }): Promise<unknown> =>
  lazaret.admin.call('POST', '/api/v1/lists', { owner: 'IT', reason: 'For this test.', ...entry });

/** Sends a ticket that holds this link, and waits for its verdict. */
async function judged(host: string, by: SimulatorUser = lazaret.agent): Promise<{ ticketId: number; scan: ScanView }> {
  const { ticket } = await by.createTicket({ subject: 'a link', comment: `please see https://${host}/` });
  const path = `/api/v1/scans?ticket=${ticket.id}&kind=url`;
  const scan = await until(
    `the verdict about ${host}`,
    async () => (await lazaret.admin.call<{ scans: ScanView[] }>('GET', path)).scans[0],
    30_000,
  );
  return { ticketId: ticket.id, scan };
}
const verdictOf = async (host: string): Promise<string> => (await judged(host)).scan.verdict;
const rulesOf = async ({ id }: ScanView): Promise<string[]> => {
  const scan = await lazaret.admin.call<{ findings: { rule: string }[] }>('GET', `/api/v1/scans/${id}`);
  return scan.findings.map(({ rule }) => rule);
};

test('a link that the service knows is told in one note, one it does not know is clean, and no address leaves the house', async () => {
  const [bad, fine] = [newHost('bad'), newHost('fine')];
  plan(bad, knows(bad));
  const [known, unknown] = await Promise.all([judged(bad), judged(fine)]);
  expect([known.scan, unknown.scan]).toMatchObject([
    { verdict: 'malicious', state: 'noted' },
    { verdict: 'clean', state: 'clean' },
  ]);
  expect(await rulesOf(known.scan)).toContain('Link_Known_As_Malware');
  expect((await desk.said(known.ticketId, 1))[0]?.body).toContain('found 1 malicious link');
  const sent = service.heard.map(({ url, body }) => decodeURIComponent(url) + body.toString()).join();
  expect(sent).not.toContain('.example');
  expect(lazaret.logs()).not.toContain(KEY);
});

test('a link about which the service says nothing usable is unscannable, quietly, until it answers', async () => {
  const troubles: Record<string, Said> = {
    'an error': { status: 500, json: {} },
    'its limit': { status: 429, headers: { 'retry-after': '60' } },
    'a refusal of the key': { status: 403, json: {} },
    'a page instead of an answer': { text: '<html>' },
    'a closed connection': { cut: true },
    silence: { silent: true },
  };
  const met = async ([trouble, said]: [string, Said]) => {
    const host = plan(newHost('quiet'), said);
    const { ticketId, scan } = await judged(host);
    const notes = (await desk.said(ticketId, 0)).length;
    // A failure is not remembered.
    plan(host, knows(host));
    const { verdict, reason, state } = scan as ScanView & { reason: string };
    return [trouble, { verdict, reason, state, notes, later: await verdictOf(host) }];
  };
  const seen = { verdict: 'unscannable', reason: 'engine_unavailable', state: 'noted', notes: 0, later: 'malicious' };
  const all = await Promise.all(Object.entries(troubles).map(met));
  expect(all).toEqual(Object.keys(troubles).map((trouble) => [trouble, seen]));
});

test('a file that holds a link about which the service is silent is unscannable, never clean', async () => {
  const host = plan(newHost('inside'), { silent: true });
  const send = async () => {
    const bytes = Buffer.from(`<a href="https://${host}/">${randomUUID()}</a>`);
    const { id } = await desk.send({ name: 'page.html', bytes });
    return desk.reach(id, 'noted');
  };
  expect(await send()).toMatchObject([{ verdict: 'unscannable', reason: 'engine_unavailable' }]);
});

test('an allowed link is clean whatever the service says or leaves unsaid; the entry stands beside it', async () => {
  const [known, silent] = [newHost('allowed'), newHost('allowed')];
  plan(known, knows(known));
  plan(silent, { silent: true });
  for (const value of [known, silent]) await list({ kind: 'domain', effect: 'allow', value });
  const [one, other] = await Promise.all([judged(known), judged(silent)]);
  expect([one.scan.verdict, other.scan.verdict]).toEqual(['clean', 'clean']);
  expect(await rulesOf(one.scan)).toEqual(expect.arrayContaining(['Link_Known_As_Malware', 'Lists_Allowed_Link']));
});

test('a list that changes while the product runs is used at once; an error page in its place is not', async () => {
  const taken = (): number => lazaret.logs().split('a list of bad links changed').length;
  const changed = async (content: string): Promise<void> => {
    const before = taken();
    publish(content);
    await until('the list read', () => Promise.resolve(taken() > before || undefined), 30_000);
  };
  expect(await verdictOf('listed-at-first.example')).toBe('malicious');
  expect(await verdictOf('listed-later.example')).toBe('clean');
  await changed('listed-later.example\n');
  const [first, later] = await Promise.all([judged('listed-at-first.example'), judged('listed-later.example')]);
  expect([first.scan.verdict, later.scan.verdict]).toEqual(['clean', 'malicious']);
  expect(await rulesOf(later.scan)).toContain('Link_On_Bad_List');
  await changed('<html>Service unavailable</html>');
  expect(await verdictOf('listed-later.example')).toBe('malicious');
});

test("a blocked sender's links and files are malicious; everybody else's are judged as before", async () => {
  const sender = lazaret.zendeskAdmin;
  const { user } = await sender.api<{ user: { email: string } }>('GET', '/api/v2/users/me');
  await list({ kind: 'sender', effect: 'block', value: user.email });
  const host = newHost('harmless');
  const [blocked, other] = [await judged(host, sender), await judged(host)];
  expect([blocked.scan.verdict, other.scan.verdict]).toEqual(['malicious', 'clean']);
  expect(await rulesOf(blocked.scan)).toEqual(['Lists_Blocked_Sender']);
  const bytes = Buffer.from(`minutes of the meeting ${randomUUID()}`);
  const sent = await sender.createTicket({
    subject: 's',
    comment: 'see file',
    files: [{ name: 'minutes.txt', bytes }],
  });
  await desk.reach(sent.ticket.id, 'held');
  expect(await desk.hashAt(sent.comment.attachments[0])).not.toBe(sha256(bytes));
});
