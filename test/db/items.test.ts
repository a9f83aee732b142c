import { Client } from 'pg';
import { claimDueItems, insertAttachmentItem, lockItem, postponeItems, readItem, updateItem } from '../../db/items';
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
const service = <T>(work: (db: Queryable) => Promise<T>) => tenants.database.withService(work);
const quiet = () => service((db) => db.query('update items set deadline_at = null'));
const make = (count: number) => Promise.all(Array.from({ length: count }, () => tenants.item(one)));

describe('the coverage ledger', () => {
  const attachment = () => ({
    ...one,
    ticketId: nextId(),
    commentId: nextId(),
    attachmentId: nextId(),
    foundBy: 'event' as const,
    fileName: 'invoice.pdf',
    contentUrl: 'https://x/',
  });

  it('takes an attachment once, however many announce it at the same moment', async () => {
    const row = attachment();
    const ids = await Promise.all(Array.from({ length: 20 }, () => inside((db) => insertAttachmentItem(db, row))));
    expect(ids.filter((id) => id !== undefined)).toHaveLength(1);
    const sql = 'select count(*)::int as count from items where source_id = $1';
    expect((await inside((db) => db.query(sql, [row.attachmentId]))).rows).toEqual([{ count: 1 }]);
  });

  it('keeps what the first announcement said', async () => {
    const row = attachment();
    const id = await inside((db) => insertAttachmentItem(db, row));
    await inside((db) => insertAttachmentItem(db, { ...row, fileName: 'other.exe', contentUrl: 'https://evil/' }));
    expect(await inside((db) => readItem(db, id ?? ''))).toMatchObject({
      file_name: 'invoice.pdf',
      content_url: 'https://x/',
      state: 'pending',
      verdict: 'pending',
      machine_verdict: 'pending',
    });
  });

  it('tells the same attachment on two tickets apart, as a merge makes them', async () => {
    const row = attachment();
    expect(await inside((db) => insertAttachmentItem(db, row))).toBeDefined();
    expect(await inside((db) => insertAttachmentItem(db, { ...row, ticketId: nextId() }))).toBeDefined();
  });

  it('lets a second writer wait for the first and see what it did', async () => {
    const [id = ''] = await make(1);
    let second: Promise<unknown> = Promise.resolve();
    await inside(async (db) => {
      await lockItem(db, id);
      second = inside((other) => lockItem(other, id));
      await updateItem(db, id, { state: 'noted' });
    });
    expect(await second).toMatchObject({ state: 'noted' });
  });

  it('changes only the columns of a life, and leaves absent ones alone', async () => {
    const [id = ''] = await make(1);
    const foreign = { state: 'noted', file_name: 'x', organisation_id: 'y' } as const;
    await inside((db) => updateItem(db, id, foreign));
    expect(await inside((db) => readItem(db, id))).toMatchObject({
      state: 'noted',
      file_name: 'a.pdf',
      organisation_id: one.organisationId,
      machine_verdict: 'pending',
    });
  });

  it('refuses a state that is no word of the product', async () => {
    const [id = ''] = await make(1);
    const change = { state: 'lost' as 'gone' };
    await expect(inside((db) => updateItem(db, id, change))).rejects.toMatchObject({ code: '23514' });
  });
});

describe('claims', () => {
  beforeEach(quiet);

  it('of two dispatchers at the same moment are disjoint, and together everything', async () => {
    const ids = await make(40);
    const first = new Client({ connectionString: tenants.ownerUrl });
    const second = new Client({ connectionString: tenants.ownerUrl });
    await Promise.all([first.connect(), second.connect()]);
    try {
      await Promise.all([first.query('begin'), second.query('begin')]);
      // The first transaction is still open: the second must neither wait for it nor get its rows.
      const mine = await claimDueItems(first, 25, 60);
      const others = await claimDueItems(second, 25, 60);
      await Promise.all([first.query('commit'), second.query('commit')]);
      expect([mine.length, others.length]).toEqual([25, 15]);
      expect(new Set([...mine, ...others].map((row) => row.id))).toEqual(new Set(ids));
    } finally {
      await Promise.all([first.end(), second.end()]);
    }
  });

  it('come back when a dispatcher dies before it commits', async () => {
    const [id] = await make(1);
    const dying = service(async (db) => {
      expect(await claimDueItems(db, 10, 60)).toHaveLength(1);
      throw new Error('killed');
    });
    await expect(dying).rejects.toThrow('killed');
    expect((await service((db) => claimDueItems(db, 10, 60))).map((row) => row.id)).toEqual([id]);
  });

  it('hold for their lease, which grows up to ten minutes', async () => {
    const [id] = await make(1);
    const lease = async (): Promise<number> => {
      await service((db) => db.query('update items set deadline_at = now() where id = $1', [id]));
      await service((db) => claimDueItems(db, 10, 60));
      const sql = 'select round(extract(epoch from deadline_at - now()))::int as left from items where id = $1';
      return (await service((db) => db.query<{ left: number }>(sql, [id]))).rows[0]?.left ?? 0;
    };
    const leases: number[] = [];
    for (let count = 0; count < 12; count += 1) leases.push(await lease());
    expect(Math.abs((leases[0] ?? 0) - 60)).toBeLessThanOrEqual(1);
    expect(Math.abs((leases[1] ?? 0) - 120)).toBeLessThanOrEqual(1);
    expect(Math.max(...leases)).toBeLessThanOrEqual(600);
    expect(await service((db) => claimDueItems(db, 10, 60))).toEqual([]);
  });

  it('are brought forward when Temporal did not take them, and never put off by that', async () => {
    const [id = ''] = await make(1);
    const left = async () => {
      const sql = 'select extract(epoch from deadline_at - now())::float8 as left from items where id = $1';
      return (await service((db) => db.query<{ left: number }>(sql, [id]))).rows[0]?.left ?? 0;
    };
    await service((db) => claimDueItems(db, 10, 60));
    await service((db) => postponeItems(db, [id], 3));
    expect(await left()).toBeLessThanOrEqual(3);
    await service((db) => postponeItems(db, [id], 1000));
    expect(await left()).toBeLessThanOrEqual(3);
  });

  it('take the most overdue rows first and never more than asked for', async () => {
    const ids = await make(5);
    for (const [index, id] of ids.entries()) {
      const sql = `update items set deadline_at = now() - $2::int * interval '1 minute' where id = $1`;
      await service((db) => db.query(sql, [id, index]));
    }
    const claimed = await service((db) => claimDueItems(db, 2, 60));
    expect(claimed.map((row) => row.id).sort()).toEqual(ids.slice(-2).sort());
  });

  it('leave rows alone on which no work is open', async () => {
    const [id = ''] = await make(1);
    await inside((db) => updateItem(db, id, { deadline_at: null }));
    expect(await service((db) => claimDueItems(db, 10, 60))).toEqual([]);
  });
});
