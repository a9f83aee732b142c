import { isTarHeader } from '../tar';
import { isRawDeflate, isZlibStream } from '../zlib-stream';
import { isText } from './text';

/** What hidden bytes turn out to be. `program`, `disk`, `archive`, `office` and `script` are what smugglers carry; a `stream` is deflated. */
export type PayloadKind =
  'program' | 'disk' | 'archive' | 'stream' | 'office' | 'document' | 'script' | 'page' | 'image' | 'other' | 'none';

const MAGIC: readonly (readonly [string, PayloadKind])[] = [
  ['7f454c46', 'program'],
  ['cffaedfe', 'program'],
  ['cefaedfe', 'program'],
  ['4c0000000114020000000000c0', 'program'],
  ['6465780a303335', 'program'],
  ['504b0304', 'archive'],
  ['504b0506', 'archive'],
  ['526172211a07', 'archive'],
  ['377abcaf271c', 'archive'],
  ['1f8b08', 'archive'],
  ['425a68', 'archive'],
  ['fd377a585a00', 'archive'],
  ['4d53434600000000', 'archive'],
  ['28b52ffd', 'archive'],
  ['1f9d90', 'archive'],
  ['04224d18', 'archive'],
  ['4c5a495001', 'archive'],
  ['213c617263683e0a', 'archive'],
  ['303730373031', 'archive'],
  ['edabeedb', 'archive'],
  ['78617221', 'archive'],
  ['4d5357494d000000', 'archive'],
  ['68737173', 'disk'],
  ['4b444d56', 'disk'],
  ['514649fb', 'disk'],
  ['789f3e22', 'document'],
  ['636f6e6563746978', 'disk'],
  ['7668647866696c65', 'disk'],
  ['d0cf11e0a1b11ae1', 'office'],
  ['7b5c7274', 'office'],
  ['e4525c7b8cd8a74daeb15378d02996d3', 'office'],
  ['255044462d', 'document'],
  ['49545346', 'document'],
  ['58354f2150254041', 'program'],
  ['89504e47', 'image'],
  ['ffd8ff', 'image'],
  ['47494638', 'image'],
  ['52494646', 'image'],
  ['424d', 'image'],
  ['00000100', 'image'],
  ['774f4646', 'none'],
  ['774f4632', 'none'],
  ['4f54544f', 'none'],
  ['0001000000', 'none'],
];
const CMS = Buffer.from('06092a864886f70d0107', 'hex');
const SCRIPT =
  /\b(wscript\.shell|wscript\.createobject|createobject\s?\(|activexobject|powershell|invoke-expression|frombase64string|shellexecute|adodb\.stream|cmd(\.exe)? \/c|@echo off|urldownloadtofile|#!\/bin\/(ba)?sh|eval\s?\()/i;
const PAGE = /<(html|script|body|iframe|form|meta|svg|!doctype|hta:application)[\s>]/i;

/** What bytes are by their beginning. Fonts and the like are `none`; text without meaning to a scanner is `other`. */
export function payloadKind(data: Uint8Array): PayloadKind {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (bytes.length < 8) return 'none';
  if (isProgram(bytes)) return 'program';
  const head = bytes.toString('hex', 0, 16);
  const known = MAGIC.find(([hex]) => head.startsWith(hex));
  if (known) return known[1];
  // A CMS message (RFC 5652), as S/MIME and its text form have it.
  if (bytes[0] === 0x30 && bytes.subarray(0, 24).includes(CMS)) return 'document';
  if (bytes.toString('latin1', 32_769, 32_774) === 'CD001') return 'disk';
  if (isTarHeader(bytes, 0)) return 'archive';
  if (isZlibStream(bytes) || isRawDeflate(bytes)) return 'stream';
  if (!isText(bytes)) return 'none';
  const text = bytes.toString('latin1', 0, 65_536).replaceAll('\0', '');
  if (PAGE.test(text)) return 'page';
  if (SCRIPT.test(text)) return 'script';
  // Words that happen to be base64 come out as bytes of which few are letters.
  const letters = text.slice(0, 400).replace(/[^\x20-\x7e\s]+/g, '').length;
  return letters >= Math.min(text.length, 400) * 0.8 ? 'other' : 'none';
}

function isProgram(bytes: Buffer): boolean {
  if (bytes[0] !== 0x4d || bytes[1] !== 0x5a) return false;
  if (bytes.length < 64) return false;
  const at = bytes.readUInt32LE(0x3c);
  // A DOS program or one whose rest is still hidden has no such header, but zeros where every linker writes them.
  return bytes.toString('latin1', at, at + 4) === 'PE\0\0' || (bytes.length > 512 && bytes.readUInt32LE(28) === 0);
}

/** The first bytes of what smugglers hide, for finding the key of an exclusive-or. */
export const KNOWN_STARTS: readonly Buffer[] = [
  'MZ\x90\0\x03\0\0\0',
  'PK\x03\x04',
  'Rar!\x1a\x07',
  '7z\xbc\xaf\x27\x1c',
  'X5O!P%@AP',
  '%PDF-1.',
  '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1',
  '<html',
  '<!DOCTYPE',
  '<script',
].map((text) => Buffer.from(text, 'latin1'));

const RISKY_NAME =
  /\.(exe|scr|pif|com|dll|cpl|msi|msp|bat|cmd|ps1|vbs|vbe|js|jse|wsf|wsh|hta|lnk|url|iso|img|vhdx?|jar|chm|scf|reg|xll|docm|xlsm|pptm|one|zip|rar|7z)$/i;

/** Whether a hidden archive is one that smugglers carry: encrypted, or with a program, script, disk or archive inside. */
export function isRiskyArchive(data: Uint8Array): boolean {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (bytes.readUInt16LE(0) !== 0x4b50) return bytes[0] !== 0x1f;
  let at = 0;
  for (let count = 0; count < 2_000; count += 1) {
    at = bytes.indexOf('PK\x03\x04', at, 'latin1');
    if (at < 0 || at + 30 > bytes.length) return false;
    const name = bytes.toString('latin1', at + 30, Math.min(at + 30 + bytes.readUInt16LE(at + 26), at + 1_054));
    if ((bytes.readUInt16LE(at + 6) & 1) === 1 || RISKY_NAME.test(name)) return true;
    at += 30;
  }
  return false;
}
