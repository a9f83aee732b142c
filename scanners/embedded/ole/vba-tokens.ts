/** A word, text constant, number or sign of VBA; `end` closes a statement. */
export interface VbaToken {
  kind: 'word' | 'text' | 'number' | 'mark' | 'end';
  text: string;
}

const MAX_TOKENS = 300_000;
const TOKEN =
  /"((?:[^"\n]|"")*)"|&h([0-9a-f]{1,8})&?|(\d[\d.]*)[%&!#@]?|([a-z_\u0080-\uffff][\w\u0080-\uffff]*\$?)|([\n:])|([^\s])/gi;

/** Takes code apart; comments and line continuations are gone already. */
export function tokenize(code: string): VbaToken[] {
  const tokens: VbaToken[] = [];
  for (const [, text, hex, number, word, end, mark] of code.matchAll(TOKEN)) {
    if (tokens.length >= MAX_TOKENS) break;
    if (text !== undefined) tokens.push({ kind: 'text', text: text.replaceAll('""', '"') });
    else if (hex !== undefined) tokens.push({ kind: 'number', text: String(parseInt(hex, 16)) });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else if (end !== undefined) tokens.push({ kind: 'end', text: end });
    else if (mark !== undefined) tokens.push({ kind: 'mark', text: mark });
  }
  return tokens;
}
