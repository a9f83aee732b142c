import { MappedText } from './mapped-text';

/** Characters without a width, and marks of direction: they hide in links and belong to none. */
const INVISIBLE =
  /^[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0]$/;

/** Forms of letters, digits and signs that a browser folds to ASCII inside a host. The colon and sentence marks of CJK text are left out. */
const FOLDED =
  /^[\uff03-\uff06\uff0a\uff0b\uff0d-\uff19\uff1d\uff20-\uff3a\uff3c\uff3e-\uff5a\uff5e\u2024\ufe52\ufe68\u24b6-\u24e9\u2102\u210a-\u2113\u2115\u2119-\u211d\u2124\u2128\u212a-\u212d\u212f-\u2134\u2139]$/;

/** High surrogates before the mathematical letters, and before tags and further selectors of form, which are invisible. */
const [MATHEMATICAL, TAGS] = [0xd835, 0xdb40];

/** What becomes of a UTF-16 unit: itself, nothing, or an ASCII character. */
const [UNKNOWN, SAME, DROPPED] = [0, 1, 2];

/** Answers for units, and for the low surrogates of mathematical letters, asked once in the life of a process. */
const units = new Uint8Array(0x1_0000);
const letters = new Uint8Array(0x400);

/**
 * Takes invisible characters out and folds letters of other width and style to ASCII, both as browsers do inside a host.
 * Each unit costs one look at a table, whatever the text.
 */
export function plainCharacters(text: string): MappedText {
  if (!/[^\0-\x7f]/.test(text)) return new MappedText(text);
  const [plain, origins] = [new Uint16Array(text.length), new Uint32Array(text.length + 1)];
  let [length, wide] = [0, 0];
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at);
    const next = code === MATHEMATICAL || code === TAGS ? text.charCodeAt(at + 1) : 0;
    const isPair = next >= 0xdc00 && next <= 0xdfff;
    const becomes = isPair ? pairBecomes(code, next) : code < 0x80 ? SAME : unitBecomes(code);
    if (becomes !== DROPPED) {
      const unit = becomes === SAME ? code : becomes;
      wide |= unit;
      plain[length] = unit;
      origins[length++] = at;
      if (isPair && becomes === SAME) [plain[length], origins[length++]] = [next, at + 1];
    }
    at += isPair ? 2 : 1;
  }
  if (length === text.length && !foldedAny(plain, text)) return new MappedText(text);
  origins[length] = text.length;
  return new MappedText(asText(plain.subarray(0, length), wide), origins.subarray(0, length + 1));
}

function foldedAny(plain: Uint16Array, text: string): boolean {
  for (let at = 0; at < plain.length; at += 1) if (plain[at] !== text.charCodeAt(at)) return true;
  return false;
}

/** Text of one byte a character where it fits: everything that reads it later is faster. */
function asText(plain: Uint16Array, wide: number): string {
  const bytes = wide < 0x100 ? Buffer.from(plain) : Buffer.from(plain.buffer, plain.byteOffset, plain.byteLength);
  return bytes.toString(wide < 0x100 ? 'latin1' : 'utf16le');
}

function unitBecomes(code: number): number {
  const known = units[code] ?? SAME;
  if (known !== UNKNOWN) return known;
  const char = String.fromCharCode(code);
  return (units[code] = INVISIBLE.test(char) ? DROPPED : FOLDED.test(char) ? folded(char) : SAME);
}

function pairBecomes(high: number, low: number): number {
  if (high === TAGS) return DROPPED;
  const known = letters[low - 0xdc00] ?? SAME;
  if (known !== UNKNOWN) return known;
  return (letters[low - 0xdc00] = folded(String.fromCharCode(high, low)));
}

/** The ASCII form of a character of other width or style, where it has one. */
function folded(char: string): number {
  const plain = char.normalize('NFKC');
  return /^[\x21-\x7e]$/.test(plain) ? plain.charCodeAt(0) : SAME;
}
