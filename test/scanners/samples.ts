import { randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { Readable } from 'node:stream';
import type { EngineReport } from '../../domain/inspection';
import { inspect, type Engine, type ScanTarget } from '../../scanners';

/** The EICAR test file, joined at run time: no scanner may find it in this repository. */
export function eicar(): Buffer {
  return Buffer.from(['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR', 'STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('-'));
}

/** A zip made by hand, so that names and sizes may be anything. */
export function zip(members: readonly { name: string; data: Buffer; store?: boolean }[]): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const { name, data, store } of members) {
    const body = store ? data : deflateRawSync(data);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x0800, 2);
    common.writeUInt16LE(store ? 0 : 8, 4);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(body.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), body]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    centrals.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), common, rest, Buffer.from(name)]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(centrals);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

function crc32(data: Buffer): number {
  let crc = 0xffff_ffff;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb8_8320 : crc >>> 1;
  }
  return (crc ^ 0xffff_ffff) >>> 0;
}

/** A file of a traditional (ZipCrypto) encrypted zip. The cipher is APPNOTE 6.1. */
export function encryptedZip(name: string, data: Buffer, password: string): Buffer {
  const table = Array.from({ length: 256 }, (_unused, index) => {
    let value = index;
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb8_8320 : value >>> 1;
    return value >>> 0;
  });
  let [k0, k1, k2] = [0x1234_5678, 0x2345_6789, 0x3456_7890];
  const step = (crc: number, byte: number): number => ((table[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8)) >>> 0;
  const update = (byte: number): void => {
    k0 = step(k0, byte);
    k1 = (Math.imul((k1 + (k0 & 0xff)) >>> 0, 134_775_813) + 1) >>> 0;
    k2 = step(k2, k1 >>> 24);
  };
  for (const byte of Buffer.from(password)) update(byte);
  const crc = crc32(data);
  const clear = Buffer.concat([randomBytes(11), Buffer.from([crc >>> 24]), data]);
  const body = Buffer.from(
    clear.map((byte) => {
      const word = (k2 | 2) & 0xffff;
      const key = (Math.imul(word, word ^ 1) >>> 8) & 0xff;
      update(byte);
      return byte ^ key;
    }),
  );
  const plain = zip([{ name, data: body, store: true }]);
  const patch = (at: number): void => {
    plain.writeUInt16LE(1, at);
    plain.writeUInt32LE(crc, at + 8);
    plain.writeUInt32LE(data.length, at + 16);
  };
  patch(6);
  patch(plain.indexOf(Buffer.from('PK\x01\x02')) + 8);
  return plain;
}

/** A document as Word writes it, in the parts that matter here. */
export function docx(text: string): Buffer {
  const types =
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>';
  const rels =
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>';
  const body = `<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>${text}</w:t></w:r></w:p></w:body></w:document>`;
  return zip([
    { name: '[Content_Types].xml', data: Buffer.from(types) },
    { name: '_rels/.rels', data: Buffer.from(rels) },
    { name: 'word/document.xml', data: Buffer.from(body) },
  ]);
}

/** One page, with objects of the caller's besides. */
export function pdf(...objects: (string | Buffer)[]): Buffer {
  const parts = [
    '%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n',
    '2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n',
    '3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>\nendobj\n',
    ...objects,
    'trailer\n<< /Size 4 /Root 1 0 R >>\n%%EOF\n',
  ];
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}

/** A 1×1 picture. */
export function png(): Buffer {
  const base64 = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
  return Buffer.from(base64, 'base64');
}

/** Inspects bytes with one engine and gives its report. */
export async function report(engine: Engine, target: ScanTarget | string, data: Buffer): Promise<EngineReport> {
  const scan = typeof target === 'string' ? { fileName: target } : target;
  const { reports } = await inspect([engine], scan, Readable.from(data.length > 0 ? [data] : []), []);
  const [only] = reports;
  if (!only) throw new Error('inspect gave no report');
  return only;
}
