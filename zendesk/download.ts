import { Readable } from 'node:stream';
import type { FetchOutcome, FetchRequest } from '../domain/channel';
import { learnFromAnswer, type Budget } from './budget';
import { errorFromAnswer } from './error-answer';
import { isZendeskError, ZendeskError } from './errors';
import { errorFromNetwork, type TransportResponse, type ZendeskTransport } from './http';
import { isContentHost, isOwnHost, mayCarryCredentials, type OwnHost } from './own-hosts';
import { readText, type TokenSource } from './request';
import type { Attachment } from './schemas';
import { canParseUrl } from '../domain/urls';

export interface DownloadOptions {
  transport: ZendeskTransport;
  tokens: TokenSource;
  budget: Budget;
  ownHosts: readonly OwnHost[];
  /** The attachment as Zendesk lists it now; undefined when it has none. Asked only where the download is in doubt. */
  readAttachment(attachmentId: string, lane: FetchRequest['lane']): Promise<Attachment | undefined>;
}

const OPERATION = 'attachments.download';
const MAX_HOPS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];

type Refused = Extract<FetchOutcome, { outcome: 'refused' }>;
interface Arrived {
  url: URL;
  answer: TransportResponse;
  token: string | undefined;
}

/**
 * Downloads one attachment (design §4 "Download", fact sheet §3.2). A body counts as the file only when its length was
 * declared and its last host is Zendesk's content host; else, and for HTML, the attachment's own record decides. The
 * stream fails with kind `truncated` when fewer or more bytes come. Read or destroy it: it holds a connection.
 * @throws ZendeskError for whatever may pass (network, 429, 5xx), for dead tokens and for refused permission
 */
export function createDownload(options: DownloadOptions): (request: FetchRequest) => Promise<FetchOutcome> {
  return async (request) => {
    const first = await follow(options, request);
    if ('outcome' in first) return first;
    const outcome = await judge(options, request, first);
    if (outcome !== 'token_dead') {
      // A dead token may also lead to a sign-in page: asking for the record has renewed it, so try once more.
      const renewed = outcome.outcome === 'refused' && (await renewedSince(options, first.token));
      if (!renewed) return outcome;
    } else await options.tokens.renew(first.token ?? '');
    const second = await follow(options, request);
    if ('outcome' in second) return second;
    const again = await judge(options, request, second);
    if (again === 'token_dead') throw new ZendeskError({ kind: 'token_dead', operation: OPERATION, status: 401 });
    return again;
  };
}

async function renewedSince(options: DownloadOptions, token: string | undefined): Promise<boolean> {
  return token !== undefined && (await options.tokens.current()) !== token;
}

/** Goes from hop to hop by hand, each checked by its real name before anything is sent there. */
async function follow(options: DownloadOptions, request: FetchRequest): Promise<Arrived | Refused> {
  let url = plainHttps(request.contentUrl);
  if (url === undefined) return malformed("the file's address is no plain https address");
  if (!isOwnHost(options.ownHosts, url.hostname)) {
    return refused('unknown_host', "the file's address is on none of this account's known hosts");
  }
  for (let hop = 0; hop <= MAX_HOPS; hop += 1) {
    const arrived: Arrived = await ask(options, request, url);
    const { status, headers } = arrived.answer;
    if (!REDIRECTS.includes(status)) return arrived;
    await arrived.answer.discard();
    const next = plainHttps(headers.location ?? '', url);
    if (next === undefined) return malformed('redirected to something that is no plain https address');
    if (!isOwnHost(options.ownHosts, next.hostname) && !isContentHost(next.hostname)) {
      return refused('unknown_host', "redirected to a host that is neither this account's nor Zendesk's content host");
    }
    url = next;
  }
  return malformed(`redirected more than ${MAX_HOPS} times`);
}

function plainHttps(address: string, base?: URL): URL | undefined {
  if (address === '' || !canParseUrl(address, base?.href)) return undefined;
  const url = new URL(address, base);
  const plain = url.protocol === 'https:' && url.port === '' && url.username === '' && url.password === '';
  return plain ? url : undefined;
}

async function ask(options: DownloadOptions, request: FetchRequest, url: URL): Promise<Arrived> {
  const counted = isOwnHost(options.ownHosts, url.hostname);
  if (counted) await options.budget.acquire(['attachment_content'], request.lane);
  const token = mayCarryCredentials(options.ownHosts, url.hostname) ? await options.tokens.current() : undefined;
  const answer = await options.transport.send({
    operation: OPERATION,
    method: 'GET',
    url,
    headers: { 'accept-encoding': 'identity', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
    signal: request.signal,
  });
  if (counted) {
    for (const { endpoint, facts } of learnFromAnswer({ ...answer, body: '' }, ['attachment_content'])) {
      await options.budget.learn(endpoint, facts);
    }
  }
  return { url, answer, token };
}

type Judged = FetchOutcome | 'token_dead';

async function judge(options: DownloadOptions, request: FetchRequest, arrived: Arrived): Promise<Judged> {
  const { answer, url } = arrived;
  if (answer.status !== 200) return judgeFailure(options, request, arrived);
  const coding = answer.headers['content-encoding'] ?? '';
  if (!['', 'identity'].includes(coding.trim().toLowerCase())) {
    return drop(answer, malformed('sent in a coding although identity was asked for'));
  }
  const declared = declaredLength(answer.headers);
  if (declared === 'unreadable') return drop(answer, malformed('declared a length that is no number'));
  const html = /^\s*(text\/html|application\/xhtml\+xml)\b/i.test(answer.headers['content-type'] ?? '');
  const onContentHost = isContentHost(url.hostname);
  if (!onContentHost || html || declared === undefined) {
    const length = await askRecord(options, request, { declared, html, onContentHost }).catch((error: unknown) => {
      answer.body.destroy();
      throw error;
    });
    return typeof length === 'number' ? deliver(request, answer, length) : drop(answer, length);
  }
  return deliver(request, answer, declared);
}

function deliver(request: FetchRequest, answer: TransportResponse, length: number): FetchOutcome {
  const { maxBytes, expectedSize, signal } = request;
  if (length > maxBytes) {
    const detail = `${length} bytes are more than the ${maxBytes} allowed`;
    return drop(answer, { outcome: 'refused', reason: 'too_large', detail });
  }
  if (expectedSize !== undefined && length !== expectedSize) return drop(answer, otherSize(length, expectedSize));
  return { outcome: 'bytes', length, body: measured(answer.body, length, signal) };
}

function otherSize(declared: number, listed: number): Refused {
  const detail = `${declared} bytes were declared, the attachment has ${listed}`;
  return { outcome: 'refused', reason: declared < listed ? 'truncated' : 'malformed', detail };
}

/** Lets the attachment's own record decide about an answer in doubt: a number is the length that the file must have. */
async function askRecord(
  options: DownloadOptions,
  request: FetchRequest,
  answer: { declared: number | undefined; html: boolean; onContentHost: boolean },
): Promise<number | FetchOutcome> {
  const record = await options.readAttachment(request.attachmentId, request.lane);
  if (record === undefined) return { outcome: 'gone' };
  if (isBlocked(record)) return { outcome: 'blocked' };
  const { declared, html, onContentHost } = answer;
  // Login and block pages come from the account's own hosts; nobody has seen a file come from there as HTML.
  if (html && !onContentHost) return refused('page', 'an HTML page came in place of the file');
  if (declared === undefined || declared === record.size) return record.size;
  if (html) return refused('page', 'an HTML page of another size came in place of the file');
  return otherSize(declared, record.size);
}

async function judgeFailure(options: DownloadOptions, request: FetchRequest, arrived: Arrived): Promise<Judged> {
  const { answer, url } = arrived;
  if (answer.status < 400) return drop(answer, malformed(`status ${answer.status} is no answer to a download`));
  const error = await errorOf(answer);
  const notFound = isZendeskError(error, 'not_found');
  // After a redaction this is what is waited for; the listing tells the rest.
  if (notFound && request.lane === 'redact') return { outcome: 'gone' };
  if (isZendeskError(error, 'token_dead') && arrived.token !== undefined) return 'token_dead';
  const inDoubt = notFound || isZendeskError(error, 'forbidden', 'bad_request', 'unauthorised');
  if (answer.status >= 500 || !inDoubt) throw error;
  // A fresh file may be missing at its address for a moment although Zendesk has it. Its way to refuse a file it calls
  // malware is unconfirmed, and a content host may say 403 for what is gone.
  const record = await options.readAttachment(request.attachmentId, request.lane);
  if (record === undefined || (notFound && (record.deleted || isElsewhere(record, request))))
    return { outcome: 'gone' };
  if (isBlocked(record)) return { outcome: 'blocked' };
  if (!notFound && !isContentHost(url.hostname)) throw error;
  // Or a signed address expired between two hops; the next try gets a new one.
  throw new ZendeskError({ kind: 'unavailable', operation: OPERATION, status: answer.status });
}

/** The record names another address by now: what stood at this one was redacted. */
function isElsewhere(record: { content_url: string }, request: FetchRequest): boolean {
  const pathOf = (url: string): string => (canParseUrl(url) ? new URL(url).pathname : url);
  return pathOf(record.content_url) !== pathOf(request.contentUrl);
}

async function errorOf(answer: TransportResponse): Promise<ZendeskError> {
  const body = await readText(answer, { operation: OPERATION, write: false, limit: 65_536, cut: true });
  const { status, headers } = answer;
  return errorFromAnswer({ operation: OPERATION, status, headers, body, write: false });
}

/** Whether Zendesk's own scan lets nobody download this file (fact sheet §8). */
export function isBlocked(record: Attachment): boolean {
  return record.malware_scan_result === 'malware_found' && !record.malware_access_override;
}

function declaredLength(headers: Record<string, string>): number | 'unreadable' | undefined {
  const value = headers['content-length'];
  if (value === undefined) return undefined;
  return /^\d{1,15}$/.test(value) ? Number(value) : 'unreadable';
}

function malformed(detail: string): Refused {
  return refused('malformed', detail);
}

function refused(reason: Refused['reason'], detail: string): Refused {
  return { outcome: 'refused', reason, detail };
}

function drop<T extends FetchOutcome>(answer: TransportResponse, outcome: T): T {
  // Closing one connection is cheaper than reading a body nobody wants.
  answer.body.destroy();
  return outcome;
}

/** The body, failing when it does not have exactly `length` bytes. */
function measured(body: Readable, length: number, signal: AbortSignal | undefined): Readable {
  const out = Readable.from(count(body, length, signal), { objectMode: false });
  // A stream that is destroyed before its first read would otherwise keep the connection.
  out.once('close', () => body.destroy());
  return out;
}

async function* count(body: Readable, length: number, signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
  const truncated = (detail: string): ZendeskError =>
    new ZendeskError({ kind: 'truncated', operation: OPERATION, detail });
  let seen = 0;
  try {
    for await (const chunk of body) {
      const piece = Buffer.from(chunk);
      seen += piece.length;
      if (seen > length) throw truncated(`more than the declared ${length} bytes came`);
      yield piece;
    }
  } catch (error) {
    const failure = errorFromNetwork(error, OPERATION, { write: false, signal });
    throw failure.kind === 'network' ? truncated(`the connection ended after ${seen} of ${length} bytes`) : failure;
  }
  if (seen !== length) throw truncated(`${seen} of ${length} bytes came`);
}
