import { inflateSync } from 'node:zlib';
import type { Opened, OpenContext } from '../opener';
import { withinBudget } from '../web/script';

/** Content types, RFC 5652 and RFC 3274, as the hexadecimal form of their object identifiers. */
const SIGNED = '2a864886f70d010702';
const COMPRESSED = '2a864886f70d0109100109';
const ENCRYPTED: ReadonlySet<string> = new Set([
  '2a864886f70d010703',
  '2a864886f70d010704',
  '2a864886f70d010706',
  '2a864886f70d0109100117',
]);
const MAX_DEPTH = 12;

interface Element {
  tag: number;
  start: number;
  end: number;
  /** Where the next element begins. */
  next: number;
}

/** Opens a CMS message (S/MIME): what is signed or packed is a member, what is encrypted a gap. A signature alone holds nothing. */
export function openCms(data: Uint8Array, { budget }: OpenContext): Opened {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const outer = element(bytes, 0, bytes.length, 0);
  const [type, content] = outer ? children(bytes, outer, 2) : [];
  if (!type) return { members: [], gaps: new Set(['malformed']) };
  const id = bytes.toString('hex', type.start, type.end);
  if (ENCRYPTED.has(id)) return { members: [], gaps: new Set(['encrypted']) };
  const body = content && children(bytes, content, 1)[0];
  if (!body || (id !== SIGNED && id !== COMPRESSED)) return { members: [], gaps: new Set(['malformed']) };
  // Version, algorithms, then the content with its own type.
  const inner = children(bytes, body, 3)[2];
  const wrapped = inner && children(bytes, inner, 2)[1];
  const octets = wrapped && children(bytes, wrapped, 1)[0];
  if (!octets) return { members: [], gaps: new Set(inner ? [] : ['malformed']) };
  const found = joined(bytes, octets, 0);
  if (id === SIGNED) return withinBudget([{ name: 'signed.eml', data: found }], budget);
  return withinBudget(
    [{ name: 'packed.eml', data: inflateSync(found, { maxOutputLength: budget.memberBytes }) }],
    budget,
  );
}

/** Whether bytes begin like a CMS message: a sequence whose first element is one of its content types. */
export function isCms(data: Uint8Array): boolean {
  if (data[0] !== 0x30) return false;
  const head = Buffer.from(data.buffer, data.byteOffset, Math.min(data.byteLength, 32)).toString('hex');
  return /^30(80|[0-7].|8[1-4](..){1,4})06(09|0b)2a864886f70d01(0702|0703|0704|0706|09100109|09100117)/.test(head);
}

/** Reads one element's head in BER, with definite or indefinite length. */
function element(bytes: Buffer, at: number, limit: number, depth: number): Element | undefined {
  if (at + 2 > limit || depth > MAX_DEPTH) return undefined;
  const tag = bytes[at] ?? 0;
  const first = bytes[at + 1] ?? 0;
  if (first < 0x80)
    return { tag, start: at + 2, end: Math.min(at + 2 + first, limit), next: Math.min(at + 2 + first, limit) };
  if (first > 0x80) {
    const size = first & 0x7f;
    if (size > 4 || at + 2 + size > limit) return undefined;
    const start = at + 2 + size;
    const end = Math.min(start + bytes.readUIntBE(at + 2, size), limit);
    return { tag, start, end, next: end };
  }
  let here = at + 2;
  while (here + 2 <= limit && !(bytes[here] === 0 && bytes[here + 1] === 0)) {
    const child = element(bytes, here, limit, depth + 1);
    if (!child || child.next <= here) return { tag, start: at + 2, end: limit, next: limit };
    here = child.next;
  }
  return { tag, start: at + 2, end: Math.min(here, limit), next: Math.min(here + 2, limit) };
}

/** The first elements inside an element. */
function children(bytes: Buffer, parent: Element, count: number): Element[] {
  const found: Element[] = [];
  for (let at = parent.start; at < parent.end && found.length < count;) {
    const child = element(bytes, at, parent.end, 0);
    if (!child || child.next <= at) break;
    found.push(child);
    at = child.next;
  }
  return found;
}

/** An octet string's bytes; one of indefinite length comes in pieces. */
function joined(bytes: Buffer, octets: Element, depth: number): Buffer {
  if ((octets.tag & 0x20) === 0 || depth > MAX_DEPTH) return bytes.subarray(octets.start, octets.end);
  const pieces = children(bytes, octets, 1_000_000);
  return Buffer.concat(pieces.map((piece) => joined(bytes, piece, depth + 1)));
}
