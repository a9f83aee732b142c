import { endsByItself, undoFilter, type FilterFailure, type PdfFilter } from './pdf-filters';
import {
  entry,
  objectsOf,
  PdfBoundError,
  PdfReader,
  type PdfDictionary,
  type PdfValue,
  type PdfWork,
} from './pdf-objects';
import type { Member } from './opener';
import type { Gap, UnpackBudget, Unpacked } from './unpack';

const MAX_STREAMS = 10_000;
/** A table may send a reader to every position once; honest files are read about twice. */
const WORK_PER_BYTE = 8;

/**
 * Takes the streams out of a PDF: embedded files, object streams, scripts, page contents. Pictures and fonts are skipped
 * unless they are embedded files as well. An encrypted document is a gap, and so is an embedded file or an object stream
 * that does not decode to its end.
 */
export function openPdf(data: Uint8Array, budget: UnpackBudget): Unpacked {
  return new PdfDocument(Buffer.from(data.buffer, data.byteOffset, data.byteLength), budget).open();
}

interface PdfStream {
  id: number | undefined;
  dictionary: PdfDictionary;
  start: number;
  order: number;
}

class PdfDocument {
  private readonly bytes: Buffer;
  private readonly work: PdfWork;
  private readonly budget: UnpackBudget;
  private readonly members: Member[] = [];
  private readonly gaps = new Set<Gap>();
  private readonly streams: PdfStream[] = [];
  /** Values that are no streams, by object number; read again when they are asked for. */
  private readonly values = new Map<number, { bytes: Buffer; at: number }[]>();
  /** Objects that a file specification names, and the file's name. */
  private readonly embedded = new Map<number, string>();
  private readonly embeddedLists: { id: number; name: string }[] = [];
  private left: number;

  constructor(bytes: Buffer, budget: UnpackBudget) {
    this.bytes = bytes;
    this.budget = budget;
    this.left = budget.totalBytes;
    this.work = { left: 1_000_000 + bytes.length * WORK_PER_BYTE };
  }

  open(): Unpacked {
    try {
      this.findObjects();
      this.findEncryption();
      const isObjects = ({ dictionary }: PdfStream): boolean => this.typeOf(dictionary) === 'ObjStm';
      for (const stream of this.streams.filter(isObjects)) this.openObjectStream(stream);
      for (const { id, name } of this.embeddedLists) {
        for (const value of this.resolve({ kind: 'reference', id })) this.adoptFiles(value, name);
      }
      for (const stream of this.streams) if (!isObjects(stream)) this.openStream(stream);
    } catch (error) {
      if (!(error instanceof PdfBoundError)) throw error;
      this.gaps.add('limit_reached');
    }
    return { members: this.members, gaps: this.gaps };
  }

  private findObjects(): void {
    for (const { id, at } of objectsOf(this.bytes)) {
      const reader = new PdfReader(this.bytes, at, this.work);
      const value = reader.value();
      if (!value) continue;
      this.harvest(value);
      const start = value.kind === 'dictionary' ? streamStart(this.bytes, reader.skipSpace()) : undefined;
      if (value.kind !== 'dictionary' || start === undefined) {
        if (id !== undefined) this.keep(id, this.bytes, at);
      } else if (this.streams.length >= Math.min(MAX_STREAMS, this.budget.members)) {
        this.gaps.add('limit_reached');
        return;
      } else this.streams.push({ id, dictionary: value, start, order: this.streams.length + 1 });
    }
  }

  private keep(id: number, bytes: Buffer, at: number): void {
    const known = this.values.get(id) ?? [];
    if (known.length < 16) this.values.set(id, [...known, { bytes, at }]);
  }

  private findEncryption(): void {
    for (let at = this.bytes.indexOf('trailer'); at >= 0; at = this.bytes.indexOf('trailer', at + 7)) {
      const value = new PdfReader(this.bytes, at + 7, this.work).value();
      if (value?.kind === 'dictionary' && value.entries.has('Encrypt')) this.gaps.add('encrypted');
    }
    if (this.streams.some(({ dictionary }) => dictionary.entries.has('Encrypt'))) this.gaps.add('encrypted');
  }

  /** File specifications (7.11.3), wherever they stand in a value. */
  private harvest(value: PdfValue): void {
    if (value.kind === 'array') for (const item of value.items) this.harvest(item);
    if (value.kind !== 'dictionary') return;
    if (value.repeated) this.gaps.add('malformed');
    const name = (entry(value, 'UF', 'string') ?? entry(value, 'F', 'string'))?.text ?? '';
    for (const key of ['EF', 'RF']) {
      const files = value.entries.get(key);
      if (files?.kind === 'reference') this.embeddedLists.push({ id: files.id, name });
      else if (files) this.adoptFiles(files, name);
    }
    for (const item of value.entries.values()) this.harvest(item);
  }

  private adoptFiles(value: PdfValue, name: string): void {
    if (value.kind === 'reference' && (name || !this.embedded.has(value.id))) this.embedded.set(value.id, name);
    const inner = value.kind === 'array' ? value.items : value.kind === 'dictionary' ? value.entries.values() : [];
    for (const item of inner) this.adoptFiles(item, name);
  }

  /** A reference's values: more than one where the document was changed by appending. */
  private resolve(value: PdfValue | undefined): PdfValue[] {
    if (value?.kind !== 'reference') return value ? [value] : [];
    return (this.values.get(value.id) ?? []).flatMap(
      ({ bytes, at }) => new PdfReader(bytes, at, this.work).value() ?? [],
    );
  }

  /** Objects packed into a stream (7.5.7): pairs of number and offset, then the values. */
  private openObjectStream(stream: PdfStream): void {
    const decoded = this.decode(stream);
    if (typeof decoded === 'string') return this.miss(decoded, true);
    if (!decoded.whole) this.gaps.add('malformed');
    this.take(`stream-${stream.order}`, decoded.data);
    const first = entry(stream.dictionary, 'First', 'number')?.value ?? 0;
    const numbers = decoded.data.toString('latin1', 0, first).match(/\d{1,10}/g) ?? [];
    for (let index = 0; index + 1 < numbers.length; index += 2) {
      const at = first + Number(numbers[index + 1]);
      const value = new PdfReader(decoded.data, at, this.work).value();
      if (!value) continue;
      this.harvest(value);
      this.keep(Number(numbers[index]), decoded.data, at);
    }
  }

  private openStream(stream: PdfStream): void {
    const { id, dictionary, order } = stream;
    const name = id === undefined ? '' : this.embedded.get(id);
    const embedded = name !== undefined || this.typeOf(dictionary) === 'EmbeddedFile';
    if (!embedded && isPictureOrFont(dictionary)) return;
    const decoded = this.decode(stream);
    if (typeof decoded === 'string') return this.miss(decoded, embedded);
    if (embedded && !decoded.whole) this.gaps.add('malformed');
    this.take(name || `${embedded ? 'embedded-file' : 'stream'}-${order}`, decoded.data);
  }

  private typeOf(dictionary: PdfDictionary): string | undefined {
    const type = this.resolve(dictionary.entries.get('Type')).at(-1);
    return type?.kind === 'name' ? type.name : undefined;
  }

  private miss(failure: FilterFailure, needed: boolean): void {
    if (failure === 'over') this.gaps.add('limit_reached');
    else if (needed) this.gaps.add('malformed');
  }

  private take(name: string, data: Buffer): void {
    this.left -= data.length;
    this.members.push({ name, data });
  }

  /** The stream's data with all filters undone; `whole` when both its length and its filters say that this is all. */
  private decode({ dictionary, start }: PdfStream): { data: Buffer; whole: boolean } | FilterFailure {
    const limit = Math.min(this.left, this.budget.memberBytes);
    const filters = this.filtersOf(dictionary);
    if (!filters) return 'foreign';
    const [first, ...later] = filters;
    const measured = this.measured(dictionary, start);
    if (!first) {
      const data = measured ?? this.bytes.subarray(start, looseEnd(this.bytes, start));
      return data.length > limit ? 'over' : { data, whole: measured !== undefined };
    }
    let step = undoFilter(measured ?? this.bytes.subarray(start), first, limit);
    if (measured && isShort(step) && endsByItself(first.name)) {
      const further = undoFilter(this.bytes.subarray(start), first, limit);
      if (!isShort(further)) step = further;
    } else if (!measured && isShort(step)) {
      step = undoFilter(this.bytes.subarray(start, looseEnd(this.bytes, start)), first, limit);
    }
    if (typeof step === 'string') return step;
    // Text filters may leave their end mark out where the length is right; Flate and LZW say by themselves.
    let whole = step.ended || (measured !== undefined && !/^(Fl|LZW)/.test(first.name));
    for (const filter of later) {
      const next = undoFilter(step.data, filter, limit);
      if (typeof next === 'string') return next;
      whole &&= next.ended || !/^(Fl|LZW)/.test(filter.name);
      step = next;
    }
    return { data: step.data, whole };
  }

  /** Undefined where the filters cannot be told. */
  private filtersOf(dictionary: PdfDictionary): PdfFilter[] | undefined {
    const listed = (key: string): PdfValue[] => {
      const value = this.resolve(dictionary.entries.get(key)).at(-1);
      return value?.kind === 'array' ? value.items : value ? [value] : [];
    };
    const parameters = listed('DecodeParms').map((item) => this.resolve(item).at(-1));
    const filters: PdfFilter[] = [];
    for (const [index, item] of listed('Filter').entries()) {
      const value = this.resolve(item).at(-1);
      if (value?.kind === 'other') continue;
      if (value?.kind !== 'name') return undefined;
      const own = parameters[index];
      const numbers = own?.kind === 'dictionary' ? [...own.entries] : [];
      const known = numbers.flatMap(([key, number]): [string, number][] =>
        number.kind === 'number' ? [[key, number.value]] : [],
      );
      filters.push({ name: value.name, parameters: new Map(known) });
    }
    const named = this.resolve(dictionary.entries.get('Filter'));
    return dictionary.entries.has('Filter') && named.length === 0 ? undefined : filters;
  }

  /** The bytes that /Length promises, where `endstream` stands behind them. */
  private measured(dictionary: PdfDictionary, start: number): Buffer | undefined {
    for (const value of this.resolve(dictionary.entries.get('Length'))) {
      if (value.kind !== 'number' || !Number.isInteger(value.value) || value.value < 0) continue;
      const end = start + value.value;
      if (/^\s{0,4}endstream/.test(this.bytes.toString('latin1', end, end + 16)))
        return this.bytes.subarray(start, end);
    }
    return undefined;
  }
}

function isShort(step: ReturnType<typeof undoFilter>): boolean {
  return typeof step === 'string' ? step === 'damaged' : !step.ended;
}

/** Where the data begins, if the keyword stands here (7.3.8.1); tolerant readers take a lone CR too. */
function streamStart(bytes: Buffer, at: number): number | undefined {
  if (bytes.toString('latin1', at, at + 6) !== 'stream') return undefined;
  const after = at + 6;
  if (bytes[after] === 0x0d) return after + (bytes[after + 1] === 0x0a ? 2 : 1);
  return after + (bytes[after] === 0x0a ? 1 : 0);
}

/** Without a length that holds: the `endstream` that ends its object, else the first, else the end of the file. */
function looseEnd(bytes: Buffer, start: number): number {
  const first = bytes.indexOf('endstream', start);
  for (let at = first, tries = 0; at >= 0 && tries < 1_000; at = bytes.indexOf('endstream', at + 9), tries += 1) {
    if (/^endstream\s{0,8}endobj/.test(bytes.toString('latin1', at, at + 24))) return at;
  }
  return first < 0 ? bytes.length : first;
}

function isPictureOrFont(dictionary: PdfDictionary): boolean {
  const subtype = entry(dictionary, 'Subtype', 'name')?.name ?? '';
  const fonts = ['Type1C', 'CIDFontType0C', 'OpenType'];
  const lengths = ['Length1', 'Length2', 'Length3'].some((key) => dictionary.entries.has(key));
  return (
    subtype === 'Image' || fonts.includes(subtype) || lengths || entry(dictionary, 'Type', 'name')?.name === 'XRef'
  );
}
