import { activate as activateIn } from './activating';
import { openHouse, quietTemporal } from './zendesk-house';
import type { House } from './zendesk-house';

/** The house of the test file that imports this, with a worker: there when its first test begins, gone after its last. */
export let house: House;
let worker: { stop(): Promise<void> };

beforeAll(async () => {
  quietTemporal();
  house = await openHouse();
  worker = await house.startWorker();
}, 120_000);
afterAll(async () => {
  await worker?.stop();
  await house?.close();
});
afterEach(async () => {
  house.checkpoints.at = undefined;
  house.patience.ms = 4000;
  await house.control('DELETE', '/faults');
});

/** Ends the worker; what it had in hand is taken up by the next one. */
export const stopWorker = (): Promise<void> => worker.stop();

/** Starts a worker in place of the one that was stopped. */
export async function startAnotherWorker(): Promise<void> {
  worker = await house.startWorker();
}

type Rest<T> = T extends (first: never, ...rest: infer R) => unknown ? R : never;
/** Goes through the pages and the workflow of an activation in this house. */
export const activate = (...rest: Rest<typeof activateIn>) => activateIn(house, ...rest);

/** Webhooks that stand at an account. */
export const webhooksOf = (account: { id: number }) => house.simulator.world.webhooks.inGroup(account.id);
/** Triggers that stand at an account. */
export const triggersOf = (account: { id: number }) => house.simulator.world.triggers.inGroup(account.id);
