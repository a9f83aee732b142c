import { LinkifyIt, REBuilder, type Match } from 'linkify-it';
import { isPlausibleFuzzy } from './fuzzy';
import { endOfLink } from './link-end';
import { readAddress, type Address } from './address';
import { refang, type MappedText } from './refang';

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
 * escapes, deep names), user info may be long and hold several at-signs; without one a port may follow, and
 * {@link isPlausibleFuzzy} asks the real list of top-level domains.
 */
class BrowserHosts extends REBuilder {
  override get_tld(): RegExp {
    return new RegExp(`${this.get_pseudo_letter().source}{2,63}|${this.get_xn().source}`);
  }

  override get_auth(): RegExp {
    return new RegExp(`(?:(?:(?!${this.src_ZCc}|[/?#\\\\<>"]).){1,1000}@)?`);
  }

  override get_url_host_port(): RegExp {
    const char = `(?:(?!${this.src_ZCc}|[/?#\\\\@:<>"'\`|^{}[\\](),;!*=&$+~\u3002])${this.src_Any})`;
    return new RegExp(`(?:${this.get_ipv6_url_host().source}|${char}{1,400})${this.get_port().source}`);
  }

  override get_fuzzy_url_host_port(): RegExp {
    const address = `${this.get_ipv4_addr().source}|(?:${this.get_domain().source}\\.){1,20}(?:${this.get_tld().source})`;
    return new RegExp(`(?:${address})${this.get_port().source}${this.get_host_terminator().source}`);
  }
}

const linkify = new LinkifyIt({
  fuzzyLink: true,
  fuzzyIP: true,
  urlAuth: true,
  fuzzyEmail: false,
  rebuilder: new BrowserHosts(),
}).add('mailto:', null);

/** Scripts that are written without spaces, so that words touch the links between them. */
const UNSPACED =
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}\p{sc=Bopomofo}\u3000-\u303f\uff01-\uff60]/gu;

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
  for (const span of spansOf(mapped.text)) {
    const link = linkAt(mapped, text, span);
    if (!link) continue;
    const shown = link.shown ?? shownBefore(mapped.text, span, previous);
    previous = { link, end: span.end };
    if (found.has(link.url)) continue;
    if (found.size >= MAX_TEXT_LINKS) return { links: [...found.values()], gap: 'too_many_links' };
    found.set(link.url, { ...link, ...(shown !== undefined && { shown }) });
  }
  return { links: [...found.values()], ...(text.length > MAX_TEXT && { gap: 'limit_reached' as const }) };
}

function linkAt(mapped: MappedText, text: string, span: Span): TextLink | undefined {
  const written = mapped.text.slice(span.start, span.end);
  const prefix = span.whole ? '' : written.startsWith('//') ? 'http:' : 'http://';
  const address = readAddress(`${prefix}${written}`);
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

/** Where links stand, in the order of the text, without overlaps. */
function spansOf(text: string): Span[] {
  const whole = [...schemeSpans(text), ...otherSchemes(text)].sort((a, b) => a.start - b.start);
  const fuzzy = fuzzySpans(text, whole);
  return withoutOverlaps([...whole, ...fuzzy].sort((a, b) => a.start - b.start || b.end - a.end));
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
  for (let match = scheme.exec(text); match; match = scheme.exec(text)) {
    const name = (match[1] ?? '').toLowerCase();
    const tail = linkify.testSchemaAt(
      text,
      name.startsWith('ftp') ? 'ftp:' : `${name}:`,
      match.index + name.length + 1,
    );
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
  return [...text.matchAll(pattern)]
    .filter(([found]) => !found.startsWith('\\\\') || isOutsideShare(found))
    .map((match) => ({
      start: match.index,
      end: match.index + match[0].replace(/[.,;:!?)\]}]+$/u, '').length,
      whole: true,
    }));
}

/** Shares inside a house (`\\server\share`) are everyday in tickets and lead nobody astray. */
function isOutsideShare(path: string): boolean {
  const { isIp, isPublicName } = readAddress(`http://${/^\\\\([^\\@]+)/u.exec(path)?.[1] ?? ''}/`);
  return isIp || isPublicName;
}

/** Links without a scheme. Where scripts without spaces touch a link, a second look sees only what is not of them. */
function fuzzySpans(text: string, whole: readonly Span[]): Span[] {
  const rest = blanked(text, whole);
  const spans = onlyFuzzy(text, linkify.match(rest));
  UNSPACED.lastIndex = 0;
  if (!UNSPACED.test(rest)) return spans;
  const apart = onlyFuzzy(text, linkify.match(rest.replace(UNSPACED, (char) => ' '.repeat(char.length))));
  const isAlone = (span: Span): boolean => {
    const { isPublicName, domain } = readAddress(`http://${text.slice(span.start, span.end)}`);
    return isPublicName && domain !== undefined;
  };
  // A word in front of the name moves its beginning; a word behind it makes it end in no top-level domain.
  const starts = new Set(apart.map(({ start }) => start));
  const kept = spans.filter((span) => isAlone(span) && (starts.has(span.start) || !holdsAny(apart, span)));
  const known = new Set(kept.map(({ start }) => start));
  return [...kept, ...apart.filter(({ start }) => !known.has(start))];
}

/** Whether one of the sorted spans begins inside another one. */
function holdsAny(sorted: readonly Span[], { start, end }: Span): boolean {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle]?.start ?? 0) < start) low = middle + 1;
    else high = middle;
  }
  const next = sorted[low];
  return next !== undefined && next.start < end;
}

function onlyFuzzy(text: string, matches: Match[] | null): Span[] {
  return (matches ?? [])
    .filter(({ schema }) => schema === '' || schema === '//')
    .map(({ index, lastIndex }) => ({ start: index, end: endOfLink(text, index, lastIndex), whole: false }));
}

function blanked(text: string, spans: readonly Span[]): string {
  const pieces: string[] = [];
  let at = 0;
  for (const { start, end } of withoutOverlaps(spans)) {
    pieces.push(text.slice(at, start), ' '.repeat(end - start));
    at = end;
  }
  pieces.push(text.slice(at));
  return pieces.join('');
}
