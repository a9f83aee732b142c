import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { createHttpScanner, parseHttpScanners, type AsyncEngine, type KnownFile } from '../../scanners';
import { httpStandIn, type Heard, type HttpStandIn, type Said } from '../support/http-stand-in';

const content = Buffer.from('harmless');
const sha256 = createHash('sha256').update(content).digest('hex');
const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

const file = (more: Partial<KnownFile> = {}): KnownFile => ({
  sha256,
  length: content.length,
  fileName: 'Rechnung geheim.pdf',
  mayUpload: true,
  open: () => Promise.resolve(Readable.from([content])),
  ...more,
});

/** A sandbox as many are: a multipart upload, a task id, a report with a word and a score. */
const sandbox = (origin: string): Described => ({
  name: 'sandbox',
  submit: {
    url: `${origin}/tasks`,
    fields: { timeout: '60' },
    headers: { Authorization: { secret: 'sandbox-token', prefix: 'Bearer ' }, 'X-Site': 'desk' },
    callback: 'callback_url',
    id: '/data/task_id',
  },
  result: {
    url: `${origin}/tasks/{id}/report`,
    status: '/task/status',
    done: ['reported'],
    failed: ['failed_analysis'],
    verdict: '/verdict',
    malicious: ['malicious'],
    suspicious: ['grey'],
    clean: ['benign'],
    maliciousFrom: 7,
    suspiciousFrom: 4,
    sha256: '/target/sha256',
    threat: '/family',
    version: '/engine~1version',
  },
  pollSeconds: 3,
  timeoutSeconds: 1,
});

type Described = Record<string, unknown> & { submit: Record<string, unknown>; result: Record<string, unknown> };
const SECRETS = { 'sandbox-token': 'geheim-123' };

async function engineFor(
  answer: (request: Heard) => Said,
  change: (description: Described) => void = () => undefined,
): Promise<{ engine: AsyncEngine; server: HttpStandIn }> {
  const server = await httpStandIn(answer);
  const described = sandbox(server.origin);
  change(described);
  const [description] = parseHttpScanners(JSON.stringify({ scanners: [described] }));
  if (!description) throw new Error('no description');
  const engine = createHttpScanner(description, SECRETS);
  stops.push(() => engine.close(), server.stop);
  return { engine, server };
}

const accepted: Said = { status: 201, json: { data: { task_id: 42 } } };
const reported = (verdict: unknown, more: object = {}): Said => ({
  json: {
    task: { status: 'reported' },
    verdict,
    target: { sha256 },
    family: 'Agent Tesla',
    'engine/version': '2.4',
    ...more,
  },
});
const handle = (expiresInMs = 60_000) => ({
  engine: 'sandbox',
  id: '42',
  sha256,
  submittedAt: new Date().toISOString(),
  expiresAt: new Date(Date.now() + expiresInMs).toISOString(),
});

describe('a submission', () => {
  test('carries bytes, fields, secret and callback, but not the name; its handle carries no secret', async () => {
    const { engine, server } = await engineFor(() => accepted);
    const answer = await engine.submit(file(), 'https://lazaret.example/callback/token');
    expect(answer).toMatchObject({
      state: 'pending',
      retryAfterMs: 3_000,
      handle: { engine: 'sandbox', id: '42', sha256 },
    });
    expect(JSON.stringify(answer)).not.toMatch(/geheim|token/);
    const [{ method, url, headers, body }] = server.heard as [Heard];
    expect([method, url, headers.authorization, headers['x-site']]).toEqual([
      'POST',
      '/tasks',
      'Bearer geheim-123',
      'desk',
    ]);
    const form = await new Response(new Uint8Array(body), {
      headers: { 'content-type': headers['content-type'] ?? '' },
    }).formData();
    expect([form.get('timeout'), form.get('callback_url')]).toEqual(['60', 'https://lazaret.example/callback/token']);
    expect(await (form.get('file') as File).text()).toBe('harmless');
    expect(body.toString()).not.toContain('Rechnung');
  });

  test('may be the raw bytes, with the answer at once', async () => {
    const { engine, server } = await engineFor(
      () => reported('benign'),
      ({ submit, result }) => {
        Object.assign(submit, { body: 'raw', method: 'PUT', callback: undefined, id: undefined });
        delete result['url'];
      },
    );
    expect(await engine.submit(file())).toMatchObject({ state: 'done', report: { result: 'clean' } });
    expect(server.heard[0]?.body).toEqual(content);
    expect(server.heard[0]?.headers['content-length']).toBe('8');
  });

  test('does not happen where the organisation does not allow it', async () => {
    const { engine, server } = await engineFor(() => accepted);
    expect(await engine.submit(file({ mayUpload: false }))).toMatchObject({ report: { result: 'unknown' } });
    expect(server.heard).toHaveLength(0);
  });

  test.each<[string, Said, object]>([
    ['413', { status: 413 }, { report: { result: 'unscannable', reason: 'too_large' } }],
    ['429', { status: 429 }, { state: 'busy', retryAfterMs: 3_000 }],
    ['429 with a time', { status: 429, headers: { 'retry-after': '99' } }, { state: 'busy', retryAfterMs: 99_000 }],
    ['401', { status: 401 }, { report: { result: 'error', reason: 'engine_unavailable' } }],
    ['500', { status: 500 }, { report: { result: 'error', reason: 'engine_unavailable' } }],
    ['a redirect', { status: 307, headers: { location: '/other' } }, { report: { result: 'error' } }],
    ['a cut connection', { cut: true }, { report: { result: 'error', reason: 'engine_unavailable' } }],
    ['no JSON', { text: 'ok' }, { report: { result: 'error' } }],
    ['no id', { json: { data: {} } }, { report: { result: 'error' } }],
    ['an id that is a path', { json: { data: { task_id: '../admin' } } }, { report: { result: 'error' } }],
    ['an id of another kind', { json: { data: { task_id: { a: 1 } } } }, { report: { result: 'error' } }],
  ])('answered with %s', async (_title, said, expected) => {
    const { engine, server } = await engineFor(() => said);
    expect(await engine.submit(file())).toMatchObject(expected);
    expect(server.heard).toHaveLength(1);
  });

  test('answered with silence ends with the clock', async () => {
    const { engine } = await engineFor(
      () => ({ silent: true }),
      (one) => void (one['timeoutSeconds'] = 1),
    );
    expect(await engine.submit(file())).toMatchObject({ report: { result: 'error', reason: 'timeout' } });
    expect(await engine.health()).toMatchObject({ ok: false, detail: 'the scanner does not answer' });
  });

  test('of more bytes than the scanner takes is not made', async () => {
    const { engine, server } = await engineFor(
      () => accepted,
      (one) => void (one['maxBytes'] = 7),
    );
    expect(await engine.submit(file())).toMatchObject({ report: { result: 'unscannable', reason: 'too_large' } });
    expect(server.heard).toHaveLength(0);
  });
});

describe('a result', () => {
  test.each<[string, unknown, object]>([
    [
      'a word for malicious',
      'malicious',
      { result: 'findings', findings: [{ severity: 'high', rule: 'Agent Tesla', path: [] }] },
    ],
    ['a word for suspicious', 'grey', { result: 'findings', findings: [{ severity: 'medium' }] }],
    ['a word for clean', 'benign', { result: 'clean', findings: [], engineVersion: '2.4' }],
    ['a high score', 7.5, { findings: [{ severity: 'high' }] }],
    ['a middling score', 4, { findings: [{ severity: 'medium' }] }],
    ['a low score', 0, { result: 'clean' }],
    ['a score below zero', -1, { result: 'error', reason: 'engine_unavailable' }],
    ['another word', 'Benign', { result: 'error', reason: 'engine_unavailable' }],
    ['nothing', null, { result: 'error' }],
    ['an object', { clean: true }, { result: 'error' }],
  ])('with %s as verdict', async (_title, verdict, report) => {
    const { engine, server } = await engineFor(() => reported(verdict));
    expect(await engine.fetchResult(handle())).toMatchObject({ state: 'done', report });
    expect(server.heard[0]).toMatchObject({ method: 'GET', url: '/tasks/42/report' });
    expect(server.heard[0]?.headers.authorization).toBe('Bearer geheim-123');
  });

  test.each<[string, Said, object]>([
    ['of another file', reported('benign', { target: { sha256: 'f'.repeat(64) } }), { report: { result: 'error' } }],
    ['of no named file', reported('benign', { target: {} }), { report: { result: 'error' } }],
    ['that failed', reported('benign', { task: { status: 'failed_analysis' } }), { report: { result: 'unscannable' } }],
    [
      'that is not done',
      reported('benign', { task: { status: 'running' } }),
      { state: 'pending', retryAfterMs: 3_000 },
    ],
    ['without a status', reported('benign', { task: {} }), { state: 'pending' }],
    ['not known yet', { status: 404 }, { state: 'pending' }],
    ['after a while', { status: 429, headers: { 'retry-after': '30' } }, { state: 'pending', retryAfterMs: 30_000 }],
    ['of a broken scanner', { status: 502 }, { state: 'pending', trouble: 'engine_unavailable' }],
    ['behind a cut connection', { cut: true }, { state: 'pending', trouble: 'engine_unavailable' }],
    ['that is no JSON', { text: '{"verdict":"ben' }, { state: 'pending', trouble: 'engine_unavailable' }],
    ['behind a redirect', { status: 302, headers: { location: '/x' } }, { report: { result: 'error' } }],
    ['refused', { status: 403 }, { report: { result: 'error' } }],
  ])('%s', async (_title, said, expected) => {
    const { engine } = await engineFor(() => said);
    expect(await engine.fetchResult(handle())).toMatchObject(expected);
  });

  test('in silence is asked for again, until the deadline', async () => {
    const { engine, server } = await engineFor(() => ({ silent: true }));
    expect(await engine.fetchResult(handle())).toMatchObject({ state: 'pending', trouble: 'timeout' });
    expect(await engine.fetchResult(handle(-1))).toMatchObject({ report: { result: 'error', reason: 'timeout' } });
    expect(server.heard).toHaveLength(1);
  });

  test('a threat that is no plain word is not shown', async () => {
    const { engine } = await engineFor(() => reported('malicious', { family: '<img src=x>\u202e' }));
    expect(await engine.fetchResult(handle())).toMatchObject({
      report: { findings: [{ rule: 'Http_Scanner_Malicious' }] },
    });
  });

  test('does not read what a document inherits', async () => {
    const { engine } = await engineFor(
      () => reported('benign'),
      ({ result }) => Object.assign(result, { verdict: '/constructor/name', clean: ['Object'] }),
    );
    expect(await engine.fetchResult(handle())).toMatchObject({ report: { result: 'error' } });
  });
});
