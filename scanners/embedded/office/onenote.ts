import type { Opened, OpenContext } from '../opener';
import { Found } from './found';

/** Header and footer of a file kept in a notebook ([MS-ONESTORE] 2.6.13, FileDataStoreObject). */
const HEADER = Buffer.from('e716e3bd65261145a4c48d4d0b7a9eac', 'hex');
const HEADER_BYTES = 36;
const MAX_NAMES = 500;
const RUNNABLE =
  /\.(exe|com|scr|pif|bat|cmd|vbs|vbe|js|jse|wsf|wsh|wsc|sct|hta|ps1|msi|cpl|lnk|dll|jar|reg|url|chm|iso|img|vhdx?)$/i;
/** Beginnings of programs and shortcuts. */
const PROGRAMS = ['4d5a', '4c0000000114020000000000c000000000000046'];
const PICTURE = /^(89504e47|ffd8ff|47494638|424d|49492a00|4d4d002a|d7cdc69a|01000000)/;

/** Opens a OneNote section: every file and picture kept in it, with the names that are found for files. */
export function openOneNote(data: Uint8Array, { budget }: OpenContext): Opened {
  const found = new Found();
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const files: Buffer[] = [];
  let left = budget.totalBytes;
  for (let at = bytes.indexOf(HEADER); at >= 0; at = bytes.indexOf(HEADER, at + HEADER_BYTES)) {
    if (at + HEADER_BYTES > bytes.length) break;
    const size = Number(bytes.readBigUInt64LE(at + 16));
    const start = at + HEADER_BYTES;
    if (start + size > bytes.length) found.gaps.add('malformed');
    const file = bytes.subarray(start, Math.min(bytes.length, start + size));
    if (file.length > budget.memberBytes || file.length > left || files.length >= budget.members) {
      found.gaps.add('limit_reached');
      break;
    }
    left -= file.length;
    if (file.length > 0) files.push(file);
  }
  const kept = files.filter((file) => !PICTURE.test(file.toString('hex', 0, 4)));
  const names = fileNames(bytes);
  for (const file of files) {
    const index = kept.indexOf(file);
    // Names stand apart from the files; in the same order where there are as many of them.
    const name = index >= 0 && names.length === kept.length ? names[index] : undefined;
    found.members.push({ name: name ?? `file-${found.members.length + 1}`, data: file });
  }
  judge(kept, names, found);
  return found.opened();
}

function judge(files: readonly Buffer[], names: readonly string[], found: Found): void {
  if (files.length === 0) return;
  found.find('OneNote_Embedded_File', 'info', 'The notebook carries files that a click opens.');
  const program = files.some((file) => PROGRAMS.some((start) => file.toString('hex', 0, start.length / 2) === start));
  if (program || names.some((name) => RUNNABLE.test(name))) {
    found.find(
      'OneNote_Runnable_File',
      'high',
      'The notebook carries a program, script or shortcut that a click starts.',
    );
  }
}

/** Names as properties store them: a length in bytes, then UTF-16 with a dot and a short ending ([MS-ONE] 2.3.44). */
function fileNames(bytes: Buffer): string[] {
  const names: string[] = [];
  for (
    let at = bytes.indexOf('.\0', 0, 'latin1');
    at >= 0 && names.length < MAX_NAMES;
    at = bytes.indexOf('.\0', at + 2, 'latin1')
  ) {
    let start = at;
    while (start >= 2 && at - start < 520 && isNameUnit(bytes.readUInt16LE(start - 2))) start -= 2;
    let end = at + 2;
    while (end + 2 <= bytes.length && end - at < 520 && isNameUnit(bytes.readUInt16LE(end))) end += 2;
    const terminated = end + 2 <= bytes.length && bytes.readUInt16LE(end) === 0;
    const size = start >= 4 ? bytes.readUInt32LE(start - 4) : 0;
    // The length counts the zero behind the name, or does not.
    const measured = size === end - start || (terminated && size === end - start + 2);
    const name = bytes.toString('utf16le', start, end);
    if (measured && /^[^\\/:]{1,250}\.\w{1,12}$/.test(name) && !names.includes(name)) names.push(name);
    // Every other dot of this run belongs to the same name.
    at = end - 2;
  }
  return names;
}

const isNameUnit = (unit: number): boolean =>
  unit >= 0x20 && unit < 0xd800 && !'\\/:*?"<>|'.includes(String.fromCharCode(unit));
