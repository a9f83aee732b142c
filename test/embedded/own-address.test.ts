import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { localOrigin, requireReachable } from '../../embedded/own-address';
import { freePort } from '../../embedded/processes';

it.each([
  ['127.0.0.1', 'http://127.0.0.1:8800'],
  ['0.0.0.0', 'http://127.0.0.1:8800'],
  ['::', 'http://[::1]:8800'],
  ['192.0.2.7', 'http://192.0.2.7:8800'],
  ['localhost', 'http://localhost:8800'],
])('is reached, when it listens on %s, at %s', (host, origin) => {
  expect(localOrigin(host, 8800)).toBe(origin);
});

it('refuses a public address where nothing answers, or somebody else', async () => {
  const nowhere = `http://127.0.0.1:${await freePort()}`;
  await expect(requireReachable(nowhere, 'http://127.0.0.1:8800')).rejects.toThrow(
    `LAZARET_PUBLIC_URL is ${nowhere}, where nothing answers from this machine: let it lead to http://127.0.0.1:8800`,
  );
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/healthz' ? 404 : 200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const other = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await expect(requireReachable(other, 'http://127.0.0.1:8800')).rejects.toThrow('not Lazaret answers (status 404)');
  await new Promise((resolve) => server.close(resolve));
});
