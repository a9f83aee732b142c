import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from '../../api/create-app';
import { createClockWatch } from '../../api/hook-clock';
import { hookRoutes } from '../../api/routes/hooks';
import { deliver as deliverTo, desk as openDesk, linked, rows as rowsOf, TEST_SECRET } from '../support/deliveries';
import type { Desk, Sending } from '../support/deliveries';
import { openHouse } from '../support/zendesk-house';
import type { House } from '../support/zendesk-house';

let house: House;
let server: Server;
let url: string;
/** How far our clock is ahead of Zendesk's, in milliseconds. */
let aheadMs = 0;
let errors: string[] = [];
const clock = (): Date => new Date(Date.now() + aheadMs);
const MINUTE = 60_000;

beforeAll(async () => {
  house = await openHouse();
}, 60_000);
afterAll(async () => {
  await house?.close();
});
beforeEach(async () => {
  aheadMs = 0;
  errors = [];
  const log = { info() {}, warn() {}, error: (_fields: object, message: string) => void errors.push(message) };
  const deps = { ...house.apiDeps, clock, log };
  const clocks = createClockWatch(clock);
  const { app } = createApp({
    ...deps,
    version: '0',
    openSealed: async () => undefined,
    checks: { clock: clocks.check },
    modules: [hookRoutes(deps, clocks)],
  });
  server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

const deliver = (to: Desk, more: Sending = {}) => deliverTo(house, to, linked(to), { ...more, url });
const clockCheck = async () => {
  const answer = await fetch(`${url}/readyz`);
  const { checks } = (await answer.json()) as { checks: { clock: { ok: boolean; problem: string | null } } };
  return { status: answer.status, ...checks.clock };
};

test.each([
  ['ahead', 8 * MINUTE, "deliveries are signed 8 minutes off our clock, which seems to be ahead of Zendesk's"],
  ['behind', -7 * MINUTE, "deliveries are signed 7 minutes off our clock, which seems to be behind Zendesk's"],
])('asks for a repetition of genuine deliveries while our clock is %s, and says so', async (_side, offMs, said) => {
  const to = await openDesk(house);
  aheadMs = offMs;
  const answer = await deliver(to);
  expect([answer.status, answer.headers['retry-after']]).toEqual([503, '30']);
  expect(await rowsOf(house, to)).toMatchObject({ items: [], intake: [] });
  expect(errors).toContain('a genuine delivery is signed off our clock; it is not recorded');
  expect(await clockCheck()).toMatchObject({ status: 503, ok: false, problem: expect.stringContaining(said) });
  aheadMs = 0;
  expect((await deliver(to)).status).toBe(200);
  expect((await rowsOf(house, to)).items).toHaveLength(1);
  expect(await clockCheck()).toMatchObject({ status: 200, ok: true });
});

test('never records a replay, and takes it for no sign of a wrong clock', async () => {
  const to = await openDesk(house);
  const at = Date.now();
  expect((await deliver(to, { at: at + 1000 })).status).toBe(200);
  const before = await rowsOf(house, to);
  aheadMs = 6 * MINUTE;
  expect((await deliver(to, { at, invocation: 'same' })).status).toBe(503);
  expect(await rowsOf(house, to)).toEqual(before);
  expect(await clockCheck()).toMatchObject({ status: 200, ok: true });
});

test.each([
  ['forged', { secret: 'guess' }],
  ["signed with Zendesk's public secret for tests", { secret: TEST_SECRET }],
  ["another account's", { accountHeader: '1' }],
])('refuses for good a delivery off our clock that is %s', async (_what, sending) => {
  const to = await openDesk(house);
  aheadMs = 8 * MINUTE;
  expect((await deliver(to, sending)).status).toBe(401);
  expect(await clockCheck()).toMatchObject({ status: 200, ok: true });
});
