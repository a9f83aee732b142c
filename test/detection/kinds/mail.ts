import { gzipSync } from 'node:zlib';
import {
  attachment,
  base64,
  bill,
  cms,
  CRLF,
  HEAD,
  lines,
  mail,
  streamedCms,
  TEXT,
  uuencode,
  winmail,
  yencode,
} from '../../scanners/mail-writers';
import { eicar, zip } from '../../scanners/samples';
import type { Sample } from '../sample';

/** Mails, mailboxes, calendars, cards and what wraps them, each with EICAR inside. */
export const samples = (): Sample[] => containers();

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
