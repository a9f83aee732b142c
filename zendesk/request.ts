import type { Readable } from 'node:stream';
import type { z } from 'zod';
import type { Lane } from '../domain/words';
import { learnFromAnswer, type Budget, type BudgetEndpoint } from './budget';
import { errorFromAnswer } from './error-answer';
import { isZendeskError, ZendeskError } from './errors';
import { errorFromNetwork, type TransportRequest, type TransportResponse, type ZendeskTransport } from './http';

/**
 * Access tokens of one connection. `renew` gets the token that Zendesk refused and returns another: the one that
 * somebody else has stored meanwhile, or a freshly refreshed one. It throws when a person must sign in again.
 */
export interface TokenSource {
  current(): Promise<string>;
  renew(stale: string): Promise<string>;
}

/** Names by which Zendesk knows a Marketplace integration (fact sheet §1.5). */
export interface MarketplaceHeaders {
  name: string;
  organizationId: string;
  appId: string;
}

export interface ApiRequest {
  /** Our own constant name of the call: `tickets.update`. */
  operation: string;
  method: TransportRequest['method'];
  /** Path under the account's host, starting with `/api/v2/`. Ids in it must have passed {@link pathId}. */
  path: string;
  query?: Record<string, string | undefined>;
  json?: unknown;
  /** Bytes instead of JSON. They can be sent once only. */
  raw?: { contentType: string; length: number; body: Readable };
  headers?: Record<string, string>;
  lane: Lane;
  /** Limits the call draws on, most particular first. Default: the account's. */
  endpoints?: readonly BudgetEndpoint[];
  ticketId?: string;
  signal?: AbortSignal | undefined;
}

/** Calls of one account's REST API: budget first, then the request, once more after a renewed token. */
export interface ZendeskApi {
  /** Sends and parses the JSON answer. @throws ZendeskError, `malformed_answer` when the answer does not fit. */
  call<S extends z.ZodType>(request: ApiRequest, schema: S): Promise<z.output<S>>;
  /** Sends, and looks at nothing but the status. @throws ZendeskError */
  run(request: ApiRequest): Promise<void>;
}

export interface ApiOptions {
  /** Checked sub-domain of the account. */
  subdomain: string;
  transport: ZendeskTransport;
  tokens: TokenSource;
  budget: Budget;
  marketplaceHeaders?: MarketplaceHeaders | undefined;
}

const MAX_ANSWER_BYTES = 128 * 1024 * 1024;
const MAX_ERROR_BYTES = 64 * 1024;

/** The REST API of one account. Credentials go to `https://{subdomain}.zendesk.com` and nowhere else. */
export function createZendeskApi(options: ApiOptions): ZendeskApi {
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(options.subdomain)) {
    throw new ZendeskError({ kind: 'unknown_host', operation: 'client', detail: 'not a sub-domain' });
  }
  async function execute(request: ApiRequest): Promise<string> {
    const token = await options.tokens.current();
    try {
      return await attempt(options, request, token);
    } catch (error) {
      if (!isZendeskError(error, 'token_dead')) throw error;
      const renewed = await options.tokens.renew(token);
      if (request.raw === undefined) return attempt(options, request, renewed);
      // The bytes are spent: the caller opens them anew and finds the new token.
      throw new ZendeskError({ kind: 'unauthorised', operation: request.operation, status: 401, retryable: true });
    }
  }
  return {
    call: async (request, schema) => parseAnswer(request, await execute(request), schema),
    run: async (request) => {
      await execute(request);
    },
  };
}

async function attempt(options: ApiOptions, request: ApiRequest, token: string): Promise<string> {
  const endpoints = request.endpoints ?? ['account'];
  const ticketOf = (endpoint: BudgetEndpoint): string | undefined =>
    endpoint === 'per_ticket_update' ? request.ticketId : undefined;
  await options.budget.acquire(endpoints, request.lane, request.ticketId);
  const write = request.method !== 'GET';
  const answer = await options.transport.send({
    operation: request.operation,
    method: request.method,
    url: addressOf(options.subdomain, request),
    headers: { ...headersOf(options, request), authorization: `Bearer ${token}` },
    body: request.raw?.body ?? (request.json === undefined ? undefined : JSON.stringify(request.json)),
    signal: request.signal,
  });
  const ok = answer.status >= 200 && answer.status < 300;
  const limit = ok ? MAX_ANSWER_BYTES : MAX_ERROR_BYTES;
  const body = await readText(answer, { operation: request.operation, write, limit, cut: !ok });
  for (const { endpoint, facts } of learnFromAnswer(
    { status: answer.status, headers: answer.headers, body },
    endpoints,
  )) {
    await options.budget.learn(endpoint, facts, ticketOf(endpoint));
  }
  if (ok) return body;
  throw errorFromAnswer({ operation: request.operation, status: answer.status, headers: answer.headers, body, write });
}

function addressOf(subdomain: string, request: ApiRequest): URL {
  const url = new URL(`https://${subdomain}.zendesk.com${request.path}`);
  for (const [name, value] of Object.entries(request.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url;
}

function headersOf(options: ApiOptions, request: ApiRequest): Record<string, string> {
  const headers: Record<string, string> = {
    accept: 'application/json',
    'accept-encoding': 'identity',
    'accept-language': 'en',
    ...request.headers,
  };
  if (request.raw !== undefined) {
    headers['content-type'] = request.raw.contentType;
    headers['content-length'] = String(request.raw.length);
  } else if (request.json !== undefined) headers['content-type'] = 'application/json';
  const names = options.marketplaceHeaders;
  if (names === undefined) return headers;
  return {
    ...headers,
    'x-zendesk-marketplace-name': names.name,
    'x-zendesk-marketplace-organization-id': names.organizationId,
    'x-zendesk-marketplace-app-id': names.appId,
  };
}

interface ReadRules {
  operation: string;
  write: boolean;
  /** Bytes. */
  limit: number;
  /** Whether a longer body is cut (an error's) instead of refused. */
  cut: boolean;
}

/** Reads a whole body as text. @throws ZendeskError when it breaks off, is compressed or too long. */
export async function readText(answer: TransportResponse, rules: ReadRules): Promise<string> {
  const { operation, write } = rules;
  const malformed = (detail: string): ZendeskError =>
    new ZendeskError({ kind: 'malformed_answer', operation, status: answer.status, detail, outcomeUnknown: write });
  if (!['', 'identity'].includes(answer.headers['content-encoding'] ?? '') && !rules.cut) {
    answer.body.destroy();
    throw malformed('compressed although identity was asked for');
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of answer.body) {
      const piece = Buffer.from(chunk);
      bytes += piece.length;
      if (bytes > rules.limit && !rules.cut) throw malformed('longer than we read');
      if (bytes > rules.limit) break;
      chunks.push(piece);
    }
  } catch (error) {
    // An error's status is worth more than its body.
    if (!rules.cut) throw errorFromNetwork(error, operation, { write });
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Parses JSON whatever its declared type: `uploads` answers JSON as `text/plain` (fact sheet §3.3). */
export function parseAnswer<S extends z.ZodType>(
  request: Pick<ApiRequest, 'operation' | 'method'>,
  body: string,
  schema: S,
): z.output<S> {
  const fail = (detail: string): ZendeskError =>
    new ZendeskError({
      kind: 'malformed_answer',
      operation: request.operation,
      detail,
      outcomeUnknown: request.method !== 'GET',
    });
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    throw fail('not JSON');
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  // Only key names of our own schema: a path may hold no value of the answer.
  const where = parsed.error.issues[0]?.path.filter((part) => typeof part === 'string').join('.') ?? '';
  throw fail(`unexpected shape at "${/^[\w.]{0,80}$/.test(where) ? where : '?'}"`);
}

/** An id inside a path. @throws ZendeskError when it is not one of Zendesk's: nothing else may get into a path. */
export function pathId(id: string, operation: string): string {
  if (/^[0-9A-Za-z]{1,40}$/.test(id)) return id;
  throw new ZendeskError({ kind: 'bad_request', operation, detail: 'not an id' });
}
