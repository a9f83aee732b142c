import { createZendeskAccess } from '../../activities/zendesk-access';
import { updateConnection } from '../../db/connections';
import { saveTokens, sealTokens } from '../../db/connection-secrets';
import type { ConnectionRef } from '../../db/connection-secrets';
import type { Database } from '../../db/pool';
import { connect } from '../support/connected';
import { GLOBAL_CLIENT, openHouse } from '../support/zendesk-house';
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

/** Access of another process, over a database that behaves as told. */
const accessOver = (database: Database) =>
  createZendeskAccess({
    database,
    secretBox: house.apiDeps.secretBox,
    transport: house.apiDeps.transport,
    globalClient: GLOBAL_CLIENT,
    settings: { publicUrl: house.url, mailDomain: 'lazaret.test' },
    budgetFor: () => ({ acquire: () => Promise.resolve(), learn: () => undefined }),
    log: { warn() {} },
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

test('stores a fresh pair although the database refuses it at first', async () => {
  const { ref, subdomain } = await connected();
  await house.control('POST', '/revoke', { account: subdomain, refresh: false });
  let refusals = 0;
  const access = accessOver({
    ...house.database,
    withOrganisation: async (organisationId, work) => {
      const failing = (await refreshes(subdomain)) > 0 && refusals < 3;
      if (!failing) return house.database.withOrganisation(organisationId, work);
      refusals += 1;
      throw Object.assign(new Error('terminating connection due to administrator command'), { code: '57P01' });
    },
  });
  expect((await (await access.open(ref)).client.account.me('scan')).role).toBe('admin');
  expect([refusals, await refreshes(subdomain)]).toEqual([3, 1]);
  // What was stored is what works: another process reads it.
  expect((await (await house.access.open(ref)).client.account.me('scan')).role).toBe('admin');
  expect(await refreshes(subdomain)).toBe(1);
});

test('is connected again when the pair comes that another process had given up', async () => {
  const { ref, subdomain } = await connected();
  await house.control('POST', '/revoke', { account: subdomain, refresh: false });
  const states: string[] = [];
  // The lock's session broke, so nothing keeps the second process out; the first has refreshed and not stored yet.
  const access = accessOver({
    ...house.database,
    tryExclusive: (_name, work) => work(() => true),
    withOrganisation: async (organisationId, work) => {
      if ((await refreshes(subdomain)) === 1) {
        await expect((await house.access.open(ref)).client.account.me('scan')).rejects.toMatchObject({
          name: 'ReconnectNeededError',
        });
        states.push((await house.connection(ref.connectionId)).state);
      }
      return house.database.withOrganisation(organisationId, work);
    },
  });
  expect((await (await access.open(ref)).client.account.me('scan')).role).toBe('admin');
  states.push((await house.connection(ref.connectionId)).state);
  expect(states).toEqual(['reconnect_needed', 'connected']);
  expect(await house.connection(ref.connectionId)).toMatchObject({ lostAt: null });
  expect(await kinds(ref)).toEqual(['connection.reconnect_needed', 'connection.token_renewed', 'connection.recovered']);
  house.access.forget(ref.connectionId);
  expect((await (await house.access.open(ref)).client.account.me('scan')).role).toBe('admin');
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
