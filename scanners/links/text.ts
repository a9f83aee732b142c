import { LinkifyIt, REBuilder } from 'linkify-it';
import { isPlausibleFuzzy } from './fuzzy';
import { hostSpans } from './fuzzy-spans';
import { endOfLink } from './link-end';
import { readAddress, type Address } from './address';
import type { MappedText } from './mapped-text';
import { refang } from './refang';

/** Links kept for one text; more are `too_many_links` (design.md §2). */
export const MAX_TEXT_LINKS = 200;

/** Characters of one text that are looked at: ten times what Zendesk takes as a comment. */
export const MAX_TEXT = 1_000_000;

/** A link as it stood in a text. `shown` is what a reader sees, where that differs from `url`. */
export interface TextLink extends Address {
  shown?: string;
}

/** What was found. `gap` says why there may be more. */
export interface Extracted {
  links: TextLink[];
  gap?: 'too_many_links' | 'limit_reached';
}

/**
 * Hosts as browsers take them rather than as registries do: with a scheme any host up to the path counts (underscores,
 * escapes, deep names), and user info may be long and hold several at-signs.
 */
class BrowserHosts extends REBuilder {
  override get_auth(): RegExp {
    return new RegExp(`(?:(?:(?!${this.src_ZCc}|[/?#\\\\<>"]).){1,1000}@)?`);
  }

  override get_url_host_port(): RegExp {
    const char = `(?:(?!${this.src_ZCc}|[/?#\\\\@:<>"'\`|^{}[\\](),;!*=&$+~\u3002])${this.src_Any})`;
    return new RegExp(`(?:${this.get_ipv6_url_host().source}|${char}{1,400})${this.get_port().source}`);
  }
}

const linkify = new LinkifyIt({ urlAuth: true, rebuilder: new BrowserHosts() });

interface Span {
  start: number;
  end: number;
  /** With a scheme in front. */
  whole: boolean;
}

/** Finds the links of a plain text, defanged and hidden ones included, each URL once. Linear in the length of the text. */
export function linksOfText(text: string): Extracted {
  const mapped = refang(text.slice(0, MAX_TEXT));
  const found = new Map<string, TextLink>();
  let previous: { link: TextLink; end: number } | undefined;
  const seen = new Set<string>();
  const addresses = new Map<string, Address>();
  for (const span of spansOf(mapped.text)) {
    const written = mapped.text.slice(span.start, span.end);
    if (seen.has(written)) continue;
    const link = linkAt(mapped, text, span, addresses);
    if (!link) continue;
    const shown = link.shown ?? shownBefore(mapped.text, span, previous);
    previous = { link, end: span.end };
    seen.add(written);
    if (found.has(link.url)) continue;
    if (found.size >= MAX_TEXT_LINKS) return { links: [...found.values()], gap: 'too_many_links' };
    found.set(link.url, { ...link, ...(shown !== undefined && { shown }) });
  }
  return { links: [...found.values()], ...(text.length > MAX_TEXT && { gap: 'limit_reached' as const }) };
}

/** @param addresses those of this text that were read before: a name that is no link where it stands may come again */
function linkAt(mapped: MappedText, text: string, span: Span, addresses: Map<string, Address>): TextLink | undefined {
  const written = mapped.text.slice(span.start, span.end);
  const whole = span.whole ? written : written.startsWith('//') ? `http:${written}` : `http://${written}`;
  const address = addresses.get(whole) ?? readAddress(whole);
  addresses.set(whole, address);
  if (/^(?:https?|ftps?):/iu.test(address.url) && address.host === '') return undefined;
  if (!span.whole && !isPlausibleFuzzy(mapped.text, span.start, span.end, address)) return undefined;
  const original = text.slice(mapped.origin(span.start), mapped.origin(span.end)).replace(/\s+/gu, ' ').trim();
  // A reader is shown what was undone here: marks against clicking, escapes, an address written as one number.
  const differs = original !== written || !written.toLowerCase().includes(address.host);
  return { ...address, ...(differs && original.length <= 2_000 && { shown: original }) };
}

/** `shown<target>` of plain-text mails and `[shown](target)` of Markdown: the link before is what a reader takes this one for. */
function shownBefore(
  text: string,
  span: Span,
  previous: { link: TextLink; end: number } | undefined,
): string | undefined {
  if (!previous || span.start - previous.end > 4) return undefined;
  const between = text.slice(previous.end, span.start);
  return /^(?:\/? ?<|\/?\]\()$/u.test(between) ? previous.link.url : undefined;
}

/**
 * Where links stand, in the order of the text, without overlaps; of two that begin together the longer. Given one by one,
 * so that nobody looks for what comes after too many.
 */
function* spansOf(text: string): Generator<Span> {
  const whole = withoutOverlaps([...schemeSpans(text), ...otherSchemes(text)].sort(inOrder));
  let [next, last] = [0, 0];
  const fits = (span: Span): boolean => span.start >= last;
  for (const fuzzy of fuzzySpans(text, whole)) {
    for (let span = whole[next]; span && inOrder(span, fuzzy) < 0; span = whole[++next]) {
      if (fits(span)) yield ((last = span.end), span);
    }
    if (fits(fuzzy)) yield ((last = fuzzy.end), fuzzy);
  }
  for (const span of whole.slice(next)) if (fits(span)) yield ((last = span.end), span);
}

function inOrder(a: Span, b: Span): number {
  return a.start - b.start || b.end - a.end;
}

function withoutOverlaps(spans: readonly Span[]): Span[] {
  const kept: Span[] = [];
  for (const span of spans) if (span.start >= (kept.at(-1)?.end ?? 0)) kept.push(span);
  return kept;
}

/** Every `http://`, `https://` and `ftp://`, whatever letter it touches. */
function schemeSpans(text: string): Span[] {
  const spans: Span[] = [];
  const scheme = /(https?|ftps?):\/\//giu;
  const joint = /[,;](?=https?:\/\/)/giu;
  let cut = -1;
  for (let match = scheme.exec(text); match; match = scheme.exec(text)) {
    const name = (match[1] ?? '').toLowerCase();
    // One behind another in a list: each is read up to the next, so that a long list costs no more than its length.
    if (cut < match.index) {
      joint.lastIndex = match.index;
      cut = joint.exec(text)?.index ?? text.length;
    }
    const kind = name.startsWith('ftp') ? 'ftp:' : `${name}:`;
    const tail = linkify.testSchemaAt(text.slice(0, cut), kind, match.index + name.length + 1);
    if (tail === 0) continue;
    const end = endOfLink(text, match.index, match.index + name.length + 1 + tail);
    spans.push({ start: match.index, end, whole: true });
    scheme.lastIndex = Math.max(end, scheme.lastIndex);
  }
  return spans;
}

/** Addresses that Windows and browsers open beside the web: shares, files, handlers of Microsoft's programs. */
function otherSchemes(text: string): Span[] {
  const pattern =
    /(?<![\p{L}\p{N}:/\\])(?:(?:file|smb|search-ms|ms-[a-z]{2,20}|vbscript):[^\s<>"'`]{3,2000}|\\\\[a-z0-9][a-z0-9.-]{2,253}(?:@[a-z0-9@]{1,12})?\\[^\s<>"'|]{1,500})/giu;
  const shares = new Map<string, boolean>();
  return [...text.matchAll(pattern)]
    .filter(([found]) => !found.startsWith('\\\\') || isOutsideShare(found, shares))
    .map((match) => ({
      start: match.index,
      end: match.index + match[0].replace(/[.,;:!?)\]}]+$/u, '').length,
      whole: true,
    }));
}

/** Shares inside a house (`\\server\share`) are everyday in tickets and lead nobody astray. */
function isOutsideShare(path: string, known: Map<string, boolean>): boolean {
  const host = /^\\\\([^\\@]+)/u.exec(path)?.[1] ?? '';
  let answer = known.get(host);
  if (answer === undefined) {
    const { isIp, isPublicName } = readAddress(`http://${host}/`);
    known.set(host, (answer = isIp || isPublicName));
  }
  return answer;
}

/** What may follow a host: port, path, query, fragment, with brackets in pairs and without the sentence's marks. */
const AFTER_HOST = new RegExp(`(?::(?<port>\\d{1,6}))?${linkify.re.get_path().source}`, 'iy');

/** Links without a scheme: `example.com/path`, `//example.com`, `192.0.2.1:8080/`. */
function* fuzzySpans(text: string, whole: readonly Span[]): Generator<Span> {
  const rest = blanked(text, whole);
  let last = 0;
  for (const { start, end } of hostSpans(rest)) {
    const before = rest[start - 1] ?? '';
    const relative = before === '/' && /(?:^|[^:/\p{L}\p{N}_])\/\/$/u.test(rest.slice(Math.max(0, start - 3), start));
    const labelled = before === ':' && /[\p{L}\p{N})\]]:$/u.test(rest.slice(Math.max(0, start - 2), start));
    if (start < last || (/[.:/\\_@%#&?~-]/u.test(before) && !relative && !labelled)) continue;
    if (/[_@]/u.test(rest[end] ?? '')) continue;
    AFTER_HOST.lastIndex = end;
    const after = /[:/?#]/u.test(rest[end] ?? '') ? AFTER_HOST.exec(rest) : undefined;
    if (Number(after?.groups?.['port'] ?? 0) > 65_535) continue;
    const first = relative ? start - 2 : start;
    yield { start: first, end: (last = endOfLink(text, first, end + (after?.[0].length ?? 0))), whole: false };
  }
}

function blanked(text: string, spans: readonly Span[]): string {
  const pieces: string[] = [];
  let at = 0;
  for (const { start, end } of spans) {
    pieces.push(text.slice(at, start), ' '.repeat(end - start));
    at = end;
  }
  pieces.push(text.slice(at));
  return pieces.join('');
}
