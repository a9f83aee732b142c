import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLinkFetcher, isPrivateAddress, type LinkFetcherOptions } from '../../scanners/links';

let server: Server;
let port = 0;
let asked: { method: string; host: string; path: string; cookie: string }[] = [];
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeAll(async () => {
  server = createServer((request, response) => {
    const { method = '', url: path = '', headers } = request;
    asked.push({ method, host: headers.host ?? '', path, cookie: headers.cookie ?? '' });
    answer(request, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => new Promise((done) => server.close(done)));
beforeEach(() => {
  asked = [];
  answer = (_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('hello');
});

const PUBLIC = '93.184.216.34';

function fetcher(options: LinkFetcherOptions = {}): ReturnType<typeof createLinkFetcher> {
  return createLinkFetcher({
    ports: [port, 80, 443],
    resolve: () => Promise.resolve([PUBLIC]),
    dial: (address) => (address === PUBLIC ? '127.0.0.1' : address),
    timeoutMs: 3_000,
    ...options,
  });
}

const at = (host: string, path: string): string => `http://${host}:${port}${path}`;
const to = (response: ServerResponse, location: string): unknown =>
  response.writeHead(302, { location, 'set-cookie': 'a=b' }).end();

it('asks by HEAD, keeps no cookie and follows redirects to the end', async () => {
  answer = ({ url }, response) => (url === '/a' ? to(response, at('b.example', '/b')) : response.writeHead(200).end());
  const walk = await fetcher()(at('a.example', '/a'));
  expect(walk).toMatchObject({ hops: [at('a.example', '/a'), at('b.example', '/b')], status: 200 });
  expect(asked).toEqual([
    { method: 'HEAD', host: `a.example:${port}`, path: '/a', cookie: '' },
    { method: 'HEAD', host: `b.example:${port}`, path: '/b', cookie: '' },
  ]);
});

it('asks again by GET where HEAD is unknown, and stops reading at the limit', async () => {
  answer = ({ method }, response) =>
    method === 'HEAD' ? response.writeHead(405).end() : response.writeHead(200).end('x'.repeat(1_000_000));
  expect(await fetcher({ maxBytes: 1_000 })(at('a.example', '/x'))).toMatchObject({ status: 200 });
  expect(asked.map(({ method }) => method)).toEqual(['HEAD', 'GET']);
});

it.each([
  ['169.254.169.254'],
  ['10.0.0.1'],
  ['127.0.0.1'],
  ['100.64.0.1'],
  ['224.0.0.1'],
  ['0.0.0.0'],
  ['::1'],
  ['fe80::1'],
  ['fd00::1'],
  ['::ffff:10.0.0.1'],
  ['64:ff9b::a00:1'],
  ['2002:a00:1::'],
])('never connects to %s, whatever the name in front of it', async (address) => {
  const walk = await fetcher({ resolve: () => Promise.resolve([PUBLIC, address]) })(at('a.example', '/'));
  expect(walk).toMatchObject({ hops: [], refused: 'private_address' });
  expect(asked).toEqual([]);
  expect(isPrivateAddress(address)).toBe(true);
});

it('checks each hop anew', async () => {
  answer = (_request, response) => to(response, at('inside.example', '/x'));
  const resolve = (host: string): Promise<string[]> =>
    Promise.resolve([host === 'inside.example' ? '192.168.1.1' : PUBLIC]);
  expect(await fetcher({ resolve })(at('a.example', '/'))).toEqual({
    hops: [at('a.example', '/')],
    refused: 'private_address',
    next: at('inside.example', '/x'),
  });
});

it.each([
  ['file:///etc/passwd', 'not_web'],
  ['http://a.example:22/', 'port'],
  ['http://user:pass@a.example/', 'credentials'],
  ['http://a.example/reset?token=abc', 'single_use'],
  ['http://a.example/unsubscribe', 'single_use'],
])('refuses a redirect to %s', async (location, refused) => {
  answer = (_request, response) => to(response, location);
  expect(await fetcher()(at('a.example', '/'))).toMatchObject({ refused, next: expect.any(String) as string });
  expect(asked).toHaveLength(1);
});

it('gives up after five redirects, on silence and on names without address', async () => {
  answer = ({ url = '' }, response) => to(response, `${url}x`);
  expect(await fetcher()(at('a.example', '/'))).toMatchObject({ refused: 'too_many_hops' });
  expect(asked).toHaveLength(6);
  answer = () => undefined;
  expect(await fetcher({ timeoutMs: 200 })(at('a.example', '/'))).toMatchObject({ refused: 'no_answer' });
  expect(await fetcher({ resolve: () => Promise.resolve([]) })(at('a.example', '/'))).toMatchObject({
    refused: 'unknown_host',
  });
});
