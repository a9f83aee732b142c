const LOOK_BYTES = 8 * 1024;

/** What a text begins with, most specific first; [pattern, MIME]. Each is anchored or bounded, so that none runs long. */
const BEGINNINGS: readonly (readonly [RegExp, string])[] = [
  [/^\{\\rt/, 'text/rtf'],
  [/^#![^\n]{0,80}\bpython/, 'text/x-script.python'],
  [/^#![^\n]{0,80}\bperl/, 'text/x-perl'],
  [/^#!/, 'text/x-shellscript'],
  [/^<\?php\b/i, 'text/x-php'],
  [/^%!PS/, 'application/postscript'],
  [/^BEGIN:VCALENDAR\b/i, 'text/calendar'],
  [/^BEGIN:VCARD\b/i, 'text/vcard'],
  [
    /^(<\?xml\b[^>]{0,500}>\s{0,100})?(<!--[^>]{0,500}>\s{0,100})?(<!doctype svg\b[^>]{0,500}>\s{0,100})?<svg[\s>]/i,
    'image/svg+xml',
  ],
  [/^<\?xml\b[^>]{0,500}>\s{0,100}<(!doctype html|html[\s>])/i, 'text/html'],
  [/^<\?xml\b/i, 'application/xml'],
  [
    /^<(!doctype html|html|head|body|script|iframe|meta|title|style|table|div|span|center|form|img|font|h[1-6]|p|a|br|base)[\s>/]/i,
    'text/html',
  ],
  [/^(<!--[^>]{0,500}>\s{0,100})?<(!doctype html|html|head|body)[\s>]/i, 'text/html'],
  [/^[[{]\s{0,100}(["{[\d\]}-]|true|false|null)/, 'application/json'],
];
const LATER = /<!doctype html|<html[\s>]|<body[\s>]/i;

/**
 * The MIME type of bytes that are text, undefined for others. Text is asked here first, since libmagic takes 10 to 30 ms
 * for a page of prose (measured) and names little more.
 */
export function textType(data: Uint8Array): string | undefined {
  const head = Buffer.from(data.buffer, data.byteOffset, Math.min(data.length, LOOK_BYTES));
  const text = asText(head);
  if (text === undefined) return undefined;
  const start = text.replace(/^[\ufeff\s]{1,1000}/, '');
  const known = BEGINNINGS.find(([pattern]) => pattern.test(start));
  if (known) return known[1];
  return LATER.test(start.slice(0, 1_024)) ? 'text/html' : 'text/plain';
}

function asText(head: Buffer): string | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return textOnly(head.toString('utf16le', 2));
  if (head[0] === 0xfe && head[1] === 0xff) {
    const even = Buffer.from(head.subarray(2, head.length - (head.length % 2)));
    return textOnly(even.swap16().toString('utf16le'));
  }
  const utf8 = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf;
  return textOnly(head.toString('latin1', utf8 ? 3 : 0));
}

/** Control characters that no text has; those of old printers and terminals are allowed. */
function textOnly(text: string): string | undefined {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x20 && (code < 7 || (code > 13 && code !== 0x1a && code !== 0x1b))) return undefined;
  }
  return text;
}
