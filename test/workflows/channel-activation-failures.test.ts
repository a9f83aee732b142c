import { updateConnection } from '../../db/connections';
import type { ConnectionRow } from '../../db/connections';
import { addAccount } from '../support/activating';
import { activate, house, triggersOf, webhooksOf } from '../support/worked-house';

let count = 0;
const next = (): string => `acme${(count += 1)}`;

const failedStep = (row: ConnectionRow) => row.activationSteps.find((step) => step.state === 'failed');

test('refuses an agent, says what to do, and leaves nothing at Zendesk', async () => {
  const subdomain = next();
  const account = await addAccount(house, subdomain);
  const { connectionId, outcome } = await activate(subdomain, { admin: account.agent });
  expect(outcome).toEqual({ outcome: 'failed', step: 'checkAccount' });
  const row = await house.connection(connectionId);
  expect(row.state).toBe('failed');
  expect(failedStep(row)).toMatchObject({
    problem: 'The signed-in user is an agent, not an administrator.',
    remedy: expect.stringContaining('Sign in as an administrator'),
  });
  expect([webhooksOf(account), triggersOf(account)]).toEqual([[], []]);
  expect(house.simulator.world.tokens.inGroup(account.id).filter((token) => !token.accessDead)).toEqual([]);
}, 60_000);

test('refuses a sign-in without the scopes it needs, and names them', async () => {
  const subdomain = next();
  const account = await addAccount(house, subdomain);
  const { tokens } = house.simulator.world;
  const { connectionId, outcome } = await activate(subdomain, account, undefined, () => {
    for (const token of tokens.inGroup(account.id)) tokens.put(token.id, { ...token, scope: 'read tickets:write' });
  });
  expect(outcome).toEqual({ outcome: 'failed', step: 'checkAccount' });
  const step = failedStep(await house.connection(connectionId));
  expect(step?.problem).toBe('The sign-in lacks these scopes: webhooks:write, triggers:write.');
  expect(webhooksOf(account)).toEqual([]);
}, 60_000);

test('refuses the second of two organisations by the confirmed account id alone, and leaves the parts of the first', async () => {
  const subdomain = next();
  const account = await addAccount(house, subdomain);
  const first = await activate(subdomain, account);
  // As if both had passed the check of the hosts in the same moment.
  await house.database.withService((db) =>
    db.query(`update connections set own_hosts = '{}', subdomain = $2, account_confirmed = true where id = $1`, [
      first.connectionId,
      `was-${subdomain}`,
    ]),
  );
  const second = await activate(subdomain, account);
  expect(second.outcome).toEqual({ outcome: 'failed', step: 'proveIntake' });
  expect(failedStep(await house.connection(second.connectionId))?.problem).toBe(
    'This Zendesk account is already connected to Lazaret.',
  );
  const { parts } = await house.connection(first.connectionId);
  expect(
    webhooksOf(account)
      .map((hook) => hook.id)
      .sort(),
  ).toEqual([parts.eventWebhook?.id, parts.triggerWebhook?.id].sort());
  expect(triggersOf(account).map((trigger) => String(trigger.id))).toEqual([parts.trigger?.id]);
}, 60_000);

test('lets nobody keep an account out by a forged test event, for its id is not confirmed', async () => {
  const forger = await activate(next(), await addAccount(house, `acme${count}`));
  const subdomain = next();
  const account = await addAccount(house, subdomain);
  await house.database.withService((db) =>
    db.query('update connections set account_id = $2 where id = $1', [forger.connectionId, String(account.id)]),
  );
  const { connectionId, outcome } = await activate(subdomain, account);
  expect(outcome).toEqual({ outcome: 'connected' });
  expect(await house.connection(connectionId)).toMatchObject({
    accountId: String(account.id),
    accountConfirmed: false,
  });
}, 60_000);

test('writes down what an undoing without end has left at Zendesk, also where a working connection comes back', async () => {
  const subdomain = next();
  const account = await addAccount(house, subdomain);
  const { connectionId, organisation } = await activate(subdomain, account);
  const ref = { organisationId: organisation.id, connectionId };
  const row = await house.connection(connectionId);
  const hook = row.parts.eventWebhook;
  if (!hook) throw new Error('no webhook');
  await house.database.withOrganisation(organisation.id, async (db) => {
    await db.query(
      `update connections set prior = jsonb_build_object('state', 'connected', 'oauth_client', oauth_client, 'account', account,
         'own_hosts', own_hosts, 'access_token', encode(access_token, 'hex')), state = 'activating' where id = $1`,
      [connectionId],
    );
    await updateConnection(db, connectionId, { parts: { ...row.parts, eventWebhook: { ...hook, settled: false } } });
  });
  const said = { step: 'makeTrigger', problem: 'No.', remedy: 'Try again.' } as const;
  await house.activities.failActivation({ ...ref, ...said });
  const after = await house.connection(connectionId);
  expect(after.state).toBe('connected');
  expect(after.account?.leftBehind).toEqual([
    expect.stringContaining(`The event webhook ${hook.id} could not be removed, because Zendesk could not be reached`),
  ]);
}, 60_000);

test('refuses a second organisation that connects the same account, naming nothing of the first', async () => {
  const subdomain = next();
  const account = await addAccount(house, subdomain);
  const first = await activate(subdomain, account);
  const second = await activate(subdomain, account);
  expect(second.outcome).toEqual({ outcome: 'failed', step: 'checkAccount' });
  const step = failedStep(await house.connection(second.connectionId));
  expect(step?.problem).toBe('This Zendesk account is already connected to Lazaret.');
  expect(JSON.stringify(step)).not.toContain(first.organisation.id);
  expect((await house.connection(first.connectionId)).state).toBe('connected');
  expect(webhooksOf(account)).toHaveLength(2);
}, 60_000);

test.each([
  ['makeWebhooks', '/api/v2/webhooks$', 'POST'],
  ['readSecrets', '/signing_secret', 'GET'],
  ['makeTrigger', '/api/v2/triggers$', 'POST'],
  ['proveIntake', '/api/v2/webhooks/test', 'POST'],
])(
  'leaves nothing at Zendesk when %s is refused',
  async (step, path, method) => {
    const subdomain = next();
    const account = await addAccount(house, subdomain);
    const body = { error: { title: 'Forbidden', message: 'no' } };
    await house.control('POST', '/faults', {
      account: subdomain,
      match: { method, path },
      times: -1,
      status: 403,
      body,
    });
    const { connectionId, outcome } = await activate(subdomain, account);
    expect(outcome).toEqual({ outcome: 'failed', step });
    const row = await house.connection(connectionId);
    expect(row.state).toBe('failed');
    expect(failedStep(row)?.remedy).toBeTruthy();
    expect([webhooksOf(account), triggersOf(account)]).toEqual([[], []]);
  },
  60_000,
);

test('says that the test event did not arrive when Zendesk cannot reach Lazaret', async () => {
  const subdomain = next();
  const account = await addAccount(house, subdomain);
  const body = { response: { status_code: 504, headers: [], payload: '' } };
  await house.control('POST', '/faults', {
    account: subdomain,
    match: { path: '/api/v2/webhooks/test' },
    times: -1,
    status: 200,
    body,
  });
  const { connectionId, outcome } = await activate(subdomain, account);
  expect(outcome).toEqual({ outcome: 'failed', step: 'proveIntake' });
  expect(failedStep(await house.connection(connectionId))?.problem).toContain('did not arrive at Lazaret');
  expect([webhooksOf(account), triggersOf(account)]).toEqual([[], []]);
}, 60_000);

test('goes back to the working connection when healing it fails', async () => {
  const subdomain = next();
  const account = await addAccount(house, subdomain);
  const first = await activate(subdomain, account);
  const second = await activate(subdomain, { admin: account.agent }, first.organisation);
  expect(second.outcome).toEqual({ outcome: 'failed', step: 'checkAccount' });
  const row = await house.connection(first.connectionId);
  expect(row).toMatchObject({ state: 'connected', priorState: null });
  expect(webhooksOf(account)).toHaveLength(2);
  const ref = { organisationId: first.organisation.id, connectionId: first.connectionId };
  house.access.forget(first.connectionId);
  const me = await (await house.access.open(ref)).client.account.me('scan');
  expect(me.role).toBe('admin');
}, 60_000);
