import { auditOf, openStation, randomSha } from './support';
import type { Station } from './support';

let station: Station;
beforeAll(async () => void (station = await openStation()));
afterAll(() => station.close());

const entry = (more: object = {}) => ({
  kind: 'domain',
  effect: 'block',
  value: 'Evil.Example',
  owner: 'IT',
  reason: 'Phishing.',
  ...more,
});
const put = (key: string, body: object) => station.call('POST', '/api/v1/lists', key, body);
const list = async (key: string, query = '') => (await station.call('GET', `/api/v1/lists${query}`, key)).body.entries;
const upload = (key: string, body: string) =>
  station.raw('POST', '/api/v1/lists/import', {
    headers: { authorization: `Bearer ${key}`, 'content-type': 'text/csv' },
    body,
  });

it('keeps an entry in the form that is compared, once, with its audit events', async () => {
  const first = await put(station.a.admin, entry());
  expect(first.status).toBe(201);
  expect(first.body).toMatchObject({ value: 'evil.example', organisationId: station.a.id, expiresAt: null });
  const second = await put(station.a.admin, entry({ reason: 'Malware.', expiresAt: '2030-01-01T00:00:00Z' }));
  expect(second.body).toMatchObject({ id: first.body.id, reason: 'Malware.', expiresAt: '2030-01-01T00:00:00.000Z' });
  const gone = await station.call('DELETE', `/api/v1/lists/${first.body.id}`, station.a.admin);
  expect(gone.status).toBe(204);
  expect(await list(station.a.admin)).toEqual([]);
  expect((await station.call('DELETE', `/api/v1/lists/${first.body.id}`, station.a.admin)).status).toBe(404);
  const audit = await auditOf(station.database, station.a.id);
  const kinds = audit.map((event) => event.kind).filter((kind) => kind.startsWith('list'));
  expect(kinds).toEqual(['list_entries.put', 'list_entries.put', 'list_entry.removed']);
  expect(JSON.stringify(audit)).not.toContain('evil.example');
});

it('shows the entries of the installation to everybody and lets only support change them', async () => {
  const made = await put(station.support, entry({ value: 'bad.example' }));
  expect(made.body.organisationId).toBeNull();
  expect((await list(station.a.admin)).map((one: { value: string }) => one.value)).toEqual(['bad.example']);
  expect((await list(station.b.admin)).map((one: { value: string }) => one.value)).toEqual(['bad.example']);
  expect((await station.call('DELETE', `/api/v1/lists/${made.body.id}`, station.a.admin)).status).toBe(404);
  expect((await station.call('DELETE', `/api/v1/lists/${made.body.id}`, station.support)).status).toBe(204);
});

it('lets support work on the list of one organisation', async () => {
  const value = randomSha();
  const made = await put(station.support, entry({ kind: 'hash', value, organisationId: station.b.id }));
  expect(made.body.organisationId).toBe(station.b.id);
  expect((await list(station.a.admin)).length).toBe(0);
  const own = await list(station.support, `?organisation=${station.b.id}&kind=hash`);
  expect(own.map((one: { value: string }) => one.value)).toEqual([value]);
});

it.each([
  [{ kind: 'hash', value: 'abc' }, 'value'],
  [{ value: 'com' }, 'value'],
  [{ kind: 'url', value: 'http://*.com' }, 'value'],
  [{ kind: 'sender', value: 'nobody' }, 'value'],
  [{ owner: '' }, 'owner'],
  [{ surprise: 1 }, 'surprise'],
])('refuses %j and names the field', async (wrong, field) => {
  const answer = await put(station.a.admin, entry(wrong));
  expect(answer.status).toBe(422);
  expect(answer.body.errors[0].field).toBe(field);
});

it('imports what it exports', async () => {
  const csv = `kind,effect,value,owner,reason,expires\r\ndomain,block,one.example,IT,=1+1,\r\nurl,allow,two.example/a*,IT,ours,2030-01-31\r\n`;
  const imported = await upload(station.b.admin, csv);
  expect(imported.body).toEqual({ entries: 2 });
  const exported = await station.call('GET', '/api/v1/lists/export', station.b.admin);
  expect(exported.headers.get('content-type')).toContain('text/csv');
  expect(exported.text).toContain("'=1+1");
  expect((await upload(station.a.admin, exported.text)).body.entries).toBeGreaterThanOrEqual(2);
  const [reason] = (await list(station.a.admin, '?kind=domain')).map((one: { reason: string }) => one.reason);
  expect(reason).toBe('=1+1');
});

it('refuses a whole table for one wrong line and names it', async () => {
  const before = (await list(station.a.admin)).length;
  const answer = await upload(
    station.a.admin,
    `kind,effect,value,owner,reason\ndomain,block,three.example,IT,x\nhash,block,short,IT,x\n`,
  );
  expect(answer.status).toBe(422);
  expect(answer.body.errors).toEqual([expect.objectContaining({ field: 'line 3' })]);
  expect((await list(station.a.admin)).length).toBe(before);
});

it('pages through a list', async () => {
  const first = (await station.call('GET', '/api/v1/lists?limit=1', station.a.admin)).body;
  const second = (await station.call('GET', `/api/v1/lists?limit=1&cursor=${first.nextCursor}`, station.a.admin)).body;
  expect(first.entries).toHaveLength(1);
  expect(second.entries[0].id).not.toBe(first.entries[0].id);
});
