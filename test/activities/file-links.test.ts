import { withLinksAndSender } from '../../activities/file-links';
import { machineVerdict } from '../../activities/lists';
import { decideVerdict, enginesKey } from '../../domain/inspection';
import type { EngineReport } from '../../domain/inspection';
import type { ListEffect } from '../../domain/lists';
import type { LinkAnswer, LinkEngine } from '../../scanners/links';
import { openTenants } from '../db/tenants';
import type { Tenant, Tenants } from '../db/tenants';

let tenants: Tenants;
let tenant: Tenant;
beforeAll(async () => {
  tenants = await openTenants(2);
  tenant = await tenants.tenant();
});
afterAll(() => tenants.close());

const BAD = 'https://bad.example.com/x';
const embedded = (urls: string[], more: Partial<EngineReport> = {}): EngineReport => ({
  engine: 'embedded',
  engineVersion: '1',
  rulesVersion: '1',
  result: 'clean',
  findings: [],
  links: urls.map((url, at) => ({ url, path: ['a.pdf', `page ${at + 1}`] })),
  ms: 1,
  ...more,
});

function knowing(answer: (url: string) => LinkAnswer, local = false): LinkEngine & { asked: string[] } {
  const asked: string[] = [];
  const look = (urls: readonly string[]) => {
    asked.push(...urls);
    return Promise.resolve(urls.map(answer));
  };
  const health = () => Promise.resolve({ engine: 'feed', ok: true, detail: '', rulesVersion: '' });
  return { name: 'feed', local, asked, look, health };
}
const finding = { engine: 'feed', rule: 'Link_On_Bad_List', severity: 'high' as const, what: 'w' };
const known = (url: string): LinkAnswer =>
  url === BAD ? { url, result: 'known', findings: [finding] } : { url, result: 'nothing' };
const failing = (url: string): LinkAnswer => ({ url, result: 'error', reason: 'engine_unavailable' });

function judged(reports: EngineReport[], engines: LinkEngine[] = [], requiredLinkEngines: string[] = []) {
  const senders = { match: () => Promise.resolve(undefined) };
  const deps = { database: tenants.database, linkEngines: engines, requiredLinkEngines, senders };
  const item = { organisation_id: tenant.organisationId, connection_id: tenant.connectionId, author_id: null };
  return withLinksAndSender(deps, item, { reports });
}
const verdictOf = (reports: EngineReport[]) => decideVerdict(reports, ['embedded']);

it('calls a file malicious that holds a link which an engine knows, and says where', async () => {
  const { reports } = await judged([embedded(['https://fine.example.com/', BAD])], [knowing(known)]);
  expect(verdictOf(reports)).toEqual({ verdict: 'malicious' });
  expect(reports.at(-1)?.findings).toEqual([{ ...finding, path: ['a.pdf', 'page 2'] }]);
});

it('takes the form of a link inside a file for suspicious at most', async () => {
  const { reports } = await judged([embedded(['http://paypa1.com/', 'http://google.com@evil.com/x'])]);
  expect(reports.at(-1)?.findings.map(({ rule, severity }) => `${severity} ${rule}`)).toEqual([
    'medium Link_Host_Imitates_Brand',
    'low Link_Host_Behind_At_Sign',
  ]);
  expect(verdictOf(reports)).toEqual({ verdict: 'suspicious' });
});

it('leaves a file unknown while an engine that must answer does not, and no other', async () => {
  const report = [embedded([BAD])];
  expect(verdictOf((await judged(report, [knowing(failing)], ['feed'])).reports)).toEqual({
    verdict: 'unscannable',
    reason: 'engine_unavailable',
  });
  expect(verdictOf((await judged(report, [knowing(failing)])).reports)).toEqual({ verdict: 'clean' });
});

it('asks services about two hundred links at most, every host once before any twice; lists of this machine about all', async () => {
  const many = Array.from({ length: 300 }, (_none, at) => `https://manual.example.com/${at}`);
  const [service, list] = [knowing(known), knowing(known, true)];
  const { reports } = await judged([embedded([...many, BAD])], [service, list]);
  expect([service.asked.length, service.asked[1], list.asked.length]).toEqual([200, BAD, 301]);
  expect(verdictOf(reports).verdict).toBe('malicious');
});

it('asks nobody about the links of a file that is malicious anyway', async () => {
  const engine = knowing(known);
  const bad = { engine: 'embedded', rule: 'R', severity: 'high' as const, path: [], what: 'w' };
  await judged([embedded([BAD], { result: 'findings', findings: [bad] })], [engine]);
  expect(engine.asked).toEqual([]);
});

it('changes nothing of what verdicts are remembered by, and stands in for no engine of files', async () => {
  const before = [embedded([BAD], { result: 'error', reason: 'engine_crashed' })];
  const { reports } = await judged(before, [knowing(known)]);
  expect(enginesKey(reports)).toBe(enginesKey(before));
  const { reports: shown } = await judged([embedded(['http://google.com@evil.com/x'], before[0])]);
  expect(decideVerdict(shown, [])).toMatchObject({ verdict: 'unscannable' });
});

it.each([
  ['allow', 'medium', 'suspicious'],
  ['allow', 'high', 'malicious'],
  ['block', 'medium', 'malicious'],
] as const)(
  'with a list that says %s of the sender, a file with a %s finding is %s',
  async (effect, severity, verdict) => {
    const { reports } = await sentBy(effect, [
      embedded([], {
        result: 'findings',
        findings: [{ engine: 'embedded', rule: 'R', severity, path: [], what: 'w' }],
      }),
    ]);
    expect(reports.at(-1)).toMatchObject({ engine: 'lists', findings: [{ reference: 'list entry e' }] });
    const { organisationId } = tenant;
    const judge = tenants.database.withOrganisation(organisationId, (db) =>
      machineVerdict(db, organisationId, { sha256: '0'.repeat(64), reports }, ['embedded']),
    );
    expect((await judge).verdict).toEqual({ verdict });
  },
);

function sentBy(effect: ListEffect, reports: EngineReport[]) {
  const entry = {
    ...{ id: 'e', kind: 'sender' as const, effect, value: 'a@b.example', owner: 'IT', reason: 'r' },
    ...{ organisationId: null, createdAt: new Date(), createdBy: 'k' },
  };
  const senders = { match: () => Promise.resolve({ effect, entry, all: [entry] }) };
  const deps = { database: tenants.database, linkEngines: [], requiredLinkEngines: [], senders };
  const item = { organisation_id: tenant.organisationId, connection_id: tenant.connectionId, author_id: '1' };
  return withLinksAndSender(deps, item, { reports });
}
