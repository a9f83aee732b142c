import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CHEAP, Visitor } from '../api/sign-ins';
import { openStation } from '../api/support';
import type { Station } from '../api/support';

const run = promisify(execFile);
const script = join(__dirname, '../../dist/cli/invite-operator.js');
const email = 'kim@operator.example';
const password = 'Kieselweg im Juniregen 7';
let station: Station;

beforeAll(async () => {
  station = await openStation({ signIn: { passwordCost: CHEAP } });
});
afterAll(() => station.close());

const invite = (...args: string[]) =>
  run(process.execPath, [script, ...args], {
    env: { DATABASE_URL: station.appUrl, LAZARET_PUBLIC_URL: 'http://lazaret.test' },
  });

test('the printed link makes one of the operator’s people, once', async () => {
  const { stdout } = await invite('support', email);
  expect(stdout).toMatch(/^http:\/\/lazaret\.test\/accept-invitation#[\w-]{43}\n$/u);
  const body = { token: stdout.trim().split('#')[1], name: 'Kim', password };
  const accept = () => new Visitor(station).send('POST', '/api/v1/invitation-acceptances', body);
  expect((await accept()).body).toMatchObject({ role: 'support', organisationId: null });
  expect((await accept()).status).toBe(410);
  expect((await new Visitor(station).signIn(email, password)).body.rights).toContain('organisations.create');
  await expect(invite('analyst', email)).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('already') });
});

test.each([
  ['a role that invites over the network', ['admin', 'a@b.example']],
  ['no address', ['support', 'kim']],
  ['more words than two', ['support', 'a@b.example', 'c']],
])('%s is refused with the usage', async (_what, args) => {
  await expect(invite(...args)).rejects.toMatchObject({ code: 3, stderr: expect.stringContaining('usage:') });
});
