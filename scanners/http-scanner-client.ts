import type { Readable } from 'node:stream';
import { Agent } from 'undici';
import type { UnscannableReason } from '../domain/words';
import { canParseUrl } from '../domain/urls';

const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
/** An upload may take longer than a question. */
const UPLOAD_FACTOR = 4;
/** But less than the activity that waits for it. */
const LONGEST_UPLOAD_MS = 10 * 60_000;

/**
 * Checks an address that the operator configured: https, or http to this machine and to hosts that he names as his own.
 * @throws with a sentence; the address itself is not repeated, since it may carry a secret
 */
export function checkOutsideUrl(text: string, privateHosts: readonly string[] = []): URL {
  if (!canParseUrl(text)) throw new Error('The address of an outside scanner is no URL.');
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') {
    throw new Error('The address of an outside scanner holds a user name or a password: use a header with a secret.');
  }
  const own = isLoopback(url.hostname) || privateHosts.includes(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && own)) {
    throw new Error(
      'The address of an outside scanner must begin with https://, or its host be named in privateHosts.',
    );
  }
  return url;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname);
}

export interface OutsideRequest {
  method: 'GET' | 'POST' | 'PUT';
  url: string;
  headers: Readonly<Record<string, string>>;
  body?: { stream: Readable; length: number };
}

/** `json` is undefined where the answer is none. `failed`: nobody answered, or with more than is read. */
export type OutsideAnswer =
  | { state: 'answer'; status: number; json: unknown; retryAfterMs: number | undefined }
  | { state: 'failed'; reason: UnscannableReason };

/** Requests to outside scanners: checked addresses, no redirect followed, bounded time and answer. */
export class OutsideClient {
  private readonly agent: Agent;
  private readonly timeoutMs: number;
  private readonly privateHosts: readonly string[];

  constructor(options: { timeoutMs: number; privateHosts?: readonly string[] }) {
    this.timeoutMs = options.timeoutMs;
    this.privateHosts = options.privateHosts ?? [];
    this.agent = new Agent({
      connect: { timeout: options.timeoutMs },
      headersTimeout: options.timeoutMs,
      bodyTimeout: options.timeoutMs,
      maxResponseSize: MAX_ANSWER_BYTES,
    });
  }

  /** @throws only what the body's own source throws, and for an address that is not allowed */
  async send({ method, url, headers, body }: OutsideRequest): Promise<OutsideAnswer> {
    const { origin, pathname, search } = checkOutsideUrl(url, this.privateHosts);
    const uploadMs = Math.min(this.timeoutMs * UPLOAD_FACTOR, LONGEST_UPLOAD_MS);
    const signal = AbortSignal.timeout(body ? uploadMs : this.timeoutMs);
    let sourceError: unknown;
    body?.stream.once('error', (error) => (sourceError ??= signal.aborted ? undefined : error));
    try {
      const answer = await this.agent.request({
        ...{ origin, path: `${pathname}${search}`, method, signal },
        headers: { 'user-agent': 'Lazaret', ...headers, ...(body && { 'content-length': String(body.length) }) },
        body: body?.stream ?? null,
      });
      const text = await answer.body.text();
      return {
        state: 'answer',
        status: answer.statusCode,
        json: parseJson(text),
        retryAfterMs: retryAfter(answer.headers['retry-after']),
      };
    } catch (error) {
      if (sourceError !== undefined && sourceError === error) throw error;
      const late = signal.aborted || (error instanceof Error && /Timeout/.test(error.name));
      return { state: 'failed', reason: late ? 'timeout' : 'engine_unavailable' };
    } finally {
      body?.stream.destroy();
    }
  }

  close(): Promise<void> {
    return this.agent.destroy();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Seconds or a date (RFC 9110 10.2.3), between a second and an hour. */
function retryAfter(header: string | string[] | undefined): number | undefined {
  if (typeof header !== 'string') return undefined;
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.min(3_600_000, Math.max(1_000, ms));
}

/** The value at a JSON pointer (RFC 6901); undefined where there is none. */
export function atPointer(document: unknown, pointer: string): unknown {
  let value = document;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

/** A text short and plain enough to be shown; undefined for anything else. */
export function plainWord(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\w.:+\-/ ()!]{1,200}$/.test(value) ? value : undefined;
}
