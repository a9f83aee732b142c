import { z } from 'zod';
import { readAddress } from '../address';
import { isPrivateAddress } from '../ip-ranges';
import type { LinkAnswer, LinkEngine, LinkFinding } from '../link-engine';
import { askService, type Service } from './ask';

/** abuse.ch gives the key for free; every call needs it (header `Auth-Key`). */
export interface AbuseChOptions extends Partial<Service> {
  key: string;
}

/** Hosts of one call that are asked about at a time. */
const PARALLEL = 4;

/** Schema of URLhaus' POST /v1/host/. */
const urlhausSchema = z.object({
  query_status: z.string(),
  urls: z.array(z.object({ url: z.string(), url_status: z.string().nullish() })).nullish(),
});

/**
 * URLhaus, asked for the host only: the address itself stays here and is compared with what the answer lists. A listed
 * address is malicious; another one on a host that spreads malware now is suspicious.
 */
export function createUrlhausEngine(options: AbuseChOptions): LinkEngine {
  const service = { ...options, base: options.base ?? 'https://urlhaus-api.abuse.ch' };
  return hostEngine('urlhaus', async (host, signal) => {
    const headers = { 'auth-key': options.key, 'content-type': 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams({ host }).toString();
    const answer = await askService(service, '/v1/host/', urlhausSchema, { method: 'POST', headers, body }, signal);
    if (answer.query_status === 'no_results') return () => undefined;
    if (answer.query_status !== 'ok' || !answer.urls) throw new Error('the service refused the question');
    const listed = new Set(answer.urls.map(({ url }) => comparable(url)));
    const online = answer.urls.some(({ url_status: status }) => status === 'online');
    const isShared = readAddress(`http://${host}/`).sharedHosting || SHARED.test(host);
    const other = online && !isShared ? 'medium' : 'low';
    return (url) =>
      listed.has(comparable(url))
        ? known('urlhaus', 'Link_Spreads_Malware', 'high', 'URLhaus lists this address as one that spreads malware.')
        : known(
            'urlhaus',
            'Link_Host_Spread_Malware',
            other,
            'URLhaus lists other addresses of this site as spreading malware.',
          );
  });
}

/** Sites on which anybody can put a file: one bad address says nothing of the others. */
const SHARED =
  /(?:^|\.)(?:github\.com|githubusercontent\.com|gitlab\.com|bitbucket\.org|google\.com|dropbox\.com|dropboxusercontent\.com|onedrive\.live\.com|1drv\.ms|sharepoint\.com|discordapp\.com|mediafire\.com|mega\.nz|wetransfer\.com|archive\.org|amazonaws\.com|cloudfront\.net|windows\.net|telegram\.org|t\.me|pastebin\.com)$/u;

/** Schema of ThreatFox' POST /api/v1/ with `search_ioc`; without results `data` is a sentence. */
const threatfoxSchema = z.object({
  query_status: z.string(),
  data: z
    .union([
      z.array(
        z.object({ ioc: z.string(), ioc_type: z.string().nullish(), confidence_level: z.coerce.number().nullish() }),
      ),
      z.string(),
    ])
    .nullish(),
});

/** ThreatFox, asked for the host only. Its confidence (0–100) decides how bad a finding is. */
export function createThreatfoxEngine(options: AbuseChOptions): LinkEngine {
  const service = { ...options, base: options.base ?? 'https://threatfox-api.abuse.ch' };
  return hostEngine('threatfox', async (host, signal) => {
    const headers = { 'auth-key': options.key, 'content-type': 'application/json' };
    const body = JSON.stringify({ query: 'search_ioc', search_term: host });
    const answer = await askService(service, '/api/v1/', threatfoxSchema, { method: 'POST', headers, body }, signal);
    if (answer.query_status === 'no_result') return () => undefined;
    if (answer.query_status !== 'ok' || !Array.isArray(answer.data))
      throw new Error('the service refused the question');
    const entries = answer.data.map((entry) => ({ ...entry, address: comparable(entry.ioc) }));
    return (url) => {
      const address = comparable(url);
      const fitting = entries.filter(
        (entry) => entry.ioc === host || entry.ioc.startsWith(`${host}:`) || entry.address === address,
      );
      const confidence = Math.max(-1, ...fitting.map((entry) => entry.confidence_level ?? 0));
      if (confidence < 0) return undefined;
      const severity = confidence >= 75 ? 'high' : confidence >= 50 ? 'medium' : 'low';
      const what = 'ThreatFox lists this address among those that malware uses.';
      return known('threatfox', 'Link_Serves_Malware', severity, what);
    };
  });
}

function known(engine: string, rule: string, severity: LinkFinding['severity'], what: string): LinkFinding {
  return { engine, rule, severity, what };
}

function comparable(url: string): string {
  return readAddress(url)
    .url.replace(/^https:/u, 'http:')
    .replace(/#.*$/u, '')
    .replace(/\/$/u, '');
}

/** What a service said of a host, as a judgement of each of its links. */
type HostAnswer = (url: string) => LinkFinding | undefined;
type AskHost = (host: string, signal?: AbortSignal) => Promise<HostAnswer>;

/** How long an answer about a host is used again, and of how many hosts. */
const REMEMBERED_MS = 10 * 60_000;
const MAX_REMEMBERED = 5_000;

/**
 * Asks once a host, a few at a time, and remembers the answer for a while. Names of the house (no public suffix) and
 * private addresses are never asked about.
 */
function hostEngine(name: string, ask: AskHost, now: () => number = Date.now): LinkEngine {
  let last: { ok: boolean; detail: string } = { ok: true, detail: 'not asked yet' };
  const remembered = new Map<string, { until: number; answer: HostAnswer }>();
  const answerOf = async (host: string, signal?: AbortSignal): Promise<HostAnswer> => {
    const known = remembered.get(host);
    if (known && known.until > now()) return known.answer;
    const answer = await ask(host, signal);
    remembered.delete(host);
    remembered.set(host, { until: now() + REMEMBERED_MS, answer });
    if (remembered.size > MAX_REMEMBERED) remembered.delete(remembered.keys().next().value ?? '');
    last = { ok: true, detail: 'answers' };
    return answer;
  };
  const look = async (urls: readonly string[], signal?: AbortSignal): Promise<LinkAnswer[]> => {
    const byHost = new Map<string, string[]>();
    for (const url of urls) {
      const { host, isIp, isPublicName } = readAddress(url);
      if (isIp ? !isPrivateAddress(host) : isPublicName) byHost.set(host, [...(byHost.get(host) ?? []), url]);
    }
    const answers = new Map<string, LinkAnswer>(urls.map((url) => [url, { url, result: 'nothing' }]));
    const queue = [...byHost];
    const work = async (): Promise<void> => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const [host, asked] = next;
        try {
          const judge = await answerOf(host, signal);
          for (const url of asked) {
            const found = judge(url);
            if (found) answers.set(url, { url, result: 'known', findings: [found] });
          }
        } catch (error) {
          last = { ok: false, detail: error instanceof Error ? error.message : 'the service does not answer' };
          for (const url of asked) answers.set(url, { url, result: 'error', reason: 'engine_unavailable' });
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(PARALLEL, queue.length) }, work));
    return urls.map((url) => answers.get(url) ?? { url, result: 'nothing' });
  };
  return { name, local: false, look, health: () => Promise.resolve({ engine: name, ...last, rulesVersion: '' }) };
}
