import { decodeText } from './encoded-text';
import { tokenize, type VbaToken } from './vba-tokens';

const MAX_TEXT = 64 * 1024;
const MAX_TOTAL = 1024 * 1024;
const MAX_NESTING = 12;
const MAX_VARIABLES = 5_000;

/** A module's statements: without attributes and comments, continued lines joined. */
export function codeOf(source: string): string {
  return source
    .replace(/[ \t]_\r?\n/g, ' ')
    .split(/\r\n|\r|\n/)
    .filter((line) => !/^\s*(?:attribute\s+vb_|rem\b|')/i.test(line))
    .map(withoutComment)
    .join('\n');
}

function withoutComment(line: string): string {
  if (!line.includes("'")) return line;
  let quoted = false;
  for (let at = 0; at < line.length; at += 1) {
    if (line[at] === '"') quoted = !quoted;
    else if (line[at] === "'" && !quoted) return line.slice(0, at);
  }
  return line;
}

/** Text that code puts together from constants, one a line, and files that such text encodes. `work.texts`: characters that may be looked at. */
export function readStrings(code: string, work: { texts: number }): { joined: string; files: Buffer[] } {
  const reader = new StringReader(tokenize(code), work);
  return reader.run();
}

/**
 * Follows constants through `&`, `+`, `Chr`, `StrReverse`, `Replace`, `Join` and assignments, statement by statement in the
 * order of the text. No more than that is tried: what it cannot follow it leaves out.
 */
class StringReader {
  private readonly tokens: readonly VbaToken[];
  private readonly variables = new Map<string, string>();
  private readonly results = new Set<string>();
  private readonly work: { texts: number };
  private readonly files: Buffer[] = [];
  private total = 0;
  private pieces = 0;

  constructor(tokens: readonly VbaToken[], work: { texts: number }) {
    this.tokens = tokens;
    this.work = work;
  }

  run(): { joined: string; files: Buffer[] } {
    for (let at = 0; at < this.tokens.length;) at = this.assignment(at) ?? this.expression(at) ?? at + 1;
    for (const value of this.variables.values()) this.keep(value);
    return { joined: [...this.results].join('\n'), files: this.files };
  }

  /** `name = text` at the beginning of a statement; the variable then stands for the text. */
  private assignment(at: number): number | undefined {
    const [last, name, equals] = [this.tokens[at - 1], this.tokens[at], this.tokens[at + 1]];
    const begins = !last || last.kind === 'end' || /^(const|let|then|else)$/i.test(last.text);
    if (!begins || name?.kind !== 'word' || equals?.text !== '=') return undefined;
    const value = this.concatenation(at + 2, 0);
    if (!value) return at + 2;
    const key = name.text.toLowerCase();
    const before = this.variables.get(key);
    // `x = x & "…"` a thousand times: only the last is looked at.
    if (before !== undefined && this.tokens[at + 2]?.text.toLowerCase() !== key) this.keep(before);
    if (this.variables.size < MAX_VARIABLES || before !== undefined) this.variables.set(key, value.text);
    return value.next;
  }

  private expression(at: number): number | undefined {
    this.pieces = 0;
    const value = this.concatenation(at, 0);
    if (!value) return undefined;
    if (this.pieces > 1) this.keep(value.text);
    else this.decode(value.text);
    return value.next;
  }

  private concatenation(at: number, depth: number): { text: string; next: number } | undefined {
    let value = this.term(at, depth);
    while (value && /^[&+]$/.test(this.tokens[value.next]?.text ?? '') && this.tokens[value.next]?.kind === 'mark') {
      const more = this.term(value.next + 1, depth);
      if (!more || value.text.length + more.text.length > MAX_TEXT) break;
      value = { text: value.text + more.text, next: more.next };
    }
    return value;
  }

  private term(at: number, depth: number): { text: string; next: number } | undefined {
    const token = this.tokens[at];
    if (!token || depth > MAX_NESTING) return undefined;
    if (token.kind === 'text') return this.piece(token.text, at + 1);
    if (token.text === '(') return this.closed(this.concatenation(at + 1, depth + 1));
    if (token.kind !== 'word') return undefined;
    const name = token.text.toLowerCase().replace(/\$$/, '');
    if (this.tokens[at + 1]?.text === '(') return this.call(name, at + 2, depth + 1);
    const known = this.variables.get(name);
    return known === undefined ? undefined : this.piece(known, at + 1);
  }

  private piece(text: string, next: number): { text: string; next: number } {
    this.pieces += 1;
    return { text, next };
  }

  private closed(value: { text: string; next: number } | undefined): { text: string; next: number } | undefined {
    return value && this.tokens[value.next]?.text === ')' ? { text: value.text, next: value.next + 1 } : undefined;
  }

  private call(name: string, at: number, depth: number): { text: string; next: number } | undefined {
    if (/^chr[wb]?$/.test(name)) {
      const code = this.number(at, depth);
      if (!code) return undefined;
      this.pieces += 1;
      return this.closed({ text: String.fromCharCode(code.value & 0xffff), next: code.next });
    }
    if (name === 'array') return this.numbers(at, depth);
    // What other functions are given is read for itself.
    if (!/^(lcase|ucase|trim|cstr|strreverse|replace)$/.test(name)) return undefined;
    const first = this.concatenation(at, depth);
    if (!first) return undefined;
    const plain = { lcase: true, ucase: true, trim: true, cstr: true, strreverse: true }[name];
    if (plain && this.spend(first.text.length)) {
      const text = name === 'strreverse' ? [...first.text].reverse().join('') : first.text;
      this.pieces += name === 'strreverse' ? 2 : 0;
      return this.closed({ text, next: first.next });
    }
    return name === 'replace' ? this.replaced(first, depth) : undefined;
  }

  private replaced(first: { text: string; next: number }, depth: number): { text: string; next: number } | undefined {
    const what = this.tokens[first.next]?.text === ',' ? this.concatenation(first.next + 1, depth) : undefined;
    const by = what && this.tokens[what.next]?.text === ',' ? this.concatenation(what.next + 1, depth) : undefined;
    if (!what || !by || what.text === '' || by.text.length > 256) return undefined;
    if (!this.spend(first.text.length * (1 + by.text.length / what.text.length))) return undefined;
    this.pieces += 2;
    const text = first.text.split(what.text).join(by.text).slice(0, MAX_TEXT);
    let next = by.next;
    for (let steps = 0; steps < 12 && this.tokens[next] && this.tokens[next]?.text !== ')'; steps += 1) next += 1;
    return this.closed({ text, next });
  }

  /** `Array(77, 90, …)`: bytes of a program or of a text. */
  private numbers(at: number, depth: number): { text: string; next: number } | undefined {
    const values: number[] = [];
    let next = at;
    for (; values.length < MAX_TEXT;) {
      const value = this.number(next, depth);
      if (!value) break;
      values.push(value.value & 0xff);
      next = value.next + 1;
      if (this.tokens[value.next]?.text !== ',') break;
    }
    if (values.length < 8) return undefined;
    this.pieces += 2;
    return { text: String.fromCharCode(...values.slice(0, 60_000)), next };
  }

  /** Constant arithmetic, from left to right as its signs stand: enough for what hides a character. */
  private number(at: number, depth: number): { value: number; next: number } | undefined {
    let value = this.operand(at, depth);
    for (let sign = this.tokens[value?.next ?? -1]?.text; value && sign; sign = this.tokens[value.next]?.text) {
      if (!/^([-+*/]|xor|mod|and|or)$/i.test(sign)) break;
      const right = this.operand(value.next + 1, depth);
      if (!right) break;
      value = { value: calculate(value.value, sign.toLowerCase(), right.value), next: right.next };
    }
    return value;
  }

  private operand(at: number, depth: number): { value: number; next: number } | undefined {
    const token = this.tokens[at];
    if (!token || depth > MAX_NESTING) return undefined;
    if (token.kind === 'number') return { value: Number(token.text), next: at + 1 };
    if (token.text === '-') {
      const value = this.operand(at + 1, depth + 1);
      return value && { value: -value.value, next: value.next };
    }
    const wrapped = /^(cint|clng|cbyte|int|fix|round|\()$/i.test(token.text);
    if (!wrapped) return undefined;
    const inner = this.number(token.text === '(' ? at + 1 : at + 2, depth + 1);
    return inner && this.tokens[inner.next]?.text === ')' ? { value: inner.value, next: inner.next + 1 } : undefined;
  }

  private keep(text: string): void {
    if (text.length < 4 || this.total + text.length > MAX_TOTAL || !this.spend(text.length)) return;
    if (this.results.has(text)) return;
    this.total += text.length;
    this.results.add(text);
    this.decode(text);
  }

  private spend(characters: number): boolean {
    this.work.texts -= characters;
    return this.work.texts > 0;
  }

  private decode(text: string): void {
    const decoded = this.spend(text.length) ? decodeText(text) : undefined;
    if (typeof decoded === 'string') this.keep(decoded);
    else if (decoded && this.files.length < 20) this.files.push(decoded);
  }
}

function calculate(left: number, sign: string, right: number): number {
  if (sign === '+') return left + right;
  if (sign === '-') return left - right;
  if (sign === '*') return left * right;
  if (sign === '/') return right === 0 ? 0 : Math.round(left / right);
  if (sign === 'mod') return right === 0 ? 0 : left % right;
  if (sign === 'xor') return left ^ right;
  return sign === 'and' ? left & right : left | right;
}
