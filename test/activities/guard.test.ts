import { MockActivityEnvironment } from '@temporalio/testing';
import { BudgetError } from '../../activities/budget';
import type { ActivityDeps } from '../../activities/deps';
import { guard, guardItem } from '../../activities/guard';
import { readItem, updateItem } from '../../db/items';
import { openTenants } from '../db/tenants';
import type { Tenant, Tenants } from '../db/tenants';

let tenants: Tenants;
let one: Tenant;
beforeAll(async () => {
  tenants = await openTenants();
  one = await tenants.tenant();
});
afterAll(() => tenants.close());

function stage() {
  const lines: string[] = [];
  const write = (fields: object, message: string): void => void lines.push(JSON.stringify({ ...fields, message }));
  const part: Pick<ActivityDeps, 'database' | 'log'> = {
    database: tenants.database,
    log: { info: write, warn: write, error: write },
  };
  return { deps: part as ActivityDeps, lines };
}

describe('the guard of an activity', () => {
  it('says that the activity lives for as long as it works, and stops when it ends', async () => {
    const environment = new MockActivityEnvironment({ heartbeatTimeoutMs: 400 });
    let beats = 0;
    const twice = new Promise<void>((resolve) =>
      environment.on('heartbeat', () => void ((beats += 1) === 2 && resolve())),
    );
    const answer = await environment.run(() =>
      guard(stage().deps, 'inspectAttachment', () => twice.then(() => 'answer')),
    );
    expect([answer, beats]).toEqual(['answer', 2]);
  });

  it('names failures, and keeps the text of a stranger out of failure and log', async () => {
    const { deps, lines } = stage();
    const work = () => guard(deps, 'inspectAttachment', () => Promise.reject(new Error('bad name: salary.xlsx')));
    const failed = new MockActivityEnvironment({ attempt: 3 }).run(work);
    await expect(failed).rejects.toMatchObject({ type: 'Unexpected', nonRetryable: false });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('"attempt":3');
    expect(lines[0]).toContain('guard.test');
    expect(lines[0]).not.toContain('salary');
  });

  it.each([
    ['pending', 'waiting', 'zendesk_budget'],
    ['scanning', 'waiting', 'zendesk_budget'],
    ['held', 'held', null],
    ['clean', 'clean', null],
  ] as const)('shows on a %s item why it waits, and leaves settled ones alone', async (before, state, reason) => {
    const itemId = await tenants.item(one);
    const inside = tenants.database.withOrganisation.bind(tenants.database, one.organisationId);
    await inside((db) => updateItem(db, itemId, { state: before }));
    const work = () => guardItem(stage().deps, 'x', { ...one, itemId }, () => Promise.reject(new BudgetError(5000)));
    await expect(new MockActivityEnvironment().run(work)).rejects.toMatchObject({ type: 'ZendeskBudget' });
    const row = await tenants.database.withOrganisation(one.organisationId, (db) => readItem(db, itemId));
    expect(row).toMatchObject({ state, state_reason: reason });
  });
});
