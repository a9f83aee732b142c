import { fromBase64, fromPercent } from './decode';

/** What a constant expression of a script comes to. */
export type Value = string | number | Value[];

/** A script with its constant expressions worked out. */
export interface Folded {
  /** The script's text, each such expression in its place as one string. */
  text: string;
  /** Whether anything was worked out. */
  changed: boolean;
  /** Every string and list of numbers that stands in the script or was worked out, longest chains whole. */
  values: Value[];
}

const flat = (value: Value): string => (Array.isArray(value) ? value.map(flat).join(',') : String(value));
const text = (value: Value | undefined): string => (value === undefined ? '' : flat(value));
const reversed = (value: string): string => [...value].reverse().join('');

/** Joins two constants as scripts do: numbers add up, lists grow, all else becomes text. Undefined beyond `limit` characters. */
export function add(left: Value, right: Value, limit: number): Value | undefined {
  if (typeof left === 'number' && typeof right === 'number') return left + right;
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length + right.length > 1_000 ? undefined : [...left, ...right];
  }
  const joined = text(left) + text(right);
  return joined.length > limit ? undefined : joined;
}

/** What an operator makes of two constants; undefined where it is none of text and numbers, or the result is too long. */
export function combine(left: Value, operator: string, right: Value, limit: number): Value | undefined {
  if (operator === '+') return add(left, right, limit);
  if (operator === '&') return add(text(left), text(right), limit);
  if (operator === '-join') return Array.isArray(left) ? join(left, text(right), limit) : text(left);
  if (operator.endsWith('replace')) {
    const [from, to] = Array.isArray(right) ? right : [right];
    return from === undefined ? undefined : replace(text(left), text(from), text(to), limit);
  }
  if (operator === '-f') return format(text(left), Array.isArray(right) ? right : [right], limit);
  if (typeof left !== 'number' || typeof right !== 'number') return undefined;
  if (operator === '-') return left - right;
  if (operator === '*') return left * right;
  if (operator === '/') return right === 0 ? undefined : left / right;
  return left ^ right;
}

function join(values: readonly Value[], by: string, limit: number): string | undefined {
  if (values.length * by.length > limit) return undefined;
  const joined = values.map(text).join(by);
  return joined.length > limit ? undefined : joined;
}

function replace(whole: string, from: string, to: string, limit: number): string | undefined {
  if (from === '' || (whole.length / from.length) * to.length > limit) return undefined;
  return whole.replaceAll(from, () => to);
}

/** `"{1}{0}" -f "a","b"` of PowerShell. */
function format(pattern: string, parts: readonly Value[], limit: number): string | undefined {
  const texts = parts.slice(0, 1_000).map(text);
  const longest = texts.reduce((length, part) => Math.max(length, part.length), 0);
  if ((pattern.length / 3) * longest > limit) return undefined;
  return pattern.replace(/\{(\d{1,4})\}/g, (_whole, at: string) => texts[Number(at)] ?? '');
}

/** Character codes as the characters that they stand for. */
export function characters(value: Value): Value {
  if (Array.isArray(value)) return value.map(characters);
  return typeof value === 'number' ? String.fromCharCode(value) : value;
}

const codes = (values: readonly Value[]): string =>
  values
    .flat(1)
    .map((code) => (typeof code === 'string' ? code : String.fromCharCode(Number(code))))
    .join('');
const base64 = ([value]: readonly Value[]): Value | undefined =>
  typeof value === 'string' ? fromBase64(value)?.toString('latin1') : undefined;
const percent = ([value]: readonly Value[]): Value | undefined =>
  typeof value === 'string' ? fromPercent(value) : undefined;
const single = ([value]: readonly Value[]): Value | undefined => value;

type Call = (values: readonly Value[], limit: number) => Value | undefined;

/** Functions that only turn text into other text, by the last part of their name in lower case. */
const CALLS: ReadonlyMap<string, Call> = new Map<string, Call>([
  ['atob', base64],
  ['frombase64string', base64],
  ['unescape', percent],
  ['decodeuri', percent],
  ['decodeuricomponent', percent],
  ['urldecode', percent],
  ['fromcharcode', codes],
  ['fromcodepoint', codes],
  ['chr', codes],
  ['chrw', codes],
  ['chrb', codes],
  ['strreverse', ([value]) => reversed(text(value))],
  ['replace', ([value, from, to], limit) => replace(text(value), text(from), text(to), limit)],
  [
    'join',
    ([value, by], limit) => (Array.isArray(value) ? join(value, by === undefined ? ' ' : text(by), limit) : undefined),
  ],
  ['array', (values) => [...values]],
  ['uint8array', single],
  ['getstring', single],
  ['cstr', single],
  ['lcase', ([value]) => text(value).toLowerCase()],
  ['ucase', ([value]) => text(value).toUpperCase()],
]);

/** Whether {@link callFunction} knows a function. */
export function isFunction(name: string): boolean {
  return CALLS.has(name);
}

/** What a function gives for constants; undefined where that is not known or longer than `limit`. */
export function callFunction(name: string, values: readonly Value[], limit: number): Value | undefined {
  return CALLS.get(name)?.(values, limit);
}

/** What a method of a constant gives; undefined where that is not known or longer than `limit`. */
export function callMethod(target: Value, name: string, values: readonly Value[], limit: number): Value | undefined {
  const [first, second] = values;
  if (name === 'join' && Array.isArray(target)) return join(target, first === undefined ? ',' : text(first), limit);
  if (name === 'reverse' && Array.isArray(target)) return [...target].reverse();
  if (name === 'concat' && typeof target === 'string') return add(target, values.map(text).join(''), limit);
  if (typeof target !== 'string') return undefined;
  if (name === 'replace' || name === 'replaceall') return replace(target, text(first), text(second), limit);
  if (name === 'split') return target.length < 4_000_000 && first !== undefined ? target.split(text(first)) : undefined;
  if (name === 'tostring' || name === 'trim') return target;
  if (name === 'tolowercase' || name === 'tolower') return target.toLowerCase();
  if (name === 'touppercase' || name === 'toupper') return target.toUpperCase();
  const from = Number(first ?? 0);
  const to = second === undefined ? undefined : Number(second);
  if (name === 'slice') return target.slice(from, to);
  if (name === 'substring') return target.substring(from, to);
  if (name === 'substr') return target.slice(from, to === undefined ? undefined : from + to);
  return undefined;
}
