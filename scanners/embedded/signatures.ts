import { isTarHeader } from './tar';

/** A kind known by its marks. */
export interface Signed {
  mime: string;
  container: 'archive' | 'compound';
}

const ZIP = 'application/zip';

/** Signatures that neither library knows, or knows too late. [offset, hex, MIME, container] */
const SIGNATURES: readonly (readonly [number, string, string, Signed['container']])[] = [
  [0, 'd0cf11e0a1b11ae1', 'application/x-ole-storage', 'compound'],
  [0, '504b0304', ZIP, 'archive'],
  [0, '504b0506', ZIP, 'archive'],
  [0, '504b0708', ZIP, 'archive'],
  [0, '504b3030504b0304', ZIP, 'archive'],
  [0, '377abcaf271c', 'application/x-7z-compressed', 'archive'],
  [0, '526172211a07', 'application/vnd.rar', 'archive'],
  [0, '1f8b', 'application/gzip', 'archive'],
  [0, '1f9d', 'application/x-compress', 'archive'],
  [0, '1fa0', 'application/x-compress', 'archive'],
  [0, '425a68', 'application/x-bzip2', 'archive'],
  [0, 'fd377a585a00', 'application/x-xz', 'archive'],
  [0, '28b52ffd', 'application/zstd', 'archive'],
  [0, '4c5a4950', 'application/x-lzip', 'archive'],
  [0, '04224d18', 'application/x-lz4', 'archive'],
  [0, '4d53434600000000', 'application/vnd.ms-cab-compressed', 'archive'],
  [0, '49536328', 'application/x-installshield', 'archive'],
  [0, '49545346', 'application/vnd.ms-htmlhelp', 'archive'],
  [0, '535a444488f02733', 'application/x-ms-compress-szdd', 'archive'],
  [0, '4d5357494d000000', 'application/x-ms-wim', 'archive'],
  [0, '213c617263683e0a', 'application/x-archive', 'archive'],
  [0, '303730373031', 'application/x-cpio', 'archive'],
  [0, '303730373032', 'application/x-cpio', 'archive'],
  [0, '303730373037', 'application/x-cpio', 'archive'],
  [0, 'c771', 'application/x-cpio', 'archive'],
  [0, 'edabeedb', 'application/x-rpm', 'archive'],
  [0, '78617221', 'application/x-xar', 'archive'],
  [0, '68737173', 'application/x-squashfs', 'archive'],
  [3, '4e54465320202020', 'application/x-ntfs-image', 'archive'],
  [32, '4e585342', 'application/x-apfs-image', 'archive'],
  [0, '453dcd28', 'application/x-cramfs', 'archive'],
  [0, '28cd3d45', 'application/x-cramfs', 'archive'],
  [64, '7f10dabe', 'application/x-virtualbox-vdi', 'archive'],
  [2, '2d6c7a', 'application/x-lzh-compressed', 'archive'],
  [0, '7668647866696c65', 'application/x-vhdx', 'archive'],
  [0, '636f6e6563746978', 'application/x-vhd', 'archive'],
  [0, '4b444d56', 'application/x-vmdk', 'archive'],
  [0, '514649fb', 'application/x-qcow2', 'archive'],
  [2, '2d6c68', 'application/x-lzh-compressed', 'archive'],
  [257, '7573746172', 'application/x-tar', 'archive'],
  [32769, '4344303031', 'application/x-iso9660-image', 'archive'],
  [32769, '4245413031', 'application/x-udf-image', 'archive'],
  [34817, '4344303031', 'application/x-iso9660-image', 'archive'],
];

/** Packed formats that nothing here opens: they are known, so that they are not taken for plain bytes. */
const UNSUPPORTED: readonly (readonly [offset: number, hex: string, mime: string])[] = [
  [0, '894c5a4f000d0a1a0a', 'application/x-lzop'],
  [0, '4c525a4900', 'application/x-lrzip'],
  [0, '525a495002', 'application/x-rzip'],
  [0, '376b5374a03183d3', 'application/x-zpaq'],
  [0, '7a505101', 'application/x-zpaq'],
  [0, '7a505102', 'application/x-zpaq'],
  [0, 'ff060000734e61507059', 'application/x-snappy-framed'],
  [0, '62767831', 'application/x-lzfse'],
  [0, '62767832', 'application/x-lzfse'],
  [0, '4ef546e96ce5', 'application/x-nufile'],
  [0, '5349542100', 'application/x-stuffit'],
  [0, '53747566664974202863293139', 'application/x-stuffit'],
  [0, '414c5a01', 'application/x-alz-compressed'],
  [0, '4547474100', 'application/x-egg'],
  [0, '41724301', 'application/x-freearc'],
  [0, '4441410000', 'application/x-daa-image'],
  [0, '444354c3', 'application/x-dact'],
  [7, '2a2a4143452a2a', 'application/x-ace-compressed'],
  [20, 'dca7c4fd', 'application/x-zoo'],
  [0, '51454400', 'application/x-qed-disk'],
  [0, '455646090d0aff00', 'application/x-ewf-image'],
  [3, '4558464154202020', 'application/x-exfat-image'],
  [0, '58465342', 'application/x-xfs-image'],
  [65_600, '5f42485266535f4d', 'application/x-btrfs-image'],
];

/** What bytes are by fixed marks, or by sums that only one format has; undefined for everything else. */
export function bySignature(data: Uint8Array): Signed | undefined {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  for (const [offset, hex, mime, container] of SIGNATURES) {
    if (standsAt(bytes, offset, hex)) return { mime, container };
  }
  for (const [offset, hex, mime] of UNSUPPORTED) {
    if (standsAt(bytes, offset, hex)) return { mime, container: 'archive' };
  }
  const system = fileSystem(bytes);
  if (system !== undefined) return { mime: system, container: 'archive' };
  if (isFatImage(bytes)) return { mime: 'application/x-fat-image', container: 'archive' };
  if (isLzmaAlone(bytes)) return { mime: 'application/x-lzma', container: 'archive' };
  // Old tars have no mark.
  if (isTarHeader(bytes, 0)) return { mime: 'application/x-tar', container: 'archive' };
  if (isArj(bytes)) return { mime: 'application/x-arj', container: 'archive' };
  if (isArc(bytes)) return { mime: 'application/x-arc', container: 'archive' };
  return undefined;
}

function standsAt(bytes: Buffer, offset: number, hex: string): boolean {
  return bytes.toString('hex', offset, offset + hex.length / 2) === hex;
}

function isFatImage(bytes: Buffer): boolean {
  if (bytes.length < 512 || bytes[510] !== 0x55 || bytes[511] !== 0xaa) return false;
  return bytes.toString('latin1', 54, 57) === 'FAT' || bytes.toString('latin1', 82, 85) === 'FAT';
}

/** An LZMA file without any mark: properties byte 5d, a power-of-two dictionary, and a size that is unknown or believable. */
export function isLzmaAlone(bytes: Buffer): boolean {
  if (bytes.length < 18 || bytes[0] !== 0x5d || bytes[13] !== 0) return false;
  const dictionary = bytes.readUInt32LE(1);
  if (dictionary < 4096 || (dictionary & (dictionary - 1)) !== 0) return false;
  const high = bytes.readUInt32LE(9);
  return (high === 0xffff_ffff && bytes.readUInt32LE(5) === 0xffff_ffff) || high < 256;
}

function isArj(bytes: Buffer): boolean {
  if (bytes.length < 12 || bytes[0] !== 0x60 || bytes[1] !== 0xea) return false;
  const size = bytes.readUInt16LE(2);
  return size >= 30 && size <= 2600 && bytes[10] === 2;
}

/** Headers of the old ARC: a mark, a method, a name of at most twelve characters, sizes that fit. */
function isArc(bytes: Buffer): boolean {
  const method = bytes[1] ?? 0;
  if (bytes.length < 29 || bytes[0] !== 0x1a || method < 1 || method > 11) return false;
  const name = bytes.subarray(2, 15);
  const end = name.indexOf(0);
  if (end < 1 || name.subarray(0, end).some((byte) => byte < 0x21 || byte > 0x7e)) return false;
  return bytes.readUInt32LE(15) <= bytes.length;
}

const GPT = 'EFI PART';

/** Disks and file systems whose marks stand behind their beginning. */
function fileSystem(bytes: Buffer): string | undefined {
  if (bytes.toString('latin1', 512, 512 + GPT.length) === GPT) return 'application/x-gpt-disk';
  if (isExt(bytes)) return 'application/x-ext-image';
  const hfs = bytes.toString('latin1', 1024, 1028);
  if (hfs === 'H+\0\x04' || hfs === 'HX\0\x05') return 'application/x-hfs-image';
  return isPartitioned(bytes) ? 'application/x-mbr-disk' : undefined;
}

/** The superblock of ext2 to ext4: mark, state, revision, block size and count. */
function isExt(bytes: Buffer): boolean {
  if (bytes.length < 2048 || bytes.readUInt16LE(1080) !== 0xef53) return false;
  const [state, revision, size, blocks] = [1082, 1100, 1048, 1028].map((at) => bytes.readUInt32LE(at));
  return ((state ?? 0) & 0xffff) < 8 && (revision ?? 9) <= 1 && (size ?? 9) <= 6 && (blocks ?? 0) > 0;
}

/** A table of partitions (MBR): its mark, four lines that could be some, one of which lies inside the file. */
function isPartitioned(bytes: Buffer): boolean {
  if (bytes.length < 1024 || bytes[510] !== 0x55 || bytes[511] !== 0xaa) return false;
  const lines = [446, 462, 478, 494].map((at) => bytes.subarray(at, at + 16));
  if (!lines.every((line) => line[0] === 0 || line[0] === 0x80)) return false;
  return lines.some((line) => {
    const [first, count] = [line.readUInt32LE(8), line.readUInt32LE(12)];
    return line[4] !== 0 && first > 0 && count > 0 && (first + count) * 512 <= bytes.length;
  });
}
