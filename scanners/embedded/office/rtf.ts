import type { Opened, OpenContext } from '../opener';
import { FieldTracker, judgeLoad } from './fields';
import { Found } from './found';
import { HexSink } from './hex-sink';
import { openRtfObject, type RtfObject } from './rtf-object';
import { readRtf, type RtfHandler } from './rtf-reader';

const MAX_GROUPS = 20_000;
const MAX_OBJECTS = 500;
const MAX_TEXT = 20_000;
/** Destinations whose text is data in hexadecimal. */
const DATA = new Set([
  'objdata',
  'pict',
  'datastore',
  'themedata',
  'blipuid',
  'bliptag',
  'passwordhash',
  'panose',
  'password',
]);
/** Destinations whose text is read; any other destination behind `\*` is passed over. */
const TEXT = new Set(['fldinst', 'fldrslt', 'template', 'objclass', 'htmltag', 'subdocument', 'nextfile']);
/** Control words that begin a destination without `\*` in front ([Rich Text Format] 1.9.1, appendix B). */
const PLAIN = new Set([
  'pict',
  'fldrslt',
  'object',
  'field',
  'fldinst',
  'objdata',
  'objclass',
  'result',
  'info',
  'fonttbl',
  'colortbl',
  'stylesheet',
  'footnote',
  'header',
  'footer',
]);

interface Group {
  destination: string;
  hex: HexSink | undefined;
  /** As `hex`, with what groups of unknown destinations hold. */
  all: HexSink | undefined;
  text: { value: string } | undefined;
  /** This group, not one around it, began the destination. */
  owner: boolean;
  hidden: boolean;
}

/** Opens RTF: embedded objects and pictures as members, fields, templates. Objects are read as Word does and as plainly as digits allow. */
export function openRtf(data: Uint8Array, { budget }: OpenContext): Opened {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const document = new RtfDocument(bytes, Math.min(budget.memberBytes, budget.totalBytes), budget.members);
  readRtf(bytes, document, () => document.full);
  return document.finish();
}

const ROOT: Group = { destination: '', hex: undefined, all: undefined, text: undefined, owner: false, hidden: false };

class RtfDocument implements RtfHandler {
  full = false;
  private readonly bytes: Buffer;
  private readonly found = new Found();
  private readonly fields = new FieldTracker(this.found);
  private readonly stack: Group[] = [];
  private readonly most: number;
  private readonly members: number;
  private group: Group = { ...ROOT };
  private object: RtfObject = { className: '', updates: false, link: false };
  private objects = 0;
  private skip = 0;
  private skipEach = 1;

  constructor(bytes: Buffer, most: number, members: number) {
    this.bytes = bytes;
    this.most = most;
    this.members = members;
  }

  open(): void {
    if (this.stack.length >= MAX_GROUPS) return this.stopHere();
    this.stack.push(this.group);
    this.group = { ...this.group, owner: false };
  }

  close(): void {
    this.endGroup(this.group);
    this.group = this.stack.pop() ?? { ...ROOT };
  }

  word(name: string, parameter: number | undefined, star: boolean): void {
    if (name === 'objupdate') this.object.updates = true;
    else if (name === 'objautlink' || name === 'objlink') this.object.link = true;
    else if (name === 'object') this.object = { className: '', updates: false, link: false };
    else if (name === 'uc') this.skipEach = Math.min(parameter ?? 1, 10);
    else if (name === 'par' || name === 'tab' || name === 'line') this.keepText(' ');
    if (DATA.has(name) && (star || PLAIN.has(name)))
      this.begin({ destination: name, hex: new HexSink(this.most), all: new HexSink(this.most) });
    else if (TEXT.has(name)) this.begin({ destination: name, text: { value: '' } });
    else if (name === 'field') {
      this.fields.begin();
      this.begin({ destination: name, text: undefined });
    } else if (star) this.group.hidden = true;
    if (name === 'fldrslt') this.fields.separate();
  }

  private begin(destination: Partial<Group>): void {
    // A destination inside of data's own group replaces it only in a group of its own.
    this.group = { ...ROOT, ...destination, owner: true };
  }

  text(start: number, end: number): void {
    const { hex, all, hidden, text } = this.group;
    if (all) {
      if (!hidden) hex?.text(this.bytes, start, end);
      all.text(this.bytes, start, end);
    } else if (text || this.group.destination !== '') {
      const skipped = Math.min(this.skip, end - start);
      this.keepText(
        this.bytes
          .toString('latin1', start + skipped, Math.min(end, start + skipped + MAX_TEXT))
          .replace(/[\r\n]/g, ''),
      );
    }
    this.skip = 0;
  }

  binary(start: number, end: number): void {
    const piece = this.bytes.subarray(start, end);
    const { hex, all } = this.group;
    if (!all) return;
    hex?.binary(piece);
    all.binary(piece);
  }

  character(code: number, escaped: boolean): void {
    // Behind `\uN` stand characters for readers that do not know it.
    if (escaped && this.skip > 0) this.skip -= 1;
    else this.keepText(String.fromCharCode(code));
    if (!escaped) this.skip = this.skipEach;
  }

  private keepText(text: string): void {
    const { text: sink, destination, hidden } = this.group;
    if (hidden) return;
    if (destination === 'fldinst') this.fields.code(text);
    else if (destination === 'fldrslt') this.fields.text(text);
    else if (sink && sink.value.length < MAX_TEXT) sink.value += text;
  }

  private endGroup({ owner, destination, hex, all, text }: Group): void {
    if (!owner) return;
    if (destination === 'field') this.fields.end();
    else if (destination === 'template' || destination === 'subdocument' || destination === 'nextfile') {
      judgeLoad(
        text?.value ?? '',
        'Rtf_Remote_Template',
        'high',
        'The document loads a template from elsewhere when it is opened.',
        this.found,
      );
    } else if (destination === 'objclass') this.object.className = text?.value.trim() ?? '';
    else if (destination === 'objdata' && hex && all) this.endObject(hex, all);
    else if (hex) this.endData(hex, destination);
  }

  private endObject(hex: HexSink, all: HexSink): void {
    if (this.objects >= MAX_OBJECTS || this.found.members.length + 4 > this.members) return this.stopHere();
    this.objects += 1;
    openRtfObject(hex, this.object, this.objects, this.found);
    // Where unknown groups hold digits too, readers may differ about which belong to the object.
    if (all.size !== hex.size) openRtfObject(all, this.object, this.objects, this.found);
  }

  /** Pictures and stores: only what is a file by its first bytes. */
  private endData(hex: HexSink, name: string): void {
    if (hex.size < 64) return;
    const digits = hex.hex();
    if (!/^(89504e47|ffd8ff|504b0304|d0cf11e0|4d5a|47494638|25504446|7b5c7274)/.test(digits)) return;
    if (hex.over || this.found.members.length >= this.members) return this.stopHere();
    this.found.members.push({ name: `${name}-${this.found.members.length + 1}`, data: Buffer.from(digits, 'hex') });
  }

  private stopHere(): void {
    this.full = true;
    this.found.gaps.add('limit_reached');
  }

  finish(): Opened {
    while (this.stack.length > 0 && !this.full) this.close();
    this.endGroup(this.group);
    this.fields.finish();
    return this.found.opened();
  }
}
