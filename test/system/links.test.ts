import { until } from '../../embedded/lazaret-client';
import type { ScanView } from '../../embedded/lazaret-client';
import { deskOf } from '../support/desk';
import type { Desk } from '../support/desk';
import { startLazaret } from '../support/lazaret';
import type { Lazaret } from '../support/lazaret';

jest.setTimeout(120_000);

const PATIENCE_MS = 25_000;
const BLOCKED = 'evil-site.example';
const SECRET = 'c2VjcmV0LXRva2VuLTEyMzQ1Njc4OTA';

let lazaret: Lazaret;
let desk: Desk;

beforeAll(async () => {
  lazaret = await startLazaret();
  desk = deskOf(lazaret);
  const entry = { kind: 'domain', effect: 'block', value: BLOCKED, owner: 'IT', reason: 'Phishing.' };
  await lazaret.admin.call('POST', '/api/v1/lists', entry);
});
afterAll(() => lazaret.stop());

const scansOf = async (ticketId: number): Promise<ScanView[]> =>
  (await lazaret.admin.call<{ scans: ScanView[] }>('GET', `/api/v1/scans?ticket=${ticketId}&kind=url&limit=200`)).scans;

const linkScans = (ticketId: number, count: number): Promise<ScanView[]> =>
  until(
    `${count} links on ticket ${ticketId}`,
    async () => {
      const scans = await scansOf(ticketId);
      return scans.length >= count ? scans : undefined;
    },
    PATIENCE_MS,
  );

const textsLeft = async (ticketId: number): Promise<number> =>
  (await desk.rows('select from comment_texts where ticket_id = $1 and sealed is not null', [String(ticketId)])).length;

async function setPolicy(policy: object): Promise<void> {
  const path = `/api/v1/organisations/${lazaret.organisationId}/policy`;
  const { version } = await lazaret.support.call<{ version: number }>('GET', path);
  await lazaret.support.call('PUT', path, { version, policy });
}

test('a comment without file and link costs no request and leaves nothing behind', async () => {
  const { ticket } = await lazaret.agent.createTicket({ subject: 'hello', comment: 'The printer is broken' });
  await lazaret.agent.clearRequests();
  await lazaret.agent.addComment(ticket.id, { body: 'It works again, thank you' });
  const other = await lazaret.agent.createTicket({ subject: 's', comment: `see https://fine.example/${ticket.id}` });
  await linkScans(other.ticket.id, 1);
  const asked = (await lazaret.agent.requests()).filter((one) => one.path.includes(`/tickets/${ticket.id}`));
  expect(asked.filter((one) => one.method !== 'POST' && one.method !== 'PUT')).toEqual([]);
  expect(await desk.rows('select from comment_texts where ticket_id = $1', [String(ticket.id)])).toEqual([]);
});

test('a blocked domain in a comment is told in one note, once per ticket, and the text is dropped', async () => {
  const { ticket } = await lazaret.agent.createTicket({ subject: 'help', comment: 'first words' });
  const url = `https://login.${BLOCKED}/reset/${SECRET}?token=${SECRET}`;
  await lazaret.agent.addComment(ticket.id, { body: `Please confirm: ${url} and see https://fine.example/page` });
  const scans = await linkScans(ticket.id, 2);
  expect(scans.map((scan) => [scan.verdict, scan.state]).toSorted()).toEqual([
    ['clean', 'clean'],
    ['malicious', 'noted'],
  ]);
  const [note] = await desk.said(ticket.id, 1);
  expect(note?.body).toContain('found 1 malicious link');
  expect(note?.body).toContain('evil-site[.]example');
  expect(note?.body).not.toContain(SECRET);
  await lazaret.agent.addComment(ticket.id, { body: `Again: http://${BLOCKED}/another` });
  await linkScans(ticket.id, 3);
  expect(await desk.said(ticket.id, 1)).toHaveLength(1);
  expect(await textsLeft(ticket.id)).toBe(0);
  expect(JSON.stringify(await scansOf(ticket.id))).not.toContain(SECRET);
  expect(lazaret.logs()).not.toContain(BLOCKED);
});

test('an analyst sees the full link, which is written down; nobody else does', async () => {
  const { ticket } = await lazaret.agent.createTicket({ subject: 's', comment: `https://a.example/x?key=${SECRET}` });
  const [scan] = await linkScans(ticket.id, 1);
  const path = `/api/v1/scans/${scan?.id ?? ''}/link`;
  const full = await lazaret.analyst.call<{ url: string; defanged: string }>('GET', path);
  expect(full.url).toBe(`https://a.example/x?key=${SECRET}`);
  expect(full.defanged).toContain('hxxps');
  await expect(lazaret.admin.call('GET', path)).rejects.toThrow();
  const events = await desk.rows<{ kind: string }>('select kind from audit_events where item_id = $1', [scan?.id]);
  expect(events.map((event) => event.kind)).toContain('link.opened');
});

test('more than two hundred links of a comment end in one row, beside those that are not harmless', async () => {
  const many = Array.from({ length: 230 }, (_none, at) => `https://host${at}.example/`).join(' ');
  const { ticket } = await lazaret.agent.createTicket({ subject: 's', comment: `http://${BLOCKED}/ ${many}` });
  const scans = await linkScans(ticket.id, 2);
  expect(scans.map((scan) => scan.verdict).toSorted()).toEqual(['malicious', 'unscannable']);
});

test('where policy says so a malicious link is taken out of the text, and stated again when an analyst finds it clean', async () => {
  await setPolicy({ maliciousLink: 'redact' });
  const { ticket, comment } = await lazaret.agent.createTicket({ subject: 's', comment: 'hello' });
  const added = await lazaret.agent.addComment(ticket.id, { body: `Go to http://${BLOCKED}/pay?id=7 today` });
  const [scan] = await until(
    'held',
    async () => {
      const scans = await scansOf(ticket.id);
      return scans[0]?.state === 'held' ? scans : undefined;
    },
    PATIENCE_MS,
  );
  const texts = (await lazaret.agent.listComments(ticket.id)).filter((one) => one.public).map((one) => one.body);
  expect(texts.join()).not.toContain(BLOCKED);
  expect(texts.join()).toContain('Go to');
  const [note] = await desk.said(ticket.id, 1);
  expect(note?.body).toContain('removed 1 malicious link');
  if (!scan) throw new Error('no scan');
  await desk.decide(scan, 'clean');
  const notes = await desk.said(ticket.id, 2);
  expect(notes.map((one) => one.body).join()).toContain('hxxp[:]//evil-site[.]example/pay?id=7');
  expect((await scansOf(ticket.id))[0]?.state).toBe('released');
  expect([comment.id, added.comment.id]).toHaveLength(2);
  await setPolicy({ maliciousLink: 'note' });
});

test('a decision about a link holds for the same link everywhere', async () => {
  const url = `http://${BLOCKED}/harmless-after-all`;
  const first = await lazaret.agent.createTicket({ subject: 's', comment: `look: ${url}` });
  const [scan] = await linkScans(first.ticket.id, 1);
  if (!scan) throw new Error('no scan');
  await desk.decide(scan, 'clean');
  const second = await lazaret.agent.createTicket({ subject: 's', comment: `again: ${url}` });
  const [other] = await linkScans(second.ticket.id, 1);
  expect(other).toMatchObject({ verdict: 'clean', machineVerdict: 'malicious', state: 'clean' });
  await until('settled', async () => ((await scansOf(first.ticket.id))[0]?.state === 'clean' ? true : undefined));
});

test('the death of the worker after the links were judged makes no row twice', async () => {
  lazaret.killAt('links-inspected');
  const url = `https://one.example/${SECRET}`;
  const { ticket } = await lazaret.agent.createTicket({
    subject: 's',
    comment: `see ${url} and http://${BLOCKED}/new`,
  });
  await until('the death of the worker', () => Promise.resolve(lazaret.kills().length > 0 || undefined), PATIENCE_MS);
  await until('the text looked at', async () => ((await textsLeft(ticket.id)) === 0 ? true : undefined), PATIENCE_MS);
  expect(await scansOf(ticket.id)).toHaveLength(2);
  expect(await desk.said(ticket.id, 1)).toHaveLength(1);
  expect(lazaret.kills()).toEqual(['links-inspected']);
});
