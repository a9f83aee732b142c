import { findListEntries } from '../db/lists';
import type { Queryable } from '../db/pool';
import { decideVerdict } from '../domain/inspection';
import type { EngineReport, Finding, MachineVerdict } from '../domain/inspection';
import { indexLists, matchLists } from '../domain/lists';
import { linksOfHtml } from '../scanners/links/html';
import { createJudge } from '../scanners/links/judge';
import type { JudgedLink } from '../scanners/links/judge';
import type { LinkAnswer, LinkEngine, LinkFinding } from '../scanners/links/link-engine';
import { linksOfText, MAX_TEXT_LINKS } from '../scanners/links/text';
import type { CommentText } from '../db/comment-seal';
import { hostsOf, LISTS } from './lists';

/** Links of one comment with what is said of each without asking lists, which are asked when it is written down. */
export interface LinksOfComment {
  links: { link: JudgedLink; reports: EngineReport[] }[];
  /** Why there may be more. */
  gap?: 'too_many_links' | 'limit_reached';
}

/** Finds the links of a text and judges each by its form and by what link engines know. Nothing is fetched. */
export async function judgeText(
  engines: readonly LinkEngine[],
  text: CommentText,
  ownDomains: readonly string[],
): Promise<LinksOfComment> {
  const found = new Map<string, { url: string; shown?: string }>();
  const parts = [
    ...(text.html === undefined ? [] : [await linksOfHtml(text.html)]),
    ...(text.text === undefined ? [] : [linksOfText(text.text)]),
  ];
  for (const { links } of parts) for (const link of links) if (!found.has(link.url)) found.set(link.url, link);
  const gap =
    parts.find((part) => part.gap !== undefined)?.gap ?? (found.size > MAX_TEXT_LINKS ? 'too_many_links' : undefined);
  const judge = createJudge(ownDomains);
  const links = [...found.values()].slice(0, MAX_TEXT_LINKS).map((link) => judge(link));
  const known = await askEngines(engines, links);
  const judged = links.map((link, index) => ({ link, reports: [formReport(link), ...(known[index] ?? [])] }));
  return { links: judged, ...(gap !== undefined && { gap }) };
}

function formReport({ findings }: JudgedLink): EngineReport {
  return reportOf('links', findings);
}

function reportOf(engine: string, findings: readonly LinkFinding[], reference?: string): EngineReport {
  const all: Finding[] = findings.map((one) => ({ ...one, path: [], ...(reference !== undefined && { reference }) }));
  const result = all.length > 0 ? 'findings' : 'clean';
  return { engine, engineVersion: '', rulesVersion: '', result, findings: all, ms: 0 };
}

/** What each engine knows of each link or of where it leads. */
async function askEngines(engines: readonly LinkEngine[], links: readonly JudgedLink[]): Promise<EngineReport[][]> {
  const urls = [...new Set(links.flatMap(({ url, target }) => (target === undefined ? [url] : [url, target])))];
  if (engines.length === 0 || urls.length === 0) return links.map(() => []);
  const answers = await Promise.all(
    engines.map(async (engine) => {
      const all = await engine.look(urls);
      return { engine: engine.name, byUrl: new Map(urls.map((url, index) => [url, all[index]])) };
    }),
  );
  return links.map(({ url, target }) =>
    answers.map(({ engine, byUrl }) => engineReport(engine, [byUrl.get(url), target && byUrl.get(target)])),
  );
}

function engineReport(engine: string, answers: readonly (LinkAnswer | '' | undefined)[]): EngineReport {
  const given = answers.flatMap((answer) => answer || []);
  const known = given.flatMap((answer) => (answer.result === 'known' ? answer.findings : []));
  const failed = given.find((answer) => answer.result === 'error');
  if (known.length > 0 || failed?.result !== 'error') return reportOf(engine, known);
  return { ...reportOf(engine, []), result: 'error', reason: failed.reason };
}

/** A link with its verdict. */
export interface LinkVerdict {
  link: JudgedLink;
  verdict: MachineVerdict;
  reports: EngineReport[];
}

/** Puts people's lists beside what was found. An allowed link stands above every engine; analysts stand above both. */
export async function applyLists(
  db: Queryable,
  organisationId: string,
  judged: LinksOfComment['links'],
  required: readonly string[],
): Promise<LinkVerdict[]> {
  const hosts = [...new Set(judged.flatMap(({ link }) => [link.url, link.target ?? '']).flatMap(hostsOf))];
  const index = indexLists(await findListEntries(db, organisationId, { values: hosts, hosts }));
  const now = new Date();
  return judged.map(({ link, reports }) => {
    // Where it leads counts before what it goes through: a rewriter's own domain may well be allowed.
    const match =
      (link.target === undefined ? undefined : matchLists(index, { url: link.target }, now)) ??
      matchLists(index, { url: link.url }, now);
    if (!match) return { link, reports, verdict: decideVerdict(reports, required) };
    const allowed = match.effect === 'allow';
    const finding: LinkFinding = {
      engine: LISTS,
      rule: allowed ? 'Lists_Allowed_Link' : 'Lists_Blocked_Link',
      severity: allowed ? 'info' : 'high',
      what: allowed ? 'An allow list names this link.' : 'A block list names this link.',
    };
    const all = [...reports, reportOf(LISTS, [finding], `list entry ${match.entry.id}`)];
    return { link, reports: all, verdict: allowed ? { verdict: 'clean' } : decideVerdict(all, required) };
  });
}
