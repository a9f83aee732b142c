import { addAccount } from '../support/activating';
import { activate, house } from '../support/worked-house';

let count = 0;

async function connected() {
  const subdomain = `checked${(count += 1)}`;
  const account = await addAccount(house, subdomain);
  const { connectionId, organisation } = await activate(subdomain, account);
  const path = `/api/v1/organisations/${organisation.id}/channels/zendesk/connection`;
  const check = async () => {
    expect((await house.call('POST', `${path}/check`, organisation.admin)).status).toBe(202);
    await house.ended(`check:${connectionId}`);
    return (await house.call('GET', path, organisation.admin)).body;
  };
  return { subdomain, account, connectionId, check };
}

/** A delivery as Zendesk keeps it in its own record. */
async function recordDelivery(account: { id: number }, connectionId: string, accountId: string): Promise<void> {
  const { world } = house.simulator;
  const webhookId = (await house.connection(connectionId)).parts.eventWebhook?.id ?? '';
  const at = new Date(world.clock()).toISOString();
  const id = `01RECORD${connectionId.slice(0, 8)}${accountId}`;
  const attempt = {
    id: `${id}A`,
    status: 'success',
    statusCode: 200,
    completedAt: at,
    requestHeaders: { 'X-Zendesk-Account-Id': accountId },
    requestPayload: '{}',
    responseHeaders: {},
    responsePayload: '',
  };
  world.invocations.put(id, {
    id,
    webhookId,
    accountId: account.id,
    payload: '{}',
    status: 'success',
    statusCode: 200,
    attempts: [attempt],
    nextAttemptAt: null,
    completedAt: at,
    createdAt: world.clock(),
  });
}

test('knows the hosts of a brand that was added after the activation', async () => {
  const { subdomain, account, check } = await connected();
  const { world } = house.simulator;
  const [first] = world.brands.inGroup(account.id);
  if (!first) throw new Error('the account has no brand');
  const id = world.nextId();
  world.brands.put(id, {
    ...first,
    id,
    subdomain: `${subdomain}-late`,
    hostMapping: 'help.late.example',
    default: false,
  });
  expect((await check()).ownHosts).toEqual([
    `${subdomain}.zendesk.com`,
    `${subdomain}-late.zendesk.com`,
    'help.late.example',
  ]);
}, 60_000);

test("confirms the account id once Zendesk's own record of a delivery names it", async () => {
  const { account, connectionId, check } = await connected();
  expect(await check()).toMatchObject({ accountId: String(account.id), accountConfirmed: false });
  await recordDelivery(account, connectionId, String(account.id));
  expect(await check()).toMatchObject({ accountId: String(account.id), accountConfirmed: true });
}, 60_000);

test("does not confirm an account id when Zendesk's own record names another", async () => {
  const { account, connectionId, check } = await connected();
  await recordDelivery(account, connectionId, '4711');
  expect(await check()).toMatchObject({ accountId: String(account.id), accountConfirmed: false });
  expect(house.logged.join('\n')).toContain("Zendesk's record names another account");
}, 60_000);
