import { u16, u32 } from './bytes';
import type { Haul } from './haul';

const MAX_PICTURES = 40;
/** Bytes before the picture, by record type and whether a second digest is there ([MS-ODRAW] 2.2.23). */
const KINDS = new Map<number, { extension: string; start: Buffer }>([
  [0xf01d, { extension: 'jpg', start: Buffer.from('ffd8', 'hex') }],
  [0xf02a, { extension: 'jpg', start: Buffer.from('ffd8', 'hex') }],
  [0xf01e, { extension: 'png', start: Buffer.from('89504e47', 'hex') }],
]);

/** Pictures that stand as files in a stream of drawing records: codes to be scanned may be in them. */
export function imagesOf(bytes: Buffer, haul: Haul): void {
  let order = 0;
  for (let at = 0; at + 8 <= bytes.length && order < MAX_PICTURES && !haul.full();) {
    const [type, length] = [u16(bytes, at + 2), u32(bytes, at + 4)];
    if (type < 0xf000) return;
    const kind = KINDS.get(type);
    const data = bytes.subarray(at + 8, at + 8 + length);
    const from = kind ? data.subarray(0, 64).indexOf(kind.start) : -1;
    if (kind && from >= 0) {
      order += 1;
      haul.member(`picture-${order}.${kind.extension}`, data.subarray(from));
    }
    at += 8 + length;
  }
}
