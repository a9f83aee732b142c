import type { Fact } from './facts';
import { MAX_PICTURE, PICTURE_SIDE } from './protocol';

/** Kinds that are decoded for a preview: no format that holds scripts, fonts or addresses. */
const PICTURES = /^image\/(?:png|apng|jpeg|gif|webp|tiff|avif)$/u;
const MAX_PIXELS = 40_000_000;

async function load() {
  const { default: sharp } = await import('sharp');
  sharp.cache(false);
  sharp.concurrency(1);
  return sharp;
}

/**
 * The picture drawn anew: decoded to pixels, made small, written as PNG without anything that the file said besides. Of
 * an animation the first frame. Undefined for what is no picture, or does not decode in time.
 */
export async function drawAnew(data: Uint8Array, type: string): Promise<Uint8Array | undefined> {
  if (!PICTURES.test(type)) return undefined;
  const sharp = await load();
  const drawn = await sharp(data, { failOn: 'none', limitInputPixels: MAX_PIXELS, pages: 1 })
    .autoOrient()
    .resize({ width: PICTURE_SIDE, height: PICTURE_SIDE, fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .png({ compressionLevel: 6 })
    .timeout({ seconds: 5 })
    .toBuffer()
    .catch(() => undefined);
  return drawn && drawn.length <= MAX_PICTURE ? drawn : undefined;
}

/** What the header of a picture says. */
export async function pictureFacts(data: Uint8Array, type: string): Promise<Fact[]> {
  if (!PICTURES.test(type)) return [];
  const sharp = await load();
  const { width, height, format, space, pages, density, exif, hasProfile } = await sharp(data, {
    failOn: 'none',
    limitInputPixels: false,
  }).metadata();
  const given: [string, unknown][] = [
    ['format', format],
    ['pixels', width && height ? `${width} × ${height}` : undefined],
    ['frames', pages],
    ['colours', space],
    ['density', density],
    ['EXIF', exif && `${exif.length} bytes`],
    ['profile', hasProfile],
  ];
  return given
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ({ group: 'picture', name, value: String(value) }));
}
