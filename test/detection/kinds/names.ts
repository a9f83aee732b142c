import { docx, pdf, png, zip } from '../../scanners/samples';
import type { Sample } from '../sample';

/** The head of a Windows program without any code. */
function program(): Buffer {
  const bytes = Buffer.alloc(1_024);
  bytes.write('MZ');
  bytes.writeUInt32LE(0x80, 60);
  bytes.write('PE\0\0', 0x80, 'latin1');
  bytes.writeUInt16LE(0x14c, 0x84);
  bytes.writeUInt16LE(0x102, 0x96);
  return bytes;
}

/** Names that lie about what a file is, and names that only look as if. */
export function samples(): Sample[] {
  const text = Buffer.from('Dear support, nothing to see here.\n');
  const bad = (kind: string, name: string, bytes: Buffer): Sample => ({ kind, name, bytes, expect: 'malicious' });
  const fine = (kind: string, name: string, bytes: Buffer): Sample => ({ kind, name, bytes, expect: 'clean' });
  const table = '<html><body><table><tr><td>1</td><td>2</td></tr></table></body></html>';
  return [
    bad('program as document', 'invoice.pdf', program()),
    bad('program as picture', 'photo.jpg', program()),
    bad('program as page', 'index.html', program()),
    bad('program as document in a zip', 'a.zip', zip([{ name: 'invoice.docx', data: program() }])),
    bad('turned name', 'invoice\u202efdp.exe', program()),
    bad('two extensions', 'invoice.pdf.exe', program()),
    bad('two extensions, script', 'scan.jpg.vbs', text),
    bad('blanks before the extension', `invoice.pdf${' '.repeat(60)}.exe`, program()),
    bad('wide blanks before the extension', `invoice${'\u2003'.repeat(20)}.scr`, program()),
    { kind: 'unseen characters', name: 'setup\u200b.exe', bytes: program(), expect: 'refused' },
    { kind: 'trailing dots', name: 'setup.exe. . .', bytes: program(), expect: 'refused' },
    {
      kind: 'archive as picture',
      name: 'photo.png',
      bytes: zip([{ name: 'a.txt', data: text }]),
      expect: 'suspicious',
    },
    fine('table in text as xls', 'export.xls', Buffer.from('a\tb\n1\t2\n')),
    fine('table in a page as xls', 'export.xls', Buffer.from(table)),
    fine('png as jpg', 'photo.jpg', png()),
    fine('document as zip', 'letter.zip', docx('Dear support')),
    fine('log as txt', 'server.log.txt', text),
    fine('date and version in the name', 'Report v1.2.2024.pdf', pdf()),
    fine('name in Hebrew with a mark', '\u200fדוח.txt', text),
    fine('two extensions of an archive', 'backup.tar.zip', zip([{ name: 'a.txt', data: text }])),
    fine('text that begins with MZ', 'letter.txt', Buffer.from('MZ-Straße 4, Mainz. Viele Grüße an alle.\n')),
  ];
}
