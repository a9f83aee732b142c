import { randomBytes } from 'node:crypto';
import { hostsOf, machineVerdict } from '../../activities/lists';
import { putListEntries } from '../../db/lists';
import type { EngineReport } from '../../domain/inspection';
import type { ListEntry } from '../../domain/lists';
import { openTenants } from '../db/tenants';
import type { Tenant, Tenants } from '../db/tenants';

let tenants: Tenants;
let mine: Tenant;
beforeAll(async () => {
  tenants = await openTenants(4);
  mine = await tenants.tenant();
});
afterAll(() => tenants.close());

const sha = (): string => randomBytes(32).toString('hex');
const entry = (more: Partial<ListEntry>): ListEntry => ({
  kind: 'hash',
  effect: 'block',
  value: sha(),
  owner: 'IT',
  reason: 'r',
  ...more,
});
const put = (one: ListEntry, organisationId: string | null = mine.organisationId) => {
  const person = { kind: 'person', id: 'k' } as const;
  const work = (db: Parameters<typeof putListEntries>[0]) => putListEntries(db, organisationId, [one], person);
  return organisationId === null
    ? tenants.database.withService(work)
    : tenants.database.withOrganisation(organisationId, work);
};
const report = (more: Partial<EngineReport> = {}): EngineReport => ({
  engine: 'one',
  engineVersion: '1',
  rulesVersion: '1',
  result: 'clean',
  findings: [],
  ms: 1,
  ...more,
});
const found = report({
  result: 'findings',
  findings: [{ engine: 'one', rule: 'R', severity: 'high', path: [], what: 'w' }],
});
const judge = (sha256: string, reports: EngineReport[], tenant = mine) =>
  tenants.database.withOrganisation(tenant.organisationId, (db) =>
    machineVerdict(db, tenant.organisationId, { sha256, reports }, ['one']),
  );

it('calls a file malicious that a block list names, and says which entry', async () => {
  const value = sha();
  const [row] = await put(entry({ value }));
  const { verdict, reports } = await judge(value, [report()]);
  expect(verdict).toEqual({ verdict: 'malicious' });
  expect(reports.at(-1)).toMatchObject({ engine: 'lists', findings: [{ reference: `list entry ${row?.id}` }] });
});

it('puts an allowed file above every engine, and keeps what they found as evidence', async () => {
  const value = sha();
  await put(entry({ value, effect: 'allow' }));
  const { verdict, reports } = await judge(value, [found]);
  expect(verdict).toEqual({ verdict: 'clean' });
  expect(reports.flatMap((one) => one.findings.map((finding) => finding.rule))).toEqual(['R', 'Lists_Allowed_Hash']);
});

it('finds a file that holds a link to a blocked domain or pattern', async () => {
  await put(entry({ kind: 'domain', value: 'bad.example' }));
  await put(entry({ kind: 'url', value: 'half.example/down/*' }));
  const holding = (url: string) => judge(sha(), [report({ links: [{ url, path: ['a.pdf'] }] })]);
  expect((await holding('https://x.bad.example/1')).verdict.verdict).toBe('malicious');
  expect((await holding('https://half.example/down/a')).verdict.verdict).toBe('malicious');
  expect((await holding('https://half.example/up/a')).verdict.verdict).toBe('clean');
});

it('takes the lists of the installation for everybody and those of an organisation for it alone', async () => {
  const [shared, own] = [sha(), sha()];
  await put(entry({ value: shared }), null);
  await put(entry({ value: own }));
  const other = await tenants.tenant();
  expect((await judge(shared, [report()], other)).verdict.verdict).toBe('malicious');
  expect((await judge(own, [report()], other)).verdict.verdict).toBe('clean');
});

it('does nothing for an entry that has expired, and never hides a missing engine', async () => {
  const value = sha();
  await put(entry({ value, expiresAt: new Date(Date.now() - 1000) }));
  expect((await judge(value, [report()])).verdict.verdict).toBe('clean');
  expect((await judge(value, [])).verdict).toEqual({ verdict: 'unscannable', reason: 'engine_unavailable' });
});

it('names the domains above a host, and an address alone', () => {
  expect(hostsOf('https://a.b.example.com/x')).toEqual(['a.b.example.com', 'b.example.com', 'example.com']);
  expect(hostsOf('http://10.0.0.1/')).toEqual(['10.0.0.1']);
  expect(hostsOf('no url')).toEqual([]);
});
