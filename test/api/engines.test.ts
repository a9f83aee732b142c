import { saveEngineHealth } from '../../db/engine-health';
import type { SeenEngine } from '../../db/engine-health';
import { openStation } from './support';
import type { Station } from './support';

let station: Station;
beforeAll(async () => void (station = await openStation()));
afterAll(() => station.close());

const seen = (engine: string, more: Partial<SeenEngine> = {}): SeenEngine => ({
  engine,
  ok: true,
  detail: 'Answers.',
  engineVersion: '1.0',
  rulesVersion: 'abc',
  required: true,
  looksAt: 'files',
  breaker: null,
  isolation: null,
  ...more,
});
const save = (worker: string, engines: SeenEngine[]) =>
  station.database.withService((db) => saveEngineHealth(db, worker, engines));
const listed = async () => (await station.call('GET', '/api/v1/engines', station.support)).body.engines;

it('lists engines as each worker saw them last, without the names of hosts', async () => {
  await save('secret-host:1', [seen('embedded'), seen('clamd', { required: false })]);
  await save('secret-host:2', [seen('clamd', { ok: false, detail: 'Refuses.', breaker: 'open', required: false })]);
  const answer = await station.call('GET', '/api/v1/engines', station.a.admin);
  expect(answer.text).not.toContain('secret-host');
  const [clamd, embedded] = answer.body.engines;
  expect(clamd).toMatchObject({ name: 'clamd', ok: false, requiredByDefault: false });
  expect(clamd.workers.map((one: { breaker: string }) => one.breaker)).toEqual([null, 'open']);
  expect(embedded).toMatchObject({ name: 'embedded', ok: true, requiredByDefault: true });
});

it('keeps since when an engine is as it is, and forgets engines that a worker no longer runs', async () => {
  await save('w', [seen('icap'), seen('old')]);
  const [before] = (await listed()).filter((one: { name: string }) => one.name === 'icap');
  await save('w', [seen('icap', { detail: 'Another sentence.' })]);
  const [after] = (await listed()).filter((one: { name: string }) => one.name === 'icap');
  expect(after.workers[0]).toMatchObject({ since: before.workers[0].since, detail: 'Another sentence.' });
  await save('w', [seen('icap', { ok: false })]);
  const now = await listed();
  const [icap] = now.filter((one: { name: string }) => one.name === 'icap');
  expect(icap.workers[0].since > before.workers[0].since).toBe(true);
  expect(now.map((one: { name: string }) => one.name)).not.toContain('old');
});

it('leaves out a worker that was not heard of for a minute', async () => {
  await save('gone', [seen('lost')]);
  await station.database.withService((db) =>
    db.query(`update engine_health set at = now() - interval '61 seconds' where engine = 'lost'`),
  );
  expect((await listed()).map((one: { name: string }) => one.name)).not.toContain('lost');
});

it('tells in /readyz what every worker has around its scanning, and stays ready without any', async () => {
  await save('first', [seen('embedded', { isolation: { noNetwork: true, unprivilegedUser: true } })]);
  await save('second', [seen('embedded', { isolation: { noNetwork: true, unprivilegedUser: false } })]);
  const { status, body } = await station.call('GET', '/readyz');
  expect(status).toBe(200);
  expect(body.isolation).toEqual({ noNetwork: true, unprivilegedUser: false });
  await station.database.withService((db) => db.query('delete from engine_health'));
  expect((await station.call('GET', '/readyz')).body).not.toHaveProperty('isolation');
});

it('refuses a policy that requires an engine which nobody runs', async () => {
  await save('w', [seen('embedded')]);
  const path = `/api/v1/organisations/${station.a.id}/policy`;
  const put = (requiredEngines: string[] | null) =>
    station.call('PUT', path, station.support, { version: 0, policy: { requiredEngines } });
  await save('links', [seen('urlhaus', { looksAt: 'links' })]);
  expect((await put(['urlhaus'])).status).toBe(422);
  const refused = await put(['embedded', 'clamd']);
  expect(refused.status).toBe(422);
  expect(refused.body.errors[0].field).toBe('policy.requiredEngines');
  const saved = await put(['embedded']);
  expect(saved.body.policy.requiredEngines).toEqual(['embedded']);
});
