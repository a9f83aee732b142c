import { deflateRawSync, deflateSync } from 'node:zlib';
import { base32, base85, dump, intelHex, motorola, rot13, xxencode, yenc } from '../../scanners/write-text';
import { eicar, png, zip } from '../../scanners/samples';
import type { Sample } from '../sample';

const bill = (): Buffer => zip([{ name: 'bill.com', data: eicar() }]);
const hexBytes = (data: Buffer): string[] => [...data].map((byte) => byte.toString(16).padStart(2, '0'));

/** A JPEG picture that is nothing but a comment. */
function jpegWith(comment: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(comment.length + 2);
  return Buffer.concat([Buffer.from('ffd8fffe', 'hex'), length, comment, Buffer.from('ffd9', 'hex')]);
}

/** A web font of one table, whose bytes are these (WOFF 1.0). */
function font(table: Buffer): Buffer {
  const packed = deflateSync(table);
  const head = Buffer.alloc(64);
  head.write('wOFF\0\x01\0\0', 'latin1');
  head.writeUInt32BE(64 + packed.length, 8);
  head.writeUInt16BE(1, 12);
  head.write('name', 44);
  head.writeUInt32BE(64, 48);
  head.writeUInt32BE(packed.length, 52);
  head.writeUInt32BE(table.length, 56);
  return Buffer.concat([head, packed]);
}

/** Files written down in a text by other ways than base64, and encoded ones inside of what is no text. */
export function samples(): Sample[] {
  const data = bill();
  const base64 = data.toString('base64');
  const program = Buffer.concat([Buffer.from('MZ'), Buffer.alloc(998)]);
  const profile = png();
  const files: [string, string, string | Buffer][] = [
    ['text: base32', 'a.txt', `The file:\n${base32(data)}\n`],
    ['text: base85 of Adobe', 'a.txt', `The file:\n<~${base85(data, 'ascii')}~>\n`],
    ['text: base85 of git', 'a.txt', base85(data, 'plain')],
    ['text: rot13 of base64', 'a.txt', rot13(base64)],
    ['text: dump', 'a.txt', dump(data)],
    ['text: records of Intel', 'a.hex', intelHex(data)],
    ['text: records of Motorola', 'a.s19', motorola(data)],
    ['text: numbers', 'a.c', `char a[] = {${[...data].join(', ')}};\n`],
    [
      'text: hexadecimal numbers',
      'a.c',
      `char a[] = {${hexBytes(data).join(',')}};\n`.replace(/\b(?=[0-9a-f]{2}\b)/g, '0x'),
    ],
    [
      'text: escapes',
      'a.sh',
      `printf '${hexBytes(data)
        .map((byte) => `\\x${byte}`)
        .join('')}' > a.zip\n`,
    ],
    ['text: value of a database', 'a.sql', `COPY f (b) FROM stdin;\n\\\\x${data.toString('hex')}\n\\.\n`],
    ['text: xxencode', 'a.txt', xxencode('a.zip', data)],
    ['text: yenc', 'a.txt', yenc('a.zip', data)],
    ['text: deflated base64', 'a.txt', deflateSync(Buffer.concat([data, data])).toString('base64')],
    [
      'registry: binary value',
      'a.reg',
      `Windows Registry Editor Version 5.00\r\n\r\n[HKEY_CURRENT_USER\\a]\r\n"b"=hex:${hexBytes(data).join(',')}\r\n`,
    ],
    ['deflate without header', 'a.bin', deflateRawSync(eicar())],
    ['jpeg: base64 in its comment', 'a.jpg', jpegWith(Buffer.from(base64))],
    ['jpeg: zlib in its comment', 'a.jpg', jpegWith(deflateSync(data))],
    ['png: base64 behind', 'a.png', Buffer.concat([profile, Buffer.from(base64)])],
    ['web font: table', 'a.woff', font(Buffer.concat([eicar(), eicar()]))],
    ['program: base64 inside', 'a.exe', Buffer.concat([program, Buffer.from(base64), Buffer.alloc(100)])],
    ['program: zlib inside', 'a.exe', Buffer.concat([program, deflateSync(Buffer.concat([data, data]))])],
  ];
  return files.map(([kind, name, content]) => ({ kind, name, bytes: Buffer.from(content), expect: 'malicious' }));
}
