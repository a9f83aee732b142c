/**
 * Values of PDF (ISO 32000-1, 7.3). Names are without slash and with `#xx` undone; a string's `raw` has one character a
 * byte; `other` is true, false, null, junk.
 */
export type PdfValue =
  | { kind: 'name'; name: string }
  | { kind: 'reference'; id: number }
  | { kind: 'number'; value: number }
  | { kind: 'string'; text: string; raw: string }
  | { kind: 'array'; items: PdfValue[] }
  | PdfDictionary
  | { kind: 'other'; word: string };

/** A key that says what to read stands more than once, and readers differ about which counts: `repeated`. The last is kept. */
export interface PdfDictionary {
  kind: 'dictionary';
  entries: Map<string, PdfValue>;
  repeated: boolean;
}

/** Thrown where values nest deeper, or text is read more often, than honest files need. */
export class PdfBoundError extends Error {}

const MAX_DEPTH = 100;
const SPACE = new Set([0, 9, 10, 12, 13, 32]);
const DELIMITER = new Set([...Buffer.from('()<>[]{}/%')]);
/** These end whatever was not closed. */
const ENDS = new Set(['obj', 'endobj', 'stream', 'endstream', 'trailer', 'xref', 'startxref']);
const DECISIVE = new Set(['Type', 'Filter', 'DecodeParms', 'First', 'EF', 'RF']);
const OTHER: PdfValue = { kind: 'other', word: '' };
const MAX_STRING = 4 * 1024 * 1024;

/** How many bytes may still be read; shared by all readers of one document, since positions may be visited again. */
export interface PdfWork {
  left: number;
}

/** Reads values as tolerant readers do: junk is passed over, what is not closed ends with the object. */
export class PdfReader {
  at: number;
  private readonly bytes: Buffer;
  private readonly work: PdfWork;
  private readonly decrypt: ((raw: Buffer) => Buffer) | undefined;

  /** @param decrypt undoes the encryption of strings, where the object is encrypted */
  constructor(bytes: Buffer, at: number, work: PdfWork, decrypt?: (raw: Buffer) => Buffer) {
    this.bytes = bytes;
    this.at = at;
    this.work = work;
    this.decrypt = decrypt;
  }

  /**
   * The value at the present position, which moves behind it; undefined at a closing bracket, a keyword or the end.
   * @throws PdfBoundError
   */
  value(depth = 0): PdfValue | undefined {
    if (depth > MAX_DEPTH) throw new PdfBoundError();
    const start = this.skipSpace();
    const byte = this.bytes[start];
    if (byte === undefined) return undefined;
    const value = this.valueOf(byte, depth);
    this.work.left -= this.at - start + 1;
    if (this.work.left < 0) throw new PdfBoundError();
    return value;
  }

  /** Passes over white space and comments. */
  skipSpace(): number {
    for (; this.at < this.bytes.length; this.at += 1) {
      const byte = this.bytes[this.at] ?? 0;
      if (byte === 0x25) {
        while (this.at < this.bytes.length && this.bytes[this.at] !== 10 && this.bytes[this.at] !== 13) this.at += 1;
      } else if (!SPACE.has(byte)) break;
    }
    return this.at;
  }

  private valueOf(byte: number, depth: number): PdfValue | undefined {
    switch (byte) {
      case 0x2f:
        return { kind: 'name', name: this.name() };
      case 0x28:
        return this.stringOf(this.string());
      case 0x3c:
        return this.bytes[this.at + 1] === 0x3c ? this.dictionary(depth) : this.stringOf(this.hexString());
      case 0x5b:
        return this.array(depth);
      case 0x5d:
      case 0x3e:
        return undefined;
      default:
        return this.word();
    }
  }

  private word(): PdfValue | undefined {
    const start = this.at;
    const text = this.regular();
    if (text === '') {
      this.at += 1;
      return OTHER;
    }
    if (ENDS.has(text)) {
      this.at = start;
      return undefined;
    }
    if (/^\d{1,10}$/.test(text)) {
      const rest = this.bytes.toString('latin1', this.at, this.at + 24);
      const reference = /^[\0\t\n\f\r ]+\d{1,10}[\0\t\n\f\r ]+R(?![^\0\t\n\f\r ()<>[\]{}/%])/.exec(rest);
      if (reference) {
        this.at += reference[0].length;
        return { kind: 'reference', id: Number(text) };
      }
    }
    return /^[+-]?\d*\.?\d*$/.test(text) ? { kind: 'number', value: Number(text) } : { kind: 'other', word: text };
  }

  private regular(): string {
    const start = this.at;
    for (; this.at < this.bytes.length; this.at += 1) {
      const byte = this.bytes[this.at] ?? 0;
      if (SPACE.has(byte) || DELIMITER.has(byte)) break;
    }
    return this.bytes.toString('latin1', start, Math.min(this.at, start + 1_024));
  }

  private name(): string {
    this.at += 1;
    return this.regular().replace(/#([\da-f]{2})/gi, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  }

  private dictionary(depth: number): PdfDictionary {
    this.at += 2;
    const entries = new Map<string, PdfValue>();
    let repeated = false;
    for (;;) {
      const start = this.skipSpace();
      const key = this.value(depth + 1);
      if (key === undefined) {
        if (this.bytes[start] === 0x5d) this.at = start + 1;
        else break;
      } else if (key.kind === 'name') {
        const value = this.value(depth + 1);
        repeated ||= DECISIVE.has(key.name) && entries.has(key.name);
        entries.set(key.name, value ?? OTHER);
      }
    }
    if (this.bytes[this.at] === 0x3e) this.at += this.bytes[this.at + 1] === 0x3e ? 2 : 1;
    return { kind: 'dictionary', entries, repeated };
  }

  private array(depth: number): PdfValue {
    this.at += 1;
    const items: PdfValue[] = [];
    for (let item = this.value(depth + 1); item !== undefined; item = this.value(depth + 1)) items.push(item);
    if (this.bytes[this.at] === 0x5d) this.at += 1;
    return { kind: 'array', items };
  }

  private stringOf(found: string): PdfValue {
    const raw = this.decrypt ? this.decrypt(Buffer.from(found, 'latin1')).toString('latin1') : found;
    return { kind: 'string', text: pdfText(raw), raw };
  }

  private string(): string {
    const start = (this.at += 1);
    for (let open = 1; this.at < this.bytes.length && open > 0; this.at += 1) {
      const byte = this.bytes[this.at];
      if (byte === 0x5c) this.at += 1;
      else if (byte === 0x28) open += 1;
      else if (byte === 0x29) open -= 1;
    }
    const raw = this.bytes.toString('latin1', start, Math.min(this.at - 1, start + MAX_STRING));
    return raw.replace(/\\([0-7]{1,3}|\r\n|[^])/g, (_all, escaped: string) => unescape(escaped));
  }

  private hexString(): string {
    const end = this.bytes.indexOf(0x3e, this.at);
    const stop = end < 0 ? this.bytes.length : end;
    const raw = this.bytes
      .toString('latin1', this.at + 1, Math.min(stop, this.at + MAX_STRING))
      .replace(/[^\da-f]/gi, '');
    this.at = stop + 1;
    return Buffer.from(raw.length % 2 ? `${raw}0` : raw, 'hex').toString('latin1');
  }
}

function unescape(escaped: string): string {
  if (/^[0-7]/.test(escaped)) return String.fromCharCode(parseInt(escaped, 8) & 0xff);
  const known: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', '\n': '', '\r': '', '\r\n': '' };
  return known[escaped] ?? escaped;
}

/** The text of bytes, given one character a byte: UTF-16BE behind a mark, UTF-8 behind another, else close enough to Latin-1 (7.9.2.2). */
export function pdfText(raw: string): string {
  const bytes = Buffer.from(raw, 'latin1');
  if (raw.startsWith('\xfe\xff'))
    return bytes
      .subarray(2, bytes.length & ~1)
      .swap16()
      .toString('utf16le');
  if (raw.startsWith('\xff\xfe')) return bytes.toString('utf16le', 2);
  return raw.startsWith('\xef\xbb\xbf') ? bytes.toString('utf8', 3) : raw;
}

/** The entry's value of that kind, or undefined. */
export function entry<K extends PdfValue['kind']>(
  dictionary: PdfDictionary,
  key: string,
  kind: K,
): Extract<PdfValue, { kind: K }> | undefined {
  const value = dictionary.entries.get(key);
  return value?.kind === kind ? (value as Extract<PdfValue, { kind: K }>) : undefined;
}

/**
 * Where objects begin: number, generation and the position behind `obj`, wherever it stands, since a table may point anywhere. The
 * number is undefined where it cannot be told (a comment may stand between).
 */
export function* objectsOf(bytes: Buffer): Generator<{ id: number | undefined; generation: number; at: number }> {
  for (let at = bytes.indexOf('obj'); at >= 0; at = bytes.indexOf('obj', at + 3)) {
    if (bytes.toString('latin1', at - 3, at) === 'end') continue;
    const generation = numberBefore(bytes, at);
    const number = generation && numberBefore(bytes, generation.at);
    yield { id: number?.value, generation: generation?.value ?? 0, at: at + 3 };
  }
}

function numberBefore(bytes: Buffer, end: number): { value: number; at: number } | undefined {
  let last = end;
  while (last > 0 && SPACE.has(bytes[last - 1] ?? 0)) last -= 1;
  const text = /\d{1,10}$/.exec(bytes.toString('latin1', Math.max(0, last - 10), last))?.[0];
  return text === undefined ? undefined : { value: Number(text), at: last - text.length };
}
