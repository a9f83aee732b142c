import { auditOf, openStation, randomSha, seedItem } from './support';
import type { Station } from './support';

let station: Station;
beforeAll(async () => {
  station = await openStation();
});
afterAll(() => station.close());

const ask = (id: string, key: string, body: object = { opinion: 'clean', reason: 'we wrote it ourselves' }) =>
  station.call('POST', `/api/v1/scans/${id}/investigations`, key, body);

async function workOf(id: string) {
  const { rows } = await station.database.withService((db) =>
    db.query<{ investigation_id: string | null; due: boolean }>(
      'select investigation_id, deadline_at is not null as due from items where id = $1',
      [id],
    ),
  );
  return rows[0];
}

it('is requested once and joined by whoever asks again about the same bytes', async () => {
  const sha256 = randomSha();
  const id = await seedItem(station.database, station.a, { sha256 });
  const copy = await seedItem(station.database, station.a, { sha256 });
  const first = await ask(id, station.a.admin);
  expect(first.status).toBe(201);
  expect(first.body).toMatchObject({ state: 'open', opinion: 'clean', requestedByRole: 'admin', sha256, scanId: id });
  const second = await ask(copy, station.support, { opinion: 'malicious', reason: 'seen elsewhere' });
  expect(second.status).toBe(200);
  expect(second.body).toEqual(first.body);
  for (const item of [id, copy]) {
    expect(await workOf(item)).toEqual({ investigation_id: first.body.id, due: true });
  }
  const kinds = (await auditOf(station.database, station.a.id)).filter((event) => event.item_id !== null);
  expect(kinds.map((event) => [event.kind, event.item_id])).toEqual([
    ['investigation.requested', id],
    ['investigation.joined', copy],
  ]);
});

it('is made once when many ask at the same moment', async () => {
  const id = await seedItem(station.database, station.a);
  const answers = await Promise.all(Array.from({ length: 6 }, () => ask(id, station.a.admin)));
  expect(answers.map((answer) => answer.status).sort()).toEqual([200, 200, 200, 200, 200, 201]);
  expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
});

it('may be asked about an item that has not been scanned, and is answered with its bytes', async () => {
  const id = await seedItem(station.database, station.a, { sha256: null, verdict: 'pending', state: 'pending' });
  const asked = await ask(id, station.a.admin);
  expect(asked.body.sha256).toBeNull();
  const sha256 = randomSha();
  await station.database.withService(async (db) => {
    await db.query('insert into objects (organisation_id, sha256, length) values ($1, $2, 1)', [station.a.id, sha256]);
    await db.query(`update items set sha256 = $2, verdict = 'malicious' where id = $1`, [id, sha256]);
  });
  const body = { verdict: 'clean', reason: 'fine' };
  const decided = await station.call('POST', `/api/v1/scans/${id}/verdict`, station.analyst, body);
  expect(decided.body.answered).toEqual([asked.body.id]);
  const answered = await station.call('GET', `/api/v1/investigations/${asked.body.id}`, station.a.admin);
  expect(answered.body).toMatchObject({ state: 'answered', decisionId: decided.body.decision.id, verdict: 'clean' });
});

it('is asked anew after an answer', async () => {
  const id = await seedItem(station.database, station.a);
  const first = await ask(id, station.a.admin);
  await station.call('POST', `/api/v1/scans/${id}/verdict`, station.analyst, { verdict: 'malicious', reason: 'no' });
  const next = await ask(id, station.a.admin);
  expect(next.status).toBe(201);
  expect(next.body.id).not.toBe(first.body.id);
});

it.each([
  [{ opinion: 'harmless', reason: 'x' }, 'opinion'],
  [{ opinion: 'clean', reason: '' }, 'reason'],
  [{ opinion: 'clean', reason: 'x'.repeat(2001) }, 'reason'],
  [{ reason: 'x' }, 'opinion'],
])('refuses %j and names the field', async (body, field) => {
  const id = await seedItem(station.database, station.a);
  const answer = await ask(id, station.a.admin, body);
  expect(answer.status).toBe(422);
  expect(answer.body.errors[0].field).toBe(field);
  expect(await workOf(id)).toEqual({ investigation_id: null, due: false });
});

it('is listed oldest first, page by page, with what an analyst needs', async () => {
  const sha256 = randomSha();
  const fileName = 'inv\u202ecod.exe';
  const own: string[] = [];
  for (let i = 0; i < 5; i++) {
    const id = await seedItem(station.database, station.b, { ticketId: `${500 + i}`, fileName });
    own.push((await ask(id, station.b.admin)).body.id);
  }
  const held = await seedItem(station.database, station.b, { sha256, fileName });
  await seedItem(station.database, station.b, { sha256 });
  own.push((await ask(held, station.b.admin)).body.id);
  const walked: { id: string; copies: number; displayName: string }[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const query: string = `state=open&limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`;
    const { body } = await station.call('GET', `/api/v1/investigations?${query}`, station.b.admin);
    walked.push(...body.investigations);
    cursor = body.nextCursor;
  }
  expect(walked.map((row) => row.id)).toEqual(own);
  expect(walked.at(-1)).toMatchObject({ copies: 2, displayName: 'inv⟨RLO⟩cod.exe' });
  const all = await station.call('GET', '/api/v1/investigations?state=open&limit=200', station.analyst);
  const organisations = new Set(all.body.investigations.map((row: { organisationId: string }) => row.organisationId));
  expect(organisations).toEqual(new Set([station.a.id, station.b.id]));
  const crossings = await auditOf(station.database, station.b.id, 'organisation.crossed');
  expect(crossings.at(-1)?.detail['purpose']).toBe('listInvestigations');
});
