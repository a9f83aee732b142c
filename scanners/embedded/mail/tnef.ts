import type { UnscannableReason } from '../../../domain/words';
import type { Member, Opened, OpenContext } from '../opener';
import { withinBudget } from '../web/script';
import { decompressRtf } from './compressed-rtf';

/** Ids of attributes, [MS-OXTNEF] 2.1.3.2. */
const BODY = 0x800c;
const ATTACH_TITLE = 0x8010;
const ATTACH_DATA = 0x800f;
const ATTACH_START = 0x9002;
const ATTACH_PROPERTIES = 0x9005;
const MESSAGE_PROPERTIES = 0x9003;
/** Ids of MAPI properties, [MS-OXPROPS]. */
const [TEXT, RTF, HTML, DATA, LONG_NAME, SHORT_NAME, DISPLAY_NAME] = [
  0x1000, 0x1009, 0x1013, 0x3701, 0x3707, 0x3704, 0x3001,
];
const TNEF_SIGNATURE = Buffer.from('789f3e22', 'hex');
const MAX_PROPERTIES = 10_000;

type Properties = Map<number, Buffer>;

/** Opens `winmail.dat` (TNEF): bodies and attachments with their long names; a message inside is TNEF again. */
export function openTnef(data: Uint8Array, { budget }: OpenContext): Opened {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const gaps = new Set<UnscannableReason>();
  const members: Member[] = [];
  let attachment: { name?: string | undefined; data: Member[] } | undefined;
  const flush = (): void => {
    for (const member of attachment?.data ?? []) members.push({ ...member, name: attachment?.name ?? member.name });
    attachment = undefined;
  };
  let at = 6;
  // Behind the last attribute some programs leave bytes of their own.
  while (at + 9 <= bytes.length && (bytes[at] === 1 || bytes[at] === 2)) {
    const id = bytes.readUInt16LE(at + 1);
    const length = bytes.readUInt32LE(at + 5);
    const value = bytes.subarray(at + 9, at + 9 + length);
    if (value.length < length) gaps.add('malformed');
    at += 9 + length + 2;
    if (id === ATTACH_START) {
      flush();
      attachment = { data: [] };
    } else if (id === ATTACH_TITLE && attachment) attachment.name ??= text8(value);
    else if (id === ATTACH_DATA && attachment) attachment.data.push({ name: 'attachment', data: value });
    else if (id === ATTACH_PROPERTIES && attachment) {
      const properties = readProperties(value, gaps);
      attachment.name = longName(properties) ?? attachment.name;
      const object = properties.get(DATA);
      if (object) attachment.data.push({ name: 'attachment', data: withoutInterface(object) });
    } else if (id === MESSAGE_PROPERTIES) members.push(...bodies(readProperties(value, gaps), gaps));
    else if (id === BODY) members.push({ name: 'body.txt', data: value });
  }
  flush();
  if (members.length === 0 && at <= 6) gaps.add('malformed');
  if (at < bytes.length) members.push({ name: 'behind-the-end', data: bytes.subarray(at) });
  const kept = withinBudget(
    members.filter((member) => member.data.length > 0),
    budget,
  );
  for (const gap of kept.gaps) gaps.add(gap);
  return { members: kept.members, gaps };
}

const text8 = (value: Buffer): string => value.toString('latin1').replace(/\0.*$/s, '');

function longName(properties: Properties): string | undefined {
  const value = properties.get(LONG_NAME) ?? properties.get(SHORT_NAME) ?? properties.get(DISPLAY_NAME);
  return value && (value[1] === 0 ? value.toString('utf16le').replace(/\0.*$/s, '') : text8(value));
}

/** An object's value begins with the id of its interface, [MS-OXTNEF] 2.1.3.5.3. */
function withoutInterface(value: Buffer): Buffer {
  return value.subarray(16, 20).equals(TNEF_SIGNATURE) || value.subarray(16, 20).toString('hex') === 'd0cf11e0'
    ? value.subarray(16)
    : value;
}

function bodies(properties: Properties, gaps: Set<UnscannableReason>): Member[] {
  const members: Member[] = [];
  const [plain, html, rtf] = [properties.get(TEXT), properties.get(HTML), properties.get(RTF)];
  if (plain) members.push({ name: 'body.txt', data: plain });
  if (html) members.push({ name: 'body.html', data: html });
  if (rtf) {
    const out = decompressRtf(rtf);
    if (out) members.push({ name: 'body.rtf', data: out });
    else gaps.add('malformed');
  }
  return members;
}

/** The first value of each MAPI property of variable length, [MS-OXTNEF] 2.1.3.4. */
function readProperties(bytes: Buffer, gaps: Set<UnscannableReason>): Properties {
  const found: Properties = new Map();
  let at = 4;
  const count = bytes.length >= 4 ? Math.min(bytes.readUInt32LE(0), MAX_PROPERTIES) : 0;
  for (let index = 0; index < count && at + 4 <= bytes.length; index += 1) {
    const type = bytes.readUInt16LE(at);
    const id = bytes.readUInt16LE(at + 2);
    at += 4;
    if (id >= 0x8000) at = behindName(bytes, at);
    const many = (type & 0x1000) !== 0;
    const kind = type & 0x0fff;
    const variable = kind === 0x1e || kind === 0x1f || kind === 0x102 || kind === 0x0d;
    let values = 1;
    if (many || variable) {
      if (at + 4 > bytes.length) break;
      values = Math.min(bytes.readUInt32LE(at), MAX_PROPERTIES);
      at += 4;
    }
    for (let value = 0; value < values && at < bytes.length; value += 1) {
      if (!variable) {
        at += fixedLength(kind);
        continue;
      }
      if (at + 4 > bytes.length) break;
      const length = bytes.readUInt32LE(at);
      if (at + 4 + length > bytes.length) gaps.add('malformed');
      if (!found.has(id)) found.set(id, bytes.subarray(at + 4, at + 4 + length));
      at += 4 + length + ((4 - (length % 4)) % 4);
    }
  }
  return found;
}

function behindName(bytes: Buffer, at: number): number {
  if (at + 24 > bytes.length) return bytes.length;
  if (bytes.readUInt32LE(at + 16) === 0) return at + 24;
  const length = bytes.readUInt32LE(at + 20);
  return at + 24 + length + ((4 - (length % 4)) % 4);
}

function fixedLength(kind: number): number {
  if (kind === 5 || kind === 6 || kind === 7 || kind === 0x14 || kind === 0x40) return 8;
  return kind === 0x48 ? 16 : 4;
}
