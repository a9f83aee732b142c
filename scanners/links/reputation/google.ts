import { z } from 'zod';
import { allFailed, type LinkAnswer, type LinkEngine, type LinkFinding } from '../link-engine';
import { askService, type Service } from './ask';
import { expressionHash, expressionsOf } from './expressions';

export interface GoogleOptions extends Partial<Service> {
  /** `webrisk` for everybody who works for money; `safebrowsing` is for non-commercial use only. */
  api: 'webrisk' | 'safebrowsing';
  key: string;
  now?: () => number;
}

/** Schema of webrisk.v1 hashes:search (Google's discovery document). */
const webRiskSchema = z.object({
  threats: z
    .array(
      z.object({ hash: z.string(), threatTypes: z.array(z.string()).default([]), expireTime: z.string().optional() }),
    )
    .default([]),
  negativeExpireTime: z.string().optional(),
});

/** Schema of safebrowsing.v5 hashes:search (Google's discovery document). */
const safeBrowsingSchema = z.object({
  fullHashes: z
    .array(
      z.object({
        fullHash: z.string(),
        fullHashDetails: z
          .array(z.object({ threatType: z.string().optional(), attributes: z.array(z.string()).default([]) }))
          .default([]),
      }),
    )
    .default([]),
  cacheDuration: z.string().optional(),
});

/** Threat types and how bad they are. A type or attribute that is not known here is dropped, as the service demands. */
const THREATS: Readonly<Record<string, LinkFinding['severity']>> = {
  MALWARE: 'high',
  SOCIAL_ENGINEERING: 'high',
  SOCIAL_ENGINEERING_EXTENDED_COVERAGE: 'medium',
  UNWANTED_SOFTWARE: 'medium',
  POTENTIALLY_HARMFUL_APPLICATION: 'medium',
};

const WEB_RISK_TYPES = ['MALWARE', 'SOCIAL_ENGINEERING', 'UNWANTED_SOFTWARE'];
const MAX_CACHED = 20_000;
const DAY_MS = 86_400_000;

/** What the service said of a prefix: full hashes (base64) with their threats, and until when that holds. */
interface Known {
  until: number;
  threats: ReadonlyMap<string, readonly string[]>;
}

/**
 * Google's lists, asked by hash prefix: four bytes of each SHA-256 leave the machine, never an address. Answers, empty ones
 * as well, are kept for as long as the service says.
 */
export function createGoogleEngine(options: GoogleOptions): LinkEngine {
  const name = options.api;
  const now = options.now ?? Date.now;
  const service = { ...options, base: options.base ?? `https://${name}.googleapis.com` };
  const cache = new Map<string, Known>();
  let last: { ok: boolean; detail: string } = { ok: true, detail: 'not asked yet' };

  const ask = async (prefixes: readonly string[], signal?: AbortSignal): Promise<void> => {
    const search = options.api === 'webrisk' ? askWebRisk : askSafeBrowsing;
    const answers = await search(service, options.key, prefixes, now(), signal);
    for (const [prefix, known] of answers) cache.set(prefix, known);
    while (cache.size > MAX_CACHED) cache.delete(cache.keys().next().value ?? '');
  };
  const look = async (urls: readonly string[], signal?: AbortSignal): Promise<LinkAnswer[]> => {
    const hashes = urls.map((url) => expressionsOf(url).map(expressionHash));
    const wanted = new Set(hashes.flat().map(prefixOf));
    const missing = [...wanted].filter((prefix) => (cache.get(prefix)?.until ?? 0) <= now());
    // What is asked about now must not expire between the answer and its use.
    const fresh = new Map<string, Known>();
    try {
      for (const prefix of wanted) {
        const known = cache.get(prefix);
        if (known) fresh.set(prefix, known);
      }
      for (let at = 0; at < missing.length; at += 500) await ask(missing.slice(at, at + 500), signal);
      for (const prefix of missing) {
        const known = cache.get(prefix);
        if (!known) return allFailed(urls);
        fresh.set(prefix, known);
      }
      last = { ok: true, detail: 'answers' };
    } catch (error) {
      last = { ok: false, detail: error instanceof Error ? error.message : 'the service does not answer' };
      return allFailed(urls);
    }
    return urls.map((url, index) => answerFor(name, url, hashes[index] ?? [], fresh));
  };
  return {
    name,
    local: false,
    look,
    health: () => Promise.resolve({ engine: name, ...last, rulesVersion: '' }),
  };
}

function prefixOf(hash: Buffer): string {
  return hash.subarray(0, 4).toString('base64');
}

function answerFor(
  engine: string,
  url: string,
  hashes: readonly Buffer[],
  known: ReadonlyMap<string, Known>,
): LinkAnswer {
  const types = new Set(
    hashes.flatMap((hash) => known.get(prefixOf(hash))?.threats.get(hash.toString('base64')) ?? []),
  );
  const findings = [...types].flatMap((type): LinkFinding[] => {
    const severity = THREATS[type];
    return severity
      ? [
          {
            engine,
            rule: `Link_Known_As_${titled(type)}`,
            severity,
            what: "Google's list of unsafe sites names this address.",
          },
        ]
      : [];
  });
  return findings.length > 0 ? { url, result: 'known', findings } : { url, result: 'nothing' };
}

function titled(type: string): string {
  return type
    .toLowerCase()
    .split('_')
    .map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
    .join('_');
}

type Search = (
  service: Service,
  key: string,
  prefixes: readonly string[],
  now: number,
  signal?: AbortSignal,
) => Promise<Map<string, Known>>;

/** One prefix a request: the service takes no more. Eight at a time. */
const askWebRisk: Search = async (service, key, prefixes, now, signal) => {
  const answers = new Map<string, Known>();
  const queue = [...prefixes];
  const types = WEB_RISK_TYPES.map((type) => `threatTypes=${type}`).join('&');
  const work = async (): Promise<void> => {
    for (let prefix = queue.shift(); prefix !== undefined; prefix = queue.shift()) {
      const path = `/v1/hashes:search?${types}&hashPrefix=${encodeURIComponent(prefix)}`;
      const answer = await askService(service, path, webRiskSchema, { headers: { 'x-goog-api-key': key } }, signal);
      const times = [answer.negativeExpireTime, ...answer.threats.map(({ expireTime }) => expireTime)].map((time) =>
        Date.parse(time ?? ''),
      );
      const until = Math.min(now + DAY_MS, ...times.filter((time) => !Number.isNaN(time)));
      const threats = new Map(answer.threats.map(({ hash, threatTypes }) => [standard(hash), threatTypes]));
      answers.set(prefix, { until: times.some((time) => !Number.isNaN(time)) ? until : now, threats });
    }
  };
  await Promise.all(Array.from({ length: Math.min(8, prefixes.length) }, work));
  return answers;
};

/** Up to 1,000 prefixes a request. One duration holds for every prefix that was asked about. */
const askSafeBrowsing: Search = async (service, key, prefixes, now, signal) => {
  const query = prefixes.map((prefix) => `hashPrefixes=${encodeURIComponent(prefix)}`).join('&');
  const init = { headers: { 'x-goog-api-key': key } };
  const answer = await askService(service, `/v5/hashes:search?${query}`, safeBrowsingSchema, init, signal);
  const seconds = Number(/^(\d+(?:\.\d+)?)s$/u.exec(answer.cacheDuration ?? '')?.[1] ?? 0);
  const until = now + Math.min(DAY_MS, seconds * 1_000);
  const threats = new Map(
    answer.fullHashes.map(({ fullHash, fullHashDetails }) => [
      standard(fullHash),
      // CANARY and FRAME_ONLY are no verdict on a link; an attribute that is not known drops its detail.
      fullHashDetails.filter(({ attributes }) => attributes.length === 0).flatMap(({ threatType }) => threatType ?? []),
    ]),
  );
  return new Map(prefixes.map((prefix) => [prefix, { until, threats }]));
};

/** Both alphabets of base64, with or without padding, in one form. */
function standard(hash: string): string {
  return Buffer.from(hash, 'base64').toString('base64');
}
