import { WASMagic } from 'wasmagic';
import { recogniseOffice, type OfficeContainer } from './office/recognise';
import { bySignature } from './signatures';
import { textType } from './text-type';
import { isBrotli, isRawDeflate, isZlibStream } from './zlib-stream';
import { recogniseWeb, type WebContainer } from './web/recognise';

/** How a part is opened. `archive`: by 7-Zip, whatever its format. */
export type Container = 'archive' | 'image' | 'compound' | 'pdf' | OfficeContainer | WebContainer | 'none';

/** What a part is by its content. `mime` is empty for a part without bytes. */
export interface ContentType {
  mime: string;
  container: Container;
}

const HEAD_BYTES = 256 * 1024;

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
        if (mime === BYTES && isRawDeflate(data)) return { mime: 'application/x-deflate', container: 'archive' };
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

const DISK_IMAGE = 'application/x-apple-diskimage';
const BYTES = 'application/octet-stream';

/** The last 512 bytes of an Apple disk image describe it. */
function isDiskImage(data: Uint8Array): boolean {
  return Buffer.from(data.subarray(-512)).includes('koly');
}

/** Readers accept the header anywhere in the first KiB (ISO 32000-1, H.3.4.1), and some need none before the first object. */
function isPdf(head: Uint8Array): boolean {
  const start = Buffer.from(head.subarray(0, 1029));
  return start.includes('%PDF-') || /^\s{0,100}\d{1,9} \d{1,5} obj\b/.test(start.toString('latin1'));
}
