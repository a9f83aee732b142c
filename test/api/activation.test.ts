import { updateConnection } from '../../db/connections';
import { isUuid } from '../../db/pool';
import { addAccount, pressConnect, signIn } from '../support/activating';
import { hiddenFields } from '../support/browser';
import { answerOf, asJson, next, start as startIn, tokensOf as tokensIn } from '../support/sign-ins';
import type { Started } from '../support/sign-ins';
import { openHouse } from '../support/zendesk-house';
import type { House } from '../support/zendesk-house';

let house: House;
const start = () => startIn(house);
const tokensOf = (one: Started) => tokensIn(house, one);

beforeAll(async () => {
  house = await openHouse();
}, 60_000);
afterAll(async () => {
  await house?.close();
});

test('opens a sign-in on our own origin for ten minutes', async () => {
  const one = await start();
  expect(isUuid(one.attemptId)).toBe(true);
  expect(one.startUrl.startsWith(`${house.url}/activation/`)).toBe(true);
  const answer = await one.browser.get(one.startUrl);
  const cookie = String(answer.headers['set-cookie']);
  expect(cookie).toMatch(/^lazaret_activation=[\w-]{43}; Max-Age=1200; Path=\/; .*HttpOnly; SameSite=Lax$/u);
  const target = new URL(answer.location ?? '');
  expect(target.host).toBe(`${one.subdomain}.localhost:${house.simulator.port}`);
  expect(target.searchParams.get('code_challenge_method')).toBe('S256');
});

test('shows account, user, role and organisation, escaped, before anything is made', async () => {
  const one = await start();
  const page = await signIn(one.browser, one.startUrl, one.account.admin);
  expect(page.status).toBe(200);
  for (const text of [`${one.subdomain}.zendesk.com`, 'Admin (user ', '<dd>admin</dd>', '&lt;b&gt;Org&lt;/b&gt; of']) {
    expect(page.text).toContain(text);
  }
  expect(page.text).not.toContain('<b>');
  expect(page.headers['content-security-policy']).toMatch(
    /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'/u,
  );
  expect(house.simulator.world.webhooks.inGroup(one.account.id)).toEqual([]);
  expect((await house.connection(one.connectionId)).state).toBe('confirming');
});

test('starts the activation when confirmed, and shows its steps without a script', async () => {
  const one = await start();
  const page = await signIn(one.browser, one.startUrl, one.account.admin);
  const pressed = await pressConnect(house, one.browser, page);
  expect([pressed.status, pressed.location]).toEqual([303, `${house.url}/activation/${one.attemptId}`]);
  expect((await house.connection(one.connectionId)).state).toBe('activating');
  const progress = await one.browser.get(pressed.location ?? '');
  expect(progress.text).toContain('<meta http-equiv="refresh"');
  expect(progress.text).not.toContain('<script');
  const json = await one.browser.get(pressed.location ?? '', asJson);
  expect(json.body).toMatchObject({ state: 'activating', connectionId: one.connectionId, steps: [] });
  expect((await pressConnect(house, one.browser, page)).status).toBe(303);
});

test('gives the sign-in back when the person cancels', async () => {
  const one = await start();
  const page = await signIn(one.browser, one.startUrl, one.account.admin);
  const csrf = hiddenFields(page.text)['csrf'] ?? '';
  const cancelled = await one.browser.post(`${house.url}/activation/${one.attemptId}/cancel`, { csrf });
  expect(cancelled.status).toBe(200);
  expect(tokensOf(one)).toEqual([]);
  expect((await pressConnect(house, one.browser, page)).status).toBe(410);
  expect((await house.connection(one.connectionId)).state).toBe('authorising');
});

test('stores neither state, verifier nor token in the clear', async () => {
  const one = await start();
  const address = new URL(await answerOf(one));
  await one.browser.get(address.href);
  const { rows } = await house.database.withService((db) =>
    db.query(`select row_to_json(a)::text as text from oauth_attempts a where id = $1`, [one.attemptId]),
  );
  const stored = String(rows[0]?.['text']);
  const hex = (text: string): string => Buffer.from(text).toString('hex');
  const [token] = tokensOf(one);
  for (const secret of [address.searchParams.get('state') ?? '', token?.accessToken ?? '', token?.refreshToken ?? '']) {
    expect(secret).not.toBe('');
    expect([stored.includes(secret), stored.includes(hex(secret))]).toEqual([false, false]);
  }
  for (const secret of [address.searchParams.get('code') ?? '', token?.accessToken ?? '']) {
    expect(house.logged.join('\n')).not.toContain(secret);
  }
});

test('takes a local client of the account, and keeps its secret sealed', async () => {
  const subdomain = next();
  const account = await addAccount(house, subdomain);
  const client = {
    identifier: 'own_client',
    secret: 'own-client-secret',
    redirectUris: [`${house.url}/oauth/zendesk/callback`],
  };
  await house.control('POST', `/accounts/${subdomain}/clients`, client);
  const organisation = await house.organisation('Local');
  const path = `/api/v1/organisations/${organisation.id}/channels/zendesk/activation`;
  const body = {
    subdomain: `https://${subdomain}.zendesk.com/agent`,
    client: { id: 'own_client', secret: 'own-client-secret' },
  };
  const opened = await house.call('POST', path, organisation.admin, body);
  const browser = house.browser();
  const page = await signIn(browser, opened.body.startUrl, account.admin);
  expect((await pressConnect(house, browser, page)).status).toBe(303);
  const row = await house.connection(opened.body.connectionId);
  expect(row.oauthClient).toEqual({ kind: 'local', clientId: 'own_client' });
});

test('marks a connection verified once, and mails the notification addresses once', async () => {
  const one = await start();
  const part = {
    id: '1',
    madeAs: {},
    madeAt: 'x',
    settled: true,
    present: true,
    asMade: true,
    differs: [],
    checkedAt: 'x',
  };
  await house.database.withService(async (db) => {
    await db.query(
      `insert into policies (organisation_id, document, updated_by) values ($1, $2, 'test')
       on conflict (organisation_id) do update set document = excluded.document`,
      [one.organisation.id, { notificationAddresses: ['a@customer.example', 'b@customer.example'] }],
    );
    const parts = { eventWebhook: part, triggerWebhook: part, trigger: part };
    await updateConnection(db, one.connectionId, { state: 'connected', intakeMode: 'events', parts });
  });
  const path = `/api/v1/organisations/${one.organisation.id}/channels/zendesk/connection/verify`;
  expect((await house.call('POST', path, one.organisation.admin)).status).toBe(403);
  const support = await house.key('support');
  const verified = await house.call('POST', path, support);
  expect(verified.status).toBe(200);
  expect((await house.call('POST', path, support)).body.verifiedAt).toBe(verified.body.verifiedAt);
  const { rows } = await house.database.withService((db) =>
    db.query(`select kind, address, subject from email_outbox where organisation_id = $1 order by address`, [
      one.organisation.id,
    ]),
  );
  const subject = `[Lazaret] Connection verified: ${one.connectionId}`;
  expect(rows).toEqual([
    { kind: 'connection_verified', address: 'a@customer.example', subject },
    { kind: 'connection_verified', address: 'b@customer.example', subject },
  ]);
});
