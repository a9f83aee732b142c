import { MOST_VIEWS } from '../../db/saved-views';
import { auditOf, openStation } from './support';
import type { Station } from './support';

let station: Station;
beforeAll(async () => {
  station = await openStation();
});
afterAll(() => station.close());

const PATH = '/api/v1/scan-views';
const save = (key: string, view: object) =>
  station.call('POST', PATH, key, { filters: { verdict: 'malicious' }, ...view });
const namesFor = async (key: string): Promise<string[]> =>
  (await station.call('GET', PATH, key)).body.views.map((view: { name: string }) => view.name);

it('keeps a private view to its owner, and shows a shared one to the organisation only', async () => {
  const filters = { verdict: 'malicious,suspicious', since: '7d', text: 'Rechnung' };
  const made = await save(station.a.admin, { name: 'Bad of this week', filters });
  expect(made.status).toBe(201);
  expect(made.body).toMatchObject({ name: 'Bad of this week', filters, shared: false, own: true });
  await save(station.a.admin, { name: 'For all', shared: true });
  expect(await namesFor(station.a.admin)).toEqual(['Bad of this week', 'For all']);
  expect(await namesFor(station.a.viewer)).toEqual(['For all']);
  expect((await station.call('GET', PATH, station.a.viewer)).body.views[0].own).toBe(false);
  expect(await namesFor(station.b.admin)).toEqual([]);
  expect(await namesFor(station.analyst)).toEqual([]);
  expect(await auditOf(station.database, station.a.id, 'scan_view.saved')).toHaveLength(2);
});

it("keeps the operator's views among its people", async () => {
  await save(station.analyst, { name: 'Queue', filters: { organisation: station.a.id }, shared: true });
  expect(await namesFor(station.support)).toEqual(['Queue']);
  expect(await namesFor(station.a.admin)).not.toContain('Queue');
});

it('is changed by its owner only; a shared one an admin may remove', async () => {
  const { id } = (await save(station.a.viewer, { name: 'Mine', shared: true })).body;
  const path = `${PATH}/${id}`;
  const refused = await station.call('PATCH', path, station.a.admin, { name: 'Yours' });
  expect([refused.status, refused.body.type]).toEqual([403, 'urn:lazaret:problem:not_yours']);
  const changed = await station.call('PATCH', path, station.a.viewer, { name: 'Ours', filters: {} });
  expect(changed.body).toMatchObject({ name: 'Ours', filters: {}, shared: true });
  expect((await station.call('DELETE', path, station.a.admin)).status).toBe(204);
  expect((await station.call('PATCH', path, station.a.viewer, { name: 'Back' })).status).toBe(404);
});

it('cannot be seen or removed by others while it is private', async () => {
  const { id } = (await save(station.a.viewer, { name: 'Secret' })).body;
  expect((await station.call('DELETE', `${PATH}/${id}`, station.a.admin)).status).toBe(404);
  expect((await station.call('DELETE', `${PATH}/${id}`, station.a.viewer)).status).toBe(204);
});

it('refuses a second view of one name, whatever its case', async () => {
  await save(station.b.admin, { name: 'Doubles' });
  const again = await save(station.b.admin, { name: 'doubles' });
  expect([again.status, again.body.type, again.body.errors[0].field]).toEqual([
    409,
    'urn:lazaret:problem:name_taken',
    'name',
  ]);
  const { id } = (await save(station.b.admin, { name: 'Other' })).body;
  expect((await station.call('PATCH', `${PATH}/${id}`, station.b.admin, { name: 'DOUBLES' })).status).toBe(409);
  expect((await save(station.b.viewer, { name: 'Doubles' })).status).toBe(201);
});

it.each([
  [{ name: '' }, 'name'],
  [{ name: 'a\u202eb' }, 'name'],
  [{ name: 'x', filters: { nonsense: '1' } }, 'filters.nonsense'],
  [{ name: 'x', filters: { verdict: 7 } }, 'filters.verdict'],
])('refuses %j and names the field', async (view, field) => {
  const answer = await save(station.a.admin, view);
  expect(answer.status).toBe(422);
  expect(answer.body.errors.map((error: { field: string }) => error.field)).toContain(field);
});

it('says when somebody has too many', async () => {
  const owner = await station.keyId(station.support);
  await station.database.withService((db) =>
    db.query(
      `insert into saved_views (owner, name, filters) select $1, 'view ' || g, '{}' from generate_series(1, $2) g`,
      [owner, MOST_VIEWS],
    ),
  );
  const answer = await save(station.support, { name: 'One more' });
  expect([answer.status, answer.body.type]).toEqual([409, 'urn:lazaret:problem:too_many_views']);
});
