import { beginOperation, finishOperation, isOperationPending } from '../../db/operations';
import type { Queryable } from '../../db/pool';
import { nextId, openTenants } from './tenants';
import type { Tenant, Tenants } from './tenants';

let tenants: Tenants;
let one: Tenant;
beforeAll(async () => {
  tenants = await openTenants();
  one = await tenants.tenant();
});
afterAll(() => tenants.close());

const inside = <T>(work: (db: Queryable) => Promise<T>) => tenants.database.withOrganisation(one.organisationId, work);
const begin = (key: string) =>
  inside((db) => beginOperation(db, { key, organisationId: one.organisationId, kind: 'redact' }));

describe('an operation', () => {
  it('counts announcements, so that a repetition knows to look first', async () => {
    const key = `redact:${nextId()}`;
    expect(await begin(key)).toEqual({ key, state: 'pending', attempts: 1, result: null });
    expect(await begin(key)).toMatchObject({ state: 'pending', attempts: 2 });
  });

  it('gives its result to everybody who announces it after it was done', async () => {
    const key = `redact:${nextId()}`;
    await begin(key);
    await inside((db) => finishOperation(db, key, { byUs: true }));
    expect(await begin(key)).toEqual({ key, state: 'done', attempts: 1, result: { byUs: true } });
  });

  it('is first for exactly one of many who announce it at the same moment', async () => {
    const key = `redact:${nextId()}`;
    const rows = await Promise.all(Array.from({ length: 10 }, () => begin(key)));
    expect(rows.map((row) => row.attempts).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('may have been executed from its announcement to its recorded end', async () => {
    const key = `redact:${nextId()}`;
    const pending = () => inside((db) => isOperationPending(db, key));
    expect(await pending()).toBe(false);
    await begin(key);
    expect(await pending()).toBe(true);
    await inside((db) => finishOperation(db, key, {}));
    expect(await pending()).toBe(false);
  });
});
