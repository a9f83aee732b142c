import { createHash } from 'node:crypto';
import type { Collector, KnownPart } from './collect';
import { executableFacts } from './executable-facts';
import { pictureFacts } from './picture';
import { MAX_FACTS } from './protocol';

/** One line of what a part tells about itself. Values are the file's own words, which may lie. */
export interface Fact {
  group: string;
  name: string;
  value: string;
}

const MAX_VALUE = 500;
const HEAD = 64 * 1024;
const HEADERS =
  /^(from|to|cc|reply-to|return-path|sender|subject|date|message-id|x-mailer|user-agent|x-originating-ip|received)$/iu;
const OFFICE_CORE = [
  'title',
  'subject',
  'creator',
  'lastModifiedBy',
  'created',
  'modified',
  'revision',
  'keywords',
  'description',
];
const OFFICE_APP = ['Application', 'AppVersion', 'Company', 'Template', 'Manager', 'TotalTime', 'Pages'];
const PDF_INFO = ['Title', 'Author', 'Subject', 'Creator', 'Producer', 'CreationDate', 'ModDate'];

/** What a part tells about itself beside its content: hashes, dates, authors, programs. Bounded, and never throws. */
export async function factsOf(collector: Collector, part: KnownPart): Promise<Fact[]> {
  const facts = generalFacts(part);
  const { type } = part.node;
  const readers: (() => Fact[] | Promise<Fact[]>)[] = [
    () => (type === 'application/pdf' ? pdfFacts(part.data) : []),
    () => (type === 'message/rfc822' ? mailFacts(part.data) : []),
    () => officeFacts(collector, part),
    () => executableFacts(part.data),
    () => pictureFacts(part.data, type),
  ];
  for (const read of readers) {
    try {
      facts.push(...(await read()));
    } catch {
      // Damage hides this group, and nothing else.
    }
  }
  return facts.slice(0, MAX_FACTS).map(({ group, name, value }) => ({ group, name, value: value.slice(0, MAX_VALUE) }));
}

function generalFacts({ node, data }: KnownPart): Fact[] {
  const group = 'general';
  const hash = (algorithm: string): string => createHash(algorithm).update(data).digest('hex');
  return [
    { group, name: 'type', value: node.type },
    { group, name: 'size', value: String(node.size) },
    { group, name: 'sha256', value: node.sha256 },
    { group, name: 'sha1', value: hash('sha1') },
    { group, name: 'md5', value: hash('md5') },
    { group, name: 'entropy', value: entropyOf(data).toFixed(2) },
  ];
}

/** Bits a byte: near 8 is packed or encrypted, text has 4 to 5. */
function entropyOf(data: Uint8Array): number {
  const counts = new Uint32Array(256);
  for (const byte of data) counts[byte] = (counts[byte] ?? 0) + 1;
  let bits = 0;
  for (const count of counts) if (count > 0) bits -= (count / data.length) * Math.log2(count / data.length);
  return bits;
}

/** Entries of the document information that stand in the open; those inside compressed objects are not read. */
function pdfFacts(data: Uint8Array): Fact[] {
  const text = Buffer.concat([data.subarray(0, HEAD), data.subarray(Math.max(HEAD, data.length - HEAD))]).toString(
    'latin1',
  );
  const facts: Fact[] = [];
  const version = /^%PDF-(\d\.\d)/u.exec(text)?.[1];
  if (version !== undefined) facts.push({ group: 'pdf', name: 'version', value: version });
  for (const name of PDF_INFO) {
    const value = new RegExp(
      `/${name}\\s*(?:\\(((?:[^()\\\\]|\\\\[^]){0,400})\\)|<([0-9a-fA-F\\s]{0,800})>)`,
      'u',
    ).exec(text);
    if (value) facts.push({ group: 'pdf', name, value: pdfText(value[1], value[2]) });
  }
  return facts;
}

function pdfText(plain: string | undefined, hex: string | undefined): string {
  const raw =
    plain === undefined
      ? Buffer.from((hex ?? '').replace(/\s/gu, ''), 'hex')
      : Buffer.from(unescapePdf(plain), 'latin1');
  if (raw[0] !== 0xfe || raw[1] !== 0xff) return raw.toString('latin1');
  return raw
    .subarray(2, raw.length - (raw.length % 2))
    .swap16()
    .toString('utf16le');
}

function unescapePdf(text: string): string {
  return text.replace(/\\([0-7]{1,3}|[^])/gu, (_, code: string) =>
    /^[0-7]/u.test(code) ? String.fromCharCode(Number.parseInt(code, 8) % 256) : code,
  );
}

function mailFacts(data: Uint8Array): Fact[] {
  const head =
    Buffer.from(data.subarray(0, HEAD))
      .toString('utf8')
      .split(/\r?\n\r?\n/u)[0] ?? '';
  return head
    .replace(/\r?\n[ \t]+/gu, ' ')
    .split(/\r?\n/u)
    .flatMap((line) => {
      const [, name = '', value = ''] = /^([!-9;-~]{1,60}):\s*(.*)$/u.exec(line) ?? [];
      return HEADERS.test(name) ? [{ group: 'mail', name, value }] : [];
    })
    .slice(0, 30);
}

function officeFacts(collector: Collector, { node }: KnownPart): Fact[] {
  return [
    ...xmlFacts(collector.memberOf(node, 'docProps/core.xml'), OFFICE_CORE),
    ...xmlFacts(collector.memberOf(node, 'docProps/app.xml'), OFFICE_APP),
  ];
}

function xmlFacts(data: Uint8Array | undefined, names: readonly string[]): Fact[] {
  const text = data ? Buffer.from(data.subarray(0, HEAD)).toString('utf8') : '';
  return names.flatMap((name) => {
    const value = new RegExp(`<(?:\\w{1,20}:)?${name}(?:\\s[^>]{0,200})?>([^<]{1,500})<`, 'u').exec(text)?.[1];
    return value === undefined ? [] : [{ group: 'office', name, value: unescapeXml(value) }];
  });
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|apos);/gu, (whole, name: string) => ENTITIES[name] ?? whole);
}
