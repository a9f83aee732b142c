import { inflateRawSync } from 'node:zlib';
import { u32 } from './bytes';
import type { Scene } from './scene';

const MARK = 'HWP Document File';
const COMPRESSED = 1;
const ENCRYPTED = 2;

/** Documents of Hangul Word Processor 5: their pictures, objects, scripts and texts are deflated one by one. */
export function lookAtHangul(scene: Scene): void {
  const { file, haul } = scene;
  const header = scene.stream('FileHeader');
  if (header.toString('latin1', 0, MARK.length) !== MARK) return;
  const flags = u32(header, 36);
  if (flags & ENCRYPTED) return haul.gap('encrypted');
  for (const entry of file.entries) {
    if (entry.kind !== 'stream' || !/^(BinData|Scripts|BodyText|ViewText)$/.test(entry.path[0] ?? '')) continue;
    const bytes = scene.bytes(entry);
    const plain = flags & COMPRESSED ? inflated(bytes, haul.room()) : bytes;
    if (plain === 'over') haul.gap('limit_reached');
    else if (plain) haul.member(entry.name, plain);
    if (/^DefaultJScript$/i.test(entry.name) && plain && plain.length > 64) haul.find('Hwp_Script', entry.name);
  }
}

/** Undefined for what is stored as it is. */
function inflated(bytes: Buffer, limit: number): Buffer | 'over' | undefined {
  if (limit === 0) return 'over';
  try {
    return inflateRawSync(bytes, { maxOutputLength: limit, finishFlush: 2 });
  } catch (error) {
    return error instanceof RangeError ? 'over' : undefined;
  }
}
