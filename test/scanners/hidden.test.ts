import { deflateSync, gzipSync } from 'node:zlib';
import { createEmbeddedEngine, type EmbeddedEngine } from '../../scanners';
import { pack } from './compress';
import { docx, eicar, encryptedZip, pdf, png, report, zip } from './samples';

// The limits under test decide, never the load of the machine.
jest.setTimeout(100_000);
let engine: EmbeddedEngine;
beforeAll(async () => {
  engine = await createEmbeddedEngine({ processes: 1, limits: { wallMs: 100_000 } });
});
afterAll(() => engine.close());

/** The deepest part in which EICAR was found: it may stand legibly in the file as a whole too. */
async function innermost(name: string, data: Buffer): Promise<string | undefined> {
  const { findings } = await report(engine, name, data);
  const found = findings.filter(({ rule, path }) => rule === 'EICAR_Test_File' && path.length > 1);
  return found.sort((a, b) => b.path.length - a.path.length)[0]?.path.at(-1);
}

const bill = (): Buffer => zip([{ name: 'bill.com', data: eicar() }]);
const letter = (): Buffer => zip([{ name: 'letter.txt', data: Buffer.from('Dear support') }]);
const mail = 'From: a@example.com\r\nTo: b@example.com\r\nSubject: Hello\r\n\r\nText\r\n';

describe('an archive behind or inside other content is opened', () => {
  test.each<[string, () => Buffer | Promise<Buffer>]>([
    ['a zip behind the head of a PDF', () => Buffer.concat([Buffer.from('%PDF-1.4\n'), bill()])],
    ['a zip behind a whole PDF', () => Buffer.concat([pdf(), bill()])],
    ['a zip with offsets from the beginning of the file', () => absolute(pdf(), bill())],
    ['a zip between a PDF and junk', () => Buffer.concat([pdf(), bill(), Buffer.from('junk')])],
    ['a zip behind a harmless zip, behind a picture', () => Buffer.concat([png(), letter(), bill()])],
    ['a zip behind a mail', () => Buffer.concat([Buffer.from(mail), bill()])],
    [
      'a 7z behind a stray header of a zip',
      async () => Buffer.concat([png(), letter().subarray(0, 60), await pack('7z', 'bill.com', eicar())]),
    ],
    ['a gzip behind a picture', () => Buffer.concat([png(), gzipSync(eicar())])],
    ['an xz behind a PDF', async () => Buffer.concat([pdf(), await pack('xz', 'bill.com', eicar())])],
    ['a bzip2 behind a PDF', async () => Buffer.concat([pdf(), await pack('bzip2', 'bill.com', eicar())])],
  ])('%s', async (_title, data) => {
    expect(await innermost('sample.bin', await data())).toMatch(/^(bill\.com|sample)$/);
  });

  test('an encrypted zip behind a PDF is a gap', async () => {
    const data = Buffer.concat([pdf(), encryptedZip('a.txt', Buffer.from('text'), 'nobody knows')]);
    expect(await report(engine, 'a.pdf', data)).toMatchObject({ result: 'unscannable', reason: 'encrypted' });
  });
});

const object = (dictionary: string, body: Buffer, number = 4): Buffer =>
  Buffer.concat([
    Buffer.from(`${number} 0 obj\n<< ${dictionary} >>\nstream\n`),
    body,
    Buffer.from('\nendstream\nendobj\n'),
  ]);
const file = (rest: string, body: Buffer, measured = true): Buffer =>
  object(`/Type /EmbeddedFile ${rest} ${measured ? `/Length ${body.length}` : ''}`, body);
const flate = (data: Buffer): Buffer => deflateSync(data);
const asHex = (data: Buffer): Buffer => Buffer.from(`${data.toString('hex')}>`);
/** EICAR in a zip whose other member, stored, reads like the end of the stream. */
const tricky = (): Buffer =>
  zip([
    { name: 'note.txt', data: Buffer.from('\nendstream\nendobj\n'), store: true },
    { name: 'bill.com', data: eicar(), store: true },
  ]);

describe('a file embedded in a PDF is found', () => {
  const secret = (): Buffer => flate(bill());
  test.each<[string, () => Buffer]>([
    ['though it calls itself a font', () => pdf(file('/Length1 1 /Filter /FlateDecode', secret()))],
    ['though it calls itself a picture', () => pdf(file('/Subtype /Image /Filter /FlateDecode', secret()))],
    ['in hexadecimal', () => pdf(file('/Filter /ASCIIHexDecode', asHex(bill())))],
    ['in base 85', () => pdf(file('/Filter /ASCII85Decode', ascii85(bill())))],
    ['in LZW', () => pdf(file('/Filter /LZWDecode', lzw(Buffer.concat([Buffer.alloc(3_000, 'abcdefg'), bill()]))))],
    ['in two filters', () => pdf(file('/Filter [/ASCIIHexDecode /FlateDecode]', asHex(secret())))],
    ['in a filter written with #', () => pdf(file('/Filter /Flate#44ecode', secret()))],
    ['in filters written elsewhere', () => pdf('9 0 obj\n[/FlateDecode]\nendobj\n', file('/Filter 9 0 R', secret()))],
    [
      'with a length written elsewhere',
      () => pdf(`9 0 obj\n${tricky().length}\nendobj\n`, object('/Type /EmbeddedFile /Length 9 0 R', tricky())),
    ],
    ['under a long dictionary', () => pdf(file(`/Desc (${'x'.repeat(9_000)}) /Filter /FlateDecode`, secret()))],
    ['with endstream inside, measured', () => pdf(file('', tricky()))],
    [
      'with endstream inside, ending by itself',
      () => pdf(file('/Filter /FlateDecode', deflateSync(tricky(), { level: 0 }), false)),
    ],
    [
      'that only a file specification names',
      () =>
        pdf(
          '8 0 obj\n<< /Type /Filespec /F (bill.zip) /EF << /F 4 0 R >> >>\nendobj\n',
          object(`/Subtype /Image /Filter /FlateDecode /Length ${secret().length}`, secret()),
        ),
    ],
    [
      'that a packed file specification names',
      () => {
        const packed = '8 0 << /EF 9 0 R >>';
        const values = '9 0 obj\n<< /F 4 0 R >>\nendobj\n';
        const body = flate(Buffer.from(packed));
        return pdf(
          object(`/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length ${body.length}`, body, 7),
          values,
          object(`/Subtype /Image /Filter /FlateDecode /Length ${secret().length}`, secret()),
        );
      },
    ],
    [
      'whose object has its number far away',
      () =>
        Buffer.from(
          pdf(file('/Length1 1 /Filter /FlateDecode', secret()))
            .toString('latin1')
            .replace('4 0 obj', `4${' '.repeat(200)}0\n%\nobj`),
          'latin1',
        ),
    ],
  ])('%s', async (_title, data) => {
    expect(await innermost('a.pdf', data())).toBe('bill.com');
  });

  test('with the name that the document gives it', async () => {
    const named = '8 0 obj\n<< /Type /Filespec /UF <FEFF0062002E007A00690070> /EF << /F 4 0 R >> >>\nendobj\n';
    const answer = await report(engine, 'a.pdf', pdf(named, file('/Filter /FlateDecode', secret())));
    expect(answer.findings.map(({ path }) => path)).toContainEqual(['a.pdf', 'b.zip', 'bill.com']);
  });
});

describe('an embedded file that does not decode to its end is never clean', () => {
  const body = flate(Buffer.from('harmless, but who knows'.repeat(50)));
  test.each<[string, Buffer]>([
    ['a cut Flate stream', file('/Filter /FlateDecode', body.subarray(0, body.length - 20))],
    ['damaged hexadecimal', file('/Filter /ASCIIHexDecode', Buffer.from('4c6zz'))],
    ['a filter for pictures', file('/Filter /DCTDecode', Buffer.from('text'))],
    ['an unknown filter', file('/Filter /OwnDecode', Buffer.from('text'))],
    ['no length and no end of its own', file('', Buffer.from('text'), false)],
    ['two types', object('/Type /EmbeddedFile /Type /XObject /Subtype /Image', body)],
  ])('%s', async (_title, embedded) => {
    const answer = await report(engine, 'a.pdf', pdf(embedded));
    expect(answer).toMatchObject({ result: 'unscannable', reason: 'malformed' });
  });
});

describe('honest documents stay clean', () => {
  const noise = (length: number): Buffer => {
    const out = Buffer.alloc(length);
    let state = 7;
    for (let at = 0; at < length; at += 1) out[at] = (state = (state * 1_103_515_245 + 12_345) & 0x7fff_ffff) >> 16;
    return out;
  };
  test.each<[string, () => Buffer]>([
    [
      'a PDF with a font, a picture and an attached document',
      () => {
        const font = flate(noise(40_000));
        const attached = flate(docx('Dear support'));
        return pdf(
          object(`/Length1 40000 /Filter /FlateDecode /Length ${font.length}`, font, 5),
          object(`/Subtype /Image /Width 1 /Filter /DCTDecode /Length 9000`, noise(9_000), 6),
          file('/Filter /FlateDecode', attached),
          object('/Length 12', Buffer.from('BT (Hi) Tj ET'), 7),
        );
      },
    ],
    ['a PDF with a document attached as it is', () => pdf(file('', docx('Dear support')))],
    ['a picture with junk behind it', () => Buffer.concat([png(), noise(200_000)])],
    ['a picture with a harmless zip behind it', () => Buffer.concat([png(), letter()])],
    [
      'a text that names signatures',
      () => Buffer.from('A zip begins with PK\x03\x04, ends with PK\x05\x06; 7z\xbc\xaf'),
    ],
    ['a megabyte of noise', () => noise(1_000_000)],
  ])('%s', async (_title, data) => {
    const answer = await report(engine, 'honest', data());
    expect(answer.reason).toBeUndefined();
    expect(answer.findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
  });
});

/** The zip's offsets corrected to count from the beginning of the file, as some tools do. */
function absolute(head: Buffer, archive: Buffer): Buffer {
  const moved = Buffer.from(archive);
  const directory = moved.indexOf('PK\x01\x02', 0, 'latin1');
  moved.writeUInt32LE(moved.readUInt32LE(directory + 42) + head.length, directory + 42);
  moved.writeUInt32LE(moved.readUInt32LE(moved.length - 6) + head.length, moved.length - 6);
  return Buffer.concat([head, moved]);
}

function ascii85(data: Buffer): Buffer {
  let out = '';
  for (let at = 0; at < data.length; at += 4) {
    const piece = data.subarray(at, at + 4);
    let value = Buffer.concat([piece, Buffer.alloc(4 - piece.length)]).readUInt32BE();
    const digits: string[] = [];
    for (let index = 0; index < 5; index += 1, value = Math.floor(value / 85)) {
      digits.unshift(String.fromCharCode(33 + (value % 85)));
    }
    out +=
      value === 0 && digits.join('') === '!!!!!' && piece.length === 4
        ? 'z'
        : digits.slice(0, piece.length + 1).join('');
  }
  return Buffer.from(`${out}~>`);
}

/** An encoder with growing codes and early change, as Acrobat writes it. */
function lzw(data: Buffer): Buffer {
  const bits: string[] = [];
  let table = new Map<string, number>();
  const put = (code: number): void => void bits.push(code.toString(2).padStart(width(), '0'));
  const width = (): number => Math.min(12, Math.max(9, (257 + table.size + 1).toString(2).length));
  put(256);
  let run = '';
  const codeOf = (text: string): number => (text.length === 1 ? text.charCodeAt(0) : (table.get(text) ?? -1));
  for (const byte of data) {
    const longer = run + String.fromCharCode(byte);
    if (run === '' || table.has(longer)) {
      run = longer;
      continue;
    }
    put(codeOf(run));
    table.set(longer, 258 + table.size);
    run = String.fromCharCode(byte);
    if (table.size > 3_700) {
      put(256);
      table = new Map();
    }
  }
  put(codeOf(run));
  put(257);
  const text = bits.join('');
  return Buffer.from(
    Array.from({ length: Math.ceil(text.length / 8) }, (_unused, index) =>
      parseInt(text.slice(index * 8, index * 8 + 8).padEnd(8, '0'), 2),
    ),
  );
}
