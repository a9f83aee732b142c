import { Found } from './office/found';
import type { Opened, OpenContext } from './opener';
import { PdfActions } from './pdf-actions';
import { openPdfCrypt } from './pdf-crypt';
import type { FilterFailure } from './pdf-filters';
import { pictureFile, readPicture } from './pdf-images';
import {
  entry,
  objectsOf,
  PdfBoundError,
  PdfReader,
  pdfText,
  type PdfDictionary,
  type PdfValue,
  type PdfWork,
} from './pdf-objects';
import { judgePdfForm, judgePdfScript } from './pdf-scripts';
import { isFont, isPicture, PdfStreams, streamStart, type PdfStream, type StreamData } from './pdf-streams';
import type { UnpackBudget } from './unpack';

const MAX_STREAMS = 10_000;
/** A table may send a reader to every position once; honest files are read about twice, encrypted ones once more. */
const WORK_PER_BYTE = 12;
const MAX_PICTURES = 20;
const MAX_PICTURE_PIXELS = 24_000_000;
const RUNNABLE =
  /\.(exe|com|scr|pif|bat|cmd|vbs|vbe|js|jse|wsf|wsh|wsc|sct|hta|ps1|msi|cpl|lnk|dll|jar|reg|url|chm|iso|img|vhdx?|settingcontent-ms)[\s.]*$/i;

/**
 * Takes the streams out of a PDF: embedded files, object streams, scripts, page contents, pictures that may hold a code.
 * Documents that open with an empty or a candidate password are read; others are a gap, and so is an embedded file or an
 * object stream that does not decode to its end.
 */
export function openPdf(data: Uint8Array, { budget, passwords }: Pick<OpenContext, 'budget' | 'passwords'>): Opened {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return new PdfDocument(bytes, budget, passwords).open();
}

/** Where a value stands: read again when it is asked for. */
interface Place {
  bytes: Buffer;
  at: number;
  decrypt: ((raw: Buffer) => Buffer) | undefined;
}

class PdfDocument {
  private readonly bytes: Buffer;
  private readonly work: PdfWork;
  private readonly budget: UnpackBudget;
  private readonly passwords: Iterable<string>;
  private readonly found = new Found();
  private readonly streams: PdfStream[] = [];
  /** Values that are no streams, by object number. */
  private readonly values = new Map<number, Place[]>();
  /** Objects that a file specification names, and the file's name. */
  private readonly embedded = new Map<number, string>();
  private readonly pictures: PdfStream[] = [];
  private readonly embeddedLists: { id: number; name: string }[] = [];
  private readonly contents: PdfStreams;
  private actions: PdfActions;
  private left: number;

  constructor(bytes: Buffer, budget: UnpackBudget, passwords: Iterable<string>) {
    this.bytes = bytes;
    this.budget = budget;
    this.passwords = passwords;
    this.left = budget.totalBytes;
    this.work = { left: 1_000_000 + bytes.length * WORK_PER_BYTE };
    this.contents = new PdfStreams(bytes, (value) => this.resolve(value));
    this.actions = this.newActions();
  }

  private newActions(): PdfActions {
    return new PdfActions(this.found, (value) => this.resolve(value));
  }

  open(): Opened {
    try {
      this.findObjects();
      this.openEncryption();
      const isObjects = ({ dictionary }: PdfStream): boolean => this.typeOf(dictionary) === 'ObjStm';
      for (const stream of this.streams.filter(isObjects)) this.openObjectStream(stream);
      for (const { id, name } of this.embeddedLists) {
        for (const value of this.resolve({ kind: 'reference', id })) this.adoptFiles(value, name);
      }
      this.actions.judge();
      this.addWrittenScripts();
      for (const stream of this.streams) if (!isObjects(stream)) this.openStream(stream);
      this.openPictures();
    } catch (error) {
      if (!(error instanceof PdfBoundError)) throw error;
      this.found.gaps.add('limit_reached');
    }
    return this.found.opened();
  }

  private findObjects(): void {
    const { crypt } = this.contents;
    for (const { id, generation, at } of objectsOf(this.bytes)) {
      const decrypt = crypt && id !== undefined ? (raw: Buffer) => crypt.string(raw, id, generation) : undefined;
      const reader = new PdfReader(this.bytes, at, this.work, decrypt);
      const value = reader.value();
      if (!value) continue;
      this.harvest(value);
      const start = value.kind === 'dictionary' ? streamStart(this.bytes, reader.skipSpace()) : undefined;
      if (value.kind !== 'dictionary' || start === undefined) {
        if (id !== undefined) this.keep(id, { bytes: this.bytes, at, decrypt });
      } else if (this.streams.length >= Math.min(MAX_STREAMS, this.budget.members)) {
        this.found.gaps.add('limit_reached');
        return;
      } else this.streams.push({ id, generation, dictionary: value, start, order: this.streams.length + 1 });
    }
  }

  private keep(id: number, place: Place): void {
    const known = this.values.get(id) ?? [];
    if (known.length < 16) this.values.set(id, [...known, place]);
  }

  /** Where the document is encrypted all objects are read again, now with their strings decrypted. */
  private openEncryption(): void {
    const trailers: PdfDictionary[] = this.streams.map(({ dictionary }) => dictionary);
    for (let at = this.bytes.indexOf('trailer'); at >= 0; at = this.bytes.indexOf('trailer', at + 7)) {
      const value = new PdfReader(this.bytes, at + 7, this.work).value();
      if (value?.kind === 'dictionary') trailers.push(value);
    }
    // A value of null is the same as none; an object that is not there could not be read.
    const wanted = trailers.filter(({ entries }) => {
      const value = this.resolve(entries.get('Encrypt')).at(-1);
      return entries.has('Encrypt') && !(value?.kind === 'other' && value.word === 'null');
    });
    if (wanted.length === 0) return;
    for (const { entries } of wanted.slice(-4).reverse()) {
      const dictionary = this.dictionaryOf(entries.get('Encrypt'));
      const ids = this.resolve(entries.get('ID')).at(-1);
      const first = ids?.kind === 'array' ? this.resolve(ids.items[0]).at(-1) : undefined;
      const id = Buffer.from(first?.kind === 'string' ? first.raw : '', 'latin1');
      const crypt = dictionary && openPdfCrypt(dictionary, id, this.passwords, (value) => this.resolve(value).at(-1));
      if (!crypt) continue;
      this.contents.crypt = crypt;
      this.streams.length = 0;
      this.embeddedLists.length = 0;
      this.actions = this.newActions();
      this.values.clear();
      this.findObjects();
      return;
    }
    this.found.gaps.add('encrypted');
  }

  private dictionaryOf(value: PdfValue | undefined): PdfDictionary | undefined {
    const found = this.resolve(value).at(-1);
    return found?.kind === 'dictionary' ? found : undefined;
  }

  /** File specifications (7.11.3) and actions, wherever they stand in a value. */
  private harvest(value: PdfValue): void {
    if (value.kind === 'array') for (const item of value.items) this.harvest(item);
    if (value.kind !== 'dictionary') return;
    if (value.repeated) this.found.gaps.add('malformed');
    if (!this.actions.see(value)) this.found.gaps.add('limit_reached');
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
      ({ bytes, at, decrypt }) => new PdfReader(bytes, at, this.work, decrypt).value() ?? [],
    );
  }

  /** Objects packed into a stream (7.5.7): pairs of number and offset, then the values. */
  private openObjectStream(stream: PdfStream): void {
    const decoded = this.decode(stream, false);
    if (typeof decoded === 'string') return this.miss(decoded, true);
    if (!decoded.whole) this.found.gaps.add('malformed');
    this.take(`stream-${stream.order}`, decoded.data);
    const first = entry(stream.dictionary, 'First', 'number')?.value ?? 0;
    const numbers = decoded.data.toString('latin1', 0, first).match(/\d{1,10}/g) ?? [];
    for (let index = 0; index + 1 < numbers.length; index += 2) {
      const at = first + Number(numbers[index + 1]);
      const value = new PdfReader(decoded.data, at, this.work).value();
      if (!value) continue;
      this.harvest(value);
      this.keep(Number(numbers[index]), { bytes: decoded.data, at, decrypt: undefined });
    }
  }

  private openStream(stream: PdfStream): void {
    const { id, dictionary, order } = stream;
    const name = id === undefined ? undefined : this.embedded.get(id);
    const embedded = name !== undefined || this.typeOf(dictionary) === 'EmbeddedFile';
    if (!embedded && isPicture(dictionary)) return void this.pictures.push(stream);
    if (!embedded && isFont(dictionary)) return;
    const decoded = this.decode(stream, embedded);
    if (typeof decoded === 'string') return this.miss(decoded, embedded);
    if (embedded && !decoded.whole) this.found.gaps.add('malformed');
    if (embedded) this.judgeFile(name || `embedded-file-${order}`, decoded.data);
    const onOpen = id === undefined ? undefined : this.actions.scriptStreams.get(id);
    if (!embedded && onOpen !== undefined) {
      return this.addScript(`script-${order}.js`, pdfText(decoded.data.toString('latin1')), onOpen);
    }
    if (id !== undefined && this.actions.forms.has(id)) judgePdfForm(decoded.data, [`form-${order}`], this.found);
    this.take(name || `${embedded ? 'embedded-file' : 'stream'}-${order}`, decoded.data);
  }

  private judgeFile(name: string, data: Buffer): void {
    const program = RUNNABLE.test(name) || data.toString('latin1', 0, 2) === 'MZ';
    this.found.find(
      program ? 'Pdf_Embedded_Program' : 'Pdf_Embedded_File',
      program ? 'high' : 'info',
      program ? 'The PDF carries a program, script or shortcut inside.' : 'The PDF carries a file inside.',
      [name],
    );
  }

  /** Scripts written as strings: many and short, so all in one member. */
  private addWrittenScripts(): void {
    const { scripts, moreScripts } = this.actions;
    if (moreScripts) this.found.gaps.add('limit_reached');
    for (const [text, onOpen] of scripts) judgePdfScript(text, onOpen, ['scripts.js'], this.found);
    const all = Buffer.from([...scripts.keys()].join('\n'));
    if (all.length > Math.min(this.left, this.budget.memberBytes)) this.found.gaps.add('limit_reached');
    else if (all.length > 0) this.take('scripts.js', all);
  }

  private addScript(name: string, text: string, onOpen: boolean): void {
    judgePdfScript(text, onOpen, [name], this.found);
    this.take(name, Buffer.from(text));
  }

  /** Pictures are looked at for codes only, the small ones first: what cannot be shown as a picture is no gap. */
  private openPictures(): void {
    const dataOf = (value: PdfValue | undefined): Buffer | undefined => this.dataOf(value);
    const known = this.pictures.flatMap((stream) => {
      const picture = readPicture(stream.dictionary, (value) => this.resolveAny(value), dataOf);
      return picture ? [{ stream, picture, pixels: picture.width * picture.height }] : [];
    });
    let left = MAX_PICTURE_PIXELS;
    for (const { stream, picture, pixels } of known.sort((a, b) => a.pixels - b.pixels).slice(0, MAX_PICTURES)) {
      if ((left -= pixels) < 0 || this.found.members.length >= this.budget.members) return;
      const limit = Math.min(this.left, this.budget.memberBytes * 2);
      const decoded = this.contents.decode(stream, limit, false, true);
      if (typeof decoded === 'string') continue;
      const filter = this.contents.lastFilter(stream.dictionary);
      const shown = pictureFile(decoded.data, picture, filter);
      if (shown) this.take(`picture-${stream.order}.${shown.ending}`, shown.data);
    }
  }

  /** A value, or the dictionary of a stream. */
  private resolveAny(value: PdfValue | undefined): PdfValue | undefined {
    if (value?.kind !== 'reference') return value;
    return this.resolve(value).at(-1) ?? this.streams.find(({ id }) => id === value.id)?.dictionary;
  }

  private dataOf(value: PdfValue | undefined): Buffer | undefined {
    const stream = value?.kind === 'reference' ? this.streams.find(({ id }) => id === value.id) : undefined;
    const decoded = stream && this.contents.decode(stream, 65_536, false);
    return decoded === undefined || typeof decoded === 'string' ? undefined : decoded.data;
  }

  private typeOf(dictionary: PdfDictionary): string | undefined {
    const type = this.resolve(dictionary.entries.get('Type')).at(-1);
    return type?.kind === 'name' ? type.name : undefined;
  }

  private miss(failure: FilterFailure, needed: boolean): void {
    if (failure === 'over') this.found.gaps.add('limit_reached');
    else if (needed) this.found.gaps.add('malformed');
  }

  private take(name: string, data: Buffer): void {
    this.left -= data.length;
    this.found.members.push({ name, data });
  }

  private decode(stream: PdfStream, embedded: boolean): StreamData | FilterFailure {
    return this.contents.decode(stream, Math.min(this.left, this.budget.memberBytes), embedded);
  }
}
