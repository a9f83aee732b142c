import { decompressVba } from '../../scanners/embedded/ole/ovba';
import { openCompound } from '../../scanners/embedded/ole/compound';
import type { Opened } from '../../scanners/embedded/opener';
import { createUnpacker } from '../../scanners/embedded/unpack';
import { compressVba, doc, vbaProject, type VbaPart } from './ole-documents';

const unpacker = createUnpacker();

function open(parts: readonly VbaPart[], names = ''): Opened {
  const budget = { totalBytes: 10_000_000, memberBytes: 5_000_000, members: 1_000 };
  const type = { mime: 'application/x-ole-storage', container: 'compound' as const };
  const data = doc('Text', vbaProject('Macros/', parts, names));
  return openCompound(data, { name: 'a.doc', type, passwords: [], budget, unpacker });
}
const rules = ({ findings }: Opened): string[] => (findings ?? []).map(({ rule }) => rule);
const sub = (name: string, body: string): VbaPart => ({ name: 'M', code: `Sub ${name}()\r\n${body}\r\nEnd Sub\r\n` });
const member = ({ members }: Opened, name: string): string => {
  const found = members.find((one) => one.name === name);
  return found ? Buffer.from(found.data).toString() : '';
};

describe('compression of macro projects', () => {
  // The examples of [MS-OVBA] 3.2.
  test.each<[string, string, string]>([
    ['without repetition', '0119b000616263646566676800696a6b6c6d6e6f70007172737475762e', 'abcdefghijklmnopqrstuv.'],
    [
      'with repetition',
      '012fb000236161616263646582660070616768696a013808616b6c00306d6e6f700671027004107273747576107778797a003c',
      '#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa',
    ],
    ['of one letter', '0103b002614500', 'a'.repeat(73)],
  ])('%s', (_title, hex, text) => {
    const bytes = Buffer.from(hex, 'hex');
    expect(decompressVba(bytes, 0, 10_000).toString('latin1')).toBe(text);
  });

  test('what is cut off gives what is there', () => {
    const whole = compressVba(Buffer.from('a long source '.repeat(40)));
    expect(decompressVba(whole.subarray(0, 100), 0, 10_000).toString()).toMatch(/^a long source a long/);
    expect(decompressVba(Buffer.from('no container'), 0, 10_000)).toHaveLength(0);
  });
});

describe('macros', () => {
  test('the source of every module is a part', () => {
    const opened = open([sub('Hello', 'MsgBox "Hi"')]);
    expect(member(opened, 'M.bas')).toContain('MsgBox "Hi"');
    expect(rules(opened)).toEqual(['Vba_Macros_Present']);
  });

  test.each<[string, VbaPart[], string[]]>([
    [
      'one that runs by itself, harmless',
      [sub('Document_Open', 'x = 1')],
      ['Vba_Macros_Present', 'Vba_Macro_Runs_By_Itself'],
    ],
    [
      'one that runs by itself and starts a program',
      [sub('Workbook_Open', 'Shell "a.exe", 0')],
      ['Vba_Macros_Present', 'Vba_Macro_Runs_On_Open_And_Starts_Programs'],
    ],
    [
      'one whose words are spelled by numbers',
      [sub('AutoOpen', 'x = Chr(87) & Chr(83) & "cript." & "Sh" & StrReverse("lle")\r\nCreateObject x')],
      ['Vba_Macros_Present', 'Vba_Macro_Runs_On_Open_And_Starts_Programs'],
    ],
    [
      'one that hides what it creates',
      [sub('Auto_Close', 'Set o = CreateObject(Work(a))\r\nb = Asc(Mid(c, d, 1)) Xor e')],
      ['Vba_Macros_Present', 'Vba_Macro_Runs_On_Open_Obfuscated'],
    ],
    ['one that a button sets off', [sub('Button1_Click', 'Shell "notepad.exe"')], ['Vba_Macros_Present']],
    [
      'one that fetches and starts when asked',
      [sub('Go', 'URLDownloadToFile 0, u, f, 0, 0\r\nShell f')],
      ['Vba_Macros_Present', 'Vba_Macro_Starts_Programs'],
    ],
    [
      'one that copies itself',
      [sub('AutoExec', 'NormalTemplate.VBProject.VBComponents(1).CodeModule.InsertLines 1, s')],
      ['Vba_Macros_Present', 'Vba_Macro_Runs_By_Itself', 'Vba_Macro_Infects_Documents'],
    ],
    [
      'dangerous words in a comment',
      [sub('AutoOpen', '\' Shell powershell CreateObject("WScript.Shell")')],
      ['Vba_Macros_Present', 'Vba_Macro_Runs_By_Itself'],
    ],
  ])('%s', (_title, parts, expected) => {
    expect(rules(open(parts))).toEqual(expected);
  });

  test('compiled code whose source is gone is named, by what it does', () => {
    const compiled = Buffer.alloc(4_000, 'p');
    const hidden = { name: 'M', code: '', stomped: true, compiled };
    expect(rules(open([hidden], '\0AutoOpen\0'))).toEqual(['Vba_Source_Missing']);
    expect(rules(open([hidden], '\0AutoOpen\0Shell\0'))).toEqual(['Vba_Source_Missing_And_Runs_On_Open']);
  });

  test('constants are put together as the code does it', () => {
    const code = [
      'a = "http://" & "example" & Chr(46) & ChrW$(&H63) & "om/x"',
      'b = "41424344"',
      'b = b & "45464748494a4b4c4d4e4f50"',
      'c = Replace("pZoZwZerZ", "Z", "")',
      'd = Chr(60 + 5) & Chr(132 Xor 198)',
    ].join('\r\n');
    const opened = open([sub('Go', code)]);
    expect(member(opened, 'M.strings.txt').split('\n')).toEqual(
      expect.arrayContaining(['http://example.com/x', 'ABCDEFGHIJKLMNOP', 'power']),
    );
    expect(opened.links?.map(({ url }) => url)).toContain('http://example.com/x');
  });

  test('a program hidden in a constant is a part', () => {
    const program = Buffer.concat([Buffer.from('MZ'), Buffer.alloc(60, 1)]).toString('base64');
    expect(member(open([sub('Go', `x = "${program}"`)]), 'M.decoded-1')).toMatch(/^MZ/);
  });

  test('code that doubles its text with every line ends', () => {
    const code = [
      'x = "0123456789"',
      ...Array.from({ length: 5_000 }, () => 'x = x & x : y = Replace(x, "0", "00000000")'),
    ];
    expect(rules(open([sub('Go', code.join('\r\n'))]))).toEqual(['Vba_Macros_Present']);
  });
});
