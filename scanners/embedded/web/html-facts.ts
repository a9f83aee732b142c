import type { Token, Tokenizer } from 'parse5' with { 'resolution-mode': 'import' };
import { decodeLoosely } from './decode';
import { canParseUrl } from '../../../domain/urls';

/** A form of a page. */
export interface Form {
  action: string;
  password: boolean;
}

/** What a page, picture or script component written in markup holds. */
export interface Facts {
  /** Targets of links, forms, frames and redirects, resolved against the page's base where it has one. */
  links: { url: string; shown?: string }[];
  /** Text of scripts: elements, event handlers and `javascript:` addresses. */
  scripts: { text: string; language: string; handler: boolean }[];
  /** `data:` addresses, and whether following one saves a file. */
  data: { url: string; saves: boolean; image: boolean }[];
  /** Pages inside: `srcdoc`, and comments that old browsers run. */
  pages: string[];
  forms: Form[];
  /** Redirects by `<meta>`: seconds and target. */
  refreshes: { delay: number; url: string }[];
  frames: string[];
  objects: { classId: string; params: string[] }[];
  /** Addresses whose scheme starts a program of the system instead of a browser. */
  schemes: string[];
  savedFrom: string;
  /** Characters that a reader sees. */
  visible: number;
  rootIsSvg: boolean;
  hta: boolean;
  foreignMarkup: boolean;
  scriptComponent: boolean;
  passwordField: boolean;
  /** Whether there was more of anything than is kept. */
  cut: boolean;
}

type Attributes = ReadonlyMap<string, string>;

const MAX_ITEMS = 50_000;
const MAX_LINKS = 5_000;
const MAX_SHOWN = 300;
const ADDRESS_ATTRIBUTES = [
  'href',
  'xlink:href',
  'src',
  'data',
  'action',
  'formaction',
  'background',
  'poster',
  'to',
  'values',
  'from',
];
const LINK_TAGS: ReadonlySet<string> = new Set([
  'a',
  'area',
  'form',
  'iframe',
  'frame',
  'embed',
  'object',
  'button',
  'input',
]);
const RAW_TAGS: ReadonlySet<string> = new Set(['style', 'xmp', 'iframe', 'noembed', 'noframes']);
/** Schemes that hand an address to a program: https://learn.microsoft.com/windows/uwp/launch-resume/launch-default-app */
const SYSTEM_SCHEME =
  /^(ms-msdt|search-ms|search|ms-officecmd|ms-appinstaller|ms-cxh|ms-cxh-full|ms-search|shell|mk|ms-its|its|mhtml|vbscript|ms-word|ms-excel|ms-powerpoint|ms-visio|ms-access|ms-project|ms-publisher|onenote|jar|file):/i;

/** Reads markup as a browser's tokenizer does, without building a tree: time and memory grow with the text's length. */
export async function readMarkup(text: string): Promise<Facts> {
  const { Tokenizer: Reader, TokenizerMode } = await import('parse5');
  const collector = new Collector();
  const tokenizer: Tokenizer = new Reader(
    {},
    {
      onStartTag(token) {
        const raw = collector.start(token);
        tokenizer.inForeignNode = collector.inSvg > 0;
        if (raw === 'script') tokenizer.state = TokenizerMode.SCRIPT_DATA;
        else if (raw === 'text') tokenizer.state = TokenizerMode.RAWTEXT;
        else if (raw === 'title') tokenizer.state = TokenizerMode.RCDATA;
      },
      onEndTag(token) {
        collector.end(token.tagName);
        tokenizer.inForeignNode = collector.inSvg > 0;
      },
      onComment: (token) => collector.comment(token.data),
      onCharacter: (token) => collector.characters(token.chars),
      onWhitespaceCharacter: (token) => collector.characters(token.chars),
      onNullCharacter: () => undefined,
      onDoctype: () => undefined,
      onEof: () => undefined,
    },
  );
  tokenizer.write(text, true);
  return collector.finish();
}

class Collector {
  inSvg = 0;
  private readonly facts: Facts = {
    links: [],
    scripts: [],
    data: [],
    pages: [],
    forms: [],
    refreshes: [],
    frames: [],
    objects: [],
    schemes: [],
    savedFrom: '',
    visible: 0,
    rootIsSvg: false,
    hta: false,
    foreignMarkup: false,
    scriptComponent: false,
    passwordField: false,
    cut: false,
  };
  private base: string | undefined;
  private first = true;
  private form: Form | undefined;
  private anchor: { url: string; shown: string[]; length: number } | undefined;
  private script: { language: string; parts: string[] } | undefined;
  private quiet: string | undefined;
  private stylesheet = false;

  /** Takes a start tag; gives how the tokenizer must read what follows. */
  start({ tagName: tag, attrs, selfClosing }: Token.TagToken): 'script' | 'text' | 'title' | undefined {
    const attributes: Attributes = new Map(
      attrs.map(({ name, value, prefix }) => [prefix ? `${prefix}:${name}` : name, value]),
    );
    this.shape(tag, attributes, selfClosing);
    if (attributes.size > 0) this.look(tag, attributes);
    if (tag === 'script' || tag === 'registration' || tag.endsWith(':script')) {
      // A stylesheet's own scripts have a prefix; others are text that it writes.
      if (this.stylesheet && tag.endsWith(':script')) this.facts.scriptComponent = true;
      this.flushScript();
      const language = `${attributes.get('language') ?? ''} ${attributes.get('type') ?? ''}`.toLowerCase();
      if (tag !== 'registration' && !(selfClosing && this.inSvg > 0)) this.script = { language, parts: [] };
      return this.inSvg > 0 || tag !== 'script' ? undefined : 'script';
    }
    if (this.inSvg > 0) return undefined;
    if (RAW_TAGS.has(tag)) {
      this.quiet = tag;
      return 'text';
    }
    return tag === 'title' || tag === 'textarea' ? 'title' : undefined;
  }

  end(tag: string): void {
    if (tag === 'svg' && this.inSvg > 0) this.inSvg -= 1;
    if (tag === this.quiet) this.quiet = undefined;
    if (tag === 'script' || tag.endsWith(':script')) this.flushScript();
    if (tag === 'form') this.form = undefined;
    if (tag === 'a') this.flushAnchor();
  }

  characters(chars: string): void {
    if (this.script) return void this.script.parts.push(chars);
    if (this.quiet !== undefined) return;
    this.facts.visible += chars.replace(/\s+/g, '').length;
    if (this.anchor && this.anchor.length < MAX_SHOWN) {
      this.anchor.shown.push(chars);
      this.anchor.length += chars.length;
    }
  }

  comment(data: string): void {
    // Browsers write where a page was saved from: https://learn.microsoft.com/previous-versions/windows/internet-explorer/ie-developer/compatibility/ms537628(v=vs.85)
    const saved = /^\s{0,20}saved from url=\(\d{1,6}\)(\S{1,2000})/.exec(data);
    if (saved) this.facts.savedFrom = saved[1] ?? '';
    if (/^\[if /i.test(data) && /<(script|object|iframe|embed)\b/i.test(data))
      this.keep(this.facts.pages, data.replace(/^[^>]{0,200}>/, ''));
  }

  finish(): Facts {
    this.flushScript();
    this.flushAnchor();
    return this.facts;
  }

  private shape(tag: string, attributes: Attributes, selfClosing: boolean): void {
    const { facts } = this;
    if (tag === 'svg') {
      if (this.first) facts.rootIsSvg = true;
      if (!selfClosing) this.inSvg += 1;
    }
    if (tag === 'foreignobject') facts.foreignMarkup = true;
    if (tag === 'hta:application') facts.hta = true;
    if (['scriptlet', 'component', 'job', 'package', 'registration'].includes(tag)) facts.scriptComponent = true;
    if (/^([\w-]{1,40}:)?(stylesheet|transform)$/.test(tag)) this.stylesheet = true;
    this.first = false;
    if (tag === 'base' && this.base === undefined) this.base = attributes.get('href');
    if (tag === 'input' && /^\s*password\s*$/i.test(attributes.get('type') ?? '')) {
      facts.passwordField = true;
      if (this.form) this.form.password = true;
    }
    if (tag === 'form') {
      this.form = { action: this.resolve(attributes.get('action') ?? ''), password: false };
      this.keep(facts.forms, this.form);
    }
    if (tag === 'param') facts.objects.at(-1)?.params.push((attributes.get('value') ?? '').slice(0, 2_000));
    if (tag === 'object') this.keep(facts.objects, { classId: attributes.get('classid') ?? '', params: [] });
  }

  private look(tag: string, attributes: Attributes): void {
    for (const [name, value] of attributes) {
      if (name.startsWith('on') && name.length > 3) this.addScript(value, 'js', true);
      else if (name === 'srcdoc') this.keep(this.facts.pages, value);
      else if (ADDRESS_ATTRIBUTES.includes(name)) this.address(tag, value);
      else if (/^\s{0,20}data:[^,]{0,200};base64,/i.test(value))
        this.keep(this.facts.data, { url: value, saves: false, image: false });
      else if (name === 'style') this.styles(value);
    }
    if (tag === 'meta' && /^\s*refresh\s*$/i.test(attributes.get('http-equiv') ?? ''))
      this.refresh(attributes.get('content') ?? '');
  }

  private address(tag: string, value: string): void {
    // Browsers drop line breaks and tabs inside an address, and control characters before it (WHATWG URL).
    const url = value.replace(/[\t\r\n]/g, '').trim();
    if (/^javascript:/i.test(url)) return this.addScript(decodeLoosely(url.slice(11)), 'js', true);
    if (/^vbscript:/i.test(url)) return this.addScript(decodeLoosely(url.slice(9)), 'vbs', true);
    if (/^data:/i.test(url)) {
      const saves = tag === 'a' || tag === 'area' || tag === 'iframe' || tag === 'object' || tag === 'embed';
      return this.keep(this.facts.data, { url, saves, image: tag === 'img' || tag === 'image' || tag === 'link' });
    }
    if (SYSTEM_SCHEME.test(url)) this.keep(this.facts.schemes, url.slice(0, 4_000));
    if (!LINK_TAGS.has(tag)) return;
    if (url === '' || url.startsWith('#')) return;
    const target = this.resolve(url);
    if (tag === 'iframe' || tag === 'frame' || tag === 'embed') this.keep(this.facts.frames, target);
    if (!/^[a-z][a-z0-9+.-]{1,20}:|^\/\/|^\\\\/i.test(target) || /^(mailto|tel|sms|cid|about|blob):/i.test(target))
      return;
    if (tag === 'a') {
      this.flushAnchor();
      this.anchor = { url: target, shown: [], length: 0 };
    } else this.keep(this.facts.links, { url: target });
  }

  private resolve(url: string): string {
    if (url.startsWith('//')) return `https:${url}`;
    if (/^[a-z][a-z0-9+.-]{1,20}:/i.test(url) || url.startsWith('\\\\') || url === '' || this.base === undefined)
      return url;
    return canParseUrl(url, this.base) ? new URL(url, this.base).href : url;
  }

  private refresh(content: string): void {
    const found = /^\s{0,20}(\d{0,6})[\d.]{0,10}\s{0,20}[;,\s]\s{0,20}(?:url\s{0,20}=\s{0,20})?["']?(.{1,4000})/is.exec(
      content,
    );
    if (!found) return;
    const url = this.resolve((found[2] ?? '').replace(/["']\s*$/, '').trim());
    this.keep(this.facts.refreshes, { delay: Number(found[1] ?? 0), url });
    if (/^data:/i.test(url)) return this.keep(this.facts.data, { url, saves: true, image: false });
    if (/^javascript:/i.test(url)) return this.addScript(decodeLoosely(url.slice(11)), 'js', true);
    if (SYSTEM_SCHEME.test(url)) this.keep(this.facts.schemes, url);
    if (/^https?:/i.test(url)) this.keep(this.facts.links, { url });
  }

  private styles(value: string): void {
    for (const [, url = ''] of value.matchAll(/url\(\s?["']?(data:[^"')]+)/gi)) {
      this.keep(this.facts.data, { url, saves: false, image: true });
    }
  }

  private addScript(text: string, language: string, handler: boolean): void {
    if (text.length > 12) this.keep(this.facts.scripts, { text, language, handler });
  }

  private flushScript(): void {
    const { script } = this;
    this.script = undefined;
    const text = script?.parts.join('').replace(/^\s*(<!\[CDATA\[|<!--)|(\]\]>|-->)\s*$/g, '') ?? '';
    // Data in a script element is no script, but is searched for hidden files as one.
    if (script && text.trim() !== '') this.addScript(text, script.language, false);
  }

  private flushAnchor(): void {
    const { anchor } = this;
    this.anchor = undefined;
    if (!anchor) return;
    const shown = anchor.shown.join('').replace(/\s+/g, ' ').trim().slice(0, MAX_SHOWN);
    this.keep(this.facts.links, { url: anchor.url, ...(shown !== '' && shown !== anchor.url && { shown }) });
  }

  private keep<T>(list: T[], item: T): void {
    // A manual has thousands of links; whatever else is there so often hides the rest.
    if (Object.is(list, this.facts.links) && list.length >= MAX_LINKS) return;
    if (list.length < MAX_ITEMS) list.push(item);
    else this.facts.cut = true;
  }
}
