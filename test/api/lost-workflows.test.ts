import { dispatchDue } from '../../api/dispatcher';
import type { WorkflowStart, WorkflowStarter } from '../../api/workflow-starter';
import { updateConnection } from '../../db/connections';
import type { ConnectionPatch } from '../../db/connections';
import { desk } from '../support/deliveries';
import { openHouse } from '../support/zendesk-house';
import type { House } from '../support/zendesk-house';

let house: House;
let asked: string[] = [];
let temporalAway = false;

beforeAll(async () => {
  house = await openHouse();
  house.apiDeps.startWorkflow = async (_name, workflowId) => {
    if (temporalAway) throw new Error('Temporal is away');
    asked.push(workflowId);
  };
}, 60_000);
afterAll(async () => {
  await house?.close();
});
beforeEach(() => {
  asked = [];
  temporalAway = false;
});

/** A connection as it is in the record, whatever Temporal knows of it. */
async function recorded(patch: ConnectionPatch) {
  const to = await desk(house);
  await house.database.withOrganisation(to.organisationId, (db) => updateConnection(db, to.id, patch));
  return { ...to, admin: await house.key('admin', to.organisationId), row: await house.connection(to.id) };
}
async function dispatch(): Promise<WorkflowStart[]> {
  const started: WorkflowStart[] = [];
  const take = async (start: WorkflowStart): Promise<void> => void started.push(start);
  const starter: WorkflowStarter = { start: take, signalWithStart: (start, _signal, ..._args) => take(start) };
  const pace = { heartbeatMs: 1000, noteWindowMs: 1 };
  await dispatchDue({ database: house.database, starter, pace, log: { error: () => undefined } });
  return started;
}
const past = () => new Date(Date.now() - 1000);
const future = () => new Date(Date.now() + 60_000);

test('starts an activation again from its row when its deadline has passed, once a lease', async () => {
  const { id, organisationId } = await recorded({ state: 'activating', deadlineAt: past() });
  const ref = { organisationId, connectionId: id };
  expect(await dispatch()).toEqual([
    { workflow: 'channelActivation', workflowId: `activation:${id}`, input: ref, search: ref },
  ]);
  expect(await dispatch()).toEqual([]);
});

test.each<[string, () => ConnectionPatch]>([
  ['is connected', () => ({ state: 'connected', deadlineAt: past() })],
  ['is deactivated', () => ({ state: 'deactivated', deactivationAskedAt: past(), deadlineAt: past() })],
  ['began a moment ago', () => ({ state: 'activating', deadlineAt: future() })],
])('starts nothing for a connection that %s', async (_what, patch) => {
  await recorded(patch());
  expect(await dispatch()).toEqual([]);
});

test('keeps the wish to take a connection down while Temporal is away, and starts it later', async () => {
  const { id, organisationId, admin } = await recorded({ state: 'connected' });
  temporalAway = true;
  const path = `/api/v1/organisations/${organisationId}/channels/zendesk/connection`;
  expect((await house.call('POST', `${path}/deactivate`, admin)).status).toBe(202);
  expect((await house.call('POST', `${path}/check`, admin)).status).toBe(503);
  expect((await house.connection(id)).deactivationAskedAt).not.toBeNull();
  expect(await dispatch()).toEqual([]);
  await house.database.withOrganisation(organisationId, (db) => updateConnection(db, id, { deadlineAt: past() }));
  expect(await dispatch()).toMatchObject([{ workflow: 'channelDeactivation', workflowId: `deactivation:${id}` }]);
});

test('starts a lost activation again when an admin asks, and says that it is under way', async () => {
  const { id, organisationId, admin, row } = await recorded({ state: 'activating' });
  const path = `/api/v1/organisations/${organisationId}/channels/zendesk/activation`;
  const answer = await house.call('POST', path, admin, { subdomain: row.subdomain });
  expect([answer.status, asked]).toEqual([409, [`activation:${id}`]]);
  expect(answer.body.remedy).toContain('was started again');
});
