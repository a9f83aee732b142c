import { addKey, auditOf, openStation, randomSha, seedInspection, seedItem } from './support';
import type { Station } from './support';

let station: Station;
let second: string;
beforeAll(async () => {
  station = await openStation();
  second = await addKey(station.database, 'analyst');
});
afterAll(() => station.close());

const reason = 'we wrote it ourselves';
const ask = async (id: string, key = station.a.admin): Promise<string> =>
  (await station.call('POST', `/api/v1/scans/${id}/investigations`, key, { opinion: 'clean', reason })).body.id;
const claim = (id: string, key: string, body: object = {}) =>
  station.call('POST', `/api/v1/investigations/${id}/claim`, key, body);
const decide = (id: string, verdict: string, key = station.analyst) =>
  station.call('POST', `/api/v1/scans/${id}/verdict`, key, { verdict, reason });
const effects = async (id: string) =>
  (await station.call('GET', `/api/v1/scans/${id}/decision-effects`, station.analyst)).body;
const kindsOf = async (id: string) =>
  (await auditOf(station.database, station.a.id)).filter((event) => event.item_id === id).map(({ kind }) => kind);

describe('the queue', () => {
  it('shows whose time runs out first, by the level that held when it was asked, and what was found', async () => {
    const slow = await seedItem(station.database, station.a);
    await seedInspection(station.database, station.a, slow, ['MacroStartsPowerShell', 'B', 'C', 'D']);
    const asked = await ask(slow);
    const policy = `/api/v1/organisations/${station.b.id}/policy`;
    const { body } = await station.call('GET', policy, station.support);
    const saved = { version: body.version, policy: { ...body.policy, investigationHours: 0.5 } };
    expect((await station.call('PUT', policy, station.support, saved)).status).toBe(200);
    const quick = await ask(await seedItem(station.database, station.b), station.b.admin);
    const queue = (await station.call('GET', '/api/v1/investigations?state=open', station.analyst)).body.investigations;
    const places = [quick, asked].map((id) => queue.findIndex((row: { id: string }) => row.id === id));
    expect(places[0]).toBeLessThan(places[1] ?? -1);
    const row = queue[places[1] ?? -1];
    const hours = (Date.parse(row.dueAt) - Date.parse(row.createdAt)) / 3_600_000;
    expect(row).toMatchObject({
      organisationName: 'Acme',
      overdue: false,
      claim: null,
      findingsTotal: 4,
      answer: null,
    });
    expect(row.findings).toHaveLength(3);
    expect(row.requestedByName).toBe('admin of the tests');
    expect(hours).toBeCloseTo(4, 3);
  });

  it('says that a time has passed', async () => {
    const id = await ask(await seedItem(station.database, station.a));
    await station.database.withService((db) =>
      db.query(`update investigations set due_at = now() - interval '1 minute' where id = $1`, [id]),
    );
    const { body } = await station.call('GET', `/api/v1/investigations/${id}`, station.analyst);
    expect(body.overdue).toBe(true);
  });
});

describe('a claim', () => {
  it('is shown, refused to others with the name of who has it, and taken over on purpose only', async () => {
    const scan = await seedItem(station.database, station.a);
    const id = await ask(scan);
    const first = await claim(id, station.analyst);
    expect(first.body.claim).toMatchObject({ mine: true, name: 'analyst of the tests' });
    const refused = await claim(id, second);
    expect([refused.status, refused.body.type]).toEqual([409, 'urn:lazaret:problem:claimed_already']);
    expect(refused.body).toMatchObject({ claim: { mine: false, by: await station.keyId(station.analyst) } });
    expect(refused.body.detail).toContain('analyst of the tests');
    expect((await claim(id, second, { takeOverFrom: 'somebody' })).status).toBe(409);
    const over = await claim(id, second, { takeOverFrom: refused.body.claim.by });
    expect(over.body.claim).toMatchObject({ mine: true, by: await station.keyId(second) });
    expect((await claim(id, station.analyst)).status).toBe(409);
    const seen = await station.call('GET', `/api/v1/investigations/${id}`, station.a.admin);
    expect(seen.body.claim).toMatchObject({ mine: false, name: null });
    expect(await kindsOf(scan)).toEqual([
      'investigation.requested',
      'investigation.claimed',
      'investigation.taken_over',
    ]);
  });

  it('is given back by whoever has it, and by nobody else', async () => {
    const id = await ask(await seedItem(station.database, station.a));
    await claim(id, station.analyst);
    expect((await station.call('DELETE', `/api/v1/investigations/${id}/claim`, second)).status).toBe(409);
    const back = await station.call('DELETE', `/api/v1/investigations/${id}/claim`, station.analyst);
    expect([back.status, back.body.claim]).toEqual([200, null]);
    expect((await claim(id, second)).status).toBe(200);
  });

  it('of two at the same moment is one’s', async () => {
    const id = await ask(await seedItem(station.database, station.a));
    const answers = await Promise.all([station.analyst, second, station.analyst, second].map((key) => claim(id, key)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 409]));
  });

  it('of what was answered meanwhile is refused with the answer', async () => {
    const scan = await seedItem(station.database, station.a);
    const id = await ask(scan);
    await decide(scan, 'malicious');
    const late = await claim(id, second);
    expect([late.status, late.body.type]).toEqual([409, 'urn:lazaret:problem:answered_already']);
    expect(late.body.current).toMatchObject({ verdict: 'malicious', reason, name: 'analyst of the tests' });
  });
});

describe('what a decision will do', () => {
  it('is told before it is made, ticket by ticket', async () => {
    const sha256 = randomSha();
    const held = await seedItem(station.database, station.a, { sha256, ticketId: '1' });
    await seedItem(station.database, station.a, { sha256, ticketId: '1' });
    await seedItem(station.database, station.a, { sha256, ticketId: '2' });
    await seedItem(station.database, station.a, { sha256, ticketId: '3', state: 'noted', verdict: 'suspicious' });
    await seedItem(station.database, station.a, { sha256, ticketId: '4', state: 'gone' });
    const { verdicts, undo } = await effects(held);
    expect(verdicts.clean).toMatchObject({
      returns: { items: 3, tickets: 2 },
      stays_in: { items: 1, tickets: 1 },
      nothing: { items: 1, tickets: 1 },
    });
    expect(verdicts.malicious).toMatchObject({
      removes: { items: 1, tickets: 1 },
      stays_out: { items: 3, tickets: 2 },
    });
    expect(verdicts.suspicious).toMatchObject({
      removes: { items: 0 },
      returns: { items: 0 },
      stays_out: { items: 3 },
    });
    expect(undo).toBeNull();
  });

  it('is nothing where no bytes were read', async () => {
    const id = await seedItem(station.database, station.a, { sha256: null });
    expect(await effects(id)).toBeNull();
  });
});

describe('taking a decision back', () => {
  const undo = (id: string, key = station.analyst, body: object = { reason: 'a slip' }) =>
    station.call('POST', `/api/v1/decisions/${id}/undo`, key, body);

  it('says what it restores, writes a newer decision and opens the question again', async () => {
    const scan = await seedItem(station.database, station.a);
    const question = await ask(scan);
    const { body: made } = await decide(scan, 'clean');
    expect((await effects(scan)).undo).toMatchObject({ decisionId: made.decision.id, restores: 'malicious' });
    const undone = await undo(made.decision.id);
    expect(undone.status).toBe(201);
    expect(undone.body).toMatchObject({ decision: { verdict: 'malicious', reason: 'a slip' }, reopened: [question] });
    const { body } = await station.call('GET', `/api/v1/investigations/${question}`, station.analyst);
    expect(body).toMatchObject({ state: 'open', verdict: 'malicious', answer: null, claim: { mine: true } });
    expect((await kindsOf(scan)).slice(-3)).toEqual(['decision.made', 'investigation.reopened', 'decision.undone']);
  });

  it('does not call clean what the engines could not look into', async () => {
    const scan = await seedItem(station.database, station.a, { verdict: 'unscannable', reason: 'encrypted' });
    const { body: made } = await decide(scan, 'clean');
    expect((await undo(made.decision.id)).body.decision.verdict).toBe('suspicious');
  });

  it('opens the question where the verdict stays the same', async () => {
    const scan = await seedItem(station.database, station.a);
    const question = await ask(scan);
    const { body: made } = await decide(scan, 'malicious');
    const undone = await undo(made.decision.id);
    expect(undone.body).toMatchObject({ decision: { id: made.decision.id }, reopened: [question] });
  });

  it('is refused when somebody has decided since, with what they did', async () => {
    const scan = await seedItem(station.database, station.a);
    const { body: made } = await decide(scan, 'clean');
    const newer = await decide(scan, 'suspicious', second);
    const late = await undo(made.decision.id);
    expect([late.status, late.body.type]).toEqual([409, 'urn:lazaret:problem:decided_first']);
    expect(late.body.current.id).toBe(newer.body.decision.id);
    expect((await undo(scan)).status).toBe(404);
  });
});
