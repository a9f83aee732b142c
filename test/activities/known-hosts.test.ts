import { fetchKnowingHosts } from '../../activities/known-hosts';
import type { ConnectionRef } from '../../db/connection-secrets';
import { connect } from '../support/connected';
import { openHouse } from '../support/zendesk-house';
import type { House } from '../support/zendesk-house';

let house: House;

beforeAll(async () => {
  house = await openHouse();
}, 60_000);
afterAll(async () => {
  await house?.close();
});

async function fetchFrom(ref: ConnectionRef, host: string) {
  const item = { id: `item of ${host}`, organisation_id: ref.organisationId, connection_id: ref.connectionId };
  const { channel } = await house.access.open(ref);
  const contentUrl = `https://${host}/attachments/token/abc/?name=a.txt`;
  const request = { attachmentId: '4711', contentUrl, lane: 'scan' as const, maxBytes: 1000 };
  return fetchKnowingHosts({ access: house.access }, item, channel, request);
}
const asked = async (path: RegExp): Promise<{ host: string; path: string }[]> => {
  const { body } = await house.control('GET', '/requests');
  return body.requests.filter((row: { path: string }) => path.test(row.path));
};

test('reads the brands again for a file of a brand that was added after the activation', async () => {
  const { ref, account, subdomain } = await connect(house);
  const { world } = house.simulator;
  const [first] = world.brands.inGroup(account.id);
  if (!first) throw new Error('the account has no brand');
  const id = world.nextId();
  world.brands.put(id, { ...first, id, subdomain: `${subdomain}-new`, default: false });
  // The file is not there, which only its host can have said.
  expect(await fetchFrom(ref, `${subdomain}-new.zendesk.com`)).toEqual({ outcome: 'gone' });
  expect(await asked(/attachments\/token\/abc/u)).toHaveLength(1);
  expect((await house.connection(ref.connectionId)).ownHosts).toContain(`${subdomain}-new.zendesk.com`);
  const { rows } = await house.database.withOrganisation(ref.organisationId, (db) =>
    db.query('select detail from audit_events where kind = $1', ['connection.hosts_changed']),
  );
  expect(rows).toMatchObject([{ detail: { added: expect.arrayContaining([`${subdomain}-new.zendesk.com`]) } }]);
});

test('looks three times for the host of a file before it is refused, and sends that host nothing', async () => {
  const { ref } = await connect(house);
  const other = await connect(house);
  const before = (await asked(/brands/u)).length;
  const look = () => fetchFrom(ref, `${other.subdomain}.zendesk.com`);
  await expect(look()).rejects.toMatchObject({ name: 'RetryLater', type: 'HostUnknown' });
  await expect(look()).rejects.toMatchObject({ name: 'RetryLater', type: 'HostUnknown' });
  expect(await look()).toMatchObject({ outcome: 'refused', reason: 'unknown_host' });
  expect((await asked(/brands/u)).length - before).toBe(3);
  expect(await asked(/attachments\/token\/abc/u)).toHaveLength(1);
});
