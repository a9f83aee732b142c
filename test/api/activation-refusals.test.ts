import { updateConnection } from '../../db/connections';
import { addAccount, openSignIn, signIn } from '../support/activating';
import { hiddenFields } from '../support/browser';
import { answerOf, asJson, next, problem, start as startIn, tokensOf as tokensIn } from '../support/sign-ins';
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

test('refuses an answer in another browser, and leaves the sign-in to its own', async () => {
  const one = await start();
  const address = await answerOf(one);
  expect(await problem(house.browser().get(address, asJson))).toEqual([403, 'wrong_browser']);
  expect((await one.browser.get(address)).status).toBe(303);
});

test('refuses a state that was used', async () => {
  const one = await start();
  const address = await answerOf(one);
  await one.browser.get(address);
  expect(await problem(one.browser.get(address, asJson))).toEqual([409, 'already_used']);
  expect(await problem(one.browser.get(one.startUrl, asJson))).toEqual([409, 'already_used']);
});

test('refuses a state that was made up, replaced or is missing', async () => {
  const one = await start();
  const address = await answerOf(one);
  const callback = `${house.url}/oauth/zendesk/callback`;
  expect(await problem(one.browser.get(`${callback}?state=made-up&code=x`, asJson))).toEqual([400, 'unknown_state']);
  expect(await problem(one.browser.get(callback, asJson))).toEqual([400, 'no_state']);
  await one.browser.get(one.startUrl);
  expect(await problem(one.browser.get(address, asJson))).toEqual([400, 'unknown_state']);
});

test('refuses a sign-in that took longer than ten minutes', async () => {
  const one = await start();
  const address = await answerOf(one);
  await house.database.withService((db) =>
    db.query(`update oauth_attempts set expires_at = now() - interval '1 second' where id = $1`, [one.attemptId]),
  );
  expect(await problem(one.browser.get(address, asJson))).toEqual([410, 'expired']);
  expect(await problem(one.browser.get(one.startUrl, asJson))).toEqual([410, 'expired']);
});

test('refuses a code of another account, and keeps no token', async () => {
  const [one, other] = [await start(), await start()];
  const mine = new URL(await answerOf(one));
  mine.searchParams.set('code', new URL(await answerOf(other)).searchParams.get('code') ?? '');
  expect(await problem(one.browser.get(mine.href, asJson))).toEqual([400, 'code_refused']);
  expect(tokensOf(one)).toEqual([]);
});

test('says that access was declined', async () => {
  const one = await start();
  const page = await signIn(one.browser, one.startUrl, one.account.admin, 'deny');
  expect([page.status, page.text.includes('Access was declined on Zendesk’s page.')]).toEqual([403, true]);
});

test('refuses a confirmation from elsewhere: without the form’s token, and in another browser', async () => {
  const one = await start();
  const page = await signIn(one.browser, one.startUrl, one.account.admin);
  const address = `${house.url}/activation/${one.attemptId}/confirm`;
  expect((await one.browser.post(address, { csrf: 'x' })).status).toBe(403);
  expect((await one.browser.post(address, {})).status).toBe(403);
  const csrf = hiddenFields(page.text)['csrf'] ?? '';
  expect((await house.browser().post(address, { csrf })).status).toBe(403);
  expect((await house.connection(one.connectionId)).state).toBe('confirming');
});

test('answers an unknown attempt with a page of its own', async () => {
  expect(await problem(house.browser().get(`${house.url}/activation/nonsense/start`, asJson))).toEqual([
    404,
    'unknown_attempt',
  ]);
});

test('says that the client is not known when its secret is wrong', async () => {
  const subdomain = next();
  const account = await addAccount(house, subdomain);
  const client = { identifier: 'own_client', secret: 'right', redirectUris: [`${house.url}/oauth/zendesk/callback`] };
  await house.control('POST', `/accounts/${subdomain}/clients`, client);
  const organisation = await house.organisation('Wrong');
  const path = `/api/v1/organisations/${organisation.id}/channels/zendesk/activation`;
  const opened = await house.call('POST', path, organisation.admin, {
    subdomain,
    client: { id: 'own_client', secret: 'wrong' },
  });
  const page = await signIn(house.browser(), opened.body.startUrl, account.admin);
  expect([page.status, page.text.includes('its secret is wrong')]).toEqual([400, true]);
});

test.each([
  ['an address of another site', 'https://evil.example/'],
  ['an IP address', 'https://127.0.0.1/'],
  ['a user name', 'https://acme.zendesk.com@evil.example'],
])('refuses %s as sub-domain and names the field', async (_what, subdomain) => {
  const organisation = await house.organisation('Bad');
  const answer = await openSignIn(house, organisation, subdomain);
  expect([answer.status, answer.body.errors[0].pointer]).toEqual([422, '/subdomain']);
});

test('refuses an organisation whose bundle lacks the channel, and says whom to ask', async () => {
  const organisation = await house.organisation('Unlicensed', false);
  const answer = await openSignIn(house, organisation, 'acme');
  expect([answer.status, answer.body.type]).toEqual([409, 'urn:lazaret:problem:channel_not_in_bundle']);
  expect(answer.body.remedy).toContain('Ask the support');
  const channels = await house.call('GET', `/api/v1/organisations/${organisation.id}/channels`, organisation.admin);
  expect(channels.body.channels).toMatchObject([{ channel: 'zendesk', inBundle: false, state: 'not_activated' }]);
});

test('refuses a viewer, a stranger and a second account beside a connected one', async () => {
  const one = await start();
  const path = `/api/v1/organisations/${one.organisation.id}/channels/zendesk/activation`;
  const body = { subdomain: one.subdomain };
  const viewer = await house.key('viewer', one.organisation.id);
  const stranger = await house.organisation('Stranger');
  expect((await house.call('POST', path, viewer, body)).status).toBe(403);
  expect((await house.call('POST', path, stranger.admin, body)).status).toBe(404);
  expect((await house.call('POST', path, undefined, body)).status).toBe(401);
  await house.database.withService((db) => updateConnection(db, one.connectionId, { state: 'connected' }));
  const answer = await house.call('POST', path, one.organisation.admin, { subdomain: 'somebody-else' });
  expect([answer.status, answer.body.type]).toEqual([409, 'urn:lazaret:problem:other_account_connected']);
});
