import { PASSWORD_COST } from '../../api/session/passwords';
import { SIGN_IN_SETTINGS } from '../../api/session/deps';
import { addPerson, CHEAP, PASSWORD, Visitor } from './sign-ins';
import { auditOf, openStation } from './support';
import type { Station } from './support';

let station: Station;
let now = new Date('2026-03-01T09:00:00Z');
const later = (ms: number) => (now = new Date(now.getTime() + ms));
let count = 0;

beforeAll(async () => {
  const signIn = { passwordCost: CHEAP, refusedPerMinute: 1000 };
  station = await openStation({ clock: () => now, signIn });
});
afterAll(() => station.close());

async function admin(): Promise<{ id: string; email: string }> {
  const email = `admin${(count += 1)}@acme.example`;
  return { email, id: await addPerson(station.database, { role: 'admin', organisationId: station.a.id, email }) };
}

async function signedIn(): Promise<Visitor & { email: string; id: string }> {
  const person = await admin();
  const visitor = new Visitor(station);
  expect((await visitor.signIn(person.email)).status).toBe(201);
  return Object.assign(visitor, person);
}

describe('signing in', () => {
  it('opens a session with rights, in a cookie that scripts cannot read', async () => {
    const { email } = await admin();
    const visitor = new Visitor(station);
    const answer = await visitor.signIn(email.toUpperCase());
    expect(answer.body).toMatchObject({ stage: 'full', person: { email }, organisation: { name: 'Acme' } });
    expect(answer.body.rights).toContain('people.manage');
    expect(answer.headers.getSetCookie()[0]).toMatch(/^lazaret_session=[\w-]{43};.*Path=\/;.*HttpOnly; SameSite=Lax/u);
    expect((await visitor.send('GET', '/api/v1/scans')).status).toBe(200);
    expect((await visitor.send('GET', '/api/v1/me')).body).toMatchObject({ apiKeyId: null, role: 'admin' });
  });

  it('keeps neither password nor token in the database', async () => {
    const visitor = await signedIn();
    const { rows } = await station.database.withService((db) =>
      db.query<{ all: string }>(`select (select string_agg(s::text, '') from sessions s)
         || (select string_agg(u::text, '') from users u) as all`),
    );
    expect(rows[0]?.all).not.toContain(visitor.cookies.get('lazaret_session'));
    expect(rows[0]?.all).not.toContain(PASSWORD);
    expect(rows[0]?.all).toContain('$argon2id$');
  });

  it('answers an unknown address, a wrong password and a disabled person in the same words', async () => {
    const { email } = await admin();
    const disabled = await admin();
    await station.call('PATCH', `/api/v1/people/${disabled.id}`, station.a.admin, { disabled: true });
    const wrong = await new Visitor(station).signIn(email, 'wrong');
    for (const answer of [
      await new Visitor(station).signIn('nobody@acme.example'),
      await new Visitor(station).signIn(disabled.email),
    ]) {
      expect(answer.status).toBe(401);
      expect({ ...answer.body, instance: '' }).toEqual({ ...wrong.body, instance: '' });
    }
  });

  it('takes a token that nobody has seen before, whatever cookie came', async () => {
    const { email } = await admin();
    const visitor = new Visitor(station);
    const planted = 'x'.repeat(43);
    visitor.cookies.set('lazaret_session', planted);
    await visitor.signIn(email);
    expect(visitor.cookies.get('lazaret_session')).not.toBe(planted);
    const former = visitor.cookies.get('lazaret_session') ?? '';
    await visitor.signIn(email);
    const old = new Visitor(station);
    old.cookies.set('lazaret_session', former);
    expect((await old.send('GET', '/api/v1/session')).status).toBe(401);
  });

  it('lets two sign-ins at once both in', async () => {
    const { email } = await admin();
    const answers = await Promise.all([1, 2].map(() => new Visitor(station).signIn(email)));
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
  });

  it('costs by default what OWASP asks for', () => {
    expect(SIGN_IN_SETTINGS.passwordCost).toBe(PASSWORD_COST);
    expect(PASSWORD_COST).toEqual({ memoryCost: 19_456, timeCost: 2, parallelism: 1 });
  });
});

describe('waiting after failures', () => {
  it('begins at the fifth, grows, ends, and does not hold up a browser that is known', async () => {
    const owner = await signedIn();
    const stranger = new Visitor(station);
    for (let i = 0; i < 5; i += 1) expect((await stranger.signIn(owner.email, 'guess')).status).toBe(401);
    const held = await stranger.signIn(owner.email);
    expect([held.status, held.headers.get('retry-after')]).toEqual([429, '30']);
    expect((await owner.signIn(owner.email)).status).toBe(201);
    later(31_000);
    expect((await stranger.signIn(owner.email, 'guess')).status).toBe(401);
    expect((await stranger.signIn(owner.email)).headers.get('retry-after')).toBe('60');
    later(61_000);
    expect((await stranger.signIn(owner.email)).status).toBe(201);
  });

  it('never lasts over fifteen minutes, and holds for addresses that nobody has', async () => {
    const stranger = new Visitor(station);
    let longest = 0;
    for (let i = 0; i < 14; i += 1) {
      const { headers } = await stranger.signIn('ghost@acme.example', 'guess');
      const wait = Number(headers.get('retry-after') ?? 0);
      longest = Math.max(longest, wait);
      if (wait > 0) later(wait * 1000);
    }
    for (let i = 0; i < 8; i += 1) {
      const { headers } = await stranger.signIn('ghost@acme.example', 'guess');
      const wait = Number(headers.get('retry-after') ?? 0);
      longest = Math.max(longest, wait);
      if (wait > 0) later(wait * 1000);
    }
    expect(longest).toBe(900);
  });

  it('counts a hundred guesses at once as a hundred', async () => {
    const { email } = await admin();
    const guesses = Array.from({ length: 20 }, () => new Visitor(station).signIn(email, 'guess'));
    const statuses = (await Promise.all(guesses)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
  });

  it('is audited, and told to the person once', async () => {
    const { email, id } = await admin();
    for (let i = 0; i < 5; i += 1) await new Visitor(station).signIn(email, 'guess');
    const mails = () =>
      station.database.withService((db) =>
        db.query(`select from email_outbox where address = $1 and kind = 'sign_in_delayed'`, [email]),
      );
    while ((await mails()).rowCount === 0) await new Promise((resolve) => setImmediate(resolve));
    const events = await auditOf(station.database, station.a.id, 'sign_in.delayed');
    expect(events.filter((event) => event.actor === id)).toHaveLength(1);
  });
});

describe('a session', () => {
  const act = (visitor: Visitor, headers: Record<string, string>) =>
    visitor.send('POST', '/api/v1/api-keys', { name: 'k', role: 'viewer' }, headers);

  it.each([
    ['no CSRF token', { 'x-csrf-token': '' }, 'x-csrf-token'],
    ['the CSRF token of another session', { 'x-csrf-token': 'a'.repeat(43) }, 'x-csrf-token'],
    ['another origin', { origin: 'https://evil.example' }, 'Origin'],
    ['no origin at all', { origin: '' }, 'Origin'],
    ['a page of another site', { 'sec-fetch-site': 'cross-site' }, 'Sec-Fetch-Site'],
  ])('changes nothing with %s', async (_what, headers, field) => {
    const visitor = await signedIn();
    const { status, body } = await act(visitor, headers);
    expect([status, body.errors[0].field]).toEqual([403, field]);
    expect((await act(visitor, {})).status).toBe(201);
  });

  it('is not opened by a page of another site', async () => {
    const { email } = await admin();
    const body = { email, password: PASSWORD };
    const answer = await new Visitor(station).send('POST', '/api/v1/session', body, { origin: 'https://evil.example' });
    expect(answer.status).toBe(403);
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it('ends when it was idle too long', async () => {
    const visitor = await signedIn();
    later(SIGN_IN_SETTINGS.idleMs - 1000);
    expect((await visitor.send('GET', '/api/v1/session')).status).toBe(200);
    later(SIGN_IN_SETTINGS.idleMs + 1000);
    const answer = await visitor.send('GET', '/api/v1/scans');
    expect([answer.status, answer.body.type]).toEqual([401, 'urn:lazaret:problem:sign_in_needed']);
  });

  it('ends after its whole time, however busy it was', async () => {
    const visitor = await signedIn();
    for (let hours = 1; hours < 12; hours += 1) {
      later(3_600_000);
      expect((await visitor.send('GET', '/api/v1/session')).status).toBe(200);
    }
    later(3_600_001);
    expect((await visitor.send('GET', '/api/v1/session')).status).toBe(401);
  });

  it('ends at once when its person is disabled', async () => {
    const visitor = await signedIn();
    await station.call('PATCH', `/api/v1/people/${visitor.id}`, station.a.admin, { disabled: true });
    expect((await visitor.send('GET', '/api/v1/scans')).status).toBe(401);
    await station.call('PATCH', `/api/v1/people/${visitor.id}`, station.a.admin, { disabled: false });
    expect((await visitor.send('GET', '/api/v1/scans')).status).toBe(401);
  });

  it('loses a right with the role', async () => {
    const visitor = await signedIn();
    await station.call('PATCH', `/api/v1/people/${visitor.id}`, station.a.admin, { role: 'viewer' });
    expect((await visitor.send('GET', '/api/v1/people')).status).toBe(403);
  });

  it('is listed and ended by its person, and by nobody else', async () => {
    const visitor = await signedIn();
    const phone = new Visitor(station);
    await phone.signIn(visitor.email);
    const { body } = await visitor.send('GET', '/api/v1/sessions');
    expect(body.sessions.map((one: { current: boolean }) => one.current).sort()).toEqual([false, true]);
    const other = body.sessions.find((one: { current: boolean }) => !one.current);
    expect((await (await signedIn()).send('DELETE', `/api/v1/sessions/${other.id}`)).status).toBe(404);
    expect((await visitor.send('DELETE', `/api/v1/sessions/${other.id}`)).status).toBe(204);
    expect((await phone.send('GET', '/api/v1/session')).status).toBe(401);
    expect((await visitor.send('DELETE', '/api/v1/session')).status).toBe(204);
    expect((await visitor.send('GET', '/api/v1/session')).status).toBe(401);
  });

  it('of the operator tells each organisation once that it looked in', async () => {
    const email = 'support@lazaret.example';
    await addPerson(station.database, { role: 'support', email });
    const visitor = new Visitor(station);
    await visitor.signIn(email);
    const crossings = async () => (await auditOf(station.database, station.b.id, 'organisation.crossed')).length;
    const before = await crossings();
    for (let i = 0; i < 3; i += 1) await visitor.send('GET', `/api/v1/organisations/${station.b.id}`);
    expect(await crossings()).toBe(before + 1);
    await visitor.signIn(email);
    await visitor.send('GET', `/api/v1/organisations/${station.b.id}`);
    expect(await crossings()).toBe(before + 2);
  });
});
