import type { Token, Tokenizer } from 'parse5' with { 'resolution-mode': 'import' };
import { isSameSite, readAddress, type Address } from './address';
import { shownAddress } from './shown';
import { linksOfText, MAX_TEXT, MAX_TEXT_LINKS, type Extracted, type TextLink } from './text';
import { canParseUrl } from '../../domain/urls';

/** Characters of a link's shown text that are kept. */
const MAX_SHOWN = 300;

/** Longest address that is kept whole; only `data:` addresses are longer in earnest. */
const MAX_URL = 4_000;

/** Where a click, a key or time leads somewhere. Pictures are loaded, not followed: they are no links. */
const TARGETS: Readonly<Record<string, readonly string[]>> = {
  form: ['action'],
  button: ['formaction'],
  input: ['formaction'],
  iframe: ['src'],
  frame: ['src'],
  embed: ['src'],
  object: ['data'],
  blockquote: [],
  base: [],
  link: [],
  image: [],
  use: [],
};
const ANCHOR = ['href', 'xlink:href'];

/** Elements that begin a line of their own or a cell: text does not run over their borders. */
const BLOCKS: ReadonlySet<string> = new Set(
  (
    'address article aside blockquote body br caption center dd details div dl dt fieldset figcaption figure footer form h1 ' +
    'h2 h3 h4 h5 h6 header hr iframe img legend li main menu nav ol option p pre section select summary table tbody td ' +
    'textarea tfoot th thead title tr ul'
  ).split(' '),
);
const RAW: ReadonlySet<string> = new Set(['style', 'xmp', 'iframe', 'noembed', 'noframes']);

/** Schemes that lead somewhere or start something. Others (mailto, tel, cid, a messenger's own) are not covered. */
const SCHEMES =
  /^(?:https?|ftps?|file|smb|data|javascript|vbscript|mhtml|jar|view-source|search|search-ms|ms-[a-z-]+):$/u;

/**
 * Finds the links of an HTML text: targets with what a reader sees in their place, and addresses written in the visible
 * text. Reads as a browser's tokenizer does and builds no tree: time grows with the length of the text.
 */
export async function linksOfHtml(html: string): Promise<Extracted> {
  const { Tokenizer: Reader, TokenizerMode } = await import('parse5');
  const page = new Page();
  const tokenizer: Tokenizer = new Reader(
    {},
    {
      onStartTag(token) {
        page.start(token);
        if (token.tagName === 'script') tokenizer.state = TokenizerMode.SCRIPT_DATA;
        else if (RAW.has(token.tagName)) tokenizer.state = TokenizerMode.RAWTEXT;
        else if (token.tagName === 'title' || token.tagName === 'textarea') tokenizer.state = TokenizerMode.RCDATA;
      },
      onEndTag: (token) => page.end(token.tagName),
      onCharacter: (token) => page.characters(token.chars),
      onWhitespaceCharacter: (token) => page.characters(token.chars),
      onComment: (token) => page.comment(token.data),
      onNullCharacter: () => undefined,
      onDoctype: () => undefined,
      onEof: () => undefined,
    },
  );
  tokenizer.write(html.slice(0, MAX_TEXT), true);
  return page.finish(html.length > MAX_TEXT);
}

class Page {
  private readonly found = new Map<string, TextLink>();
  private readonly text: string[] = [];
  private base: string | undefined;
  private anchor: { address: Address; shown: string[]; length: number } | undefined;
  private hidden: string | undefined;
  private full = false;

  start({ tagName, attrs }: Token.TagToken): void {
    if (BLOCKS.has(tagName)) this.characters('\n');
    if (tagName === 'script' || RAW.has(tagName) || tagName === 'title') this.hidden = tagName;
    if (attrs.length === 0) return;
    const value = (name: string): string | undefined =>
      attrs.find((attr) => (attr.prefix ? `${attr.prefix}:${attr.name}` : attr.name) === name)?.value;
    if (tagName === 'base') this.base ??= asBase(value('href'));
    if (tagName === 'meta' && value('http-equiv')?.trim().toLowerCase() === 'refresh') {
      this.keep(this.resolve(/^\s*[\d.]+\s*[;,]\s*(?:url\s*=\s*)?["']?([^"']+)/iu.exec(value('content') ?? '')?.[1]));
    }
    const target = (TARGETS[tagName] ?? ANCHOR).map(value).find((found) => found !== undefined);
    this.target(tagName, target);
  }

  private target(tagName: string, value: string | undefined): void {
    const address = this.resolve(value);
    if (tagName === 'a') this.closeAnchor();
    if (tagName === 'a' && address) this.anchor = { address, shown: [], length: 0 };
    else this.keep(address);
  }

  end(tagName: string): void {
    if (tagName === this.hidden) this.hidden = undefined;
    if (tagName === 'a') this.closeAnchor();
    else if (BLOCKS.has(tagName)) this.characters('\n');
  }

  characters(chars: string): void {
    if (this.hidden !== undefined) return;
    if (!this.anchor) return void this.text.push(chars);
    if (this.anchor.length >= MAX_SHOWN) return;
    this.anchor.shown.push(chars);
    this.anchor.length += chars.length;
  }

  /** Outlook alone reads what stands in `<!--[if mso]>`: its buttons have their targets there. */
  comment(data: string): void {
    if (!/^\[if\b/iu.test(data)) return;
    for (const [, , value] of data.matchAll(/\bhref\s*=\s*(["'])([^"'<>]{1,4000})\1/giu)) {
      this.keep(this.resolve(value?.replaceAll('&amp;', '&')));
    }
  }

  private closeAnchor(): void {
    const { anchor } = this;
    this.anchor = undefined;
    if (!anchor) return;
    this.text.push('\n');
    const shown = anchor.shown.join('').replace(/\s+/gu, ' ').trim().slice(0, MAX_SHOWN);
    this.keep(anchor.address, shown === '' || shown === anchor.address.url ? undefined : shown);
  }

  private keep(address: Address | undefined, shown?: string): void {
    if (!address) return;
    const known = this.found.get(address.url);
    if (known) {
      // Of several texts for one target the one that names another site matters.
      const deceives = shown !== undefined && leadsElsewhere(shown, address) && !leadsElsewhere(known.shown, address);
      if (deceives || (known.shown === undefined && shown !== undefined))
        this.found.set(address.url, { ...known, shown });
      return;
    }
    if (this.found.size >= MAX_TEXT_LINKS) this.full = true;
    else this.found.set(address.url, { ...address, ...(shown !== undefined && { shown }) });
  }

  /** The address that a browser or mail program opens for an attribute's value; undefined where it leads nowhere else. */
  private resolve(value: string | undefined): Address | undefined {
    const target = value?.trim().slice(0, MAX_URL) ?? '';
    if (target === '' || target.startsWith('#')) return undefined;
    if (/^\\\\[^\\/]+[\\/]/u.test(target)) return readAddress(target);
    if (/^(?:www\d?\.)?[\p{L}\p{N}.-]+\.\p{L}{2,}(?:[/?#:]|$)/u.test(target)) return withoutScheme(target);
    const base = this.base ?? (/^[/\\]{2}/u.test(target) ? 'http://page.invalid/' : undefined);
    if (!canParseUrl(target, base)) return /^https?:/iu.test(target) ? readAddress(target) : undefined;
    const url = new URL(target, base);
    return SCHEMES.test(url.protocol) && !isIdle(url) ? readAddress(url.href) : undefined;
  }

  finish(cut: boolean): Extracted {
    this.closeAnchor();
    const inText = linksOfText(this.text.join(''));
    for (const { shown, ...address } of inText.links) this.keep(address, shown);
    const gap = this.full || inText.gap === 'too_many_links' ? 'too_many_links' : cut ? 'limit_reached' : inText.gap;
    return { links: [...this.found.values()], ...(gap && { gap }) };
  }
}

function asBase(value: string | undefined): string | undefined {
  return value !== undefined && /^(?:https?:)?\/\//iu.test(value.trim()) && canParseUrl(value, 'http://page.invalid/')
    ? new URL(value, 'http://page.invalid/').href
    : undefined;
}

/** `www.example.com/x` in an attribute: relative for a browser, a link for mail programs. */
function withoutScheme(target: string): Address | undefined {
  const address = readAddress(`http://${target}`);
  return address.isPublicName && address.domain !== undefined ? address : undefined;
}

/** `javascript:void(0)` and pictures in the address do nothing. */
function isIdle({ protocol, pathname }: URL): boolean {
  if (protocol === 'javascript:') return /^\s*(?:void\s*\(?\s*0?\s*\)?|;|return false|)\s*;?\s*$/iu.test(pathname);
  return protocol === 'data:' && /^(?:image|font|audio|video)\/(?!svg)/iu.test(pathname);
}

function leadsElsewhere(shown: string | undefined, target: Address): boolean {
  const named = shown === undefined ? undefined : shownAddress(shown);
  return named !== undefined && !isSameSite(named, target);
}
