import { addKey, openStation, seedItem } from './support';
import type { Answer, Station } from './support';

let station: Station;
let itemId: string;
beforeAll(async () => {
  station = await openStation();
  itemId = await seedItem(station.database, station.a);
});
afterAll(() => station.close());

function expectProblem(answer: Answer, status: number, kind: string, field: string): void {
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  expect(answer.body).toMatchObject({ type: `urn:lazaret:problem:${kind}`, status });
  expect(answer.body.title.length).toBeGreaterThan(5);
  expect(answer.body.remedy.length).toBeGreaterThan(5);
  expect(answer.body.instance).toBe(`urn:lazaret:request:${answer.headers.get('x-request-id')}`);
  expect(answer.body.errors.map((error: { field: string }) => error.field)).toContain(field);
}

const verdictPath = () => `/api/v1/scans/${itemId}/verdict`;
const post = (body: string | Buffer, headers: Record<string, string> = {}) =>
  station.raw('POST', verdictPath(), {
    headers: { authorization: `Bearer ${station.analyst}`, 'content-type': 'application/json', ...headers },
    body,
  });

it('refuses malformed JSON and says so', async () => {
  expectProblem(await post('{"verdict": "clean", '), 400, 'malformed_request', 'body');
});

it('refuses a body that is JSON but no object', async () => {
  expectProblem(await post('"clean"'), 400, 'malformed_request', 'body');
  expectProblem(await post('[]'), 422, 'invalid_fields', 'body');
});

it('refuses a missing body', async () => {
  const answer = await station.raw('POST', verdictPath(), { headers: { authorization: `Bearer ${station.analyst}` } });
  expectProblem(answer, 400, 'malformed_request', 'body');
});

it('refuses another content type', async () => {
  expectProblem(await post('<a/>', { 'content-type': 'text/xml' }), 415, 'unsupported_media_type', 'Content-Type');
});

it('refuses a charset that JSON does not have', async () => {
  const answer = await post('{}', { 'content-type': 'application/json; charset=latin1' });
  expectProblem(answer, 415, 'unsupported_media_type', 'Content-Type');
});

it('refuses a body over 1 MB', async () => {
  const body = JSON.stringify({ verdict: 'clean', reason: 'x'.repeat(1024 * 1024) });
  expectProblem(await post(body), 413, 'body_too_large', 'body');
});

it('refuses an unknown route', async () => {
  const answer = await station.call('GET', '/api/v1/no-such-thing', station.analyst);
  expectProblem(answer, 404, 'unknown_route', 'path');
});

it('refuses a wrong method and names the right ones', async () => {
  const answer = await station.call('DELETE', verdictPath(), station.analyst);
  expectProblem(answer, 405, 'method_not_allowed', 'method');
  expect(answer.headers.get('allow')).toBe('POST');
});

it('refuses broken percent-encoding in a path', async () => {
  expectProblem(await station.call('GET', '/api/v1/scans/%E0%A4%A', station.analyst), 400, 'malformed_request', 'path');
});

it.each(['7', 'no-uuid', "' or 1=1 --", '../../etc/passwd', '%00', '𝒳'.repeat(20)])(
  'refuses the id %p as one that names nothing',
  async (id) => {
    const path = `/api/v1/scans/${id === '%00' ? id : encodeURIComponent(id)}`;
    expectProblem(await station.call('GET', path, station.analyst), 404, 'not_found', 'id');
  },
);

it('refuses an unknown id', async () => {
  const path = '/api/v1/scans/00000000-0000-4000-8000-000000000000';
  for (const key of [station.a.viewer, station.analyst]) {
    expectProblem(await station.call('GET', path, key), 404, 'not_found', 'id');
  }
});

it('takes an id in capital letters for the same id', async () => {
  const answer = await station.call('GET', `/api/v1/scans/${itemId.toUpperCase()}`, station.analyst);
  expect(answer.body.scan.id).toBe(itemId);
});

describe('fields of a body', () => {
  it.each([
    [{ verdict: 'harmless', reason: 'x' }, 'verdict', '/verdict', 'clean, suspicious, malicious'],
    [{ verdict: 'pending', reason: 'x' }, 'verdict', '/verdict', 'clean, suspicious, malicious'],
    [{ verdict: 'clean' }, 'reason', '/reason', 'is missing; expected a string'],
    [{ verdict: 'clean', reason: '   ' }, 'reason', '/reason', '1'],
    [{ verdict: 'clean', reason: 'x'.repeat(2001) }, 'reason', '/reason', '2000'],
    [{ verdict: 'clean', reason: 'a\0b' }, 'reason', '/reason', 'NUL'],
    [{ verdict: 'clean', reason: 'x', actor: 'somebody else' }, 'actor', '/actor', 'not a field'],
    [
      { verdict: 'clean', reason: 'x', expectedDecisionId: 'latest' },
      'expectedDecisionId',
      '/expectedDecisionId',
      'UUID',
    ],
  ])('refuses %j and names the field', async (body, field, pointer, said) => {
    const answer = await station.call('POST', verdictPath(), station.analyst, body);
    expectProblem(answer, 422, 'invalid_fields', field);
    const error = answer.body.errors.find((each: { field: string }) => each.field === field);
    expect(error.pointer).toBe(pointer);
    expect(error.detail).toContain(said);
  });

  it('refuses a prototype as a field', async () => {
    const answer = await post('{"verdict":"clean","reason":"x","__proto__":{"role":"admin"}}');
    expect(answer.status).toBe(422);
    expect(({} as { role?: string }).role).toBeUndefined();
  });

  it('never repeats a refused value', async () => {
    const secret = 'lz_admin_hunter2';
    const answer = await station.call('POST', verdictPath(), station.analyst, { verdict: secret, reason: 7 });
    expect(answer.text).not.toContain(secret);
  });
});

describe('fields of a query', () => {
  it.each([
    ['verdict=harmless', 'verdict.0', 'unscannable'],
    ['state=clean,broken', 'state.1', 'release_refused'],
    ['channel=slack', 'channel.0', 'zendesk'],
    ['kind=mail', 'kind.0', 'attachment'],
    ['ticket=abc', 'ticket', 'ticket number'],
    ['ticket=1&ticket=2', 'ticket', 'string'],
    ['sha256=xyz', 'sha256', '64'],
    ['from=yesterday', 'from', 'ISO'],
    ['from=2026-02-02T00:00:00Z&to=2026-02-01T00:00:00Z', 'to', 'after from'],
    ['limit=0', 'limit', '>=1'],
    ['limit=100000', 'limit', '<=200'],
    ['limit=many', 'limit', 'number'],
    ['text=%00', 'text', 'NUL'],
    [`text=${'x'.repeat(501)}`, 'text', '500'],
    ['organisation=acme', 'organisation', 'UUID'],
    ['verdct=clean', 'verdct', 'not a field'],
    ['cursor=abc', 'cursor', 'nextCursor'],
    [`cursor=${Buffer.from('["x","2026-02-31T00:00:00.000000Z","y"]').toString('base64url')}`, 'cursor', 'nextCursor'],
    ['__proto__=x', '__proto__', 'not a field'],
  ])('refuses ?%s and says what is allowed', async (query, field, said) => {
    const answer = await station.call('GET', `/api/v1/scans?${query}`, station.analyst);
    expectProblem(answer, 400, 'invalid_fields', field);
    const error = answer.body.errors.find((each: { field: string }) => each.field === field);
    expect(error.detail).toContain(said);
  });
});

describe('keys', () => {
  it.each([
    ['Basic bHo6eA==', 'Bearer'],
    ['Bearer', 'Bearer'],
    ['Bearer lz_admin_short', 'not known'],
    [`Bearer lz_admin_${'A'.repeat(43)}`, 'not known'],
    [`Bearer lz_root_${'A'.repeat(43)}`, 'not known'],
    [`Bearer ${'A'.repeat(5000)}`, 'Bearer'],
  ])('refuses the header %p', async (authorization, said) => {
    const answer = await station.raw('GET', '/api/v1/me', { headers: { authorization } });
    expectProblem(answer, 401, 'unauthorised', 'Authorization');
    expect(answer.body.detail).toContain(said);
  });

  it('refuses a key whose role was changed in its text', async () => {
    const forged = station.a.viewer.replace('lz_viewer_', 'lz_admin_');
    expect((await station.call('GET', '/api/v1/me', forged)).status).toBe(401);
  });
});

it('answers 503 with Retry-After when the database goes away, and tells nothing of its inside', async () => {
  const own = await openStation();
  const key = await addKey(own.database, 'analyst');
  const broken = new Error('terminating connection of lazaret_app at 10.0.0.7');
  own.database.withService = () => Promise.reject(Object.assign(broken, { code: '57P01' }));
  const answer = await own.call('GET', '/api/v1/scans', key);
  expect(answer.status).toBe(503);
  expect(answer.headers.get('retry-after')).toBe('5');
  expect(answer.text + own.logged.join('')).not.toContain('10.0.0.7');
  expect(own.logged.join('')).toContain('57P01');
  own.database.withService = () => Promise.reject(new Error('secret inside'));
  const failed = await own.call('GET', '/api/v1/scans', key);
  expect(failed.status).toBe(500);
  expect(failed.text + own.logged.join('')).not.toContain('secret inside');
  await own.close();
});

it('writes one log line a request with ids, without query, names or keys', async () => {
  station.logged.length = 0;
  const answer = await station.call('GET', '/api/v1/scans?text=very-private-name.pdf', station.a.viewer);
  const [line = ''] = station.logged;
  expect(JSON.parse(line)).toMatchObject({
    requestId: answer.headers.get('x-request-id'),
    route: '/api/v1/scans',
    status: 200,
    role: 'viewer',
    organisationId: station.a.id,
  });
  expect(line).not.toContain('very-private-name');
  expect(line).not.toContain(station.a.viewer);
});

it('sends headers that keep answers from being framed, sniffed or run', async () => {
  const { headers } = await station.call('GET', '/healthz');
  expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('x-frame-options')).toBe('DENY');
  expect(headers.get('x-powered-by')).toBeNull();
  expect(headers.get('cache-control')).toBe('no-store');
});
