import { clsidAt } from './cfb-directory';
import { judgeEquation, judgeNativeEquation } from './equation';
import { utf16, u16, u32 } from './bytes';
import { baseName, COMMAND, runsWhenOpened } from './names';
import { readPackage } from './package';
import type { Scene } from './scene';

/** Classes whose objects run scripts or open web content by themselves; none has a place in a document. */
const DANGEROUS = new Set([
  'eab22ac3-30c1-11cf-a7eb-0000c05bae0b', // web browser control, first version
  '3050f4d8-98b5-11cf-bb82-00aa00bdce0b', // HTML application
  '06290bd2-48aa-11d2-8432-006008c3fbfc', // scriptlet file
  '06290bd3-48aa-11d2-8432-006008c3fbfc', // scriptlet moniker
  '0e59f1d5-1fbe-11d0-8ff2-00a0d10038bc', // script control
  'f414c260-6ac0-11cf-b6d1-00aa00bbbb58', // JScript
  'b54f3741-5b07-11cf-a4b0-00aa004a55e8', // VBScript
  'f935dc22-1cf0-11d0-adb9-00c04fd58a0b', // WScript.Shell
  '72c24dd5-d70a-438b-8a42-98424b88afb8', // WScript.Shell
  '13709620-c279-11ce-a49e-444553540000', // Shell.Application
]);
/** Controls of known attacks (CVE-2012-0158, CVE-2012-1856, CVE-2015-1642, CVE-2018-4878 and the like). */
const RISKY = new Set([
  'bdd1f04b-858b-11d1-b16a-00c0f0283628',
  '996bf5e0-8044-4650-adeb-0b013914e99c',
  'c74190b6-8589-11d1-b16a-00c0f0283628',
  '9181dc5f-e07d-418a-aca6-8eea1ecb8e9e',
  '1efb6596-857c-11d1-b16a-00c0f0283628',
  '24b224e0-9545-4a2f-abd5-86aa8a849385',
  'd27cdb6e-ae6d-11cf-96b8-444553540000',
  '44f9a03b-a3ec-4f3b-9364-08e0007f21df',
  '8856f961-340a-11d0-a96b-00c04fd705a2',
  '25336920-03f9-11cf-8fd0-00aa00686f13',
  '3050f3d9-98b5-11cf-bb82-00aa00bdce0b',
  'ae24fdae-03c6-11d1-8b76-0080c744f389',
]);
const EQUATIONS = new Set(['0002ce02-0000-0000-c000-000000000046']);
const URL_MONIKER = '79eac9e0-baf9-11ce-8c82-00aa004ba90b';
const ICON_LIBRARY = /\.(dll|ico|icl)$|[\\/]system32[\\/]/i;
const FILE_MONIKER = '00000303-0000-0000-c000-000000000046';

/** Looks at embedded objects: files in packages, classes, links to elsewhere, equations. */
export function lookAtObjects(scene: Scene): void {
  judgeClass(scene, scene.file.rootClsid, []);
  for (const { kind, name, path, clsid } of scene.file.entries) {
    if (kind === 'storage') judgeClass(scene, clsid, path);
    else if (/^\x01Ole10Native$/i.test(name)) openPackage(scene, path);
    else if (/^\x01Ole$/i.test(name)) judgeLink(scene, path);
    else if (/^Equation Native$/i.test(name)) {
      const rule = judgeEquation(scene.stream(...path), EQUATIONS.has(classOf(scene, path)));
      if (rule) scene.haul.find(rule, ...place(path));
    }
  }
}

const place = (path: readonly string[]): string[] => (path.length > 1 ? [path.slice(0, -1).join('/')] : []);

/** The class of the storage that a stream stands in. */
function classOf({ file }: Scene, path: readonly string[]): string {
  return path.length > 1 ? (file.findStorage(...path.slice(0, -1))?.clsid ?? '') : file.rootClsid;
}

function judgeClass({ file, haul }: Scene, clsid: string, path: readonly string[]): void {
  const where = path.length > 0 ? [path.join('/')] : [];
  if (DANGEROUS.has(clsid)) haul.find('Ole_Dangerous_Class', ...where);
  if (RISKY.has(clsid)) haul.find('Ole_Risky_Control', ...where);
  // The editor takes its data from any stream that the class may load; without its own there is nothing else to judge by.
  const known = ['Equation Native', '\x01Ole10Native'].some((name) => file.find(...path, name));
  if (EQUATIONS.has(clsid) && !known) haul.find('Ole_Equation_Object', ...where);
}

/** Object Packager and OLE 1 data: the file inside is a part with its own name. */
function openPackage(scene: Scene, path: readonly string[]): void {
  const { haul } = scene;
  const bytes = scene.stream(...path);
  const found = readPackage(bytes);
  if (EQUATIONS.has(classOf(scene, path))) haul.find(judgeNativeEquation(bytes), ...place(path));
  if (!found) {
    // Native data of a class of its own: four bytes of length, then whatever that class writes.
    const size = u32(bytes, 0);
    if (size > 0 && size <= bytes.length - 4) haul.member(`${place(path)[0] ?? 'object'}.native`, bytes.subarray(4));
    return;
  }
  const { name, command, data } = found;
  const step = baseName(name) || 'package';
  if (data.length > 0) haul.member(step, data);
  const entry = scene.file.find(...path);
  if (entry) scene.taken.add(entry);
  haul.find('Ole_Embedded_File', ...place(path), step);
  // Old writers put the library of the icon where others put the file's source.
  const source = ICON_LIBRARY.test(found.source) ? command : found.source;
  if ([name, source].some(runsWhenOpened) || data.toString('latin1', 0, 2) === 'MZ') {
    haul.find('Ole_Embedded_Program', ...place(path), step);
  }
  if (data.length === 0 && (COMMAND.test(command) || runsWhenOpened(command))) {
    haul.find('Ole_Package_Starts_Command', ...place(path), step);
  }
}

/** The `\1Ole` stream of a linked object ([MS-OLEDS] 2.3.3): where it is loaded from. */
function judgeLink(scene: Scene, path: readonly string[]): void {
  const { haul } = scene;
  const bytes = scene.stream(...path);
  for (let at = 20; at + 16 <= bytes.length && at < 65_536; at += 1) {
    // Both monikers have this byte pattern in front; everything else is skipped without making text of it.
    if (bytes[at] !== 0xe0 && bytes[at] !== 0x03) continue;
    const clsid = clsidAt(bytes, at);
    if (clsid === URL_MONIKER) {
      const url = utf16(bytes.subarray(at + 20, at + 20 + Math.min(u32(bytes, at + 16), 8_192)));
      haul.link(url, ...place(path));
      if (/^\s*(https?|ftps?|mhtml|script|its|mk|ms-[a-z]+):/i.test(url))
        haul.find('Ole_Linked_To_Web', ...place(path));
    } else if (clsid === FILE_MONIKER) {
      const target = bytes.toString('latin1', at + 22, at + 22 + Math.min(u32(bytes, at + 18), 2_048));
      if (/^\\\\|^file:\/\//i.test(target)) haul.find('Ole_Linked_To_Share', ...place(path));
      if (/^https?:|@ssl|davwwwroot/i.test(target)) haul.find('Ole_Linked_To_Web', ...place(path));
    }
  }
  if (u16(bytes, 0) === 1 && bytes.includes(Buffer.from('script:', 'utf16le'))) {
    haul.find('Ole_Linked_To_Web', ...place(path));
  }
}
