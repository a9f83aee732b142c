import type { FollowedLink } from './fetcher';
import { isSingleUse } from './single-use';
import { canParseUrl } from '../../domain/urls';

/** Where a link led when it was looked at. */
export interface Redirected {
  /** Addresses behind the link, in order; the last one is where it leads, asked or not. Never the link itself. */
  leads: string[];
  /** Whether it led to an address inside a private network, which was not asked. */
  inside: boolean;
}

/** Follows the redirects of links where somebody switched it on. Never rejects; undefined: it was not followed. */
export type RedirectFollower = (url: string, signal?: AbortSignal) => Promise<Redirected | undefined>;

/** Links that are followed at a time by one worker, that may wait, and how long an answer is used again. */
const PARALLEL = 6;
const MAX_WAITING = 600;
const REMEMBERED_MS = 10 * 60_000;
const MAX_REMEMBERED = 2_000;

/**
 * Follows links through the guarded fetcher, a few at a time. A walk whose end is not known (no answer) gives what it saw
 * until then. The same link is not asked again for ten minutes, so that a repeated activity costs its sites nothing.
 */
export function createRedirectFollower(
  fetch: (url: string, signal?: AbortSignal) => Promise<FollowedLink>,
  now: () => number = Date.now,
): RedirectFollower {
  const remembered = new Map<string, { until: number; walk: Promise<Redirected> }>();
  const waiting: (() => void)[] = [];
  let running = 0;
  const pooled = async (url: string, signal?: AbortSignal): Promise<Redirected> => {
    if (running >= PARALLEL) await new Promise<void>((resolve) => waiting.push(resolve));
    running += 1;
    try {
      return readWalk(url, await fetch(url, signal));
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
  return async (url, signal) => {
    if (!/^https?:/iu.test(url) || isSingleUse(url)) return undefined;
    const known = remembered.get(url);
    if (known && known.until > now()) return known.walk;
    if (waiting.length >= MAX_WAITING || signal?.aborted) return undefined;
    const walk = pooled(url, signal);
    remembered.delete(url);
    remembered.set(url, { until: now() + REMEMBERED_MS, walk });
    if (remembered.size > MAX_REMEMBERED) remembered.delete(remembered.keys().next().value ?? '');
    const found = await walk;
    // Given up rather than finished: the next one may see more.
    if (signal?.aborted) remembered.delete(url);
    return found;
  };
}

function readWalk(url: string, { hops, next, refused }: FollowedLink): Redirected {
  const start = canParseUrl(url) ? new URL(url).href : url;
  const all = [...hops, ...(next === undefined ? [] : [next])];
  return {
    leads: [...new Set(all)].filter((one) => one !== start),
    inside: refused === 'private_address' && all.length > 1,
  };
}
