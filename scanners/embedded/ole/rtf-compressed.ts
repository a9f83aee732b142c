import { u32 } from './bytes';

const HEADER_BYTES = 16;
const COMPRESSED = 0x7546_5a4c;
const STORED = 0x414c_454d;
const WINDOW = 4_096;
/** What the dictionary begins with ([MS-OXRTFCP] 2.1.2.1). */
const FIRST = Buffer.from(
  '{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx',
  'latin1',
);

/** Undoes the compression of a message's RTF body, at most `limit` bytes of it; undefined where it is none. */
export function decompressRtf(bytes: Buffer, limit: number): Buffer | undefined {
  const kind = u32(bytes, 8);
  if (kind === STORED) return bytes.subarray(HEADER_BYTES, HEADER_BYTES + Math.min(u32(bytes, 4), limit));
  if (kind !== COMPRESSED) return undefined;
  const window = Buffer.alloc(WINDOW, 0x20);
  FIRST.copy(window);
  // A reference of two bytes makes at most seventeen.
  const out = Buffer.alloc(Math.min(limit, u32(bytes, 4) + 64, bytes.length * 9 + 64));
  let [write, size, at] = [FIRST.length, 0, HEADER_BYTES];
  const put = (byte: number): void => {
    out[size] = byte;
    window[write] = byte;
    size += 1;
    write = (write + 1) % WINDOW;
  };
  while (at < bytes.length && size < out.length) {
    const control = bytes[at] ?? 0;
    at += 1;
    for (let bit = 0; bit < 8 && at < bytes.length && size < out.length; bit += 1) {
      if ((control & (1 << bit)) === 0) {
        put(bytes[at] ?? 0);
        at += 1;
        continue;
      }
      const token = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
      at += 2;
      const from = token >> 4;
      // A reference to the place of writing ends the text.
      if (from === write) return out.subarray(0, size);
      for (let index = 0; index < (token & 15) + 2 && size < out.length; index += 1) {
        put(window[(from + index) % WINDOW] ?? 0);
      }
    }
  }
  return out.subarray(0, size);
}
