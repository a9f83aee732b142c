import type { Member, Opened, OpenContext, PartLink } from '../opener';
import { fromDataUrl } from './decode';
import { readMarkup, type Facts } from './html-facts';
import { judgePage, type PageEvidence } from './html-rules';
import { findHidden, type Hidden } from './hidden';
import { payloadKind } from './payload';
import { longRuns } from './runs';
import { decodeScripts } from './screnc';
import { hiddenMembers, unveil, withinBudget } from './script';
import { decodeText, extensionOf, wideForm } from './text';
import { canParseUrl } from '../../../domain/urls';

/** Characters of a page that are read; no page that people write comes near. */
const MAX_TEXT = 12_000_000;
const MAX_LINKS = 100;
const MAX_UNVEILED = 3_000_000;

/**
 * Opens HTML, SVG, HTML applications and script components: encoded files, scripts with their constants worked out and
 * pages inside are members; links go with the text that a reader sees.
 */
export async function openHtml(data: Uint8Array, { name, type, budget }: OpenContext): Promise<Opened> {
  const whole = decodeText(data);
  const text = whole.slice(0, MAX_TEXT);
  const facts = await readMarkup(text);
  const evidence = gather(facts, text, { name, svg: facts.rootIsSvg || type.mime === 'image/svg+xml' });
  const members: Member[] = [...hiddenMembers(evidence.hidden.filter(({ data: bytes }) => bytes.length > 0))];
  const unveiled = evidence.unveiled.join('\n');
  if (unveiled !== '')
    members.push({ name: 'unveiled-scripts.html', data: Buffer.from(`<script>${unveiled}</script>`) });
  for (const [index, script] of decodeScripts(text).entries()) {
    members.push({ name: `decoded-${index + 1}.js`, data: Buffer.from(script) });
  }
  for (const [index, page] of facts.pages.slice(0, 100).entries()) {
    members.push({ name: `page-${index + 1}.html`, data: Buffer.from(page) });
  }
  // Rules look for one byte a character.
  if (wideForm(data)) members.push({ name: 'text.html', data: Buffer.from(text) });
  const kept = withinBudget(members, budget);
  const gaps = new Set(kept.gaps);
  if (facts.cut || whole.length > text.length) gaps.add('limit_reached');
  return { members: kept.members, gaps, findings: judgePage(evidence), links: chooseLinks(facts, evidence) };
}

function gather(facts: Facts, text: string, { name, svg }: { name: string; svg: boolean }): PageEvidence {
  const unveiled: string[] = [];
  const hidden: Hidden[] = [];
  const scripts: string[] = [];
  let worked = 0;
  for (const { text: source, language } of joinHandlers(facts)) {
    if (/json|x-template|importmap|speculationrules/.test(language)) continue;
    const dialect = /vb/.test(language) ? 'vbs' : 'js';
    const found = worked < MAX_UNVEILED ? unveil(source, dialect) : { hidden: findHidden(longRuns(source), source) };
    worked += source.length;
    if (found.text !== undefined) unveiled.push(found.text);
    scripts.push(found.text ?? source);
    hidden.push(...found.hidden.filter(({ kind }) => kind !== 'image'));
  }
  const saved: Hidden[] = [];
  for (const { url, saves } of facts.data) {
    const decoded = fromDataUrl(url);
    if (!decoded || decoded.data.length < 8) continue;
    const kind = payloadKind(decoded.data);
    if (kind === 'none') continue;
    (saves ? saved : hidden).push({ data: decoded.data, kind });
  }
  // Files in attributes, comments and hidden elements, for scripts that fetch them from there.
  const written = longRuns(text);
  if (written.length > 0) {
    const runs = findHidden(written, scripts.join('\n').slice(0, 200_000));
    const known = new Set([...hidden, ...saved].map(({ data }) => data.toString('latin1', 0, 64)));
    hidden.push(
      ...runs.filter(
        ({ data, kind }) => kind !== 'image' && kind !== 'other' && !known.has(data.toString('latin1', 0, 64)),
      ),
    );
  }
  return {
    facts,
    scripts,
    unveiled,
    hidden: [...hidden, ...saved],
    saved,
    svg,
    extension: extensionOf(name),
    length: text.length,
  };
}

/** Event handlers come by the thousand: each once, all as one script of their language. */
function joinHandlers(facts: Facts): { text: string; language: string }[] {
  const scripts = facts.scripts.filter(({ handler }) => !handler);
  const joined = ['js', 'vbs'].map((language) => {
    const texts = facts.scripts
      .filter((script) => script.handler && script.language === language)
      .map(({ text }) => text);
    return { text: [...new Set(texts)].join('\n'), language };
  });
  return [...scripts, ...joined.filter(({ text }) => text !== '')];
}

/** One link of each host first, those that show something else before; a long page has more than anybody could judge. */
function chooseLinks(facts: Facts, evidence: PageEvidence): PartLink[] {
  const hosts = new Set<string>();
  const [first, rest]: [PartLink[], PartLink[]] = [[], []];
  const all = [...facts.links, ...redirects(evidence).map((url) => ({ url }))];
  for (const link of all) {
    const host = canParseUrl(link.url) ? new URL(link.url).host : link.url;
    (hosts.has(host) ? rest : first).push({ ...link, place: [] });
    hosts.add(host);
  }
  return [...first, ...rest].slice(0, MAX_LINKS);
}

/** Addresses that scripts send the reader to. */
export function redirects({ scripts }: PageEvidence): string[] {
  const found: string[] = [];
  for (const script of scripts) {
    for (const [, url = ''] of script.matchAll(
      /(?:location(?:\.href)?\s{0,5}=|location\.(?:replace|assign)\s{0,5}\(|window\.open\s{0,5}\()\s{0,20}["'`](https?:\/\/[^"'`\s]{3,2000})/g,
    )) {
      if (found.length < 50) found.push(url);
    }
  }
  return found;
}
