import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { prepareZXingModule, writeBarcode, type WriterOptions } from 'zxing-wasm/writer';
import { createEmbeddedEngine, type EmbeddedEngine } from '../../scanners';
import { png, report } from './samples';

jest.setTimeout(60_000);
let engine: EmbeddedEngine;
beforeAll(async () => {
  const wasm = readFileSync(require.resolve('zxing-wasm/writer/zxing_writer.wasm'));
  prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(wasm).buffer } });
  engine = await createEmbeddedEngine({ processes: 1, limits: { wallMs: 100_000 } });
});
afterAll(() => engine.close());

const url = 'https://login.example.com/verify?id=1';

async function code(text: string, format: WriterOptions['format'] = 'QRCode', scale = 4): Promise<Buffer> {
  const { image, error } = await writeBarcode(text, { format, scale });
  if (!image) throw new Error(error);
  return Buffer.from(await image.arrayBuffer());
}

async function links(name: string, data: Buffer): Promise<string[]> {
  const answer = await report(engine, name, data);
  return (answer.links ?? []).map((link) => link.url);
}

/** A page with a code on it. */
async function page(width: number, height: number, inner: Buffer, left = 40, top = 30): Promise<Buffer> {
  const blank = sharp({ create: { width, height, channels: 3, background: '#e8eef4' } });
  return blank
    .composite([{ input: inner, left, top }])
    .png()
    .toBuffer();
}

/** 24 bits a pixel, rows from below. */
async function bitmap(picture: Buffer): Promise<Buffer> {
  const { data, info } = await sharp(picture)
    .flatten()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const row = Math.ceil((info.width * 3) / 4) * 4;
  const out = Buffer.alloc(54 + row * info.height);
  out.write('BM');
  out.writeUInt32LE(out.length, 2);
  out.writeUInt32LE(54, 10);
  out.writeUInt32LE(40, 14);
  out.writeInt32LE(info.width, 18);
  out.writeInt32LE(info.height, 22);
  out.writeUInt16LE(1, 26);
  out.writeUInt16LE(24, 28);
  for (let y = 0; y < info.height; y += 1) {
    for (let x = 0; x < info.width; x += 1) {
      const value = data[(y * info.width + x) * info.channels] ?? 0;
      out.fill(value, 54 + (info.height - 1 - y) * row + x * 3, 54 + (info.height - 1 - y) * row + x * 3 + 3);
    }
  }
  return out;
}

test.each<[string, (picture: Buffer) => Promise<Buffer>]>([
  ['png', (picture) => sharp(picture).png().toBuffer()],
  ['jpg', (picture) => sharp(picture).jpeg({ quality: 70 }).toBuffer()],
  ['gif', (picture) => sharp(picture).gif().toBuffer()],
  ['webp', (picture) => sharp(picture).webp().toBuffer()],
  ['tiff', (picture) => sharp(picture).tiff().toBuffer()],
  ['avif', (picture) => sharp(picture).avif().toBuffer()],
  ['bmp', bitmap],
])('reads the code in a %s', async (extension, convert) => {
  expect(await links(`scan.${extension}`, await convert(await page(400, 300, await code(url))))).toEqual([url]);
});

test.each(['QRCode', 'DataMatrix', 'Aztec'] as const)('reads a %s', async (format) => {
  expect(await links('a.png', await page(500, 400, await code(url, format)))).toEqual([url]);
});

test('reads a light code on dark ground', async () => {
  const dark = await sharp(await code(url))
    .negate({ alpha: false })
    .png()
    .toBuffer();
  expect(await links('a.png', dark)).toEqual([url]);
});

test('reads a small code on a large page', async () => {
  expect(await links('a.png', await page(2_200, 3_000, await code(url, 'QRCode', 5), 1_500, 2_400))).toEqual([url]);
});

test('reads a turned code and two codes of one picture', async () => {
  const turned = await sharp(await code(url))
    .rotate(12, { background: '#ffffff' })
    .png()
    .toBuffer();
  expect(await links('a.png', turned)).toEqual([url]);
  const one = await page(700, 400, await code(url));
  const two = await sharp(one)
    .composite([{ input: await code('https://second.example.org/'), left: 400, top: 60 }])
    .png()
    .toBuffer();
  expect((await links('a.png', two)).sort()).toEqual([url, 'https://second.example.org/']);
});

test('takes an address without scheme for a link, and says where it stands', async () => {
  const answer = await report(engine, 'a.png', await code('example.com/pay'));
  expect(answer.links).toEqual([{ url: 'http://example.com/pay', path: ['a.png', 'QR code'] }]);
});

test.each([
  ['WIFI:T:WPA;S:guest;P:secret;;', 'Image_Code_With_Text', 'info'],
  ['javascript:alert(1)', 'Image_Code_Starts_Program', 'medium'],
])('%s is no link but %s', async (text, rule, severity) => {
  const answer = await report(engine, 'a.png', await code(text));
  expect(answer.findings).toMatchObject([{ rule, severity, path: ['a.png', 'QR code'] }]);
  expect(answer.links).toBeUndefined();
});

test('a picture of too many pixels is a gap, before any is allocated', async () => {
  const header = Buffer.from(png());
  header.writeUInt32BE(60_000, 16);
  header.writeUInt32BE(60_000, 20);
  expect(await report(engine, 'a.png', header)).toMatchObject({ result: 'unscannable', reason: 'limit_reached' });
});

test.each<[string, () => Promise<Buffer> | Buffer]>([
  ['a picture that does not decode', () => Buffer.concat([png().subarray(0, 40), Buffer.alloc(200, 7)])],
  [
    'half a photograph',
    async () =>
      (
        await sharp(await page(600, 400, await code(url)))
          .jpeg()
          .toBuffer()
      ).subarray(0, 900),
  ],
  ['a picture of one pixel', () => png()],
  [
    'a photograph',
    () =>
      sharp({
        create: {
          width: 900,
          height: 700,
          channels: 3,
          background: '#888',
          noise: { type: 'gaussian', mean: 120, sigma: 40 },
        },
      })
        .jpeg()
        .toBuffer(),
  ],
])('%s is clean', async (_title, data) => {
  expect(await report(engine, 'a.jpg', await data())).toMatchObject({ result: 'clean', findings: [] });
});
