import type { MappedText } from './mapped-text';
import { plainCharacters } from './plain-characters';

/**
 * Brings text into the form in which links are found: what people write to make a link unclickable (`hxxp://evil[.]com`)
 * and what attackers write to hide one (zero-width characters, full-width letters, `http:\\`) becomes the address that is meant.
 */

interface Step {
  /** Cheap question whether the step can do anything at all. */
  when: RegExp | ((text: string) => boolean);
  find: RegExp;
  by: (match: RegExpExecArray) => string | undefined;
}

const BRACKETED_DOT = /[ \t]?(?:[[({<]{1,2}[ \t]?(?:\.|,|dot|d0t|punkt|point|punto|ponto)[ \t]?[\])}>]{1,2})[ \t]?/giu;
const TLD_AFTER =
  '(?=(?:com|net|org|info|biz|ru|cn|de|uk|io|co|xyz|top|site|online|club|shop|live|app|dev|fr|nl|br|in|eu|us|pl|it|es|tk|ml|ga|cf|gq|cc|me)\\b)';

const STEPS: readonly Step[] = [
  // A colon or an ideographic full stop of full width, where it stands inside an address.
  { when: /\uff1a/, find: /(?<=https?|ftp)\uff1a(?=[/\\]{2})|(?<=[a-z0-9])\uff1a(?=\d{2,5}\b)/giu, by: () => ':' },
  { when: /[\u3002\uff61]/, find: /(?<=[a-z0-9-])[\u3002\uff61](?=[a-z0-9-])/giu, by: dotOfWideStop },
  // Lines cut by quoted-printable, and what is left of its escapes.
  { when: /=\r?\n/, find: /(?<=\S)=\r?\n(?=\S)/gu, by: () => '' },
  { when: isQuotedPrintable, find: /=3D/gu, by: () => '=' },
  // An address in angle brackets may go over several lines (RFC 3986, appendix C).
  { when: /<(?:url:)?\s?https?:/iu, find: /<(?:url:)?\s?https?:[^<>]{8,2000}>/giu, by: ([whole]) => joined(whole) },
  { when: /\\\//, find: /\\\//gu, by: () => '/' },
  { when: /\\\./, find: /(?<=[a-z0-9])\\\.(?=[a-z0-9])/giu, by: () => '.' },
  // Brackets around the parts of an address.
  {
    when: /[[({<]\s?(?:[.,]|d[o0]t|p[ou]|:|\/|@|at|https?|hxxp|www|colon|slash)/iu,
    find: BRACKETED_DOT,
    by: bracketedDot,
  },
  { when: /\[\.|\.\]|\[dot|dot\]/iu, find: /(?<=\w)(?:\[\.|\.\]|\[dot |dot\])(?=\w)/giu, by: () => '.' },
  { when: /[[({](?::|colon)/iu, find: /[[({](?::|colon)[\])}]?(?=\/|\[\/|\\|\d{2,5}\b)/giu, by: () => ':' },
  { when: /[[({]:?\/\//u, find: /([[({])(:?\/\/)[\])}]/gu, by: ([, , inside]) => inside },
  { when: /[[({](?:\/|slash)[\])}]/iu, find: /[[({](?:\/|slash)[\])}]/giu, by: () => '/' },
  { when: /[[({](?:@|at)[\])}]/iu, find: /(?<=:\/\/[^\s/]{1,64})[[({](?:@|at)[\])}]/giu, by: () => '@' },
  { when: /\[(?:www|https?|hxxps?)\]/iu, find: /\[(www|https?|hxxps?)\](?=[.:])/giu, by: ([, word]) => word },
  {
    when: /:\/\/[[({]/u,
    find: /(:\/\/)[[({]([a-z0-9.-]{3,253})[\])}]/giu,
    by: ([, slashes = '', host = '']) => `${slashes}${host}`,
  },
  // Schemes that were made unreadable, lost a letter, or lean the wrong way.
  {
    when: /h(?:[x*#_]|--|t[x*]|xt)/iu,
    find: /(?<![a-z0-9])h(?:xx|xt|tx|t\*|\*t|x{3}|\*\*|##|__|--)p(s?)(?=\s?:)/giu,
    by: ([, s = '']) => `http${s.toLowerCase()}`,
  },
  {
    when: /h(?:xx|\*\*)p/iu,
    find: /(?<![a-z0-9])h(?:xx|\*\*)p(s?)(?=\/\/)/giu,
    by: ([, s = '']) => `http${s.toLowerCase()}:`,
  },
  { when: /hps:\/\//iu, find: /(?<![a-z0-9])hps(?=:\/\/)/giu, by: () => 'https' },
  { when: /meow/iu, find: /(?<![a-z0-9])meow(s?)(?=:\/\/)/giu, by: ([, s = '']) => `http${s.toLowerCase()}` },
  { when: /fxp|f\*p/iu, find: /(?<![a-z0-9])f[x*]p(s?)(?=:\/\/)/giu, by: ([, s = '']) => `ftp${s.toLowerCase()}` },
  { when: /ttps?:\/\//iu, find: /(?<![a-z0-9])ttp(s?)(?=:\/\/)/giu, by: ([, s = '']) => `http${s.toLowerCase()}` },
  {
    when: /https?\/\//iu,
    find: /(?<![a-z0-9/.])http(s?)\/\/(?=[a-z0-9])/giu,
    by: ([, s = '']) => `http${s.toLowerCase()}://`,
  },
  // Slashes that lean the other way, to the end of the address.
  {
    when: /https?:\\\\|\\@/iu,
    find: /(?<![a-z0-9])https?:\\\\[^\s<>"']{1,2000}|\\(?=@)(?<=:\/\/[a-z0-9.-]{1,253}\\)/giu,
    by: ([whole]) => whole.replaceAll('\\', '/'),
  },
  {
    when: /https?\s?:/iu,
    find: /(?<![a-z0-9])(https?)(?:[ \t]?:[ \t]?[/\\]{2,8}(?:(?=[a-z0-9[])|[ \t](?=[a-z0-9-]{1,63}\.[a-z0-9]))|:[/\\]?(?=[a-z0-9-]{1,63}\.))/giu,
    by: ([whole, scheme = '']) => (whole === `${scheme}://` ? undefined : `${scheme}://`),
  },
  { when: /:[\u2044\u2215\u29f8]/u, find: /(?<=https?:)[\u2044\u2215\u29f8]{2}/giu, by: () => '//' },
  // `evil dot com`, where it can be nothing else; `http://evil. com`.
  {
    when: / dot /iu,
    find: new RegExp(
      ` (?:dot|DOT) (?=[a-z0-9-]+)(?<=(?:https?://|www)[a-zA-Z0-9. -]{0,100} (?:dot|DOT) )|(?<=[a-z0-9]) DOT (?:${TLD_AFTER}|(?=[a-z0-9-]{1,63}(?: DOT |\\.)[a-z]))`,
      'gu',
    ),
    by: () => '.',
  },
  { when: / slash /iu, find: /(?<=\.[a-z]{2,10}[a-z0-9/-]{0,60}) slash (?=\S)/giu, by: () => '/' },
  {
    when: /https?:\/\/[a-z0-9-]+\s?\.\s?[a-z]/iu,
    find: new RegExp(`(?: \\. ?|\\. )${TLD_AFTER}(?<=https?://[a-z0-9-]{1,63} ?\\. ?)`, 'giu'),
    by: () => '.',
  },
];

/** Undoes what was done to hide links or to make them unclickable. Work is linear in the length of the text. */
export function refang(text: string): MappedText {
  let mapped = plainCharacters(text);
  for (const { when, find, by } of STEPS) {
    const applies = typeof when === 'function' ? when(mapped.text) : when.test(mapped.text);
    if (applies) mapped = mapped.replace(find, by);
  }
  return mapped;
}

/** `example。com` is an address, `example.com。Then` the end of a sentence. */
function dotOfWideStop(match: RegExpExecArray): string | undefined {
  const before = /[a-z0-9.-]*$/iu.exec(match.input.slice(Math.max(0, match.index - 64), match.index))?.[0] ?? '';
  const after = /^[a-z0-9.-]*/iu.exec(match.input.slice(match.index + 1, match.index + 65))?.[0] ?? '';
  return before.includes('.') && !/\.[a-z]{2,}$/u.test(`.${after}`) ? undefined : '.';
}

function isQuotedPrintable(text: string): boolean {
  return /=(?:20|E2|C3)(?:\r?$|=[0-9A-F]{2})|="?3D"|=3D"/mu.test(text.slice(0, 20_000));
}

function joined(whole: string): string | undefined {
  if (!/\s/u.test(whole)) return undefined;
  const bare = whole.replace(/^<(?:url:)?\s?/iu, '<').replace(/\r?\n(?:>[ >]*|[ \t]*)/gu, '');
  return /\s/u.test(bare.slice(0, -1).trimEnd()) ? undefined : bare;
}

/** `evil [.] com` loses its spaces, `(see [.] here)` keeps what is around it: an address has letters on both sides. */
function bracketedDot(match: RegExpExecArray): string | undefined {
  const before = match.input[match.index - 1] ?? '';
  const after = match.input[match.index + match[0].length] ?? '';
  const word = /[\p{L}\p{N}\])}-]/u;
  const comma = match[0].includes(',') && !/\d/u.test(before);
  return word.test(before) && /[\p{L}\p{N}[({]/u.test(after) && !comma ? '.' : undefined;
}
