import { request as httpRequest } from 'node:http';
import { randomBytes } from 'node:crypto';
import { BODY_LIMIT } from '../../api/requests';
import { createCallbackToken } from '../../db/callback-token';
import { lockObject } from '../../db/objects';
import { noteQuestion, openSubmissions, readSubmissions } from '../../db/submissions';
import { openStation } from './support';
import type { Answer, Station } from './support';

/** Behind one proxy, so that a test may come from any address. */
let station: Station;
beforeAll(async () => void (station = await openStation({ trustedProxies: 1 })));
afterAll(() => station.close());

let callers = 0;
/** An address that nobody has come from. */
const newAddress = (): string => `198.51.100.${(callers += 1)}`;

const call = (token: string, from = newAddress(), init: Parameters<Station['raw']>[2] = {}): Promise<Answer> =>
  station.raw('POST', `/callbacks/scanners/${token}`, {
    ...init,
    headers: { 'x-forwarded-for': from, ...init.headers },
  });

/** A question that is open, polled for in an hour, with the token of its callback. */
async function asked() {
  const { token, hash } = createCallbackToken();
  const object = { organisationId: station.a.id, sha256: randomBytes(32).toString('hex') };
  const engine = 'sandbox';
  await station.database.withOrganisation(object.organisationId, async (db) => {
    await lockObject(db, object.organisationId, object.sha256, 10);
    await openSubmissions(db, object, [{ engine, mayUpload: true, deadlineMs: 7_200_000 }]);
    await noteQuestion(db, object, { engine, mayUpload: true, callbackHash: hash });
    await db.query(`update submissions set next_at = now() + interval '1 hour' where sha256 = $1`, [object.sha256]);
  });
  const isDue = async (): Promise<boolean> => {
    const [row] = await station.database.withOrganisation(object.organisationId, (db) =>
      readSubmissions(db, object, [engine]),
    );
    return (row?.dueMs ?? 1) <= 0;
  };
  return { token, isDue };
}

test('a token works once, whatever the body says, and makes its question due', async () => {
  const { token, isDue } = await asked();
  expect(await isDue()).toBe(false);
  const init = { headers: { 'content-type': 'text/html' }, body: '<p>{"verdict":"clean"}' };
  expect((await call(token, newAddress(), init)).status).toBe(204);
  expect(await isDue()).toBe(true);
  expect((await call(token)).status).toBe(404);
});

test.each(['x'.repeat(43), 'short', '%00', `${'a'.repeat(42)}=`, '..%2f..%2fapi'])(
  'the token %p, which was never given out, is refused in the same words as one that was used',
  async (token) => {
    const { status, body } = await call(token);
    expect(status).toBe(404);
    expect(body).toMatchObject({
      title: 'Nobody waits for this callback.',
      detail: 'The token in the address was never given out, or was used before.',
      remedy: 'Nothing needs to be done: results are fetched anyway.',
    });
  },
);

test('a body that is announced as longer than a megabyte is refused unread, and the token still works', async () => {
  const { token } = await asked();
  const told = await new Promise<{ status: number; body: string }>((resolve, reject) => {
    const headers = { 'content-length': String(BODY_LIMIT + 1), 'x-forwarded-for': newAddress() };
    const sent = httpRequest(`${station.url}/callbacks/scanners/${token}`, { method: 'POST', headers }, (answer) => {
      let body = '';
      answer.on('data', (part: Buffer) => (body += part.toString()));
      answer.on('end', () => (resolve({ status: answer.statusCode ?? 0, body }), sent.destroy()));
    });
    sent.on('error', reject);
    // Nothing of the body is ever sent: whoever waited for it would wait for good.
    sent.flushHeaders();
  });
  expect(told.status).toBe(413);
  expect(JSON.parse(told.body)).toMatchObject({
    detail: `At most ${BODY_LIMIT} bytes are accepted, and none of them is read.`,
    remedy: 'Send the callback without the report.',
  });
  expect((await call(token)).status).toBe(204);
});

test('whoever tries sixty tokens in a minute has to wait, and nobody else', async () => {
  const [guesser, { token }] = [newAddress(), await asked()];
  for (let at = 0; at < 60; at += 1)
    expect((await call(randomBytes(32).toString('base64url'), guesser)).status).toBe(404);
  const refused = await call(token, guesser);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60']);
  expect(refused.body.title ?? refused.body.detail).toBeDefined();
  expect(JSON.stringify(refused.body)).toContain('Too many callbacks with tokens that do not work.');
  expect((await call(token)).status).toBe(204);
});

test('a callback is neither read nor asked for by other methods', async () => {
  const { token } = await asked();
  const path = `/callbacks/scanners/${token}`;
  expect([(await station.raw('GET', path)).status, (await station.raw('PUT', path)).status]).toEqual([405, 405]);
  expect(station.logged.join()).not.toContain(token);
});
