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
    // What does not inflate is stored as it is, and a part already.
    const plain = flags & COMPRESSED ? haul.inflate(bytes, true) : undefined;
    if (plain === undefined || plain === 'over') continue;
    haul.member(entry.name, plain);
    if (/^DefaultJScript$/i.test(entry.name) && plain.length > 64) haul.find('Hwp_Script', entry.name);
  }
}
