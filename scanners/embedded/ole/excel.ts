import { BIFF, biffRecords, biffText, type BiffRecord } from './biff';
import { decryptWorkbook } from './biff-crypto';
import { u16, u8 } from './bytes';
import { candidates, DEFAULT_PASSWORD } from './encrypted';
import { urlMonikers } from './monikers';
import { COMMAND } from './names';
import type { Scene } from './scene';
import { readFormula, XLM_CHAR, XLM_DANGEROUS, XLM_WRITES_FORMULAS } from './xlm';

const MAX_MACRO_TEXT = 1024 * 1024;
const MACRO_SHEET = 1;
const AUTO_NAMES = /^auto_?(open|close|activate|deactivate)/i;
/** Names that Excel knows by number ([MS-XLS] 2.5.114). */
const BUILT_IN_AUTO = new Set([0x01, 0x02, 0x0a, 0x0b]);

interface Workbook {
  biff8: boolean;
  macroSheets: number;
  hiddenMacroSheets: number;
  startsItself: boolean;
  dangerous: boolean;
  written: boolean;
  characters: number;
  lines: string[];
  length: number;
}

/** Looks at workbooks of Excel 5 to 2003: Excel 4 macros, DDE, links; decrypts where a candidate password fits. */
export function lookAtExcel(scene: Scene): void {
  for (const { path, name, kind } of scene.file.entries) {
    if (kind !== 'stream' || !/^(workbook|book)$/i.test(name)) continue;
    const raw = scene.stream(...path);
    if (u16(raw, 0) !== BIFF.bof) continue;
    const stream = readable(scene, raw, name);
    if (stream) judgeWorkbook(scene, stream);
  }
}

/** The stream itself, or decrypted; undefined where no password fits. */
function readable(scene: Scene, raw: Buffer, name: string): Buffer | undefined {
  const { haul, context } = scene;
  let count = 0;
  for (const { type, data } of biffRecords(raw)) {
    if (type === BIFF.filePass) {
      for (const password of candidates(context.passwords)) {
        const plain = decryptWorkbook(raw, data, password);
        if (!plain) continue;
        if (password === DEFAULT_PASSWORD) haul.find('Ole_Default_Password');
        haul.member(`${name} (decrypted)`, plain);
        return plain;
      }
      haul.gap('encrypted');
      return undefined;
    }
    // It stands among the first records ([MS-XLS] 2.1.7.20.3).
    count += 1;
    if (count > 64) break;
  }
  return raw;
}

function judgeWorkbook({ haul }: Scene, stream: Buffer): void {
  const book: Workbook = {
    biff8: true,
    macroSheets: 0,
    hiddenMacroSheets: 0,
    startsItself: false,
    dangerous: false,
    written: false,
    characters: 0,
    lines: [],
    length: 0,
  };
  for (const record of biffRecords(stream)) {
    const { type, data } = record;
    if (type === BIFF.bof && u8(data, 1) !== 0) book.biff8 = u16(data, 0) >= 0x0600;
    else if (type === BIFF.boundSheet) readSheet(book, data);
    else if (type === BIFF.name) readName(book, data);
    else if (type === BIFF.formula) readCell(book, record);
    else if (type === BIFF.supBook) {
      const dde = ddeOf(data);
      if (dde) haul.find(COMMAND.test(dde) ? 'Excel_Dde_Command' : 'Excel_Dde_Link');
    }
  }
  for (const url of urlMonikers(stream)) haul.link(url);
  if (book.macroSheets === 0) return;
  if (book.lines.length > 0) haul.member('Excel 4 macros.txt', Buffer.from(book.lines.join('\n')));
  haul.find(book.hiddenMacroSheets > 0 ? 'Xlm_Hidden_Macro_Sheet' : 'Xlm_Macro_Sheet');
  const works = book.dangerous || (book.written && book.characters >= 8);
  if (!works) return;
  if (book.startsItself) haul.find('Xlm_Runs_On_Open_And_Starts_Programs');
  else haul.find(book.hiddenMacroSheets > 0 ? 'Xlm_Hidden_And_Starts_Programs' : 'Xlm_Starts_Programs');
}

/** BOUNDSHEET ([MS-XLS] 2.4.28): visibility, then the sheet's kind. */
function readSheet(book: Workbook, data: Buffer): void {
  if (u8(data, 5) !== MACRO_SHEET) return;
  book.macroSheets += 1;
  if ((u8(data, 4) & 3) !== 0) book.hiddenMacroSheets += 1;
}

/** A defined name ([MS-XLS] 2.4.150): by number, or spelled with any letters and stray characters between. */
function readName(book: Workbook, data: Buffer): void {
  const builtIn = (u16(data, 0) & 0x20) !== 0;
  const length = u8(data, 3);
  const { text, next } = book.biff8
    ? biffText(data, 14, length)
    : { text: data.toString('latin1', 14, 14 + length), next: 14 + length };
  const spelled = text.replace(/[^\w.]/g, '');
  if (builtIn ? BUILT_IN_AUTO.has(text.charCodeAt(0)) : AUTO_NAMES.test(spelled)) book.startsItself = true;
  keepFormula(book, data.subarray(next, next + u16(data, 4)), spelled);
}

function readCell(book: Workbook, { data }: BiffRecord): void {
  if (book.macroSheets > 0) keepFormula(book, data.subarray(22, 22 + u16(data, 20)), '');
}

function keepFormula(book: Workbook, rgce: Buffer, name: string): void {
  const { functions, text } = readFormula(rgce, book.biff8);
  for (const id of functions) {
    if (XLM_DANGEROUS.has(id)) book.dangerous = true;
    if (id === XLM_WRITES_FORMULAS) book.written = true;
    if (id === XLM_CHAR) book.characters += 1;
  }
  if (book.length > MAX_MACRO_TEXT || text === '' || text === '?') return;
  book.lines.push(`${name}=${text}`);
  book.length += text.length;
}

/** The server and topic of a DDE link ([MS-XLS] 2.5.277): they stand around a mark, paths of files begin with one. */
function ddeOf(data: Buffer): string | undefined {
  const length = u16(data, 2);
  if (length === 0 || length > 0xff) return undefined;
  const { text } = biffText(data, 4, length);
  const mark = text.indexOf('\x03');
  if (mark <= 0 || text.charCodeAt(0) < 32) return undefined;
  // Classes of linked objects have a point in their names, programs that serve DDE have none.
  return text.slice(0, mark).includes('.') && !COMMAND.test(text) ? undefined : text;
}
