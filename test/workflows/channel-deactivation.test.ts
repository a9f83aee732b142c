import { addAccount } from '../support/activating';
import { activate, house, webhooksOf } from '../support/worked-house';

let count = 0;

async function connected() {
  const subdomain = `leaving${(count += 1)}`;
  const account = await addAccount(house, subdomain);
  const { connectionId, organisation } = await activate(subdomain, account);
  const path = `/api/v1/organisations/${organisation.id}/channels/zendesk/connection`;
  const call = (method: string, rest = '') => house.call(method, `${path}${rest}`, organisation.admin);
  return { subdomain, account, connectionId, organisation, call };
}
const tokensAlive = (account: { id: number }) =>
  house.simulator.world.tokens.inGroup(account.id).filter((token) => !token.accessDead);

test('removes nothing of an activation that was confirmed while a deactivation waited for Zendesk', async () => {
  const { subdomain, account, connectionId, organisation, call } = await connected();
  const down = { account: subdomain, match: { path: '/api/v2/webhooks' }, status: 503, body: {} };
  await house.control('POST', '/faults', { ...down, times: -1 });
  expect((await call('POST', '/deactivate')).status).toBe(202);
  expect((await call('GET')).body).toMatchObject({ state: 'connected', deactivationAskedAt: expect.any(String) });
  // It has met the outage before anybody activates again.
  let refused = 0;
  while (refused === 0) {
    const { body } = await house.control('GET', '/requests');
    refused = body.requests.filter(
      (row: { account: string; status: number }) => row.account === subdomain && row.status === 503,
    ).length;
  }
  await house.control('DELETE', '/faults');
  const again = await activate(subdomain, account, organisation);
  expect(again.outcome).toEqual({ outcome: 'connected' });
  await house.ended(`deactivation:${connectionId}`);
  expect(webhooksOf(account)).toHaveLength(2);
  expect(tokensAlive(account)).toHaveLength(1);
  expect((await call('GET')).body).toMatchObject({
    state: 'connected',
    deactivationAskedAt: null,
    deactivatedAt: null,
  });
}, 90_000);

test('stops at once when the wish is gone, and goes through with it when it stays', async () => {
  const { account, connectionId, organisation, call } = await connected();
  const ref = { organisationId: organisation.id, connectionId };
  await house.activities.removeAllParts(ref);
  await house.activities.closeConnection(ref);
  expect(webhooksOf(account)).toHaveLength(2);
  expect((await house.connection(connectionId)).state).toBe('connected');
  expect((await call('POST', '/deactivate')).status).toBe(202);
  await house.ended(`deactivation:${connectionId}`);
  expect(webhooksOf(account)).toEqual([]);
  expect(tokensAlive(account)).toEqual([]);
  expect((await call('GET')).body).toMatchObject({ state: 'deactivated', deactivationAskedAt: null });
}, 60_000);

test('goes on after a commit whose answer was lost: connected stays connected, the earlier token is revoked', async () => {
  const { account, connectionId, organisation } = await connected();
  const ref = { organisationId: organisation.id, connectionId };
  await house.database.withOrganisation(organisation.id, (db) =>
    db.query('update connections set revoke_later = array[access_token] where id = $1', [connectionId]),
  );
  await house.activities.connect(ref);
  expect(tokensAlive(account)).toEqual([]);
  const row = await house.connection(connectionId);
  expect(row).toMatchObject({ state: 'connected' });
  expect(row.activationSteps.at(-1)).toMatchObject({ step: 'connect', state: 'ok' });
  const { rows } = await house.database.withService((db) =>
    db.query('select revoke_later from connections where id = $1', [connectionId]),
  );
  expect(rows).toEqual([{ revoke_later: [] }]);
}, 60_000);
