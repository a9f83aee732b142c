import { fromBase85, fromHex, fromQuotedPrintable } from './decode';
import type { Hidden } from './hidden';
import { payloadKind, type PayloadKind } from './payload';

/** Files that are looked for in one text, of each way of writing. */
const MAX_FILES = 50;
/** Words without blanks that are tried as base85; minified scripts consist of them. */
const MAX_WORDS = 2_000;
/** Digits of base85 that tell how a file begins. */
const HEAD_DIGITS = 100;
const FILES: ReadonlySet<PayloadKind> = new Set([
  'program',
  'disk',
  'archive',
  'stream',
  'office',
  'document',
  'script',
  'page',
]);

/**
 * Files that a text writes down otherwise than in base64: as dumps with addresses, records of Intel and Motorola, lists
 * of numbers, escape sequences, base85 in its dialects, quoted-printable. Only what begins like a file is given.
 */
export function writtenFiles(text: string): Hidden[] {
  const found = [...dumps(text), ...series(text), ...base85(text)];
  if (/(?:=[0-9A-F]{2}){4}/.test(text)) found.push(fromQuotedPrintable(Buffer.from(text, 'latin1')));
  return found.map((data) => ({ data, kind: payloadKind(data) })).filter(({ kind }) => FILES.has(kind));
}

/** One line of a dump: its digits, without address and letters. */
const DUMP_LINES: readonly RegExp[] = [
  // xxd, hexdump -C, od -t x1 with addresses in hexadecimal.
  /^[0-9a-f]{6,8}(?:h?:|[ \t])[ \t]{0,4}((?:[0-9a-f]{2}[0-9a-f]{0,6}[ \t-]{1,3}){1,16}(?:[0-9a-f]{2})?)/i,
  // Intel: count, address, type 00, data, sum.
  /^:[0-9a-f]{6}00((?:[0-9a-f]{2}){1,255})[0-9a-f]{2}$/i,
  // Motorola S1: count, address of two bytes, data, sum.
  /^S1[0-9a-f]{6}((?:[0-9a-f]{2}){1,250})[0-9a-f]{2}$/i,
  /^S2[0-9a-f]{8}((?:[0-9a-f]{2}){1,250})[0-9a-f]{2}$/i,
  /^S3[0-9a-f]{10}((?:[0-9a-f]{2}){1,250})[0-9a-f]{2}$/i,
];

/** Lines of one kind that follow one another are one file. */
function dumps(text: string): Buffer[] {
  if (!/^(?:[0-9a-f]{6,8}[h: \t]|:[0-9a-f]{8}|S[123][0-9a-f]{8})/im.test(text)) return [];
  const files: Buffer[] = [];
  let digits: string[] = [];
  let kind = -1;
  const close = (): void => {
    if (digits.length > 1 && files.length < MAX_FILES) files.push(Buffer.from(digits.join(''), 'hex'));
    digits = [];
  };
  for (const line of text.split(/\r\n|\n|\r/)) {
    const short = line.length > 600 ? '' : line.trimEnd();
    const next = DUMP_LINES.findIndex((pattern) => pattern.test(short));
    if (next !== kind) close();
    kind = next;
    const data = DUMP_LINES[next]?.exec(short)?.[1]?.replace(/[^0-9a-f]/gi, '') ?? '';
    // One letter that a dump shows beside its bytes may be a digit too.
    if (data !== '') digits.push(data.slice(0, data.length - (data.length % 2)));
  }
  close();
  return files;
}

// Bounded, since an engine for patterns keeps its place for every turn of a loop.
const HEX_NUMBERS = /(?:(?:0x|\\x|%|#)?[0-9a-f]{2}[,;\s\\:-]{1,8}){24,100000}(?:(?:0x|\\x|%|#)?[0-9a-f]{2})?/gi;
const SMALL_NUMBERS = /(?:\d{1,3}\s{0,4}[,;]\s{0,20}){24,100000}\d{0,3}/g;
const ESCAPES = /(?:\\x[0-9a-f]{2}){24,100000}|(?:\\[0-3][0-7]{2}){24,100000}/gi;

/** Lists of bytes as programs and settings files write them. */
function series(text: string): Buffer[] {
  const files: Buffer[] = [];
  const each = (pattern: RegExp, read: (found: string) => Buffer | undefined): void => {
    for (const [found] of text.matchAll(pattern)) {
      const data = files.length < MAX_FILES ? read(found) : undefined;
      if (data) files.push(data);
    }
  };
  if (/[0-9a-f]{2}[,;\s\\:-]\s{0,4}(?:0x|\\x|%|#)?[0-9a-f]{2}[,;\s\\:-]/i.test(text)) {
    each(HEX_NUMBERS, (found) => fromHex(found.replace(/[^0-9a-fx%#\\]/gi, '').replace(/0x|[x%#\\]/gi, '')));
  }
  each(SMALL_NUMBERS, (found) => Buffer.from((found.match(/\d+/g) ?? []).map((number) => Number(number) & 0xff)));
  each(ESCAPES, (found) =>
    /^\\x/i.test(found)
      ? fromHex(found)
      : Buffer.from((found.match(/[0-7]{3}/g) ?? []).map((number) => parseInt(number, 8))),
  );
  return files;
}

/** Lines of base85 as git writes them begin with a letter for their length. */
const GIT_LINES = /^literal \d{1,9}\r?\n((?:[A-Za-z][!-~]{5,65}\r?\n){1,100000})/gm;

function base85(text: string): Buffer[] {
  const files: Buffer[] = [];
  // Nearly all is judged by its head: the rest is only gathered for what begins like a file.
  const take = (head: string, whole: () => string): void => {
    for (const dialect of ['ascii', 'plain'] as const) {
      const start = fromBase85(head.slice(0, HEAD_DIGITS), dialect);
      if (!start || files.length >= MAX_FILES || !FILES.has(payloadKind(start))) continue;
      const data = fromBase85(whole(), dialect);
      if (data) files.push(data);
    }
  };
  for (let at = text.indexOf('<~'); at >= 0; at = text.indexOf('<~', at + 2)) {
    const end = text.indexOf('~', at + 2);
    if (end - at <= MIN_WORD || text[end + 1] !== '>') continue;
    take(dense(text.slice(at + 2, Math.min(end, at + 2 * HEAD_DIGITS))), () => dense(text.slice(at + 2, end)));
  }
  for (const [, body = ''] of text.matchAll(GIT_LINES)) {
    const digits = body.replace(/^[A-Za-z]|\s+/gm, '');
    take(digits, () => digits);
  }
  let words = 0;
  for (const { index } of text.matchAll(WORD_START)) {
    if ((words += 1) > MAX_WORDS) break;
    take(/^\S*/.exec(text.slice(index, index + HEAD_DIGITS))?.[0] ?? '', () => lines(text, index));
  }
  return files;
}

const dense = (text: string): string => text.replace(/\s+/g, '');

/** Where forty characters without a blank begin. */
const WORD_START = /(?<![!-~])[!-~]{40}/g;
const MIN_WORD = 20;

/** A word and the lines of one word each that follow it. */
function lines(text: string, start: number): string {
  const found: string[] = [];
  for (let at = start; ;) {
    let end = at;
    while (text.charCodeAt(end) > 0x20 && text.charCodeAt(end) < 0x7f) end += 1;
    if (end - at < MIN_WORD && found.length > 0) break;
    found.push(text.slice(at, end));
    const next = text.startsWith('\r\n', end) ? end + 2 : end + 1;
    if (text[next - 1] !== '\n') break;
    at = next;
  }
  return found.join('');
}
