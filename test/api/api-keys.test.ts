import { auditOf, openStation } from './support';
import type { Station } from './support';

let station: Station;
beforeAll(async () => {
  station = await openStation();
});
afterAll(() => station.close());

const make = (key: string, body: object) => station.call('POST', '/api/v1/api-keys', key, body);

it('is shown once, works, and works no more once it is revoked', async () => {
  const made = await make(station.a.admin, { name: 'console', role: 'viewer' });
  expect(made.status).toBe(201);
  expect(made.body.key).toMatch(/^lz_viewer_[\w-]{43}$/u);
  expect(made.body.apiKey).toMatchObject({ role: 'viewer', organisationId: station.a.id, revokedAt: null });
  const { key, apiKey } = made.body;
  expect((await station.call('GET', '/api/v1/scans', key)).status).toBe(200);
  const listed = await station.call('GET', '/api/v1/api-keys', station.a.admin);
  expect(listed.text).not.toContain(key);
  expect(listed.body.apiKeys[0]).toMatchObject({ id: apiKey.id, name: 'console' });
  expect(listed.body.apiKeys[0].lastUsedAt).not.toBeNull();
  const revoked = await station.call('DELETE', `/api/v1/api-keys/${apiKey.id}`, station.a.admin);
  expect(revoked.body.revokedAt).not.toBeNull();
  expect((await station.call('GET', '/api/v1/scans', key)).status).toBe(401);
  const again = await station.call('DELETE', `/api/v1/api-keys/${apiKey.id}`, station.a.admin);
  expect(again.body).toEqual(revoked.body);
  const events = (await auditOf(station.database, station.a.id)).filter((event) => event.kind.startsWith('api_key.'));
  expect(events.slice(-2).map((event) => [event.kind, event.detail['apiKeyId']])).toEqual([
    ['api_key.created', apiKey.id],
    ['api_key.revoked', apiKey.id],
  ]);
});

it('is made by support for any organisation, which is told', async () => {
  const made = await make(station.support, { name: 'first', role: 'admin', organisationId: station.b.id });
  expect(made.body.apiKey.organisationId).toBe(station.b.id);
  const crossed = await auditOf(station.database, station.b.id, 'organisation.crossed');
  expect(crossed.at(-1)?.detail).toEqual({ role: 'support', purpose: 'createApiKey' });
  const without = await make(station.support, { name: 'first', role: 'admin' });
  expect(without.status).toBe(422);
  expect(without.body.errors[0]).toMatchObject({ field: 'organisationId', pointer: '/organisationId' });
});

it.each(['support', 'analyst', 'root'])('is never made with the role %s over the network', async (role) => {
  for (const key of [station.a.admin, station.support]) {
    const { status, body } = await make(key, { name: 'x', role, organisationId: station.a.id });
    expect(status).toBe(422);
    expect(body.errors[0].field).toBe('role');
  }
});

it('is stored as a hash alone', async () => {
  const { key } = (await make(station.a.admin, { name: 'hashed', role: 'viewer' })).body;
  const { rows } = await station.database.withService((db) =>
    db.query<{ stored: string }>(`select to_jsonb(k)::text || encode(hash, 'escape') as stored from api_keys k`),
  );
  expect(rows.length).toBeGreaterThan(3);
  for (const row of rows) expect(row.stored).not.toContain(key.slice(10));
});

describe('audit log', () => {
  it('is walked page by page, newest first, and filtered', async () => {
    const all: { id: string; kind: string }[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const path: string = `/api/v1/audit-events?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const { body } = await station.call('GET', path, station.a.admin);
      all.push(...body.auditEvents);
      cursor = body.nextCursor;
    }
    const stored = await auditOf(station.database, station.a.id);
    expect(all.map((event) => event.kind)).toEqual(stored.map((event) => event.kind).reverse());
    const path = `/api/v1/audit-events?kind=api_key.revoked&organisation=${station.a.id}`;
    const { body } = await station.call('GET', path, station.a.admin);
    expect(body.auditEvents).toHaveLength(1);
  });

  it.each([
    ['kind=%27or%201=1', 'kind.0'],
    ['cursor=WyJ4IiwiOTk5OTk5OTk5OTk5OTk5OTk5OSJd', 'cursor'],
    ['scan=5', 'scan'],
  ])('refuses ?%s', async (query, field) => {
    const { status, body } = await station.call('GET', `/api/v1/audit-events?${query}`, station.a.admin);
    expect(status).toBe(400);
    expect(body.errors[0].field).toBe(field);
  });

  it('tells each organisation that the operator read it', async () => {
    await station.call('GET', '/api/v1/audit-events?kind=api_key.created', station.analyst);
    for (const tenant of [station.a, station.b]) {
      const crossed = await auditOf(station.database, tenant.id, 'organisation.crossed');
      expect(crossed.at(-1)?.detail).toEqual({ role: 'analyst', purpose: 'listAuditEvents' });
    }
  });
});
