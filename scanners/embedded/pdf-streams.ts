import type { PdfCrypt } from './pdf-crypt';
import { endsByItself, undoFilter, type FilterFailure, type PdfFilter } from './pdf-filters';
import { entry, type PdfDictionary, type PdfValue } from './pdf-objects';

/** A stream of a document. `id` is undefined where its number cannot be told. */
export interface PdfStream {
  id: number | undefined;
  generation: number;
  dictionary: PdfDictionary;
  start: number;
  order: number;
}

/** `whole`: both its length and its filters say that this is all. `rest`: filters that were not undone. */
export interface StreamData {
  data: Buffer;
  whole: boolean;
}

type Resolve = (value: PdfValue | undefined) => PdfValue[];

/** Takes the data out of streams: length, encryption, filters. */
export class PdfStreams {
  /** Set once the document's encryption is open. */
  crypt: PdfCrypt | undefined;
  private readonly bytes: Buffer;
  private readonly resolve: Resolve;

  constructor(bytes: Buffer, resolve: Resolve) {
    this.bytes = bytes;
    this.resolve = resolve;
  }

  /**
   * The stream's data with all filters undone.
   * @param embedded whether it is an embedded file, which may be encrypted in its own way
   * @param picture leaves the last filter on, if it is one for pictures
   */
  decode(stream: PdfStream, limit: number, embedded: boolean, picture = false): StreamData | FilterFailure {
    const named = this.filtersOf(stream.dictionary);
    if (!named) return 'foreign';
    const filters = named.filter(({ name }) => name !== 'Crypt' && !(picture && isPictureFilter(name)));
    if (this.crypt && !this.isPlain(stream, named)) {
      const decrypted = this.decrypted(this.crypt, stream, embedded, limit);
      const undone = typeof decrypted === 'string' ? decrypted : undoAll(decrypted, filters, limit);
      // A document may say that it is encrypted and not be: its plain data decode then.
      if (undone !== 'damaged') return undone;
    }
    return this.decodePlain(stream, filters, limit);
  }

  /** The name of the last filter. */
  lastFilter(dictionary: PdfDictionary): string {
    return this.filtersOf(dictionary)?.at(-1)?.name ?? '';
  }

  private decrypted(crypt: PdfCrypt, stream: PdfStream, embedded: boolean, limit: number): StreamData | FilterFailure {
    const { id, generation, dictionary, start } = stream;
    const measured = this.measured(dictionary, start);
    const raw = measured ?? trimmed(this.bytes.subarray(start, looseEnd(this.bytes, start)));
    if (raw.length > limit + 64) return 'over';
    return { data: crypt.stream(raw, id ?? 0, generation, embedded), whole: measured !== undefined };
  }

  /** Tables are never encrypted, streams with a filter of their own by its word, descriptions by the document's. */
  private isPlain({ dictionary }: PdfStream, filters: readonly PdfFilter[]): boolean {
    const type = this.resolve(dictionary.entries.get('Type')).at(-1);
    const name = type?.kind === 'name' ? type.name : '';
    if (name === 'XRef' || (name === 'Metadata' && !this.crypt?.metadata)) return true;
    return filters.some((filter) => filter.name === 'Crypt' && (filter.crypt ?? 'Identity') === 'Identity');
  }

  private decodePlain(
    { dictionary, start }: PdfStream,
    filters: PdfFilter[],
    limit: number,
  ): StreamData | FilterFailure {
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
    const whole = step.ended || (measured !== undefined && !/^(Fl|LZW)/.test(first.name));
    return undoAll({ data: step.data, whole }, later, limit);
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
      const known = numbers.flatMap(([key, number]): [string, number][] => {
        const resolved = this.resolve(number).at(-1);
        return resolved?.kind === 'number' ? [[key, resolved.value]] : [];
      });
      const crypt = own?.kind === 'dictionary' ? entry(own, 'Name', 'name')?.name : undefined;
      filters.push({ name: value.name, parameters: new Map(known), ...(crypt !== undefined && { crypt }) });
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

const isPictureFilter = (name: string): boolean =>
  /^(DCT|DCTDecode|JPXDecode|CCF|CCITTFaxDecode|JBIG2Decode)$/.test(name);

function undoAll(from: StreamData, filters: readonly PdfFilter[], limit: number): StreamData | FilterFailure {
  let { data, whole } = from;
  if (data.length > limit) return 'over';
  for (const filter of filters) {
    const next = undoFilter(data, filter, limit);
    if (typeof next === 'string') return next;
    whole &&= next.ended || !/^(Fl|LZW)/.test(filter.name);
    data = next.data;
  }
  return { data, whole };
}

function isShort(step: ReturnType<typeof undoFilter>): boolean {
  return typeof step === 'string' ? step === 'damaged' : !step.ended;
}

/** Where the data begins, if the keyword stands here (7.3.8.1); tolerant readers take a lone CR too. */
export function streamStart(bytes: Buffer, at: number): number | undefined {
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

/** Without the line end that stands before `endstream`. */
function trimmed(raw: Buffer): Buffer {
  const end = raw.length - (raw.at(-1) === 10 ? (raw.at(-2) === 13 ? 2 : 1) : raw.at(-1) === 13 ? 1 : 0);
  return raw.subarray(0, end);
}

/** Whether a stream is a picture by its own word. */
export function isPicture(dictionary: PdfDictionary): boolean {
  return entry(dictionary, 'Subtype', 'name')?.name === 'Image';
}

/** Whether it is a font or a table of positions: nothing to scan. */
export function isFont(dictionary: PdfDictionary): boolean {
  const fonts = ['Type1C', 'CIDFontType0C', 'OpenType'];
  const lengths = ['Length1', 'Length2', 'Length3'].some((key) => dictionary.entries.has(key));
  const subtype = entry(dictionary, 'Subtype', 'name')?.name ?? '';
  return fonts.includes(subtype) || lengths || entry(dictionary, 'Type', 'name')?.name === 'XRef';
}
