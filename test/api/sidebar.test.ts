import { sidebarRoutes } from '../../api/routes/sidebar';
import { SIDEBAR_SESSION_MS, SIGHT_MS } from '../../api/sidebar';
import { SIDEBAR_TEXTS } from '../../domain/sidebar-texts';
import type { ZendeskClient } from '../../zendesk/client';
import { maySeeTicket } from '../../zendesk/sight';
import { appClaims, audienceOf, newAppKey, signApp } from '../support/app-tokens';
import { startSimulatedZendesk } from '../zendesk/support/simulated-zendesk';
import type { SimulatedZendesk } from '../zendesk/support/simulated-zendesk';
import { auditOf, openStation, seedInspection, seedItem } from './support';
import type { Answer, Station, Tenant } from './support';

const ACME = { subdomain: 'acme', installationId: '4711' };
const BOREALIS = { subdomain: 'borealis', installationId: '4712' };
const key = newAppKey();
const stranger = newAppKey();

let station: Station;
let zendesk: SimulatedZendesk;
let client: ZendeskClient;
let agentId: string;
let ticketId: string;
let itemId: string;
/** How far the API's clock is ahead, in milliseconds. */
let aheadMs = 0;
const clock = (): Date => new Date(Date.now() + aheadMs);
const { refusals } = SIDEBAR_TEXTS;

beforeAll(async () => {
  zendesk = await startSimulatedZendesk();
  client = await zendesk.connect();
  agentId = (await (await zendesk.connect({ user: 'agent' })).account.me('scan')).id;
  ticketId = await zendesk.ticketWith({});
  const files = { script: 'own();', style: 'p{}' };
  station = await openStation({
    more: (database) => [
      sidebarRoutes(
        {
          database,
          clock,
          maySee: ({ ticketId: id, userId }) => maySeeTicket(client, { ticketId: id, userId }, 'scan'),
        },
        files,
      ),
    ],
  });
  itemId = await seedItem(station.database, station.a, { ticketId, fileName: 'invoice\u202ecod.<img src=x>.exe' });
  await seedInspection(station.database, station.a, itemId, ['Rule']);
  await seedItem(station.database, station.b, { ticketId, fileName: 'borealis.zip' });
});
afterEach(() => {
  aheadMs = 0;
});
afterAll(async () => {
  await station.close();
  await zendesk.close();
});

const appOf = (tenant: Tenant) => `/api/v1/organisations/${tenant.id}/channels/zendesk/app`;
const enter = (tenant: Tenant, { installationId } = ACME, publicKey = key.publicKey) =>
  station.call('PUT', appOf(tenant), tenant.admin, { installationId, publicKey });

const post = (token: string): Promise<Answer> =>
  station.raw('POST', '/app/sidebar?origin=https%3A%2F%2Facme.zendesk.com&app_guid=g', {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ token }).toString(),
  });

const bearerIn = ({ text }: Answer): string => /data-bearer="([\w-]{43})"/u.exec(text)?.[1] ?? '';

async function open(claims: object = appClaims(ACME, agentId)): Promise<string> {
  const answer = await post(signApp(claims, key));
  expect(answer.status).toBe(200);
  return bearerIn(answer);
}

const ask = (bearer: string, ticket = ticketId, more = '', body?: object): Promise<Answer> =>
  station.call(body ? 'POST' : 'GET', `/app/sidebar/tickets/${ticket}${more}`, bearer, body);

async function expectRefusal(token: string, refusal: keyof typeof refusals): Promise<void> {
  const answer = await post(token);
  expect([refusal, answer.status]).toEqual([refusal, 401]);
  expect(answer.text).toContain(refusals[refusal].slice(0, 40));
  expect(answer.text).not.toContain('data-bearer');
}

it('refuses every token while no key was entered', async () => {
  expect((await station.call('GET', appOf(station.a), station.a.admin)).body).toEqual({ app: null });
  await expectRefusal(signApp(appClaims(ACME, agentId), key), 'unknown');
});

describe('the key of the app', () => {
  it('is entered by an admin, shown by its fingerprint, and written down', async () => {
    const entered = await enter(station.a);
    expect(entered.status).toBe(200);
    expect(entered.body).toMatchObject({
      installationId: '4711',
      audience: 'https://acme.zendesk.com/api/v2/apps/installations/4711.json',
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/u),
    });
    expect((await station.call('GET', appOf(station.a), station.a.admin)).body).toEqual({ app: entered.body });
    expect(await auditOf(station.database, station.a.id, 'connection.app_set')).toMatchObject([
      { detail: { installationId: '4711', fingerprint: entered.body.fingerprint } },
    ]);
    expect((await enter(station.b, BOREALIS)).status).toBe(200);
  });

  it.each([
    ['a private key', key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 'private key'],
    ['no PEM', `MIIB${'q'.repeat(80)}`, 'whole PEM text'],
    ['a short key', newAppKey(1024).publicKey, '2048 bits'],
    ['a damaged key', key.publicKey.replace(/\n.{30}/u, '\n'), 'no key that can be read'],
  ])('is refused in words where it is %s', async (_what, publicKey, sentence) => {
    const answer = await enter(station.a, ACME, publicKey);
    expect(answer.status).toBe(422);
    expect(answer.body.errors).toEqual([expect.objectContaining({ field: 'publicKey' })]);
    expect(answer.body.errors[0].detail).toContain(sentence);
    expect(answer.text).not.toContain(publicKey.slice(40, 60));
  });

  it('is refused without the number of an installation', async () => {
    const answer = await enter(station.a, { ...ACME, installationId: 'acme' });
    expect(answer.body.errors).toEqual([expect.objectContaining({ field: 'installationId' })]);
  });
});

describe('a token', () => {
  it('that Zendesk signed opens the page, framed by that account only, without script of its own', async () => {
    const answer = await post(signApp(appClaims(ACME, agentId), key));
    expect(answer.status).toBe(200);
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toContain('frame-ancestors https://acme.zendesk.com;');
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|\*/u);
    expect(answer.headers.get('x-frame-options')).toBeNull();
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('set-cookie')).toBeNull();
    expect(answer.text.match(/<script[^>]*>[^<]/u)).toBeNull();
  });

  it('counts once, also where its signature is written in another way', async () => {
    const token = signApp(appClaims(ACME, agentId), key);
    expect((await post(token)).status).toBe(200);
    await expectRefusal(token, 'used');
    await expectRefusal(`${token}=`, 'wrong_key');
    aheadMs = 200_000;
    await expectRefusal(token, 'used');
  });

  it('counts once where it comes twice at the same moment', async () => {
    const token = signApp(appClaims(ACME, agentId), key);
    const answers = await Promise.all([post(token), post(token), post(token)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 401, 401]);
  });

  it('signed with another key is refused', async () => {
    await expectRefusal(signApp(appClaims(ACME, agentId), stranger), 'wrong_key');
  });

  it.each(['none', 'HS256'] as const)('of the algorithm %s is refused, the public key as secret', async (algorithm) => {
    await expectRefusal(signApp(appClaims(ACME, agentId), key, algorithm), 'wrong_key');
  });

  it('whose claims were changed behind the signature is refused', async () => {
    const [head = '', , signature = ''] = signApp(appClaims(ACME, agentId), key).split('.');
    const other = Buffer.from(JSON.stringify(appClaims(ACME, '1'))).toString('base64url');
    await expectRefusal(`${head}.${other}.${signature}`, 'wrong_key');
  });

  it.each([
    ['expired', { exp: 1 }, 'expired'],
    ['without an end', { exp: undefined }, 'expired'],
    ['valid for a day', { exp: Math.floor(Date.now() / 1000) + 86_400 }, 'expired'],
    ['not yet valid', { nbf: Math.floor(Date.now() / 1000) + 600 }, 'expired'],
    ['for another installation', { aud: audienceOf({ subdomain: 'acme', installationId: '9' }) }, 'unknown'],
    ['for another account', { aud: audienceOf({ subdomain: 'globex', installationId: '4711' }) }, 'unknown'],
    ['for several installations', { aud: [audienceOf(ACME), 'https://x.example'] }, 'wrong_audience'],
    ['for a host that only looks like it', { aud: 'https://acme.zendesk.com.evil.example/' }, 'wrong_audience'],
    ['issued by another account', { iss: 'globex.zendesk.com' }, 'wrong_audience'],
    ['issued by nobody', { iss: undefined }, 'wrong_audience'],
    ['that names no agent', { sub: undefined }, 'no_user'],
    ['that names something else', { sub: 'https://acme.zendesk.com/api/v2/tickets/1.json' }, 'no_user'],
  ] as const)('%s is refused', async (_what, change, refusal) => {
    await expectRefusal(signApp({ ...appClaims(ACME, agentId), ...change }, key), refusal);
  });

  it('that is none is refused, and nothing at all too', async () => {
    await expectRefusal('<script>', 'unreadable');
    await expectRefusal('', 'missing');
    const json = { headers: { 'content-type': 'application/json' }, body: '{"token":"x"}' };
    expect((await station.raw('POST', '/app/sidebar', json)).text).toContain(refusals.missing.slice(0, 30));
  });

  it('leaves neither itself nor its agent in the log', () => {
    expect(station.logged.join()).toContain('wrong_key');
    expect(station.logged.join()).not.toMatch(/eyJ|users\//u);
  });
});

describe('an agent', () => {
  it('sees the items of the ticket, names made harmless, and none of another organisation', async () => {
    const answer = await ask(await open());
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      total: 1,
      items: [
        {
          id: itemId,
          name: 'invoice⟨RLO⟩cod.<img src=x>.exe',
          verdict: 'malicious',
          state: 'held',
          found: ['a macro'],
        },
      ],
    });
    const borealis = bearerIn(await post(signApp(appClaims(BOREALIS, agentId), key)));
    expect((await ask(borealis)).text).not.toContain('invoice');
  });

  it('gets the same answer for a ticket that is not there and for one that is not his to see', async () => {
    const bearer = await open();
    const unknown = await ask(bearer, '99999999');
    const person = { requester: { name: 'Cora', email: 'cora@customers.example' } };
    const asked = await client.tickets.get(await zendesk.ticketWith({}, person), 'scan');
    const customer = await open(appClaims(ACME, asked.requester_id));
    const nobody = await open(appClaims(ACME, '999999999'));
    const plain = ({ body: { instance: _, ...body } }: Answer) => JSON.stringify(body).replaceAll(/\d{3,}/gu, 'N');
    expect(unknown.status).toBe(404);
    for (const bearerOf of [nobody, customer]) {
      const answer = await ask(bearerOf);
      expect([answer.status, plain(answer)]).toEqual([404, plain(unknown)]);
      const reason = { opinion: 'clean', reason: 'x' };
      expect((await ask(bearerOf, ticketId, `/items/${itemId}/investigations`, reason)).status).toBe(404);
    }
  });

  it('asks for an investigation of an item of this ticket only, and it says who asked', async () => {
    const bearer = await open();
    const path = `/items/${itemId}/investigations`;
    expect((await ask(bearer, ticketId, path, { opinion: 'clean', reason: ' ' })).status).toBe(422);
    const made = await ask(bearer, ticketId, path, { opinion: 'clean', reason: 'Our own invoice.' });
    expect(made.status).toBe(201);
    expect(made.body.investigation).toMatchObject({ state: 'open', opinion: 'clean' });
    expect((await ask(bearer, ticketId, path, { opinion: 'clean', reason: 'Again.' })).status).toBe(200);
    const [asked] = (await station.call('GET', '/api/v1/investigations', station.a.admin)).body.investigations;
    expect(asked).toMatchObject({
      requestedBy: `agent:${agentId}`,
      requestedByRole: 'agent',
      reason: 'Our own invoice.',
    });

    const elsewhere = await seedItem(station.database, station.a, { ticketId: '777' });
    const other = await ask(bearer, ticketId, `/items/${elsewhere}/investigations`, { opinion: 'clean', reason: 'x' });
    expect(other.status).toBe(404);
  });

  it('who is suspended at Zendesk sees nothing after a minute, what he saw before included', async () => {
    const bearer = await open();
    expect((await ask(bearer)).status).toBe(200);
    aheadMs = SIGHT_MS + 1000;
    await zendesk.control('users', { id: Number(agentId), suspended: true });
    const answer = await ask(bearer);
    await zendesk.control('users', { id: Number(agentId), suspended: false });
    expect(answer.status).toBe(404);
  });

  it('has to load the page again after half an hour, after a new key, and with a made-up bearer', async () => {
    const bearer = await open();
    aheadMs = SIDEBAR_SESSION_MS + 1000;
    expect((await ask(bearer)).status).toBe(401);
    aheadMs = 0;
    expect((await ask(bearer)).status).toBe(200);
    await enter(station.a);
    const ended = await ask(bearer);
    expect(ended.status).toBe(401);
    expect(ended.body.remedy).toBe('Reload the app in the ticket.');
    expect((await ask('A'.repeat(43))).status).toBe(401);
    expect((await ask(station.a.admin)).status).toBe(401);
  });

  it('is told to wait where Zendesk cannot be asked', async () => {
    const bearer = await open();
    const known = client;
    client = { ...known, tickets: { ...known.tickets, get: () => Promise.reject(new Error('no answer')) } };
    const answer = await ask(bearer, '1234');
    client = known;
    expect(answer.status).toBe(503);
    expect(answer.text).not.toContain('no answer');
  });

  it('is answered no longer once the app is taken away, or the connection ends', async () => {
    const bearer = await open();
    expect((await station.call('DELETE', appOf(station.a), station.a.admin)).status).toBe(204);
    expect((await ask(bearer)).status).toBe(401);
    await expectRefusal(signApp(appClaims(ACME, agentId), key), 'unknown');
    expect((await station.call('DELETE', appOf(station.a), station.a.admin)).status).toBe(404);
  });
});
