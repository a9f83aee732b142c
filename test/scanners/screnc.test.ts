import { decodeScripts } from '../../scanners/embedded/web/screnc';

/**
 * For each code from 20h on the three characters that it stands for, as decoders print them: three columns, where the
 * product keeps three alphabets. Codes for which there is an escape are blank.
 */
const COLUMNS =
  '2e2d32 477530 7a5221 566029 42715b 6a5e38 2f4933 265c3d 496258 417d3a 342935 323665 5b2039 767c5c 727a56 437f73 ' +
  '386b66 39634e 703345 452b6b 686862 715159 4f6678 09765e 62317d 44644a 23546d 754371 ------ 7e3a60 ------ 5e7e53 ' +
  '------ 774542 4a2c27 612a48 5d7472 222775 4b3731 6f4437 4e794d 3b5952 4c2f22 506f54 67266a 2a7247 7d6a64 74392d ' +
  '547b20 2b3f7f 2d382e 2c774c 30675d 6e537e 6b476c 66346f 357879 255d74 213043 642326 4d5a76 525b25 636c24 3f482b ' +
  '7b5528 787023 296941 282e34 734c09 59212a 332444 7f4e3f 6d5077 55093b 535655 7c7369 3a3561 5f6163 654b50 465867 ' +
  '583b51 315749 69224f 6c6d46 5a4d68 48257c 272836 5c4670 3d4a6e 24327a 79412f 373d5f 605f4b 514f5a 20422c 366557';
const ORDER = [
  [0, 1, 2, 0, 1, 2, 1, 2, 2, 1, 2, 1, 0, 2, 1, 2],
  [0, 2, 1, 2, 0, 0, 1, 2, 2, 1, 0, 2, 1, 2, 2, 1],
  [0, 0, 2, 1, 2, 1, 2, 0, 2, 0, 0, 1, 2, 0, 2, 1],
  [0, 2, 1, 2, 0, 0, 1, 2, 2, 0, 0, 1, 2, 0, 2, 1],
].flat();
const ESCAPED: Readonly<Record<string, string>> = { '\n': '@&', '\r': '@#', '>': '@*', '<': '@!', '@': '@$' };

/** The code that stands for a character when a column has its turn. */
function codeOf(char: string, column: number): string {
  const wanted = char.charCodeAt(0).toString(16).padStart(2, '0');
  const at = COLUMNS.split(' ').findIndex((row) => row.slice(column * 2, column * 2 + 2) === wanted);
  if (at < 0) return wideTab(char, column);
  return String.fromCharCode(0x20 + at);
}

/** The one code below 20h that stands for something else is the tab. */
function wideTab(char: string, column: number): string {
  return char === 'Wn{'[column] ? '\t' : char;
}

const number = (value: number): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes.toString('base64');
};

/** What the encoder of Windows makes of a script: length, body, sum. */
function encode(text: string): string {
  let turn = 0;
  const body = [...text].map((char) => {
    const column = ORDER[turn % 64] ?? 0;
    if (char.charCodeAt(0) < 128) turn += 1;
    return ESCAPED[char] ?? codeOf(char, column);
  });
  const sum = [...text].reduce((total, char) => total + char.charCodeAt(0), 0);
  return `#@~^${number(text.length)}${body.join('')}${number(sum)}^#~@`;
}

const PRINTABLE = Array.from({ length: 95 }, (_unused, at) => String.fromCharCode(32 + at)).join('');

describe('scripts of the Windows script encoder', () => {
  it('come out as they were written, whatever character stands at whatever turn', () => {
    for (let shift = 0; shift < 64; shift += 1) {
      const text = `${'x'.repeat(shift)}${PRINTABLE}\t\r\n`;
      expect(decodeScripts(encode(text))).toEqual([text]);
    }
  });

  it('keep letters that the encoder leaves alone, and do not count them', () => {
    const text = 'WScript.Echo "Grüße, 値段 <b>@home</b>"\r\n';
    expect(decodeScripts(encode(text))).toEqual([text]);
  });

  it('are all found in a page with several', () => {
    const page = `<script language="JScript.Encode">${encode('a = 1;')}</script> text <% ${encode('b = 2')} %>`;
    expect(decodeScripts(page)).toEqual(['a = 1;', 'b = 2']);
  });

  it('are read as far as they go where the end is missing', () => {
    expect(decodeScripts(encode('alert("hello")').slice(0, 20))[0]).toMatch(/^alert\("/);
  });
});
