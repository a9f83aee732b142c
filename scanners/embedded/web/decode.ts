/** Decoders that take hostile text: none throws, none gives more bytes than it was given characters. */

const BASE64 = /^[A-Za-z0-9+/_-]{8,}={0,3}$/;

/** Base64 with line breaks, blanks and URL letters; undefined where the text is something else. */
export function fromBase64(text: string): Buffer | undefined {
  const dense = /\s/.test(text) ? text.replace(/\s+/g, '') : text;
  if (!BASE64.test(dense)) return undefined;
  return Buffer.from(dense, 'base64');
}

/** Base64 as lenient mail readers take it: what is no letter of it is passed over, and it goes on behind a padding. */
export function fromDirtyBase64(text: string): Buffer {
  // Node stops at the first padding: concatenated blocks are decoded one by one.
  const blocks = text.replace(/[^A-Za-z0-9+/=_-]+/g, '').split(/=+/);
  return Buffer.concat(blocks.map((block) => Buffer.from(block, 'base64')));
}

/** Pairs of hexadecimal digits, also with `\x`, `%`, `0x`, commas or blanks between; undefined where the text is something else. */
export function fromHex(text: string): Buffer | undefined {
  const dense = /^[0-9a-f]+$/i.test(text) ? text : text.replace(/\\x|0x|[%,\s:-]+/gi, '');
  if (dense.length < 16 || dense.length % 2 !== 0 || !/^[0-9a-f]+$/i.test(dense)) return undefined;
  return Buffer.from(dense, 'hex');
}

/** Base32 (RFC 4648) in capitals or small letters; undefined where the text is something else. */
export function fromBase32(text: string): Buffer | undefined {
  const dense = text.replace(/[\s=]+/g, '');
  if (dense.length < 16 || !/^(?:[A-Z2-7]+|[a-z2-7]+)$/.test(dense)) return undefined;
  const out = Buffer.alloc(Math.floor((dense.length * 5) / 8));
  let [held, bits, length] = [0, 0, 0];
  for (const digit of dense.toUpperCase()) {
    held = ((held << 5) | BASE32.indexOf(digit)) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    out[length++] = (held >> bits) & 0xff;
  }
  return out;
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const PLAIN85 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~';

/**
 * Base85 without blanks, as Adobe (`ascii`) or RFC 1924 and git (`plain`) write its digits; undefined where the text is
 * something else.
 */
export function fromBase85(text: string, dialect: 'ascii' | 'plain'): Buffer | undefined {
  const out: number[] = [];
  let [value, count] = [0, 0];
  const put = (bytes: number): void => {
    for (let index = 0; index < bytes; index += 1) out.push(Math.floor(value / 256 ** (3 - index)) % 256);
    [value, count] = [0, 0];
  };
  for (const digit of text) {
    if (dialect === 'ascii' && digit === 'z' && count === 0) {
      put(4);
      continue;
    }
    const worth = dialect === 'ascii' ? digit.charCodeAt(0) - 33 : PLAIN85.indexOf(digit);
    if (worth < 0 || worth > 84) return undefined;
    value = value * 85 + worth;
    if ((count += 1) < 5) continue;
    if (value > 0xffff_ffff) return undefined;
    put(4);
  }
  if (count > 1) {
    const bytes = count - 1;
    for (; count < 5; count += 1) value = value * 85 + 84;
    put(bytes);
  }
  return Buffer.from(out);
}

/** Letters moved by thirteen places. */
export function rot13(text: string): string {
  return text.replace(/[A-Za-z]/g, (letter) => {
    const code = letter.charCodeAt(0);
    return String.fromCharCode(code + ((code & 0x1f) <= 13 ? 13 : -13));
  });
}

/** What a URL's or `unescape`'s percent signs stand for: `%41`, `%u0041`. */
export function fromPercent(text: string): string {
  return text.replace(
    /%u([0-9a-f]{4})|%([0-9a-f]{2})/gi,
    (_whole, wide: string | undefined, byte: string | undefined) =>
      String.fromCharCode(parseInt(wide ?? byte ?? '0', 16)),
  );
}

/** Quoted-printable (RFC 2045 6.7); what is not written by its rules stands for itself. */
export function fromQuotedPrintable(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1').replace(/[ \t]{0,100}=[ \t]{0,20}\r?\n/g, '');
  const plain = text.replace(/=([0-9a-f]{2})/gi, (_whole, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(plain, 'latin1');
}

/** A `data:` address's bytes and type; undefined where it is something else. */
export function fromDataUrl(url: string): { type: string; data: Buffer } | undefined {
  const comma = url.indexOf(',');
  if (comma < 0 || comma > 500 || !/^\s{0,20}data:/i.test(url)) return undefined;
  const head = url.slice(0, comma).trim().slice(5).toLowerCase();
  const body = url.slice(comma + 1);
  const type = head.split(';')[0]?.trim() ?? '';
  if (!/;\s*base64\s*$/.test(head)) return { type, data: Buffer.from(fromPercent(body), 'latin1') };
  return { type, data: fromDirtyBase64(body.includes('%') ? fromPercent(body) : body) };
}

/** One block of uuencode (POSIX), the lines between `begin` and `end`. */
export function fromUuencode(lines: readonly string[]): Buffer {
  const out: number[] = [];
  for (const line of lines) {
    const length = (line.charCodeAt(0) - 32) & 63;
    if (length === 0 || Number.isNaN(length)) continue;
    const start = out.length;
    for (let at = 1; at < line.length && out.length - start < length; at += 4) {
      const six = [0, 1, 2, 3].map((step) => ((line.charCodeAt(at + step) || 32) - 32) & 63);
      const word = ((six[0] ?? 0) << 18) | ((six[1] ?? 0) << 12) | ((six[2] ?? 0) << 6) | (six[3] ?? 0);
      for (const shift of [16, 8, 0]) if (out.length - start < length) out.push((word >> shift) & 0xff);
    }
  }
  return Buffer.from(out);
}

const XX_DIGITS = '+-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** One block of xxencode, which is uuencode with other digits; undefined where a line has any other character. */
export function fromXxencode(lines: readonly string[]): Buffer | undefined {
  if (!lines.every((line) => /^[-+0-9A-Za-z]*\s{0,4}$/.test(line))) return undefined;
  const moved = (digit: string): string => String.fromCharCode(32 + XX_DIGITS.indexOf(digit));
  return fromUuencode(lines.map((line) => line.trimEnd().replace(/./g, moved)));
}

/** One block of yEnc (the draft of 2002), the bytes between the lines `=ybegin` and `=yend`. */
export function fromYenc(body: Buffer): Buffer {
  const out = Buffer.alloc(body.length);
  let length = 0;
  for (let at = 0; at < body.length; at += 1) {
    let byte = body[at] ?? 0;
    if (byte === 0x0d || byte === 0x0a) continue;
    if (byte === 0x3d) {
      at += 1;
      byte = (body[at] ?? 0) - 64;
    }
    out[length] = (byte - 42) & 0xff;
    length += 1;
  }
  return out.subarray(0, length);
}

/** A URL's percent signs decoded as UTF-8; the text itself where they are no UTF-8. */
export function decodeLoosely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
