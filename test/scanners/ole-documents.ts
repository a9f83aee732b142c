import { compound, long, short, type OleOptions, type OleStream } from './ole-build';

/** [MS-OVBA] 2.4.1 with literals only. */
export function compressVba(source: Buffer): Buffer {
  const chunks: Buffer[] = [Buffer.from([1])];
  for (let at = 0; at < source.length; at += 3_500) {
    const part = source.subarray(at, at + 3_500);
    const tokens: Buffer[] = [];
    for (let from = 0; from < part.length; from += 8) tokens.push(Buffer.from([0]), part.subarray(from, from + 8));
    const body = Buffer.concat(tokens);
    chunks.push(short(0xb000 | (body.length - 1)), body);
  }
  return Buffer.concat(chunks);
}

export interface VbaPart {
  name: string;
  code: string;
  /** Compiled form in front of the text. */
  compiled?: Buffer;
  /** Leaves the text out, as tools do that hide it. */
  stomped?: boolean;
}

/** The streams of a macro project below `base`. */
export function vbaProject(base: string, modules: readonly VbaPart[], names = ''): OleStream[] {
  const record = (id: number, data: Buffer): Buffer => Buffer.concat([short(id), long(data.length), data]);
  const listed = modules.map(({ name, compiled }) =>
    Buffer.concat([
      record(0x19, Buffer.from(name)),
      record(0x1a, Buffer.from(name)),
      record(0x32, Buffer.from(name, 'utf16le')),
      record(0x31, long(compiled?.length ?? 0)),
      record(0x21, Buffer.alloc(0)),
      record(0x2b, Buffer.alloc(0)),
    ]),
  );
  const version = Buffer.concat([short(9), long(4), long(1), short(2)]);
  const dir = Buffer.concat([record(1, long(3)), record(3, short(1252)), version, ...listed]);
  return [
    { path: `${base}VBA/dir`, data: compressVba(dir) },
    { path: `${base}VBA/_VBA_PROJECT`, data: Buffer.from(`\xcc\x61\xff\xff\0\0\0${names}`, 'latin1') },
    ...modules.map(({ name, code, compiled, stomped }) => ({
      path: `${base}VBA/${name}`,
      data: Buffer.concat([
        compiled ?? Buffer.alloc(0),
        stomped ? Buffer.alloc(0) : compressVba(Buffer.from(`Attribute VB_Name = "${name}"\r\n${code}`)),
      ]),
    })),
  ];
}

/** A document of Word with its text in one piece. */
export function doc(text: string, more: readonly OleStream[] = [], options: OleOptions = {}): Buffer {
  const fib = Buffer.alloc(1_024);
  fib.writeUInt16LE(0xa5ec, 0);
  fib.writeUInt16LE(0x00c1, 2);
  fib.writeUInt16LE(0x0200, 0x0a);
  const clx = Buffer.concat([
    Buffer.from([2]),
    long(16),
    long(0),
    long(text.length),
    short(0),
    long(fib.length),
    short(0),
  ]);
  fib.writeUInt32LE(0, 0x01a2);
  fib.writeUInt32LE(clx.length, 0x01a6);
  return compound(
    [
      { path: 'WordDocument', data: Buffer.concat([fib, Buffer.from(text, 'utf16le')]) },
      { path: '1Table', data: clx },
      ...more,
    ],
    { classes: { '': '0609020000000000c000000000000046' }, ...options },
  );
}

export const biff = (type: number, ...data: Buffer[]): Buffer => {
  const body = Buffer.concat(data);
  return Buffer.concat([short(type), short(body.length), body]);
};
const bof = (kind: number): Buffer => biff(0x0809, short(0x0600), short(kind), long(0), long(0), long(0));
const eof = (): Buffer => biff(0x000a);
const textToken = (text: string): Buffer => Buffer.concat([Buffer.from([0x17, text.length, 0]), Buffer.from(text)]);

/** A call of a macro function with one text: EXEC is 110. */
export const macroCall = (id: number, text: string): Buffer =>
  Buffer.concat([textToken(text), Buffer.from([0x42, 1]), short(id)]);

export interface MacroBook {
  /** 0 shown, 1 hidden, 2 very hidden. */
  hidden?: number;
  autoOpen?: boolean;
  formulas: readonly Buffer[];
}

/** A workbook stream with one Excel 4 macro sheet. */
export function macroSheet({ hidden = 0, autoOpen = false, formulas }: MacroBook): Buffer {
  const name = biff(
    0x0018,
    short(0x20),
    Buffer.from([0, 1]),
    short(0),
    short(0),
    short(0),
    long(0),
    Buffer.from([0, 1]),
  );
  const cells = formulas.map((rgce, row) =>
    biff(0x0006, short(row), short(0), short(15), Buffer.alloc(8), short(0), long(0), short(rgce.length), rgce),
  );
  return Buffer.concat([
    bof(5),
    biff(0x0085, long(0), Buffer.from([hidden, 1, 6, 0]), Buffer.from('Macro1')),
    ...(autoOpen ? [name] : []),
    eof(),
    bof(0x40),
    ...cells,
    eof(),
  ]);
}

/** A workbook of Excel 97 to 2003 around records of the caller's. */
export function workbook(...records: Buffer[]): Buffer {
  return Buffer.concat([bof(5), ...records, eof()]);
}

export function xls(stream: Buffer, more: readonly OleStream[] = []): Buffer {
  return compound([{ path: 'Workbook', data: stream }, ...more], {
    classes: { '': '2008020000000000c000000000000046' },
  });
}

export interface MessagePart {
  /** Property and type, e.g. `1000001F`. */
  properties: Record<string, Buffer>;
  attachments?: readonly (MessagePart & { message?: MessagePart })[];
}

/** A message of Outlook. */
export function msg(message: MessagePart): Buffer {
  return compound([
    ...messageStreams('', message, 32),
    { path: '__nameid_version1.0/__substg1.0_00020102', data: Buffer.alloc(16) },
  ]);
}

function messageStreams(base: string, { properties, attachments }: MessagePart, header: number): OleStream[] {
  const streams: OleStream[] = [{ path: `${base}__properties_version1.0`, data: Buffer.alloc(header) }];
  for (const [name, data] of Object.entries(properties)) streams.push({ path: `${base}__substg1.0_${name}`, data });
  for (const [index, attachment] of (attachments ?? []).entries()) {
    const inner = `${base}__attach_version1.0_#0000000${index}/`;
    streams.push(...messageStreams(inner, attachment, 8));
    if (attachment.message) streams.push(...messageStreams(`${inner}__substg1.0_3701000D/`, attachment.message, 24));
  }
  return streams;
}

export const wide = (text: string): Buffer => Buffer.from(text, 'utf16le');

/** [MS-OXRTFCP] with literals only. */
export function compressRtf(rtf: string): Buffer {
  const source = Buffer.from(rtf, 'latin1');
  const tokens: Buffer[] = [];
  for (let at = 0; at < source.length; at += 8) {
    const part = source.subarray(at, at + 8);
    tokens.push(Buffer.from([part.length === 8 ? 0 : 1 << part.length]), part);
  }
  const end = (207 + source.length) % 4_096;
  if (source.length % 8 === 0) tokens.push(Buffer.from([1]));
  tokens.push(Buffer.from([end >> 4, (end & 15) << 4]));
  const body = Buffer.concat(tokens);
  return Buffer.concat([long(body.length + 12), long(source.length), Buffer.from('LZFu'), long(0), body]);
}
