import { createHash } from 'node:crypto';
import type { Metadata, Sharp, SharpOptions } from 'sharp';
import type { OpenContext, Opened } from '../opener';
import { readCodes, type Pixels } from './codes';
import { readPayload } from './payload';

/** No code has fewer modules across (Micro QR M1 with its quiet zone). */
const MIN_SIDE = 21;
const MAX_PIXELS = 40_000_000;
/** A baseline JPEG is decoded at an eighth of its size: cameras of 50 and 108 megapixels write them. */
const MAX_BASELINE_PIXELS = 120_000_000;
/** The first look takes about 5 ms; a second, closer one only where the picture has more to show. */
const FIRST_SIDE = 1_000;
const SECOND_SIDE = 2_400;
const WORTH_A_SECOND_LOOK = 1_500;
/** Light codes on dark ground cost a second search. */
const INVERT_BELOW = 600_000;
/** Read whole; a screenshot of 3840 × 2160 fits. */
const MAX_BMP_PIXELS = 10_000_000;
/** Formats that are decoded at a fraction of their size at a fraction of the cost: two looks are two decodings. */
const SHRINKS_ON_LOAD = ['jpeg', 'webp'];

type SharpFactory = (input: Uint8Array, options: SharpOptions) => Sharp;
let loading: Promise<SharpFactory> | undefined;

function load(): Promise<SharpFactory> {
  loading ??= import('sharp').then(({ default: sharp }) => {
    sharp.cache(false);
    sharp.concurrency(1);
    return sharp;
  });
  return loading;
}

/** Loads both libraries and reads one picture; part of warming a process up. Never throws. */
export async function warmImages(): Promise<void> {
  const data = new Uint8ClampedArray(64 * 64 * 4).fill(255);
  // What cannot be loaded now is told by the first picture that needs it.
  await Promise.all([load(), readCodes({ data, width: 64, height: 64 }, { all: true, inverted: true })]).catch(
    () => undefined,
  );
}

/**
 * Reads the two-dimensional codes of a picture (of an animation: its first frame). A picture that does not decode shows
 * nothing to anybody and is no gap; one with too many pixels, or not decoded in time, is. `hurried`: no second look.
 */
export async function openImage(
  data: Uint8Array,
  { hurried = false }: Pick<OpenContext, 'hurried'> = {},
): Promise<Opened> {
  const digest = createHash('sha256').update(data).digest('base64');
  if (CODELESS.has(digest)) return { members: [], gaps: new Set() };
  const texts = data[0] === 0x42 && data[1] === 0x4d ? await codesOfBitmap(data) : await codesOf(data, hurried);
  if (texts === 'not read') return { members: [], gaps: new Set(['limit_reached']) };
  if (texts.length === 0 && !hurried) remember(digest);
  const read = [...new Set(texts)].map(readPayload);
  return {
    members: [],
    gaps: new Set(),
    findings: read.flatMap(({ findings }) => findings),
    links: read.flatMap(({ links }) => links),
  };
}

/** Logos and thumbnails come again and again. Only digests are kept, and only of pictures that show nothing. */
const CODELESS = new Set<string>();
const MAX_CODELESS = 5_000;

function remember(digest: string): void {
  if (CODELESS.size >= MAX_CODELESS) CODELESS.clear();
  CODELESS.add(digest);
}

/** A picture that no reader makes anything of. */
class Undecodable extends Error {
  override readonly name = 'Undecodable';
}

async function codesOf(data: Uint8Array, hurried: boolean): Promise<string[] | 'not read'> {
  const sharp = await load();
  const metadata = await sharp(data, { failOn: 'none', limitInputPixels: false })
    .metadata()
    .catch(() => undefined);
  if (!metadata?.width || !metadata.height) return [];
  const { width, height } = metadata;
  if (width * height > maxPixels(metadata)) return 'not read';
  if (Math.min(width, height) < MIN_SIDE) return [];
  const closer = !hurried && Math.max(width, height) >= WORTH_A_SECOND_LOOK;
  try {
    const decoded =
      closer && !SHRINKS_ON_LOAD.includes(metadata.format) ? await pixels(sharp, data, SECOND_SIDE) : undefined;
    const first = decoded ? await smaller(sharp, decoded) : await pixels(sharp, data, FIRST_SIDE);
    const small = first.width * first.height < INVERT_BELOW;
    const texts = await readCodes(first, { all: true, inverted: small });
    if (texts.length > 0 || !closer) return texts;
    return await readCodes(decoded ?? (await pixels(sharp, data, SECOND_SIDE)), { all: false, inverted: false });
  } catch (error) {
    // What ran out of time, or failed in the reader of codes, was not looked at.
    if (!(error instanceof Undecodable)) return 'not read';
    return [];
  }
}

function maxPixels({ format, isProgressive }: Metadata): number {
  return format === 'jpeg' && isProgressive !== true ? MAX_BASELINE_PIXELS : MAX_PIXELS;
}

async function pixels(sharp: SharpFactory, data: Uint8Array, side: number): Promise<Pixels> {
  // A code is black on white in any colour space: applying the profile took two thirds of the time.
  const input = sharp(data, { failOn: 'none', limitInputPixels: MAX_BASELINE_PIXELS, ignoreIcc: true });
  return fitted(input, side);
}

function smaller(sharp: SharpFactory, { data, width, height }: Pixels): Promise<Pixels> {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return fitted(sharp(bytes, { raw: { width, height, channels: 4 } }), FIRST_SIDE);
}

async function fitted(picture: Sharp, side: number): Promise<Pixels> {
  const { data: raw, info } = await picture
    .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true, kernel: 'linear' })
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .timeout({ seconds: 3 })
    .toBuffer({ resolveWithObject: true })
    .catch((error: unknown) => {
      const late = error instanceof Error && /timeout/iu.test(error.message);
      throw late ? error : new Undecodable('The picture does not decode.');
    });
  const { width, height } = info;
  return { data: new Uint8ClampedArray(raw.buffer, raw.byteOffset, raw.length), width, height };
}

/** libvips does not read BMP; the reader of codes does, and allocates what the header promises. */
async function codesOfBitmap(data: Uint8Array): Promise<string[] | 'not read'> {
  if (data.length < 26) return [];
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const old = bytes.readUInt32LE(14) === 12;
  const width = old ? bytes.readUInt16LE(18) : Math.abs(bytes.readInt32LE(18));
  const height = old ? bytes.readUInt16LE(20) : Math.abs(bytes.readInt32LE(22));
  if (Math.min(width, height) < MIN_SIDE) return [];
  if (width * height > MAX_BMP_PIXELS) return 'not read';
  const search = { all: true, inverted: width * height < INVERT_BELOW };
  return readCodes(data, search).catch(() => []);
}
