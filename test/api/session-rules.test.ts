import { createPasswords } from '../../api/session/passwords';
import { createCookies } from '../../api/session/tokens';
import { savePassword } from '../../db/users';
import { addPerson, CHEAP, PASSWORD, Visitor } from './sign-ins';
import { openStation } from './support';
import type { Station } from './support';

let station: Station;
beforeAll(async () => {
  station = await openStation({ signIn: { passwordCost: CHEAP } });
});
afterAll(() => station.close());

const count = async (sql: string, values: unknown[]): Promise<number> =>
  (await station.database.withService((db) => db.query(sql, values))).rowCount ?? 0;

test('the last admin of an organisation cannot be disabled or made a viewer, nor two of them at once', async () => {
  const add = (email: string) => addPerson(station.database, { role: 'admin', organisationId: station.b.id, email });
  const change = (id: string, body: object) => station.call('PATCH', `/api/v1/people/${id}`, station.b.admin, body);
  const last = await add('last@borealis.example');
  for (const body of [{ disabled: true }, { role: 'viewer' }]) {
    const { status, body: problem } = await change(last, body);
    expect([status, problem.type]).toEqual([409, 'urn:lazaret:problem:last_admin']);
  }
  const other = await add('other@borealis.example');
  // Both at once: one of them stays.
  const both = await Promise.all([last, other].map((id) => change(id, { disabled: true })));
  expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
});

test('a person gets five links for a new password in an hour', async () => {
  const email = 'forgetful@acme.example';
  await addPerson(station.database, { role: 'viewer', organisationId: station.a.id, email });
  const mails = () => count('select from email_outbox where address = $1', [email]);
  for (let asked = 1; asked <= 7; asked += 1) {
    await new Visitor(station).send('POST', '/api/v1/password-resets', { email });
    while (asked <= 5 && (await mails()) < asked) await new Promise((resolve) => setImmediate(resolve));
  }
  // A request of somebody else comes after the last two: what they had to do is done.
  await addPerson(station.database, { role: 'viewer', organisationId: station.a.id, email: 'next@acme.example' });
  await new Visitor(station).send('POST', '/api/v1/password-resets', { email: 'next@acme.example' });
  const next = () => count('select from email_outbox where address = $1', ['next@acme.example']);
  while ((await next()) === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(await mails()).toBe(5);
});

test('a password that was hashed at another cost is hashed anew at the next sign-in', async () => {
  const email = 'old@acme.example';
  const id = await addPerson(station.database, { role: 'viewer', organisationId: station.a.id, email });
  const old = await createPasswords({ memoryCost: 128, timeCost: 1, parallelism: 1 }).hash(PASSWORD);
  await station.database.withService((db) => savePassword(db, id, old));
  expect((await new Visitor(station).signIn(email)).status).toBe(201);
  expect(await count(`select from users where id = $1 and password_hash like '%m=64,%'`, [id])).toBe(1);
  expect((await new Visitor(station).signIn(email)).status).toBe(201);
});

test('over https the cookie is bound to the host and never sent without TLS', () => {
  const given: unknown[][] = [];
  const response = { cookie: (...all: unknown[]) => given.push(all) };
  createCookies('https://lazaret.example').write(response as never, 'session', 'x'.repeat(43));
  expect(given[0]?.[0]).toBe('__Host-lazaret_session');
  expect(given[0]?.[2]).toMatchObject({ secure: true, httpOnly: true, path: '/', sameSite: 'lax' });
});
