import { addAccount, openSignIn, pressConnect, signIn } from '../support/activating';
import { activate, house, startAnotherWorker, stopWorker, triggersOf, webhooksOf } from '../support/worked-house';

let count = 0;
const next = (): string => `acme${(count += 1)}`;

test('connects an account: two webhooks, one trigger, secrets read, test event back', async () => {
  const subdomain = next();
  const account = await addAccount(house, subdomain, { brands: [{ subdomain: `${subdomain}-shop` }] });
  const { connectionId, outcome } = await activate(subdomain, account);
  const row = await house.connection(connectionId);
  expect({ outcome, steps: row.activationSteps.filter((step) => step.state !== 'ok') }).toEqual({
    outcome: { outcome: 'connected' },
    steps: [],
  });
  expect(row).toMatchObject({ state: 'connected', intakeMode: 'events', accountId: String(account.id) });
  expect(row.ownHosts).toEqual([`${subdomain}.zendesk.com`, `${subdomain}-shop.zendesk.com`]);
  expect(row.account).toMatchObject({ role: 'admin', signatureProven: true, agentWorkspace: true, mayRedact: true });
  const hooks = webhooksOf(account);
  expect(hooks.map((hook) => hook.name).sort()).toEqual([
    `Lazaret events [${connectionId.slice(0, 8)}]`,
    `Lazaret trigger [${connectionId.slice(0, 8)}]`,
  ]);
  const [trigger, ...more] = triggersOf(account);
  expect(more).toEqual([]);
  expect(trigger).toMatchObject({
    title: 'Lazaret Trigger',
    active: true,
    all: [{ field: 'attachment', operator: 'is', value: 'present' }],
    actions: [
      {
        value: [
          row.parts.triggerWebhook?.id,
          '{"ticket_id":"{{ticket.id}}","comment_id":"{{ticket.latest_comment.id}}"}',
        ],
      },
    ],
  });
  const { rows } = await house.database.withService((db) =>
    db.query<Record<string, Buffer>>('select access_token, signing_secrets from connections where id = $1', [
      connectionId,
    ]),
  );
  const stored = Buffer.concat(Object.values(rows[0] ?? {})).toString('latin1');
  for (const hook of hooks) expect(stored).not.toContain(hook.secret);
}, 60_000);

test('repeats an activation without doubling anything, and mends what was broken at Zendesk', async () => {
  const subdomain = next();
  const account = await addAccount(house, subdomain);
  const first = await activate(subdomain, account);
  const before = await house.connection(first.connectionId);
  const [hook] = webhooksOf(account);
  if (!hook) throw new Error('no webhook');
  house.simulator.world.webhooks.put(hook.id, { ...hook, status: 'inactive' });
  for (const trigger of triggersOf(account)) house.simulator.world.triggers.remove(trigger.id);
  const second = await activate(subdomain, account, first.organisation);
  expect(second.connectionId).toBe(first.connectionId);
  expect(second.outcome).toEqual({ outcome: 'connected' });
  expect(webhooksOf(account).map((one) => [one.id, one.status])).toEqual(
    [
      [before.parts.triggerWebhook?.id, 'active'],
      [before.parts.eventWebhook?.id, 'active'],
    ].sort(),
  );
  expect(triggersOf(account)).toHaveLength(1);
  const after = await house.connection(first.connectionId);
  expect(after.activatedAt).toEqual(before.activatedAt);
}, 60_000);

test('lets the trigger carry intake where the account refuses subscriptions to ticket events, and says so', async () => {
  const subdomain = next();
  const account = await addAccount(house, subdomain, { switches: { webhooks: { eventSubscriptions: false } } });
  const { connectionId, outcome, organisation } = await activate(subdomain, account);
  expect(outcome).toEqual({ outcome: 'connected' });
  const view = await house.call(
    'GET',
    `/api/v1/organisations/${organisation.id}/channels/zendesk/connection`,
    organisation.admin,
  );
  expect(view.body).toMatchObject({ id: connectionId, intakeMode: 'trigger' });
  expect(view.body.intake).toContain('refuses subscriptions to ticket events');
  expect(webhooksOf(account)).toHaveLength(1);
}, 60_000);

test('accepts the secret for tests as proof of reachability only, and records that the signature is not proven', async () => {
  const subdomain = next();
  const account = await addAccount(house, subdomain, { switches: { webhooks: { testSecret: 'static' } } });
  const { connectionId, outcome } = await activate(subdomain, account);
  expect(outcome).toEqual({ outcome: 'connected' });
  expect((await house.connection(connectionId)).account?.signatureProven).toBe(false);
}, 60_000);

test('changes the signing secrets and goes on receiving', async () => {
  const subdomain = next();
  const account = await addAccount(house, subdomain);
  const { connectionId, organisation } = await activate(subdomain, account);
  const before = webhooksOf(account).map((hook) => hook.secret);
  const base = `/api/v1/organisations/${organisation.id}/channels/zendesk/connection`;
  expect((await house.call('POST', `${base}/rotate-secret`, organisation.admin)).status).toBe(202);
  await house.ended(`rotation:${connectionId}`);
  const after = webhooksOf(account).map((hook) => hook.secret);
  expect(after.filter((secret) => before.includes(secret))).toEqual([]);
  expect((await house.connection(connectionId)).rotatingUntil).toBeNull();
  const again = await activate(subdomain, account, organisation);
  expect(again.outcome).toEqual({ outcome: 'connected' });
  expect((await house.connection(connectionId)).account?.signatureProven).toBe(true);
}, 60_000);

test('finds a webhook whose making was not answered, instead of making it twice', async () => {
  const subdomain = next();
  const account = await addAccount(house, subdomain);
  const lost = {
    account: subdomain,
    match: { method: 'POST', path: '/api/v2/webhooks$' },
    dropConnectionAfterHandling: true,
  };
  await house.control('POST', '/faults', { ...lost, times: 1 });
  const { outcome } = await activate(subdomain, account);
  expect(outcome).toEqual({ outcome: 'connected' });
  expect(webhooksOf(account)).toHaveLength(2);
}, 60_000);

test('heals after a worker was killed between making a webhook and recording it', async () => {
  const subdomain = next();
  const account = await addAccount(house, subdomain);
  let killed: Promise<void> | undefined;
  house.patience.ms = 60_000;
  house.checkpoints.at = async (step) => {
    if (step !== 'eventWebhook made' || killed) return;
    killed = stopWorker();
    await killed;
    throw new Error('the worker is gone');
  };
  const owner = await house.organisation('Killed');
  const opened = await openSignIn(house, owner, subdomain);
  const browser = house.browser();
  await pressConnect(house, browser, await signIn(browser, opened.body.startUrl, account.admin));
  while (!killed) await new Promise((resolve) => setTimeout(resolve, 20));
  await killed;
  await startAnotherWorker();
  expect(await house.ended(`activation:${opened.body.connectionId}`)).toEqual({ outcome: 'connected' });
  expect(webhooksOf(account)).toHaveLength(2);
  expect(triggersOf(account)).toHaveLength(1);
}, 90_000);

test('takes a connection down: nothing left at Zendesk, credentials erased', async () => {
  const subdomain = next();
  const account = await addAccount(house, subdomain);
  const { connectionId, organisation } = await activate(subdomain, account);
  const base = `/api/v1/organisations/${organisation.id}/channels/zendesk/connection`;
  expect((await house.call('POST', `${base}/deactivate`, organisation.admin)).status).toBe(202);
  await house.ended(`deactivation:${connectionId}`);
  expect([webhooksOf(account), triggersOf(account)]).toEqual([[], []]);
  expect(await house.connection(connectionId)).toMatchObject({ state: 'deactivated', parts: {} });
  const { rows } = await house.database.withService((db) =>
    db.query('select access_token, refresh_token, signing_secrets from connections where id = $1', [connectionId]),
  );
  expect(rows).toEqual([{ access_token: null, refresh_token: null, signing_secrets: null }]);
  const again = await activate(subdomain, account, organisation);
  expect(again).toMatchObject({ connectionId, outcome: { outcome: 'connected' } });
}, 60_000);

test('takes a connection down with a dead sign-in, and says what it could not remove', async () => {
  const subdomain = next();
  const account = await addAccount(house, subdomain);
  const { connectionId, organisation } = await activate(subdomain, account);
  await house.control('POST', '/revoke', { account: subdomain });
  const base = `/api/v1/organisations/${organisation.id}/channels/zendesk/connection`;
  expect((await house.call('POST', `${base}/deactivate`, organisation.admin)).status).toBe(202);
  await house.ended(`deactivation:${connectionId}`);
  const row = await house.connection(connectionId);
  expect(row.state).toBe('deactivated');
  expect(row.account?.leftBehind).toHaveLength(3);
  expect(row.account?.leftBehind[0]).toContain(row.parts.eventWebhook?.id);
}, 60_000);

test('looks at each part when asked, and says what is gone', async () => {
  const subdomain = next();
  const account = await addAccount(house, subdomain);
  const { connectionId, organisation } = await activate(subdomain, account);
  for (const trigger of triggersOf(account)) house.simulator.world.triggers.remove(trigger.id);
  const base = `/api/v1/organisations/${organisation.id}/channels/zendesk/connection`;
  expect((await house.call('POST', `${base}/check`, organisation.admin)).status).toBe(202);
  await house.ended(`check:${connectionId}`);
  const view = await house.call('GET', base, organisation.admin);
  const parts = view.body.parts.map((part: { name: string; present: boolean; asMade: boolean }) => [
    part.name,
    part.present,
    part.asMade,
  ]);
  expect(parts).toEqual([
    ['eventWebhook', true, true],
    ['triggerWebhook', true, true],
    ['trigger', false, false],
  ]);
  const verified = await house.call('POST', `${base}/verify`, await house.key('support'));
  expect([verified.status, verified.body.detail]).toEqual([409, 'Missing or changed at Zendesk: trigger.']);
}, 60_000);
