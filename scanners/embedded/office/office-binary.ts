import type { Opened, OpenContext } from '../opener';
import { Found } from './found';
import { judgeDde } from './ooxml-parts';

/** Records of [MS-XLSB] 2.3.2 that say something here. */
const NAME = 39;
const SHEET = 156;
const SUP_BOOK = 360;
const FORMULAS = [8, 9, 10, 11];
const MAX_RECORDS = 2_000_000;

/** Opens a binary part of a workbook (`.xlsb`): names that run by themselves, macro formulas, data from other programs. */
export function openOfficeBinary(data: Uint8Array, { name }: OpenContext): Opened {
  const found = new Found();
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const macros = /macrosheets?[\\/]/i.test(name);
  if (macros) found.find('Ooxml_Macro_Sheet', 'medium', 'The workbook contains a macro sheet of Excel 4.');
  for (const { type, body } of recordsOf(bytes)) {
    if (type === NAME && /^(_xlnm\.)?auto_(open|close|activate|deactivate)/i.test(textAt(body, 9))) {
      found.find('Excel4_Macro_Runs_On_Open', 'high', 'A macro of Excel 4 runs when the workbook is opened or closed.');
    } else if (type === SHEET && body.length > 4 && (body[0] ?? 0) === 2) {
      found.find(
        'Excel_Sheet_Very_Hidden',
        'info',
        'The workbook has a sheet that the program does not offer to show.',
      );
    } else if (type === SUP_BOOK && body.length > 6 && body.readUInt16LE(0) === 1) {
      const service = textAt(body, 2);
      judgeDde(service, textAt(body, 6 + service.length * 2), found);
    } else if (macros && FORMULAS.includes(type) && callsOut(body)) {
      found.find(
        'Excel4_Macro_Runs_Program',
        'high',
        'A macro of Excel 4 starts a program, calls a library or writes a file.',
      );
    }
  }
  return found.opened();
}

/** Type in one or two bytes, size in up to four, seven bits each ([MS-XLSB] 2.1.4). */
function* recordsOf(bytes: Buffer): Generator<{ type: number; body: Buffer }> {
  for (let at = 0, left = MAX_RECORDS; at < bytes.length && left > 0; left -= 1) {
    let type = bytes[at++] ?? 0;
    if (type & 0x80) type = (type & 0x7f) | (((bytes[at++] ?? 0) & 0x7f) << 7);
    let size = 0;
    for (let index = 0; index < 4; index += 1) {
      const byte = bytes[at++] ?? 0;
      size |= (byte & 0x7f) << (7 * index);
      if (!(byte & 0x80)) break;
    }
    yield { type, body: bytes.subarray(at, at + size) };
    at += size;
  }
}

/** A text: number of characters, then UTF-16. */
function textAt(body: Buffer, at: number): string {
  if (at + 4 > body.length) return '';
  const length = body.readUInt32LE(at);
  return length > 4_096 ? '' : body.toString('utf16le', at + 4, Math.min(body.length, at + 4 + length * 2));
}

/** EXEC, REGISTER, CALL, FWRITE and FWRITELN as function tokens ([MS-XLS] 2.5.198.17, Ftab and Cetab). */
function callsOut(body: Buffer): boolean {
  const functions = [110, 149, 150, 137, 138];
  for (let at = 0; at + 3 < body.length; at += 1) {
    const token = body[at] ?? 0;
    const variable = token === 0x22 || token === 0x42 || token === 0x62;
    const fixed = token === 0x21 || token === 0x41 || token === 0x61;
    if (variable && (body[at + 1] ?? 99) < 32 && functions.includes(body.readUInt16LE(at + 2) & 0x7fff)) return true;
    if (fixed && functions.includes(body.readUInt16LE(at + 1))) return true;
  }
  return false;
}
