import type { UnscannableReason } from '../../domain/words';
import type { Member, Opened, OpenContext, PartFinding, PartLink } from './opener';
import { isRemoteShare, startsCommand, COMMANDS } from './shortcut-rules';
import { isText } from './web/text';
import { encodedCommands, hiddenMembers, withinBudget } from './web/script';

/** A shell link's parts, [MS-SHLLINK] 2. */
export interface ShellLink {
  /** Paths that it may lead to: of the local file, of the network share, relative, in the environment block. */
  targets: string[];
  arguments: string;
  icon: string;
  /** Whether the window is shown minimised. */
  minimised: boolean;
  /** Behind the last block. */
  end: number;
  /** Whether a block was cut off. */
  cut: boolean;
}

const [HAS_IDS, HAS_INFO, HAS_NAME, HAS_RELATIVE, HAS_FOLDER, HAS_ARGUMENTS, HAS_ICON, IS_UNICODE] = [
  1, 2, 4, 8, 16, 32, 64, 128,
];
const ENVIRONMENT = 0xa000_0001;
const ICON_ENVIRONMENT = 0xa000_0007;
const DOCUMENT_ICON =
  /(acrord32|acrobat|winword|excel|powerpnt|wordpad|notepad|imageres|shell32|msedge|chrome|firefox|\.(pdf|docx?|xlsx?|txt|jpe?g|png|ico))/i;

/** Reads a shell link; tolerant to what is missing at its end. */
export function readShellLink(bytes: Buffer): ShellLink {
  const link: ShellLink = { targets: [], arguments: '', icon: '', minimised: false, end: 76, cut: bytes.length < 76 };
  if (link.cut) return link;
  const flags = bytes.readUInt32LE(20);
  link.minimised = bytes.readUInt32LE(60) === 7;
  const reader = new Reader(bytes, 76);
  if (flags & HAS_IDS) link.targets.push(...idNames(reader.take(reader.u16())));
  if (flags & HAS_INFO) {
    const size = reader.peek32();
    const info = reader.take(Math.max(size, 4));
    link.targets.push(...infoPaths(info));
  }
  const wide = (flags & IS_UNICODE) !== 0;
  if (flags & HAS_NAME) reader.text(wide);
  if (flags & HAS_RELATIVE) link.targets.push(reader.text(wide));
  if (flags & HAS_FOLDER) reader.text(wide);
  if (flags & HAS_ARGUMENTS) link.arguments = reader.text(wide);
  if (flags & HAS_ICON) link.icon = reader.text(wide);
  readExtras(reader, link);
  link.end = reader.at;
  link.cut = reader.cut;
  return link;
}

/** Blocks behind the strings, [MS-SHLLINK] 2.5, until one shorter than four bytes. */
function readExtras(reader: Reader, link: ShellLink): void {
  for (let count = 0; count < 64 && !reader.cut; count += 1) {
    const size = reader.peek32();
    if (size < 4 || reader.left() < 4) {
      reader.take(Math.min(4, reader.left()));
      return;
    }
    if (size < 8) return;
    const block = reader.take(size);
    if (block.length < 8) return;
    const kind = block.readUInt32LE(4);
    if (kind !== ENVIRONMENT && kind !== ICON_ENVIRONMENT) continue;
    const wide = block.subarray(268, 788).toString('utf16le').replace(/\0.*$/s, '');
    const path = wide === '' ? block.toString('latin1', 8, 268).replace(/\0.*$/s, '') : wide;
    if (kind === ENVIRONMENT) link.targets.push(path);
    else if (path !== '') link.icon = path;
  }
}

class Reader {
  at: number;
  cut = false;
  private readonly bytes: Buffer;

  constructor(bytes: Buffer, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  left(): number {
    return this.bytes.length - this.at;
  }

  take(length: number): Buffer {
    if (length > this.left()) this.cut = true;
    const taken = this.bytes.subarray(this.at, this.at + length);
    this.at = Math.min(this.at + length, this.bytes.length);
    return taken;
  }

  u16(): number {
    const taken = this.take(2);
    return taken.length < 2 ? 0 : taken.readUInt16LE(0);
  }

  peek32(): number {
    return this.left() < 4 ? 0 : this.bytes.readUInt32LE(this.at);
  }

  text(wide: boolean): string {
    const length = this.u16();
    const taken = this.take(wide ? length * 2 : length);
    return taken.toString(wide ? 'utf16le' : 'latin1');
  }
}

/** Names that stand in the list of item ids, in either form; Windows follows it before any path. */
function idNames(ids: Buffer): string[] {
  const narrow = ids.toString('latin1').match(/[\x20-\x7e]{5,500}/g) ?? [];
  const wide = ids.toString('latin1').match(/(?:[\x20-\x7e]\0){5,500}/g) ?? [];
  return [...narrow, ...wide.map((text) => text.replaceAll('\0', ''))].slice(0, 60);
}

/** Paths of the link's information block, [MS-SHLLINK] 2.3. */
function infoPaths(info: Buffer): string[] {
  if (info.length < 28) return [];
  const header = info.readUInt32LE(4);
  const text = (offset: number): string =>
    offset > 0 && offset < info.length
      ? info.toString('latin1', offset, Math.min(offset + 600, info.length)).replace(/\0.*$/s, '')
      : '';
  const wide = (offset: number): string =>
    offset > 0 && offset < info.length
      ? info.toString('utf16le', offset, Math.min(offset + 1_200, info.length)).replace(/\0.*$/s, '')
      : '';
  const suffix = text(info.readUInt32LE(24));
  const paths = [text(info.readUInt32LE(16)) + suffix];
  const network = info.readUInt32LE(20);
  if (network > 0 && network + 20 <= info.length) {
    const share = text(network + info.readUInt32LE(network + 8));
    if (share !== '') paths.push(suffix === '' ? share : `${share}\\${suffix}`);
  }
  if (header >= 36 && info.length >= 36) paths.push(wide(info.readUInt32LE(28)) + wide(info.readUInt32LE(32)));
  return paths.filter((path) => path !== '');
}

/** Opens a Windows shortcut (LNK): its command line and what is hidden behind its end are members. */
export function openShellLink(data: Uint8Array, { budget }: OpenContext): Opened {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const link = readShellLink(bytes);
  const gaps = new Set<UnscannableReason>(link.cut ? ['malformed'] : []);
  const members: Member[] = [];
  const program = link.targets.find((target) => COMMANDS.test(target)) ?? link.targets.at(-1) ?? '';
  const line = `${program} ${link.arguments}`;
  if (link.arguments.trim() !== '') members.push({ name: 'command.txt', data: Buffer.from(line) });
  members.push(...hiddenMembers(encodedCommands(line)));
  const overlay = bytes.subarray(link.end);
  if (overlay.some((byte) => byte !== 0)) members.push({ name: 'behind-the-end', data: overlay });
  const kept = withinBudget(members, budget);
  for (const gap of kept.gaps) gaps.add(gap);
  return { members: kept.members, gaps, findings: judge(link, line, overlay), links: linksOf(link) };
}

function linksOf(link: ShellLink): PartLink[] {
  const addresses = [...link.arguments.matchAll(/https?:\/\/[^\s"'<>)]{3,2000}/gi)].slice(0, 50).map(([url]) => url);
  const shares = link.targets.filter(isRemoteShare).slice(0, 10);
  return [...addresses, ...shares].map((url) => ({ url, place: [] }));
}

function judge(link: ShellLink, line: string, overlay: Buffer): PartFinding[] {
  const found: PartFinding[] = [];
  const add = (rule: string, severity: PartFinding['severity'], what: string): void => {
    found.push({ rule, severity, what, place: [] });
  };
  const runs = link.arguments.trim() !== '' && startsCommand(line.replaceAll('^', ''));
  if (runs)
    add(
      'Lnk_Runs_Command',
      'high',
      'The shortcut starts a command interpreter or system tool with arguments of its own.',
    );
  else if (link.arguments.trim() !== '' && link.targets.some((target) => COMMANDS.test(target))) {
    add('Lnk_Starts_Interpreter', 'medium', 'The shortcut starts a command interpreter or system tool.');
  }
  if (link.arguments.length > 260 || /\s{40}/.test(link.arguments)) {
    add(
      'Lnk_Long_Arguments',
      runs || link.arguments.length > 1_000 ? 'high' : 'medium',
      'The shortcut has arguments that are longer than its window shows, so that nobody sees them.',
    );
  }
  if (link.targets.some(isRemoteShare)) {
    add('Lnk_Target_On_Network', 'medium', 'The shortcut leads to a foreign file share.');
  }
  if (isRemoteShare(link.icon) || /^https?:/i.test(link.icon)) {
    add(
      'Lnk_Icon_From_Network',
      'high',
      'The shortcut takes its picture from a foreign server, which gives away the Windows log-in when the folder is merely shown.',
    );
  }
  const program = link.targets.some((target) => COMMANDS.test(target));
  if (program && DOCUMENT_ICON.test(link.icon))
    add('Lnk_Document_Icon', 'medium', 'The shortcut starts a program but shows the picture of a document.');
  if (overlay.length > 256 && !(isText(overlay) && overlay.length < 1_024)) {
    add(
      'Lnk_Data_Behind_End',
      overlay.length > 10_000 || program ? 'high' : 'medium',
      'The shortcut carries data behind its end, as droppers do.',
    );
  }
  return found;
}
