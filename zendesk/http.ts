import type { Readable } from 'node:stream';
import { Agent, Pool, type Dispatcher } from 'undici';
import { ZendeskError, type ZendeskErrorKind } from './errors';

/** One HTTP request to a real Zendesk address. */
export interface TransportRequest {
  /** Our own constant name of the call, for errors. */
  operation: string;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** The real address, `https://acme.zendesk.com/…` or `https://….zdusercontent.com/…`; never the test address. */
  url: URL;
  headers: Record<string, string>;
  body?: string | Readable | undefined;
  signal?: AbortSignal | undefined;
}

/** Header names are in lower case; a repeated header is joined with `, `. The body must be read, dumped or destroyed. */
export interface TransportResponse {
  status: number;
  headers: Record<string, string>;
  body: Readable;
  /** Throws the rest of the body away, keeping the connection where that is cheap. */
  discard(): Promise<void>;
}

export interface TransportOptions {
  /** Where connections really go, e.g. `http://127.0.0.1:4001`. Undefined: to the real hosts, over TLS. */
  address?: string | undefined;
  connectTimeoutMs: number;
  /** From the end of our request to the answer's headers. */
  headersTimeoutMs: number;
  /** Between two pieces of the answer's body. */
  bodyTimeoutMs: number;
}

/** Keep-alive connections to Zendesk. Follows no redirect, undoes no compression, repeats nothing. */
export interface ZendeskTransport {
  send(request: TransportRequest): Promise<TransportResponse>;
  /** The address a person's browser opens: with a test address set, `acme.localhost:PORT` stands for `acme.zendesk.com`. */
  browserUrl(url: string): string;
  close(): Promise<void>;
}

/**
 * Makes the transport. With `address` set every connection goes there and the `Host` header keeps the real name; what
 * may be asked of which host is decided by callers on real names, so rules are the same in both cases.
 */
export function createZendeskTransport(options: TransportOptions): ZendeskTransport {
  const address = options.address === undefined ? undefined : new URL(options.address);
  const settings = {
    connect: { timeout: options.connectTimeoutMs },
    headersTimeout: options.headersTimeoutMs,
    bodyTimeout: options.bodyTimeoutMs,
  };
  const dispatcher: Dispatcher = address === undefined ? new Agent(settings) : new Pool(address.origin, settings);
  return {
    send: (request) => send(dispatcher, address?.origin, request),
    browserUrl: (url) => browserUrl(address, url),
    close: () => dispatcher.destroy(),
  };
}

async function send(
  dispatcher: Dispatcher,
  origin: string | undefined,
  request: TransportRequest,
): Promise<TransportResponse> {
  const { url, operation, method } = request;
  if (url.protocol !== 'https:' || url.port !== '' || url.username !== '' || url.password !== '') {
    throw new ZendeskError({ kind: 'malformed_answer', operation, detail: 'not a plain https address' });
  }
  try {
    const answer = await dispatcher.request({
      origin: origin ?? url.origin,
      path: `${url.pathname}${url.search}`,
      method,
      headers: { 'user-agent': 'Lazaret', ...request.headers, host: url.hostname },
      body: request.body ?? null,
      signal: request.signal ?? null,
    });
    // A body that breaks before anybody reads it must not end the process; its reader still gets the error.
    answer.body.on('error', () => undefined);
    return {
      status: answer.statusCode,
      headers: flatten(answer.headers),
      body: answer.body,
      discard: () =>
        answer.body.dump({ limit: 65_536 }).then(
          () => undefined,
          () => undefined,
        ),
    };
  } catch (error) {
    if (isSourceFailure(request.body, error)) throw error;
    throw errorFromNetwork(error, operation, { write: method !== 'GET', signal: request.signal });
  }
}

const CONNECTION_CODE = /^(UND_ERR_|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|E(HOST|NET)UNREACH)/;

/** Whether the bytes we send failed at their own source: that error belongs to the caller, not to the network. */
function isSourceFailure(body: TransportRequest['body'], error: unknown): boolean {
  if (body === undefined || typeof body === 'string' || body.errored === null) return false;
  return body.errored === error && !CONNECTION_CODE.test(textProperty(error, 'code'));
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}

/** Failures that happen before a byte of the request is on the wire: these requests were certainly not executed. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);
const TIMEOUTS = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'UND_ERR_CONNECT_TIMEOUT', 'ETIMEDOUT']);

/**
 * Turns a failure of the connection, before or within an answer, into a {@link ZendeskError}. A write that was sent is
 * marked `outcomeUnknown`. `ETIMEDOUT` can also cut a live connection, so it counts as unsent only while connecting.
 */
export function errorFromNetwork(
  error: unknown,
  operation: string,
  call: { write: boolean; signal?: AbortSignal | undefined },
): ZendeskError {
  if (error instanceof ZendeskError) return error;
  const code = textProperty(error, 'code');
  const name = textProperty(error, 'name');
  let kind: ZendeskErrorKind = TIMEOUTS.has(code) ? 'timeout' : 'network';
  if (call.signal?.aborted === true || name === 'AbortError' || code === 'UND_ERR_ABORTED') kind = 'aborted';
  const connecting = code !== 'ETIMEDOUT' || textProperty(error, 'syscall') === 'connect';
  return new ZendeskError({ kind, operation, outcomeUnknown: call.write && !(NOT_SENT.has(code) && connecting) });
}

function textProperty(value: unknown, key: string): string {
  if (typeof value !== 'object' || value === null || !(key in value)) return '';
  const found: unknown = Reflect.get(value, key);
  return typeof found === 'string' ? found : '';
}

function browserUrl(address: URL | undefined, real: string): string {
  const url = new URL(real);
  const label = /^([a-z0-9-]+)\.zendesk\.com$/.exec(url.hostname)?.[1];
  if (address === undefined || label === undefined) return real;
  return `${address.protocol}//${label}.localhost${address.port === '' ? '' : `:${address.port}`}${url.pathname}${url.search}`;
}
