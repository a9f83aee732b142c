import type { CommentText } from '../db/comment-seal';
import { findListEntries } from '../db/lists';
import type { ListEntryRow } from '../db/lists';
import type { Queryable } from '../db/pool';
import { decideVerdict } from '../domain/inspection';
import type { EngineReport, MachineVerdict } from '../domain/inspection';
import { indexLists, matchLists } from '../domain/lists';
import type { ListIndex, ListMatch } from '../domain/lists';
import { SEVERITIES } from '../domain/words';
import { linksOfHtml } from '../scanners/links/html';
import { addressesOf, createJudge } from '../scanners/links/judge';
import type { JudgedLink } from '../scanners/links/judge';
import type { LinkAnswer, LinkEngine, LinkFinding } from '../scanners/links/link-engine';
import type { RedirectFollower } from '../scanners/links/redirects';
import { linksOfText, MAX_TEXT_LINKS } from '../scanners/links/text';
import { engineReport, formReport, linkReport, lookUp } from './link-look';
import { followLinks, judgeWalk } from './links-follow';
import { hostsOf, LISTS, senderFinding } from './lists';

/** A link with what is said of it before lists are asked. `leads`: addresses behind it, as far as it was followed. */
export interface LinkWithReports {
  link: JudgedLink;
  leads: readonly string[];
  reports: EngineReport[];
}

/** Links of one comment with what is said of each without asking lists, which are asked when it is written down. */
export interface LinksOfComment {
  links: LinkWithReports[];
  /** Why there may be more. */
  gap?: 'too_many_links' | 'limit_reached';
}

/** With what links are judged. */
export interface LinkTools {
  engines: readonly LinkEngine[];
  required: readonly string[];
  /** Of the organisation; imitations of them matter most to it. */
  ownDomains: readonly string[];
  /** Where installation and organisation have redirects followed. */
  follow?: RedirectFollower | undefined;
}

/** Finds the links of a text and judges each by its form, by where it leads and by what link engines know. */
export async function judgeText(tools: LinkTools, text: CommentText): Promise<LinksOfComment> {
  const found = new Map<string, { url: string; shown?: string }>();
  const parts = [
    ...(text.html === undefined ? [] : [await linksOfHtml(text.html)]),
    ...(text.text === undefined ? [] : [linksOfText(text.text)]),
  ];
  for (const { links } of parts) for (const link of links) if (!found.has(link.url)) found.set(link.url, link);
  const gap =
    parts.find((part) => part.gap !== undefined)?.gap ?? (found.size > MAX_TEXT_LINKS ? 'too_many_links' : undefined);
  const judge = createJudge(tools.ownDomains);
  const judged = [...found.values()].slice(0, MAX_TEXT_LINKS).map((link) => judge(link));
  const walks = tools.follow ? await followLinks(tools.follow, judged) : undefined;
  const followed = judged.map((link) => {
    const walk = walks?.get(link.url);
    const end = walk?.leads.at(-1);
    const found = walk ? [...judgeWalk(link, walk), ...(end === undefined ? [] : judge({ url: end }).findings)] : [];
    return { link: { ...link, findings: worstOfEach([...link.findings, ...found]) }, leads: walk?.leads ?? [] };
  });
  return { links: await withEngines(tools, followed), ...(gap !== undefined && { gap }) };
}

/** Each rule once, where it weighs most; worst first. */
function worstOfEach(findings: readonly LinkFinding[]): LinkFinding[] {
  const sorted = findings.toSorted((a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity));
  return sorted.filter(({ rule }, at) => sorted.findIndex((other) => other.rule === rule) === at);
}

/** What each engine knows of each link, of what it wraps, or of where it leads. */
async function withEngines(
  { engines, required }: LinkTools,
  links: readonly Omit<LinkWithReports, 'reports'>[],
): Promise<LinkWithReports[]> {
  const addresses = links.map(({ link, leads }) => [...addressesOf(link), ...leads]);
  const looked = await lookUp(engines, [...new Set(addresses.flat())], required);
  return links.map((one, at) => {
    const own = addresses[at] ?? [];
    const known = looked.map(({ engine, byUrl }) =>
      engineReport(
        engine,
        own.map((url) => byUrl.get(url) ?? notAsked(url)),
      ),
    );
    return { ...one, reports: [formReport(one.link), ...known] };
  });
}

/** There were too many to ask about all: where the engine must answer, the link stays unknown. */
function notAsked(url: string): LinkAnswer {
  return { url, result: 'error', reason: 'limit_reached' };
}

/** A link with its verdict. */
export interface LinkVerdict extends LinkWithReports {
  verdict: MachineVerdict;
}

/**
 * Puts people's lists beside what was found. An allowed link stands above every engine; analysts stand above both. An
 * allowed sender only takes away what is suspicious by form: whoever writes can pretend to be somebody.
 */
export async function applyLists(
  db: Queryable,
  organisationId: string,
  judged: LinksOfComment['links'],
  required: readonly string[],
  sender?: ListMatch<ListEntryRow>,
): Promise<LinkVerdict[]> {
  const addresses = judged.flatMap(({ link, leads }) => [...addressesOf(link), ...leads]);
  const hosts = [...new Set(addresses.flatMap(hostsOf))];
  const index = indexLists(await findListEntries(db, organisationId, { values: hosts, hosts }));
  return judged.map((one) => {
    const match = matchOf(index, one);
    if (match) return byLink(one, match, required);
    return sender ? bySender(one, sender, required) : { ...one, verdict: decideVerdict(one.reports, required) };
  });
}

/**
 * What lists say of a link. A blocked address anywhere decides. An allowed one does where every address is allowed that the
 * link may lead to: a rewriter or a site with open redirects is no way around, and a site may lead us elsewhere than a
 * customer. Only the address of a known rewriter itself counts for nothing.
 */
function matchOf(
  index: ListIndex<ListEntryRow>,
  { link, leads }: LinkWithReports,
): ListMatch<ListEntryRow> | undefined {
  const now = new Date();
  const matches = (urls: readonly string[]) => urls.map((url) => matchLists(index, { url }, now));
  const blocked = matches([...addressesOf(link), ...leads]).find((match) => match?.effect === 'block');
  if (blocked) return blocked;
  const ends = matches([link.target ?? link.url, ...link.guessed, ...leads]);
  return ends.every((match) => match?.effect === 'allow') ? ends[0] : undefined;
}

function byLink(one: LinkWithReports, match: ListMatch<ListEntryRow>, required: readonly string[]): LinkVerdict {
  const allowed = match.effect === 'allow';
  const finding: LinkFinding = {
    engine: LISTS,
    rule: allowed ? 'Lists_Allowed_Link' : 'Lists_Blocked_Link',
    severity: allowed ? 'info' : 'high',
    what: allowed ? 'An allow list names this link.' : 'A block list names this link.',
  };
  const reports = [...one.reports, linkReport(LISTS, [finding], `list entry ${match.entry.id}`)];
  return { ...one, reports, verdict: allowed ? { verdict: 'clean' } : decideVerdict(reports, required) };
}

function bySender(one: LinkWithReports, sender: ListMatch<ListEntryRow>, required: readonly string[]): LinkVerdict {
  const reports = [...one.reports, linkReport(LISTS, [senderFinding(sender)], `list entry ${sender.entry.id}`)];
  const verdict = decideVerdict(reports, required);
  const spared = sender.effect === 'allow' && verdict.verdict === 'suspicious';
  return { ...one, reports, verdict: spared ? { verdict: 'clean' } : verdict };
}
