import { request as httpRequest } from 'node:http';
import { z } from 'zod';
import { createZendeskClient, type ZendeskClient } from '../../../zendesk/client';
import { createZendeskTransport, type ZendeskTransport } from '../../../zendesk/http';
import { createZendeskOAuth, randomToken, type TokenPair, type ZendeskOAuth } from '../../../zendesk/oauth';
import { ownHostsOf } from '../../../zendesk/own-hosts';
import { startSimulator, type Simulator } from '../../../simulator/index';

const REDIRECT = 'https://lazaret.test/callback';
export const CLIENT = { id: 'zdg-lazaret', secret: 'client-secret' };

interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** The stand-in for Zendesk with the account `acme` (a second brand, a mapped domain), and ways to act on it. */
export interface SimulatedZendesk {
  simulator: Simulator;
  transport: ZendeskTransport;
  oauth: ZendeskOAuth;
  /** Moves the simulator's clock on, in seconds. */
  pass(seconds: number): void;
  /** Signs in with a browser's steps and returns the code that came back. */
  authorise(options?: SignIn): Promise<{ code: string; codeVerifier: string; state: string | null }>;
  signIn(options?: SignIn): Promise<TokenPair>;
  /** A client with a fresh token. */
  connect(options?: SignIn): Promise<ZendeskClient>;
  /** A call by the account's human agent; the ticket's id where the answer has one. @throws Error on any refusal */
  agent(method: string, path: string, body?: unknown): Promise<string>;
  /** A new ticket with these files in its first comment; its id. */
  ticketWith(files: Record<string, Buffer>, more?: Record<string, unknown>): Promise<string>;
  /** Sends a file as the agent; the upload token. */
  agentUpload(fileName: string, bytes: Buffer, contentType?: string): Promise<string>;
  control(path: string, body: unknown): Promise<void>;
  close(): Promise<void>;
}

export interface SignIn {
  scopes?: string[];
  user?: 'admin' | 'agent';
  subdomain?: string;
}

export async function startSimulatedZendesk(options: { webhookTarget?: string } = {}): Promise<SimulatedZendesk> {
  let skew = 0;
  const person = { email: 'admin@acme.example', password: 'pw', name: 'Admin' };
  const simulator = await startSimulator({
    port: 0,
    clock: () => Date.now() + skew * 1000,
    ...options,
    accounts: [
      {
        subdomain: 'acme',
        admin: person,
        agent: { email: 'agent@acme.example', password: 'pw', apiToken: 'agent-token' },
        clients: [{ identifier: CLIENT.id, secret: CLIENT.secret, redirectUris: [REDIRECT], global: true }],
        brands: [{ subdomain: 'acme-shop', hostMapping: 'help.acme.test' }],
        switches: { rateLimits: { enabled: false } },
      },
      { subdomain: 'globex', clients: [{ identifier: 'globex-local', secret: 'x', redirectUris: [REDIRECT] }] },
    ],
  });
  const transport = createZendeskTransport({
    address: simulator.url,
    connectTimeoutMs: 5000,
    headersTimeoutMs: 5000,
    bodyTimeoutMs: 5000,
  });
  const oauth = createZendeskOAuth({ transport, nowMs: Date.now });
  const basic = `Basic ${Buffer.from('agent@acme.example/token:agent-token').toString('base64')}`;
  const asAgent = (method: string, path: string, body?: string | Buffer, type = 'application/json') =>
    talk(simulator.port, method, path, body, { authorization: basic, 'content-type': type });

  const zendesk: SimulatedZendesk = {
    simulator,
    transport,
    oauth,
    pass: (seconds) => void (skew += seconds),
    authorise: (how) => authorise(simulator.port, oauth, how),
    signIn: async (how = {}) => {
      const { code, codeVerifier } = await authorise(simulator.port, oauth, how);
      return oauth.exchangeCode({ ...exchangeOf(how), code, codeVerifier });
    },
    connect: async (how = {}) => {
      const pair = await zendesk.signIn(how);
      return clientOf(zendesk, pair.accessToken);
    },
    agent: async (method, path, body) => {
      const answer = parsed(await asAgent(method, path, body === undefined ? '' : JSON.stringify(body)));
      return String(answer.ticket.id);
    },
    ticketWith: async (files, more = {}) => {
      const uploads: string[] = [];
      for (const [name, bytes] of Object.entries(files)) uploads.push(await zendesk.agentUpload(name, bytes));
      const ticket = { subject: 'Help', comment: { body: 'See file', uploads }, ...more };
      return zendesk.agent('POST', '/api/v2/tickets', { ticket });
    },
    agentUpload: async (fileName, bytes, contentType = 'application/octet-stream') => {
      const path = `/api/v2/uploads?filename=${encodeURIComponent(fileName)}`;
      return parsed(await asAgent('POST', path, bytes, contentType)).upload.token;
    },
    control: async (path, body) => {
      parsed(await talk(simulator.port, 'POST', `/_simulator/${path}`, JSON.stringify(body), {}));
    },
    close: async () => {
      await transport.close();
      await simulator.stop();
    },
  };
  return zendesk;
}

/** A client of `acme` that knows both brands and has this token; nothing renews it. */
export function clientOf(zendesk: SimulatedZendesk, accessToken: string): ZendeskClient {
  return createZendeskClient({
    subdomain: 'acme',
    ownHosts: ownHostsOf('acme', [{ subdomain: 'acme-shop', host_mapping: 'help.acme.test' }]),
    transport: zendesk.transport,
    tokens: {
      current: () => Promise.resolve(accessToken),
      renew: () => Promise.reject(new Error('nobody renews this token')),
    },
    budget: { acquire: () => Promise.resolve(), learn: () => undefined },
  });
}

/** What an exchange needs besides code and verifier. */
export function exchangeOf(how: SignIn): {
  subdomain: string;
  client: typeof CLIENT;
  redirectUri: string;
  scopes: string[];
} {
  const { subdomain = 'acme', scopes = ['read', 'write'] } = how;
  return { subdomain, client: CLIENT, redirectUri: REDIRECT, scopes };
}

async function authorise(
  port: number,
  oauth: ZendeskOAuth,
  how: SignIn = {},
): ReturnType<SimulatedZendesk['authorise']> {
  const { subdomain = 'acme', scopes = ['read', 'write'], user = 'admin' } = how;
  const codeVerifier = randomToken();
  const request = { subdomain, clientId: CLIENT.id, redirectUri: REDIRECT, scopes, state: 'state-1', codeVerifier };
  const page = new URL(oauth.authoriseUrl(request));
  const host = page.host;
  const form = (fields: Record<string, string>): string => new URLSearchParams(fields).toString();
  const headers = { host, 'content-type': 'application/x-www-form-urlencoded' };
  const credentials = form({ email: `${user}@acme.example`, password: 'pw', return_to: '/' });
  const login = await talk(port, 'POST', '/access/login', credentials, headers);
  const cookie = String(login.headers['set-cookie']).split(';')[0] ?? '';
  const consent = await talk(port, 'GET', `${page.pathname}${page.search}`, undefined, { host, cookie });
  const fields = [...consent.body.matchAll(/name="([a-z_]+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [
    name,
    value,
  ]);
  const decision = form({ ...Object.fromEntries(fields), decision: 'allow' });
  const allowed = await talk(port, 'POST', '/oauth/authorizations', decision, { ...headers, cookie });
  const back = new URL(String(allowed.headers['location']));
  return { code: back.searchParams.get('code') ?? '', codeVerifier, state: back.searchParams.get('state') };
}

const AgentAnswer = z.object({
  ticket: z.object({ id: z.number() }).default({ id: 0 }),
  upload: z.object({ token: z.string() }).default({ token: '' }),
});

function parsed(reply: Reply): z.output<typeof AgentAnswer> {
  if (reply.status >= 400) throw new Error(`status ${reply.status}: ${reply.body}`);
  return AgentAnswer.parse(reply.body === '' ? {} : JSON.parse(reply.body));
}

function talk(
  port: number,
  method: string,
  path: string,
  body: string | Buffer | undefined,
  headers: Record<string, string>,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, method, path, headers: { host: 'acme.zendesk.com', ...headers } };
    const request = httpRequest(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        });
      });
    });
    request.on('error', reject).end(body);
  });
}
