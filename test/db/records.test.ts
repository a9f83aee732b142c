import { authenticateApiKey, createApiKey, revokeApiKey } from '../../db/api-keys';
import { LAZARET } from '../../db/audit-events';
import { assignBundle, createBundle, listLicensedChannels, unassignBundle } from '../../db/bundles';
import { createOrganisation } from '../../db/organisations';
import { openDatabase } from '../../db/pool';
import type { Database } from '../../db/pool';
import { readPolicy } from '../../db/policies';
import { Conditions, likePart } from '../../db/sql';
import { DEFAULT_POLICY } from '../../domain/policy';
import { createTestDatabase } from '../support/postgres';
import type { TestDatabase } from '../support/postgres';

let created: TestDatabase;
let database: Database;
let organisationId: string;
beforeAll(async () => {
  created = await createTestDatabase();
  database = openDatabase(created.appUrl);
  organisationId = (await database.withService((db) => createOrganisation(db, 'Acme', LAZARET))).id;
});
afterAll(async () => {
  await database.close();
  await created.drop();
});

describe('API keys', () => {
  const make = () =>
    database.withOrganisation(organisationId, (db) =>
      createApiKey(db, { organisationId, role: 'viewer', name: 'test' }, LAZARET),
    );
  const signIn = (key: string) => database.withService((db) => authenticateApiKey(db, key));
  const lastUsed = async (id: string) => {
    const sql = 'select last_used_at::text as at from api_keys where id = $1';
    return (await database.withService((db) => db.query<{ at: string | null }>(sql, [id]))).rows[0]?.at;
  };

  it('move their last use at most once a minute', async () => {
    const { key, row } = await make();
    expect(await lastUsed(row.id)).toBeNull();
    await signIn(key);
    const first = await lastUsed(row.id);
    expect(first).not.toBeNull();
    await signIn(key);
    expect(await lastUsed(row.id)).toBe(first);
    const age = `update api_keys set last_used_at = now() - interval '61 seconds' where id = $1`;
    await database.withService((db) => db.query(age, [row.id]));
    await signIn(key);
    expect(await lastUsed(row.id)).not.toBe(first);
  });

  it('are known by their whole text only', async () => {
    const { key, row } = await make();
    expect(await signIn(key)).toEqual({ id: row.id, organisationId, role: 'viewer' });
    for (const wrong of [
      key.slice(0, -1),
      `${key}A`,
      key.toUpperCase(),
      ` ${key}`,
      '',
      key.replace('viewer', 'admin'),
    ]) {
      expect(await signIn(wrong)).toBeUndefined();
    }
    await database.withOrganisation(organisationId, (db) => revokeApiKey(db, row.id, LAZARET));
    expect(await signIn(key)).toBeUndefined();
  });

  it.each([
    [{ role: 'admin', name: 'x' }, 'needs an organisation'],
    [{ role: 'analyst', name: 'x', organisationId: '00000000-0000-4000-8000-000000000000' }, 'has no organisation'],
  ] as const)('refuse %j', async (key, said) => {
    await expect(database.withService((db) => createApiKey(db, key, LAZARET))).rejects.toThrow(said);
  });

  it('of the operator cannot be made inside an organisation', async () => {
    const made = database.withOrganisation(organisationId, (db) =>
      createApiKey(db, { role: 'analyst', name: 'sneaked in' }, LAZARET),
    );
    await expect(made).rejects.toMatchObject({ code: '42501' });
  });
});

describe('bundles', () => {
  it('license their channels between their two times', async () => {
    const licensed = () => database.withOrganisation(organisationId, (db) => listLicensedChannels(db, organisationId));
    const change = (work: Parameters<Database['withService']>[0]) => database.withService(work);
    const bundle = await database.withService((db) =>
      createBundle(db, { name: 'B', channels: ['zendesk', 'zendesk'] }),
    );
    const assignment = { organisationId, bundleId: bundle?.id ?? '' };
    expect(bundle?.channels).toEqual(['zendesk']);
    expect(await licensed()).toEqual([]);
    await change((db) => assignBundle(db, assignment, LAZARET));
    expect(await licensed()).toEqual(['zendesk']);
    await change((db) => assignBundle(db, { ...assignment, startsAt: '2099-01-01T00:00:00Z' }, LAZARET));
    expect(await licensed()).toEqual([]);
    await change((db) => assignBundle(db, assignment, LAZARET));
    await change((db) => unassignBundle(db, assignment, LAZARET));
    expect(await licensed()).toEqual([]);
  });
});

it('gives the default policy where none was saved', async () => {
  const row = await database.withOrganisation(organisationId, (db) => readPolicy(db, organisationId));
  expect(row).toEqual({ organisationId, version: 0, policy: DEFAULT_POLICY, updatedAt: null, updatedBy: null });
});

describe('conditions', () => {
  it('number their places in order and keep values out of the text', () => {
    const conditions = new Conditions().add('a = ? or b = ?', 1, 'x').add('c > ?', 2);
    expect(conditions.where).toBe('where (a = $1 or b = $2) and (c > $3)');
    expect(conditions.values).toEqual([1, 'x', 2]);
    expect(new Conditions().where).toBe('');
  });

  it('refuse a place without a value and a value without a place', () => {
    expect(() => new Conditions().add('a = ? and b = ?', 1)).toThrow('2 places for 1 values');
    expect(() => new Conditions().add('a = ?', 1, 2)).toThrow('1 places for 2 values');
  });

  it('take no character of a text for a wildcard', () => {
    expect(likePart('50%_\\')).toBe('50\\%\\_\\\\');
  });
});
