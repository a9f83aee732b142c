/** Attacker-written strings pass one function per sink. Pure; no dependency. */

const BIDI: Record<string, string> = {
  '\u061c': 'ALM',
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
};

/** Shows control, bidirectional and zero-width characters as ⟨NAME⟩ so that a name reads as it is stored. */
export function showHidden(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (char) => {
    const code = char.codePointAt(0) ?? 0;
    return `⟨${BIDI[char] ?? `U+${code.toString(16).toUpperCase().padStart(4, '0')}`}⟩`;
  });
}

/** Cuts in the middle and keeps the end, where a file name has its extension. `max` counts characters. */
export function cutMiddle(text: string, max: number): string {
  const chars = [...text];
  if (chars.length <= max) return text;
  const tail = Math.min(24, Math.floor(max / 2));
  return `${chars.slice(0, max - tail - 1).join('')}…${chars.slice(-tail).join('')}`;
}

/** Makes every address in a text unclickable: scheme, dots and at-signs that could make a link or a mention. */
export function defang(text: string): string {
  return text
    .replace(/\b(h)tt(ps?)(?=:)/giu, '$1xx$2')
    .replace(/:\/\//gu, '[:]//')
    .replace(/(?<=[\p{L}\p{N}-])\.(?=[\p{L}]{2,})/gu, '[.]')
    .replace(/@/gu, '[@]');
}

/** A file name for a person: hidden characters shown, cut to 120 characters. Not yet escaped for HTML or Liquid. */
export function displayFileName(name: string): string {
  return cutMiddle(showHidden(name), 120);
}

/** Escapes text for HTML element content and quoted attributes. */
export function escapeHtml(text: string): string {
  const map: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/gu, (char) => map[char] ?? char);
}

/** Breaks `{{` and `{%` so that Zendesk expands no placeholder, without changing what a person reads. */
export function breakPlaceholders(html: string): string {
  return html.replace(/\{(?=[{%])/gu, '&#123;&#8203;');
}

/** A file name inside an internal note (HTML): shown, escaped, without placeholders. */
export function fileNameForNote(name: string): string {
  return breakPlaceholders(escapeHtml(displayFileName(name)));
}

/** A file name inside a plain-text mail: one line, hidden characters shown, no address a mail program would link. */
export function fileNameForMail(name: string): string {
  return displayFileName(name).replace(/\{\{/gu, '{ {');
}

/** One CSV cell: quoted, and never taken for a formula by a spreadsheet. */
export function csvCell(value: string): string {
  const safe = /^[=+\-@\t\r]/u.test(value) ? `'${value}` : value;
  return `"${showHidden(safe).replace(/"/gu, '""')}"`;
}
