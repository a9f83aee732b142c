import { deflateSync } from 'node:zlib';
import { compound, long, short } from '../../scanners/ole-build';
import { doc, vbaProject } from '../../scanners/ole-documents';
import { eicar, zip } from '../../scanners/samples';
import type { Sample, SampleMaker } from '../sample';
import { pack, rels } from './office';

/** The compiled form of a module with that many lines, as far as its table goes. */
function compiled(lines: number): Buffer {
  return Buffer.concat([
    Buffer.alloc(1_600),
    Buffer.from('feca0100', 'hex'),
    short(lines),
    Buffer.alloc(lines * 12 + 40),
  ]);
}

/** A presentation with a small zip for each of its drawings, as Office writes them, one cut apart by another record. */
function drawings(count: number): Buffer {
  const one = (index: number): Buffer =>
    zip([
      { name: '[Content_Types].xml', data: Buffer.from('<Types/>') },
      { name: 'drs/shapexml.xml', data: Buffer.from(`<p:sp id="${index}">${'shape '.repeat(40)}</p:sp>`) },
    ]);
  const parts = Array.from({ length: count }, (_unused, index) => [one(index), Buffer.alloc(40, index % 251)]).flat();
  const broken = one(count);
  return Buffer.concat([
    Buffer.from('0f00e80300100000', 'hex'),
    ...parts,
    broken.subarray(0, 120),
    short(0x3c),
    short(0x2020),
    broken.subarray(120),
  ]);
}

/** An equation as native data of OLE 1; files of the nineties have it, and attacks. */
const nativeEquation = (mtef: Buffer): Buffer =>
  compound([{ path: 'ObjectPool/_1/\x01Ole10Native', data: Buffer.concat([long(mtef.length), mtef]) }], {
    classes: { 'ObjectPool/_1': '02ce020000000000c000000000000046' },
  });

/** What ordinary documents have in common with attacks, and the attacks beside them. */
export const samples: SampleMaker = () => {
  const names = '\0\rWorkbook_Open\0\x0cCreateObject\0';
  const macro = 'Sub Tidy()\r\nRange("A1").Value = _\r\n  1\r\nEnd Sub\r\n';
  const module = (code: string, lines: number): Buffer =>
    doc('See', vbaProject('Macros/', [{ name: 'M', code, compiled: compiled(lines) }], names));
  const chart = (target: string): Buffer =>
    pack({
      '[Content_Types].xml':
        '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
      '_rels/.rels': rels(['officeDocument', 'ppt/presentation.xml', true]),
      'ppt/charts/_rels/chart1.xml.rels': rels(['oleObject', target]),
    });
  const stylesheet = (script: string): Buffer =>
    Buffer.from(
      `<?xml version="1.0"?>\n<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0"><xsl:template match="/"><html><body>${script}</body></html></xsl:template></xsl:stylesheet>`,
    );
  const made: [string, string, Buffer, Sample['expect']][] = [
    [
      'presentation with a hundred drawings',
      'a.ppt',
      compound([{ path: 'PowerPoint Document', data: drawings(100) }]),
      'clean',
    ],
    [
      'presentation with a program among its drawings',
      'a.ppt',
      compound([
        {
          path: 'PowerPoint Document',
          data: Buffer.concat([drawings(100), zip([{ name: 'bill.com', data: eicar() }])]),
        },
      ]),
      'malicious',
    ],
    [
      'equation of the first version',
      'a.doc',
      nativeEquation(Buffer.from('02000101000a0112834602863d12837112837612834212827312826912826e02847100', 'hex')),
      'clean',
    ],
    [
      'equation with a font name that is too long',
      'a.doc',
      nativeEquation(Buffer.concat([Buffer.from('03010103000a01085a5a', 'hex'), Buffer.alloc(44, 'cmd.exe ')])),
      'malicious',
    ],
    ['macros whose names were deleted', 'a.doc', module(macro, 3), 'clean'],
    ['macros with another text than was compiled', 'a.doc', module(macro, 40), 'malicious'],
    [
      'chart of a workbook on a cloud drive',
      'a.pptx',
      chart('https://d.docs.live.net/4a1c/Documents/Figures.xlsx'),
      'clean',
    ],
    ['chart of an object elsewhere', 'a.pptx', chart('https://files.example.com/x.html'), 'malicious'],
    ['stylesheet that writes a page with a script', 'a.xsl', stylesheet('<script>sortTable(1);</script>'), 'clean'],
    [
      'stylesheet with a script of its own',
      'a.xsl',
      stylesheet('<user:script language="JScript">new ActiveXObject("WScript.Shell").Run("calc")</user:script>'),
      'malicious',
    ],
    [
      'compressed stream in a database',
      'backup',
      deflateSync(Buffer.from('CREATE TABLE a; '.repeat(20)), { level: 1 }),
      'clean',
    ],
  ];
  return made.map(([kind, name, bytes, expect]) => ({ kind, name, bytes, expect }));
};
