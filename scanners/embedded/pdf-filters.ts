import { inflateRawSync, inflateSync } from 'node:zlib';

/** One step of a stream's filters with its parameters (ISO 32000-1, 7.4). */
export interface PdfFilter {
  name: string;
  /** Numbers of the parameter dictionary. */
  parameters: ReadonlyMap<string, number>;
  /** Name of the crypt filter, where it is one. */
  crypt?: string;
}

/** `ended`: the data itself said where it ends. */
export interface Decoded {
  data: Buffer;
  ended: boolean;
}

/** `over`: more than allowed comes out. `damaged`: it does not decode. `foreign`: a filter for pictures, or unknown. */
export type FilterFailure = 'over' | 'damaged' | 'foreign';

const FILTERS: Record<string, (raw: Buffer, limit: number, filter: PdfFilter) => Decoded | FilterFailure> = {
  FlateDecode: inflate,
  Fl: inflate,
  LZWDecode: lzw,
  LZW: lzw,
  ASCIIHexDecode: asciiHex,
  AHx: asciiHex,
  ASCII85Decode: ascii85,
  A85: ascii85,
  RunLengthDecode: runLength,
  RL: runLength,
};

/** Whether the filter's data tells where it ends, whatever follows it. */
export function endsByItself(name: string): boolean {
  return name in FILTERS;
}

/** Undoes one filter. `limit`: bytes that may come out. */
export function undoFilter(raw: Buffer, filter: PdfFilter, limit: number): Decoded | FilterFailure {
  if (!Object.hasOwn(FILTERS, filter.name)) return 'foreign';
  const decoded = FILTERS[filter.name]?.(raw, limit, filter) ?? 'foreign';
  if (typeof decoded === 'string') return decoded;
  const predictor = filter.parameters.get('Predictor') ?? 1;
  if (predictor <= 1) return decoded;
  const data = predictor >= 10 ? undoPngPredictor(decoded.data, filter) : undoTiffPredictor(decoded.data, filter);
  return data ? { ...decoded, data } : 'damaged';
}

/** Strictly first; then without its end or its checksum, as readers do. */
function inflate(raw: Buffer, limit: number): Decoded | FilterFailure {
  if (limit <= 0) return 'over';
  const attempts = [
    (): Decoded => ({ data: inflateSync(raw, { maxOutputLength: limit }), ended: true }),
    (): Decoded => ({ data: inflateRawSync(raw.subarray(2), { maxOutputLength: limit }), ended: true }),
    (): Decoded => ({ data: inflateSync(raw, { maxOutputLength: limit, finishFlush: 2 }), ended: false }),
  ];
  for (const attempt of attempts) {
    try {
      return attempt();
    } catch (error) {
      if (error instanceof RangeError) return 'over';
    }
  }
  return 'damaged';
}

function asciiHex(raw: Buffer, limit: number): Decoded | FilterFailure {
  const end = raw.indexOf('>');
  const digits = raw.toString('latin1', 0, end < 0 ? raw.length : end).replace(/[\0\t\n\f\r ]/g, '');
  if (/[^\da-f]/i.test(digits)) return 'damaged';
  if (digits.length / 2 > limit) return 'over';
  return { data: Buffer.from(digits.length % 2 ? `${digits}0` : digits, 'hex'), ended: end >= 0 };
}

function ascii85(raw: Buffer, limit: number): Decoded | FilterFailure {
  const out = Buffer.alloc(Math.min(limit, raw.length * 4) + 8);
  let [length, value, count] = [0, 0, 0];
  const put = (bytes: number): void => {
    for (let index = 0; index < bytes; index += 1) out[length++] = Math.floor(value / 256 ** (3 - index)) % 256;
    [value, count] = [0, 0];
  };
  for (let at = raw.toString('latin1', 0, 16).trimStart().startsWith('<~') ? raw.indexOf('<~') + 2 : 0; ; at += 1) {
    const byte = raw[at];
    if (length > limit) return 'over';
    if (byte === undefined || byte === 0x7e) {
      if (count === 1) return 'damaged';
      if (count > 1) {
        const bytes = count - 1;
        for (; count < 5; count += 1) value = value * 85 + 84;
        put(bytes);
      }
      return { data: out.subarray(0, length), ended: byte !== undefined };
    }
    if (byte <= 0x20) continue;
    if (byte === 0x7a && count === 0) put(4);
    else if (byte < 0x21 || byte > 0x75) return 'damaged';
    else {
      value = value * 85 + (byte - 0x21);
      if ((count += 1) === 5) {
        if (value > 0xffff_ffff) return 'damaged';
        put(4);
      }
    }
  }
}

/** Codes of 9 to 12 bits, most significant first; 256 clears the table, 257 ends (7.4.4). */
function lzw(raw: Buffer, limit: number, { parameters }: PdfFilter): Decoded | FilterFailure {
  const early = parameters.get('EarlyChange') === 0 ? 0 : 1;
  const first = Array.from({ length: 258 }, (_unused, index) => Buffer.from(index < 256 ? [index] : []));
  let table = first.slice();
  let previous: Buffer | undefined;
  const out: Buffer[] = [];
  let [length, bits, held] = [0, 0, 0];
  for (const byte of raw) {
    held = ((held << 8) | byte) & 0xff_ffff;
    bits += 8;
    const width = Math.min(12, Math.max(9, 32 - Math.clz32(table.length + early)));
    if (bits < width) continue;
    bits -= width;
    const code = (held >> bits) & ((1 << width) - 1);
    if (code === 257) return { data: Buffer.concat(out, length), ended: true };
    if (code === 256) {
      [table, previous] = [first.slice(), undefined];
      continue;
    }
    const known: Buffer | undefined = table[code];
    if (!known && (!previous || code !== table.length)) return 'damaged';
    const piece: Buffer =
      known ?? Buffer.concat([previous ?? Buffer.alloc(0), (previous ?? Buffer.alloc(0)).subarray(0, 1)]);
    if (previous && table.length < 4_096) table.push(Buffer.concat([previous, piece.subarray(0, 1)]));
    previous = piece;
    out.push(piece);
    if ((length += piece.length) > limit) return 'over';
  }
  return { data: Buffer.concat(out, length), ended: false };
}

function runLength(raw: Buffer, limit: number): Decoded | FilterFailure {
  const out: Buffer[] = [];
  let length = 0;
  for (let at = 0; at < raw.length;) {
    const count = raw[at] ?? 128;
    if (count === 128) return { data: Buffer.concat(out, length), ended: true };
    const piece = count < 128 ? raw.subarray(at + 1, at + 2 + count) : Buffer.alloc(257 - count, raw[at + 1] ?? 0);
    at += count < 128 ? count + 2 : 2;
    out.push(piece);
    if ((length += piece.length) > limit) return 'over';
  }
  return { data: Buffer.concat(out, length), ended: false };
}

/** Each byte as difference from the one a pixel before it (TIFF 6.0, section 14); undefined for other depths than a byte. */
function undoTiffPredictor(data: Buffer, { parameters }: PdfFilter): Buffer | undefined {
  const colors = parameters.get('Colors') ?? 1;
  const row = (parameters.get('Columns') ?? 1) * colors;
  if ((parameters.get('BitsPerComponent') ?? 8) !== 8 || !(colors > 0 && row > 0 && row < 1_000_000)) return undefined;
  const out = Buffer.from(data);
  for (let at = 0; at < out.length; at += 1) {
    if (at % row >= colors) out[at] = ((out[at] ?? 0) + (out[at - colors] ?? 0)) & 0xff;
  }
  return out;
}

/** Rows of the PNG specification, 6.3 to 6.6; each begins with the number of its way. */
function undoPngPredictor(data: Buffer, { parameters }: PdfFilter): Buffer | undefined {
  const pixelBits = (parameters.get('Colors') ?? 1) * (parameters.get('BitsPerComponent') ?? 8);
  const row = Math.ceil(((parameters.get('Columns') ?? 1) * pixelBits) / 8);
  if (!(row > 0 && row < 1_000_000)) return undefined;
  const step = Math.max(1, Math.ceil(pixelBits / 8));
  const out = Buffer.alloc(Math.ceil(data.length / (row + 1)) * row);
  let length = 0;
  for (let at = 0; at < data.length; at += row + 1) {
    const way = data[at] ?? 0;
    if (way > 4) return undefined;
    const count = Math.min(row, data.length - at - 1);
    data.copy(out, length, at + 1, at + 1 + count);
    undoRow(out, length, count, row, step, way);
    length += count;
  }
  return out.subarray(0, length);
}

/** One row in place; `start` is its first byte, the row above stands `row` bytes before it. */
function undoRow(out: Buffer, start: number, count: number, row: number, step: number, way: number): void {
  if (way === 0) return;
  for (let index = 0; index < count; index += 1) {
    const at = start + index;
    const left = index >= step ? (out[at - step] ?? 0) : 0;
    const up = start > 0 ? (out[at - row] ?? 0) : 0;
    let add = way === 1 ? left : way === 2 ? up : (left + up) >> 1;
    if (way === 4) add = paeth(left, up, start > 0 && index >= step ? (out[at - row - step] ?? 0) : 0);
    out[at] = ((out[at] ?? 0) + add) & 0xff;
  }
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}
