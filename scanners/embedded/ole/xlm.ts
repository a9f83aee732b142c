import { biffText } from './biff';
import { u16, u8 } from './bytes';

/** A formula as far as its tokens tell: functions called, and the text it spells. */
export interface XlmFormula {
  functions: number[];
  text: string;
}

const MAX_TOKENS = 5_000;
const MAX_TEXT = 8_192;
/** Function numbers ([MS-XLS] 2.5.198.17) of macros; the rest is left as a number. */
const NAMES: Readonly<Record<number, string>> = {
  17: 'RUN',
  53: 'GOTO',
  54: 'HALT',
  55: 'RETURN',
  88: 'SET.NAME',
  96: 'FORMULA',
  108: 'SET.VALUE',
  110: 'EXEC',
  111: 'CHAR',
  118: 'ALERT',
  132: 'FOPEN',
  137: 'FWRITELN',
  138: 'FWRITE',
  149: 'REGISTER',
  150: 'CALL',
  178: 'EXECUTE',
  185: 'GET.CELL',
  186: 'GET.WORKSPACE',
  267: 'REGISTER.ID',
};
/** Functions that leave the workbook: start programs, call libraries, write files. */
export const XLM_DANGEROUS: ReadonlySet<number> = new Set([110, 132, 149, 150, 178, 267]);
export const XLM_WRITES_FORMULAS = 96;
export const XLM_CHAR = 111;

/** Bytes behind a token, by its number without class bits, in BIFF8 and before. */
const LENGTHS = new Map<number, readonly [number, number]>([
  [0x01, [4, 4]],
  [0x02, [4, 4]],
  [0x1c, [1, 1]],
  [0x1d, [1, 1]],
  [0x20, [7, 7]],
  [0x23, [4, 14]],
  [0x24, [4, 3]],
  [0x25, [8, 6]],
  [0x26, [6, 6]],
  [0x27, [6, 6]],
  [0x28, [6, 6]],
  [0x29, [2, 2]],
  [0x2a, [4, 3]],
  [0x2b, [8, 6]],
  [0x2c, [4, 3]],
  [0x2d, [8, 6]],
  [0x2e, [2, 2]],
  [0x2f, [2, 2]],
  [0x39, [6, 24]],
  [0x3a, [6, 17]],
  [0x3b, [10, 20]],
  [0x3c, [6, 17]],
  [0x3d, [10, 20]],
]);

/** Reads a formula's tokens ([MS-XLS] 2.5.198): constants are put together, everything else stands as `?`. */
export function readFormula(rgce: Buffer, biff8: boolean): XlmFormula {
  const functions: number[] = [];
  const stack: string[] = [];
  const push = (text: string): void => {
    stack.push(text.slice(0, MAX_TEXT));
  };
  let at = 0;
  for (let count = 0; at < rgce.length && count < MAX_TOKENS; count += 1) {
    const token = u8(rgce, at);
    at += 1;
    const kind = token < 0x20 ? token : 0x20 | (token & 0x1f);
    if (kind === 0x17) {
      const read = biff8 ? biffText(rgce, at + 1, u8(rgce, at)) : byteText(rgce, at);
      push(read.text);
      at = read.next;
    } else if (kind === 0x1e) {
      push(String(u16(rgce, at)));
      at += 2;
    } else if (kind === 0x1f) {
      push(at + 8 <= rgce.length ? String(rgce.readDoubleLE(at)) : '?');
      at += 8;
    } else if (kind === 0x08) {
      const right = stack.pop() ?? '?';
      push((stack.pop() ?? '?') + right);
    } else if (kind >= 0x03 && kind <= 0x11) {
      stack.pop();
    } else if (kind === 0x19) {
      at += u8(rgce, at) & 0x04 ? 3 + (u16(rgce, at + 1) + 1) * 2 : 3;
    } else if (kind === 0x21) {
      const id = u16(rgce, at);
      at += 2;
      functions.push(id);
      push(called(id, id === XLM_CHAR ? [stack.pop() ?? '?'] : stack.splice(0)));
    } else if (kind === 0x22) {
      const [given, id] = [u8(rgce, at) & 0x7f, u16(rgce, at + 1) & 0x7fff];
      at += 3;
      functions.push(id);
      push(called(id, given === 0 ? [] : stack.splice(-given)));
    } else if (kind >= 0x12 && kind <= 0x16) {
      if (kind === 0x16) push('');
    } else {
      const length = LENGTHS.get(kind)?.[biff8 ? 0 : 1];
      if (length === undefined) break;
      push('?');
      at += length;
    }
  }
  return { functions, text: stack.join(' ') };
}

function called(id: number, given: readonly string[]): string {
  const code = Number(given[0]);
  if (id === XLM_CHAR && given.length === 1 && code >= 1 && code <= 255) return String.fromCharCode(code);
  const list = given.join(',').slice(0, MAX_TEXT);
  return `${NAMES[id] ?? `F${id}`}(${list})`;
}

/** Before BIFF8: a length byte, then characters of one byte. */
function byteText(bytes: Buffer, at: number): { text: string; next: number } {
  const end = at + 1 + u8(bytes, at);
  return { text: bytes.toString('latin1', at + 1, end), next: end };
}
