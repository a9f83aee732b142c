import { u32 } from './bytes';
import type { CompoundEntry } from './cfb';
import { Properties } from './message-properties';
import { decompressRtf } from './rtf-compressed';
import { htmlOfRtf } from './rtf-html';
import type { Scene } from './scene';

const MAX_MESSAGES = 500;
const SMALL = 4_096;
const BY_REFERENCE = new Set([2, 3, 4, 7]);
/** PidLidReminderFileParameter ([MS-OXPROPS] 2.225). */
const REMINDER_FILE = 0x851f;

interface Folder {
  prefix: string;
  children: CompoundEntry[];
  kind: 'top' | 'nested';
}

/** Messages of Outlook ([MS-OXMSG]): attachments under their names, messages inside messages, every body. */
export function lookAtMessage(scene: Scene): void {
  const folders = childrenByFolder(scene.file.entries);
  const top = folders.get('') ?? [];
  if (!top.some(({ name }) => name.toLowerCase() === '__properties_version1.0')) return;
  const open: Folder[] = [{ prefix: '', children: top, kind: 'top' }];
  const reminder = reminderProperty(scene);
  for (let count = 0; open.length > 0; count += 1) {
    const folder = open.pop();
    if (!folder) break;
    if (count >= MAX_MESSAGES) return scene.haul.gap('limit_reached');
    openMessage(scene, folder, folders, open, reminder);
  }
  joinSmall(scene);
}

function openMessage(
  scene: Scene,
  { prefix, children, kind }: Folder,
  folders: Map<string, CompoundEntry[]>,
  open: Folder[],
  reminder: number | undefined,
): void {
  const message = new Properties(scene, children, kind);
  openBodies(scene, message, prefix);
  if (reminder !== undefined && /^\s*(\\\\|\/\/)/.test(message.text(reminder))) {
    scene.haul.find('Msg_Reminder_Loads_From_Network', ...(prefix ? [prefix.slice(0, -1)] : []));
  }
  let order = 0;
  for (const storage of children) {
    if (storage.kind !== 'storage' || !/^__attach_version1\.0_/i.test(storage.name)) continue;
    order += 1;
    const inner = folders.get(key(storage.path)) ?? [];
    const attachment = new Properties(scene, inner, 'part', message.page);
    const name = nameOf(attachment) || `attachment-${order}`;
    const data = attachment.stream(0x3701, '0102');
    if (data) take(scene, data, prefix + name, scene.bytes(data));
    else judgeReference(scene, attachment, prefix + name);
    const nested = inner.find((entry) => entry.kind === 'storage' && /^__substg1\.0_3701000d$/i.test(entry.name));
    const content = nested ? (folders.get(key(nested.path)) ?? []) : [];
    if (content.some((entry) => entry.name.toLowerCase() === '__properties_version1.0')) {
      open.push({ prefix: `${prefix}${name.slice(0, 100)}.msg/`, children: content, kind: 'nested' });
    }
  }
}

/** The long name, else the short one, else what the message shows. */
function nameOf(attachment: Properties): string {
  const name = attachment.text(0x3707) || attachment.text(0x3704) || attachment.text(0x3001);
  const extension = attachment.text(0x3703);
  return extension.startsWith('.') && name !== '' && !name.includes('.') ? name + extension : name;
}

function judgeReference({ haul }: Scene, attachment: Properties, name: string): void {
  const target = attachment.text(0x370d) || attachment.text(0x3708);
  if (target === '' || !BY_REFERENCE.has(attachment.number(0x3705))) return;
  haul.find('Msg_Attachment_By_Reference', name);
  if (/^(https?|file):/i.test(target)) haul.link(target, name);
}

function openBodies(scene: Scene, message: Properties, prefix: string): void {
  const { haul } = scene;
  const text = message.stream(0x1000, '001f', '001e', '0102');
  if (text) take(scene, text, `${prefix}body.txt`, Buffer.from(message.text(0x1000)));
  const html = message.stream(0x1013, '0102', '001e', '001f');
  if (html) {
    const wide = /001f$/i.test(html.name);
    take(scene, html, `${prefix}body.html`, wide ? Buffer.from(message.text(0x1013)) : scene.bytes(html));
  }
  const compressed = message.stream(0x1009, '0102');
  if (!compressed) return;
  const rtf = decompressRtf(scene.bytes(compressed), haul.room());
  if (!rtf) return haul.gap('malformed');
  if (rtf.length >= haul.room()) haul.gap('limit_reached');
  take(scene, compressed, `${prefix}body.rtf`, rtf);
  const hidden = html ? undefined : htmlOfRtf(rtf);
  if (hidden) haul.member(`${prefix}body.html`, Buffer.from(hidden));
}

/** Gives what a stream holds as a part, and keeps the stream itself from being given again. */
function take(scene: Scene, entry: CompoundEntry, name: string, data: Uint8Array): void {
  scene.haul.member(name, data);
  scene.taken.add(entry);
}

/** Addresses, times and identifiers are thousands of streams in a mail to many: one part is enough for them. */
function joinSmall(scene: Scene): void {
  const parts: Buffer[] = [];
  for (const entry of scene.file.entries) {
    const property = /^__(substg1\.0_|properties_version1\.0$)/i.test(entry.name);
    if (entry.kind !== 'stream' || !property || entry.size >= SMALL || scene.taken.has(entry)) continue;
    parts.push(scene.bytes(entry), Buffer.from('\n'));
    scene.taken.add(entry);
  }
  scene.haul.member('properties', Buffer.concat(parts), { mime: 'application/octet-stream', container: 'none' });
}

/** The number under which this message keeps the sound of its reminder ([MS-OXMSG] 2.2.3). */
function reminderProperty(scene: Scene): number | undefined {
  const entries = scene.stream('__nameid_version1.0', '__substg1.0_00030102');
  for (let at = 0; at + 8 <= entries.length; at += 8) {
    const index = u32(entries, at + 4);
    if ((index & 1) === 0 && u32(entries, at) === REMINDER_FILE) return 0x8000 + (index >>> 16);
  }
  return undefined;
}

function childrenByFolder(entries: readonly CompoundEntry[]): Map<string, CompoundEntry[]> {
  const folders = new Map<string, CompoundEntry[]>();
  for (const entry of entries) {
    const folder = key(entry.path.slice(0, -1));
    const known = folders.get(folder);
    if (known) known.push(entry);
    else folders.set(folder, [entry]);
  }
  return folders;
}

const key = (path: readonly string[]): string => path.join('\0').toLowerCase();
