import { readOwnDomains } from '../db/links';
import type { ItemRow } from '../db/items';
import type { EngineReport, Finding, FoundLink } from '../domain/inspection';
import type { Severity } from '../domain/words';
import { addressesOf, createJudge } from '../scanners/links/judge';
import type { JudgedLink } from '../scanners/links/judge';
import { LINKS_ENGINE } from '../scanners/links/rules';
import type { ActivityDeps } from './deps';
import { lookUp } from './link-look';
import { LISTS, senderFinding } from './lists';

/** Findings of one engine about one file's links; more say nothing new. */
const MOST_FINDINGS = 20;
const SERIOUS: readonly Severity[] = ['high', 'critical'];

/** What of a file is judged here. */
interface Read {
  reports: EngineReport[];
}

/**
 * Adds to a file's reports what changes from day to day without the file changing: what the form of its links shows, what
 * link engines know of them, and what lists say of whoever sent it (an allowed sender as evidence only). Done after the
 * verdict cache, every time.
 */
export async function withLinksAndSender<R extends Read>(
  deps: Pick<ActivityDeps, 'database' | 'linkEngines' | 'requiredLinkEngines' | 'senders'>,
  item: Pick<ItemRow, 'organisation_id' | 'connection_id' | 'author_id'>,
  read: R,
): Promise<R> {
  const [links, sender] = await Promise.all([linkReports(deps, item, read), senderReports(deps, item)]);
  return { ...read, reports: [...read.reports, ...links, ...sender] };
}

async function senderReports(
  deps: Pick<ActivityDeps, 'senders'>,
  item: Pick<ItemRow, 'organisation_id' | 'connection_id' | 'author_id'>,
): Promise<EngineReport[]> {
  const ref = { organisationId: item.organisation_id, connectionId: item.connection_id };
  const match = await deps.senders.match(ref, item.author_id);
  if (!match) return [];
  const finding: Finding = { ...senderFinding(match), path: [], reference: `list entry ${match.entry.id}` };
  return [asideReport(LISTS, [finding])];
}

async function linkReports(
  deps: Pick<ActivityDeps, 'database' | 'linkEngines' | 'requiredLinkEngines'>,
  item: Pick<ItemRow, 'organisation_id' | 'connection_id'>,
  { reports }: Read,
): Promise<EngineReport[]> {
  const links = reports.flatMap((report) => report.links ?? []);
  const done = reports.some(({ findings }) => findings.some(({ severity }) => SERIOUS.includes(severity)));
  if (links.length === 0 || done) return [];
  const domains = await deps.database.withOrganisation(item.organisation_id, (db) =>
    readOwnDomains(db, item.connection_id),
  );
  const judge = createJudge(domains);
  const judged = links.map((found) => ({ found, link: judge(found) }));
  const form = judged.flatMap(({ found, link }) => formFindings(found, link));
  return [...reportOf(LINKS_ENGINE, form), ...(await engineReports(deps, judged))];
}

/**
 * The form of a link says less inside a file than in a comment: manuals, reports about attacks and newsletters hold
 * everything. What would be malicious there is suspicious here, what would be suspicious is shown only.
 */
function formFindings({ path }: FoundLink, { findings }: JudgedLink): Finding[] {
  return findings.flatMap((one): Finding[] => {
    if (SERIOUS.includes(one.severity)) return [{ ...one, severity: 'medium', path }];
    return one.severity === 'medium' ? [{ ...one, severity: 'low', path }] : [];
  });
}

async function engineReports(
  deps: Pick<ActivityDeps, 'linkEngines' | 'requiredLinkEngines'>,
  judged: readonly { found: FoundLink; link: JudgedLink }[],
): Promise<EngineReport[]> {
  const urls = [...new Set(judged.flatMap(({ link }) => addressesOf(link)))];
  const looked = await lookUp(deps.linkEngines, urls, deps.requiredLinkEngines);
  return looked.flatMap(({ engine, byUrl }) => {
    const findings = judged.flatMap(({ found: { path }, link }) => {
      const known = addressesOf(link).flatMap((url) => {
        const answer = byUrl.get(url);
        return answer?.result === 'known' ? answer.findings : [];
      });
      return known.map((one) => ({ ...one, path }));
    });
    const failed = [...byUrl.values()].find(({ result }) => result === 'error');
    if (findings.length > 0 || failed?.result !== 'error' || !deps.requiredLinkEngines.includes(engine))
      return reportOf(engine, findings);
    // Whoever must answer and does not leaves the file unknown, whichever engines its policy requires.
    return [{ ...asideReport(engine, []), result: 'unscannable' as const, reason: failed.reason }];
  });
}

/** Each rule at each place once; nothing where there is nothing to say, so that no silence passes for an answer. */
function reportOf(engine: string, findings: readonly Finding[]): EngineReport[] {
  const distinct = new Map(findings.map((one) => [JSON.stringify([one.rule, one.path]), one]));
  const all = [...distinct.values()];
  const worst = all.filter(({ severity }) => SERIOUS.includes(severity));
  const kept = [...worst, ...all.filter((one) => !worst.includes(one))].slice(0, MOST_FINDINGS);
  return kept.length === 0 ? [] : [asideReport(engine, kept)];
}

function asideReport(engine: string, findings: Finding[]): EngineReport {
  return { engine, engineVersion: '', rulesVersion: '', result: 'findings', findings, aside: true, ms: 0 };
}
