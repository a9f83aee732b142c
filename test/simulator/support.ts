import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'undici';
import type { AccountRequest, AccountView } from '../../simulator/accounts';
import { SimulatorUser } from '../../simulator/client';
import type { Simulator, SimulatorOptions } from '../../simulator/index';
import { startSimulator } from '../../simulator/index';

export interface Desk {
  simulator: Simulator;
  view: AccountView;
  admin: SimulatorUser;
  agent: SimulatorUser;
}

/** A stand-in with the account `acme` on free ports. */
export async function openDesk(
  account: Partial<AccountRequest> = {},
  options: Partial<SimulatorOptions> = {},
): Promise<Desk> {
  const simulator = await startSimulator({ port: 0, accounts: [{ subdomain: 'acme', ...account }], ...options });
  const view = await viewOf(simulator, 'acme');
  return { simulator, view, admin: userOf(simulator, view, 'admin'), agent: userOf(simulator, view, 'agent') };
}

export async function viewOf(simulator: Simulator, subdomain: string): Promise<AccountView> {
  const response = await fetch(`${simulator.url}/_simulator/accounts/${subdomain}`);
  return ((await response.json()) as { account: AccountView }).account;
}

export function userOf(simulator: Simulator, view: AccountView, who: 'admin' | 'agent'): SimulatorUser {
  const { email, apiToken } = view[who];
  return new SimulatorUser({ url: simulator.url, subdomain: view.subdomain, email, apiToken: apiToken ?? '' });
}

/** EICAR, put together at run time so that no stored file is a detection. */
export const eicar = (): Buffer =>
  Buffer.from(['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join(''));

export interface Raw {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  json: Record<string, unknown>;
}

/** A request under any Host name, as Lazaret's transport makes them. Redirects are not followed. */
export async function call(
  url: string,
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  options: { host?: string; auth?: string; body?: unknown; form?: Record<string, string>; cookie?: string } = {},
): Promise<Raw> {
  const headers: Record<string, string> = {};
  if (options.host !== undefined) headers['host'] = options.host;
  if (options.auth !== undefined) headers['authorization'] = options.auth;
  if (options.cookie !== undefined) headers['cookie'] = options.cookie;
  let body: string | undefined;
  if (options.form !== undefined) {
    headers['content-type'] = 'application/x-www-form-urlencoded';
    body = new URLSearchParams(options.form).toString();
  } else if (options.body !== undefined) {
    headers['content-type'] = 'application/json';
    body = JSON.stringify(options.body);
  }
  const response = await request(`${url}${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
  const text = await response.body.text();
  const isJson = text.startsWith('{');
  const json = isJson ? (JSON.parse(text) as Record<string, unknown>) : {};
  return { status: response.statusCode, headers: response.headers, text, json };
}

export const basic = (email: string, token: string | null): string =>
  `Basic ${Buffer.from(`${email}/token:${token ?? ''}`).toString('base64')}`;

export interface Delivery {
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Receiver {
  url: string;
  deliveries: Delivery[];
  /** Answers for the next deliveries; 200 when empty. */
  answers: { status: number; headers?: Record<string, string> }[];
  /** Resolves when that many deliveries have come. */
  waitFor: (count: number) => Promise<void>;
  stop: () => Promise<void>;
}

/** Listens for webhook calls on loopback. */
export async function openReceiver(): Promise<Receiver> {
  const deliveries: Delivery[] = [];
  const answers: Receiver['answers'] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      deliveries.push({ headers: incoming.headers, body: Buffer.concat(chunks).toString('utf8') });
      const answer = answers.shift() ?? { status: 200 };
      response.writeHead(answer.status, answer.headers).end('{"ok":true}');
      for (const waiter of waiting) if (deliveries.length >= waiter.count) waiter.resolve();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/zendesk`,
    deliveries,
    answers,
    waitFor: (count) =>
      deliveries.length >= count ? Promise.resolve() : new Promise((resolve) => waiting.push({ count, resolve })),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
