import { startEngineWatch } from '../../activities/engine-watch';
import type { EngineWatch } from '../../activities/engine-watch';
import { listEngineHealth } from '../../db/engine-health';
import { eventually } from '../workflows/stage';
import { openTenants } from '../db/tenants';
import type { Tenants } from '../db/tenants';
import type { Engine, EngineHealth } from '../../scanners/engine';

let tenants: Tenants;
let watch: EngineWatch | undefined;
beforeAll(async () => void (tenants = await openTenants(4)));
afterEach(() => watch?.close());
afterAll(() => tenants.close());

const log = { info() {}, warn() {}, error() {} };

function engineWith(health: () => Promise<EngineHealth>): Engine {
  return {
    name: 'one',
    health,
    open: () => {
      throw new Error('nothing is scanned here');
    },
    close: async () => undefined,
  };
}

const rows = () => tenants.database.withService(listEngineHealth);
const start = (health: () => Promise<EngineHealth>, worker: string) =>
  startEngineWatch({
    database: tenants.database,
    engines: [engineWith(health)],
    requiredEngines: ['one'],
    worker,
    isolation: { one: { noNetwork: true } },
    log,
    everyMs: 10,
    writeMs: 3_600_000,
  });

it('writes a change at once, and gives the versions while all is well', async () => {
  let rulesVersion = 'r1';
  const health = async () => ({ engine: 'one', ok: true, detail: 'Fine.', engineVersion: 'v1', rulesVersion });
  watch = start(health, 'changing');
  const find = async (version: string) =>
    (await rows()).find((row) => row.worker === 'changing' && row.rulesVersion === version);
  const first = await eventually(() => find('r1'));
  expect(first).toMatchObject({ required: true, ok: true, isolation: { noNetwork: true }, breaker: null });
  rulesVersion = 'r2';
  await eventually(() => find('r2'));
  expect(watch.versions()).toMatchObject([{ engine: 'one', engineVersion: 'v1', rulesVersion: 'r2' }]);
});

it('counts an engine that cannot say how it is as not well, and gives no versions', async () => {
  watch = start(() => Promise.reject(new Error('10.1.2.3 refused')), 'silent');
  const row = await eventually(async () => (await rows()).find((one) => one.worker === 'silent'));
  expect(row).toMatchObject({ ok: false, detail: 'The engine did not say how it is.' });
  expect(watch.versions()).toBeUndefined();
});
