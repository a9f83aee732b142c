import { Connection } from '@temporalio/client';
import { Client } from 'pg';
import { createTestDatabase } from '../support/postgres';
import { testTemporal } from '../support/temporal';

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('databases for tests', () => {
  it('gives every caller a database of its own and removes it', async () => {
    const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    await query(one.ownerUrl, 'create table only_here (id int)');
    expect(await query(other.ownerUrl, "select to_regclass('only_here') as found")).toEqual([{ found: null }]);
    await Promise.all([one.drop(), other.drop()]);
    await expect(query(one.ownerUrl, 'select 1')).rejects.toThrow(/does not exist/);
  });

  it('lets the role of the product in, with the tables of every migration', async () => {
    const database = await createTestDatabase();
    const rows = await query(
      database.appUrl,
      "select current_user as role, to_regclass('audit_events') is not null as there",
    );
    expect(rows).toEqual([{ role: new URL(database.appUrl).username, there: true }]);
    await database.drop();
  });

  it('folds letters beyond ASCII when it compares without case', async () => {
    const database = await createTestDatabase();
    expect(await query(database.ownerUrl, "select 'ÄRGER' ilike 'ärger' as same")).toEqual([{ same: true }]);
    await database.drop();
  });
});

describe('the Temporal server for tests', () => {
  it('answers with our search attributes registered', async () => {
    const { address, namespace } = await testTemporal();
    const connection = await Connection.connect({ address });
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    await connection.close();
    expect(Object.keys(customAttributes)).toEqual(
      expect.arrayContaining(['Organisation', 'ConnectionId', 'TicketId', 'Verdict', 'Sha256']),
    );
  });
});
