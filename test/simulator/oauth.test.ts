import { createHash } from 'node:crypto';
import { basic, call, openDesk } from './support';
import type { Desk, Raw } from './support';

const REDIRECT = 'http://127.0.0.1:9/callback';
const client = { identifier: 'lazaret', secret: 'hush', redirectUris: [REDIRECT], global: false };
const verifier = 'v'.repeat(64);
const challenge = createHash('sha256').update(verifier).digest('base64url');

let now = Date.parse('2026-01-02T03:04:05Z');
let desk: Desk;
beforeEach(async () => {
  now = Date.parse('2026-01-02T03:04:05Z');
  desk = await openDesk({ clients: [client] }, { clock: () => now });
});
afterEach(() => desk.simulator.stop());

const ACME = 'acme.zendesk.com';
const query = (more: Record<string, string> = {}): string =>
  new URLSearchParams({
    response_type: 'code',
    client_id: 'lazaret',
    redirect_uri: REDIRECT,
    scope: 'read tickets:write',
    state: 'xyz',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...more,
  }).toString();

const inputs = (page: string): Record<string, string> => {
  const form = page.split('</form>')[0] ?? '';
  const unescape = (text = ''): string => text.replaceAll('&quot;', '"').replaceAll('&amp;', '&');
  return Object.fromEntries(
    [...form.matchAll(/type="hidden" name="([^"]*)" value="([^"]*)"/g)].map((field) => [
      field[1] ?? '',
      unescape(field[2]),
    ]),
  );
};

/** Signs in and answers the question as a browser would; returns where it is sent. */
async function consent(decision: string): Promise<URL> {
  const url = desk.simulator.url;
  const start = await call(url, 'GET', `/oauth/authorizations/new?${query()}`, { host: ACME });
  const { email, password } = desk.view.admin;
  const signIn = await call(url, 'POST', '/access/login', {
    host: ACME,
    form: { ...inputs(start.text), email, password },
  });
  const cookie = String(signIn.headers['set-cookie']).split(';')[0] ?? '';
  const page = await call(url, 'GET', String(signIn.headers.location), { host: ACME, cookie });
  const answer = await call(url, 'POST', '/oauth/authorizations', {
    host: ACME,
    cookie,
    form: { ...inputs(page.text), decision },
  });
  expect(answer.status).toBe(302);
  return new URL(String(answer.headers.location));
}

const tokens = (body: object, host = ACME): Promise<Raw> =>
  call(desk.simulator.url, 'POST', '/oauth/tokens', {
    host,
    body: { client_id: 'lazaret', client_secret: 'hush', ...body },
  });
const exchange = (code: string | null, more: object = {}): Promise<Raw> =>
  tokens({ grant_type: 'authorization_code', code, redirect_uri: REDIRECT, code_verifier: verifier, ...more });
const get = (path: string, token: unknown, host = ACME): Promise<Raw> =>
  call(desk.simulator.url, 'GET', path, { host, auth: `Bearer ${String(token)}` });

async function freshPair(): Promise<Record<string, unknown>> {
  const answer = await exchange((await consent('allow')).searchParams.get('code'));
  expect(answer.status).toBe(200);
  return answer.json;
}

test('leads from sign-in over consent to a token pair', async () => {
  const back = await consent('allow');
  expect(back.searchParams.get('state')).toBe('xyz');
  const pair = (await exchange(back.searchParams.get('code'))).json;
  expect(pair).toMatchObject({
    token_type: 'bearer',
    scope: 'read tickets:write',
    expires_in: 1800,
    refresh_token_expires_in: 2_592_000,
  });
  expect((await get('/api/v2/users/me', pair['access_token'])).json['user']).toMatchObject({
    id: desk.view.admin.id,
    role: 'admin',
  });
  const current = await get('/api/v2/oauth/tokens/current.json', pair['access_token']);
  expect(current.json['token']).toMatchObject({
    token: String(pair['access_token']).slice(0, 10),
    scopes: ['read', 'tickets:write'],
  });
});

test('leads back with access_denied when the user denies', async () => {
  const back = await consent('deny');
  expect(back.searchParams.get('error')).toBe('access_denied');
  expect(back.searchParams.get('state')).toBe('xyz');
});

test('refuses a wrong password, an unknown client and a redirect that is not registered', async () => {
  const form = { email: desk.view.admin.email, password: 'wrong', return_to: '/' };
  expect((await call(desk.simulator.url, 'POST', '/access/login', { host: ACME, form })).status).toBe(401);
  for (const more of [{ client_id: 'other' }, { redirect_uri: 'https://evil.example/cb' }]) {
    const page = await call(desk.simulator.url, 'GET', `/oauth/authorizations/new?${query(more)}`, { host: ACME });
    expect(page.status).toBe(400);
    expect(page.headers.location).toBeUndefined();
  }
});

test('refuses a code used twice, expired, with another verifier or another redirect', async () => {
  const code = (await consent('allow')).searchParams.get('code');
  const wrong = [{ code_verifier: 'other' }, { redirect_uri: 'http://127.0.0.1:9/other' }];
  for (const more of wrong)
    expect(await exchange(code, more)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } });
  expect((await exchange(code)).status).toBe(200);
  expect((await exchange(code)).json['error']).toBe('invalid_grant');
  const late = (await consent('allow')).searchParams.get('code');
  now += 121_000;
  expect((await exchange(late)).json['error']).toBe('invalid_grant');
});

test('refuses a wrong client secret', async () => {
  expect(await exchange('any', { client_secret: 'wrong' })).toMatchObject({
    status: 401,
    json: { error: 'invalid_client' },
  });
});

test('ends the old pair at once when a refresh succeeds', async () => {
  const old = await freshPair();
  const refresh = () => tokens({ grant_type: 'refresh_token', refresh_token: old['refresh_token'] });
  const next = await refresh();
  expect(next.status).toBe(200);
  expect(await get('/api/v2/users/me', old['access_token'])).toMatchObject({
    status: 401,
    json: { error: 'invalid_token' },
  });
  expect((await get('/api/v2/users/me', next.json['access_token'])).status).toBe(200);
  expect((await refresh()).json['error']).toBe('invalid_grant');
});

test('lets an access token live for half an hour', async () => {
  const pair = await freshPair();
  now += 1_801_000;
  expect((await get('/api/v2/users/me', pair['access_token'])).json['error']).toBe('invalid_token');
});

test('refuses what the scope does not cover, naming it', async () => {
  const pair = await freshPair();
  const answer = await call(desk.simulator.url, 'POST', '/api/v2/webhooks', {
    host: ACME,
    auth: `Bearer ${String(pair['access_token'])}`,
    body: {},
  });
  expect(answer).toMatchObject({
    status: 403,
    json: { error: 'Forbidden', description: expect.stringContaining('webhooks:write, write') },
  });
});

test('refuses audits to tickets:read alone', async () => {
  const token = (await tokens({ grant_type: 'client_credentials', scope: 'tickets:read' })).json['access_token'];
  await desk.agent.createTicket({ subject: 'x', comment: 'y' });
  expect((await get('/api/v2/tickets/1', token)).status).toBe(200);
  expect((await get('/api/v2/tickets/1/audits', token)).status).toBe(403);
});

test('keeps a local client to its own account, and lets a global one serve others', async () => {
  await call(desk.simulator.url, 'POST', '/_simulator/accounts', { body: { subdomain: 'beta' } });
  const grant = { grant_type: 'client_credentials', scope: 'read' };
  expect((await tokens(grant, 'beta.zendesk.com')).json['error']).toBe('invalid_client');
  expect(await desk.agent.violations()).toHaveLength(1);
  await call(desk.simulator.url, 'POST', '/_simulator/accounts/acme/clients', { body: { ...client, global: true } });
  const token = (await tokens(grant, 'beta.zendesk.com')).json['access_token'];
  expect((await get('/api/v2/users/me', token, 'beta.zendesk.com')).status).toBe(200);
});

test('refuses a token at another account and records it', async () => {
  await call(desk.simulator.url, 'POST', '/_simulator/accounts', { body: { subdomain: 'beta' } });
  const pair = await freshPair();
  expect((await get('/api/v2/tickets', pair['access_token'], 'beta.zendesk.com')).status).toBe(401);
  expect((await desk.agent.violations())[0]?.what).toContain('acme');
});

test('revokes a token, and its refresh token unless the switch says otherwise', async () => {
  for (const kills of [true, false]) {
    await desk.agent.switches({ oauth: { revokeKillsRefresh: kills } });
    const pair = await freshPair();
    const auth = `Bearer ${String(pair['access_token'])}`;
    expect(
      (await call(desk.simulator.url, 'DELETE', '/api/v2/oauth/tokens/current', { host: ACME, auth })).status,
    ).toBe(204);
    expect((await get('/api/v2/users/me', pair['access_token'])).status).toBe(401);
    const again = await tokens({ grant_type: 'refresh_token', refresh_token: pair['refresh_token'] });
    expect(again.status).toBe(kills ? 400 : 200);
  }
});

test('answers users/me with nobody for absent and for wrong Basic credentials, and 401 elsewhere', async () => {
  for (const auth of [undefined, basic('admin@acme.example', 'wrong')]) {
    const options = auth === undefined ? { host: ACME } : { host: ACME, auth };
    const me = await call(desk.simulator.url, 'GET', '/api/v2/users/me.json', options);
    expect(me).toMatchObject({ status: 200, json: { user: { id: null, name: 'Anonymous user' } } });
    const list = await call(desk.simulator.url, 'GET', '/api/v2/tickets.json', options);
    expect(list).toMatchObject({ status: 401, json: { error: "Couldn't authenticate you" } });
  }
});

test('demands PKCE of a public client', async () => {
  await call(desk.simulator.url, 'POST', '/_simulator/accounts/acme/clients', { body: { ...client, public: true } });
  const page = await call(
    desk.simulator.url,
    'GET',
    `/oauth/authorizations/new?${query({ code_challenge: '', code_challenge_method: '' })}`,
    { host: ACME },
  );
  expect(page.status).toBe(400);
});
