import { lookup } from 'node:dns/promises';
import { Agent, request } from 'undici';
import { isPrivateAddress } from './ip-ranges';
import { isSingleUse } from './single-use';
import { canParseUrl } from '../../domain/urls';

export interface LinkFetcherOptions {
  /** Redirects that are followed. Default 5. */
  maxHops?: number;
  /** For the whole walk. Default 10 s. */
  timeoutMs?: number;
  /** Bytes of the last answer that are read. Default 256 KiB. */
  maxBytes?: number;
  /** Default 80 and 443. */
  ports?: readonly number[];
  /** Every address of a host. Default: the system's resolver. */
  resolve?: (host: string) => Promise<readonly string[]>;
  /** Where a connection to a checked address really goes. For stand-ins only. */
  dial?: (address: string) => string;
}

/** Why a link was not followed further. */
export type FetchRefusal =
  | 'not_web'
  | 'port'
  | 'credentials'
  | 'single_use'
  | 'private_address'
  | 'unknown_host'
  | 'too_many_hops'
  | 'no_answer';

/** Where a link went. `hops` are the addresses that were asked, in order; `refused` says why the walk ended early, at `next`. */
export interface FollowedLink {
  hops: string[];
  status?: number;
  contentType?: string;
  refused?: FetchRefusal;
  next?: string;
}

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];
/** Answers of servers that know no HEAD. */
const NO_HEAD: readonly number[] = [400, 403, 404, 405, 501];

/**
 * Follows the redirects of one link without running or keeping anything. Off unless somebody switches it on. Each hop is
 * checked anew: scheme, port, no credentials, not single-use, every address of the host public; the connection then goes to
 * an address that was checked. No cookies, no referrer. Never rejects.
 */
export function createLinkFetcher(
  options: LinkFetcherOptions = {},
): (url: string, signal?: AbortSignal) => Promise<FollowedLink> {
  const { maxHops = 5, timeoutMs = 10_000 } = options;
  return async (url, signal) => {
    const clock = AbortSignal.timeout(timeoutMs);
    const ends = signal ? AbortSignal.any([signal, clock]) : clock;
    const hops: string[] = [];
    let next = url;
    for (;;) {
      const checked = await check(next, options, ends);
      if ('refused' in checked) return { hops, refused: checked.refused, next };
      if (hops.length > maxHops) return { hops, refused: 'too_many_hops', next };
      hops.push(checked.url.href);
      // However the server failed, the chain ends here and says so.
      const answer = await ask(checked.url, checked.address, options, ends).catch(() => undefined);
      if (!answer) return { hops, refused: 'no_answer' };
      const { location, ...rest } = answer;
      if (location === undefined || !canParseUrl(location, checked.url.href)) return { hops, ...rest };
      next = new URL(location, checked.url).href;
    }
  };
}

async function check(
  text: string,
  options: LinkFetcherOptions,
  signal: AbortSignal,
): Promise<{ url: URL; address: string } | { refused: FetchRefusal }> {
  if (!canParseUrl(text)) return { refused: 'not_web' };
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return { refused: 'not_web' };
  if (url.username !== '' || url.password !== '') return { refused: 'credentials' };
  const port = Number(url.port || (url.protocol === 'http:' ? 80 : 443));
  if (!(options.ports ?? [80, 443]).includes(port)) return { refused: 'port' };
  if (isSingleUse(url.href)) return { refused: 'single_use' };
  const host = url.hostname.replace(/^\[|\]$/gu, '');
  const addresses = await within(signal, (options.resolve ?? resolveAll)(host)).catch(() => []);
  const [address] = addresses;
  if (address === undefined) return { refused: 'unknown_host' };
  return addresses.some(isPrivateAddress) ? { refused: 'private_address' } : { url, address };
}

async function resolveAll(host: string): Promise<string[]> {
  return (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address);
}

async function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  signal.throwIfAborted();
  return Promise.race([
    work,
    new Promise<never>((_resolve, reject) =>
      signal.addEventListener('abort', () => reject(new Error('time')), { once: true }),
    ),
  ]);
}

interface Answer {
  status: number;
  contentType?: string;
  location?: string;
}

/** HEAD first; a server that knows none gets a GET for the beginning of its answer. */
async function ask(url: URL, address: string, options: LinkFetcherOptions, signal: AbortSignal): Promise<Answer> {
  const target = (options.dial ?? ((same: string) => same))(address);
  const family = target.includes(':') ? 6 : 4;
  const dispatcher = new Agent({
    pipelining: 0,
    maxHeaderSize: 32_768,
    connect: {
      // An address literal is never looked up by the socket, a name always here: both end at the address that was checked.
      lookup: (_host, lookupOptions, done) =>
        lookupOptions.all ? done(null, [{ address: target, family }]) : done(null, target, family),
    },
  });
  try {
    const head = await send(url, 'HEAD', dispatcher, options, signal);
    return NO_HEAD.includes(head.status) ? await send(url, 'GET', dispatcher, options, signal) : head;
  } finally {
    void dispatcher.destroy();
  }
}

async function send(
  url: URL,
  method: 'HEAD' | 'GET',
  dispatcher: Agent,
  options: LinkFetcherOptions,
  signal: AbortSignal,
): Promise<Answer> {
  const maxBytes = options.maxBytes ?? 262_144;
  const headers = {
    'user-agent': 'Mozilla/5.0 (compatible; Lazaret)',
    accept: '*/*',
    'accept-encoding': 'identity',
    ...(method === 'GET' && { range: `bytes=0-${maxBytes - 1}` }),
  };
  const answer = await request(url, { method, dispatcher, signal, headers });
  let length = 0;
  for await (const chunk of answer.body) {
    length += (chunk as Buffer).length;
    if (length >= maxBytes) break;
  }
  const one = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);
  const location = REDIRECTS.includes(answer.statusCode) ? one(answer.headers['location']) : undefined;
  const contentType = one(answer.headers['content-type'])?.slice(0, 200);
  return {
    status: answer.statusCode,
    ...(contentType !== undefined && { contentType }),
    ...(location !== undefined && { location }),
  };
}
