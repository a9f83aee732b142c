import { u16, u32, u8 } from './bytes';
import type { OleRule } from './findings';

const HEADER_BYTES = 28;
const MAX_RECORDS = 20_000;
const END = 0;
const LINE = 1;
const CHAR = 2;
const TEMPLATE = 3;
const PILE = 4;
const MATRIX = 5;
const EMBELLISHMENT = 6;
const RULER = 7;
const FONT = 8;
const SIZE = 9;
/** The old editor's buffer for a font name; longer ones overwrite its stack (CVE-2017-11882). */
const LONGEST_FONT = 31;

/**
 * Judges an `Equation Native` stream: header ([MS-OLEDS] does not tell; "MTEF storage in equation objects" of Design
 * Science does), then MTEF records. `old`: the object belongs to the editor that is attacked. Undefined for equations of
 * its successors.
 */
export function judgeEquation(bytes: Buffer, old: boolean): OleRule | undefined {
  const mtef = bytes.subarray(u16(bytes, 0));
  const version = u8(mtef, 0);
  if (u16(bytes, 0) !== HEADER_BYTES || u32(bytes, 8) > bytes.length || version === 0) {
    return 'Ole_Equation_Object';
  }
  if (version >= 4 && !old) return undefined;
  if (version !== 3) return 'Ole_Equation_Object';
  const read = readRecords(mtef.subarray(0, u32(bytes, 8) || undefined), version);
  if (read === 'overlong') return 'Ole_Equation_Exploit';
  return read === 'plain' ? 'Ole_Equation_Plain' : 'Ole_Equation_Object';
}

/**
 * Judges what an equation object keeps as native data of OLE 1, as the editor's first versions did; from version 3 on only
 * attacks do. Behind the length there is MTEF without the header.
 */
export function judgeNativeEquation(bytes: Buffer): OleRule {
  const mtef = bytes.subarray(4);
  const version = u8(mtef, 0);
  if (version < 1 || version > 3) return 'Ole_Equation_Exploit';
  const read = readRecords(mtef, version);
  if (read === 'plain') return 'Ole_Equation_Plain';
  return version < 3 && read === 'strange' ? 'Ole_Equation_Object' : 'Ole_Equation_Exploit';
}

/**
 * Walks records of MTEF up to version 3 by their nesting; each has its type in the low half of a byte and options in the high
 * half. Characters have two bytes from version 3 on.
 */
function readRecords(mtef: Buffer, version: number): 'plain' | 'overlong' | 'strange' {
  let [at, depth] = [5, 1];
  for (let count = 0; depth > 0 && at < mtef.length; count += 1) {
    if (count > MAX_RECORDS) return 'strange';
    const [type, options] = [u8(mtef, at) & 15, u8(mtef, at) >> 4];
    at += 1;
    if (type === FONT) {
      const end = mtef.indexOf(0, at + 2);
      if (end < 0 || end - at - 2 > LONGEST_FONT) return 'overlong';
      at = end + 1;
      continue;
    }
    if (type === MATRIX && (u8(mtef, at + 3) > 31 || u8(mtef, at + 4) > 31)) return 'overlong';
    if (type === END) depth -= 1;
    else if ((type === LINE && (options & 1) === 0) || type === TEMPLATE || type === PILE || type === MATRIX)
      depth += 1;
    const next = skip(mtef, at, type, options, version);
    if (next === undefined) return 'strange';
    at = next;
    if (type === CHAR && options & 2) depth += 1;
  }
  return 'plain';
}

function skip(mtef: Buffer, start: number, type: number, options: number, version: number): number | undefined {
  let at = start;
  if (type <= EMBELLISHMENT && type !== END && options & 8) {
    at += u8(mtef, at) === 128 && u8(mtef, at + 1) === 128 ? 6 : 2;
  }
  if (type === END) return at;
  if (type === LINE)
    return options & 1 ? at : at + (options & 4 ? 2 : 0) + (options & 2 ? rulerBytes(mtef, at + 1) : 0);
  if (type === CHAR) return at + (version < 3 ? 2 : 3);
  if (type === TEMPLATE) return at + 3;
  if (type === PILE) return at + 2 + (options & 2 ? rulerBytes(mtef, at + 3) : 0);
  if (type === MATRIX) {
    const [rows, columns] = [u8(mtef, at + 3), u8(mtef, at + 4)];
    return at + 5 + Math.ceil((rows + 1) / 4) + Math.ceil((columns + 1) / 4);
  }
  if (type === EMBELLISHMENT) return at + 1;
  if (type === RULER) return at + 1 + u8(mtef, at) * 3;
  if (type === SIZE) return at + (u8(mtef, at) === 101 ? 3 : u8(mtef, at) === 100 ? 4 : 2);
  return type <= 14 ? at : undefined;
}

const rulerBytes = (mtef: Buffer, at: number): number => 2 + u8(mtef, at) * 3;
