import { domainToASCII } from 'node:url';
import { readAddress, readHost } from './address';

/** Where a name without a scheme stands: the part of a text that would be its host, port left out. */
export interface HostSpan {
  start: number;
  end: number;
}

/** Letters of scripts that are written without spaces, so that words touch the links between them. */
const UNSPACED =
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}\p{sc=Bopomofo}]/u;
const OUTSIDE = /[\s\p{P}\p{C}\p{Zs}]/u;

/** Nothing that a browser would write differently. */
const PLAIN = /^(?!.*xn--)[a-z0-9.-]+$/iu;

/** Names of one text that were asked about. */
type Names = Map<string, boolean>;

/** Longest host that is looked at; DNS allows 253 characters. */
const MAX_HOST = 300;

const [NONE, HOST, SPACELESS] = [0, 1, 2] as const;
const known = new Map<number, number>();

/** What a UTF-16 unit can be in a host: nothing, a part, or a part of a script without spaces. */
function kindOf(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code < 128) {
    const isLetter = (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57);
    return isLetter || code === 45 || code === 46 ? HOST : NONE;
  }
  if (code >= 0xd800 && code <= 0xdfff) return HOST;
  let kind = known.get(code);
  if (kind === undefined) {
    const char = String.fromCharCode(code);
    kind = OUTSIDE.test(char) || char === '\uff5c' ? NONE : UNSPACED.test(char) ? SPACELESS : HOST;
    known.set(code, kind);
  }
  return kind;
}

/**
 * Finds what could be hosts: runs of letters, digits and hyphens with dots between, that end in a real top-level domain or
 * are four numbers. Every character is visited a bounded number of times, whatever the text.
 */
export function* hostSpans(text: string): Generator<HostSpan> {
  const names: Names = new Map();
  let from = 0;
  for (let dot = text.indexOf('.'); dot >= 0; dot = text.indexOf('.', from)) {
    const whole = expand(text, dot, from, SPACELESS);
    const spaced = expand(text, dot, from, HOST);
    const span =
      namedIn(text, spaced, names) ??
      (whole.start < spaced.start || whole.end > spaced.end ? namedIn(text, whole, names) : undefined);
    // A part in front that is cut off by a dot alone belongs to the name: 例子.example.com.
    const wider =
      span && text[span.start - 1] === '.' && whole.start < span.start - 1 ? namedIn(text, whole, names) : span;
    if (wider) yield wider;
    from = Math.max(wider?.end ?? 0, spaced.end, dot + 1);
  }
}

function expand(text: string, dot: number, from: number, upTo: number): HostSpan {
  let [start, end] = [dot, dot + 1];
  const fits = (at: number): boolean => {
    const kind = kindOf(text, at);
    return kind !== NONE && kind <= upTo;
  };
  while (start > from && dot - start < MAX_HOST && fits(start - 1)) start -= 1;
  while (end < text.length && end - dot < MAX_HOST && fits(end)) end += 1;
  return { start, end };
}

/** The part of a run that is a name: `a...example.com` holds one, `1.2.3` none. */
function namedIn(text: string, { start, end }: HostSpan, names: Names): HostSpan | undefined {
  const run = text.slice(start, end);
  // Most runs are one name, and most of those are written more than once.
  const asked = names.get(run);
  if (asked !== undefined) return asked ? { start, end } : undefined;
  let at = start;
  for (const piece of run.split('..')) {
    const trimmed = piece.replace(/^[.-]+/u, '');
    const name = trimmed.replace(/[.-]+$/u, '');
    const begin = at + piece.length - trimmed.length;
    let answer = names.get(name);
    if (answer === undefined) names.set(name, (answer = isName(name)));
    if (answer) return { start: begin, end: begin + name.length };
    at += piece.length + 2;
  }
  return undefined;
}

function isName(name: string): boolean {
  if (!name.includes('.')) return false;
  if (/^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)$/u.test(name)) return true;
  if (/\.\d+$|(?:^|\.)[^.]{64}|-\.|\.-/u.test(name)) return false;
  if (!isTopLevel(name.slice(name.lastIndexOf('.') + 1))) return false;
  const { isPublicName, domain } = PLAIN.test(name) ? readHost(name.toLowerCase()) : readAddress(`http://${name}/`);
  return isPublicName && domain !== undefined;
}

/** Whether names may end so; cheap, so that only those are taken apart. */
function isTopLevel(label: string): boolean {
  const ascii = PLAIN.test(label) ? label.toLowerCase() : domainToASCII(label);
  return readHost(`name.${ascii}`).isPublicName;
}
