import { MockActivityEnvironment } from '@temporalio/testing';
import { BudgetError, createBudget } from '../../activities/budget';
import { openTenants } from '../db/tenants';
import type { Tenants } from '../db/tenants';

let tenants: Tenants;
beforeAll(async () => {
  tenants = await openTenants();
});
afterAll(() => tenants.close());

const open = async (share = 0.6) => createBudget({ database: tenants.database, ...(await tenants.tenant()), share });

describe("Zendesk's budget in an activity", () => {
  it('gives our share of the smallest plan and then says when to ask again', async () => {
    const budget = await open();
    for (let count = 0; count < 6; count += 1) await budget.acquire(['incremental'], 'redact');
    const refused = await budget.acquire(['incremental'], 'redact').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(BudgetError);
    expect((refused as BudgetError).waitMs).toBeGreaterThan(3000);
  });

  it('gives at least one request, however small the share', async () => {
    await expect((await open(0.01)).acquire(['incremental'], 'backfill')).resolves.toBeUndefined();
  });

  it('keeps two of the thirty updates of one ticket for notes, and counts each ticket alone', async () => {
    const budget = await open();
    for (let count = 0; count < 28; count += 1) await budget.acquire(['per_ticket_update'], 'redact', '7');
    await expect(budget.acquire(['per_ticket_update'], 'redact', '7')).rejects.toBeInstanceOf(BudgetError);
    for (let count = 0; count < 2; count += 1) await budget.acquire(['per_ticket_update'], 'note', '7');
    await expect(budget.acquire(['per_ticket_update'], 'note', '7')).rejects.toBeInstanceOf(BudgetError);
    await budget.acquire(['per_ticket_update'], 'redact', '8');
  });

  it('believes a 429, and the limit that a header names', async () => {
    const budget = await open();
    await budget.learn('account', { retryAfterMs: 60_000 });
    await expect(budget.acquire(['account'], 'redact')).rejects.toBeInstanceOf(BudgetError);
    await budget.acquire(['search'], 'redact');
    await budget.learn('search', { limit: 5 });
    for (let count = 1; count < 3; count += 1) await budget.acquire(['search'], 'redact');
    await expect(budget.acquire(['search'], 'redact')).rejects.toBeInstanceOf(BudgetError);
  });

  it('waits out a short pause inside the activity', async () => {
    const budget = await open();
    await budget.learn('account', { retryAfterMs: 300 });
    await new MockActivityEnvironment().run(() => budget.acquire(['account'], 'redact'));
  });
});
