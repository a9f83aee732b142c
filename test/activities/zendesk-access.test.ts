import { updateConnection } from '../../db/connections';
import { saveTokens, sealTokens } from '../../db/connection-secrets';
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
afterEach(async () => {
  await house.control('DELETE', '/faults');
});

const connected = (minutesLeft?: number) => connect(house, minutesLeft);

const refreshes = async (subdomain: string): Promise<number> => {
  const { body } = await house.control('GET', '/requests');
  const rows: { path: string; account: string }[] = body.requests;
  return rows.filter((row) => row.path === '/oauth/tokens' && row.account === subdomain).length;
};
const kinds = async (ref: ConnectionRef): Promise<string[]> => {
  const { rows } = await house.database.withOrganisation(ref.organisationId, (db) =>
    db.query<{ kind: string }>('select kind from audit_events where connection_id = $1 order by id', [
      ref.connectionId,
    ]),
  );
  return rows.map((row) => row.kind);
};
const mails = async (ref: ConnectionRef) => {
  const { rows } = await house.database.withOrganisation(ref.organisationId, (db) =>
    db.query<{ kind: string; address: string; subject: string }>('select kind, address, subject from email_outbox'),
  );
  return rows;
};

test('refreshes once when twenty callers meet a dead token', async () => {
  const { ref, subdomain } = await connected();
  await house.control('POST', '/revoke', { account: subdomain, refresh: false });
  const answers = await Promise.all(
    Array.from({ length: 20 }, async () => (await house.access.open(ref)).client.account.me('scan')),
  );
  expect(new Set(answers.map((me) => me.role))).toEqual(new Set(['admin']));
  expect(await refreshes(subdomain)).toBe(1);
  expect(await kinds(ref)).toEqual(['connection.token_renewed']);
});

test('renews ahead of time when less than two minutes are left', async () => {
  const { ref, subdomain } = await connected(1.5);
  await (await house.access.open(ref)).client.account.me('scan');
  expect(await refreshes(subdomain)).toBe(1);
});

test('uses a token that has a while left although Zendesk cannot renew it now', async () => {
  const { ref, subdomain } = await connected(1.5);
  await house.control('POST', '/faults', {
    account: subdomain,
    match: { path: '/oauth/tokens' },
    times: 1,
    status: 503,
    body: {},
  });
  expect((await (await house.access.open(ref)).client.account.me('scan')).role).toBe('admin');
  expect((await house.connection(ref.connectionId)).state).toBe('connected');
});

test('finds the pair that another process has stored, without asking Zendesk', async () => {
  const { ref, subdomain, account } = await connected();
  const { client } = await house.access.open(ref);
  await client.account.me('scan');
  const { world } = house.simulator;
  const [token] = world.tokens.inGroup(account.id);
  if (!token) throw new Error('no token');
  world.tokens.put(token.id, { ...token, accessToken: 'stored-by-another', refreshToken: 'r2' });
  const sealed = await sealTokens(house.apiDeps.secretBox, ref, {
    accessToken: 'stored-by-another',
    refreshToken: 'r2',
    accessExpiresAt: new Date(Date.now() + 1_800_000),
    refreshExpiresAt: null,
  });
  await house.database.withOrganisation(ref.organisationId, (db) => saveTokens(db, ref.connectionId, sealed));
  expect((await client.account.me('scan')).role).toBe('admin');
  expect(await refreshes(subdomain)).toBe(0);
});

test('needs a new sign-in after the answer to a refresh was lost, and tells the admins once', async () => {
  const { ref, subdomain } = await connected();
  await house.control('POST', '/revoke', { account: subdomain, refresh: false });
  const lost = { match: { path: '/oauth/tokens' }, dropConnectionAfterHandling: true };
  await house.control('POST', '/faults', { account: subdomain, ...lost, times: 1 });
  const { client } = await house.access.open(ref);
  await expect(client.account.me('scan')).rejects.toMatchObject({ name: 'ZendeskError', outcomeUnknown: true });
  await expect(client.account.me('scan')).rejects.toMatchObject({ name: 'ReconnectNeededError' });
  await expect(client.account.me('scan')).rejects.toMatchObject({ name: 'ReconnectNeededError' });
  expect((await house.connection(ref.connectionId)).state).toBe('reconnect_needed');
  await expect(house.access.open(ref)).rejects.toMatchObject({ name: 'ReconnectNeededError' });
  expect(await kinds(ref)).toEqual(['connection.reconnect_needed']);
  expect(await mails(ref)).toEqual([
    {
      kind: 'reconnect_needed',
      address: 'admin@customer.example',
      subject: `[Lazaret] Reconnect needed: connection ${ref.connectionId}`,
    },
  ]);
});

test('does not open a connection that was deactivated', async () => {
  const { ref } = await connected();
  await house.database.withOrganisation(ref.organisationId, (db) =>
    updateConnection(db, ref.connectionId, { state: 'deactivated' }),
  );
  house.access.forget(ref.connectionId);
  await expect(house.access.open(ref)).rejects.toMatchObject({
    name: 'ConnectionNotActiveError',
    state: 'deactivated',
  });
});

test('keeps tokens of one organisation from another', async () => {
  const { ref } = await connected();
  const other = await connected();
  const stolen = { organisationId: other.ref.organisationId, connectionId: ref.connectionId };
  await expect(house.access.open(stolen)).rejects.toThrow('this organisation has none with this id');
});
