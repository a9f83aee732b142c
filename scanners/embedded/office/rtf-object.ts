import type { Found } from './found';
import type { HexSink } from './hex-sink';
import { readOle1, readPackage, type Ole1Object } from './ole1';
import { targetKind } from './targets';
import { isPlainEquation } from '../ole/equation-object';

const COMPOUND = 'd0cf11e0a1b11ae1';
const hex = (text: string): Buffer => Buffer.from(text, 'hex');

/** Classes by identifier, as a compound file and a moniker store them ([MS-OSHARED], [MS-DTYP] 2.3.4.2). */
const CLASSES: readonly { id: Buffer; kind: 'equation' | 'moniker' | 'script' | 'control' }[] = [
  { id: hex('02ce020000000000c000000000000046'), kind: 'equation' },
  { id: hex('e0c9ea79f9bace118c8200aa004ba90b'), kind: 'moniker' },
  { id: hex('0303000000000000c000000000000046'), kind: 'moniker' },
  { id: hex('c7b0abec197fd211978e0000f8757e2a'), kind: 'moniker' },
  { id: hex('c6afabec197fd211978e0000f8757e2a'), kind: 'moniker' },
  { id: hex('d8f45030b598cf11bb8200aa00bdce0b'), kind: 'script' },
  { id: hex('20693325f903cf118fd000aa00686f13'), kind: 'script' },
  { id: hex('d30b2906aa48d2118432006008c3fbfc'), kind: 'script' },
  { id: hex('61f956880a34d011a96b00c04fd705a2'), kind: 'control' },
  { id: hex('4bf0d1bd8b85d111b16a00c0f0283628'), kind: 'control' },
  { id: hex('3d038aa0751ab64aa166ead02f547959'), kind: 'control' },
];
const SCRIPT_CLASS =
  /^(htmlfile|scriptletfile|script|scriptlet|wscript|jsfile|vbsfile|htafile|shell\.explorer|internetexplorer)/i;
const OLD_CONTROL = /^(mscomctl|comctl|mscomctllib|otkloadr|shockwaveflash|adobe flash)/i;
const RUNNABLE =
  /\.(exe|com|scr|pif|bat|cmd|vbs|vbe|js|jse|wsf|wsh|wsc|sct|hta|ps1|psm1|msi|msp|cpl|lnk|dll|jar|reg|url|chm|inf|iso|img|vhdx?|settingcontent-ms|library-ms|search-ms|appref-ms|application|xll|wll)[\s.]*$/i;

/** What the text around an object says of it. */
export interface RtfObject {
  className: string;
  updates: boolean;
  link: boolean;
}

/**
 * Judges an embedded object and gives what is inside as members.
 * @param number which of the document's objects this is
 */
export function openRtfObject(sink: HexSink, object: RtfObject, number: number, found: Found): void {
  const digits = sink.hex();
  if (sink.over) found.gaps.add('limit_reached');
  if (digits.length < 16) return;
  const bytes = Buffer.from(digits.slice(0, digits.length & ~1), 'hex');
  const place = [`object-${number}`];
  // Digits may begin in the middle of a byte; a compound file shows where bytes are.
  const compound = digits.indexOf(COMPOUND);
  const shifted =
    compound % 2 === 1
      ? Buffer.from(digits.slice(compound, compound + ((digits.length - compound) & ~1)), 'hex')
      : undefined;
  const ole = readOle1(bytes);
  const content = shifted ?? bytes;
  const names = [ole?.className ?? object.className, ...(ole && object.className !== '' ? [object.className] : [])];
  for (const name of names) judgeClass(name, place, found);
  if (names.some((name) => /^equation\.[23]/i.test(name)) || hasClass(content, 'equation')) {
    judgeEditor(compound < 0 ? undefined : (shifted ?? bytes.subarray(compound / 2)), place, found);
  }
  judgeContent(content, object, place, found);
  if (ole?.linked) judgeLink(ole, place, found);
  else if (ole && /^package/i.test(ole.className) && addPackage(ole.data, place, found)) return;
  if (shifted) found.members.push({ name: `object-${number}`, data: shifted });
  else if (compound >= 0) found.members.push({ name: `object-${number}`, data: bytes.subarray(compound / 2) });
  // Bytes before the compound file may hold another object.
  if (compound !== 0)
    found.members.push({ name: `object-${number}.bin`, data: ole && ole.data.length > 0 ? ole.data : bytes });
}

function judgeClass(name: string, place: string[], found: Found): void {
  if (SCRIPT_CLASS.test(name)) {
    found.find('Rtf_Script_Object', 'high', 'The document embeds a web page or script as an object.', place);
  } else if (OLD_CONTROL.test(name)) {
    found.find('Rtf_Old_Control', 'medium', 'The document embeds a control that attacks are known for.', place);
  } else if (/macroenabled/i.test(name)) {
    found.find('Rtf_Macro_Object', 'medium', 'The document embeds a workbook or document with macros.', place);
  }
}

const hasClass = (bytes: Buffer, wanted: (typeof CLASSES)[number]['kind']): boolean =>
  CLASSES.some(({ id, kind }) => kind === wanted && bytes.includes(id));

/** Honest equations lie in a compound file, in a stream that reads like one to its end. */
function judgeEditor(compound: Buffer | undefined, place: string[], found: Found): void {
  const plain = compound !== undefined && isPlainEquation(compound);
  found.find(
    'Rtf_Equation_Object',
    plain ? 'low' : 'high',
    plain
      ? 'The document embeds an equation of the old equation editor.'
      : 'The document embeds an object of the old equation editor, as attacks on it do.',
    place,
  );
}

function judgeContent(bytes: Buffer, object: RtfObject, place: string[], found: Found): void {
  const kinds = new Set(CLASSES.filter(({ id }) => bytes.includes(id)).map(({ kind }) => kind));
  if (kinds.has('script'))
    found.find('Rtf_Script_Object', 'high', 'The document embeds a web page or script as an object.', place);
  if (kinds.has('control'))
    found.find('Rtf_Old_Control', 'medium', 'The document embeds a control that attacks are known for.', place);
  if (kinds.has('moniker') && hasAddress(bytes)) {
    found.find(
      'Rtf_Object_From_Network',
      'high',
      'The document embeds a link that loads an object from the network.',
      place,
    );
  } else if (object.updates && (object.link || kinds.has('moniker'))) {
    found.find(
      'Rtf_Link_Updates',
      'medium',
      'The document embeds a link that is followed as soon as the document is opened.',
      place,
    );
  }
}

const ADDRESSES = ['http:', 'https:', 'ftp:', '\\\\', 'script:', 'file:'];

function hasAddress(bytes: Buffer): boolean {
  return ADDRESSES.some((scheme) =>
    [scheme, scheme.toUpperCase()].some((text) => bytes.includes(Buffer.from(text, 'utf16le')) || bytes.includes(text)),
  );
}

function judgeLink(ole: Ole1Object, place: string[], found: Found): void {
  const { kind } = targetKind(ole.topic);
  if (kind === 'web' || kind === 'share' || kind === 'handler') {
    found.find(
      'Rtf_Object_From_Network',
      'high',
      'The document embeds a link that loads an object from the network.',
      place,
    );
    found.link(ole.topic);
  }
}

function addPackage(data: Buffer, place: string[], found: Found): boolean {
  const file = readPackage(data);
  if (!file) return false;
  if (!file.whole) found.gaps.add('malformed');
  found.members.push({ name: file.name, data: file.data });
  if (RUNNABLE.test(file.name) || file.data.toString('latin1', 0, 2) === 'MZ') {
    found.find('Rtf_Package_Program', 'high', 'The document carries a program or script as a package inside.', place);
  } else found.find('Rtf_Package', 'info', 'The document carries a file as a package inside.', place);
  return true;
}
