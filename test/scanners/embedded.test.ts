import { gzipSync, deflateSync } from 'node:zlib';
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

const text = Buffer.from('Dear support, my printer is on fire. Kind regards');

describe('files without anything bad', () => {
  const zipped = zip([{ name: 'letter.txt', data: text }]);
  test.each<[string, Buffer]>([
    ['letter.txt', text],
    ['letter.docx', docx('Dear support')],
    ['letter.pdf', pdf()],
    ['pixel.png', png()],
    ['letter.zip', zipped],
    ['empty.zip', zip([])],
    ['letter.txt.gz', gzipSync(text)],
    ['data.csv', Buffer.from('name,amount\nMiller,=SUM(A1:A3)\n')],
    ['mail.eml', Buffer.from('From: a@example.com\r\nTo: b@example.com\r\nSubject: Hello\r\n\r\nNothing here.\r\n')],
    ['noise.bin', Buffer.from(Array.from({ length: 4096 }, (_unused, index) => (index * 7919) % 251))],
  ])('%s is clean', async (name, data) => {
    expect(await report(engine, name, data)).toMatchObject({ result: 'clean', findings: [] });
  });

  test('an empty file is clean, and has no type', async () => {
    const answer = await report(engine, 'empty.txt', Buffer.alloc(0));
    expect(answer).toMatchObject({ result: 'clean', findings: [] });
    expect(answer.detectedType).toBeUndefined();
  });

  test('the real type is told whatever the name says', async () => {
    expect((await report(engine, 'invoice.txt', png())).detectedType).toBe('image/png');
    expect((await report(engine, 'invoice.txt', docx('x'))).detectedType).toMatch(/wordprocessingml/);
  });
});

describe('EICAR is found', () => {
  const inZip = (): Buffer => zip([{ name: 'bill.com', data: eicar() }]);
  const mail = (): Buffer =>
    Buffer.from(
      [
        'From: a@example.com',
        'To: b@example.com',
        'Subject: Bill',
        'MIME-Version: 1.0',
        'Content-Type: multipart/mixed; boundary=cut',
        '',
        '--cut',
        'Content-Type: text/plain',
        '',
        'see attachment',
        '--cut',
        'Content-Type: application/zip; name=bill.zip',
        'Content-Disposition: attachment; filename=bill.zip',
        'Content-Transfer-Encoding: base64',
        '',
        inZip().toString('base64'),
        '--cut--',
        '',
      ].join('\r\n'),
    );
  const flate = (): Buffer => {
    const body = deflateSync(eicar());
    return Buffer.concat([
      Buffer.from(`4 0 obj\n<< /Type /EmbeddedFile /Filter /FlateDecode /Length ${body.length} >>\nstream\n`),
      body,
      Buffer.from('\nendstream\nendobj\n'),
    ]);
  };
  test.each<[string, () => Buffer | Promise<Buffer>, string[]]>([
    ['plain.txt', eicar, ['plain.txt']],
    ['spaces.txt', () => Buffer.concat([eicar(), Buffer.from('  \r\n\t ')]), ['spaces.txt']],
    ['bill.zip', inZip, ['bill.zip', 'bill.com']],
    ['outer.zip', () => zip([{ name: 'a/inner.zip', data: inZip() }]), ['outer.zip', 'a/inner.zip', 'bill.com']],
    ['bill.com.gz', () => gzipSync(eicar()), ['bill.com.gz', 'bill.com']],
    ['bill.com.bz2', () => pack('bzip2', 'bill.com', eicar()), ['bill.com.bz2', 'bill.com']],
    ['bill.com.xz', () => pack('xz', 'bill.com', eicar()), ['bill.com.xz', 'bill.com']],
    ['bill.7z', () => pack('7z', 'bill.com', eicar()), ['bill.7z', 'bill.com']],
    ['bill.wim', () => pack('wim', 'bill.com', eicar()), ['bill.wim', 'bill.com']],
    [
      'bill.tar.gz',
      async () => gzipSync(await pack('tar', 'bill.com', eicar())),
      ['bill.tar.gz', 'bill.tar', 'bill.com'],
    ],
    ['mail.eml', mail, ['mail.eml', 'bill.zip', 'bill.com']],
    ['bill.pdf', () => pdf(flate()), ['bill.pdf', 'embedded-file-1']],
    ['pixel.png', () => Buffer.concat([png(), inZip()]), ['pixel.png', 'bill.com']],
    ['unnamed', () => Buffer.concat([Buffer.from('junk before'), inZip()]), ['unnamed', 'bill.com']],
  ])('in %s', async (name, data, path) => {
    const answer = await report(engine, name, await data());
    expect(answer.result).toBe('findings');
    expect(answer.findings).toContainEqual(
      expect.objectContaining({ engine: 'embedded', rule: 'EICAR_Test_File', severity: 'critical', path }),
    );
  });

  test('beside a member that could not be read', async () => {
    const mixed = zip([
      { name: 'secret.zip', data: encryptedZip('x.txt', text, 'nobody knows') },
      { name: 'bill.com', data: eicar() },
    ]);
    expect(await report(engine, 'mixed.zip', mixed)).toMatchObject({ result: 'findings', reason: 'encrypted' });
  });

  test('behind a password that the ticket names', async () => {
    const data = encryptedZip('bill.com', eicar(), 'infected');
    const answer = await report(engine, { fileName: 'a.zip', passwords: ['wrong', 'infected'] }, data);
    expect(answer).toMatchObject({ result: 'findings' });
    const named = await pack('7z', 'bill.com', eicar(), '-pinfected', '-mhe=on');
    const opened = await report(engine, { fileName: 'a.7z', passwords: ['wrong', 'infected'] }, named);
    expect(opened).toMatchObject({ result: 'findings', findings: [{ path: ['a.7z', 'bill.com'] }] });
  });
});

describe('what cannot be looked into is never clean', () => {
  const whole = zip([{ name: 'letter.txt', data: Buffer.from(text.toString().repeat(200)) }]);
  const nested = (depth: number): Buffer =>
    Array.from({ length: depth }).reduce<Buffer>((inner) => zip([{ name: 'n.zip', data: inner }]), text);
  test.each<[string, () => Buffer | Promise<Buffer>, string]>([
    ['a 7z with encrypted names', () => pack('7z', 'a.txt', text, '-pnobody', '-mhe=on'), 'encrypted'],
    ['an AES zip', () => pack('zip', 'a.txt', text, '-pnobody', '-mem=AES256'), 'encrypted'],
    ['an encrypted zip', () => encryptedZip('a.txt', text, 'nobody knows'), 'encrypted'],
    ['an encrypted PDF', () => pdf('trailer\n<< /Encrypt 9 0 R >>\n'), 'encrypted'],
    ['a zip cut in the middle', () => whole.subarray(0, whole.length / 2), 'malformed'],
    ['a gzip cut in the middle', () => gzipSync(text).subarray(0, 30), 'malformed'],
    ['a zip with a flipped byte', () => flip(whole, 60), 'malformed'],
    ['zips nested deeper than sixteen', () => nested(20), 'limit_reached'],
    ['more members than ten thousand', () => zip(manyMembers(10_050)), 'limit_reached'],
    ['a 7z header and nothing else', () => Buffer.from('377abcaf271c0004', 'hex'), 'malformed'],
  ])('%s', async (_title, data, reason) => {
    const answer = await report(engine, 'sample.bin', await data());
    expect(answer).toMatchObject({ result: 'unscannable', reason, findings: [] });
  });

  test('fifty entries that are the same bytes', async () => {
    const answer = await report(engine, 'overlap.zip', overlapping(50));
    expect(answer).toMatchObject({ result: 'unscannable', reason: 'malformed' });
  });

  test.each(['gzip', 'bzip2', 'xz', '7z'] as const)('105 MB of zeros in %s', async (format) => {
    const bomb = await pack(format, 'zeros', Buffer.alloc(104_900_000));
    const answer = await report(engine, 'zeros.bin', bomb);
    expect(answer).toMatchObject({ result: 'unscannable', reason: 'limit_reached' });
  });
});

/** A zip whose directory lists its one member many times: the cheap kind of bomb. */
function overlapping(times: number): Buffer {
  const honest = zip([{ name: 'a', data: Buffer.alloc(100_000) }]);
  const directory = honest.indexOf(Buffer.from('PK\x01\x02'));
  const end = honest.indexOf(Buffer.from('PK\x05\x06'));
  const entry = honest.subarray(directory, end);
  const tail = Buffer.from(honest.subarray(end));
  tail.writeUInt16LE(times, 8);
  tail.writeUInt16LE(times, 10);
  tail.writeUInt32LE(entry.length * times, 12);
  return Buffer.concat([honest.subarray(0, directory), ...Array.from({ length: times }, () => entry), tail]);
}

function flip(data: Buffer, at: number): Buffer {
  const copy = Buffer.from(data);
  copy[at] = (copy[at] ?? 0) ^ 0xff;
  return copy;
}

function manyMembers(count: number): { name: string; data: Buffer; store: boolean }[] {
  return Array.from({ length: count }, (_unused, index) => ({ name: `${index}.txt`, data: text, store: true }));
}
