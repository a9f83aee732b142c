import { inflateRawSync } from 'node:zlib';
import { fromBase32, fromBase64, fromDataUrl, fromHex, fromPercent, rot13 } from './decode';
import type { Value } from './fold-calls';
import { KNOWN_STARTS, payloadKind, type PayloadKind } from './payload';

/** Bytes that a script or page carries in encoded form. */
export interface Hidden {
  data: Buffer;
  kind: PayloadKind;
}

const MAX_HIDDEN = 200;
const MAX_KEYS = 40;
/** Base64 or hexadecimal digits shorter than this hide nothing that a rule could name. */
const MIN_CHARACTERS = 40;

/** The first digits of archives and programs in base64 and hexadecimal, long enough to stand nowhere by chance. */
const STRONG_START =
  /UEsDB[AB]|UmFyIRoH|N3q8ryc|H4sIC?AA|TVqQAAM|TVpQAAI|\/Td6WFo|0M8R4KGx|JVBERi0|504b0304|4d5a9000|526172211a07|377abcaf/;

const evenDigits = (text: string): string => (/^(?:[0-9a-f]{2})+/i.exec(text) ?? [''])[0];

const FORMS: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => Buffer.from(text, 'latin1').reverse().toString('latin1'),
  rot13,
];

/**
 * Finds encoded files among the constants of a script: base64, base32, hexadecimal, percent signs, character codes, reversed, rotated,
 * xored with a byte or with another constant of the script, and packed as PowerShell does. Each file once.
 */
export function findHidden(values: readonly Value[], source: string): Hidden[] {
  const finder = new Finder(source);
  for (const value of values) finder.look(value);
  return finder.found;
}

class Finder {
  readonly found: Hidden[] = [];
  private readonly seen = new Set<string>();
  private readonly keys: Buffer[];
  private readonly xors: boolean;
  private readonly inflates: boolean;

  constructor(source: string) {
    this.xors = /\^|\bxor\b|-bxor/i.test(source);
    this.inflates = /deflatestream|inflate/i.test(source);
    const short = source.match(/(["'])[^"'\r\n]{1,64}\1/g) ?? [];
    this.keys = this.xors ? [...new Set(short)].slice(0, MAX_KEYS).map((key) => Buffer.from(key.slice(1, -1))) : [];
  }

  look(value: Value): void {
    if (this.found.length >= MAX_HIDDEN) return;
    if (typeof value === 'number') return;
    if (Array.isArray(value)) return this.lookAtList(value);
    if (value.length < MIN_CHARACTERS) return;
    if (/^\s{0,20}data:/i.test(value)) {
      const found = fromDataUrl(value);
      if (found) this.keep(found.data);
      return;
    }
    if (value.includes('%') && /(%u?[0-9a-f]{2}){8}/i.test(value)) {
      return void this.keep(Buffer.from(fromPercent(value), 'latin1'));
    }
    if (this.keepDigits(value.trim())) return;
    // Calls that decode were worked out already: what they gave are bytes.
    if (/[\0-\x08\x0e-\x1f\x80-\xff]/.test(value.slice(0, 64))) this.keep(Buffer.from(value, 'latin1'));
    else this.keepText(value);
  }

  /** Digits of base64, base32 or hexadecimal: as they stand, from their end, and moved by thirteen letters. */
  private keepDigits(text: string): boolean {
    // Databases write bytes as `\x…` and `x'…`.
    const plain = /^x[0-9a-f]{40,}$/i.test(text) ? text.slice(1) : text;
    for (const form of FORMS) {
      const written = form(plain);
      const hex = fromHex(written);
      if (hex && this.keep(hex)) return true;
      const data = hex ? undefined : fromBase64(written);
      if (data && this.keep(data)) return true;
      const other = fromBase32(written);
      if (other && this.keep(other)) return true;
    }
    return this.keepWithin(plain);
  }

  /** A file's first digits behind others that touch them, as the length or name before a comment does. */
  private keepWithin(digits: string): boolean {
    const at = digits.search(STRONG_START);
    if (at <= 0) return false;
    const rest = digits.slice(at);
    const data = /^(?:504b|4d5a|526172|377abc)/i.test(rest) ? fromHex(evenDigits(rest)) : fromBase64(rest);
    return data !== undefined && this.keep(data);
  }

  private lookAtList(list: readonly Value[]): void {
    if (list.length >= 16 && list.every((item) => typeof item === 'number')) {
      this.keep(Buffer.from(list.map((code) => Number(code) & 0xff)));
      return;
    }
    const texts = list.filter((item) => typeof item === 'string');
    if (texts.length < 2) return;
    // A list of pieces may be joined by code that nobody here understands.
    this.look(texts.join(''));
    for (const item of texts.slice(0, 2_000)) if (item.length >= MIN_CHARACTERS) this.look(item);
  }

  /** Text that was worked out and reads like a page or script of its own. */
  private keepText(value: string): void {
    if (value.length < 100) return;
    const data = Buffer.from(value, 'latin1');
    const kind = payloadKind(data);
    if (kind === 'page' || kind === 'program' || kind === 'archive') this.add(data, kind);
  }

  private keep(data: Buffer): boolean {
    const kind = payloadKind(data);
    if (kind === 'none') return this.keepXored(data) || this.keepInflated(data);
    this.add(data, kind);
    return true;
  }

  private keepInflated(data: Buffer): boolean {
    if (!this.inflates || data.length < 16) return false;
    try {
      const out = inflateRawSync(data, { maxOutputLength: 8_000_000 });
      this.add(out, payloadKind(out));
      return true;
    } catch {
      return false;
    }
  }

  private keepXored(data: Buffer): boolean {
    if (!this.xors || data.length < 64) return false;
    for (const key of [...singleKeys(data), ...this.keys]) {
      if (key.length === 0 || !KNOWN_STARTS.some((start) => startsWith(data, key, start))) continue;
      const plain = Buffer.from(data.map((byte, at) => byte ^ (key[at % key.length] ?? 0)));
      const kind = payloadKind(plain);
      if (kind === 'none') continue;
      this.add(plain, kind);
      return true;
    }
    return false;
  }

  private add(data: Buffer, kind: PayloadKind): void {
    const key = `${data.length} ${data.toString('latin1', 0, 64)} ${data.toString('latin1', data.length - 32)}`;
    if (this.seen.has(key) || this.found.length >= MAX_HIDDEN) return;
    this.seen.add(key);
    this.found.push({ data, kind });
  }
}

/** For each known beginning the one byte that would make it of these bytes. */
function singleKeys(data: Buffer): Buffer[] {
  return KNOWN_STARTS.map((start) => Buffer.from([(data[0] ?? 0) ^ (start[0] ?? 0)]));
}

function startsWith(data: Buffer, key: Buffer, start: Buffer): boolean {
  return start.every((byte, at) => ((data[at] ?? 0) ^ (key[at % key.length] ?? 0)) === byte);
}
