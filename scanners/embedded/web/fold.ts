import { callFunction, callMethod, characters, combine, add, isFunction, type Folded, type Value } from './fold-calls';
import { COMMENT, commentEnd, QUOTE, readString, SKIP, skipBlank, STARTS, WORD, type Dialect } from './lexer';

const MAX_DEPTH = 12;
const MAX_VALUES = 20_000;
const IDENTIFIER = /[A-Za-z_$][\w$]*/y;
const PATH = /[A-Za-z_$[][\w$.:\]]{0,100}/y;
const NUMBER = /0x[0-9a-f]{1,8}|&h[0-9a-f]{1,8}&?|-?\d{1,12}(\.\d{1,6})?/iy;
const CAST = /\[\s{0,5}(string|char|byte|int)(\[\])?\s{0,5}\]/iy;

/**
 * Works out what a script writes in pieces: joined strings, character codes, reversed and encoded text, variables with
 * constant values. Understands as much of JScript, VBScript and PowerShell as hiding text needs; runs nothing. Time and
 * memory grow with the text's length.
 */
export function foldScript(text: string, dialect: Dialect): Folded {
  return new Folder(text, dialect).run();
}

type Evaluated = { value: Value; end: number; pieces: number } | undefined;

class Folder {
  private readonly text: string;
  private readonly dialect: Dialect;
  private readonly variables = new Map<string, Value>();
  private readonly values: Value[] = [];
  private readonly out: string[] = [];
  private outLength = 0;
  private steps = 0;
  private kept = 0;
  /** No constant is longer: pieces come from the text, and only doubling makes more of them. */
  private readonly limit: number;

  constructor(text: string, dialect: Dialect) {
    this.text = text;
    this.dialect = dialect;
    this.limit = text.length * 2 + 65_536;
  }

  run(): Folded {
    const { text, dialect } = this;
    let changed = false;
    let copied = 0;
    for (let at = 0; at < text.length;) {
      const letter = STARTS[text.charCodeAt(at)] ?? 0;
      if (letter === SKIP) {
        at += 1;
        continue;
      }
      if (letter === COMMENT || letter === QUOTE) {
        const comment = commentEnd(text, at, dialect);
        if (comment > at || letter === COMMENT) {
          at = Math.max(comment, at + 1);
          continue;
        }
      }
      const assigned = letter === WORD ? this.assignment(at) : undefined;
      if (assigned !== undefined) {
        at = assigned;
        continue;
      }
      const found = this.steps < text.length * 20 + 100_000 ? this.expression(at, 0) : undefined;
      if (!found) {
        at = letter === WORD ? this.next(at) : at + 1;
        continue;
      }
      this.keep(found.value);
      if (found.pieces > 1 && typeof found.value === 'string' && this.outLength < text.length * 2 + 65_536) {
        this.emit(text.slice(copied, at));
        const written = JSON.stringify(found.value).replaceAll('\\\\', '\\');
        this.emit(text[at] === '(' ? `(${written})` : written);
        copied = found.end;
        changed = true;
      }
      at = Math.max(found.end, at + 1);
    }
    this.emit(text.slice(copied));
    for (const value of this.variables.values()) this.keep(value);
    return { text: this.out.join(''), changed, values: this.values };
  }

  private emit(piece: string): void {
    this.out.push(piece);
    this.outLength += piece.length;
  }

  private keep(value: Value): void {
    if (typeof value === 'number' || value.length < 16 || this.values.length >= MAX_VALUES) return;
    this.kept += value.length;
    if (this.kept < this.limit * 4) this.values.push(value);
  }

  /** Behind the word or letter at `at`. */
  private next(at: number): number {
    IDENTIFIER.lastIndex = at;
    return IDENTIFIER.test(this.text) ? IDENTIFIER.lastIndex : at + 1;
  }

  /** `name = constant` or `name += constant`: remembered, and the place of the constant given; undefined for all else. */
  private assignment(at: number): number | undefined {
    const name = this.identifier(at);
    if (name === undefined) return undefined;
    const { text } = this;
    let sign = skipBlank(text, at + name.length, this.dialect);
    const adds = text[sign] === '+' && text[sign + 1] === '=';
    if (adds) sign += 1;
    if (text[sign] !== '=' || text[sign + 1] === '=' || text[sign + 1] === '>') return undefined;
    const start = skipBlank(text, sign + 1, this.dialect);
    const key = name.toLowerCase();
    const found = this.expression(start, 0);
    const before = this.variables.get(key);
    if (!found) {
      if (!adds) this.variables.delete(key);
      return start;
    }
    const value: Value | undefined = adds && before !== undefined ? add(before, found.value, this.limit) : found.value;
    if (value === undefined) return found.end;
    if (adds && before === undefined) this.keep(found.value);
    else this.variables.set(key, value);
    // A long chain of `x += "…"` would be copied each time: the variable's last value tells all of it.
    return found.pieces > 1 && !adds && typeof value === 'string' && value.length < 4_096 ? start : found.end;
  }

  private identifier(at: number): string | undefined {
    IDENTIFIER.lastIndex = at;
    return IDENTIFIER.exec(this.text)?.[0];
  }

  private expression(at: number, depth: number): Evaluated {
    if (depth > MAX_DEPTH) return undefined;
    let left = this.operand(at, depth);
    if (!left) return undefined;
    for (;;) {
      this.steps += 1;
      const sign = skipBlank(this.text, left.end, this.dialect);
      const operator = this.operator(sign);
      if (!operator) return left;
      const right = this.operand(skipBlank(this.text, sign + operator.length, this.dialect), depth);
      const value: Value | undefined = right && combine(left.value, operator, right.value, this.limit);
      if (!right || value === undefined) return left;
      left = { value, end: right.end, pieces: left.pieces + right.pieces };
    }
  }

  private operator(at: number): string | undefined {
    const letter = this.text[at];
    if (letter === '+' && this.text[at + 1] !== '+' && this.text[at + 1] !== '=') return '+';
    if (letter === '&' && this.dialect === 'vbs') return '&';
    if (letter === '-' && this.dialect === 'ps') {
      return /^-(join|f|replace|creplace|bxor)\b/i.exec(this.text.slice(at, at + 12))?.[0].toLowerCase();
    }
    if (letter === '-' || letter === '*' || letter === '^' || letter === '/') return letter;
    if (this.dialect === 'vbs') return /^xor\b/i.exec(this.text.slice(at, at + 4))?.[0].toLowerCase();
    return undefined;
  }

  /** One value with the methods called on it; in PowerShell also a list without brackets. */
  private operand(at: number, depth: number): Evaluated {
    this.steps += 1;
    let found = this.primary(at, depth);
    for (let calls = 0; found && calls < 50; calls += 1) {
      const dot = skipBlank(this.text, found.end, this.dialect);
      const called = this.text[dot] === '.' ? this.method(found.value, dot + 1, depth) : undefined;
      if (!called) break;
      found = { ...called, pieces: found.pieces + 1 };
    }
    if (this.dialect !== 'ps' || !found || depth > 2) return found;
    const list: Value[] = [found.value];
    let { end } = found;
    while (list.length < 5_000) {
      const comma = skipBlank(this.text, end, 'ps');
      if (this.text[comma] !== ',') break;
      const more = this.primary(skipBlank(this.text, comma + 1, 'js'), depth + 3);
      if (!more) break;
      list.push(more.value);
      ({ end } = more);
    }
    return list.length > 1 ? { value: list, end, pieces: found.pieces } : found;
  }

  private primary(at: number, depth: number): Evaluated {
    const { text, dialect } = this;
    const letter = STARTS[text.charCodeAt(at)] ?? 0;
    if (letter === WORD) return this.named(at, depth);
    const string = letter === QUOTE ? readString(text, at, dialect) : undefined;
    if (string) {
      this.steps += string.end - at;
      // A string of escapes only is worth writing out.
      const veiled = string.value.length > 8 && string.end - at > string.value.length * 2 + 2;
      return { ...string, pieces: veiled ? 2 : 1 };
    }
    NUMBER.lastIndex = at;
    const number = NUMBER.exec(text)?.[0];
    if (number !== undefined) {
      const digits = number.replace(/^&h/i, '0x').replace(/&$/, '');
      return { value: Number(digits), end: at + number.length, pieces: 1 };
    }
    if (dialect === 'ps') {
      CAST.lastIndex = at;
      const cast = CAST.exec(text);
      if (cast) return this.cast(cast[1] ?? '', at + cast[0].length, depth);
      if (/^-join\b/i.test(text.slice(at, at + 6))) {
        const list = this.operand(skipBlank(text, at + 5, 'ps'), depth + 1);
        const value: Value | undefined = list && combine(list.value, '-join', '', this.limit);
        return list && value !== undefined ? { value, end: list.end, pieces: 2 } : undefined;
      }
    }
    const round = text[at] === '(' ? at : dialect === 'ps' && text.startsWith('@(', at) ? at + 1 : -1;
    if (round >= 0) {
      const list = this.list(round + 1, ')', depth + 1);
      if (!list) return undefined;
      const [only] = list.values;
      const value = list.values.length === 1 && only !== undefined ? only : list.values;
      return { value, end: list.end, pieces: list.pieces };
    }
    if (text[at] === '[' && dialect === 'js') {
      const list = this.list(at + 1, ']', depth + 1);
      return list && { value: list.values, end: list.end, pieces: list.pieces };
    }
    return this.named(at, depth);
  }

  private cast(type: string, at: number, depth: number): Evaluated {
    const found = this.primary(skipBlank(this.text, at, 'ps'), depth + 1);
    if (!found) return undefined;
    const value = type.toLowerCase() === 'char' ? characters(found.value) : found.value;
    return { ...found, value, pieces: found.pieces + 1 };
  }

  /** A variable with a known value, or a call of a function that only turns text into other text. */
  private named(at: number, depth: number): Evaluated {
    const name = this.identifier(at);
    const after = name === undefined ? '' : this.text.charAt(at + name.length);
    // Most names are neither called nor known.
    if (name !== undefined && name !== 'new' && after !== '(' && after !== '.' && after !== ':' && after !== ' ') {
      return this.variable(name, at);
    }
    PATH.lastIndex = at;
    let path = PATH.exec(this.text)?.[0];
    if (path === undefined) return undefined;
    let start = at;
    if (path === 'new') {
      start = skipBlank(this.text, at + 3, this.dialect);
      PATH.lastIndex = start;
      path = PATH.exec(this.text)?.[0] ?? '';
    }
    const open = skipBlank(this.text, start + path.length, this.dialect);
    const last = path.toLowerCase().split(/[.:]+/).at(-1) ?? '';
    if (this.text[open] === '(' && isFunction(last)) {
      const list = this.list(open + 1, ')', depth + 1);
      const value = list && callFunction(last, list.values, this.limit);
      return list && value !== undefined ? { value, end: list.end, pieces: list.pieces + 1 } : undefined;
    }
    return name === undefined ? undefined : this.variable(name, at);
  }

  private variable(name: string, at: number): Evaluated {
    const value = this.variables.get(name.toLowerCase());
    if (value === undefined || this.text[at + name.length] === '(') return undefined;
    return { value, end: at + name.length, pieces: 2 };
  }

  private method(target: Value, at: number, depth: number): { value: Value; end: number } | undefined {
    const name = this.identifier(at)?.toLowerCase();
    if (name === undefined) return undefined;
    const open = skipBlank(this.text, at + name.length, this.dialect);
    if (this.text[open] !== '(') return undefined;
    const list = this.list(open + 1, ')', depth + 1);
    const value = list && callMethod(target, name, list.values, this.limit);
    return list && value !== undefined ? { value, end: list.end } : undefined;
  }

  private list(at: number, close: string, depth: number): { values: Value[]; end: number; pieces: number } | undefined {
    const values: Value[] = [];
    let here = skipBlank(this.text, at, 'js');
    let pieces = 1;
    while (this.text[here] !== close) {
      const found = this.pattern(here) ?? this.expression(here, depth);
      if (!found) return undefined;
      values.push(found.value);
      pieces = Math.max(pieces, found.pieces);
      here = skipBlank(this.text, found.end, 'js');
      if (this.text[here] === ',') here = skipBlank(this.text, here + 1, 'js');
      else if (this.text[here] !== close) return undefined;
    }
    return { values, end: here + 1, pieces };
  }

  /** A regular expression that is plain text, as `replace(/x/g, "")` has it. */
  private pattern(at: number): Evaluated {
    if (this.dialect !== 'js' || this.text[at] !== '/') return undefined;
    const found = /^\/((?:[^\\/[\](){}^$.*+?|\n]|\\[^\w\n]){1,50})\/[gimsuy]{0,4}/.exec(this.text.slice(at, at + 120));
    return found
      ? { value: (found[1] ?? '').replace(/\\(.)/g, '$1'), end: at + found[0].length, pieces: 1 }
      : undefined;
  }
}
