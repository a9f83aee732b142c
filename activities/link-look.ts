import type { EngineReport, Finding } from '../domain/inspection';
import type { JudgedLink } from '../scanners/links/judge';
import type { LinkAnswer, LinkEngine, LinkFinding } from '../scanners/links/link-engine';
import { sleep } from './sleep';
import { canParseUrl } from '../domain/urls';

/** Links of one question that are asked about over the network; lists on this machine are asked about all. */
const MOST_OUTSIDE = 200;
/** A required engine that failed is asked once more after so long. */
const AGAIN_MS = 1_000;

/** Answers by engine, in the order of `engines`, each by URL. A URL that was not asked about has none. */
export type Looked = readonly { engine: string; byUrl: ReadonlyMap<string, LinkAnswer> }[];

/**
 * What each engine knows of each URL. Services are asked about a bounded number, every host once before any twice; one that
 * must answer and does not is asked once more. Never rejects.
 */
export async function lookUp(
  engines: readonly LinkEngine[],
  urls: readonly string[],
  required: readonly string[],
): Promise<Looked> {
  if (urls.length === 0) return engines.map(({ name }) => ({ engine: name, byUrl: new Map() }));
  const outside = spread(urls).slice(0, MOST_OUTSIDE);
  return Promise.all(
    engines.map(async (engine) => {
      const asked = engine.local ? urls : outside;
      let answers = await engine.look(asked);
      if (required.includes(engine.name) && answers.some(({ result }) => result === 'error')) {
        await sleep(AGAIN_MS);
        answers = await engine.look(asked);
      }
      return { engine: engine.name, byUrl: new Map(asked.map((url, at) => [url, answers[at] ?? lost(url)])) };
    }),
  );
}

function lost(url: string): LinkAnswer {
  return { url, result: 'error', reason: 'engine_unavailable' };
}

/** The first of every host, then the others. */
function spread(urls: readonly string[]): string[] {
  const seen = new Set<string>();
  const [first, rest]: [string[], string[]] = [[], []];
  for (const url of urls) {
    const host = canParseUrl(url) ? new URL(url).host : url;
    (seen.has(host) ? rest : first).push(url);
    seen.add(host);
  }
  return [...first, ...rest];
}

/** One engine's report about a link, from what it said of each of its addresses. */
export function engineReport(engine: string, answers: readonly (LinkAnswer | undefined)[]): EngineReport {
  const known = answers.flatMap((answer) => (answer?.result === 'known' ? answer.findings : []));
  const failed = answers.find((answer) => answer?.result === 'error');
  if (known.length > 0 || failed?.result !== 'error') return linkReport(engine, known);
  return { ...linkReport(engine, []), result: 'error', reason: failed.reason };
}

/** A report that holds these findings. */
export function linkReport(engine: string, findings: readonly LinkFinding[], reference?: string): EngineReport {
  const all: Finding[] = findings.map((one) => ({ ...one, path: [], ...(reference !== undefined && { reference }) }));
  const result = all.length > 0 ? 'findings' : 'clean';
  return { engine, engineVersion: '', rulesVersion: '', result, findings: all, ms: 0 };
}

/** What the form of a link shows. */
export function formReport({ findings }: Pick<JudgedLink, 'findings'>): EngineReport {
  return linkReport('links', findings);
}
