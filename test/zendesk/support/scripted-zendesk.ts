import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  createZendeskClient,
  type BudgetEndpoint,
  type BudgetFacts,
  type ZendeskClient,
} from '../../../zendesk/client';
import { createZendeskTransport, type ZendeskTransport } from '../../../zendesk/http';
import { ownHostsOf } from '../../../zendesk/own-hosts';

/** What the server saw of one request. */
export interface SeenRequest {
  host: string;
  method: string;
  path: string;
  authorization: string | undefined;
  headers: IncomingMessage['headers'];
  body: string;
}

export type Script = (request: SeenRequest, response: ServerResponse) => void;

/** A real HTTP server that says what a test wants, wire failures included; hosts differ by their Host header. */
export interface ScriptedZendesk {
  seen: SeenRequest[];
  transport: ZendeskTransport;
  client: ZendeskClient;
  acquired: string[];
  learned: { endpoint: BudgetEndpoint; facts: BudgetFacts; ticketId: string | undefined }[];
  /** Tokens given out so far; `renew` appends. */
  tokens: string[];
  use(script: Script): void;
  close(): Promise<void>;
}

const BRANDS = [
  { subdomain: 'acme', host_mapping: null },
  { subdomain: 'acme-shop', host_mapping: 'help.acme.test' },
];

/** @param headersTimeoutMs how long the client waits for an answer; short only where a test waits for that */
export async function startScriptedZendesk(headersTimeoutMs = 20_000): Promise<ScriptedZendesk> {
  let script: Script = (_request, response) => response.writeHead(500).end();
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    void readAll(request).then((body) => {
      const { headers, method = '', url = '' } = request;
      const { authorization, host = '' } = headers;
      const one = { host, method, path: url, authorization, headers, body };
      seen.push(one);
      script(one, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const transport = createZendeskTransport({
    address: `http://127.0.0.1:${port}`,
    connectTimeoutMs: 20_000,
    headersTimeoutMs,
    bodyTimeoutMs: 20_000,
  });
  const tokens = ['token-1'];
  const acquired: string[] = [];
  const learned: ScriptedZendesk['learned'] = [];
  const current = (): Promise<string> => Promise.resolve(tokens.at(-1) ?? '');
  const client = createZendeskClient({
    subdomain: 'acme',
    ownHosts: ownHostsOf('acme', BRANDS),
    transport,
    tokens: {
      current,
      renew: (stale) => {
        if (tokens.at(-1) === stale) tokens.push(`token-${tokens.length + 1}`);
        return current();
      },
    },
    budget: {
      acquire: async (endpoints, lane, ticketId) => {
        for (const endpoint of endpoints) {
          const scope = endpoint === 'per_ticket_update' ? (ticketId ?? '') : '';
          acquired.push([endpoint, lane, scope].join(' ').trim());
        }
      },
      learn: (endpoint, facts, ticketId) => void learned.push({ endpoint, facts, ticketId }),
    },
  });
  const close = async (): Promise<void> => {
    await transport.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { seen, transport, client, acquired, learned, tokens, use: (next) => (script = next), close };
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

/** Answers JSON with a status. */
export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

export const DEAD_TOKEN = { error: 'invalid_token', error_description: 'The access token provided is expired' };

/** An attachment as Zendesk lists it. */
export function attachmentRecord(change: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    url: 'https://acme.zendesk.com/api/v2/attachments/5.json',
    id: 5,
    file_name: 'invoice.pdf',
    content_url: 'https://acme.zendesk.com/attachments/token/AbC/?name=invoice.pdf',
    content_type: 'application/pdf',
    size: 10,
    inline: false,
    deleted: false,
    malware_access_override: false,
    malware_scan_result: 'not_scanned',
    thumbnails: [],
    width: null,
    ...change,
  };
}
