import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { dropPassingSeal, keepPassingSeal, openWaiting } from '../../activities/scanner-copy';
import { updateItem } from '../../db/items';
import { lockObject } from '../../db/objects';
import type { ObjectRow } from '../../db/objects';
import type { Queryable } from '../../db/pool';
import { createFileSealedStore } from '../../quarantine';
import { openTenants } from '../db/tenants';
import type { Tenant, Tenants } from '../db/tenants';

const directory = mkdtempSync(join(tmpdir(), 'lazaret-test-copy-'));
const masterKeys = { currentId: 'mk-1', keys: { 'mk-1': randomBytes(32) } };
const store = createFileSealedStore({ directory, masterKeys });
const bytes = randomBytes(5_000);
const sha256 = createHash('sha256').update(bytes).digest('hex');

let tenants: Tenants;
let tenant: Tenant;
beforeAll(async () => {
  tenants = await openTenants(4);
  tenant = await tenants.tenant();
});
afterAll(async () => {
  await tenants.close();
  rmSync(directory, { recursive: true });
});

const onObject = <T>(work: (db: Queryable, object: ObjectRow) => Promise<T>): Promise<T> =>
  tenants.database.withOrganisation(tenant.organisationId, async (db) =>
    work(db, await lockObject(db, tenant.organisationId, sha256, bytes.length)),
  );
const settle = (itemId: string) =>
  onObject((db) => updateItem(db, itemId, { sha256, machine_verdict: 'clean', verdict: 'clean', state: 'clean' }));

test('a copy for engines stays while an item of the same bytes is in the middle of asking, and goes with the last', async () => {
  const [asking, done] = [await tenants.item(tenant), await tenants.item(tenant)];
  const seal = store.begin(tenant.organisationId);
  await pipeline(Readable.from([bytes]), seal.sink);
  await onObject((db, object) => keepPassingSeal(db, object, seal, asking));
  const read = async () => {
    const deps = { database: tenants.database, store };
    return buffer(await openWaiting(deps, { organisationId: tenant.organisationId, sha256 })());
  };

  await settle(done);
  await onObject((db, object) => dropPassingSeal({ store }, db, object, done));
  expect(await read()).toEqual(bytes);

  await settle(asking);
  await onObject((db, object) => dropPassingSeal({ store }, db, object, asking));
  await expect(read()).rejects.toThrow('no sealed copy');
});
