/** Little-endian numbers out of hostile bytes: what lies outside reads as zero, nothing throws. */

export const u8 = (bytes: Buffer, at: number): number => bytes[at] ?? 0;

export const u16 = (bytes: Buffer, at: number): number =>
  at >= 0 && at + 2 <= bytes.length ? bytes.readUInt16LE(at) : 0;

export const u32 = (bytes: Buffer, at: number): number =>
  at >= 0 && at + 4 <= bytes.length ? bytes.readUInt32LE(at) : 0;

const ANSI = new Map<number, string>([
  [874, 'windows-874'],
  [932, 'shift_jis'],
  [936, 'gbk'],
  [949, 'euc-kr'],
  [950, 'big5'],
  [10000, 'macintosh'],
  [20866, 'koi8-r'],
  [65001, 'utf-8'],
]);

/** Text in a Windows code page; unknown pages are read as Western European. Never throws. */
export function ansi(bytes: Uint8Array, codePage = 1252): string {
  const label = ANSI.get(codePage) ?? (codePage >= 1250 && codePage <= 1258 ? `windows-${codePage}` : 'windows-1252');
  return new TextDecoder(label).decode(bytes);
}

/** UTF-16 up to the first zero. */
export function utf16(bytes: Buffer): string {
  return bytes.toString('utf16le').replace(/\0[^]*$/, '');
}

/** Bytes up to the first zero from `at`, and where the next thing begins; undefined where no zero follows within `most`. */
export function zeroEnded(bytes: Buffer, at: number, most = 4_096): { text: string; next: number } | undefined {
  const end = bytes.subarray(at, at + most).indexOf(0);
  return at < 0 || end < 0 ? undefined : { text: ansi(bytes.subarray(at, at + end)), next: at + end + 1 };
}
