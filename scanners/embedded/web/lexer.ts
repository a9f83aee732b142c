/** How strings and comments are written. */
export type Dialect = 'js' | 'vbs' | 'ps';

const JS_ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
  v: '\v',
  '0': '\0',
};
const PS_ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '0': '\0' };

/** A string literal that begins at `at`: its value and the place behind it. Undefined where none begins or none ends. */
export function readString(text: string, at: number, dialect: Dialect): { value: string; end: number } | undefined {
  const quote = text[at];
  if (quote !== '"' && quote !== "'" && quote !== '`') return undefined;
  if (dialect === 'js') return readJs(text, at, quote);
  if (quote === '`' || (dialect === 'vbs' && quote === "'")) return undefined;
  return readDoubled(text, at, quote, dialect === 'ps' && quote === '"');
}

function readJs(text: string, at: number, quote: string): { value: string; end: number } | undefined {
  const parts: string[] = [];
  let from = at + 1;
  for (let here = from; here < text.length; here += 1) {
    const letter = text[here];
    if (letter === quote) {
      parts.push(text.slice(from, here));
      return { value: parts.join(''), end: here + 1 };
    }
    if (letter === '\n' && quote !== '`') return undefined;
    if (letter !== '\\') continue;
    parts.push(text.slice(from, here));
    const [value, length] = jsEscape(text, here + 1);
    parts.push(value);
    here += length;
    from = here + 1;
  }
  return undefined;
}

function jsEscape(text: string, at: number): [string, number] {
  const letter = text[at] ?? '';
  if (letter === 'x' || letter === 'u') {
    const braced = letter === 'u' && text[at + 1] === '{';
    const hex = braced ? /^[0-9a-f]{1,6}(?=\})/i.exec(text.slice(at + 2, at + 9))?.[0] : undefined;
    if (hex !== undefined) return [codePoint(parseInt(hex, 16)), hex.length + 3];
    const digits = text.slice(at + 1, at + (letter === 'x' ? 3 : 5));
    if (/^([0-9a-f]{2}){1,2}$/i.test(digits)) return [String.fromCharCode(parseInt(digits, 16)), digits.length + 1];
  }
  const octal = /^[0-7]{1,3}/.exec(text.slice(at, at + 3))?.[0];
  if (octal !== undefined) return [String.fromCharCode(parseInt(octal, 8) & 0xff), octal.length];
  if (letter === '\r' && text[at + 1] === '\n') return ['', 2];
  if (letter === '\n' || letter === '\r') return ['', 1];
  return [JS_ESCAPES[letter] ?? letter, 1];
}

function codePoint(code: number): string {
  return code <= 0x10_ffff ? String.fromCodePoint(code) : '';
}

/** VBScript and PowerShell write a quote twice; PowerShell's wide strings also know the backtick. */
function readDoubled(
  text: string,
  at: number,
  quote: string,
  backtick: boolean,
): { value: string; end: number } | undefined {
  const parts: string[] = [];
  let from = at + 1;
  for (let here = from; here < text.length; here += 1) {
    const letter = text[here];
    if (letter === quote) {
      parts.push(text.slice(from, here));
      if (text[here + 1] !== quote) return { value: parts.join(''), end: here + 1 };
      here += 1;
      from = here;
    } else if (letter === '`' && backtick) {
      const escaped = text[here + 1] ?? '';
      parts.push(text.slice(from, here), PS_ESCAPES[escaped] ?? escaped);
      here += 1;
      from = here + 1;
    } else if (letter === '\n' && !backtick && here - at > 100_000) return undefined;
    else if (letter === '\n' && quote === '"' && !backtick) return undefined;
  }
  return undefined;
}

/** The place behind blanks, line continuations and comments. */
export function skipBlank(text: string, at: number, dialect: Dialect): number {
  let here = at;
  for (;;) {
    const letter = text[here];
    if (letter === ' ' || letter === '\t' || letter === '\r' || letter === '\n') {
      // In VBScript and PowerShell a line's end ends the expression.
      if (letter === '\n' && dialect !== 'js') return here;
      here += 1;
    } else if (dialect === 'vbs' && letter === '_' && /^_[ \t]{0,50}\r?\n/.test(text.slice(here, here + 54))) {
      here = text.indexOf('\n', here) + 1;
    } else if (dialect === 'ps' && letter === '`' && /^`\r?\n/.test(text.slice(here, here + 3))) {
      here = text.indexOf('\n', here) + 1;
    } else {
      const comment = commentEnd(text, here, dialect);
      if (comment === here) return here;
      here = comment;
    }
  }
}

/** The place behind a comment that begins at `at`; `at` itself where none does. */
export function commentEnd(text: string, at: number, dialect: Dialect): number {
  const pair = text.slice(at, at + 2);
  if (dialect === 'js' && pair === '/*') return behind(text, text.indexOf('*/', at + 2), 2);
  if (dialect === 'js' && pair === '//') return behind(text, text.indexOf('\n', at), 0);
  if (dialect === 'ps' && pair === '<#') return behind(text, text.indexOf('#>', at + 2), 2);
  if (dialect === 'ps' && text[at] === '#') return behind(text, text.indexOf('\n', at), 0);
  if (dialect === 'vbs' && text[at] === "'") return behind(text, text.indexOf('\n', at), 0);
  return at;
}

const behind = (text: string, found: number, length: number): number => (found < 0 ? text.length : found + length);

/** What may begin at a character: nothing, a name, a string (or a comment of VBScript), a comment, another constant. */
export const [SKIP, WORD, QUOTE, COMMENT, OTHER] = [0, 1, 2, 3, 4];
/** The same by character code. */
export const STARTS = Uint8Array.from({ length: 128 }, (_unused, code) => {
  const letter = String.fromCharCode(code);
  if (/[A-Za-z_$]/.test(letter)) return WORD;
  if (/["'`]/.test(letter)) return QUOTE;
  if (/[/#<]/.test(letter)) return COMMENT;
  return /[\d([&@-]/.test(letter) ? OTHER : SKIP;
});
