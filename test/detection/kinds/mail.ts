import { gzipSync } from 'node:zlib';
import { docx, eicar, pdf, png, zip } from '../../scanners/samples';
import type { Sample, SampleMaker } from '../sample';

const CRLF = '\r\n';
const lines = (...parts: string[]): string => parts.join(CRLF);
const base64 = (data: Buffer): string => (data.toString('base64').match(/.{1,76}/g) ?? []).join(CRLF);
const bill = (): Buffer => zip([{ name: 'bill.com', data: eicar() }]);
const HEAD = lines(
  'From: Anna <anna@example.com>',
  'To: support@example.org',
  'Subject: Rechnung',
  'Date: Mon, 2 Nov 2026 10:00:00 +0100',
  'Message-ID: <1@example.com>',
  'MIME-Version: 1.0',
);
const attachment = (data: Buffer, name = 'bill.zip', encoding = 'base64', body = base64(data)): string =>
  lines(
    `Content-Type: application/octet-stream; name="${name}"`,
    `Content-Disposition: attachment; filename="${name}"`,
    `Content-Transfer-Encoding: ${encoding}`,
    '',
    body,
  );
const TEXT = lines('Content-Type: text/plain; charset=utf-8', '', 'Please see the file.');

/** A mail of two parts; the options bend it. */
function mail(
  part: string,
  { head = HEAD, boundary = 'b1', declared = boundary, end = true, before = '', after = '' } = {},
): Buffer {
  const body = [`--${boundary}`, TEXT, `--${boundary}`, part, end ? `--${boundary}--` : ''];
  return Buffer.from(
    lines(head, `Content-Type: multipart/mixed; boundary="${declared}"`, '', before, ...body, after),
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

function containers(): Sample[] {
  const part = attachment(bill());
  const simple = mail(part);
  const wrapped = (type: string): Buffer =>
    mail(lines(`Content-Type: ${type}`, 'Content-Disposition: attachment', '', simple.toString('latin1')), {
      boundary: 'outer',
    });
  const odd = (head: string): Buffer => mail(part, { head });
  const files: [string, string, Buffer][] = [
    ['eml', 'a.eml', simple],
    ['eml: LF only', 'a.eml', Buffer.from(simple.toString('latin1').replaceAll(CRLF, '\n'), 'latin1')],
    ['eml: CR only', 'a.eml', Buffer.from(simple.toString('latin1').replaceAll(CRLF, '\r'), 'latin1')],
    ['eml: BOM', 'a.eml', Buffer.concat([Buffer.from('efbbbf', 'hex'), simple])],
    ['eml: empty lines first', 'a.eml', Buffer.concat([Buffer.from('\r\n\r\n'), simple])],
    [
      'eml: From line',
      'a.eml',
      Buffer.concat([Buffer.from('From anna@example.com Mon Nov  2 10:00:00 2026\n'), simple]),
    ],
    ['eml: ARC-Seal first', 'a', odd(lines('ARC-Seal: i=1; a=rsa-sha256;', '\td=example.com; s=x', HEAD))],
    ['eml: Delivered-To first', 'a', odd(lines('Delivered-To: b@example.com', 'X-Google-Smtp-Source: x', HEAD))],
    ['eml: long fields', 'a.eml', odd(lines(`X-Junk: ${'x'.repeat(300_000)}`, HEAD))],
    ['eml: no final boundary', 'a.eml', mail(part, { end: false })],
    ['eml: other boundary', 'a.eml', mail(part, { declared: 'never' })],
    ['eml: preamble', 'a.eml', mail(TEXT, { before: part })],
    ['eml: epilogue', 'a.eml', mail(TEXT, { after: lines('', part) })],
    [
      'eml: two encodings',
      'a.eml',
      mail(part.replace('Content-Transfer', 'Content-Transfer-Encoding: 7bit\r\nContent-Transfer')),
    ],
    ['eml: encoding unnamed', 'a.eml', mail(part.replace('Content-Transfer-Encoding: base64\r\n', ''))],
    [
      'eml: base64 with junk',
      'a.eml',
      mail(attachment(bill(), 'a.zip', 'base64', base64(bill()).replace(/(.{9})/g, '$1!*'))),
    ],
    [
      'eml: base64 in 1-letter lines',
      'a.eml',
      mail(attachment(bill(), 'a.zip', 'base64', [...base64(bill()).replace(/\s/g, '')].join(CRLF))),
    ],
    [
      'eml: quoted-printable',
      'a.eml',
      mail(
        attachment(
          eicar(),
          'a.com',
          'quoted-printable',
          [...eicar()]
            .map((byte) => `=${byte.toString(16)}`)
            .join('')
            .replace(/(.{72})/g, '$1=\r\n'),
        ),
      ),
    ],
    ['eml: 8bit', 'a.eml', mail(attachment(bill(), 'a.zip', '8bit', bill().toString('latin1')))],
    ['eml: uuencode in text', 'a.eml', Buffer.from(lines(HEAD, '', 'Hello', uuencode('bill.zip', bill())))],
    ['eml: x-uuencode', 'a.eml', mail(attachment(bill(), 'a.zip', 'x-uuencode', uuencode('bill.zip', bill())))],
    ['eml: yEnc', 'a.eml', Buffer.concat([Buffer.from(lines(HEAD, '', '')), yencode('bill.zip', bill())])],
    ['eml: base64 block in text', 'a.eml', Buffer.from(lines(HEAD, '', 'decode this:', '', base64(bill()), '', 'Bye'))],
    ['eml: message/rfc822', 'a.eml', wrapped('message/rfc822')],
    ['eml: message/rfc822 in base64', 'a.eml', mail(attachment(simple, 'inner.eml'), { boundary: 'outer' })],
    [
      'eml: nested 6 deep',
      'a.eml',
      [1, 2, 3, 4, 5, 6].reduce(
        (inner, depth) =>
          mail(lines('Content-Type: message/rfc822', '', inner.toString('latin1')), { boundary: `o${depth}` }),
        simple,
      ),
    ],
    ['eml: type unknown', 'a.eml', mail(part.replace('application/octet-stream', 'foo'))],
    ['eml in zip', 'a.zip', zip([{ name: 'mail.eml', data: simple }])],
    ['eml in gzip', 'mail.eml.gz', gzipSync(simple)],
    [
      'mbox',
      'a.mbox',
      Buffer.from(
        ['', 'x', 'y']
          .map(
            (name) =>
              `From anna@example.com Mon Nov  2 10:00:00 2026\n${name === 'y' ? simple.toString('latin1') : `${HEAD}\n\nHello ${name}`}\n\n`,
          )
          .join(''),
        'latin1',
      ),
    ],
    [
      'mhtml',
      'a.mht',
      mail(
        lines(
          'Content-Type: application/octet-stream',
          'Content-Location: file:///C:/x/bill.zip',
          'Content-Transfer-Encoding: base64',
          '',
          base64(bill()),
        ),
        { head: 'MIME-Version: 1.0' },
      ),
    ],
    ['tnef', 'winmail.dat', winmail('bill.zip', bill())],
    ['tnef: message inside', 'winmail.dat', winmail('bill.zip', bill(), true)],
    ['tnef in eml', 'a.eml', mail(attachment(winmail('bill.zip', bill()), 'winmail.dat'))],
    [
      'ics',
      'a.ics',
      Buffer.from(
        lines(
          'BEGIN:VCALENDAR',
          'VERSION:2.0',
          'BEGIN:VEVENT',
          ...(
            `ATTACH;ENCODING=BASE64;VALUE=BINARY;X-FILENAME=bill.zip:${bill().toString('base64')}`.match(/.{1,73}/g) ??
            []
          ).map((row, at) => (at === 0 ? row : ` ${row}`)),
          'END:VEVENT',
          'END:VCALENDAR',
        ),
      ),
    ],
    [
      'vcf',
      'a.vcf',
      Buffer.from(
        lines(
          'BEGIN:VCARD',
          'VERSION:2.1',
          'N:Anna',
          'PHOTO;ENCODING=BASE64;TYPE=JPEG:',
          ...base64(bill())
            .split(CRLF)
            .map((row) => ` ${row}`),
          '',
          'END:VCARD',
        ),
      ),
    ],
    ['s/mime signed', 'smime.p7m', cms(simple)],
    ['s/mime signed, streamed', 'smime.p7m', streamedCms(simple)],
    [
      's/mime in eml',
      'a.eml',
      Buffer.from(
        lines(
          HEAD,
          'Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m',
          'Content-Transfer-Encoding: base64',
          '',
          base64(cms(simple)),
        ),
      ),
    ],
  ];
  return files.map(([kind, name, bytes]) => ({ kind, name, bytes, expect: 'malicious' }));
}

function dangers(): Sample[] {
  const partial = mail(lines('Content-Type: message/partial; number=1; total=3; id="x"', '', 'Half a mail'));
  const names = mail(attachment(Buffer.from('text'), 'a.exe').replace('name="a.exe"', 'name="a.pdf"'));
  return [
    { kind: 'eml: message/partial', name: 'a.eml', bytes: partial, expect: 'suspicious' },
    { kind: 'eml: two names', name: 'a.eml', bytes: names, expect: 'suspicious' },
  ];
}

function unreadable(): Sample[] {
  const armour = lines('-----BEGIN PGP MESSAGE-----', '', base64(Buffer.alloc(300, 0x85)), '-----END PGP MESSAGE-----');
  const pgp = Buffer.from(
    lines(
      HEAD,
      'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b',
      '',
      '--b',
      'Content-Type: application/pgp-encrypted',
      '',
      'Version: 1',
      '--b',
      'Content-Type: application/octet-stream',
      '',
      armour,
      '--b--',
    ),
  );
  return [
    { kind: 'pgp/mime', name: 'a.eml', bytes: pgp, expect: 'unscannable' },
    { kind: 'pgp in text', name: 'a.txt', bytes: Buffer.from(lines('Hello,', armour)), expect: 'unscannable' },
    {
      kind: 's/mime enveloped',
      name: 'smime.p7m',
      bytes: cms(Buffer.from('x'), '2a864886f70d010703'),
      expect: 'unscannable',
    },
    {
      kind: 'tnef: cut off',
      name: 'winmail.dat',
      bytes: winmail('a.zip', Buffer.alloc(5_000, 1)).subarray(0, 400),
      expect: 'unscannable',
    },
    {
      kind: 'eml: 20,000 parts',
      name: 'a.eml',
      bytes: mail(Array.from({ length: 20_000 }, (_unused, at) => `\r\npart ${at}\r\n--b1`).join('\r\n')),
      expect: 'unscannable',
    },
  ];
}

function benign(): Sample[] {
  const files: [string, string, Buffer][] = [
    ['plain', 'a.eml', Buffer.from(lines(HEAD, '', 'Hello, my order 4711 has not come.'))],
    [
      'pictures and documents',
      'a.eml',
      mail(
        lines(
          attachment(png(), 'logo.png'),
          '--b1',
          attachment(docx('Letter'), 'letter.docx'),
          '--b1',
          attachment(pdf(), 'bill.pdf'),
        ),
      ),
    ],
    [
      'quoted thread',
      'a.eml',
      Buffer.from(
        lines(
          HEAD,
          '',
          'Thanks!',
          '',
          '> From: Bob',
          '> To: Anna',
          '> ',
          '> > begin quoting',
          '> Content-Type is a header',
        ),
      ),
    ],
    [
      'signed clear',
      'a.eml',
      mail(
        lines(
          'Content-Type: application/pkcs7-signature; name=smime.p7s',
          'Content-Transfer-Encoding: base64',
          '',
          base64(cms(Buffer.alloc(0)).subarray(0, 60)),
        ),
      ),
    ],
    [
      'pgp signed',
      'a.txt',
      Buffer.from(
        lines(
          '-----BEGIN PGP SIGNED MESSAGE-----',
          'Hash: SHA256',
          '',
          'Hello',
          '-----BEGIN PGP SIGNATURE-----',
          '',
          base64(Buffer.alloc(200, 1)),
          '-----END PGP SIGNATURE-----',
        ),
      ),
    ],
    ['letter that begins with From', 'note.txt', Buffer.from('From: the desk of Anna\n\nDear all,\nplease read.\n')],
    [
      'certificate',
      'ca.pem',
      Buffer.from(lines('-----BEGIN CERTIFICATE-----', base64(Buffer.alloc(900, 0x31)), '-----END CERTIFICATE-----')),
    ],
    [
      'invitation',
      'invite.ics',
      Buffer.from(
        lines(
          'BEGIN:VCALENDAR',
          'BEGIN:VEVENT',
          'SUMMARY:Meeting',
          'DESCRIPTION:Join https://meet.example.com/abc\\nBye',
          'URL:https://example.com/x',
          'END:VEVENT',
          'END:VCALENDAR',
        ),
      ),
    ],
    [
      'contact',
      'anna.vcf',
      Buffer.from(
        lines(
          'BEGIN:VCARD',
          'VERSION:3.0',
          'FN:Anna',
          `PHOTO;ENCODING=b;TYPE=PNG:${png().toString('base64')}`,
          'END:VCARD',
        ),
      ),
    ],
    ['winmail.dat', 'winmail.dat', winmail('letter.docx', docx('Letter'))],
    [
      'mailbox',
      'a.mbox',
      Buffer.from(
        ['a', 'b', 'c']
          .map((name) => `From x@example.com Mon Nov  2 10:00:00 2026\n${HEAD}\n\nHello ${name}\n\n`)
          .join(''),
      ),
    ],
  ];
  return files.map(([kind, name, bytes]) => ({ kind: `benign mail: ${kind}`, name, bytes, expect: 'clean' }));
}

/** Mails, mailboxes, calendars, cards and what wraps them. */
export const samples: SampleMaker = () => [...containers(), ...dangers(), ...unreadable(), ...benign()];
