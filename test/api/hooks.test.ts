import { issueProof, updateConnection } from '../../db/connections';
import { saveSigningSecrets, sealSecret } from '../../db/connection-secrets';
import { openDatabase } from '../../db/pool';
import { createApp } from '../../api/create-app';
import { hookRoutes } from '../../api/routes/hooks';
import type { ConnectionState } from '../../domain/words';
import {
  deliver as deliverTo,
  desk as openDesk,
  HOOK,
  linked,
  rows as rowsOf,
  TEST_SECRET,
  TRIGGER_HOOK,
} from '../support/deliveries';
import type { Desk } from '../support/deliveries';
import { openHouse } from '../support/zendesk-house';
import type { House } from '../support/zendesk-house';

let house: House;

beforeAll(async () => {
  house = await openHouse();
}, 60_000);
afterAll(async () => {
  await house?.close();
});

const desk = (more?: Parameters<typeof openDesk>[1]) => openDesk(house, more);
const deliver = (to: Desk, body: object | string, more?: Parameters<typeof deliverTo>[3]) =>
  deliverTo(house, to, body, more);
const rows = (to: Desk) => rowsOf(house, to);
const NOTHING = { items: [], intake: [] };

test('writes one ledger row and one audit event for an attachment, however often it is announced', async () => {
  const to = await desk();
  const answers = await Promise.all([1, 2, 3].map(() => deliver(to, linked(to))));
  expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200]);
  const found = await rows(to);
  expect(found.items).toEqual([
    {
      ticket_id: '19395',
      comment_id: '8658726228478',
      source_id: '8658726230270',
      found_by: 'event',
      file_name: 'a.jpg',
      declared_type: 'image/jpeg',
      content_url: 'https://acme.zendesk.com/attachments/token/x/?name=a.jpg',
      state: 'pending',
    },
  ]);
  expect(found.audit.filter((kind) => kind === 'item.found')).toHaveLength(1);
});

test('keeps recording while a new sign-in is needed', async () => {
  const to = await desk({ state: 'reconnect_needed' });
  expect((await deliver(to, linked(to))).status).toBe(200);
  expect((await rows(to)).items).toHaveLength(1);
});

test('keeps recording while a working connection is being healed', async () => {
  const to = await desk({ state: 'activating' });
  await house.database.withService((db) =>
    db.query(`update connections set prior = '{"state":"connected"}' where id = $1`, [to.id]),
  );
  expect((await deliver(to, linked(to))).status).toBe(200);
  expect((await rows(to)).items).toHaveLength(1);
});

test.each<[string, (to: Desk) => Promise<{ status: number; text: string }>]>([
  ['forged signature', (to) => deliver(to, linked(to), { secret: 'guess' })],
  ['signature of another webhook', (to) => deliver(to, linked(to), { webhookId: '01OTHER' })],
  ['account header of another account', (to) => deliver(to, linked(to), { accountHeader: '1' })],
  ['envelope of another account', (to) => deliver(to, linked(to, { accountId: '1' }))],
  ['static secret for tests', (to) => deliver(to, linked(to), { secret: TEST_SECRET })],
  ['test event that nobody asked for', (to) => deliver(to, { lazaret_proof: 'made-up' }, { secret: TEST_SECRET })],
  ['own signature on a test event that nobody asked for', (to) => deliver(to, { lazaret_proof: 'made-up' })],
  ['missing signature', (to) => deliver(to, linked(to), { headers: { 'x-zendesk-webhook-signature': '' } })],
])('refuses a delivery with a %s, and writes nothing', async (_what, send) => {
  const to = await desk();
  const answer = await send(to);
  expect(answer.status).toBe(401);
  expect(await rows(to)).toMatchObject(NOTHING);
});

test('answers an unknown connection exactly as a bad signature', async () => {
  const to = await desk();
  const known = await deliver(to, linked(to), { secret: 'guess' });
  const unknown = await deliver({ ...to, id: '00000000-0000-4000-8000-000000000000' }, linked(to));
  const nonsense = await deliver({ ...to, id: 'nonsense' }, linked(to));
  const plain = (text: string): string => text.replace(/urn:lazaret:request:[^"]+/u, '');
  expect(unknown.status).toBe(401);
  expect([plain(unknown.text), plain(nonsense.text)]).toEqual([plain(known.text), plain(known.text)]);
});

test.each<ConnectionState>(['authorising', 'confirming', 'activating', 'failed', 'deactivated'])(
  'refuses deliveries to a connection that is %s',
  async (state) => {
    const to = await desk({ state });
    expect((await deliver(to, linked(to))).status).toBe(401);
    expect(await rows(to)).toMatchObject(NOTHING);
  },
);

test('takes a replay inside the window as a repetition', async () => {
  const to = await desk();
  const at = Date.now();
  await deliver(to, linked(to), { at, invocation: 'same' });
  expect((await deliver(to, linked(to), { at, invocation: 'same' })).status).toBe(200);
  expect((await rows(to)).items).toHaveLength(1);
});

test('accepts the static secret for the nonce of an outstanding test event, once', async () => {
  const to = await desk({ state: 'activating' });
  const proof = { nonce: 'n'.repeat(43), issuedAt: new Date().toISOString() };
  await house.database.withOrganisation(to.organisationId, (db) => issueProof(db, to.id, HOOK, proof));
  const send = () => deliver(to, { lazaret_proof: proof.nonce }, { secret: TEST_SECRET });
  expect([(await send()).status, (await send()).status]).toEqual([200, 401]);
  expect((await house.connection(to.id)).proof[HOOK]).toMatchObject({ signature: 'static', accountId: to.accountId });
});

test('accepts both secrets for a day after a rotation, then the new one only', async () => {
  const entry = (hours: number) => ({
    current: 'new',
    previous: 'old',
    rotatedAt: new Date(Date.now() - hours * 3_600_000).toISOString(),
  });
  const fresh = await desk({ secrets: { [HOOK]: entry(23) } });
  const late = await desk({ secrets: { [HOOK]: entry(25) } });
  const send = async (to: Desk, secret: string): Promise<number> => (await deliver(to, linked(to), { secret })).status;
  expect([await send(fresh, 'old'), await send(fresh, 'new')]).toEqual([200, 200]);
  expect([await send(late, 'old'), await send(late, 'new')]).toEqual([401, 200]);
});

test('knows a secret that was changed a moment ago, and asks for a repetition while it is being changed', async () => {
  const to = await desk();
  expect((await deliver(to, linked(to))).status).toBe(200);
  await house.database.withOrganisation(to.organisationId, (db) =>
    updateConnection(db, to.id, { rotatingUntil: new Date(Date.now() + 60_000) }),
  );
  const early = await deliver(to, linked(to), { secret: 'next' });
  expect([early.status, early.headers['retry-after']]).toEqual([503, '5']);
  const ref = { organisationId: to.organisationId, connectionId: to.id };
  const secrets = JSON.stringify({ [HOOK]: { current: 'next' } });
  const sealed = await sealSecret(house.apiDeps.secretBox, ref, 'signing_secrets', secrets);
  await house.database.withOrganisation(to.organisationId, (db) => saveSigningSecrets(db, to.id, sealed));
  expect((await deliver(to, linked(to), { secret: 'next' })).status).toBe(200);
});

test.each([
  ['slashes', '../../etc/passwd'],
  ['a right-to-left mark', 'invoice\u202ecod.exe'],
  ['control characters', 'a\u0007\u001b[31m.pdf'],
  ['placeholders', '{{ticket.requester.email}}.pdf'],
  ['HTML', '<img src=x onerror=alert(1)>.html'],
  ['no character at all', ''],
])('keeps a file name with %s as it is', async (_what, fileName) => {
  const to = await desk();
  expect((await deliver(to, linked(to, { fileName }))).status).toBe(200);
  expect((await rows(to)).items).toMatchObject([{ file_name: fileName }]);
});

test('keeps an attachment whose name holds NUL or is longer than 10,000 characters', async () => {
  const to = await desk();
  await deliver(to, linked(to, { fileName: 'a\0b.txt', attachmentId: '1' }));
  await deliver(to, linked(to, { fileName: `${'x'.repeat(20_000)}.exe`, attachmentId: '2' }));
  const { items } = await rows(to);
  expect(items[0]).toMatchObject({ file_name: 'ab.txt' });
  const name = String(items[1]?.['file_name']);
  expect([[...name].length, name.includes('…'), name.endsWith('.exe')]).toEqual([10_000, true, true]);
});

test('asks for a listing of the target when tickets are merged', async () => {
  const to = await desk();
  const event = { ...linked(to), type: 'zen:event-type:ticket.merged', event: { target_ticket_id: '77' } };
  await deliver(to, event);
  await deliver(to, event);
  expect((await rows(to)).intake).toEqual([{ ticket_id: '77', cause: 'merge' }]);
});

test('asks for a listing of a ticket that came back from the bin', async () => {
  const to = await desk();
  const event = { ...linked(to), type: 'zen:event-type:ticket.undeleted', event: {} };
  await deliver(to, event);
  await deliver(to, event);
  expect((await rows(to)).intake).toEqual([{ ticket_id: '19395', cause: 'undeleted' }]);
});

test('records a redaction as an event and makes no item of it', async () => {
  const to = await desk();
  const event = { comment: { id: '1', attachment: { id: '2' } } };
  await deliver(to, { ...linked(to), type: 'zen:event-type:ticket.attachment_redacted_from_comment', event });
  const found = await rows(to);
  expect(found).toMatchObject(NOTHING);
  expect(found.audit).toContain('zendesk.attachment_redacted');
});

test('asks for the ticket on a trigger call: at once where the trigger carries intake, beside events after a grace', async () => {
  const events = await desk();
  const trigger = await desk({ intakeMode: 'trigger' });
  const body = '{"ticket_id":"4711","comment_id":"9"}';
  for (const to of [events, trigger]) {
    expect((await deliver(to, body, { webhookId: TRIGGER_HOOK, invocation: 'i1' })).status).toBe(200);
    await deliver(to, body, { webhookId: TRIGGER_HOOK, invocation: 'i1' });
  }
  const asked = { ticket_id: '4711', cause: 'trigger' };
  expect((await rows(events)).intake).toEqual([{ ...asked, unless_announced: true }]);
  expect((await rows(trigger)).intake).toEqual([asked]);
  for (let tries = 0; (await house.connection(events.id)).lastTriggerAt === null && tries < 100; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect((await house.connection(events.id)).lastTriggerAt).not.toBeNull();
});

test('misses nothing of a signed event that it cannot read: says so and lists the ticket', async () => {
  const to = await desk();
  const odd = { ...linked(to, { ticketId: '555' }), event: { comment: { id: '1', attachment: 'surprise' } } };
  expect((await deliver(to, odd)).status).toBe(200);
  const found = await rows(to);
  expect(found.intake).toEqual([{ ticket_id: '555', cause: 'trigger' }]);
  expect(found.audit).toContain('intake.unreadable');
});

test('records malformed JSON that is signed, and goes on', async () => {
  const to = await desk();
  expect((await deliver(to, '{"account_id": 1, "deta')).status).toBe(200);
  expect((await rows(to)).audit).toContain('intake.unreadable');
});

test('refuses a body of more than a mebibyte before reading it to the end', async () => {
  const to = await desk();
  expect((await deliver(to, 'x'.repeat(1_048_577))).status).toBe(413);
});

test('answers 503 with Retry-After 30 when it cannot write', async () => {
  const to = await desk();
  const database = openDatabase('postgres://lazaret_app:x@127.0.0.1:1/none');
  const lines: string[] = [];
  const write = (fields: object): void => void lines.push(JSON.stringify(fields));
  const log = { info: write, warn: write, error: write };
  const deps = { ...house.apiDeps, database, log };
  const { app } = createApp({
    ...deps,
    version: '0',
    openSealed: async () => undefined,
    checks: {},
    modules: [hookRoutes(deps)],
  });
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  const answer = await deliver(to, linked(to), { url });
  expect([answer.status, answer.headers['retry-after']]).toEqual([503, '30']);
  await new Promise((resolve) => server.close(resolve));
  await database.close();
});

test('writes no file name, secret or address into the log', async () => {
  const to = await desk();
  await deliver(to, linked(to, { fileName: 'very-private-name.pdf' }));
  await deliver(to, linked(to, { fileName: 'very-private-name.pdf' }), { secret: 'guess' });
  const all = house.logged.join('\n');
  expect(all).toContain('delivery refused');
  for (const secret of ['very-private-name', to.secret, 'attachments/token']) expect(all).not.toContain(secret);
});
