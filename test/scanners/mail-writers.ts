import { eicar, zip } from './samples';

/** How lines of a mail end. */
export const CRLF = '\r\n';
/** Lines of a mail. */
export const lines = (...parts: string[]): string => parts.join(CRLF);
/** Base64 as mails have it. */
export const base64 = (data: Buffer): string => (data.toString('base64').match(/.{1,76}/g) ?? []).join(CRLF);
/** A zip with EICAR inside. */
export const bill = (): Buffer => zip([{ name: 'bill.com', data: eicar() }]);
/** Fields of an ordinary mail. */
export const HEAD = lines(
  'From: Anna <anna@example.com>',
  'To: support@example.org',
  'Subject: Rechnung',
  'Date: Mon, 2 Nov 2026 10:00:00 +0100',
  'Message-ID: <1@example.com>',
  'MIME-Version: 1.0',
);
/** A part with a file. */
export const attachment = (data: Buffer, name = 'bill.zip', encoding = 'base64', body = base64(data)): string =>
  lines(
    `Content-Type: application/octet-stream; name="${name}"`,
    `Content-Disposition: attachment; filename="${name}"`,
    `Content-Transfer-Encoding: ${encoding}`,
    '',
    body,
  );
/** A part with text. */
export const TEXT = lines('Content-Type: text/plain; charset=utf-8', '', 'Please see the file.');

/** A mail of two parts; the options bend it. */
export function mail(
  part: string,
  { head = HEAD, boundary = 'b1', declared = '', end = true, before = '', after = '' } = {},
): Buffer {
  const body = [`--${boundary}`, TEXT, `--${boundary}`, part, end ? `--${boundary}--` : ''];
  return Buffer.from(
    lines(head, `Content-Type: multipart/mixed; boundary="${declared || boundary}"`, '', before, ...body, after),
    'latin1',
  );
}

/** uuencode as POSIX writes it. */
export function uuencode(name: string, data: Buffer): string {
  const rows: string[] = [`begin 644 ${name}`];
  for (let at = 0; at < data.length; at += 45) {
    const row = data.subarray(at, at + 45);
    let text = String.fromCharCode(32 + row.length);
    for (let step = 0; step < row.length; step += 3) {
      const word = ((row[step] ?? 0) << 16) | ((row[step + 1] ?? 0) << 8) | (row[step + 2] ?? 0);
      for (const shift of [18, 12, 6, 0]) text += String.fromCharCode(((word >> shift) & 63) + 32).replace(' ', '`');
    }
    rows.push(text);
  }
  return [...rows, '`', 'end'].join(CRLF);
}

/** yEnc as Usenet writes it. */
export function yencode(name: string, data: Buffer): Buffer {
  const body: number[] = [];
  for (const byte of data) {
    const code = (byte + 42) & 0xff;
    if (code === 0 || code === 10 || code === 13 || code === 61) body.push(61, (code + 64) & 0xff);
    else body.push(code);
  }
  const head = `=ybegin line=128 size=${data.length} name=${name}\r\n`;
  return Buffer.concat([Buffer.from(head), Buffer.from(body), Buffer.from(`\r\n=yend size=${data.length}\r\n`)]);
}

const u16 = (value: number): Buffer => Buffer.from([value & 0xff, value >> 8]);
const u32 = (value: number): Buffer => Buffer.concat([u16(value & 0xffff), u16(value >>> 16)]);
const attribute = (level: number, type: number, id: number, data: Buffer): Buffer =>
  Buffer.concat([Buffer.from([level]), u16(id), u16(type), u32(data.length), data, u16(0)]);
const padded = (data: Buffer): Buffer => Buffer.concat([data, Buffer.alloc((4 - (data.length % 4)) % 4)]);
const property = (type: number, id: number, data: Buffer): Buffer =>
  Buffer.concat([u16(type), u16(id), u32(1), u32(data.length), padded(data)]);

/** A winmail.dat with one attachment; `nested` puts it into a message inside. */
export function winmail(name: string, data: Buffer, nested = false): Buffer {
  const head = Buffer.concat([Buffer.from('789f3e22', 'hex'), u16(1)]);
  const start = attribute(2, 6, 0x9002, Buffer.alloc(14));
  const long = property(0x1f, 0x3707, Buffer.from(`${name}\0`, 'utf16le'));
  if (!nested) {
    const properties = attribute(2, 6, 0x9005, Buffer.concat([u32(1), long]));
    return Buffer.concat([
      head,
      start,
      attribute(2, 2, 0x8010, Buffer.from('SHORT~1.ZIP\0')),
      attribute(2, 6, 0x800f, data),
      properties,
    ]);
  }
  const object = Buffer.concat([Buffer.alloc(16, 7), winmail(name, data)]);
  return Buffer.concat([head, start, attribute(2, 6, 0x9005, Buffer.concat([u32(1), property(0x0d, 0x3701, object)]))]);
}

const der = (tag: number, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(body.length);
  return Buffer.concat([Buffer.from([tag, 0x84]), size, body]);
};
const oid = (hex: string): Buffer => Buffer.from(`06${(hex.length / 2).toString(16).padStart(2, '0')}${hex}`, 'hex');

/** A CMS message around bytes: signed, or of another content type. */
export function cms(content: Buffer, type = '2a864886f70d010702'): Buffer {
  const octets = der(0xa0, der(0x04, content));
  const inner = der(0x30, oid('2a864886f70d010701'), octets);
  return der(0x30, oid(type), der(0xa0, der(0x30, Buffer.from([2, 1, 1]), der(0x31), inner)));
}

/** The same in BER with indefinite lengths and the content in pieces, as streaming signers write it. */
export function streamedCms(content: Buffer): Buffer {
  const open = (tag: number, ...parts: Buffer[]): Buffer =>
    Buffer.concat([Buffer.from([tag, 0x80]), ...parts, Buffer.alloc(2)]);
  const half = content.length >> 1;
  const octets = open(0x24, der(0x04, content.subarray(0, half)), der(0x04, content.subarray(half)));
  const inner = open(0x30, oid('2a864886f70d010701'), open(0xa0, octets));
  return open(0x30, oid('2a864886f70d010702'), open(0xa0, open(0x30, Buffer.from([2, 1, 1]), der(0x31), inner)));
}
