import { randomBytes, randomUUID } from 'node:crypto';
import { createOrganisationKeys } from '../../activities/organisation-keys';
import { createVerdictCache } from '../../activities/verdict-cache';
import type { VerdictCache } from '../../activities/verdict-cache';
import { dropExpiredVerdicts } from '../../db/verdict-cache';
import type { EngineReport } from '../../domain/inspection';
import { createSecretBox } from '../../quarantine/index';
import { openTenants } from '../db/tenants';
import type { Tenant, Tenants } from '../db/tenants';

let tenants: Tenants;
let mine: Tenant;
let cache: VerdictCache;
let versions = [{ engine: 'one', engineVersion: '1', rulesVersion: 'r1' }];
const warnings: string[] = [];

beforeAll(async () => {
  tenants = await openTenants(8);
  mine = await tenants.tenant();
  cache = newCache();
});
afterAll(() => tenants.close());
beforeEach(() => {
  versions = [{ engine: 'one', engineVersion: '1', rulesVersion: 'r1' }];
  warnings.length = 0;
});

const secretBox = createSecretBox({ currentId: 'k', keys: { k: randomBytes(32) } });

function newCache(): VerdictCache {
  const { database } = tenants;
  return createVerdictCache({
    database,
    secretBox,
    organisationKeys: createOrganisationKeys({ database, secretBox }),
    versions: () => versions,
    log: { warn: (_fields, message) => void warnings.push(message) },
  });
}

const report = (more: Partial<EngineReport> = {}): EngineReport => ({
  engine: 'one',
  engineVersion: '1',
  rulesVersion: 'r1',
  result: 'clean',
  findings: [],
  detectedType: 'application/pdf',
  ms: 3,
  ...more,
});
const sha = (): string => randomBytes(32).toString('hex');
const question = (more: { fileName?: string; text?: string; sha256?: string; organisationId?: string } = {}) => {
  const { fileName = 'a.pdf', text, sha256 = sha(), organisationId = mine.organisationId } = more;
  return { organisationId, sha256, target: { fileName, ...(text !== undefined && { text }) } };
};

/** Engines that count how often they are asked. */
function engines(answer: EngineReport[] = [report()]) {
  const ask = jest.fn(async () => answer);
  return { ask, times: () => ask.mock.calls.length };
}

/** Asks until the answer, which is kept behind the first one's back, is there. */
async function asked(one: ReturnType<typeof question>, ask = engines().ask) {
  await cache.ask(one, ask);
  return cache.ask(one, ask);
}

it('asks the engines once for the same question, in another process too', async () => {
  const { ask, times } = engines([report({ result: 'findings' })]);
  const one = question();
  expect(await cache.ask(one, ask)).toMatchObject({ cached: false });
  expect(await newCache().ask(one, ask)).toEqual({ cached: true, reports: [report({ result: 'findings' })] });
  expect(times()).toBe(1);
});

it('asks once however many ask at the same moment', async () => {
  const other = newCache();
  const one = question();
  const { ask, times } = engines();
  const answers = await Promise.all([cache, other, cache, other, cache].map((each) => each.ask(one, ask)));
  expect(times()).toBe(1);
  expect(answers.filter((answer) => answer.cached)).toHaveLength(4);
});

it.each([
  ['name', { fileName: 'b.exe' }],
  ['bytes', { sha256: sha() }],
])('takes another %s for another question', async (_what, other) => {
  const one = question();
  await asked(one);
  const { ask, times } = engines();
  await cache.ask({ ...question({ sha256: one.sha256, ...other }) }, ask);
  expect(times()).toBe(1);
});

it('takes another conversation for another question where a password may matter', async () => {
  const locked = [report({ result: 'unscannable', reason: 'encrypted' })];
  const told = (text: string, sha256: string) => question({ sha256, text });
  const one = question();
  await asked(one, engines(locked).ask);
  await asked(told('the password is 1234', one.sha256), engines().ask);
  const { ask, times } = engines(locked);
  expect(await cache.ask(one, ask)).toMatchObject({ cached: true, reports: locked });
  const opened = await cache.ask(told('the password is 1234', one.sha256), ask);
  expect(opened).toEqual({ cached: true, reports: [report()] });
  expect(times()).toBe(0);
  await cache.ask(told('the password is 5678', one.sha256), ask);
  expect(times()).toBe(1);
});

it('never gives one organisation the answer of another', async () => {
  const theirs = await tenants.tenant();
  const one = question();
  await asked(one);
  const { ask, times } = engines();
  await cache.ask({ ...one, organisationId: theirs.organisationId }, ask);
  expect(times()).toBe(1);
});

it('asks again after rules changed, and keeps no answer that other versions gave', async () => {
  const one = question();
  await asked(one);
  versions = [{ engine: 'one', engineVersion: '1', rulesVersion: 'r2' }];
  const { ask, times } = engines([report()]);
  await cache.ask(one, ask);
  await cache.ask(one, ask);
  expect(times()).toBe(2);
});

it('takes a name in other case for the same, and a picture for the same in every conversation', async () => {
  const picture = [report({ detectedType: 'image/png' })];
  const one = question({ fileName: 'Logo.PNG', text: 'one ticket' });
  await asked(one, engines(picture).ask);
  const { ask, times } = engines(picture);
  const again = { ...question({ fileName: ' logo.png', text: 'another ticket', sha256: one.sha256 }) };
  expect(await cache.ask(again, ask)).toMatchObject({ cached: true });
  expect(times()).toBe(0);
});

it.each([
  ['an error', report({ result: 'error', reason: 'engine_unavailable' })],
  ['a crash', report({ result: 'unscannable', reason: 'engine_crashed' })],
  ['a timeout', report({ result: 'unscannable', reason: 'timeout' })],
  ['a cut file', report({ result: 'unscannable', reason: 'truncated' })],
])('keeps no answer with %s', async (_what, incomplete) => {
  const one = question();
  const { ask, times } = engines([incomplete]);
  await cache.ask(one, ask);
  await cache.ask(one, ask);
  expect(times()).toBe(2);
});

it('keeps an unscannable that will stay so', async () => {
  const answer = await asked(question(), engines([report({ result: 'unscannable', reason: 'encrypted' })]).ask);
  expect(answer).toMatchObject({ cached: true, reports: [{ result: 'unscannable', reason: 'encrypted' }] });
});

it('keeps links encrypted and gives them back', async () => {
  const links = [{ url: 'https://host.example/reset?token=secret', path: ['a.pdf'] }];
  const one = question();
  const answer = await asked(one, engines([report({ links })]).ask);
  expect(answer).toEqual({ cached: true, reports: [report({ links })] });
  const { rows } = await tenants.database.withOrganisation(mine.organisationId, (db) =>
    db.query<{ text: string }>('select verdict_cache::text as text from verdict_cache where sha256 = $1', [one.sha256]),
  );
  expect(rows).toHaveLength(1);
  expect(rows[0]?.text).not.toContain('secret');
  expect(rows[0]?.text).not.toContain(Buffer.from('token=secret').toString('hex'));
});

it('asks the engines when nothing is known of their versions, and passes their failure on', async () => {
  const one = question();
  await expect(cache.ask(one, () => Promise.reject(new Error('busy')))).rejects.toThrow('busy');
  versions = [];
  const { ask, times } = engines();
  await cache.ask(one, ask);
  await cache.ask(one, ask);
  expect(times()).toBe(2);
});

it('asks the engines when the cache is out of order, and says so', async () => {
  const broken = createVerdictCache({
    database: tenants.database,
    secretBox,
    organisationKeys: () => Promise.reject(new Error('no key')),
    versions: () => versions,
    log: { warn: (_fields, message) => void warnings.push(message) },
  });
  expect(await broken.ask(question(), engines().ask)).toMatchObject({ cached: false });
  expect(warnings).toEqual(['naming an answer in the verdict cache failed']);
});

it('forgets what has run out', async () => {
  const one = question();
  await asked(one);
  await tenants.database.withService((db) =>
    db.query(`update verdict_cache set expires_at = now() where sha256 = $1`, [one.sha256]),
  );
  const { ask, times } = engines();
  await cache.ask(one, ask);
  expect(times()).toBe(1);
  await tenants.database.withService((db) => db.query(`update verdict_cache set expires_at = now()`));
  expect(await tenants.database.withService((db) => dropExpiredVerdicts(db, 1000))).toBeGreaterThan(0);
});

it('makes one key for an organisation, however many ask first', async () => {
  const { organisationId } = await tenants.tenant();
  const { database } = tenants;
  const made = [1, 2, 3, 4].map(() => createOrganisationKeys({ database, secretBox })(organisationId));
  const keys = new Set((await Promise.all(made)).map((key) => key.toString('hex')));
  expect(keys.size).toBe(1);
  await expect(createOrganisationKeys({ database, secretBox })(randomUUID())).rejects.toThrow();
});
