import { attachment, base64, cms, HEAD, lines, mail, winmail } from '../../scanners/mail-writers';
import { docx, pdf, png } from '../../scanners/samples';
import type { Sample } from '../sample';

/** Mails with dangerous features, unreadable ones, and harmless ones that look like them. */
export const samples = (): Sample[] => [...dangers(), ...unreadable(), ...benign()];

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
