import { randomBytes } from 'node:crypto';
import { URI } from 'otpauth';
import type { TOTP } from 'otpauth';
import { createSecretBox } from '../../quarantine/index';
import { addPerson, CHEAP, PASSWORD, tokenFromMail, Visitor } from './sign-ins';
import { auditOf, openStation } from './support';
import type { Station } from './support';

const NEXT = 'Haselnuss ohne Fahrplan 31';
const box = createSecretBox({ currentId: 'k', keys: { k: randomBytes(32) } });
let station: Station;
let now = new Date('2026-03-01T09:00:00Z');
const later = (ms: number) => (now = new Date(now.getTime() + ms));
let count = 0;

beforeAll(async () => {
  const signIn = { passwordCost: CHEAP, refusedPerMinute: 1000 };
  station = await openStation({ clock: () => now, secretBox: box, signIn });
});
afterAll(() => station.close());

async function admin(): Promise<Visitor & { email: string; id: string }> {
  const email = `person${(count += 1)}@acme.example`;
  const id = await addPerson(station.database, { role: 'admin', organisationId: station.a.id, email });
  const visitor = new Visitor(station);
  await visitor.signIn(email);
  return Object.assign(visitor, { email, id });
}

/** The token of a mail that is queued without being waited for. */
async function mailed(address: string, kind: string): Promise<string> {
  for (;;) {
    const token = await tokenFromMail(station, box, address, kind);
    if (token !== undefined) return token;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('an invitation', () => {
  const path = '/api/v1/invitation-acceptances';
  const invite = async (body: object) => (await admin()).send('POST', '/api/v1/invitations', body);
  const accept = (token: string, more: object = {}) =>
    new Visitor(station).send('POST', path, { token, name: 'Kim', password: NEXT, ...more });

  it('makes an account of its role, once', async () => {
    const email = 'Kim@acme.example';
    expect((await invite({ email, role: 'viewer' })).status).toBe(201);
    const token = await mailed(email, 'invitation');
    const made = await accept(token);
    expect(made.body).toMatchObject({ role: 'viewer', organisationId: station.a.id, email, name: 'Kim' });
    expect((await accept(token)).status).toBe(410);
    expect((await new Visitor(station).signIn('kim@acme.example', NEXT)).status).toBe(201);
    const kinds = (await auditOf(station.database, station.a.id)).map((event) => event.kind);
    expect(kinds).toEqual(expect.arrayContaining(['invitation.sent', 'invitation.accepted']));
  });

  it('is in the database as a hash, and in the mail under seal', async () => {
    await invite({ email: 'seal@acme.example', role: 'viewer' });
    const token = await mailed('seal@acme.example', 'invitation');
    const { rows } = await station.database.withService((db) =>
      db.query<{ all: string }>(`select (select string_agg(i::text, '') from invitations i)
        || (select string_agg(m::text, '') from email_outbox m) as all`),
    );
    expect(rows[0]?.all).not.toContain(token);
    expect(rows[0]?.all).not.toContain(Buffer.from(token).toString('hex'));
  });

  it('survives a password that is refused, and works until it is a week old', async () => {
    await invite({ email: 'late@acme.example', role: 'viewer' });
    const token = await mailed('late@acme.example', 'invitation');
    expect((await accept(token, { password: 'late@acme.example' })).status).toBe(422);
    later(7 * 86_400_000 + 1);
    const { status, body } = await accept(token);
    expect([status, body.errors[0].field]).toEqual([410, 'token']);
  });

  it('ends when it is taken back, or when a newer one is sent', async () => {
    const first = await invite({ email: 'twice@acme.example', role: 'viewer' });
    const token = await mailed('twice@acme.example', 'invitation');
    await invite({ email: 'twice@acme.example', role: 'admin' });
    expect((await accept(token)).status).toBe(410);
    expect((await station.call('DELETE', `/api/v1/invitations/${first.body.id}`, station.a.admin)).status).toBe(404);
    const listed = await station.call('GET', '/api/v1/invitations', station.a.admin);
    const open = listed.body.invitations.find((one: { email: string }) => one.email === 'twice@acme.example');
    expect(open.role).toBe('admin');
    expect((await station.call('DELETE', `/api/v1/invitations/${open.id}`, station.a.admin)).status).toBe(204);
    expect((await accept(await mailed('twice@acme.example', 'invitation'))).status).toBe(410);
  });

  it.each(['support', 'analyst'])('never gives the role %s', async (role) => {
    const { status, body } = await invite({ email: 'x@acme.example', role });
    expect([status, body.errors[0].field]).toEqual([422, 'role']);
  });

  it('tells only the holder of the address that it has an account elsewhere', async () => {
    await addPerson(station.database, { role: 'viewer', organisationId: station.b.id, email: 'both@acme.example' });
    expect((await invite({ email: 'both@acme.example', role: 'viewer' })).status).toBe(201);
    expect((await accept(await mailed('both@acme.example', 'invitation'))).status).toBe(409);
  });
});

describe('a new password', () => {
  it.each([
    ['kurz', 'at least 12'],
    ['passwordpassword', 'common'],
    ['123456789012', 'common'],
    ['x'.repeat(257), 'at most 256'],
  ])('is refused: %s', async (newPassword, why) => {
    const visitor = await admin();
    const { status, body } = await visitor.send('PUT', '/api/v1/session/password', { password: PASSWORD, newPassword });
    expect([status, body.errors[0].field]).toEqual([422, 'newPassword']);
    expect(body.errors[0].detail).toContain(why);
  });

  it('needs the old one, ends every other session and gives this browser a new one', async () => {
    const visitor = await admin();
    const phone = new Visitor(station);
    await phone.signIn(visitor.email);
    const change = (password: string) =>
      visitor.send('PUT', '/api/v1/session/password', { password, newPassword: NEXT });
    expect((await change('wrong')).body.errors[0].field).toBe('password');
    const before = visitor.cookies.get('lazaret_session');
    expect((await change(PASSWORD)).status).toBe(200);
    expect(visitor.cookies.get('lazaret_session')).not.toBe(before);
    expect((await visitor.send('GET', '/api/v1/session')).status).toBe(200);
    expect((await phone.send('GET', '/api/v1/session')).status).toBe(401);
    expect((await new Visitor(station).signIn(visitor.email, PASSWORD)).status).toBe(401);
  });

  it('by mail is answered alike for nobody and somebody, and works once within an hour', async () => {
    const visitor = await admin();
    const ask = (email: string) => new Visitor(station).send('POST', '/api/v1/password-resets', { email });
    const [known, unknown] = [await ask(visitor.email), await ask('nobody@acme.example')];
    expect([known.status, known.text]).toEqual([unknown.status, unknown.text]);
    const token = await mailed(visitor.email, 'password_reset');
    const finish = (password: string) =>
      new Visitor(station).send('POST', '/api/v1/password-resets/completion', { token, password });
    expect((await finish(NEXT)).status).toBe(204);
    expect((await finish(NEXT)).status).toBe(410);
    expect((await visitor.send('GET', '/api/v1/session')).status).toBe(401);
    expect((await new Visitor(station).signIn(visitor.email, NEXT)).status).toBe(201);
  });

  it('by mail leaves no token behind when its mail cannot be queued', async () => {
    const visitor = await admin();
    const seal = jest.spyOn(box, 'seal').mockRejectedValueOnce(new Error('the key is gone'));
    await new Visitor(station).send('POST', '/api/v1/password-resets', { email: visitor.email });
    while (!station.logged.some((line) => line.includes('was not queued'))) await new Promise(setImmediate);
    seal.mockRestore();
    const sql = 'select from password_resets where user_id = $1';
    expect((await station.database.withService((db) => db.query(sql, [visitor.id]))).rowCount).toBe(0);
  });

  it('by mail is too late after an hour', async () => {
    const visitor = await admin();
    await new Visitor(station).send('POST', '/api/v1/password-resets', { email: visitor.email });
    const token = await mailed(visitor.email, 'password_reset');
    later(3_600_001);
    const body = { token, password: NEXT };
    expect((await new Visitor(station).send('POST', '/api/v1/password-resets/completion', body)).status).toBe(410);
  });
});

describe('an authenticator', () => {
  const codeAt = (uri: string) => (URI.parse(uri) as TOTP).generate({ timestamp: now.getTime() });
  const prove = (visitor: Visitor, body: object) => visitor.send('POST', '/api/v1/session/second-factor', body);

  async function enrolled() {
    const visitor = await admin();
    const { uri } = (await visitor.send('POST', '/api/v1/session/authenticator')).body;
    const on = await visitor.send('PUT', '/api/v1/session/authenticator', { code: codeAt(uri) });
    expect(on.status).toBe(200);
    return { visitor, uri, codes: on.body.recoveryCodes as string[] };
  }

  it('is asked at the next sign-in, and a session without its code can do nothing', async () => {
    const { visitor, uri } = await enrolled();
    later(30_000);
    const half = new Visitor(station);
    expect((await half.signIn(visitor.email)).body).toMatchObject({ stage: 'second_factor', rights: [] });
    const refused = await half.send('GET', '/api/v1/scans');
    expect([refused.status, refused.body.type]).toEqual([401, 'urn:lazaret:problem:second_factor_needed']);
    const before = half.cookies.get('lazaret_session');
    expect((await prove(half, { code: codeAt(uri) })).body.stage).toBe('full');
    expect(half.cookies.get('lazaret_session')).not.toBe(before);
    expect((await half.send('GET', '/api/v1/scans')).status).toBe(200);
  });

  it('takes each code once, and none that is too old', async () => {
    const { visitor, uri } = await enrolled();
    const again = new Visitor(station);
    await again.signIn(visitor.email);
    expect((await prove(again, { code: codeAt(uri) })).body.errors[0].field).toBe('code');
    const old = codeAt(uri);
    later(90_000);
    expect((await prove(again, { code: old })).status).toBe(401);
    const slow = codeAt(uri);
    later(30_000);
    expect((await prove(again, { code: slow })).status).toBe(201);
  });

  it('holds up whoever guesses codes', async () => {
    const { visitor } = await enrolled();
    const thief = new Visitor(station);
    await thief.signIn(visitor.email);
    const statuses = [];
    for (let i = 0; i < 6; i += 1) statuses.push((await prove(thief, { code: '000000' })).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  });

  it('is replaced by each recovery code once', async () => {
    const { visitor, codes } = await enrolled();
    expect(new Set(codes).size).toBe(10);
    for (const status of [201, 401]) {
      const lost = new Visitor(station);
      await lost.signIn(visitor.email);
      expect((await prove(lost, { recoveryCode: codes[0]?.toUpperCase() })).status).toBe(status);
    }
  });

  it('is reset by an admin, which ends every session', async () => {
    const { visitor } = await enrolled();
    await station.call('PATCH', `/api/v1/people/${visitor.id}`, station.a.admin, { secondFactor: false });
    expect((await visitor.send('GET', '/api/v1/session')).status).toBe(401);
    expect((await visitor.signIn(visitor.email)).body.stage).toBe('full');
  });

  it('has to be set up where the organisation asks for it', async () => {
    const rule = (secondFactorRequired: boolean) =>
      station.call('PUT', `/api/v1/organisations/${station.a.id}/sign-in-rules`, station.a.admin, {
        secondFactorRequired,
      });
    await rule(true);
    const visitor = await admin();
    expect((await visitor.send('GET', '/api/v1/scans')).body.type).toBe(
      'urn:lazaret:problem:second_factor_setup_needed',
    );
    const { uri } = (await visitor.send('POST', '/api/v1/session/authenticator')).body;
    await visitor.send('PUT', '/api/v1/session/authenticator', { code: codeAt(uri) });
    expect((await visitor.send('GET', '/api/v1/scans')).status).toBe(200);
    const removal = await visitor.send('DELETE', '/api/v1/session/authenticator', { password: PASSWORD });
    expect(removal.status).toBe(409);
    await rule(false);
    expect((await visitor.send('DELETE', '/api/v1/session/authenticator', { password: PASSWORD })).status).toBe(204);
  });
});

it('slows down one network address that asks for links again and again', async () => {
  const ask = () => new Visitor(station).send('POST', '/api/v1/password-resets', {});
  let answer = await ask();
  for (let count = 0; count < 30 && answer.status === 422; count += 1) answer = await ask();
  expect([answer.status, answer.body.title]).toEqual([429, 'Too many requests.']);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(3000);
});
