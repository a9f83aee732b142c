import { openStation, seedItem } from './support';
import type { Station } from './support';

type Who = 'nobody' | 'viewer' | 'admin' | 'support' | 'analyst';
const ROLES: Who[] = ['viewer', 'admin', 'support', 'analyst'];

/** Written out once more, on purpose: a slip in rights.ts shows up here. */
const TABLE: Record<string, Who[]> = {
  'GET /api/v1/me': ROLES,
  'GET /api/v1/organisations': ['support', 'analyst'],
  'POST /api/v1/organisations': ['support'],
  'GET /api/v1/organisations/{id}': ROLES,
  'GET /api/v1/bundles': ['support'],
  'POST /api/v1/bundles': ['support'],
  'GET /api/v1/organisations/{id}/bundles': ROLES,
  'PUT /api/v1/organisations/{id}/bundles/{bundleId}': ['support'],
  'DELETE /api/v1/organisations/{id}/bundles/{bundleId}': ['support'],
  'GET /api/v1/organisations/{id}/policy': ['admin', 'support', 'analyst'],
  // An admin where support allows it, which the route itself asks.
  'PUT /api/v1/organisations/{id}/policy': ['admin', 'support'],
  'PATCH /api/v1/organisations/{id}/policy': ['admin', 'support'],
  'POST /api/v1/organisations/{id}/policy/what-if': ['admin', 'support', 'analyst'],
  'POST /api/v1/organisations/{id}/policy/preview': ['admin', 'support', 'analyst'],
  'POST /api/v1/organisations/{id}/policy/test-mail': ['admin', 'support'],
  'GET /api/v1/organisations/{id}/channels/zendesk/app': ['admin', 'support'],
  'PUT /api/v1/organisations/{id}/channels/zendesk/app': ['admin', 'support'],
  'DELETE /api/v1/organisations/{id}/channels/zendesk/app': ['admin', 'support'],
  'GET /api/v1/dashboard': ROLES,
  'GET /api/v1/api-keys': ['admin', 'support'],
  'POST /api/v1/api-keys': ['admin', 'support'],
  'DELETE /api/v1/api-keys/{id}': ['admin', 'support'],
  'GET /api/v1/people': ['admin', 'support'],
  'PATCH /api/v1/people/{id}': ['admin', 'support'],
  'PUT /api/v1/organisations/{id}/sign-in-rules': ['admin', 'support'],
  'GET /api/v1/invitations': ['admin', 'support'],
  'POST /api/v1/invitations': ['admin', 'support'],
  'DELETE /api/v1/invitations/{id}': ['admin', 'support'],
  'GET /api/v1/scans': ROLES,
  'GET /api/v1/scans.csv': ROLES,
  'GET /api/v1/scan-changes': ROLES,
  'GET /api/v1/scan-views': ROLES,
  'POST /api/v1/scan-views': ROLES,
  'PATCH /api/v1/scan-views/{id}': ROLES,
  'DELETE /api/v1/scan-views/{id}': ROLES,
  'GET /api/v1/scans/{id}': ROLES,
  'GET /api/v1/scans/{id}/link': ['analyst'],
  'POST /api/v1/scans/{id}/verdict': ['analyst'],
  'GET /api/v1/scans/{id}/decisions': ROLES,
  'POST /api/v1/scans/{id}/investigations': ['admin', 'support', 'analyst'],
  'GET /api/v1/scans/{id}/file': ['admin'],
  'GET /api/v1/scans/{id}/structure': ['analyst'],
  'GET /api/v1/scans/{id}/parts/{sha256}/bytes': ['analyst'],
  'GET /api/v1/scans/{id}/parts/{sha256}/strings': ['analyst'],
  'GET /api/v1/scans/{id}/parts/{sha256}/facts': ['analyst'],
  'GET /api/v1/scans/{id}/parts/{sha256}/picture': ['analyst'],
  'POST /api/v1/scans/{id}/sealed-copy': ['analyst'],
  'POST /api/v1/scans/{id}/follow-up': ['admin'],
  'POST /api/v1/scans/{id}/decline': ['admin'],
  'GET /api/v1/investigations': ['admin', 'support', 'analyst'],
  'GET /api/v1/investigations/{id}': ['admin', 'support', 'analyst'],
  'POST /api/v1/investigations/{id}/claim': ['analyst'],
  'DELETE /api/v1/investigations/{id}/claim': ['analyst'],
  'GET /api/v1/scans/{id}/decision-effects': ['analyst'],
  'POST /api/v1/decisions/{id}/undo': ['analyst'],
  'GET /api/v1/lists': ['admin', 'support', 'analyst'],
  'GET /api/v1/lists/export': ['admin', 'support', 'analyst'],
  'POST /api/v1/lists': ['admin', 'support'],
  'POST /api/v1/lists/import': ['admin', 'support'],
  'DELETE /api/v1/lists/{id}': ['admin', 'support'],
  'GET /api/v1/engines': ['admin', 'support'],
  'GET /api/v1/audit-events': ['admin', 'support', 'analyst'],
};

let station: Station;
let itemId: string;

beforeAll(async () => {
  station = await openStation();
  itemId = await seedItem(station.database, station.a);
});
afterAll(() => station.close());

function keyOf(who: Who): string | undefined {
  switch (who) {
    case 'viewer':
      return station.a.viewer;
    case 'admin':
      return station.a.admin;
    case 'support':
      return station.support;
    case 'analyst':
      return station.analyst;
    case 'nobody':
      return undefined;
    default:
      return who satisfies never;
  }
}

const pathOf = (path: string): string =>
  path
    .replace('organisations/{id}', `organisations/${station.a.id}`)
    .replace('{id}', itemId)
    .replace('{bundleId}', itemId)
    .replace('{sha256}', '0'.repeat(64))
    // A stream would not end; an unknown organisation is found after the right was checked.
    .replace('scan-changes', `scan-changes?organisation=${itemId}`);

it('has a line in the table of rights for every private route, and no other', () => {
  const priv = station.app.routes.filter((route) => route.right !== 'public');
  expect(priv.map((route) => `${route.method.toUpperCase()} ${route.path}`).sort()).toEqual(Object.keys(TABLE).sort());
});

describe.each(Object.entries(TABLE))('%s', (line, allowed) => {
  const [method = '', path = ''] = line.split(' ');
  const withBody = method === 'POST' || method === 'PUT' || method === 'PATCH';

  it.each(ROLES)(`${'answers or refuses'} %s as the table says`, async (who) => {
    // An unknown field is refused after the right was checked, so nothing is changed by asking.
    const answer = await station.call(method, pathOf(path), keyOf(who), withBody ? { nonsense: 1 } : undefined);
    if (allowed.includes(who)) {
      expect(answer.status).not.toBe(403);
      expect(answer.status).not.toBe(401);
      expect(answer.status).toBeLessThan(500);
    } else {
      expect(answer.status).toBe(403);
      expect(answer.body.neededRoles).toEqual(expect.arrayContaining(allowed));
      expect(answer.body.remedy).toContain(allowed[0]);
    }
  });

  it('refuses whoever brings no key', async () => {
    const answer = await station.call(method, pathOf(path), undefined, withBody ? {} : undefined);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('Bearer');
    expect(answer.body.errors[0].field).toBe('Authorization');
  });
});
