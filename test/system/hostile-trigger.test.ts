import { randomBytes } from 'node:crypto';
import { eicar } from '../../embedded/demo-files';
import { until } from '../../embedded/lazaret-client';
import { sha256, startHostile } from '../support/hostile';
import type { Stage } from '../support/hostile';

let stage: Stage;
beforeAll(async () => {
  stage = await startHostile({ switches: { agentWorkspace: false, webhooks: { eventSubscriptions: false } } });
}, 120_000);
afterAll(() => stage.lazaret.stop(), 60_000);

const text = (): Buffer => Buffer.from(`A harmless line ${randomBytes(6).toString('hex')}.\n`);

/** Requests of ours that list a ticket's comments. */
async function listings(ticketId: number): Promise<number> {
  const requests = await stage.lazaret.agent.requests();
  const path = `/api/v2/tickets/${ticketId}/comments?include_inline_images`;
  return requests.filter((one) => one.path.startsWith(path) && one.who.includes('lazaret')).length;
}

/** Waits until everything the trigger told of a ticket was listed. */
function listed(ticketId: number, atLeast: number): Promise<true> {
  return until(`${atLeast} answered triggers on ticket ${ticketId}`, async () => {
    const sql = `select count(*)::int as all, count(listed_at)::int as done from ticket_intake where ticket_id = $1`;
    const { rows } = await stage.lazaret.database.withService((db) =>
      db.query<{ all: number; done: number }>(sql, [String(ticketId)]),
    );
    const { all = 0, done = 0 } = rows[0] ?? {};
    return all >= atLeast && all === done ? true : undefined;
  });
}

test('where the account refuses event subscriptions the trigger carries intake: one comment list for an update', async () => {
  expect(await stage.connection()).toMatchObject({ state: 'connected', intakeMode: 'trigger' });
  const sent = await stage.send([
    { name: 'a\u0000b.txt', bytes: text() },
    { name: 'second.txt', bytes: text() },
  ]);
  await stage.scanIn(sent.ticketId, 'clean', 'second.txt');
  await stage.scanIn(sent.ticketId, 'clean', 'ab.txt');
  await listed(sent.ticketId, 1);
  expect(await listings(sent.ticketId)).toBe(1);
}, 60_000);

test('our own notes start no loop there: one redaction, two notes, one copy', async () => {
  const bytes = eicar(1);
  const sent = await stage.send([{ name: 'looping.com', bytes }]);
  const held = await stage.scanIn(sent.ticketId, 'held');
  await stage.mail(sent.ticketId);
  await stage.decide(held, 'clean');
  await stage.scanIn(sent.ticketId, 'released');
  await stage.mail(sent.ticketId, 2);
  // The note with the file fires the trigger; its listing is the last thing that could start a round.
  await listed(sent.ticketId, 2);
  const scans = await stage.scansOf(sent.ticketId);
  expect(scans).toHaveLength(2);
  expect(scans.find((one) => one.releasedFrom === held.id)).toMatchObject({ state: 'clean', sha256: sha256(bytes) });
  expect(await stage.lazaret.agent.updates(sent.ticketId)).toMatchObject({ redactions: 1, notes: 2 });
  const returned = (await stage.notes(sent.ticketId)).flatMap((note) => note.attachments);
  expect(returned).toHaveLength(1);
  expect((await stage.gives(returned[0]?.content_url)).equals(bytes)).toBe(true);
}, 60_000);

test('on a closed ticket without Agent Workspace nothing can be redacted: refused, and mailed', async () => {
  const bytes = eicar(2);
  const sent = await stage.sendAfter([{ name: 'closed.com', bytes }], ({ ticketId }) =>
    stage.control(`/tickets/${ticketId}`, { account: 'acme', closed: true }),
  );
  const scan = await stage.scanIn(sent.ticketId, 'refused(redaction_unavailable)');
  const mail = await stage.mail(sent.ticketId);
  expect(mail.subject).toContain('1 file could not be removed');
  expect(mail.text).toContain('the ticket is closed');
  expect((await stage.story(scan)).notes).toMatchObject([{ kind: 'refused', refusal: 'ticket_closed' }]);
  expect((await stage.gives(sent.files[0]?.content_url)).equals(bytes)).toBe(true);
  expect((await stage.sealedBytes(sha256(bytes))).equals(bytes)).toBe(true);
}, 60_000);
