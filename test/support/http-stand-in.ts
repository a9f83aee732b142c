/** A stand-in for scanners that are asked over HTTP: the test says what each request gets. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Heard {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

export interface Said {
  status?: number;
  json?: unknown;
  text?: string;
  headers?: Record<string, string>;
  /** Nothing is said, ever. */
  silent?: boolean;
  /** The connection is cut. */
  cut?: boolean;
}

export interface HttpStandIn {
  origin: string;
  heard: Heard[];
  stop(): Promise<void>;
}

/** Starts one on a free port of this machine. */
export async function httpStandIn(answer: (request: Heard) => Said): Promise<HttpStandIn> {
  const heard: Heard[] = [];
  const server: Server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('error', () => undefined);
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const one = { method, url, headers, body: Buffer.concat(parts) };
      heard.push(one);
      say(response, answer(one));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function say(response: ServerResponse, said: Said): void {
  if (said.silent) return;
  if (said.cut) return void response.destroy();
  response.writeHead(said.status ?? 200, { 'content-type': 'application/json', ...said.headers });
  response.end(said.text ?? JSON.stringify(said.json ?? {}));
}
