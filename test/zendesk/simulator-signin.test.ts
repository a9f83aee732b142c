import {
  clientOf,
  CLIENT,
  exchangeOf,
  startSimulatedZendesk,
  type SimulatedZendesk,
} from './support/simulated-zendesk';

let zendesk: SimulatedZendesk;
beforeEach(async () => {
  zendesk = await startSimulatedZendesk();
});
afterEach(() => zendesk.close());

describe('sign-in at the simulator', () => {
  test('gives a pair that works, for the user who signed in', async () => {
    const { code, codeVerifier, state } = await zendesk.authorise();
    expect(state).toBe('state-1');
    const pair = await zendesk.oauth.exchangeCode({ ...exchangeOf({}), code, codeVerifier });
    expect(pair.scopes).toEqual(['read', 'write']);
    const client = clientOf(zendesk, pair.accessToken);
    const me = await client.account.me('scan');
    expect(me).toMatchObject({ email: 'admin@acme.example', role: 'admin' });
    expect(await client.account.currentToken('scan')).toMatchObject({ userId: me.id, scopes: ['read', 'write'] });
  });

  test('refuses a code used twice', async () => {
    const request = { ...exchangeOf({}), ...(await zendesk.authorise()) };
    await zendesk.oauth.exchangeCode(request);
    await expect(zendesk.oauth.exchangeCode(request)).rejects.toMatchObject({ kind: 'invalid_grant' });
  });

  test("refuses a code without the verifier of the browser's challenge", async () => {
    const { code } = await zendesk.authorise();
    const stolen = zendesk.oauth.exchangeCode({ ...exchangeOf({}), code, codeVerifier: 'another' });
    await expect(stolen).rejects.toMatchObject({ kind: 'invalid_grant' });
  });

  test('refuses a code older than 120 seconds', async () => {
    const request = { ...exchangeOf({}), ...(await zendesk.authorise()) };
    zendesk.pass(121);
    await expect(zendesk.oauth.exchangeCode(request)).rejects.toMatchObject({ kind: 'invalid_grant' });
  });

  test('refuses a wrong secret and a local client of another account', async () => {
    const request = { ...exchangeOf({}), ...(await zendesk.authorise()) };
    const wrong = { ...request, client: { ...CLIENT, secret: 'x' } };
    await expect(zendesk.oauth.exchangeCode(wrong)).rejects.toMatchObject({ kind: 'invalid_client' });
    const foreign = { ...request, client: { id: 'globex-local', secret: 'x' } };
    await expect(zendesk.oauth.exchangeCode(foreign)).rejects.toMatchObject({ kind: 'invalid_client' });
  });

  test('tells an unknown sub-domain', async () => {
    const request = { ...exchangeOf({ subdomain: 'nobody' }), code: 'c', codeVerifier: 'v' };
    await expect(zendesk.oauth.exchangeCode(request)).rejects.toMatchObject({ kind: 'unknown_host', retryable: false });
  });

  test('rotates: a refresh kills the old pair at once', async () => {
    const old = await zendesk.signIn();
    const refresh = (refreshToken: string) =>
      zendesk.oauth.refresh({ subdomain: 'acme', client: CLIENT, refreshToken });
    const next = await refresh(old.refreshToken ?? '');
    expect(next.accessToken).not.toBe(old.accessToken);
    await clientOf(zendesk, next.accessToken).account.me('scan');
    await expect(refresh(old.refreshToken ?? '')).rejects.toMatchObject({ kind: 'invalid_grant' });
    await expect(clientOf(zendesk, old.accessToken).account.settings('scan')).rejects.toThrow(
      'nobody renews this token',
    );
  });

  test('revokes a token, once and again', async () => {
    const { accessToken } = await zendesk.signIn();
    await zendesk.oauth.revoke({ subdomain: 'acme', accessToken });
    await expect(clientOf(zendesk, accessToken).account.settings('scan')).rejects.toThrow('nobody renews this token');
    await zendesk.oauth.revoke({ subdomain: 'acme', accessToken });
  });

  test('gives a token for narrow scopes, and calls beyond them name what is missing', async () => {
    const client = await zendesk.connect({ scopes: ['tickets:read'] });
    await expect(client.account.settings('scan')).rejects.toMatchObject({
      kind: 'missing_scope',
      missingScopes: ['read'],
    });
    await zendesk.agent('POST', '/api/v2/tickets', { ticket: { subject: 's', comment: { body: 'b' } } });
    await expect(client.tickets.audits('1', 'note')).rejects.toMatchObject({ kind: 'missing_scope' });
    expect(await client.tickets.get('1', 'scan')).toMatchObject({ id: '1' });
  });

  test('reads what activation wants to know of the account', async () => {
    const client = await zendesk.connect();
    expect(await client.account.settings('scan')).toEqual({
      attachmentSizeBytes: 52_428_800,
      privateAttachments: false,
      emailAttachments: false,
      agentsMayDeleteTickets: true,
      agentWorkspace: true,
    });
    const brands = await client.account.brands('scan');
    expect(brands.map((brand) => [brand.subdomain, brand.host_mapping ?? null])).toEqual([
      ['acme', null],
      ['acme-shop', 'help.acme.test'],
    ]);
  });
});
