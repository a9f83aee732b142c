import { readHost } from './address';

/** Letters of scripts that are written without spaces. */
const UNSPACED_LETTER =
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}\p{sc=Bopomofo}]/u;

/** Sentence marks of such scripts and typographic quotes: no browser writes them into an address unescaped. */
const STOP = /[、。，；！？：…《》〈〉「」『』【】〔〕“”‘’„«»\uff08\uff09\uff5c\uff5e\u3000]/u;

/** What ends a link inside other notations: escapes of JSON, entities, tags of forums, a column of a table. */
const FOREIGN =
  /\\+(?:[nrtu"']|$)|&(?:gt|lt|quot|nbsp|apos|#39|#34|#x27)(?:;|$)|\[\/?(?:url|img|b|i|u|quote|code|link)\b|[|`<>^]|\{\{|\]\(|\)\[|\*\*|~~|\$\{|%[{(]|[,;](?=https?:\/\/)/iu;

/** Nothing in it that could be somebody else's. */
const PLAIN = /^[a-z0-9:/._-]*[a-z0-9/]$/iu;

/** Marks that people put around a link. A pair around it is taken off; alone at the end it may belong to the link. */
const PAIRED = ['*', '_', '~', "'", '"'];

/**
 * Corrects the end of a link that begins at `start`: words of scripts without spaces, foreign notation and trailing marks
 * do not belong to it.
 * @returns the position behind its last character, at least behind its scheme
 */
export function endOfLink(text: string, start: number, end: number): number {
  const link = text.slice(start, end);
  if (PLAIN.test(link)) return end;
  const slashes = link.indexOf('//');
  const body = slashes < 0 ? 0 : slashes + 2;
  let length = link.length;
  const limit = (at: number): void => void (at >= 0 && at + body < length && (length = at + body));
  limit(link.slice(body).search(STOP));
  limit(link.slice(body, length).search(FOREIGN));
  if (text[start - 1] === '"') limit(link.slice(body, length).indexOf('"'));
  limit(gluedAt(link.slice(body, length)));
  const before = text[start - 1] ?? '';
  let cut = link.slice(0, length).replace(/[.,;:!?]+$/u, '');
  if (PAIRED.includes(before) && cut.endsWith(before)) cut = cut.slice(0, -1);
  cut = withoutOpenBrackets(cut).replace(/[.,;:!?*~\\]+$/u, '');
  for (const quote of ["'", '"']) if (cut.endsWith(quote) && count(cut, quote) % 2 === 1) cut = cut.slice(0, -1);
  return start + Math.max(cut.length, body);
}

/**
 * Where words of an unspaced script begin that only touch the link. A path in that script (`/wiki/维基`) is kept, and so is
 * one with more of an address behind it.
 */
function gluedAt(body: string): number {
  const at = body.search(UNSPACED_LETTER);
  if (at < 0) return -1;
  const slash = body.search(/[/?#]/u);
  if (slash < 0 || at < slash) return gluedToHost(body.slice(0, slash < 0 ? undefined : slash));
  const path = body.slice(slash);
  const glued = path.search(
    /(?<=[a-z0-9][.,;:!?)]?)[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/iu,
  );
  if (glued < 0) return -1;
  return /[/?&=#%_-]/u.test(path.slice(glued)) ? -1 : slash + glued;
}

function gluedToHost(host: string): number {
  const name = /^(?:[^@]*@)?((?:[a-z0-9-]+\.)+[a-z]{2,}|\d{1,3}(?:\.\d{1,3}){3})(?::\d{1,5})?(?=\P{ASCII})/iu.exec(
    host,
  );
  if (!name?.[1]) return -1;
  const { isIp, isPublicName, domain } = readHost(name[1].toLowerCase());
  return isIp || (isPublicName && domain !== undefined) ? name[0].length : -1;
}

/** A closing bracket without its opening one ends the sentence around the link; an opening one without its end never was part of it. */
function withoutOpenBrackets(link: string): string {
  let cut = link;
  for (const [open, close] of [
    ['(', ')'],
    ['[', ']'],
    ['{', '}'],
  ] as const) {
    if (cut.includes(`//${open}`)) continue;
    const last = cut.lastIndexOf(open);
    if (last > 0 && cut.indexOf(close, last) < 0 && last === cut.length - 1) cut = cut.slice(0, last);
    while (cut.endsWith(close) && count(cut, close) > count(cut, open)) cut = cut.slice(0, -1);
  }
  return cut;
}

function count(text: string, char: string): number {
  return text.split(char).length - 1;
}
