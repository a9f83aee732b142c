import { applyLists, judgeText } from '../../activities/links-judge';
import type { LinkTools } from '../../activities/links-judge';
import { putListEntries } from '../../db/lists';
import type { LinkAnswer, LinkEngine, Redirected } from '../../scanners/links';
import { openTenants } from '../db/tenants';
import type { Tenant, Tenants } from '../db/tenants';

let tenants: Tenants;
let tenant: Tenant;
beforeAll(async () => {
  tenants = await openTenants(2);
  tenant = await tenants.tenant();
  const more = { kind: 'domain' as const, owner: 'IT', reason: 'r' };
  const person = { kind: 'person', id: 'k' } as const;
  await tenants.database.withOrganisation(tenant.organisationId, (db) =>
    putListEntries(
      db,
      tenant.organisationId,
      [
        { ...more, effect: 'block', value: 'blocked.example' },
        { ...more, effect: 'allow', value: 'allowed.example' },
      ],
      person,
    ),
  );
});
afterAll(() => tenants.close());

const engine = (bad: string): LinkEngine => {
  const what = { engine: 'feed', rule: 'Link_On_Bad_List', severity: 'high' as const, what: 'w' };
  const answer = (url: string): LinkAnswer =>
    url === bad ? { url, result: 'known', findings: [what] } : { url, result: 'nothing' };
  const health = () => Promise.resolve({ engine: 'feed', ok: true, detail: '', rulesVersion: '' });
  return { name: 'feed', local: true, look: (urls) => Promise.resolve(urls.map(answer)), health };
};

async function verdicts(text: string, tools: Partial<LinkTools> = {}) {
  const all = { engines: [], required: [], ownDomains: [], ...tools };
  const { links } = await judgeText(all, { text });
  return tenants.database.withOrganisation(tenant.organisationId, (db) =>
    applyLists(db, tenant.organisationId, links, all.required),
  );
}
const leading = (...leads: string[]) => ({
  follow: (): Promise<Redirected> => Promise.resolve({ leads, inside: leads.at(-1)?.includes('10.0.0.1') ?? false }),
});
const verdict = async (text: string, tools?: Partial<LinkTools>) => (await verdicts(text, tools))[0]?.verdict.verdict;

it('judges and looks up where a link leads, wherever redirects are followed', async () => {
  const text = 'see https://short.example/a';
  expect(await verdict(text)).toBe('clean');
  expect(await verdict(text, leading('http://paypa1.com/'))).toBe('malicious');
  expect(await verdict(text, leading('https://mid.example/', 'https://blocked.example/x'))).toBe('malicious');
  expect(await verdict(text, leading('https://blocked.example/x', 'https://end.example/'))).toBe('malicious');
  const known = {
    ...leading('https://mid.example/', 'https://end.example/'),
    engines: [engine('https://mid.example/')],
  };
  expect(await verdict(text, known)).toBe('malicious');
  expect(await verdict(text, leading('http://10.0.0.1/'))).toBe('suspicious');
});

it('does not take a link for allowed because it led us to an allowed site', async () => {
  const tools = { ...leading('https://allowed.example/'), engines: [engine('https://bad.example/a')] };
  expect(await verdict('https://bad.example/a', tools)).toBe('malicious');
});

it.each([
  ['a site that only seems to wrap an allowed one', 'https://bad.example/go?url=https%3A%2F%2Fallowed.example%2F'],
  ['an open redirect of an allowed site', 'https://allowed.example/go?url=https%3A%2F%2Fbad.example%2F'],
  [
    'a seeming wrapper inside a known one',
    'https://www.google.com/url?q=https%3A%2F%2Fbad.example%2Fgo%3Furl%3Dhttps%253A%252F%252Fallowed.example%252F',
  ],
])('does not allow %s, and knows the bad address in it', async (_what, url) => {
  const bad: LinkEngine = {
    ...engine(''),
    look: async (urls) =>
      (await Promise.all(urls.map((one) => engine(new URL(one).host === 'bad.example' ? one : '').look([one])))).flat(),
  };
  expect(await verdict(url, { engines: [bad] })).toBe('malicious');
});

it('allows a link whose known rewriter wraps an allowed one, and blocks one that wraps a blocked one', async () => {
  const wrapped = (host: string) => `https://www.google.com/url?q=https%3A%2F%2F${host}%2Fx`;
  const bad = { engines: [engine('https://allowed.example/x')] };
  expect(await verdict(wrapped('allowed.example'), bad)).toBe('clean');
  expect(await verdict(wrapped('blocked.example'))).toBe('malicious');
});

it('judges a site that seems to wrap another one by its own name as well', async () => {
  expect(await verdict('http://paypa1.com/go?url=https%3A%2F%2Fwww.google.com%2F')).toBe('malicious');
});

it('follows a link to where its own site leads, not to what it seems to wrap', async () => {
  const follow = jest.fn((_url: string) => Promise.resolve(undefined));
  await verdicts('https://bad.example/go?url=https%3A%2F%2Fallowed.example%2F', { follow });
  expect(follow.mock.calls.map(([url]) => url)).toEqual([
    'https://bad.example/go?url=https%3A%2F%2Fallowed.example%2F',
  ]);
});

it('calls no link clean about which there was no room to ask an engine that must answer', async () => {
  const wrapped = (at: number) => `https://a${at}.example/go?url=https%3A%2F%2Fb${at}.example%2F`;
  const text = Array.from({ length: 150 }, (_, at) => wrapped(at)).join(' ');
  const outside = { engines: [{ ...engine(''), local: false }], required: ['feed'] };
  const last = (await verdicts(text, outside)).at(-1);
  expect(last?.verdict).toEqual({ verdict: 'unscannable', reason: 'limit_reached' });
  expect((await verdicts(text, { ...outside, required: [] })).at(-1)?.verdict.verdict).toBe('clean');
});

it('follows no link that looks single-use', async () => {
  const follow = jest.fn((_url: string) => Promise.resolve(undefined));
  await verdicts('https://a.example/reset?token=abc https://b.example/', { follow });
  expect(follow.mock.calls.map(([url]) => url)).toEqual(['https://b.example/']);
});

it('looks up what a rewriter wraps as well', async () => {
  const wrapped = 'https://www.google.com/url?q=https%3A%2F%2Fend.example%2Fx';
  expect(await verdict(wrapped, { engines: [engine('https://end.example/x')] })).toBe('malicious');
});

it('calls no link clean of which an engine that must answer says nothing', async () => {
  const silent: LinkEngine = {
    ...engine(''),
    look: (urls) => Promise.resolve(urls.map((url) => ({ url, result: 'error', reason: 'timeout' }))),
  };
  expect((await verdicts('https://a.example/', { engines: [silent], required: ['feed'] }))[0]?.verdict).toEqual({
    verdict: 'unscannable',
    reason: 'timeout',
  });
  expect(await verdict('https://a.example/', { engines: [silent] })).toBe('clean');
});

it.each([
  ['block', 'https://fine.example/', 'malicious'],
  ['block', 'https://allowed.example/', 'clean'],
  ['allow', 'http://google.com@evil.com/x', 'clean'],
  ['allow', 'http://paypa1.com/', 'malicious'],
] as const)('with a list that says %s of the sender, %s is %s', async (effect, url, expected) => {
  const { links } = await judgeText({ engines: [], required: [], ownDomains: [] }, { text: url });
  const entry = {
    ...{ id: 'e', kind: 'sender' as const, effect, value: 'a@b.example', owner: 'IT', reason: 'r' },
    ...{ organisationId: null, createdAt: new Date(), createdBy: 'k' },
  };
  const [one] = await tenants.database.withOrganisation(tenant.organisationId, (db) =>
    applyLists(db, tenant.organisationId, links, [], { effect, entry, all: [entry] }),
  );
  expect(one?.verdict.verdict).toBe(expected);
});
