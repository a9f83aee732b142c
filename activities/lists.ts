import { findListEntries } from '../db/lists';
import type { ListCandidates, ListEntryRow } from '../db/lists';
import type { Queryable } from '../db/pool';
import { decideVerdict } from '../domain/inspection';
import type { EngineReport, Finding, FoundLink, MachineVerdict } from '../domain/inspection';
import { indexLists, matchLists } from '../domain/lists';
import type { ListIndex, ListMatch } from '../domain/lists';
import type { LinkFinding } from '../scanners/links/link-engine';
import type { ReadPass } from './pass';
import { canParseUrl } from '../domain/urls';

/** Name under which people's lists stand among the engines. */
export const LISTS = 'lists';

/** A verdict with everything that was said, the lists included. */
export interface Judged {
  verdict: MachineVerdict;
  reports: EngineReport[];
}

/**
 * The verdict over engines and lists. A blocked hash or link is a finding; an allowed hash stands above every engine and
 * is shown as evidence. An allowed sender changes nothing about a file, for whoever writes can pretend to be somebody.
 * Analysts' decisions come after this and stand above both.
 */
export async function machineVerdict(
  db: Queryable,
  organisationId: string,
  pass: Pick<ReadPass, 'sha256' | 'reports'>,
  required: readonly string[],
): Promise<Judged> {
  const links = pass.reports.flatMap((report) => report.links ?? []);
  const entries = await findListEntries(db, organisationId, candidatesFor(pass.sha256, links));
  const engines = [...pass.reports];
  if (entries.length === 0) return { verdict: decideVerdict(engines, required), reports: engines };
  const index = indexLists(entries);
  const now = new Date();
  const file = matchLists(index, { sha256: pass.sha256 }, now);
  if (file?.effect === 'allow') {
    return { verdict: { verdict: 'clean' }, reports: [...engines, listReport([fileFinding(file.entry)])] };
  }
  const findings = [...(file ? [fileFinding(file.entry)] : []), ...linkFindings(index, links, now)];
  const reports = findings.length === 0 ? engines : [...engines, listReport(findings)];
  return { verdict: decideVerdict(reports, required), reports };
}

/** What it says of something that a list names whoever wrote it. */
export function senderFinding({ effect }: ListMatch): LinkFinding {
  const blocked = effect === 'block';
  return {
    engine: LISTS,
    rule: blocked ? 'Lists_Blocked_Sender' : 'Lists_Allowed_Sender',
    severity: blocked ? 'high' : 'info',
    what: blocked ? 'A block list names whoever sent this.' : 'An allow list names whoever sent this.',
  };
}

function candidatesFor(sha256: string, links: readonly FoundLink[]): ListCandidates {
  const hosts = [...new Set(links.flatMap((link) => hostsOf(link.url)))];
  return { values: [sha256, ...hosts], hosts };
}

/** The host of a URL and the domains above it, each a value that an entry may have. */
export function hostsOf(url: string): string[] {
  if (!canParseUrl(url)) return [];
  const host = new URL(url).hostname.replace(/\.$/u, '');
  if (host === '' || host.startsWith('[') || /^[\d.]+$/u.test(host)) return host === '' ? [] : [host];
  const labels = host.split('.');
  return labels.slice(0, Math.max(1, labels.length - 1)).map((_label, at) => labels.slice(at).join('.'));
}

function linkFindings(index: ListIndex<ListEntryRow>, links: readonly FoundLink[], now: Date): Finding[] {
  const findings: Finding[] = [];
  for (const { url, path } of links) {
    const match = matchLists(index, { url }, now);
    if (match?.effect !== 'block' || findings.length >= MOST_FINDINGS) continue;
    const what = 'The file holds a link that a block list names.';
    findings.push({ engine: LISTS, rule: 'Lists_Blocked_Link', severity: 'high', path, what });
  }
  return findings;
}

const MOST_FINDINGS = 20;

function fileFinding(entry: ListEntryRow): Finding {
  const blocked = entry.effect === 'block';
  return {
    engine: LISTS,
    rule: blocked ? 'Lists_Blocked_Hash' : 'Lists_Allowed_Hash',
    severity: blocked ? 'high' : 'info',
    path: [],
    what: blocked ? 'A block list names exactly this file.' : 'An allow list names exactly this file.',
    reference: `list entry ${entry.id}`,
  };
}

function listReport(findings: Finding[]): EngineReport {
  return { engine: LISTS, engineVersion: '', rulesVersion: '', result: 'findings', findings, ms: 0 };
}
