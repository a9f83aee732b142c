import sharp from 'sharp';
import { eicar, png, zip } from '../../scanners/samples';
import type { Sample } from '../sample';

/** Pictures: with something behind them, of too many pixels, and quite ordinary ones. */
export async function samples(): Promise<Sample[]> {
  const blank = sharp({ create: { width: 320, height: 200, channels: 3, background: '#3366aa' } });
  const huge = Buffer.from(png());
  huge.writeUInt32BE(60_000, 16);
  huge.writeUInt32BE(60_000, 20);
  const fine = (kind: string, name: string, bytes: Buffer): Sample => ({ kind, name, bytes, expect: 'clean' });
  return [
    {
      kind: 'archive behind a picture',
      name: 'a.jpg',
      bytes: Buffer.concat([await blank.clone().jpeg().toBuffer(), zip([{ name: 'bill.com', data: eicar() }])]),
      expect: 'malicious',
    },
    { kind: 'picture of too many pixels', name: 'a.png', bytes: huge, expect: 'unscannable' },
    fine('png', 'a.png', await blank.clone().png().toBuffer()),
    fine('jpeg', 'a.jpg', await blank.clone().jpeg().toBuffer()),
    fine('gif', 'a.gif', await blank.clone().gif().toBuffer()),
    fine('webp', 'a.webp', await blank.clone().webp().toBuffer()),
    fine('tiff', 'a.tiff', await blank.clone().tiff().toBuffer()),
    fine('jpeg, cut off', 'a.jpg', (await blank.clone().jpeg().toBuffer()).subarray(0, 500)),
    fine('tracking pixel', 'a.png', png()),
  ];
}
