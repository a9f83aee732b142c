/** What the dictionary holds before the first byte, [MS-OXRTFCP] 2.1.3.1.1. */
const INITIAL =
  '{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx';
const MAX_OUT = 30_000_000;

/** Unpacks the RTF body of Outlook's mails ([MS-OXRTFCP]); undefined where the bytes are something else. Gives what is there of a cut one. */
export function decompressRtf(data: Buffer): Buffer | undefined {
  if (data.length < 16) return undefined;
  const kind = data.toString('latin1', 8, 12);
  const size = Math.min(data.readUInt32LE(4), MAX_OUT);
  if (kind === 'MELA') return data.subarray(16, 16 + size);
  if (kind !== 'LZFu') return undefined;
  const window = Buffer.alloc(4_096);
  let at = window.write(INITIAL, 'latin1');
  const out: number[] = [];
  const put = (byte: number): void => {
    window[at] = byte;
    at = (at + 1) & 0xfff;
    out.push(byte);
  };
  for (let here = 16; here < data.length && out.length < size;) {
    const control = data[here] ?? 0;
    here += 1;
    for (let bit = 0; bit < 8 && here < data.length && out.length < size; bit += 1) {
      if ((control & (1 << bit)) === 0) {
        put(data[here] ?? 0);
        here += 1;
        continue;
      }
      if (here + 1 >= data.length) return Buffer.from(out);
      const word = data.readUInt16BE(here);
      here += 2;
      const from = word >> 4;
      if (from === at) return Buffer.from(out);
      for (let step = 0; step < (word & 15) + 2; step += 1) put(window[(from + step) & 0xfff] ?? 0);
    }
  }
  return Buffer.from(out);
}
