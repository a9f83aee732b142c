import { fromQuotedPrintable } from '../web/decode';

/** The fields before a part's body, in their order; names in lower case, values unfolded and cut. */
export interface Headers {
  fields: readonly (readonly [string, string])[];
  /** Where the body begins. */
  end: number;
  /** Whether there were more or longer fields than are read. */
  cut: boolean;
}

const MAX_FIELDS = 5_000;
const MAX_VALUE = 64 * 1024;

/** Reads fields from `start` on: with any line ends, and ending at an empty line or at the first line that is no field. */
export function readHeaders(bytes: Buffer, start: number, limit: number): Headers {
  const fields: [string, string][] = [];
  let at = start;
  let cut = false;
  while (at < limit) {
    const [stop, next] = lineAt(bytes, at, limit);
    if (stop === at) return { fields, end: next, cut };
    const first = bytes[at];
    const last = fields.at(-1);
    const line = bytes.toString('latin1', at, Math.min(stop, at + MAX_VALUE));
    if ((first === 0x20 || first === 0x09) && last) {
      if (last[1].length < MAX_VALUE) last[1] += ` ${line.trim()}`;
      else cut = true;
    } else {
      const found = /^([\x21-\x39\x3b-\x7e]{1,200})[ \t]{0,20}:(.*)$/s.exec(line);
      if (!found && !(fields.length === 0 && /^>?From /.test(line))) {
        // Readers take the first line that is no field for the body.
        if (fields.length > 0) return { fields, end: at, cut };
      }
      if (found && fields.length < MAX_FIELDS) fields.push([(found[1] ?? '').toLowerCase(), (found[2] ?? '').trim()]);
      else if (found) cut = true;
    }
    at = next;
  }
  return { fields, end: limit, cut };
}

/** A line's end without its break, and the next line's beginning. CR, LF and both together break lines. */
export function lineAt(bytes: Buffer, at: number, limit: number): readonly [number, number] {
  for (let here = at; here < limit; here += 1) {
    const byte = bytes[here];
    if (byte === 0x0a) return [here, here + 1];
    if (byte === 0x0d) return [here, bytes[here + 1] === 0x0a && here + 1 < limit ? here + 2 : here + 1];
  }
  return [limit, limit];
}

/** All values of a field. */
export function valuesOf(headers: Headers, name: string): string[] {
  return headers.fields.filter(([field]) => field === name).map(([, value]) => value);
}

/**
 * A parameter of a field such as `boundary` or `filename`: quoted or not, continued and encoded as RFC 2231 has it, or
 * with an encoded word inside as many programs write it.
 */
export function parameter(value: string, name: string): string | undefined {
  const parts = new Map<number, string>();
  let plain: string | undefined;
  let extended: string | undefined;
  const pattern =
    /[;\s]\s{0,100}([\w-]{1,60})(\*\d{1,3})?(\*)?\s{0,20}=\s{0,20}("(?:[^"\\]|\\.){0,8192}"?|[^;]{0,8192})/gs;
  for (const [, key = '', index, star, raw = ''] of `;${value}`.matchAll(pattern)) {
    if (key.toLowerCase() !== name) continue;
    const text = raw.startsWith('"')
      ? raw
          .slice(1)
          .replace(/"$/, '')
          .replace(/\\(["\\])/g, '$1')
      : raw.trim().replace(/\s{1,20}\(.{0,200}$/, '');
    if (index !== undefined)
      parts.set(Number(index.slice(1)), star ? percentBytes(parts.size === 0 ? withoutCharset(text) : text) : text);
    else if (star !== undefined) extended = utf8(percentBytes(withoutCharset(text)));
    else plain ??= text;
  }
  if (parts.size > 0) {
    return utf8(
      [...parts]
        .sort(([left], [right]) => left - right)
        .map(([, part]) => part)
        .join(''),
    );
  }
  const chosen = extended ?? plain;
  return chosen === undefined ? undefined : decodeWords(chosen);
}

const withoutCharset = (text: string): string => /^[\w-]{0,40}'[^']{0,40}'(.*)$/s.exec(text)?.[1] ?? text;
const percentBytes = (text: string): string =>
  text.replace(/%([0-9a-f]{2})/gi, (_whole, hex: string) => String.fromCharCode(parseInt(hex, 16)));

function utf8(latin1: string): string {
  const text = Buffer.from(latin1, 'latin1').toString('utf8');
  return text.includes('\ufffd') ? latin1 : text;
}

/** Encoded words (RFC 2047) of a value, also inside quotes; the blank between two of them goes. */
export function decodeWords(value: string): string {
  const joined = value.replace(/(\?=)\s{1,100}(=\?)/g, '$1$2');
  if (!joined.includes('=?')) return utf8(joined);
  return joined.replace(
    /=\?([\w-]{1,40})(?:\*[\w-]{0,20})?\?([bq])\?([^?]{0,8192})\?=/gi,
    (_whole, charset: string, kind: string, text: string) => {
      const bytes = /b/i.test(kind)
        ? Buffer.from(text, 'base64')
        : fromQuotedPrintable(Buffer.from(text.replaceAll('_', ' '), 'latin1'));
      try {
        return new TextDecoder(charset).decode(bytes);
      } catch {
        return bytes.toString('latin1');
      }
    },
  );
}
