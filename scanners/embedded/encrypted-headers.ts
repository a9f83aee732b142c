/**
 * Whether an archive hides even its list of names. This 7-Zip build dies on such a header without saying why (its C++
 * exceptions cannot be caught), so the header itself is asked. Formats: 7zFormat.txt, RAR 4 and 5 technical notes.
 */
export function hasEncryptedHeaders(data: Uint8Array): boolean {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const start = bytes.toString('hex', 0, 8);
  if (start.startsWith('377abcaf271c')) return hasEncryptedSevenZipHeader(bytes);
  if (start === '526172211a070100') return bytes[13] === 4 || bytes[14] === 4;
  if (start.startsWith('526172211a0700')) return bytes[9] === 0x73 && ((bytes[10] ?? 0) & 0x80) !== 0;
  return false;
}

/** The "next header" is an encoded one (0x17) and names the AES coder (06 f1 07 01). */
function hasEncryptedSevenZipHeader(bytes: Buffer): boolean {
  if (bytes.length < 32) return false;
  const at = 32 + Number(bytes.readBigUInt64LE(12));
  if (at >= bytes.length || bytes[at] !== 0x17) return false;
  return bytes.subarray(at, at + 4_096).includes(Buffer.from('06f10701', 'hex'));
}
