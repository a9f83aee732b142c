import { loadSeverity, targetKind } from './office/targets';
import { judgeHyperlink } from './office/fields';
import type { Found } from './office/found';
import { entry, type PdfDictionary, type PdfValue } from './pdf-objects';

const MAX_KEPT = 20_000;
const MAX_SCRIPTS = 5_000;
const HARMLESS_FILE = /\.(pdf|docx?|xlsx?|pptx?|txt|html?|jpe?g|png|gif|tiff?|bmp|csv|mp[34]|avi|mov|wmv|odt|ods)$/i;
/** Events of documents, pages and annotations that need no hand of the reader (12.6.3). */
const BY_ITSELF = ['O', 'WC', 'WS', 'PO', 'PV'];
const ACTIONS = ['JavaScript', 'Launch', 'GoToR', 'GoToE', 'SubmitForm', 'ImportData', 'Rendition'];
const KEYS = ['JS', 'OpenAction', 'AA', 'XFA', 'JavaScript', 'RichMediaContent', 'RichMediaSettings'];

/** Looks a value up, references included: more than one where the document was changed by appending. */
export type PdfResolve = (value: PdfValue | undefined) => PdfValue[];

/** Gathers what a document can do by itself or on a click (ISO 32000-1, 12.6), and judges it once all objects are known. */
export class PdfActions {
  /** Scripts by the object that holds them as a stream, and whether they run without a click. */
  readonly scriptStreams = new Map<number, boolean>();
  /** Scripts written as strings. */
  readonly scripts = new Map<string, boolean>();
  /** There were more of them than anybody needs. */
  moreScripts = false;
  /** Objects that hold a form of XML. */
  readonly forms = new Set<number>();
  private readonly kept: PdfDictionary[] = [];
  private readonly found: Found;
  private readonly resolve: PdfResolve;

  constructor(found: Found, resolve: PdfResolve) {
    this.found = found;
    this.resolve = resolve;
  }

  /** Keeps what may act. False where there are more than anybody needs. */
  see(dictionary: PdfDictionary): boolean {
    const { entries } = dictionary;
    const kind = entries.get('S');
    const address = entries.get('URI');
    if (address?.kind === 'string') judgeHyperlink(address.text.slice(0, 8_000), this.found);
    // Structure elements have an `S` of their own; there are tens of thousands of them in one document.
    const acts =
      kind?.kind === 'reference' ||
      address?.kind === 'reference' ||
      (kind?.kind === 'name' && ACTIONS.includes(kind.name));
    if (!acts && !KEYS.some((key) => entries.has(key))) return true;
    if (this.kept.length < MAX_KEPT) return this.kept.push(dictionary) > 0;
    return false;
  }

  judge(): void {
    for (const dictionary of this.kept) {
      for (const key of ['OpenAction', 'AA']) this.judgeOpening(key, dictionary.entries.get(key));
      this.judgeAction(dictionary);
    }
  }

  /** An action, by its kind `S`; a script also where the kind is left out. */
  private judgeAction(action: PdfDictionary): void {
    const { found } = this;
    if (action.entries.has('JS')) this.keepScript(action.entries.get('JS'), false);
    if (action.entries.has('XFA')) this.keepForm(action.entries.get('XFA'));
    if (action.entries.has('RichMediaContent') || action.entries.has('RichMediaSettings')) {
      found.find('Pdf_Rich_Media', 'low', 'The PDF plays media or 3D content embedded in it.');
    }
    const address = action.entries.get('URI');
    if (address?.kind === 'reference') judgeHyperlink(this.textOf(address), found);
    switch (this.nameOf(action.entries.get('S'))) {
      case 'Launch':
        return this.judgeLaunch(action);
      case 'GoToR':
      case 'GoToE':
        return this.judgeRemote(
          action,
          'Pdf_Goes_To_Remote',
          'low',
          'A link of the PDF goes to a document that lies elsewhere.',
        );
      case 'SubmitForm':
        return this.judgeRemote(action, 'Pdf_Submits_Form', 'low', 'The PDF sends what is filled in to an address.');
      case 'ImportData':
        return this.judgeRemote(
          action,
          'Pdf_Imports_Data',
          'medium',
          'The PDF loads data for its form from elsewhere.',
        );
      default:
        return undefined;
    }
  }

  private judgeOpening(key: string, value: PdfValue | undefined): void {
    for (const opening of this.resolve(value)) {
      if (opening.kind !== 'dictionary') continue;
      const actions = key === 'AA' ? BY_ITSELF.flatMap((event) => this.resolve(opening.entries.get(event))) : [opening];
      for (const action of actions) {
        if (action.kind !== 'dictionary') continue;
        const name = this.nameOf(action.entries.get('S'));
        if (name === 'JavaScript' || action.entries.has('JS')) this.keepScript(action.entries.get('JS'), true);
        else if (name === 'URI' && key === 'OpenAction') {
          this.found.find('Pdf_Opens_Address', 'medium', 'The PDF opens an address as soon as it is read.');
        } else if (name === 'SubmitForm' && key === 'OpenAction') {
          this.found.find('Pdf_Submits_On_Open', 'medium', 'The PDF sends data to an address as soon as it is read.');
        }
      }
    }
  }

  /** Links between documents on one disk are old but honest; programs, parameters and addresses are not. */
  private judgeLaunch(action: PdfDictionary): void {
    const windows = this.resolve(action.entries.get('Win')).at(-1);
    const targets = [this.fileOf(action.entries.get('F'))];
    let parameters = '';
    if (windows?.kind === 'dictionary') {
      targets.push(this.fileOf(windows.entries.get('F')));
      parameters = this.textOf(windows.entries.get('P'));
    }
    for (const key of ['Mac', 'Unix']) targets.push(this.fileOf(action.entries.get(key)));
    const named = targets.filter((target) => target !== '');
    const honest = named.every((target) => {
      const { kind } = targetKind(target);
      return HARMLESS_FILE.test(target) && (kind === 'local' || kind === 'inner_share' || kind === 'other');
    });
    const low = named.length > 0 && honest && parameters === '';
    this.found.find(
      'Pdf_Launch',
      low ? 'low' : 'high',
      low
        ? 'A link of the PDF opens another document on the disk.'
        : 'The PDF starts a program or opens a file from elsewhere.',
    );
  }

  private judgeRemote(action: PdfDictionary, rule: string, web: 'low' | 'medium', what: string): void {
    const target = this.fileOf(action.entries.get('F'));
    if (target === '') return;
    const { kind } = targetKind(target);
    this.found.find(rule, loadSeverity(kind, web) ?? 'info', what);
    this.found.link(target);
  }

  private keepScript(value: PdfValue | undefined, onOpen: boolean): void {
    if (value?.kind === 'reference') {
      this.scriptStreams.set(value.id, onOpen || (this.scriptStreams.get(value.id) ?? false));
    }
    for (const script of this.resolve(value)) {
      if (script.kind !== 'string' || script.text === '') continue;
      if (this.scripts.size >= MAX_SCRIPTS) this.moreScripts = true;
      else this.scripts.set(script.text, onOpen || (this.scripts.get(script.text) ?? false));
    }
  }

  /** A form of XML: one stream, or pairs of name and stream. */
  private keepForm(value: PdfValue | undefined): void {
    const values = [...(value ? [value] : []), ...this.resolve(value)];
    for (const item of values) {
      const parts = item.kind === 'array' ? item.items : [item];
      for (const part of parts) if (part.kind === 'reference') this.forms.add(part.id);
    }
  }

  private nameOf(value: PdfValue | undefined): string {
    const name = this.resolve(value).at(-1);
    return name?.kind === 'name' ? name.name : '';
  }

  private textOf(value: PdfValue | undefined): string {
    const text = this.resolve(value).at(-1);
    return text?.kind === 'string' ? text.text.slice(0, 8_000) : '';
  }

  /** A file specification (7.11): a string, or a dictionary with one. */
  private fileOf(value: PdfValue | undefined): string {
    const file = this.resolve(value).at(-1);
    if (file?.kind === 'string') return file.text.slice(0, 8_000);
    if (file?.kind !== 'dictionary') return '';
    for (const key of ['UF', 'F', 'Unix', 'DOS', 'Mac']) {
      const text = entry(file, key, 'string')?.text ?? this.textOf(file.entries.get(key));
      if (text !== '') return text.slice(0, 8_000);
    }
    return '';
  }
}
