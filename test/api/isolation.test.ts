import { Client } from 'pg';
import { newAppKey } from '../support/app-tokens';
import { addPerson } from './sign-ins';
import { auditOf, openStation, randomSha, seedInspection, seedItem } from './support';
import type { Station } from './support';

let station: Station;
let theirs: {
  view: string;
  scan: string;
  investigation: string;
  apiKey: string;
  entry: string;
  person: string;
  invitation: string;
};
const entry = { kind: 'domain', effect: 'block', value: 'borealis.example', owner: 'b', reason: 'r' };
const SHA = randomSha();
const SECRET = 'borealis-board-minutes.docx';

beforeAll(async () => {
  station = await openStation();
  const { b, database } = station;
  const scan = await seedItem(database, b, { sha256: SHA, fileName: SECRET });
  await seedInspection(database, b, scan, ['BorealisRule']);
  await seedItem(database, station.a, { sha256: SHA, fileName: 'ours.docx' });
  const asked = await station.call('POST', `/api/v1/scans/${scan}/investigations`, b.admin, {
    opinion: 'clean',
    reason: SECRET,
  });
  const listed = await station.call('POST', '/api/v1/lists', b.admin, entry);
  const invited = await station.call('POST', '/api/v1/invitations', b.admin, { email: 'x@y.example', role: 'viewer' });
  const person = await addPerson(database, { role: 'viewer', organisationId: b.id, email: 'theirs@borealis.example' });
  const view = { name: SECRET, filters: { text: SECRET }, shared: true };
  const saved = await station.call('POST', '/api/v1/scan-views', b.admin, view);
  const people = { person, invitation: invited.body.id, view: saved.body.id };
  theirs = {
    ...people,
    entry: listed.body.id,
    scan,
    investigation: asked.body.id,
    apiKey: await station.keyId(b.viewer),
  };
});
afterAll(() => station.close());

/** Every route with an id, asked with the ids of another organisation. */
function foreignRequests(): [string, string, unknown?][] {
  const { scan, investigation, apiKey } = theirs;
  const organisation = `/api/v1/organisations/${station.b.id}`;
  return [
    ['GET', organisation],
    ['GET', `${organisation}/bundles`],
    ['GET', `${organisation}/policy`],
    ['PATCH', `${organisation}/policy`, { notificationAddresses: ['spy@acme.example'] }],
    ['PUT', `${organisation}/policy`, { version: 0, policy: { malicious: 'monitor' } }],
    ['POST', `${organisation}/policy/what-if`, { policy: {} }],
    ['POST', `${organisation}/policy/preview`, { noteTemplate: null, mailTemplate: null }],
    ['POST', `${organisation}/policy/test-mail`, { address: 'spy@acme.example' }],
    ['GET', `${organisation}/channels/zendesk/app`],
    ['PUT', `${organisation}/channels/zendesk/app`, { installationId: '1', publicKey: newAppKey().publicKey }],
    ['DELETE', `${organisation}/channels/zendesk/app`],
    ['GET', `/api/v1/dashboard?organisation=${station.b.id}`],
    ['GET', `/api/v1/api-keys?organisation=${station.b.id}`],
    ['POST', '/api/v1/api-keys', { name: 'spy', role: 'admin', organisationId: station.b.id }],
    ['DELETE', `/api/v1/api-keys/${apiKey}`],
    ['GET', `/api/v1/people?organisation=${station.b.id}`],
    ['PATCH', `/api/v1/people/${theirs.person}`, { disabled: true }],
    ['PUT', `${organisation}/sign-in-rules`, { secondFactorRequired: true }],
    ['GET', `/api/v1/invitations?organisation=${station.b.id}`],
    ['POST', '/api/v1/invitations', { email: 'spy@acme.example', role: 'admin', organisationId: station.b.id }],
    ['DELETE', `/api/v1/invitations/${theirs.invitation}`],
    ['GET', `/api/v1/scans?organisation=${station.b.id}`],
    ['GET', `/api/v1/scans.csv?organisation=${station.b.id}`],
    ['GET', `/api/v1/scan-changes?organisation=${station.b.id}`],
    ['PATCH', `/api/v1/scan-views/${theirs.view}`, { name: 'spy' }],
    ['DELETE', `/api/v1/scan-views/${theirs.view}`],
    ['GET', `/api/v1/scans/${scan}`],
    ['GET', `/api/v1/scans/${scan}/decisions`],
    ['GET', `/api/v1/scans/${scan}/file`],
    ['POST', `/api/v1/scans/${scan}/investigations`, { opinion: 'clean', reason: 'x' }],
    ['POST', `/api/v1/scans/${scan}/follow-up`],
    ['POST', `/api/v1/scans/${scan}/decline`],
    ['GET', `/api/v1/investigations?organisation=${station.b.id}`],
    ['GET', `/api/v1/investigations/${investigation}`],
    ['GET', `/api/v1/lists?organisation=${station.b.id}`],
    ['GET', `/api/v1/lists/export?organisation=${station.b.id}`],
    ['POST', '/api/v1/lists', { ...entry, organisationId: station.b.id }],
    ['POST', `/api/v1/lists/import?organisation=${station.b.id}`],
    ['DELETE', `/api/v1/lists/${theirs.entry}`],
    ['GET', `/api/v1/audit-events?organisation=${station.b.id}`],
  ];
}

it('covers every route that an admin may use with an id', () => {
  const routes = station.app.routes.filter((route) => route.right !== 'public').map((route) => route.path);
  const missing = routes.filter((path) => {
    const pattern = new RegExp(`^${path.replace(/\{\w+\}/gu, '[^/?]+')}(\\?|$)`, 'u');
    return !foreignRequests().some(([, asked]) => pattern.test(asked));
  });
  // Those that take no id, and those of the operator alone.
  expect([...new Set(missing)].sort()).toEqual([
    '/api/v1/bundles',
    '/api/v1/decisions/{id}/undo',
    '/api/v1/engines',
    '/api/v1/investigations/{id}/claim',
    '/api/v1/me',
    '/api/v1/organisations',
    '/api/v1/organisations/{id}/bundles/{bundleId}',
    '/api/v1/scan-views',
    '/api/v1/scans/{id}/decision-effects',
    '/api/v1/scans/{id}/link',
    '/api/v1/scans/{id}/parts/{sha256}/bytes',
    '/api/v1/scans/{id}/parts/{sha256}/facts',
    '/api/v1/scans/{id}/parts/{sha256}/picture',
    '/api/v1/scans/{id}/parts/{sha256}/strings',
    '/api/v1/scans/{id}/sealed-copy',
    '/api/v1/scans/{id}/structure',
    '/api/v1/scans/{id}/verdict',
  ]);
});

it('answers ids of another organisation as if they did not exist, and changes nothing', async () => {
  const before = await auditOf(station.database, station.b.id);
  for (const [method, path, body] of foreignRequests()) {
    const answer = await station.call(method, path, station.a.admin, body);
    expect([path, answer.status]).toEqual([path, 404]);
    expect(answer.body.type).toBe('urn:lazaret:problem:not_found');
    expect(answer.text).not.toMatch(/borealis/iu);
  }
  expect(await auditOf(station.database, station.b.id)).toEqual(before);
  expect((await station.call('GET', '/api/v1/me', station.b.viewer)).status).toBe(200);
});

it('lists no row of another organisation, even with the same bytes', async () => {
  const lists = [
    '/api/v1/scans?limit=200',
    `/api/v1/scans?sha256=${SHA}`,
    `/api/v1/scans?text=${SECRET}`,
    '/api/v1/scan-views',
    '/api/v1/investigations',
    '/api/v1/audit-events?limit=200',
    '/api/v1/api-keys',
    '/api/v1/lists',
    '/api/v1/lists/export',
  ];
  for (const path of lists) {
    const answer = await station.call('GET', path, station.a.admin);
    expect(answer.status).toBe(200);
    expect(answer.text).not.toMatch(/borealis/iu);
    expect(answer.text).not.toContain(station.b.id);
    expect(answer.text).not.toContain(theirs.scan);
  }
  const [own] = (await station.call('GET', `/api/v1/scans?sha256=${SHA}`, station.a.admin)).body.scans;
  const story = await station.call('GET', `/api/v1/scans/${own.id}`, station.a.admin);
  expect(story.body).toMatchObject({ copies: [], findings: [], investigations: [] });
});

describe('Postgres', () => {
  let client: Client;
  beforeAll(async () => {
    client = new Client({ connectionString: station.appUrl });
    await client.connect();
  });
  afterAll(() => client.end());

  it.each(['items', 'scans', 'decisions', 'policies', 'api_keys', 'organisations', 'audit_events', 'email_outbox'])(
    'refuses a query of %s outside a scope',
    async (table) => {
      await expect(client.query(`select * from ${table}`)).rejects.toMatchObject({ code: '42501' });
    },
  );

  it('shows nothing in the tenants’ role without an organisation', async () => {
    await client.query('begin; set local role lazaret_tenant');
    expect((await client.query('select from items')).rowCount).toBe(0);
    await client.query('rollback');
  });

  it('refuses to write a row for another organisation', async () => {
    const write = station.database.withOrganisation(station.a.id, (db) =>
      db.query(`insert into api_keys (organisation_id, role, name, hash) values ($1, 'admin', 'spy', '\\x00')`, [
        station.b.id,
      ]),
    );
    await expect(write).rejects.toMatchObject({ code: '42501' });
  });

  it('lets nobody change or remove an audit event', async () => {
    for (const sql of [`update audit_events set actor = 'nobody'`, 'delete from audit_events']) {
      const tampered = station.database.withService((db) => db.query(sql));
      await expect(tampered).rejects.toMatchObject({ code: '42501' });
    }
  });
});
