/** A piece of an XML text. Names are without prefix; `text` has entities undone. */
export type XmlPiece =
  | { kind: 'open'; name: string; closed: boolean; tag: string }
  | { kind: 'close'; name: string }
  | { kind: 'text'; text: string };

const MAX_TAG = 256 * 1024;

/** The text of an XML part: UTF-16 of either order with or without its mark (XML 1.0, appendix F), else UTF-8. */
export function decodeXml(data: Uint8Array): string {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const [first = 0, second = 0] = bytes;
  const little = (first === 0xff && second === 0xfe) || (first !== 0 && second === 0 && bytes[2] !== 0);
  const big = (first === 0xfe && second === 0xff) || (first === 0 && second !== 0 && bytes[2] === 0);
  if (little) return withoutMark(bytes.toString('utf16le'));
  if (big)
    return withoutMark(
      Buffer.from(bytes.subarray(0, bytes.length & ~1))
        .swap16()
        .toString('utf16le'),
    );
  return withoutMark(bytes.toString('utf8'));
}

const withoutMark = (text: string): string => (text.startsWith('\ufeff') ? text.slice(1) : text);

/**
 * Takes XML apart as tolerant readers do, in one pass: comments, declarations and processing instructions are left out,
 * what is not closed ends with the text. Pieces are not checked for balance.
 * @param text the decoded part
 * @param from where to begin
 */
export function* xmlPieces(text: string, from = 0): Generator<XmlPiece> {
  for (let at = from; at < text.length;) {
    const start = text.indexOf('<', at);
    const before = text.slice(at, start < 0 ? text.length : start);
    if (before !== '') yield { kind: 'text', text: decodeEntities(before) };
    if (start < 0) return;
    if (text.startsWith('<!--', start)) at = behind(text, '-->', start + 4);
    else if (text.startsWith('<![CDATA[', start)) {
      at = behind(text, ']]>', start + 9);
      yield { kind: 'text', text: text.slice(start + 9, Math.max(start + 9, at - 3)) };
    } else if (text[start + 1] === '?' || text[start + 1] === '!') at = behind(text, '>', start + 1);
    else {
      const end = tagEnd(text, start + 1);
      yield pieceOf(text.slice(start + 1, Math.min(end, start + MAX_TAG)));
      at = end + 1;
    }
  }
}

function behind(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at < 0 ? text.length : at + mark.length;
}

/** The closing bracket outside of quotes. */
function tagEnd(text: string, from: number): number {
  let quote = '';
  for (let at = from; at < text.length; at += 1) {
    const char = text[at] ?? '';
    if (quote !== '') {
      if (char === quote) quote = '';
    } else if (char === '"' || char === "'") quote = char;
    else if (char === '>') return at;
  }
  return text.length;
}

function pieceOf(tag: string): XmlPiece {
  if (tag.startsWith('/')) return { kind: 'close', name: localName(tag.slice(1).trim()) };
  const name = /^[^\s/]{0,256}/.exec(tag)?.[0] ?? '';
  return { kind: 'open', name: localName(name), closed: tag.endsWith('/'), tag };
}

/** A name without its prefix: writers choose prefixes freely. */
export function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

/** Attributes of a start tag by local name, entities undone. Of two with one name the first counts. */
export function attributesOf(tag: string): Map<string, string> {
  const found = new Map<string, string>();
  for (let at = tag.search(/\s/); at >= 0 && at < tag.length;) {
    const equals = tag.indexOf('=', at);
    if (equals < 0) break;
    const name = localName(tag.slice(at, equals).trim().split(/\s/).at(-1) ?? '');
    let from = equals + 1;
    while (/\s/.test(tag[from] ?? '')) from += 1;
    const quote = tag[from];
    if (quote !== '"' && quote !== "'") {
      at = from;
      continue;
    }
    const end = tag.indexOf(quote, from + 1);
    const value = tag.slice(from + 1, end < 0 ? tag.length : end);
    if (name !== '' && !found.has(name)) found.set(name, decodeEntities(value));
    at = end < 0 ? tag.length : end + 1;
  }
  return found;
}

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** Undoes the five named entities and numbers. */
export function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#(\d{1,7})|#[xX]([\da-fA-F]{1,6})|(lt|gt|amp|quot|apos));/g, (all, decimal, hex, name) => {
    if (typeof name === 'string') return NAMED[name] ?? all;
    const code = typeof hex === 'string' ? parseInt(hex, 16) : Number(decimal);
    return code <= 0x10_ffff ? String.fromCodePoint(code) : all;
  });
}
