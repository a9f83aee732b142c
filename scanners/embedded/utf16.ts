const MAX_BYTES = 8 * 1024 * 1024;
const PROBE_BYTES = 512;
const decoder = { little: new TextDecoder('utf-16le'), big: new TextDecoder('utf-16be') };

/**
 * The same text in UTF-8, where a part is UTF-16 text (by its mark, or because every other byte of its beginning is
 * zero): rules on scripts and pages then need one spelling of their patterns. Undefined for anything else.
 */
export function fromUtf16(data: Uint8Array): Uint8Array | undefined {
  const order = orderOf(data);
  if (order === undefined) return undefined;
  return Buffer.from(decoder[order].decode(data.subarray(0, MAX_BYTES)), 'utf8');
}

function orderOf(data: Uint8Array): 'little' | 'big' | undefined {
  if (data.length < 8) return undefined;
  if (data[0] === 0xff && data[1] === 0xfe && !(data[2] === 0 && data[3] === 0)) return 'little';
  if (data[0] === 0xfe && data[1] === 0xff) return 'big';
  const zeros = [0, 0];
  const length = Math.min(data.length, PROBE_BYTES) & ~1;
  for (let at = 0; at < length; at += 1) {
    const byte = data[at] ?? 0;
    if (byte === 0) zeros[at & 1] = (zeros[at & 1] ?? 0) + 1;
    else if (byte < 9) return undefined;
  }
  const [even = 0, odd = 0] = zeros;
  if (even === 0 && odd > length * 0.35) return 'little';
  return odd === 0 && even > length * 0.35 ? 'big' : undefined;
}
