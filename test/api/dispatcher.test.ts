import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { createDispatcher, dispatchDue } from '../../api/dispatcher';
import type { DispatcherDeps } from '../../api/dispatcher';
import type { WorkflowStart, WorkflowStarter } from '../../api/workflow-starter';
import { LAZARET } from '../../db/audit-events';
import { recordDecision } from '../../db/decisions';
import { insertMail } from '../../db/email-outbox';
import { updateItem } from '../../db/items';
import { insertNoteEntry } from '../../db/notes';
import { lockObject } from '../../db/objects';
import { insertTicketIntake } from '../../db/ticket-intake';
import { attachmentReviewId, ticketIntakeId, ticketNotesId } from '../../domain/ids';
import { nextId, openTenants } from '../db/tenants';
import type { Tenant, Tenants } from '../db/tenants';
import { openStage, PACE } from '../workflows/stage';
import type { Stage } from '../workflows/stage';

let tenants: Tenants;
let one: Tenant;
beforeAll(async () => {
  tenants = await openTenants();
  one = await tenants.tenant();
});
afterAll(() => tenants.close());

interface Started {
  workflowId: string;
  signal?: string;
  args?: unknown[];
  start: WorkflowStart;
}

/** Records what would reach Temporal; refuses everything while it is down. */
function recorder() {
  const started: Started[] = [];
  const state = { down: false };
  const waiters: (() => void)[] = [];
  const take = async (entry: Started): Promise<void> => {
    if (state.down) throw new Error('Temporal is away');
    started.push(entry);
    for (const wake of waiters.splice(0)) wake();
  };
  const starter: WorkflowStarter = {
    start: (start) => take({ workflowId: start.workflowId, start }),
    signalWithStart: (start, signal, ...args) =>
      take({ workflowId: start.workflowId, signal: signal.name, args, start }),
  };
  /** Resolves when this workflow was asked for. */
  const reached = async (workflowId: string): Promise<void> => {
    while (!started.some((entry) => entry.workflowId === workflowId)) {
      await new Promise<void>((resolve) => waiters.push(resolve));
    }
  };
  return { started, state, starter, reached, of: (id: string) => started.filter((entry) => entry.workflowId === id) };
}

const quiet = { error: () => undefined };
const depsOf = (starter: WorkflowStarter, pollMs = 3_600_000): DispatcherDeps => ({
  database: tenants.database,
  starter,
  pace: PACE,
  log: quiet,
  pollMs,
});

async function item(attachmentId = nextId()): Promise<{ itemId: string; workflowId: string; ticketId: string }> {
  const ticketId = nextId();
  const itemId = await tenants.item(one, { ticketId, attachmentId });
  return {
    itemId,
    ticketId,
    workflowId: attachmentReviewId({ connectionId: one.connectionId, ticketId, attachmentId }),
  };
}

const service = (sql: string, values: unknown[] = []) => tenants.database.withService((db) => db.query(sql, values));
/** Nothing of an earlier test is due. */
beforeEach(async () => {
  for (const table of ['items', 'note_entries', 'ticket_intake'])
    await service(`update ${table} set deadline_at = null`);
  await service('update email_outbox set next_attempt_at = null');
});

const mail = () => ({ kind: 'note', address: 'a@example.org', subject: 's', text: 't', html: 'h' });

async function everything() {
  const { itemId, ticketId, workflowId } = await item();
  await tenants.database.withOrganisation(one.organisationId, async (db) => {
    const note = { ...one, ticketId, itemId, kind: 'noted' as const, key: randomUUID() };
    await insertNoteEntry(db, note);
    await insertTicketIntake(db, { ...one, ticketId, cause: 'trigger', deliveryKey: randomUUID() });
    await insertMail(db, { ...mail(), organisationId: one.organisationId, messageId: `<${randomUUID()}@x>` });
  });
  return [workflowId, ticketNotesId(one.connectionId, ticketId), ticketIntakeId(one.connectionId, ticketId)];
}

describe('one pass', () => {
  it('starts everything that is due once, with ids only, and nothing the next time', async () => {
    const temporal = recorder();
    const ids = await everything();
    await dispatchDue(depsOf(temporal.starter));
    const names = temporal.started.map((entry) => entry.start.workflow).sort();
    expect(names).toEqual(['attachmentReview', 'mailDelivery', 'ticketIntake', 'ticketNotes']);
    expect(ids.map((id) => temporal.of(id).length)).toEqual([1, 1, 1]);
    expect(temporal.of(ids[1] ?? '')[0]?.signal).toBe('notes');
    expect(JSON.stringify(temporal.started)).not.toMatch(/a\.pdf|https:|example\.org/);
    await dispatchDue(depsOf(temporal.starter));
    expect(temporal.started).toHaveLength(4);
  });

  it('delivers a decision by its id, by a message that also starts the workflow', async () => {
    const temporal = recorder();
    const { itemId, workflowId } = await item();
    const outcome = await tenants.database.withOrganisation(one.organisationId, async (db) => {
      await lockObject(db, one.organisationId, 'e'.repeat(64), 3);
      await updateItem(db, itemId, { sha256: 'e'.repeat(64), length: 3, state: 'held', deadline_at: null });
      const person = { actorId: LAZARET.id, actorRole: 'analyst' as const, reason: 'looked' };
      return recordDecision(db, { organisationId: one.organisationId, itemId, verdict: 'clean', ...person });
    });
    await dispatchDue(depsOf(temporal.starter));
    const decisionId = outcome.outcome === 'decided' ? outcome.decision.id : '';
    expect(temporal.of(workflowId)).toMatchObject([{ signal: 'verdict', args: [{ decisionId }] }]);
  });

  it('leaves rows due while Temporal is away, each kind of them, and starts them soon after it is back', async () => {
    const temporal = recorder();
    const ids = await everything();
    temporal.state.down = true;
    await dispatchDue(depsOf(temporal.starter));
    expect(temporal.started).toEqual([]);
    const { rows } = await service(
      `select max(at)::float8 as latest, count(*)::int as count from (
         select extract(epoch from deadline_at - now()) as at from items union all
         select extract(epoch from deadline_at - now()) from note_entries union all
         select extract(epoch from deadline_at - now()) from ticket_intake union all
         select extract(epoch from next_attempt_at - now()) from email_outbox) due where at is not null`,
    );
    expect(rows[0]?.['count']).toBe(4);
    expect(rows[0]?.['latest']).toBeLessThanOrEqual(3);
    temporal.state.down = false;
    for (const table of ['items', 'note_entries', 'ticket_intake']) {
      await service(`update ${table} set deadline_at = now() where deadline_at is not null`);
    }
    await dispatchDue(depsOf(temporal.starter));
    expect(ids.map((id) => temporal.of(id).length)).toEqual([1, 1, 1]);
  });

  it('shares the work with other dispatchers: each row is started by one of them', async () => {
    const temporal = recorder();
    const items = await Promise.all(Array.from({ length: 60 }, () => item()));
    await Promise.all([1, 2, 3].map(() => dispatchDue(depsOf(temporal.starter))));
    expect(items.map(({ workflowId }) => temporal.of(workflowId).length)).toEqual(items.map(() => 1));
  });
});

describe('the dispatcher', () => {
  it('hears of new work at once, without looking by the clock', async () => {
    const temporal = recorder();
    const dispatcher = createDispatcher(depsOf(temporal.starter));
    await dispatcher.start();
    const { workflowId } = await item();
    await temporal.reached(workflowId);
    await dispatcher.stop();
    expect(temporal.of(workflowId)).toHaveLength(1);
  });

  it('finds by the clock what no message told of', async () => {
    const temporal = recorder();
    const { itemId, workflowId } = await item();
    await service('update items set deadline_at = null where id = $1', [itemId]);
    const dispatcher = createDispatcher(depsOf(temporal.starter, 50));
    await dispatcher.start();
    // An update wakes nobody: only inserts do.
    await service('update items set deadline_at = now() where id = $1', [itemId]);
    await temporal.reached(workflowId);
    await dispatcher.stop();
  });

  it('listens again after its database connections are cut', async () => {
    const temporal = recorder();
    const dispatcher = createDispatcher(depsOf(temporal.starter));
    await dispatcher.start();
    const owner = new Client({ connectionString: tenants.ownerUrl });
    await owner.connect();
    const cut = await owner.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'listen%'`,
    );
    expect(cut.rowCount).toBe(1);
    await owner.end();
    const { workflowId } = await item();
    await temporal.reached(workflowId);
    await dispatcher.stop();
  });
});

describe('with a real Temporal', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  }, 120_000);
  afterAll(() => stage.close());

  it('an item that is found due again and again lives once', async () => {
    const { itemId, workflowId } = await item();
    stage.cast(itemId, { inspectAttachment: async () => ({ step: 'hold', holdUntilMs: Date.now() + 3_600_000 }) });
    for (let count = 0; count < 3; count += 1) {
      await service('update items set deadline_at = now() where id = $1', [itemId]);
      await dispatchDue(depsOf(stage.starter));
    }
    await stage.called(itemId, 'inspectAttachment');
    expect(stage.calls(itemId)).toEqual(['inspectAttachment']);
    await stage.handle(workflowId).terminate();
  });
});
