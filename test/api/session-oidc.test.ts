import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from '../../api/create-app';
import { requireOidcOrganisations } from '../../api/session/oidc-organisations';
import { createSecretBox } from '../../quarantine/index';
import { signInAtProvider, startOidcProvider } from '../support/oidc-provider';
import { addPerson, CHEAP, Visitor } from './sign-ins';
import { auditOf, openStation } from './support';
import type { Answer, Station } from './support';

const BACK = 'http://lazaret.test/api/v1/session/oidc/callback';
const NOWHERE = '00000000-0000-4000-8000-00000000000f';
const START = '/api/v1/session/oidc/start?returnTo=/scans%3Fverdict%3Dmalicious';
const verified = (email: string, groups: string[]) => ({ email, email_verified: true, name: `N ${email}`, groups });
const accounts = {
  ana: verified('ana@acme.example', ['other', 'desk']),
  ben: verified('ben@acme.example', ['desk']),
  soc: verified('soc@operator.example', ['soc']),
  dan: verified('dan@acme.example', ['desk']),
  unverified: { ...verified('u@acme.example', ['desk']), email_verified: false },
  lost: verified('lost@acme.example', ['lost']),
  nobody: verified('n@acme.example', ['visitors']),
  known: verified('Known@acme.example', ['desk']),
};
let station: Station;
let oidc: Station;
let stop: (() => Promise<void>) | undefined;
let linking: boolean;

beforeAll(async () => {
  const provider = await startOidcProvider(BACK, accounts);
  station = await openStation({ signIn: { passwordCost: CHEAP } });
  const settings = {
    issuer: provider.issuer,
    clientId: 'lazaret',
    clientSecret: 'a secret of the tests',
    roles: [
      { claim: 'groups', value: 'desk', role: 'admin', organisationId: station.a.id },
      { claim: 'groups', value: 'soc', role: 'analyst' },
      { claim: 'groups', value: 'lost', role: 'viewer', organisationId: NOWHERE },
    ] as const,
    hosts: [],
    get linkAccounts() {
      return linking;
    },
  };
  const { database } = station;
  // Its own application on the same database: the rules name an organisation that has to be there first.
  const { app } = createApp({
    database,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    clock: () => new Date(),
    publicUrl: 'http://lazaret.test',
    version: '0',
    openSealed: async () => undefined,
    secretBox: createSecretBox({ currentId: 'k', keys: { k: randomBytes(32) } }),
    checks: {},
    checkAnswers: true,
    signIn: { passwordCost: CHEAP },
    oidc: settings,
  });
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  oidc = { ...station, raw: (method, path, init) => askAt(url, method, path, init) };
  stop = async () => {
    await new Promise((resolve) => server.close(resolve));
    await provider.stop();
    await station.close();
  };
});
afterAll(() => stop?.());
beforeEach(() => (linking = false));

async function askAt(url: string, method: string, path: string, init: object = {}): Promise<Answer> {
  const response = await fetch(`${url}${path}`, { method, redirect: 'manual', ...init });
  const text = await response.text();
  const json = response.headers.get('content-type')?.includes('json') ?? false;
  return { status: response.status, headers: response.headers, text, body: json ? JSON.parse(text) : undefined };
}

/** Begins in this browser; returns the address at the provider. */
async function begin(visitor: Visitor): Promise<URL> {
  const { status, headers } = await visitor.send('GET', START);
  expect(status).toBe(303);
  return new URL(headers.get('location') ?? '');
}

const finish = (visitor: Visitor, { pathname, search }: URL) => visitor.send('GET', `${pathname}${search}`);

async function signIn(login: string, visitor = new Visitor(oidc)): Promise<Answer & { visitor: Visitor; back: URL }> {
  const back = await signInAtProvider((await begin(visitor)).href, login, BACK);
  return { ...(await finish(visitor, back)), visitor, back };
}

async function expectRefusal(answer: Answer, visitor: Visitor, words: string): Promise<void> {
  expect([answer.status, answer.body.type]).toEqual([403, 'urn:lazaret:problem:identity_refused']);
  expect(answer.body.detail).toContain(words);
  expect((await visitor.send('GET', '/api/v1/session')).status).toBe(401);
}

describe('signing in at the identity provider', () => {
  it('makes the person of the claims, and leads back to where it began', async () => {
    const { status, headers, visitor } = await signIn('ana');
    expect([status, headers.get('location')]).toEqual([303, 'http://lazaret.test/scans?verdict=malicious']);
    const { body } = await visitor.send('GET', '/api/v1/session');
    expect(body).toMatchObject({ stage: 'full', organisation: { id: station.a.id } });
    expect(body.person).toMatchObject({ email: 'ana@acme.example', role: 'admin', external: true });
    const again = await signIn('ana');
    expect((await again.visitor.send('GET', '/api/v1/session')).body.person.id).toBe(body.person.id);
    expect((await auditOf(station.database, station.a.id, 'person.made')).length).toBe(1);
    expect((await (await signIn('soc')).visitor.send('GET', '/api/v1/me')).body.role).toBe('analyst');
  });

  it('brings the role of the claims back at each sign-in, and ends what another role opened', async () => {
    const { visitor } = await signIn('ben');
    const { id } = (await visitor.send('GET', '/api/v1/session')).body.person;
    await station.call('PATCH', `/api/v1/people/${id}`, station.support, { role: 'viewer' });
    const again = await signIn('ben');
    expect((await again.visitor.send('GET', '/api/v1/session')).body.person.role).toBe('admin');
    expect((await visitor.send('GET', '/api/v1/session')).status).toBe(401);
  });

  it('is offered where there is a provider, and not found where there is none', async () => {
    expect((await oidc.raw('GET', '/api/v1/sign-in-ways')).body).toEqual({
      password: true,
      oidc: true,
      oidcProvider: '127.0.0.1',
    });
    expect((await station.raw('GET', '/api/v1/sign-in-ways')).body).toMatchObject({ oidc: false, oidcProvider: null });
    expect((await station.raw('GET', '/api/v1/session/oidc/start')).status).toBe(404);
  });

  it.each(['https://evil.example/', '//evil.example/', '/\\evil.example'])('does not lead to %s', async (returnTo) => {
    const path = `/api/v1/session/oidc/start?returnTo=${encodeURIComponent(returnTo)}`;
    const { status, body } = await oidc.raw('GET', path);
    expect([status, body.errors[0].field]).toEqual([400, 'returnTo']);
  });
});

describe('refused is', () => {
  it.each([
    ['an address that is not verified', 'unverified', 'no verified e-mail'],
    ['a person without a known role', 'nobody', 'names no role'],
    ['a person of an organisation that does not exist', 'lost', 'organisation that goes with your role'],
  ])('%s', async (_what, login, words) => {
    const answer = await signIn(login);
    await expectRefusal(answer, answer.visitor, words);
  });

  it('whoever comes with a browser, by a page that leads back to the sign-in', async () => {
    const visitor = new Visitor(oidc);
    const { pathname, search } = await signInAtProvider((await begin(visitor)).href, 'nobody', BACK);
    const answer = await visitor.send('GET', `${pathname}${search}`, undefined, { accept: 'text/html,*/*;q=0.8' });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([403, 'text/html; charset=utf-8']);
    expect(answer.text).toContain('names no role that Lazaret knows');
    expect(answer.text).toContain('href="/sign-in"');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  it('at start: rules that name an organisation which does not exist', async () => {
    const rule = (organisationId: string) => ({ claim: 'groups', value: 'x', role: 'viewer' as const, organisationId });
    await requireOidcOrganisations(station.database, [rule(station.a.id), { claim: 'g', value: 'y', role: 'support' }]);
    await expect(requireOidcOrganisations(station.database, [rule(station.a.id), rule(NOWHERE)])).rejects.toThrow(
      `LAZARET_OIDC_ROLES names the organisation ${NOWHERE}, which this installation does not have`,
    );
  });

  it('a disabled person', async () => {
    const { visitor } = await signIn('dan');
    const { id } = (await visitor.send('GET', '/api/v1/session')).body.person;
    await station.call('PATCH', `/api/v1/people/${id}`, station.support, { disabled: true });
    const answer = await signIn('dan');
    await expectRefusal(answer, answer.visitor, 'disabled');
  });

  it('an account with password and the same address, unless accounts may be linked', async () => {
    const email = 'known@acme.example';
    const id = await addPerson(station.database, { role: 'viewer', organisationId: station.a.id, email });
    const answer = await signIn('known');
    await expectRefusal(answer, answer.visitor, 'signs in another way');
    linking = true;
    const linked = await signIn('known');
    expect((await linked.visitor.send('GET', '/api/v1/session')).body.person).toMatchObject({ id, role: 'admin' });
  });

  it('a state that was not given out, or belongs to another browser', async () => {
    const visitor = new Visitor(oidc);
    const back = await signInAtProvider((await begin(visitor)).href, 'ana', BACK);
    const forged = new URL(back);
    forged.searchParams.set('state', 'x'.repeat(43));
    await expectRefusal(await finish(visitor, forged), visitor, 'not begun in this browser');
    const other = new Visitor(oidc);
    await begin(other);
    await expectRefusal(await finish(other, back), other, 'not begun in this browser');
  });

  it('an ID token made for another nonce', async () => {
    const visitor = new Visitor(oidc);
    const start = await begin(visitor);
    start.searchParams.set('nonce', 'another');
    const back = await signInAtProvider(start.href, 'ana', BACK);
    await expectRefusal(await finish(visitor, back), visitor, 'did not confirm');
  });

  it('a second use of the answer, and its code in another sign-in', async () => {
    const { visitor, back } = await signIn('ana');
    const again = await finish(visitor, back);
    expect([again.status, again.body.type]).toEqual([403, 'urn:lazaret:problem:identity_refused']);
    const thief = new Visitor(oidc);
    const state = (await begin(thief)).searchParams.get('state') ?? '';
    const stolen = new URL(back);
    stolen.searchParams.set('state', state);
    await expectRefusal(await finish(thief, stolen), thief, 'did not confirm');
  });

  it.each(['https://other.example', undefined])('an answer in the name of the issuer %s', async (issuer) => {
    const visitor = new Visitor(oidc);
    const back = await signInAtProvider((await begin(visitor)).href, 'ana', BACK);
    if (issuer === undefined) back.searchParams.delete('iss');
    else back.searchParams.set('iss', issuer);
    await expectRefusal(await finish(visitor, back), visitor, 'did not confirm');
  });
});
