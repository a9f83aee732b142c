import { addKey, auditOf, openStation, randomSha, seedInspection, seedItem } from './support';
import type { Station } from './support';

let station: Station;
let second: string;
beforeAll(async () => {
  station = await openStation();
  second = await addKey(station.database, 'analyst');
});
afterAll(() => station.close());

const decide = (id: string, body: object, key = station.analyst) =>
  station.call('POST', `/api/v1/scans/${id}/verdict`, key, { reason: 'looked at it', ...body });

const itemRow = async (id: string) => {
  const { rows } = await station.database.withService((db) =>
    db.query<Record<string, unknown>>('select * from items where id = $1', [id]),
  );
  return rows[0];
};

it('holds for every item with these bytes in the organisation and for nobody else', async () => {
  const sha256 = randomSha();
  const first = await seedItem(station.database, station.a, { sha256, verdict: 'unscannable', reason: 'encrypted' });
  const copy = await seedItem(station.database, station.a, { sha256, ticketId: '2', state: 'released' });
  const foreign = await seedItem(station.database, station.b, { sha256 });
  const { status, body } = await decide(first, { verdict: 'clean' });
  expect(status).toBe(201);
  expect(body).toMatchObject({
    affects: 2,
    answered: [],
    decision: { verdict: 'clean', scanId: first, actorRole: 'analyst' },
  });
  expect(body.decision.actor).toBe(await station.keyId(station.analyst));
  for (const id of [first, copy]) {
    const row = await itemRow(id);
    expect(row).toMatchObject({ verdict: 'clean', verdict_reason: null, decision_id: body.decision.id });
    // The dispatcher finds what is not yet applied and due.
    expect(row?.['applied_decision_id']).toBeNull();
    expect(row?.['deadline_at']).not.toBeNull();
  }
  expect((await itemRow(first))?.['machine_verdict']).toBe('unscannable');
  expect(await itemRow(foreign)).toMatchObject({ verdict: 'malicious', decision_id: null, deadline_at: null });
  const events = (await auditOf(station.database, station.a.id, 'decision.made')).filter((event) =>
    [first, copy].includes(event.item_id ?? ''),
  );
  expect(events).toHaveLength(2);
  expect(events[0]?.detail).toMatchObject({ decisionId: body.decision.id, role: 'analyst', replaces: null, sha256 });
  expect(await auditOf(station.database, station.b.id, 'decision.made')).toEqual([]);
});

it('wakes the dispatcher in the same transaction', async () => {
  const id = await seedItem(station.database, station.a);
  let stop = (): void => undefined;
  // The first call tells that the listening began.
  let calls = 0;
  const woken = new Promise<void>((resolve, reject) => {
    const onNotify = () => void (++calls === 2 && resolve());
    station.database.listen('lazaret_work', onNotify, reject).then((close) => {
      stop = close;
      return decide(id, { verdict: 'clean' });
    }, reject);
  });
  await woken;
  stop();
});

it('writes nothing twice when the same is decided again', async () => {
  const id = await seedItem(station.database, station.a);
  const made = await decide(id, { verdict: 'malicious' });
  const again = await decide(id, { verdict: 'malicious', reason: 'still' }, second);
  expect(again.status).toBe(200);
  expect(again.body.decision).toEqual(made.body.decision);
  expect((await station.call('GET', `/api/v1/scans/${id}/decisions`, station.a.viewer)).body.decisions).toHaveLength(1);
});

it('decides anew when the same is the answer to a new question', async () => {
  const id = await seedItem(station.database, station.a);
  const made = await decide(id, { verdict: 'malicious' });
  const asked = await station.call('POST', `/api/v1/scans/${id}/investigations`, station.a.admin, {
    opinion: 'clean',
    reason: 'look again',
  });
  const again = await decide(id, { verdict: 'malicious' });
  expect(again.status).toBe(201);
  expect(again.body.decision.id).not.toBe(made.body.decision.id);
  expect(again.body.answered).toEqual([asked.body.id]);
});

it('replaces a decision by a newer one, in both directions', async () => {
  const id = await seedItem(station.database, station.a);
  const first = await decide(id, { verdict: 'clean', expectedDecisionId: null });
  const next = await decide(id, { verdict: 'malicious', expectedDecisionId: first.body.decision.id });
  expect([first.status, next.status]).toEqual([201, 201]);
  const { decisions } = (await station.call('GET', `/api/v1/scans/${id}/decisions`, station.a.viewer)).body;
  expect(decisions.map((decision: { verdict: string }) => decision.verdict)).toEqual(['malicious', 'clean']);
  expect(await itemRow(id)).toMatchObject({ verdict: 'malicious', decision_id: next.body.decision.id });
});

it('lets one of two analysts decide at once, and tells the other what the first did', async () => {
  for (let round = 0; round < 5; round++) {
    const id = await seedItem(station.database, station.a);
    const answers = await Promise.all([
      decide(id, { verdict: 'clean', expectedDecisionId: null }, station.analyst),
      decide(id, { verdict: 'suspicious', expectedDecisionId: null }, second),
    ]);
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 409]);
    const won = answers.find((answer) => answer.status === 201)?.body.decision;
    const lost = answers.find((answer) => answer.status === 409)?.body;
    expect(lost.type).toBe('urn:lazaret:problem:decided_first');
    expect(lost.current).toEqual(won);
    expect(lost.detail).toContain(`${won.actor} decided ${won.verdict}`);
    expect(lost.errors[0].field).toBe('expectedDecisionId');
    expect((await itemRow(id))?.['verdict']).toBe(won.verdict);
  }
});

it('gives two analysts of one opinion one decision', async () => {
  const id = await seedItem(station.database, station.a);
  const both = await Promise.all([decide(id, { verdict: 'clean' }), decide(id, { verdict: 'clean' }, second)]);
  expect(both.map((answer) => answer.status).sort()).toEqual([200, 201]);
  expect(both[0]?.body.decision.id).toBe(both[1]?.body.decision.id);
});

it.each([
  [{ verdict: 'pending', state: 'scanning' }, 'has not been scanned yet'],
  [{ verdict: 'unscannable', reason: 'gone', state: 'gone' }, 'unscannable, gone'],
  [{ verdict: 'malicious', state: 'blocked_at_source' }, 'Zendesk blocks'],
])('refuses to decide about an item without bytes: %j', async (seed, said) => {
  const id = await seedItem(station.database, station.a, { ...seed, sha256: null });
  const { status, body } = await decide(id, { verdict: 'clean' });
  expect(status).toBe(409);
  expect(body.detail).toContain(said);
  expect(await itemRow(id)).toMatchObject({ decision_id: null, verdict: seed.verdict });
});

it('remembers the findings that were known', async () => {
  const id = await seedItem(station.database, station.a);
  await seedInspection(station.database, station.a, id, ['Zeta', 'Alpha']);
  await seedInspection(station.database, station.a, id, ['Alpha']);
  const { body } = await decide(id, { verdict: 'clean' });
  expect(body.decision.knownFindings).toEqual(['yara:Alpha', 'yara:Zeta']);
});

it('records the crossing of the analyst even when the decision is refused', async () => {
  const id = await seedItem(station.database, station.b, { sha256: null, verdict: 'pending', state: 'pending' });
  await decide(id, { verdict: 'clean' });
  const crossed = await auditOf(station.database, station.b.id, 'organisation.crossed');
  expect(crossed.at(-1)?.detail).toEqual({ role: 'analyst', purpose: 'decideVerdict' });
});
