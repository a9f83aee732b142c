import { randomUUID } from 'node:crypto';
import { auditOf, openStation, randomSha, seedInspection, seedItem } from './support';
import type { Station } from './support';

let station: Station;
const path = (what = '') => `/api/v1/organisations/${station.a.id}/policy${what}`;

beforeAll(async () => {
  station = await openStation();
});
afterAll(() => station.close());

async function change(policy: object, key = station.support) {
  const { version } = (await station.call('GET', path(), key)).body;
  return station.call('PUT', path(), key, { version, policy });
}

describe('who configures', () => {
  it('is support alone, until support lets admins, who cannot change that', async () => {
    const refused = await change({ suspicious: 'note' }, station.a.admin);
    expect(refused.status).toBe(403);
    expect(refused.body).toMatchObject({ type: 'urn:lazaret:problem:configuration_reserved' });
    expect(refused.body.remedy).toContain('support');
    expect((await change({ adminsMayConfigure: true })).status).toBe(200);
    expect((await change({ suspicious: 'note' }, station.a.admin)).body.policy).toMatchObject({ suspicious: 'note' });
    const reserved = await change({ adminsMayConfigure: false }, station.a.admin);
    expect(reserved.body.title).toBe('Only support sets who may configure.');
  });

  it('is told who saved first', async () => {
    const late = await station.call('PUT', path(), station.support, { version: 1, policy: { malicious: 'note' } });
    expect(late.status).toBe(409);
    expect(late.body).toMatchObject({ savedBy: 'admin of the tests', current: { version: 2 } });
    expect(late.body.detail).toContain('admin of the tests');
  });
});

describe('who is mailed about what', () => {
  it('is chosen among the notification addresses', async () => {
    const foreign = await change({ notificationAddresses: ['a@x.example'], mailTo: { malicious: ['b@x.example'] } });
    expect(foreign.status).toBe(422);
    expect(foreign.body.errors).toEqual([
      expect.objectContaining({ field: 'policy.mailTo.malicious.0', pointer: '/policy/mailTo/malicious/0' }),
    ]);
    const saved = await change({ notificationAddresses: ['a@x.example'], mailTo: { malicious: ['a@x.example'] } });
    expect(saved.status).toBe(200);
  });

  it('loses an address that is taken away, and is everybody again where none is left', async () => {
    const two = { notificationAddresses: ['a@x.example', 'b@x.example'] };
    await change({
      ...two,
      mailTo: { malicious: ['a@x.example'], suspicious: ['a@x.example', 'b@x.example'], gone: [] },
    });
    const { body } = await station.call('PATCH', path(), station.a.admin, { notificationAddresses: ['B@x.example'] });
    expect(body.policy.mailTo).toEqual({ suspicious: ['b@x.example'], gone: [] });
  });
});

describe('templates', () => {
  it.each([
    ['{{ details }}\n\n{{ nonsense }}', 'line 3: nonsense is not known here'],
    ['Only ours.', 'line 1: every note has to say what was done'],
  ])('are refused with their line: %j', async (noteTemplate, detail) => {
    const saved = await change({ noteTemplate });
    expect(saved.body.errors).toEqual([
      { field: 'policy.noteTemplate', pointer: '/policy/noteTemplate', detail: expect.stringContaining(detail) },
    ]);
    const preview = { noteTemplate, mailTemplate: null };
    const shown = await station.call('POST', path('/preview'), station.a.admin, preview);
    expect(shown.body.errors[0]).toMatchObject({ field: 'noteTemplate', detail: expect.stringContaining(detail) });
  });

  it('are shown as the worker will fill them, with a hostile name made harmless', async () => {
    const preview = { noteTemplate: 'Team of {{ organisation }}\n\n{{ details }}', mailTemplate: null };
    for (const example of ['contained', 'released', 'refused', 'link']) {
      const { body } = await station.call('POST', path('/preview'), station.a.admin, { ...preview, example });
      expect(body.note[0]).toEqual([{ plain: 'Team of Acme' }]);
      expect(body.mail.subject).toMatch(/^\[Lazaret\] 1 [a-z ]+ in ticket 48211$/u);
      expect(JSON.stringify(body)).not.toMatch(/\u202e|\{\{|www\.example/u);
    }
  });
});

describe('a test mail', () => {
  it('waits in the outbox, is audited without the address, and is sent five times an hour', async () => {
    const send = () => station.call('POST', path('/test-mail'), station.a.admin, { address: 'soc@acme.example' });
    const answers = [];
    for (let turn = 0; turn < 6; turn += 1) answers.push(await send());
    expect(answers.map((answer) => answer.status)).toEqual([202, 202, 202, 202, 202, 429]);
    expect(answers[0]?.body).toEqual({ address: 'soc@acme.example', left: 4 });
    expect(answers[5]?.body.remedy).toContain('in an hour');
    const { rows } = await station.database.withOrganisation(station.a.id, (db) =>
      db.query<{ state: string; subject: string }>(`select state, subject from email_outbox where kind = 'test'`),
    );
    expect(rows).toHaveLength(5);
    expect(rows[0]).toEqual({ state: 'pending', subject: '[Lazaret] Test of notifications' });
    const events = await auditOf(station.database, station.a.id, 'mail.test_requested');
    expect(events).toHaveLength(5);
    expect(JSON.stringify(events)).not.toContain('soc@');
  });

  it('goes to an address only', async () => {
    const answer = await station.call('POST', path('/test-mail'), station.a.admin, { address: 'x@y.z\r\nBcc: a@b.c' });
    expect(answer.body.errors[0].field).toBe('address');
  });
});

describe('what-if', () => {
  const tryOut = (policy: object) => station.call('POST', path('/what-if'), station.a.admin, { policy });

  it('counts the items of 30 days as their scans judged them, and those later called clean', async () => {
    const { a, database } = station;
    const seeds = [
      { verdict: 'clean', state: 'clean' },
      { verdict: 'malicious' },
      { verdict: 'suspicious', state: 'noted' },
      { verdict: 'unscannable', reason: 'encrypted', state: 'noted' },
      { verdict: 'unscannable', reason: 'encrypted', state: 'noted', sha256: null },
      { verdict: 'malicious', createdAt: new Date(Date.now() - 31 * 86_400_000).toISOString() },
    ];
    for (const seed of seeds) await seedItem(database, a, seed);
    await seedItem(database, station.b, { verdict: 'suspicious' });
    const sha256 = randomSha();
    const decided = await seedItem(database, a, { verdict: 'suspicious', state: 'noted', sha256 });
    await database.withService((db) => db.query('update items set scanned_at = created_at'));
    await station.call('POST', `/api/v1/scans/${decided}/verdict`, station.analyst, {
      verdict: 'clean',
      reason: 'ours',
    });

    const before = (await station.call('GET', path(), station.support)).body;
    const { body } = await tryOut({ suspicious: 'contain', unscannable: { encrypted: 'contain' } });
    expect(body).toMatchObject({
      items: 6,
      now: { contain: 1, note: 2, monitor: 3 },
      then: { contain: 4, note: 1, monitor: 1 },
      thenLaterClean: 1,
    });
    const rows = body.changed.map((row: Record<string, unknown>) => [row.verdict, row.count, row.now, row.then]);
    expect(rows).toEqual([
      ['suspicious', 2, 'note', 'contain'],
      ['unscannable', 1, 'monitor', 'note'],
      ['unscannable', 1, 'monitor', 'contain'],
    ]);
    expect((await station.call('GET', path(), station.support)).body).toEqual(before);
    const link = `/api/v1/scans?machine=suspicious&from=${body.from}`;
    expect((await station.call('GET', link, a.admin)).body.scans).toHaveLength(2);
    expect((await station.call('GET', `${link}&verdict=clean`, a.admin)).body.scans).toHaveLength(1);
    const encrypted = `/api/v1/scans?reason=encrypted&from=${body.from}`;
    expect((await station.call('GET', encrypted, a.admin)).body.scans).toHaveLength(2);
  });

  it('says that monitor-only mode takes nothing out', async () => {
    const { body } = await tryOut({ monitorOnly: true });
    expect(body.then).toEqual({ contain: 0, note: 0, monitor: 6 });
  });
});

describe('the dashboard', () => {
  const ask = (query: string, key = station.b.viewer) => station.call('GET', `/api/v1/dashboard?${query}`, key);

  it('has figures that are the lists behind them', async () => {
    const { b, database } = station;
    const taken = await seedItem(database, b, { verdict: 'malicious' });
    await seedInspection(database, b, taken, ['Macro_Rule']);
    await seedItem(database, b, { verdict: 'malicious', state: 'refused', stateReason: 'ticket_closed' });
    await seedItem(database, b, { verdict: 'clean', state: 'clean' });
    await seedItem(database, b, { verdict: 'pending', state: 'waiting', stateReason: 'scanner', sha256: null });
    await database.withService((db) =>
      db.query(
        `update items set contained_at = created_at + interval '3 s', occurred_at = created_at - interval '7 s',
           released_at = now(), detected_type = 'application/msword', author_id = '77' where id = $1`,
        [taken],
      ),
    );
    await station.call('POST', `/api/v1/scans/${taken}/investigations`, b.admin, { opinion: 'clean', reason: 'ours' });
    const { body } = await ask('span=24h');
    expect(body).toMatchObject({
      arrived: 5,
      verdicts: { clean: 1, malicious: 2, suspicious: 1, unscannable: 0, pending: 1 },
      contained: 1,
      released: 1,
      timeToContain: { p50: 3000, p95: 3000 },
      exposure: { longest: 10_000, reachable: 1 },
      investigations: { open: 1, asked: 1, answered: 0 },
      coverage: { state: 'catching_up', open: 1 },
      types: [{ name: 'application/msword', count: 1 }],
      senders: [{ name: '77', count: 1 }],
      rules: [{ name: 'Macro_Rule', count: 1 }],
    });
    expect(body.parts).toHaveLength(24);
    expect(body.parts.at(-1)).toMatchObject({ malicious: 2, clean: 1, contained: 1, p50: 3000 });
    const figures: [string, number][] = [
      ['', body.arrived],
      ['&verdict=malicious', body.verdicts.malicious],
      ['&did=contained', body.contained],
      ['&did=released', body.released],
      ['&verdict=malicious,suspicious&rule=Macro_Rule', 1],
      ['&verdict=malicious,suspicious&requester=77', 1],
    ];
    for (const [filter, count] of figures) {
      const list = await station.call('GET', `/api/v1/scans?from=${body.from}${filter}`, b.viewer);
      expect([filter, list.body.scans.length]).toEqual([filter, count]);
    }
  });

  it('is of one organisation, and of nothing where there is nothing', async () => {
    const none = await ask('span=7d', station.support);
    expect(none.body.errors[0]).toMatchObject({ field: 'organisation' });
    const { body: empty } = await station.call('POST', '/api/v1/organisations', station.support, { name: 'Quiet' });
    const { body } = await ask(`span=30d&organisation=${empty.id}`, station.support);
    expect(body).toMatchObject({ arrived: 0, timeToContain: { p50: null }, coverage: { state: 'not_connected' } });
    expect(body.parts).toHaveLength(30);
    expect((await ask('span=year')).body.errors[0].field).toBe('span');
  });
});

describe('the audit log', () => {
  const ask = (query: string, key = station.a.admin) => station.call('GET', `/api/v1/audit-events?${query}`, key);

  it('names people where the asker may know them, and takes several acts', async () => {
    const { auditEvents } = (await ask('kind=policy.changed,mail.test_requested&actorKind=person')).body;
    const kinds = new Set(auditEvents.map((event: { kind: string }) => event.kind));
    expect([...kinds].sort()).toEqual(['mail.test_requested', 'policy.changed']);
    const own = auditEvents.filter((event: { kind: string }) => event.kind === 'mail.test_requested');
    expect(own[0].actorName).toBe('admin of the tests');
    // The operator's people are nameless to an organisation.
    const names = auditEvents.map((event: { actorName: string | null }) => event.actorName);
    expect(names).toContain(null);
    const byActor = (await ask(`actor=${own[0].actor}&kind=policy.changed`)).body.auditEvents;
    expect(byActor.length).toBeGreaterThan(0);
    expect(byActor.every((event: { actor: string }) => event.actor === own[0].actor)).toBe(true);
    expect((await ask(`actor=${randomUUID()}`)).body.auditEvents).toEqual([]);
  });

  it.each([
    ['actorKind=robot', 'actorKind'],
    ['kind=a%20b', 'kind'],
    ['from=2026-02-02T00:00:00Z&to=2026-02-01T00:00:00Z', 'to'],
  ])('refuses %s by its name', async (query, field) => {
    const answer = await ask(query);
    expect(answer.status).toBe(400);
    expect(answer.body.errors[0].field).toContain(field);
  });
});
