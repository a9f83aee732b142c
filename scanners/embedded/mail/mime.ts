import type { Member, PartFinding } from '../opener';
import { fromDirtyBase64, fromQuotedPrintable } from '../web/decode';
import { textBlocks } from '../web/plain';
import { decodeWords, lineAt, parameter, readHeaders, valuesOf, type Headers } from './headers';
import { isMail } from './recognise';

/** What a lenient reader saw of a mail. */
export interface MimeView {
  members: Member[];
  findings: PartFinding[];
  links: string[];
  encrypted: boolean;
  /** Whether there were more parts or fields than are read. */
  cut: boolean;
}

interface Region {
  bytes: Buffer;
  start: number;
  end: number;
  depth: number;
}

const MAX_DEPTH = 24;
const MAX_REGIONS = 20_000;
const ENDINGS: Readonly<Record<string, string>> = {
  'text/plain': 'txt',
  'text/html': 'html',
  'text/calendar': 'ics',
  'text/vcard': 'vcf',
  'text/x-vcard': 'vcf',
  'message/rfc822': 'eml',
  'application/ms-tnef': 'dat',
  'application/pdf': 'pdf',
  'application/pkcs7-mime': 'p7m',
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/gif': 'gif',
};

/**
 * Reads a mail more leniently than any mail program: every section between lines that any reader may take for a
 * boundary is a part, every encoding that is named or looks like one is tried, nothing before, between or behind the
 * parts is left out.
 */
export function readMime(bytes: Buffer, maxMembers: number): MimeView {
  return new MimeReader(maxMembers).read(bytes);
}

class MimeReader {
  private readonly view: MimeView = { members: [], findings: [], links: [], encrypted: false, cut: false };
  private readonly maxMembers: number;
  private readonly regions: Region[] = [];
  private seen = 0;

  constructor(maxMembers: number) {
    this.maxMembers = maxMembers;
  }

  read(bytes: Buffer): MimeView {
    const start = beginning(bytes);
    this.regions.push({ bytes, start, end: bytes.length, depth: 0 });
    for (let region = this.regions.pop(); region; region = this.regions.pop()) {
      this.seen += 1;
      if (this.seen > MAX_REGIONS || this.view.members.length >= this.maxMembers) {
        this.view.cut = true;
        break;
      }
      this.entity(region);
    }
    return this.view;
  }

  private entity({ bytes, start, end, depth }: Region): void {
    const headers = readHeaders(bytes, start, end);
    if (headers.cut) this.view.cut = true;
    const types = valuesOf(headers, 'content-type');
    const type = (types[0] ?? 'text/plain').split(';')[0]?.trim().toLowerCase() ?? '';
    this.judge(headers, types, type);
    if (types.some((value) => /^\s{0,10}multipart\/encrypted/i.test(value))) this.view.encrypted = true;
    const boundaries = types
      .map((value) => parameter(value, 'boundary'))
      .filter((value) => value !== undefined && value !== '');
    const multipart = types.some((value) => /^\s{0,10}multipart\//i.test(value));
    if ((boundaries.length > 0 || multipart) && depth < MAX_DEPTH) {
      const body = { bytes, start: headers.end, end, depth };
      if (
        this.split(
          body,
          boundaries.filter((value) => value !== undefined),
        )
      )
        return;
      const guessed = guessBoundary(bytes, headers.end, end);
      if (guessed !== undefined && this.split(body, [guessed])) return;
    }
    if (depth >= MAX_DEPTH && multipart) this.view.cut = true;
    this.leaf(bytes.subarray(headers.end, end), headers, type, depth);
  }

  /** Cuts a body at its boundaries; false where none stands there. */
  private split({ bytes, start, end, depth }: Region, boundaries: readonly string[]): boolean {
    const marks = new Set(boundaries.map((boundary) => `--${boundary.trimEnd()}`));
    const longest = Math.max(...[...marks].map((mark) => mark.length)) + 3;
    const sections: Region[] = [];
    let from = start;
    let found = 0;
    for (let at = start; at < end;) {
      const [stop, next] = lineAt(bytes, at, end);
      if (bytes[at] === 0x2d && bytes[at + 1] === 0x2d && stop - at <= longest + 200) {
        const line = bytes.toString('latin1', at, stop).trimEnd();
        if (marks.has(line) || (line.endsWith('--') && marks.has(line.slice(0, -2).trimEnd()))) {
          sections.push({ bytes, start: from, end: at, depth: depth + 1 });
          from = next;
          found += 1;
        }
      }
      at = next;
      if (found > MAX_REGIONS) {
        this.view.cut = true;
        break;
      }
    }
    if (found === 0) return false;
    sections.push({ bytes, start: from, end, depth: depth + 1 });
    for (const [index, section] of sections.entries()) this.section(section, index === 0);
    return true;
  }

  /** A section is a part where it begins with fields or an empty line; text before the first or behind the last is one too. */
  private section(section: Region, first: boolean): void {
    const text = section.bytes.toString('latin1', section.start, Math.min(section.end, section.start + 4_096));
    if (text.trim() === '') return;
    if (!first || /^\s{0,100}content-[\w-]{1,40}[ \t]{0,5}:/im.test(text)) {
      const skipped = first
        ? section.start + Math.max(0, text.search(/^content-[\w-]{1,40}[ \t]{0,5}:/im))
        : section.start;
      if (skipped > section.start) this.add('preamble.txt', section.bytes.subarray(section.start, skipped));
      this.regions.push({ ...section, start: skipped });
    } else this.add('preamble.txt', section.bytes.subarray(section.start, section.end));
  }

  private leaf(body: Buffer, headers: Headers, type: string, depth: number): void {
    if (body.length === 0) return;
    const name = this.name(headers, type);
    const encodings = new Set(
      valuesOf(headers, 'content-transfer-encoding').map((value) => value.split(/[;(]/)[0]?.trim().toLowerCase() ?? ''),
    );
    const forms = decodings(body, encodings, type);
    for (const data of forms) {
      const message =
        /^message\/(rfc822|global|news|partial|external-body)/.test(type) || /\.(eml|mht|mhtml)$/i.test(name);
      if (message && !isMail(data) && depth < MAX_DEPTH) {
        this.regions.push({ bytes: data, start: 0, end: data.length, depth: depth + 1 });
      }
      this.add(name, data);
      if (type.startsWith('text/') || type === '' || !/[^\t\r\n\x20-\x7e]/.test(data.toString('latin1', 0, 200))) {
        for (const block of textBlocks(data.toString('latin1'), data)) this.add(block.name, Buffer.from(block.data));
      }
    }
  }

  private name(headers: Headers, type: string): string {
    const disposition = valuesOf(headers, 'content-disposition').map((value) => parameter(value, 'filename'));
    const types = valuesOf(headers, 'content-type').map((value) => parameter(value, 'name'));
    const location = valuesOf(headers, 'content-location')[0];
    const description = /\.\w{2,5}$/.exec(valuesOf(headers, 'content-description')[0] ?? '')?.input;
    const given = [...disposition, ...types].find((value) => value !== undefined && value.trim() !== '');
    const name =
      given ??
      (location === undefined ? undefined : decodeWords(location).split(/[?#]/)[0]?.split('/').at(-1)) ??
      description;
    if (name !== undefined && name !== '') return name;
    const ending = ENDINGS[type] ?? 'bin';
    return type === 'text/plain' || type === 'text/html'
      ? `body.${ending}`
      : `part-${this.view.members.length + 1}.${ending}`;
  }

  private add(name: string, data: Buffer): void {
    if (data.length === 0) return;
    if (this.view.members.length >= this.maxMembers) this.view.cut = true;
    else this.view.members.push({ name, data });
  }

  private judge(headers: Headers, types: readonly string[], type: string): void {
    const place = [this.name(headers, type)];
    if (type === 'message/partial') {
      this.find(
        'Mail_Partial_Message',
        'medium',
        'The mail is a piece of a larger one (message/partial), so that no scanner sees the whole.',
        place,
      );
    }
    if (type === 'message/external-body') {
      const url = parameter(types[0] ?? '', 'url')?.replace(/\s+/g, '');
      if (url !== undefined) this.view.links.push(url);
      this.find(
        'Mail_External_Body',
        'low',
        'A part of the mail is fetched from another server when it is opened (message/external-body).',
        place,
      );
    }
    const disposition = parameter(valuesOf(headers, 'content-disposition')[0] ?? '', 'filename');
    const named = parameter(types[0] ?? '', 'name');
    if (
      disposition !== undefined &&
      named !== undefined &&
      ending(disposition) !== ending(named) &&
      (RUNS.test(disposition) || RUNS.test(named))
    ) {
      this.find(
        'Mail_Two_Names',
        'medium',
        'An attachment has two names, of which one is that of a program and the other is not.',
        place,
      );
    }
    const encodings = new Set(
      valuesOf(headers, 'content-transfer-encoding').map((value) => value.trim().toLowerCase()),
    );
    if (encodings.size > 1) {
      this.find(
        'Mail_Two_Encodings',
        'low',
        'A part of the mail names two encodings, so that readers see different content.',
        place,
      );
    }
  }

  private find(rule: string, severity: PartFinding['severity'], what: string, place: string[]): void {
    if (this.view.findings.length < 100) this.view.findings.push({ rule, severity, what, place });
  }
}

const RUNS = /\.(exe|scr|pif|com|bat|cmd|vbs|vbe|jse?|wsf|wsh|hta|lnk|ps1|msi|cpl|iso|img|jar)$/i;
const ending = (name: string): string => /\.(\w{1,8})\s*$/.exec(name)?.[1]?.toLowerCase() ?? '';

/** Behind a byte order mark and empty lines. */
function beginning(bytes: Buffer): number {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (
    at < bytes.length &&
    at < 64 &&
    (bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x20 || bytes[at] === 0x09)
  )
    at += 1;
  return at;
}

/** A boundary that no field names: the first line of two dashes that fields follow. */
function guessBoundary(bytes: Buffer, start: number, end: number): string | undefined {
  const text = bytes.toString('latin1', start, Math.min(end, start + 1_000_000));
  return /^--([^\r\n]{1,200}?)[ \t]{0,20}\r?\n(?:content-|mime-version)/im.exec(text)?.[1];
}

/** All readings of a body: by each encoding that is named, and by what it looks like where that is another. */
function decodings(body: Buffer, encodings: ReadonlySet<string>, type: string): Buffer[] {
  const forms: Buffer[] = [];
  const sample = body.toString('latin1', 0, 8_192);
  const likeBase64 = looksLikeBase64(sample);
  for (const encoding of encodings) {
    if (/base-?64/.test(encoding)) forms.push(fromDirtyBase64(body.toString('latin1')));
    else if (/quoted-?printable/.test(encoding)) forms.push(fromQuotedPrintable(body));
    else if (encoding !== '') forms.push(body);
  }
  if (forms.length === 0) forms.push(body);
  const named = [...encodings].some((encoding) => /base-?64/.test(encoding));
  if (!named && likeBase64) forms.push(fromDirtyBase64(body.toString('latin1')));
  // What is named base64 and is plain text or a file as it is: some readers show it so.
  if (named && !likeBase64 && /[^A-Za-z0-9+/=\s_-]/.test(sample) && !type.startsWith('image/')) forms.push(body);
  return forms;
}

/** Lines of nothing but base64, the first of them long. */
function looksLikeBase64(sample: string): boolean {
  const lines = sample.trim().split(/\r\n|\n|\r/);
  const whole = lines.length > 1 && sample.length >= 8_000 ? lines.slice(0, -1) : lines;
  return whole.every((line) => /^[A-Za-z0-9+/]{0,8192}={0,2}\s{0,20}$/.test(line)) && (whole[0] ?? '').length >= 40;
}
