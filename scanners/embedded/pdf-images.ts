import { crc32, deflateSync } from 'node:zlib';
import type { PdfDictionary, PdfValue } from './pdf-objects';

/** Bounds: a code in a picture is read from few pixels, and pictures are not what a document is opened for. */
const MAX_PIXELS = 40_000_000;
const MAX_OUT_PIXELS = 4_000_000;
const MIN_SIDE = 21;

/** What a picture's dictionary says of its pixels. */
export interface PdfPicture {
  width: number;
  height: number;
  bits: number;
  components: number;
  /** Grey values of palette entries. */
  palette: Buffer | undefined;
  /** High values are dark: inks, masks, and pictures that say so. */
  dark: boolean;
  /** Parameters of the CCITT filter. */
  fax: { k: number; columns: number; black: boolean; align: boolean };
}

type Resolve = (value: PdfValue | undefined) => PdfValue | undefined;
type StreamData = (value: PdfValue | undefined) => Buffer | undefined;

/** Reads a picture's dictionary (ISO 32000-1, 8.9.5). Undefined where it is too small or too large for a code. */
export function readPicture(dictionary: PdfDictionary, resolve: Resolve, dataOf: StreamData): PdfPicture | undefined {
  const number = (keys: string[], other: number): number => {
    const value = keys.map((key) => resolve(dictionary.entries.get(key))).find((item) => item?.kind === 'number');
    return value?.kind === 'number' ? Math.floor(value.value) : other;
  };
  const [width, height] = [number(['Width', 'W'], 0), number(['Height', 'H'], 0)];
  if (!(width >= MIN_SIDE && height >= MIN_SIDE && width * height <= MAX_PIXELS)) return undefined;
  const isMask = resolve(dictionary.entries.get('ImageMask'));
  const mask = isMask?.kind === 'other' && isMask.word === 'true';
  const decode = resolve(dictionary.entries.get('Decode'));
  const first = decode?.kind === 'array' ? resolve(decode.items[0]) : undefined;
  const turned = first?.kind === 'number' && first.value === 1;
  const space = mask
    ? { components: 1, palette: undefined, ink: false }
    : spaceOf(dictionary.entries.get('ColorSpace'), resolve, dataOf);
  const bits = mask ? 1 : number(['BitsPerComponent', 'BPC'], 8);
  if (!space || ![1, 2, 4, 8, 16].includes(bits)) return undefined;
  return { width, height, bits, ...space, dark: space.ink !== turned, fax: faxOf(dictionary, width, resolve) };
}

function faxOf(dictionary: PdfDictionary, width: number, resolve: Resolve): PdfPicture['fax'] {
  const given = resolve(dictionary.entries.get('DecodeParms'));
  const last = given?.kind === 'array' ? resolve(given.items.at(-1)) : given;
  const parameters = last?.kind === 'dictionary' ? last.entries : new Map<string, PdfValue>();
  const number = (key: string, other: number): number => {
    const value = resolve(parameters.get(key));
    return value?.kind === 'number' ? value.value : other;
  };
  const flag = (key: string): boolean => {
    const value = resolve(parameters.get(key));
    return value?.kind === 'other' && value.word === 'true';
  };
  return {
    k: number('K', 0),
    columns: number('Columns', width || 1_728),
    black: flag('BlackIs1'),
    align: flag('EncodedByteAlign'),
  };
}

/** Components, palette and whether its numbers are inks (8.6). */
function spaceOf(
  value: PdfValue | undefined,
  resolve: Resolve,
  dataOf: StreamData,
  depth = 0,
): { components: number; palette: Buffer | undefined; ink: boolean } | undefined {
  const space = resolve(value);
  const plain = (components: number, ink = false) => ({ components, palette: undefined, ink });
  const first = space?.kind === 'array' ? resolve(space.items[0]) : space;
  if (first?.kind !== 'name' || depth > 3) return undefined;
  const items = space?.kind === 'array' ? space.items : [];
  switch (first.name) {
    case 'DeviceGray':
    case 'CalGray':
    case 'G':
      return plain(1);
    case 'DeviceRGB':
    case 'CalRGB':
    case 'Lab':
    case 'RGB':
      return plain(3);
    case 'DeviceCMYK':
    case 'CMYK':
      return plain(4, true);
    case 'Separation':
      return plain(1, true);
    case 'ICCBased': {
      const profile = resolve(items[1]);
      const count = profile?.kind === 'dictionary' ? resolve(profile.entries.get('N')) : undefined;
      return count?.kind === 'number' && [1, 3, 4].includes(count.value)
        ? plain(count.value, count.value === 4)
        : undefined;
    }
    case 'Indexed':
    case 'I': {
      const base = spaceOf(items[1], resolve, dataOf, depth + 1);
      const table = resolve(items[3]);
      const colours = table?.kind === 'string' ? Buffer.from(table.raw, 'latin1') : dataOf(items[3]);
      return base && colours
        ? { components: 1, palette: greys(colours, base.components, base.ink), ink: false }
        : undefined;
    }
    default:
      return undefined;
  }
}

function greys(colours: Buffer, components: number, ink: boolean): Buffer {
  const out = Buffer.alloc(256);
  for (let index = 0; index < 256 && (index + 1) * components <= colours.length; index += 1) {
    out[index] = grey(colours, index * components, components, ink);
  }
  return out;
}

function grey(bytes: Buffer, at: number, components: number, ink: boolean): number {
  const [a = 0, b = 0, c = 0, d = 0] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
  const value =
    components === 1
      ? a
      : components === 3
        ? (a * 77 + b * 150 + c * 29) >> 8
        : Math.min(255, ((a * 77 + b * 150 + c * 29) >> 8) + d);
  return ink ? 255 - value : value;
}

/**
 * A picture's data as a file that others read.
 * @param data with all filters undone but those for pictures
 * @param filter the last filter
 */
export function pictureFile(
  data: Buffer,
  picture: PdfPicture,
  filter: string,
): { ending: string; data: Buffer } | undefined {
  if (/^(CCF|CCITT)/.test(filter)) return { ending: 'tif', data: faxTiff(data, picture) };
  if (/^DCT/.test(filter)) return { ending: 'jpg', data };
  if (/^JPX/.test(filter)) return { ending: 'jp2', data };
  return filter.startsWith('JBIG2') ? undefined : { ending: 'png', data: greyPng(data, picture) };
}

/** The picture in grey as PNG, made smaller where it is large. Missing rows stay white. */
function greyPng(data: Buffer, picture: PdfPicture): Buffer {
  const { width, height, bits, components, palette, dark } = picture;
  const step = Math.max(1, Math.ceil(Math.sqrt((width * height) / MAX_OUT_PIXELS)));
  const [columns, rows] = [Math.floor(width / step), Math.floor(height / step)];
  const rowBytes = Math.ceil((width * components * bits) / 8);
  const out = Buffer.alloc(rows * (columns + 1), 0xff);
  const top = (1 << Math.min(bits, 8)) - 1;
  for (let row = 0; row < rows; row += 1) {
    const from = row * step * rowBytes;
    let to = row * (columns + 1);
    out[to++] = 0;
    if (from + rowBytes > data.length) continue;
    for (let column = 0; column < columns; column += 1) {
      const x = column * step;
      let value: number;
      if (bits === 8)
        value = components === 1 ? (data[from + x] ?? 0) : grey(data, from + x * components, components, false);
      else if (bits === 16) value = data[from + x * components * 2] ?? 0;
      else {
        const bit = x * components * bits;
        value = ((data[from + (bit >> 3)] ?? 0) >> (8 - bits - (bit & 7))) & top;
        if (!palette) value = Math.floor((value * 255) / top);
      }
      if (palette) value = palette[value] ?? 0;
      out[to++] = dark ? 255 - value : value;
    }
  }
  return png(out, columns, rows);
}

/** A PNG of 8-bit grey (PNG specification, 11). */
function png(rows: Buffer, width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  const chunk = (type: string, body: Buffer): Buffer => {
    const named = Buffer.concat([Buffer.from(type, 'latin1'), body]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(body.length, 0);
    frame.writeUInt32BE(crc32(named), 4);
    return Buffer.concat([frame.subarray(0, 4), named, frame.subarray(4)]);
  };
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 1 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Data of the CCITT filter in a TIFF of one strip (TIFF 6.0, sections 10 and 11), since every reader of pictures knows that. */
function faxTiff(data: Buffer, { width, height, fax }: PdfPicture): Buffer {
  const tags: [number, number, number][] = [
    [256, 4, fax.columns > 0 && fax.columns <= 65_535 ? fax.columns : width],
    [257, 4, height],
    [258, 3, 1],
    [259, 3, fax.k < 0 ? 4 : 3],
    [262, 3, fax.black ? 1 : 0],
    [273, 4, 0],
    [277, 3, 1],
    [278, 4, height],
    [279, 4, data.length],
    ...(fax.k >= 0 ? [[292, 4, (fax.k > 0 ? 1 : 0) | (fax.align ? 4 : 0)] as [number, number, number]] : []),
  ];
  const head = Buffer.alloc(8 + 2 + tags.length * 12 + 4);
  head.write('II*\0', 0, 'latin1');
  head.writeUInt32LE(8, 4);
  head.writeUInt16LE(tags.length, 8);
  for (const [index, [tag, type, value]] of tags.entries()) {
    const at = 10 + index * 12;
    head.writeUInt16LE(tag, at);
    head.writeUInt16LE(type, at + 2);
    head.writeUInt32LE(1, at + 4);
    head.writeUInt32LE(tag === 273 ? head.length : value, at + 8);
  }
  return Buffer.concat([head, data]);
}
