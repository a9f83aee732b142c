import { WASMagic } from 'wasmagic';
import { recogniseOffice, type OfficeContainer } from './office/recognise';
import { isTarHeader } from './tar';
import { textType } from './text-type';
import { isBrotli, isZlibStream } from './zlib-stream';
import { recogniseWeb, type WebContainer } from './web/recognise';

/** How a part is opened. `archive`: by 7-Zip, whatever its format. */
export type Container = 'archive' | 'image' | 'compound' | 'pdf' | OfficeContainer | WebContainer | 'none';

/** What a part is by its content. `mime` is empty for a part without bytes. */
export interface ContentType {
  mime: string;
  container: Container;
}

const HEAD_BYTES = 256 * 1024;
const ZIP = 'application/zip';

/** Signatures that neither library knows, or knows too late. [offset, hex, MIME, container] */
const SIGNATURES: readonly (readonly [number, string, string, Container])[] = [
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

const ARCHIVE_MIMES =
  /^application\/(x-)?(zip|gzip|bzip2?|xz|zstd|lzip|lzma|lz4|lzh-compressed|lha|arj|tar|gtar|cpio|archive|rar|7z-compressed|iso9660-image|udf-image|rpm|debian-package|deb|compress|ms-wim|xar|apple-diskimage|vnd\.rar|vnd\.ms-cab-compressed|java-archive|vnd\.openxmlformats-.*|vnd\.oasis\.opendocument.*|vnd\.ms-[a-z]+\.[a-z-]+\.macroenabled\.12|epub\+zip|vnd\.android\.package-archive)$/i;

/** Pictures that may hold a code to be read; icons are too small for one. */
const PICTURES = /^image\/(png|apng|jpeg|gif|webp|tiff|avif|bmp|x-ms-bmp)$/;

/** Content types come from four sources, most specific first: own signatures, own look at text, file-type, libmagic. */
export interface TypeDetector {
  /** `name` decides only among texts, which systems open by their name. */
  detect(data: Uint8Array, name?: string): Promise<ContentType>;
}

/** Loads both libraries; part of warming a process up. */
export async function createTypeDetector(): Promise<TypeDetector> {
  const [{ fileTypeFromBuffer }, magic] = await Promise.all([import('file-type'), WASMagic.create()]);
  const named = async (head: Uint8Array): Promise<string> => {
    const text = textType(head);
    if (text !== undefined) return text;
    const known = await fileTypeFromBuffer(head).catch(() => undefined);
    if (known && known.mime !== 'application/x-cfb') return known.mime;
    return magic.detect(head);
  };
  return {
    async detect(data, name = '') {
      if (data.length === 0) return { mime: '', container: 'none' };
      const head = data.subarray(0, HEAD_BYTES);
      const signature = bySignature(data);
      const office = signature ? undefined : recogniseOffice(head);
      if (office) return office;
      const mime = await named(head);
      if (signature) return { mime: specific(mime, signature.mime), container: signature.container };
      if (mime !== '' && !mime.startsWith('text/')) {
        // A library takes every zlib stream of one level for a disk image; those end in a block of their own.
        if (isZlibStream(data)) return { mime: 'application/zlib', container: 'archive' };
        if (isBrotli(data, name)) return { mime: 'application/x-brotli', container: 'archive' };
        if (mime === DISK_IMAGE && !isDiskImage(data)) return { mime: BYTES, container: 'none' };
      }
      if (ARCHIVE_MIMES.test(mime)) return { mime, container: 'archive' };
      const web = recogniseWeb(data, mime, name);
      if (web) return web;
      if (isPdf(head)) return { mime: 'application/pdf', container: 'pdf' };
      return { mime, container: PICTURES.test(mime) ? 'image' : 'none' };
    },
  };
}

/** libmagic's guess is kept only where it refines what the signature says (docx of a zip, msg of an OLE file). */
function specific(mime: string, signature: string): string {
  return mime === '' || mime === 'application/octet-stream' || mime.startsWith('text/') ? signature : mime;
}

function bySignature(data: Uint8Array): ContentType | undefined {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  for (const [offset, hex, mime, container] of SIGNATURES) {
    if (bytes.subarray(offset, offset + hex.length / 2).toString('hex') === hex) return { mime, container };
  }
  if (isFatImage(bytes)) return { mime: 'application/x-fat-image', container: 'archive' };
  if (isLzmaAlone(bytes)) return { mime: 'application/x-lzma', container: 'archive' };
  // Old tars have no mark.
  if (isTarHeader(bytes, 0)) return { mime: 'application/x-tar', container: 'archive' };
  if (isArj(bytes)) return { mime: 'application/x-arj', container: 'archive' };
  return undefined;
}

function isFatImage(bytes: Buffer): boolean {
  if (bytes.length < 512 || bytes[510] !== 0x55 || bytes[511] !== 0xaa) return false;
  return bytes.toString('latin1', 54, 57) === 'FAT' || bytes.toString('latin1', 82, 85) === 'FAT';
}

/** Properties byte 5d, a power-of-two dictionary, and a size that is unknown or believable. */
function isLzmaAlone(bytes: Buffer): boolean {
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

const DISK_IMAGE = 'application/x-apple-diskimage';
const BYTES = 'application/octet-stream';

/** The last 512 bytes of an Apple disk image describe it. */
function isDiskImage(data: Uint8Array): boolean {
  return Buffer.from(data.subarray(-512)).includes('koly');
}

/** Readers accept the header anywhere in the first KiB (ISO 32000-1, H.3.4.1). */
function isPdf(head: Uint8Array): boolean {
  return Buffer.from(head.subarray(0, 1029)).includes('%PDF-');
}
