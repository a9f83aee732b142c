import { createHash } from 'node:crypto';
import { createZendeskOAuth, randomToken, type ZendeskOAuth } from '../../zendesk/oauth';
import { json, startScriptedZendesk, type ScriptedZendesk } from './support/scripted-zendesk';

const NOW = Date.parse('2026-01-02T03:04:05Z');
const client = { id: 'lazaret', secret: 's3cr3t' };
const exchange = {
  subdomain: 'acme',
  client,
  redirectUri: 'https://app.test/cb',
  scopes: ['read'],
  code: 'c',
  codeVerifier: 'v',
};
const ANSWER = { access_token: 'a2', refresh_token: 'r2', token_type: 'bearer', scope: 'read write', expires_in: 1800 };

let zendesk: ScriptedZendesk;
let oauth: ZendeskOAuth;
beforeEach(async () => {
  zendesk = await startScriptedZendesk();
  oauth = createZendeskOAuth({ transport: zendesk.transport, nowMs: () => NOW });
});
afterEach(() => zendesk.close());

describe('sign-in at Zendesk', () => {
  test('opens with state and an S256 challenge of the verifier', () => {
    const codeVerifier = randomToken();
    const request = {
      subdomain: 'acme',
      clientId: 'lazaret',
      redirectUri: 'https://app.test/cb',
      scopes: ['read', 'write'],
    };
    const url = new URL(oauth.authoriseUrl({ ...request, state: 'st&te', codeVerifier }));
    expect(url.hostname).toBe('acme.localhost');
    expect(url.pathname).toBe('/oauth/authorizations/new');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      response_type: 'code',
      client_id: 'lazaret',
      redirect_uri: 'https://app.test/cb',
      scope: 'read write',
      state: 'st&te',
      code_challenge: createHash('sha256').update(codeVerifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
  });

  test('makes verifiers that PKCE allows, each another', () => {
    expect(randomToken()).toMatch(/^[\w-]{43}$/);
    expect(randomToken()).not.toBe(randomToken());
  });

  test.each(['acme.evil', 'acme.zendesk.com', '127.0.0.1', 'ACME', '', 'a/b'])(
    'refuses %j as a sub-domain',
    async (subdomain) => {
      await expect(oauth.exchangeCode({ ...exchange, subdomain })).rejects.toMatchObject({ kind: 'unknown_host' });
      expect(zendesk.seen).toEqual([]);
    },
  );

  test.each([200, 201])('reads a new pair from status %i, with instants', async (status) => {
    zendesk.use((_request, response) => json(response, status, { ...ANSWER, refresh_token_expires_in: 86_400 }));
    expect(await oauth.exchangeCode(exchange)).toEqual({
      accessToken: 'a2',
      refreshToken: 'r2',
      scopes: ['read', 'write'],
      accessExpiresAt: '2026-01-02T03:34:05.000Z',
      refreshExpiresAt: '2026-01-03T03:04:05.000Z',
    });
    expect(zendesk.seen[0]).toMatchObject({ host: 'acme.zendesk.com', method: 'POST', path: '/oauth/tokens' });
    expect(zendesk.seen[0]?.headers['content-type']).toBe('application/json');
    expect(JSON.parse(zendesk.seen[0]?.body ?? '')).toMatchObject({
      grant_type: 'authorization_code',
      code_verifier: 'v',
    });
  });

  test('reads the endless token of an old client', async () => {
    zendesk.use((_request, response) =>
      json(response, 200, { access_token: 'a', token_type: 'bearer', expires_in: null }),
    );
    expect(await oauth.exchangeCode(exchange)).toMatchObject({ refreshToken: undefined, accessExpiresAt: undefined });
  });

  test('refuses a token of a kind we cannot use', async () => {
    zendesk.use((_request, response) => json(response, 200, { ...ANSWER, token_type: 'mac' }));
    await expect(oauth.exchangeCode(exchange)).rejects.toMatchObject({
      kind: 'malformed_answer',
      outcomeUnknown: true,
    });
  });

  test.each([
    [401, 'invalid_client'],
    [400, 'invalid_grant'],
  ])('tells status %i %s', async (status, error) => {
    zendesk.use((_request, response) => json(response, status, { error, error_description: 'The provided …' }));
    await expect(oauth.exchangeCode(exchange)).rejects.toMatchObject({ kind: error, retryable: false });
    await expect(oauth.refresh({ subdomain: 'acme', client, refreshToken: 'r1' })).rejects.toMatchObject({
      kind: error,
    });
  });

  test('tells that a refresh may have killed the pair when its answer is lost', async () => {
    zendesk.use((_request, response) => response.destroy());
    const lost = oauth.refresh({ subdomain: 'acme', client, refreshToken: 'r1' });
    await expect(lost).rejects.toMatchObject({ kind: 'network', outcomeUnknown: true });
  });

  test('puts no secret into errors', async () => {
    zendesk.use((_request, response) =>
      json(response, 400, { error: 'invalid_grant', error_description: 's3cr3t r1' }),
    );
    const error: unknown = await oauth
      .refresh({ subdomain: 'acme', client, refreshToken: 'r1' })
      .catch((e: unknown) => e);
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toMatch(/s3cr3t|r1\b/);
  });

  test('revokes, and takes a token dead already for revoked', async () => {
    zendesk.use((_request, response) => response.writeHead(204).end());
    await oauth.revoke({ subdomain: 'acme', accessToken: 'a1' });
    expect(zendesk.seen[0]).toMatchObject({
      method: 'DELETE',
      path: '/api/v2/oauth/tokens/current.json',
      authorization: 'Bearer a1',
    });
    zendesk.use((_request, response) => json(response, 401, { error: 'invalid_token' }));
    await oauth.revoke({ subdomain: 'acme', accessToken: 'a1' });
    zendesk.use((_request, response) => response.writeHead(500).end());
    await expect(oauth.revoke({ subdomain: 'acme', accessToken: 'a1' })).rejects.toMatchObject({ kind: 'unavailable' });
  });
});
