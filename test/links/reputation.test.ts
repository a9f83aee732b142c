import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  createFeedEngine,
  createGoogleEngine,
  createThreatfoxEngine,
  createUrlhausEngine,
  type LinkEngine,
} from '../../scanners/links';
import { expressionsOf } from '../../scanners/links/reputation/expressions';

let server: Server;
let base = '';
let requests: { url: string; body: string; headers: NodeJS.Dict<string | string[]> }[] = [];
let reply: (url: string, body: string) => { status?: number; body: string } | undefined;

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      requests.push({ url: request.url ?? '', body, headers: request.headers });
      const answer = reply(request.url ?? '', body);
      if (answer) response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' }).end(answer.body);
      else request.socket.destroy();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((done) => server.close(done)));
beforeEach(() => (requests = []));

const BAD = 'https://bad.example.com/a/secret?token=very-private';
const hash = createHash('sha256').update('bad.example.com/').digest();
const json = (value: unknown) => () => ({ body: JSON.stringify(value) });
const result = async (engine: LinkEngine, url = BAD): Promise<string> => {
  const [answer] = await engine.look([url]);
  return answer?.result === 'known'
    ? answer.findings.map(({ severity, rule }) => `${severity} ${rule}`).join()
    : (answer?.result ?? '');
};

it('makes the expressions that Safe Browsing publishes', () => {
  expect(new Set(expressionsOf('http://a.b.c/1/2.html?param=1'))).toEqual(
    new Set(
      ['a.b.c', 'b.c'].flatMap((host) => ['/1/2.html?param=1', '/1/2.html', '/', '/1/'].map((path) => host + path)),
    ),
  );
  expect(expressionsOf('http://a.b.c.d.e.f.g/1.html').map((expression) => expression.split('/')[0])).not.toContain(
    'b.c.d.e.f.g',
  );
  expect(expressionsOf('http://1.2.3.4/1/')).toEqual(['1.2.3.4/1/', '1.2.3.4/']);
  expect(expressionsOf('data:text/html,x')).toEqual([]);
});

it.each(['webrisk', 'safebrowsing'] as const)(
  'sends %s four bytes of hashes and nothing of the address',
  async (api) => {
    const full = hash.toString('base64');
    reply = (url) => {
      const asked = decodeURIComponent(url).includes(hash.subarray(0, 4).toString('base64'));
      const webrisk = {
        threats: asked ? [{ hash: full, threatTypes: ['MALWARE'], expireTime: '2030-01-01T00:00:00Z' }] : [],
        negativeExpireTime: '2030-01-01T00:00:00Z',
      };
      const v5 = {
        fullHashes: [{ fullHash: full, fullHashDetails: [{ threatType: 'MALWARE' }, { threatType: 'NEW_THING' }] }],
        cacheDuration: '300s',
      };
      return { body: JSON.stringify(api === 'webrisk' ? webrisk : v5) };
    };
    const engine = createGoogleEngine({ api, key: 'k', base });
    expect(await result(engine)).toBe('high Link_Known_As_Malware');
    const sent = requests.map(({ url, body }) => decodeURIComponent(url) + body).join();
    expect(sent).not.toMatch(/bad\.example|secret|private/);
    expect(requests[0]?.headers['x-goog-api-key']).toBe('k');
    const before = requests.length;
    expect(await result(engine)).toBe('high Link_Known_As_Malware');
    expect(requests).toHaveLength(before);
    expect(await result(engine, 'https://other.example.net/')).toBe('nothing');
  },
);

it('takes a hash with the same beginning only for what it is', async () => {
  const other = Buffer.concat([hash.subarray(0, 4), Buffer.alloc(28)]).toString('base64');
  reply = json({
    fullHashes: [{ fullHash: other, fullHashDetails: [{ threatType: 'MALWARE' }] }],
    cacheDuration: '300s',
  });
  expect(await result(createGoogleEngine({ api: 'safebrowsing', key: 'k', base }))).toBe('nothing');
});

it('asks URLhaus for the host only and compares the address here', async () => {
  reply = json({ query_status: 'ok', urls: [{ url: BAD, url_status: 'online' }] });
  const engine = createUrlhausEngine({ key: 'k', base });
  expect(await result(engine)).toBe('high Link_Spreads_Malware');
  expect(await result(engine, 'https://bad.example.com/other')).toBe('medium Link_Host_Spread_Malware');
  expect(requests.map(({ body }) => body)).toEqual(['host=bad.example.com']);
  expect(requests[0]?.headers['auth-key']).toBe('k');
  reply = json({ query_status: 'no_results' });
  expect(await result(createUrlhausEngine({ key: 'k', base }))).toBe('nothing');
});

it('weighs ThreatFox by its confidence', async () => {
  const ask = () => result(createThreatfoxEngine({ key: 'k', base }));
  for (const [confidence, expected] of [
    [100, 'high'],
    [50, 'medium'],
    [10, 'low'],
  ] as const) {
    reply = json({
      query_status: 'ok',
      data: [{ ioc: 'bad.example.com', ioc_type: 'domain', confidence_level: confidence }],
    });
    expect(await ask()).toBe(`${expected} Link_Serves_Malware`);
  }
  reply = json({ query_status: 'no_result', data: 'Your search did not yield any results' });
  expect(await ask()).toBe('nothing');
});

it('asks nobody about names and addresses of the house', async () => {
  reply = json({});
  for (const url of ['http://intranet/x', 'http://10.0.0.1/', 'javascript:alert(1)']) {
    expect(await result(createUrlhausEngine({ key: 'k', base }), url)).toBe('nothing');
  }
  expect(requests).toEqual([]);
});

const ENGINES = [
  ['webrisk', (key: string) => createGoogleEngine({ api: 'webrisk', key, base, timeoutMs: 500 })],
  ['safebrowsing', (key: string) => createGoogleEngine({ api: 'safebrowsing', key, base, timeoutMs: 500 })],
  ['urlhaus', (key: string) => createUrlhausEngine({ key, base, timeoutMs: 500 })],
  ['threatfox', (key: string) => createThreatfoxEngine({ key, base, timeoutMs: 500 })],
] as const;

describe.each(ENGINES)('%s', (_name, make) => {
  it.each([
    ['a refusal', () => ({ status: 403, body: '{}' })],
    ['too many questions', () => ({ status: 429, body: '{}' })],
    ['a redirect', () => ({ status: 302, body: '{}' })],
    ['a page instead of JSON', () => ({ body: '<html>' })],
    ['another shape', () => ({ body: '[]' })],
    ['a closed connection', () => undefined],
  ])('never takes %s for an answer', async (_case, answer) => {
    reply = answer;
    const engine = make('secret-key');
    expect(await engine.look([BAD])).toEqual([{ url: BAD, result: 'error', reason: 'engine_unavailable' }]);
    const health = await engine.health();
    expect(health.ok).toBe(false);
    expect(health.detail).not.toMatch(/secret-key|bad\.example/);
  });
});

describe('feeds', () => {
  const loadedAt = new Date('2026-11-20');
  const feed = (content: string) =>
    createFeedEngine({ name: 'feed', content, loadedAt, now: () => new Date('2026-11-21') });

  it.each([
    [
      'URLhaus CSV',
      '# comment\r\n"1","2026-11-01 10:00:00","http://bad.example.com/a/","online","","malware_download","exe,x","https://urlhaus.abuse.ch/url/1/","x"\r\n',
    ],
    ['semicolons', '1;2026-11-01;https://bad.example.com/a/;online\n'],
    ['ThreatFox CSV', '"2026-11-01 10:00:00", "1", "bad.example.com", "domain", "botnet_cc", "x"\n'],
    ['domains', 'other.example.net\nbad.example.com\n'],
    ['a hosts file', '0.0.0.0 bad.example.com\n'],
    ['a filter list', '! title\n||bad.example.com^\n'],
    ['addresses', 'http://bad.example.com/a/secret?token=very-private\n'],
  ])('of the kind %s know the address', async (_kind, content) => {
    expect(await result(feed(content))).toBe('high Link_On_Bad_List');
    expect(await result(feed(content), 'https://example.com/')).toBe('nothing');
  });

  it('that hold no address are refused, and old ones are unhealthy', async () => {
    expect(() => feed('<html>Service unavailable</html>')).toThrow(/holds no address/);
    const old = createFeedEngine({
      name: 'feed',
      content: 'bad.example.com',
      loadedAt,
      now: () => new Date('2026-12-20'),
    });
    expect(await old.health()).toMatchObject({ ok: false, detail: '1 entries, 30 days old' });
  });
});
