/** Bytes of text in whatever Unicode form, as characters; bytes that are not UTF-8 are taken one by one. */
export function decodeText(data: Uint8Array): string {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const wide = wideForm(bytes);
  if (wide === 'le') return bytes.toString('utf16le', bytes[0] === 0xff ? 2 : 0);
  if (wide === 'be') {
    const even = Buffer.from(bytes.subarray(bytes[0] === 0xfe ? 2 : 0, bytes.length - (bytes.length % 2)));
    return even.swap16().toString('utf16le');
  }
  const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const text = bytes.toString('utf8', start);
  return text.includes('\ufffd') ? bytes.toString('latin1', start) : text;
}

/** Whether text has two bytes a character, by its mark or by zeros in every other place of its beginning. */
export function wideForm(data: Uint8Array): 'le' | 'be' | undefined {
  if (data.length < 4) return undefined;
  if (data[0] === 0xff && data[1] === 0xfe) return 'le';
  if (data[0] === 0xfe && data[1] === 0xff) return 'be';
  const pairs = Math.min(data.length >> 1, 64);
  let [first, second] = [0, 0];
  for (let at = 0; at < pairs; at += 1) {
    if (data[at * 2] === 0) first += 1;
    if (data[at * 2 + 1] === 0) second += 1;
  }
  if (second > pairs * 0.8 && first === 0) return 'le';
  if (first > pairs * 0.8 && second === 0) return 'be';
  return undefined;
}

/** Whether bytes read like text in one of its forms: no control characters in their beginning. */
export function isText(data: Uint8Array): boolean {
  if (wideForm(data)) return true;
  const end = Math.min(data.length, 4_096);
  let odd = 0;
  for (let at = 0; at < end; at += 1) {
    const byte = data[at] ?? 0;
    if (byte === 0) return false;
    if (byte < 0x20 && (byte < 7 || (byte > 13 && byte !== 0x1a && byte !== 0x1b))) odd += 1;
  }
  return odd * 50 <= end;
}

/** The ending of a file's name in lower case, without the dot; blanks and dots behind it are dropped, as Windows does. */
export function extensionOf(name: string): string {
  const base = (name.split(/[/\\]/).at(-1) ?? '').slice(-200).replace(/[\s.]{1,200}$/, '');
  const dot = base.lastIndexOf('.');
  return dot < 0 ? '' : base.slice(dot + 1).toLowerCase();
}
