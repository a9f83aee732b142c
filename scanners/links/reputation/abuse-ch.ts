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
  return hostEngine('urlhaus', async (host, urls, signal) => {
    const headers = { 'auth-key': options.key, 'content-type': 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams({ host }).toString();
    const answer = await askService(service, '/v1/host/', urlhausSchema, { method: 'POST', headers, body }, signal);
    if (answer.query_status === 'no_results') return new Map();
    if (answer.query_status !== 'ok' || !answer.urls) throw new Error('the service refused the question');
    const listed = answer.urls.map(({ url, url_status: status }) => ({
      url: comparable(url),
      online: status === 'online',
    }));
    const isShared = readAddress(`http://${host}/`).sharedHosting || SHARED.test(host);
    return new Map(
      urls.flatMap((url): [string, LinkFinding][] => {
        if (listed.some((entry) => entry.url === comparable(url))) {
          return [
            [
              url,
              known(
                'urlhaus',
                'Link_Spreads_Malware',
                'high',
                'URLhaus lists this address as one that spreads malware.',
              ),
            ],
          ];
        }
        const severity = listed.some(({ online }) => online) && !isShared ? 'medium' : 'low';
        return [
          [
            url,
            known(
              'urlhaus',
              'Link_Host_Spread_Malware',
              severity,
              'URLhaus lists other addresses of this site as spreading malware.',
            ),
          ],
        ];
      }),
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
  return hostEngine('threatfox', async (host, urls, signal) => {
    const headers = { 'auth-key': options.key, 'content-type': 'application/json' };
    const body = JSON.stringify({ query: 'search_ioc', search_term: host });
    const answer = await askService(service, '/api/v1/', threatfoxSchema, { method: 'POST', headers, body }, signal);
    if (answer.query_status === 'no_result') return new Map();
    if (answer.query_status !== 'ok' || !Array.isArray(answer.data))
      throw new Error('the service refused the question');
    const entries = answer.data;
    return new Map(
      urls.flatMap((url): [string, LinkFinding][] => {
        const fitting = entries.filter(
          ({ ioc }) => ioc === host || ioc.startsWith(`${host}:`) || comparable(ioc) === comparable(url),
        );
        const confidence = Math.max(-1, ...fitting.map((entry) => entry.confidence_level ?? 0));
        if (confidence < 0) return [];
        const severity = confidence >= 75 ? 'high' : confidence >= 50 ? 'medium' : 'low';
        return [
          [
            url,
            known(
              'threatfox',
              'Link_Serves_Malware',
              severity,
              'ThreatFox lists this address among those that malware uses.',
            ),
          ],
        ];
      }),
    );
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

type AskHost = (
  host: string,
  urls: readonly string[],
  signal?: AbortSignal,
) => Promise<ReadonlyMap<string, LinkFinding>>;

/** Asks once a host, a few at a time. Names of the house (no public suffix) and private addresses are never asked about. */
function hostEngine(name: string, ask: AskHost): LinkEngine {
  let last: { ok: boolean; detail: string } = { ok: true, detail: 'not asked yet' };
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
          for (const [url, finding] of await ask(host, asked, signal))
            answers.set(url, { url, result: 'known', findings: [finding] });
          last = { ok: true, detail: 'answers' };
        } catch (error) {
          last = { ok: false, detail: error instanceof Error ? error.message : 'the service does not answer' };
          for (const url of asked) answers.set(url, { url, result: 'error', reason: 'engine_unavailable' });
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(PARALLEL, queue.length) }, work));
    return urls.map((url) => answers.get(url) ?? { url, result: 'nothing' });
  };
  return { name, look, health: () => Promise.resolve({ engine: name, ...last, rulesVersion: '' }) };
}
