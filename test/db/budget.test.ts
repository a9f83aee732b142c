import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { acquireBudgets, blockBudget, learnBudget } from '../../db/rate-buckets';
import type { BudgetRequest } from '../../db/rate-buckets';
import type { Lane } from '../../domain/words';
import { LANES } from '../../domain/words';
import { openTenants } from './tenants';
import type { Tenant, Tenants } from './tenants';

let tenants: Tenants;
let one: Tenant;
beforeAll(async () => {
  tenants = await openTenants();
  one = await tenants.tenant();
});
afterAll(() => tenants.close());

/** Long enough that no part of a window ends within a test. */
const LONG = 3_600_000_000;
const bucket = (requests: number, windowMs = LONG, more: Partial<BudgetRequest> = {}): BudgetRequest => ({
  ...one,
  endpoint: randomUUID(),
  scope: '',
  requests,
  windowMs,
  keptForNotes: 0,
  ...more,
});

const inside = <T>(work: Parameters<typeof tenants.database.withOrganisation<T>>[1]) =>
  tenants.database.withOrganisation(one.organisationId, work);
const ask = async (of: BudgetRequest, lane: Lane): Promise<number> =>
  (await inside((db) => acquireBudgets(db, lane, [of]))).waitMs;

/** Asks until the bucket says no. @returns how many were given */
async function drain(of: BudgetRequest, lane: Lane): Promise<number> {
  let given = 0;
  while ((await ask(of, lane)) === 0) given += 1;
  return given;
}

/** Lets so many of the 21 parts of the window pass, without waiting for it. */
const turnWindow = (of: BudgetRequest, parts = 21) =>
  inside((db) =>
    db.query(
      `update rate_buckets set newest_part = newest_part - $2::int,
         used = used[($2::int % 21) * 7 + 1:147] || used[1:($2::int % 21) * 7] where endpoint = $1`,
      [of.endpoint, parts],
    ),
  );

describe('a limit', () => {
  it.each([1, 6, 60, 120, 300])('of %d a window gives that many to the most urgent lane and no more', async (limit) => {
    expect(await drain(bucket(limit), 'redact')).toBe(limit);
  });

  it.each([1, 6, 60])('of %d a window is not exceeded by all lanes together', async (limit) => {
    const of = bucket(limit);
    let given = 0;
    for (const lane of [...LANES].reverse()) given += await drain(of, lane);
    expect(given).toBeLessThanOrEqual(limit);
    expect(given + (await drain(of, 'redact'))).toBeLessThanOrEqual(limit);
  });

  it.each(LANES)('of a handful still gives something to the lane %s when nobody else asks', async (lane) => {
    expect(await drain(bucket(6), lane)).toBeGreaterThanOrEqual(1);
    expect(await drain(bucket(1), lane)).toBe(1);
  });

  it('counts each endpoint, ticket and connection by itself', async () => {
    const of = bucket(2);
    await drain(of, 'redact');
    expect(await ask({ ...of, scope: '7' }, 'redact')).toBe(0);
    expect(await ask(bucket(2), 'redact')).toBe(0);
    const other = await tenants.tenant();
    const elsewhere = { ...of, ...other };
    const answer = await tenants.database.withOrganisation(other.organisationId, (db) =>
      acquireBudgets(db, 'redact', [elsewhere]),
    );
    expect(answer).toEqual({ taken: 1, waitMs: 0, left: [1] });
  });

  it('is taken together with others, no further than the first that has nothing', async () => {
    const [plenty, empty, last] = [bucket(5), bucket(1), bucket(5)];
    await drain(empty, 'redact');
    const answer = await inside((db) => acquireBudgets(db, 'redact', [plenty, empty, last]));
    expect(answer).toMatchObject({ taken: 1, left: [4] });
    expect(answer.waitMs).toBeGreaterThan(0);
    expect(await drain(last, 'redact')).toBe(5);
  });

  it('is whole again when its window has passed, and a part of it when a part has', async () => {
    const of = bucket(40);
    expect(await drain(of, 'redact')).toBe(40);
    await turnWindow(of, 20);
    expect(await drain(of, 'redact')).toBe(0);
    await turnWindow(of, 1);
    expect(await drain(of, 'redact')).toBe(40);
  });

  it('is held in every window while eight callers take all they can get', async () => {
    const of = bucket(20, 400);
    const clients = Array.from({ length: 8 }, () => new Client({ connectionString: tenants.ownerUrl }));
    await Promise.all(clients.map((client) => client.connect()));
    // When a request was given lies between the two times, so that a window found too full surely was.
    const given: { before: number; after: number; lane: Lane }[] = [];
    const now = 'extract(epoch from clock_timestamp())::float8 * 1000';
    const sql = `select ${now} as before, acquire_budget($1, $2, $3, '', $4, 1, 20, 400, 0) as wait, ${now} as after`;
    const take = async (client: Client, lane: Lane): Promise<void> => {
      for (let asked = 0; asked < 100; asked += 1) {
        const values = [of.organisationId, of.connectionId, of.endpoint, LANES.indexOf(lane) + 1];
        const { rows } = await client.query<{ wait: number; before: number; after: number }>(sql, values);
        for (const { wait, before, after } of rows) {
          if (wait === 0) given.push({ before, after, lane });
          else await new Promise((resolve) => setTimeout(resolve, Math.min(wait, 20)));
        }
      }
    };
    await Promise.all(clients.map((client, index) => take(client, LANES[index % LANES.length] ?? 'scan')));
    await Promise.all(clients.map((client) => client.end()));
    const windows = given.map(
      ({ before: from }) => given.filter((one) => one.before >= from && one.after < from + 400).length,
    );
    expect(given.length).toBeGreaterThan(40);
    expect(Math.max(...windows)).toBeLessThanOrEqual(20);
    // Nobody starves, whoever else asks.
    expect(LANES.filter((lane) => !given.some((one) => one.lane === lane))).toEqual([]);
  });
});

describe('lanes', () => {
  it('leave a redaction what it needs at once while backfill takes all that it may', async () => {
    const of = bucket(120);
    const backfill = await drain(of, 'backfill');
    expect(backfill).toBeGreaterThan(60);
    expect(await drain(of, 'redact')).toBeGreaterThanOrEqual(40);
  });

  it('are served in their order: the more urgent one gets more of what is left', async () => {
    const got: number[] = [];
    for (const lane of LANES) got.push(await drain(bucket(100), lane));
    expect(got).toEqual([...got].sort((a, b) => b - a));
    expect(new Set(got).size).toBe(LANES.length);
  });

  it('keep a twentieth for backfill in every window while redactions take all that they may', async () => {
    const of = bucket(120);
    expect(await drain(of, 'redact')).toBe(120);
    expect(await ask(of, 'backfill')).toBeGreaterThan(0);
    // It has asked: of what comes back, its twentieth is its own.
    await turnWindow(of);
    expect(await drain(of, 'redact')).toBe(114);
    expect(await drain(of, 'backfill')).toBe(6);
    expect(await drain(of, 'redact')).toBe(0);
  });

  it('that asked nothing within the window keep nothing from the others', async () => {
    const of = bucket(120);
    await ask(of, 'backfill');
    await inside((db) =>
      db.query('update rate_buckets set asked[6] = asked[6] - $2 where endpoint = $1', [of.endpoint, LONG]),
    );
    await turnWindow(of);
    expect(await drain(of, 'redact')).toBe(120);
  });

  it('leave two updates of one ticket to notes', async () => {
    const of = bucket(30, LONG, { scope: '7', keptForNotes: 2 });
    expect((await drain(of, 'redact')) + (await drain(of, 'release'))).toBe(28);
    expect(await drain(of, 'note')).toBe(2);
  });
});

describe('what Zendesk says', () => {
  it('of waiting is believed at once, by everybody', async () => {
    const of = bucket(100);
    expect(await ask(of, 'redact')).toBe(0);
    await inside((db) => blockBudget(db, { ...of, ms: 30_000 }));
    const waits = await Promise.all(LANES.map((lane) => ask(of, lane)));
    expect(Math.min(...waits)).toBeGreaterThan(25_000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(30_000);
  });

  it('of waiting is believed although nobody has used that limit yet', async () => {
    const of = bucket(100);
    await inside((db) => blockBudget(db, { ...of, ms: 30_000 }));
    expect(await ask(of, 'redact')).toBeGreaterThan(25_000);
  });

  it('of waiting is not shortened by a later, shorter word', async () => {
    const of = bucket(100);
    await inside((db) => blockBudget(db, { ...of, ms: 60_000 }));
    await inside((db) => blockBudget(db, { ...of, ms: 1000 }));
    expect(await ask(of, 'redact')).toBeGreaterThan(55_000);
  });

  it('of waiting ends with its time', async () => {
    const of = bucket(100);
    await inside((db) => blockBudget(db, { ...of, ms: -1 }));
    expect(await ask(of, 'redact')).toBe(0);
  });

  it('of its limit counts from then on, in both directions', async () => {
    const of = bucket(10);
    expect(await drain(of, 'redact')).toBe(10);
    await inside((db) => learnBudget(db, { ...of, requests: 50, left: undefined }));
    expect(await drain(of, 'redact')).toBe(40);
    await inside((db) => learnBudget(db, { ...of, requests: 20, left: undefined }));
    await turnWindow(of);
    expect(await drain(of, 'redact')).toBe(20);
  });

  it('of what is left counts where others draw on the same limit behind our back', async () => {
    const of = bucket(30);
    expect(await ask(of, 'redact')).toBe(0);
    await inside((db) => learnBudget(db, { ...of, left: 4 }));
    expect(await drain(of, 'redact')).toBe(4);
    // Said again of the same state it changes nothing, and more left than we think gives nothing away.
    await inside((db) => learnBudget(db, { ...of, left: 0 }));
    await inside((db) => learnBudget(db, { ...of, left: 30 }));
    expect(await drain(of, 'redact')).toBe(0);
  });

  it('tells how long to wait: never longer than a window, never nothing', async () => {
    const of = bucket(5, 60_000);
    await drain(of, 'redact');
    const wait = await ask(of, 'redact');
    expect(wait).toBeGreaterThanOrEqual(1);
    expect(wait).toBeLessThanOrEqual(60_000);
  });
});
