import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { createVirusTotalEngine, type AsyncEngine, type KnownFile, type VirusTotalOptions } from '../../scanners';
import { httpStandIn, type Heard, type HttpStandIn, type Said } from '../support/http-stand-in';

const KEY = 'k'.repeat(64);
const content = Buffer.from('harmless');
const sha256 = createHash('sha256').update(content).digest('hex');
const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

/** A file whose bytes may be asked for only where `opened` is expected to grow. */
function known(more: Partial<KnownFile> = {}): KnownFile & { opened: () => number } {
  let opened = 0;
  return {
    sha256,
    length: content.length,
    fileName: 'Rechnung geheim.pdf',
    mayUpload: true,
    opened: () => opened,
    open: () => {
      opened += 1;
      return Promise.resolve(Readable.from([content]));
    },
    ...more,
  };
}

async function engineFor(
  answer: (request: Heard) => Said,
  options: Partial<VirusTotalOptions> = {},
): Promise<{ engine: AsyncEngine; server: HttpStandIn }> {
  const server = await httpStandIn(answer);
  const engine = createVirusTotalEngine({ key: KEY, apiUrl: `${server.origin}/api/v3`, timeoutMs: 2_000, ...options });
  stops.push(() => engine.close(), server.stop);
  return { engine, server };
}

/** `GET /files/{sha256}` as published, with what we do not read. */
function fileAnswer(counts: Partial<Record<string, number>>, id = sha256): Said {
  const stats = {
    malicious: 0,
    suspicious: 0,
    undetected: 60,
    harmless: 0,
    timeout: 0,
    'type-unsupported': 8,
    ...counts,
  };
  const attributes = {
    last_analysis_stats: stats,
    last_analysis_date: 1_700_000_000,
    names: ['evil.exe'],
    reputation: -3,
  };
  return { json: { data: { id, type: 'file', links: { self: '' }, attributes } } };
}

const missing: Said = { status: 404, json: { error: { code: 'NotFoundError', message: 'not found' } } };

describe('the look-up', () => {
  test('sends the hash and the key, and neither bytes nor name', async () => {
    const { engine, server } = await engineFor(() => fileAnswer({}));
    const file = known();
    await engine.submit(file);
    expect(server.heard).toMatchObject([
      { method: 'GET', url: `/api/v3/files/${sha256}`, headers: { 'x-apikey': KEY } },
    ]);
    expect(file.opened()).toBe(0);
  });

  test.each([
    [{ malicious: 3 }, 'high', 'Virustotal_Many_Engines'],
    [{ malicious: 40 }, 'high', 'Virustotal_Many_Engines'],
    [{ malicious: 2 }, 'medium', 'Virustotal_Few_Engines'],
    [{ malicious: 1 }, 'low', 'Virustotal_Few_Engines'],
    [{ suspicious: 1 }, 'low', 'Virustotal_Few_Engines'],
    [{ suspicious: 5 }, 'medium', 'Virustotal_Few_Engines'],
  ])('%j is a finding of severity %s', async (counts, severity, rule) => {
    const { engine } = await engineFor(() => fileAnswer(counts));
    expect(await engine.submit(known())).toMatchObject({
      state: 'done',
      report: {
        result: 'findings',
        rulesVersion: '2023-11-14T22:13:20.000Z',
        findings: [{ engine: 'virustotal', severity, rule, path: [] }],
      },
    });
  });

  test('how many engines make a file malicious is a setting', async () => {
    const { engine } = await engineFor(() => fileAnswer({ malicious: 3 }), { maliciousFrom: 10 });
    expect(await engine.submit(known())).toMatchObject({ report: { findings: [{ severity: 'medium' }] } });
  });

  test('is clean only when enough engines looked', async () => {
    const many = await engineFor(() => fileAnswer({}));
    expect(await many.engine.submit(known())).toMatchObject({ report: { result: 'clean' } });
    const few = await engineFor(() => fileAnswer({ undetected: 3 }));
    expect(await few.engine.submit(known())).toMatchObject({ report: { result: 'unknown' } });
  });

  test('a hash that nobody knows is unknown, not clean, and stays without upload', async () => {
    const { engine, server } = await engineFor(() => missing);
    const file = known();
    const answer = await engine.submit(file);
    expect(answer).toMatchObject({ state: 'done', report: { result: 'unknown', findings: [] } });
    expect([file.opened(), server.heard.length]).toEqual([0, 1]);
    expect(await engine.health()).toMatchObject({ ok: true });
  });
});

describe('no answer is never clean', () => {
  test.each<[string, Said, object, RegExp]>([
    [
      'a refused key',
      { status: 401 },
      { report: { result: 'error', reason: 'engine_unavailable' } },
      /refuses the key/,
    ],
    ['a forbidden question', { status: 403 }, { report: { result: 'error' } }, /refuses the key/],
    ['a used-up quota', { status: 429 }, { state: 'busy', retryAfterMs: 60_000 }, /quota/],
    [
      'a quota with a time',
      { status: 429, headers: { 'retry-after': '7' } },
      { state: 'busy', retryAfterMs: 7_000 },
      /quota/,
    ],
    ['an error', { status: 503 }, { report: { result: 'error', reason: 'engine_unavailable' } }, /errors/],
    [
      'a redirect',
      { status: 302, headers: { location: 'http://127.0.0.1:9/' } },
      { report: { result: 'error' } },
      /answers/,
    ],
    [
      'a cut connection',
      { cut: true },
      { report: { result: 'error', reason: 'engine_unavailable' } },
      /does not answer/,
    ],
    ['no JSON', { text: '<html>' }, { report: { result: 'error' } }, /answers/],
    ['other JSON', { json: { data: { id: sha256, attributes: {} } } }, { report: { result: 'error' } }, /answers/],
    ['negative counts', fileAnswer({ malicious: -1 }), { report: { result: 'error' } }, /answers/],
    ['an answer about another file', fileAnswer({}, 'f'.repeat(64)), { report: { result: 'error' } }, /answers/],
    ['an endless answer', { text: 'x'.repeat(5_000_000) }, { report: { result: 'error' } }, /does not answer/],
  ])('%s', async (_title, said, expected, detail) => {
    const { engine } = await engineFor(() => said);
    expect(await engine.submit(known())).toMatchObject(expected);
    expect((await engine.health()).detail).toMatch(detail);
  });

  test('silence ends with the clock', async () => {
    const { engine } = await engineFor(() => ({ silent: true }), { timeoutMs: 150 });
    expect(await engine.submit(known())).toMatchObject({ report: { result: 'error', reason: 'timeout' } });
  });
});

describe('an upload', () => {
  const submitted: Said = { json: { data: { type: 'analysis', id: 'YWJj==' } } };
  const onlyUpload = (request: Heard): Said => (request.method === 'GET' ? missing : submitted);

  test.each([
    ['the installation', {}, {}],
    ['the organisation', { uploadAllowed: true }, { mayUpload: false }],
  ])('does not happen without the leave of %s', async (_title, options, file) => {
    const { engine, server } = await engineFor(onlyUpload, options);
    expect(await engine.submit(known(file))).toMatchObject({ report: { result: 'unknown' } });
    expect(server.heard.map(({ method }) => method)).toEqual(['GET']);
  });

  test('of an unknown file carries its bytes but not its name, and waits for the analysis', async () => {
    const { engine, server } = await engineFor(onlyUpload, { uploadAllowed: true });
    const answer = await engine.submit(known());
    expect(answer).toMatchObject({ state: 'pending', handle: { engine: 'virustotal', id: 'YWJj==', sha256 } });
    expect(JSON.stringify(answer)).not.toContain(KEY);
    const { method, url, body, headers } = server.heard[1] as Heard;
    expect([method, url, Number(headers['content-length'])]).toEqual(['POST', '/api/v3/files', body.length]);
    expect(body.toString()).toContain('name="file"; filename="sample"');
    expect(body.toString()).toContain('harmless');
    expect(body.toString()).not.toContain('Rechnung');
  });

  test('of a large file goes to the address that the service names, if it is its own', async () => {
    const large = {
      length: 33 * 1024 * 1024,
      open: () => Promise.resolve(Readable.from([Buffer.alloc(33 * 1024 * 1024)])),
    };
    let address = '';
    const answer = (request: Heard): Said =>
      request.url.endsWith('upload_url') ? { json: { data: address } } : onlyUpload(request);
    const { engine, server } = await engineFor(answer, { uploadAllowed: true });
    address = `${server.origin}/large`;
    expect(await engine.submit(known(large))).toMatchObject({ state: 'pending' });
    expect(server.heard.at(-1)).toMatchObject({ method: 'POST', url: '/large' });
    for (const wrong of [
      'http://127.0.0.1:9/x',
      'https://virustotal.com.evil.example/x',
      'http://www.virustotal.com/x',
      '',
    ]) {
      address = wrong;
      expect(await engine.submit(known(large))).toMatchObject({ state: 'done', report: { result: 'error' } });
    }
  });

  test('whose source breaks rejects with the source’s own error', async () => {
    const { engine } = await engineFor(onlyUpload, { uploadAllowed: true });
    const broken = {
      open: () =>
        Promise.resolve(
          new Readable({
            read() {
              this.destroy(new Error('disk gone'));
            },
          }),
        ),
    };
    await expect(engine.submit(known(broken))).rejects.toThrow('disk gone');
  });
});

describe('the analysis of an upload', () => {
  const handle = (expiresInMs = 60_000) => ({
    engine: 'virustotal',
    id: 'YWJj==',
    sha256,
    submittedAt: new Date().toISOString(),
    expiresAt: new Date(Date.now() + expiresInMs).toISOString(),
  });
  const analysis = (status: string, of = sha256): Said => ({
    json: {
      data: {
        attributes: {
          status,
          date: 1_700_000_000,
          stats: { malicious: 9, suspicious: 0, undetected: 60, harmless: 0 },
        },
      },
      meta: { file_info: { sha256: of } },
    },
  });

  test.each<[string, Said, object]>([
    ['queued', analysis('queued'), { state: 'pending' }],
    ['completed', analysis('completed'), { state: 'done', report: { findings: [{ severity: 'high' }] } }],
    ['of another file', analysis('completed', 'f'.repeat(64)), { report: { result: 'error', findings: [] } }],
    ['a quota', { status: 429 }, { state: 'pending', retryAfterMs: 60_000 }],
    ['an error', { status: 500 }, { state: 'pending', trouble: 'engine_unavailable' }],
    ['not found', { status: 404 }, { report: { result: 'error' } }],
  ])('%s', async (_title, said, expected) => {
    const { engine, server } = await engineFor(() => said);
    expect(await engine.fetchResult(handle())).toMatchObject(expected);
    expect(server.heard[0]?.url).toBe('/api/v3/analyses/YWJj%3D%3D');
  });

  test('that never ends is given up at its deadline', async () => {
    const { engine, server } = await engineFor(() => analysis('queued'));
    expect(await engine.fetchResult(handle(-1))).toMatchObject({ report: { result: 'error', reason: 'timeout' } });
    expect(server.heard).toHaveLength(0);
  });
});

test.each(['http://www.virustotal.com/api/v3', 'ftp://x/', 'no address', 'https://user:pw@host/'])(
  'refuses the address %p',
  (apiUrl) => {
    expect(() => createVirusTotalEngine({ key: KEY, apiUrl })).toThrow(/outside scanner/);
  },
);
