import { execFileSync } from 'node:child_process';
import { bzip2, xz } from './compress';
import { gzipSync, deflateSync } from 'node:zlib';
import { createEmbeddedEngine, type EmbeddedEngine } from '../../scanners';
import { docx, eicar, encryptedZip, pdf, png, report, zip } from './samples';

let engine: EmbeddedEngine;
beforeAll(async () => {
  engine = await createEmbeddedEngine({ processes: 1 });
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
  test.each<[string, () => Buffer, string[]]>([
    ['plain.txt', eicar, ['plain.txt']],
    ['spaces.txt', () => Buffer.concat([eicar(), Buffer.from('  \r\n\t ')]), ['spaces.txt']],
    ['bill.zip', inZip, ['bill.zip', 'bill.com']],
    ['outer.zip', () => zip([{ name: 'a/inner.zip', data: inZip() }]), ['outer.zip', 'a/inner.zip', 'bill.com']],
    ['bill.com.gz', () => gzipSync(eicar()), ['bill.com.gz', 'bill.com']],
    ['bill.com.bz2', () => bzip2(eicar()), ['bill.com.bz2', 'bill.com']],
    ['bill.com.xz', () => xz(eicar()), ['bill.com.xz', 'bill.com']],
    ['mail.eml', mail, ['mail.eml', 'bill.zip', 'bill.com']],
    ['bill.pdf', () => pdf(flate()), ['bill.pdf', 'embedded-file-1']],
    ['pixel.png', () => Buffer.concat([png(), inZip()]), ['pixel.png', 'bill.com']],
    ['unnamed', () => Buffer.concat([Buffer.from('junk before'), inZip()]), ['unnamed', 'bill.com']],
  ])('in %s', async (name, data, path) => {
    const answer = await report(engine, name, data());
    expect(answer.result).toBe('findings');
    expect(answer.findings).toContainEqual(
      expect.objectContaining({ engine: 'embedded', rule: 'EICAR_Test_File', severity: 'critical', path }),
    );
  });

  test('in a tar.gz made by tar', async () => {
    const tar = execFileSync('python3', ['-c', TAR, eicar().toString('hex')]);
    const answer = await report(engine, 'files.tar.gz', tar);
    expect(answer.findings.map(({ path }) => path.at(-1))).toContain('docs/bill.com');
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
  });
});

describe('what cannot be looked into is never clean', () => {
  const whole = zip([{ name: 'letter.txt', data: Buffer.from(text.toString().repeat(200)) }]);
  const nested = (depth: number): Buffer =>
    Array.from({ length: depth }).reduce<Buffer>((inner) => zip([{ name: 'n.zip', data: inner }]), text);
  test.each<[string, () => Buffer, string]>([
    ['an encrypted zip', () => encryptedZip('a.txt', text, 'nobody knows'), 'encrypted'],
    ['an encrypted PDF', () => pdf('trailer\n<< /Encrypt 9 0 R >>\n'), 'encrypted'],
    ['a zip cut in the middle', () => whole.subarray(0, whole.length / 2), 'malformed'],
    ['a gzip cut in the middle', () => gzipSync(text).subarray(0, 30), 'malformed'],
    ['a zip with a flipped byte', () => flip(whole, 60), 'malformed'],
    ['zips nested deeper than sixteen', () => nested(20), 'limit_reached'],
    ['more members than ten thousand', () => zip(manyMembers(10_050)), 'limit_reached'],
    ['a 7z header and nothing else', () => Buffer.from('377abcaf271c0004', 'hex'), 'malformed'],
  ])('%s', async (_title, data, reason) => {
    const answer = await report(engine, 'sample.bin', data());
    expect(answer).toMatchObject({ result: 'unscannable', reason, findings: [] });
  });

  test('entries that share bytes', async () => {
    const bomb = execFileSync('python3', ['-c', OVERLAP]);
    expect(await report(engine, 'overlap.zip', bomb)).toMatchObject({ result: 'unscannable', reason: 'malformed' });
  });

  test.each([
    ['gz', (data: Buffer) => gzipSync(data)],
    ['bz2', bzip2],
    ['xz', xz],
  ])('200 MB of zeros in %s, and the process stays small', async (extension, compress) => {
    const answer = await report(engine, `zeros.${extension}`, compress(Buffer.alloc(200_000_000)));
    expect(answer).toMatchObject({ result: 'unscannable', reason: 'limit_reached' });
    expect(answer.ms).toBeLessThan(10_000);
  });
});

function flip(data: Buffer, at: number): Buffer {
  const copy = Buffer.from(data);
  copy[at] = (copy[at] ?? 0) ^ 0xff;
  return copy;
}

function manyMembers(count: number): { name: string; data: Buffer; store: boolean }[] {
  return Array.from({ length: count }, (_unused, index) => ({ name: `${index}.txt`, data: text, store: true }));
}

const TAR = `
import sys, tarfile, io
data = bytes.fromhex(sys.argv[1])
tar = tarfile.open(fileobj=sys.stdout.buffer, mode='w|gz')
info = tarfile.TarInfo('docs/bill.com')
info.size = len(data)
tar.addfile(info, io.BytesIO(data))
tar.close()
`;

/** Many directory entries that all point at the first member. */
const OVERLAP = `
import sys, struct, zlib
raw = b'0' * 100000
c = zlib.compressobj(9, zlib.DEFLATED, -15)
body = c.compress(raw) + c.flush()
common = struct.pack('<HHHHHIIIHH', 20, 0, 8, 0, 0, zlib.crc32(raw), len(body), len(raw), 1, 0)
local = b'PK\\x03\\x04' + common + b'a' + body
central = b''.join(b'PK\\x01\\x02' + struct.pack('<H', 20) + common + struct.pack('<HHHII', 0, 0, 0, 0, 0) + b'a' for _ in range(50))
end = b'PK\\x05\\x06' + struct.pack('<HHHHIIH', 0, 0, 50, 50, len(central), len(local), 0)
sys.stdout.buffer.write(local + central + end)
`;
