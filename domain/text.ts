/** Attacker-written strings pass one function per sink. Pure; no dependency. */

const NAMES: Record<string, string> = {
  '\u061c': 'ALM',
  '\u200b': 'ZWSP',
  '\u200c': 'ZWNJ',
  '\u200d': 'ZWJ',
  '\u200e': 'LRM',
  '\u200f': 'RLM',
  '\u202a': 'LRE',
  '\u202b': 'RLE',
  '\u202c': 'PDF',
  '\u202d': 'LRO',
  '\u202e': 'RLO',
  '\u2066': 'LRI',
  '\u2067': 'RLI',
  '\u2068': 'FSI',
  '\u2069': 'PDI',
  '\ufeff': 'BOM',
  '\n': 'LF',
  '\r': 'CR',
  '\t': 'TAB',
  '\0': 'NUL',
};

/**
 * Shows control, bidirectional and other invisible characters as ⟨NAME⟩, long runs of spaces as ⟨12 spaces⟩ and piled
 * accents as ⟨…⟩, so that a name cannot look like another one. The result is one line.
 */
export function showHidden(text: string): string {
  return text
    .replace(/\p{Zs}/gu, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Co}\p{Default_Ignorable_Code_Point}\u2800]/gu, (char) => {
      const code = char.codePointAt(0) ?? 0;
      return `⟨${NAMES[char] ?? `U+${code.toString(16).toUpperCase().padStart(4, '0')}`}⟩`;
    })
    .replace(/ {4,}/gu, (run) => `⟨${run.length} spaces⟩`)
    .replace(/(\p{M}{3})\p{M}+/gu, '$1⟨…⟩');
}

/** Cuts in the middle and keeps the end, where a file name has its extension. `max` counts characters, at least 1. */
export function cutMiddle(text: string, max: number): string {
  // A code point is at most two units long: a short text needs no splitting, a long one only at its two ends.
  if (text.length <= max) return text;
  const chars = [...text];
  if (chars.length <= max) return text;
  const tail = Math.min(24, Math.floor(max / 2));
  const end = tail === 0 ? '' : chars.slice(-tail).join('');
  return `${chars.slice(0, Math.max(0, max - tail - 1)).join('')}…${end}`;
}

/** Makes every address in a text unclickable: scheme, dots and at-signs that could make a link or a mention. */
export function defang(text: string): string {
  return defangSchemes(text).replace(/(?<=[\p{L}\p{N}_-])[.\u3002\uff0e\uff61](?=[\p{L}\p{N}_-]*\p{L})/gu, '[.]');
}

function defangSchemes(text: string): string {
  return text
    .replace(/\b(h)tt(ps?)(?=\s*:)/giu, '$1xx$2')
    .replace(/\b(f)t(ps?)(?=\s*:)/giu, '$1x$2')
    .replace(/\b(mailto|tel|sms|javascript|data|file|skype|callto):/giu, '$1[:]')
    .replace(/:(?=[/\\]{2})/gu, '[:]')
    .replace(/@/gu, '[@]');
}

/** Endings that are no top-level domain: a mail program makes no link of `order.docm`, but it does of `order.zip`. */
const NO_DOMAIN = new Set(
  (
    'pdf doc docx docm dot dotm xls xlsx xlsm xlsb ppt pptx pptm rtf txt csv htm html xml json eml msg odt ods odp ' +
    'png jpg jpeg gif bmp tif tiff webp svg heic mp3 mp4 wav avi mkv exe dll scr js vbs bat cmd ps1 hta lnk iso img ' +
    'jar apk 7z rar gz tar bz2 xz ics vcf log'
  ).split(' '),
);

/** A file name without anything that a program would turn into a link; its extension stays readable where it can. */
function defangFileName(name: string): string {
  const match = /^(.*)\.([a-z0-9]+)$/isu.exec(name);
  const [, stem, extension] = match ?? [];
  if (stem === undefined || extension === undefined || !NO_DOMAIN.has(extension.toLowerCase())) return defang(name);
  return `${defang(stem)}.${extension}`;
}

/** A file name for a person: hidden characters shown, cut to 120 characters. Not yet escaped for HTML or Liquid. */
export function displayFileName(name: string): string {
  // Only both ends can survive the second cut; reading all of an endless name would be wasted work.
  return cutMiddle(showHidden(cutMiddle(name, 400)), 120);
}

/** Escapes text for HTML element content and quoted attributes. */
export function escapeHtml(text: string): string {
  const map: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/gu, (char) => map[char] ?? char);
}

/**
 * Puts a space behind every `{`, and into `}}` and `%}`, in a text before it is escaped. Zendesk expands Liquid in notes
 * (zendesk-api.md §3.4); a space stays even where entities are decoded or zero-width characters removed before that.
 * Text that spells a brace or its ampersand as an HTML entity is broken as well.
 */
export function breakPlaceholders(text: string): string {
  return text
    .replace(/\{(?! )/gu, '{ ')
    .replace(/[}%](?=\})/gu, '$& ')
    .replace(/&(?=#|(?:amp|lcub|lbrace|rcub|rbrace|percnt)\b)/giu, '& ');
}

/** Any text of others inside an internal note or HTML mail: one line, cut, no live address, no placeholder, escaped. */
export function textForHtml(text: string, max: number): string {
  return escapeHtml(textForMail(text, max));
}

/** Any text of others inside a plain-text mail: one line, cut, no live address, no placeholder. */
export function textForMail(text: string, max: number): string {
  return breakPlaceholders(defang(cutMiddle(showHidden(cutMiddle(text, max * 4)), max)));
}

/** A file name inside an internal note or HTML mail: shown, without addresses or placeholders, escaped. */
export function fileNameForNote(name: string): string {
  return escapeHtml(fileNameForMail(name));
}

/** A file name inside a plain-text mail: one line, hidden characters shown, no address a mail program would link. */
export function fileNameForMail(name: string): string {
  return breakPlaceholders(defangFileName(displayFileName(name)));
}

/** One CSV cell: quoted, and never taken for a formula by a spreadsheet. */
export function csvCell(value: string): string {
  const safe = /^[\s\p{Cf}\p{Cc}]*[=+\-@＝＋－＠]|^[\t\r\n]/u.test(value) ? `'${value}` : value;
  return `"${showHidden(safe).replace(/"/gu, '""')}"`;
}
