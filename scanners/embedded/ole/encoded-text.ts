const MIN = 24;
const MAX = 4 * 1024 * 1024;
/** First bytes of programs, archives and documents. */
const FILE = /^(4d5a|504b0304|d0cf11e0|7f454c46|52617221|377abcaf|25504446|4c000000011402)/;

/**
 * Undoes base64 or hexadecimal. Gives text where the result reads as text, bytes where it begins like a file, and nothing
 * for what is neither: words and numbers look encoded too.
 */
export function decodeText(text: string): string | Buffer | undefined {
  if (text.length > MAX) return undefined;
  if (/^(MZ|PK\x03\x04)/.test(text) && text.length >= 64) return Buffer.from(text, 'latin1');
  const dense = text.replace(/[\s,;:]+/g, '');
  if (dense.length < MIN) return undefined;
  if (/^(?:&h|0x|\\x)?[0-9a-f]+$/i.test(dense) && dense.length % 2 === 0) {
    const read = asContent(Buffer.from(dense.replace(/^(?:&h|0x|\\x)/i, ''), 'hex'));
    if (read !== undefined) return read;
  }
  return /^[0-9a-z+/_-]+={0,2}$/i.test(dense) ? asContent(Buffer.from(dense, 'base64')) : undefined;
}

function asContent(bytes: Buffer): string | Buffer | undefined {
  if (bytes.length < 8) return undefined;
  if (FILE.test(bytes.toString('hex', 0, 8))) return bytes;
  const wide = bytes.length >= 16 && bytes.subarray(0, 64).every((byte, index) => index % 2 === 0 || byte === 0);
  const text = wide ? bytes.toString('utf16le') : bytes.toString('latin1');
  return /^[\t\n\r\x20-\x7e]+$/.test(text) ? text : undefined;
}
