import { readFileSync } from 'node:fs';
import type { ReaderOptions, ReadResult } from 'zxing-wasm/reader';

/** A picture's pixels, four bytes each: red, green, blue, alpha. */
export interface Pixels {
  data: Uint8ClampedArray;
  width: number;
  height: number;
}

/** How thoroughly to look. `all`: Aztec, Data Matrix and Micro QR beside QR. */
export interface CodeSearch {
  all: boolean;
  inverted: boolean;
}

const MAX_CODES = 8;
const MAX_TEXT = 4_000;

type Reader = (input: Uint8Array | (Pixels & { colorSpace: 'srgb' }), options: ReaderOptions) => Promise<ReadResult[]>;
let loading: Promise<Reader> | undefined;

/** Compiles the reader from the package's own file: left alone it would fetch it from the network. */
function load(): Promise<Reader> {
  loading ??= import('zxing-wasm/reader').then(async (zxing) => {
    const file = readFileSync(require.resolve('zxing-wasm/reader/zxing_reader.wasm'));
    const wasmBinary = new Uint8Array(file).buffer;
    await zxing.prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true });
    return zxing.readBarcodes;
  });
  return loading;
}

/**
 * Texts of the two-dimensional codes in a picture: pixels, or a whole BMP file, which the reader decodes by itself.
 * @throws when the reader fails
 */
export async function readCodes(picture: Pixels | Uint8Array, search: CodeSearch): Promise<string[]> {
  const readBarcodes = await load();
  const input = picture instanceof Uint8Array ? picture : { ...picture, colorSpace: 'srgb' as const };
  const results = await readBarcodes(input, {
    formats: search.all ? ['QRCode', 'MicroQRCode', 'DataMatrix', 'Aztec'] : ['QRCode'],
    tryHarder: true,
    tryRotate: false,
    tryDownscale: false,
    tryInvert: search.inverted,
    maxNumberOfSymbols: MAX_CODES,
  });
  return results.filter(({ isValid }) => isValid).map(({ text }) => text.slice(0, MAX_TEXT));
}
