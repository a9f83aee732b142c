import { gzipSync } from 'node:zlib';
import { ar } from '../../scanners/ar-build';
import { pack } from '../../scanners/compress';
import { docx, eicar, encryptedZip, zip } from '../../scanners/samples';
import type { Sample } from '../sample';

const NAME = 'bill.com';
const plain = (): Buffer => Buffer.from('Dear support, this is a letter.\n');
const bill = (): Buffer => zip([{ name: NAME, data: eicar() }]);
const letter = (): Buffer => zip([{ name: 'letter.txt', data: plain() }]);
const bad = (kind: string, name: string, bytes: Buffer): Sample => ({ kind, name, bytes, expect: 'malicious' });

/** A tar of one file, in the dialect of POSIX. */
function tar(name: string, data: Buffer): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644\0', 100);
  header.write(`${data.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('        0ustar\x0000', 148);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, data, Buffer.alloc(512 - (data.length % 512) + 1024)]);
}

/** cpio, the portable format with ASCII numbers. */
function cpio(name: string, data: Buffer): Buffer {
  const entry = (text: string, body: Buffer): Buffer => {
    const fields = [1, 0x81a4, 0, 0, 1, 0, body.length, 0, 0, 0, 0, text.length + 1, 0];
    const head = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}${text}\0`);
    const padded = (part: Buffer): Buffer => Buffer.concat([part, Buffer.alloc((4 - (part.length % 4)) % 4)]);
    return Buffer.concat([padded(head), padded(body)]);
  };
  return Buffer.concat([entry(name, data), entry('TRAILER!!!', Buffer.alloc(0))]);
}

/** A cabinet with one folder, stored ([MS-CAB] 2.1 to 2.5). */
function cabinet(name: string, data: Buffer): Buffer {
  const file = Buffer.alloc(16);
  file.writeUInt32LE(data.length, 0);
  const names = Buffer.from(`${name}\0`);
  const block = Buffer.alloc(8);
  block.writeUInt16LE(data.length, 4);
  block.writeUInt16LE(data.length, 6);
  const dataAt = 36 + 8 + 16 + names.length;
  const folder = Buffer.alloc(8);
  folder.writeUInt32LE(dataAt, 0);
  folder.writeUInt16LE(1, 4);
  const header = Buffer.alloc(36);
  header.write('MSCF');
  header.writeUInt32LE(dataAt + 8 + data.length, 8);
  header.writeUInt32LE(44, 16);
  header.writeUInt16LE(0x0103, 24);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(1, 28);
  return Buffer.concat([header, folder, file, names, block, data]);
}

/** The second file's local header stands in the file, its line in the directory does not. */
function hidden(): Buffer {
  const both = zip([
    { name: 'letter.txt', data: plain() },
    { name: NAME, data: eicar() },
  ]);
  const end = both.length - 22;
  const directory = both.readUInt32LE(end + 16);
  const first = 46 + both.readUInt16LE(directory + 28);
  const tail = Buffer.from(both.subarray(end));
  tail.writeUInt16LE(1, 8);
  tail.writeUInt16LE(1, 10);
  tail.writeUInt32LE(first, 12);
  return Buffer.concat([both.subarray(0, directory + first), tail]);
}

/** Directory and local header name different methods: one program sees the file, another one noise. */
function contradicting(): Buffer {
  const made = zip([{ name: NAME, data: eicar() }]);
  made.writeUInt16LE(0, made.readUInt32LE(made.length - 6) + 10);
  return made;
}

async function locked(): Promise<Sample[]> {
  const made: [string, string, Buffer][] = [
    ['zip, traditional encryption', 'a.zip', encryptedZip(NAME, eicar(), 'Sommer-24')],
    ['zip, AES', 'a.zip', await pack('zip', NAME, eicar(), '-pSommer-24', '-mem=AES256')],
    ['zip, AES and LZMA', 'a.zip', await pack('zip', NAME, eicar(), '-pSommer-24', '-mem=AES256', '-mm=LZMA')],
    ['7z, encrypted', 'a.7z', await pack('7z', NAME, eicar(), '-pSommer-24')],
    ['7z, encrypted names', 'a.7z', await pack('7z', NAME, eicar(), '-pSommer-24', '-mhe=on')],
  ];
  const texts = ['Hello,\n\nthe password is Sommer-24.\n', 'Passwort: Sommer-24', 'Siehe Anhang\nSommer-24\nGruß'];
  const note = (data: Buffer, name: string): Buffer =>
    zip([
      { name, data },
      { name: 'readme.txt', data: Buffer.from('Kennwort für das Archiv: Sommer-24') },
    ]);
  return made.flatMap(([kind, name, bytes], index): Sample[] => [
    { ...bad(kind, name, bytes), text: texts[index % texts.length] ?? '' },
    { kind: `${kind}, password beside it`, name: 'both.zip', bytes: note(bytes, name), expect: 'malicious' },
    { kind: `${kind}, password in its name`, name: name.replace('.', '_pw_Sommer-24.'), bytes, expect: 'malicious' },
    { kind: `${kind}, no password`, name, bytes, expect: 'unscannable', text: 'Please see the file attached.' },
  ]);
}

function damaged(): Sample[] {
  const unseen = (kind: string, name: string, bytes: Buffer): Sample => ({ kind, name, bytes, expect: 'unscannable' });
  const cut = zip([
    { name: 'a.bin', data: Buffer.from(Array.from({ length: 4_000 }, (_u, at) => (at * 7_919) % 251)) },
  ]);
  return [
    unseen('zip, cut off', 'a.zip', cut.subarray(0, 300)),
    unseen('gzip, cut off', 'a.gz', gzipSync(cut).subarray(0, 200)),
    unseen(
      'rar, first of several',
      'a.part1.rar',
      Buffer.from(`526172211a0701003392b5e50a01050600050101808000${'00'.repeat(40)}`, 'hex'),
    ),
    unseen('zip, password nobody told', 'a.zip', encryptedZip('a.txt', plain(), 'nobody knows this')),
  ];
}

/** Debian packages (deb(5)): what runs at their installation stands in another tar than the files. */
async function packages(): Promise<Sample[]> {
  const version: [string, Buffer] = ['debian-binary', Buffer.from('2.0\n')];
  const control = tar('./postinst', eicar());
  const files = tar('./usr/share/doc/letter.txt', plain());
  const packed = (name: string, data: Buffer): Promise<Buffer> => pack('xz', name, data);
  const xz = await packed('control.tar', control);
  const harmless = await packed('control.tar', tar('./control', Buffer.from('Package: letter\nVersion: 1\n')));
  const deb = (...parts: [string, Buffer][]): Buffer => ar([version, ...parts]);
  const whole = deb(['control.tar.xz', xz], ['data.tar.gz', gzipSync(files)]);
  return [
    bad('deb, control script in gzip', 'a.deb', deb(['control.tar.gz', gzipSync(control)], ['data.tar', files])),
    bad('deb, plain control', 'a.deb', deb(['control.tar', control], ['data.tar', files])),
    bad('deb, file', 'a.deb', deb(['control.tar.xz', harmless], ['data.tar.gz', gzipSync(tar(NAME, eicar()))])),
    bad('deb, a part beside', 'a.deb', deb(['control.tar.xz', harmless], ['data.tar', files], ['_extra', bill()])),
    bad('deb, control script in xz', 'a.deb', whole),
    { kind: 'deb, cut off', name: 'a.deb', bytes: whole.subarray(0, 160), expect: 'unscannable' },
    {
      kind: 'harmless deb',
      name: 'a.deb',
      bytes: deb(['control.tar.xz', harmless], ['data.tar.gz', gzipSync(files)]),
      expect: 'clean',
    },
  ];
}

/** Archives of every kind that can be made here, with the test file inside. */
export async function samples(): Promise<Sample[]> {
  const methods = ['Deflate64', 'BZip2', 'LZMA', 'PPMd', 'Copy'];
  const zips = await Promise.all(
    methods.map(async (method) => bad(`zip, ${method}`, 'a.zip', await pack('zip', NAME, eicar(), `-mm=${method}`))),
  );
  const others = await Promise.all(
    (['7z', 'tar', 'wim', 'xz', 'bzip2', 'gzip'] as const).map(async (format) =>
      bad(format, `a.${format}`, await pack(format, NAME, eicar())),
    ),
  );
  const deep = Array.from({ length: 8 }).reduce<Buffer>((inner) => zip([{ name: 'inner.zip', data: inner }]), bill());
  return [
    bad('zip', 'a.zip', bill()),
    bad('zip behind junk', 'a.zip', Buffer.concat([Buffer.alloc(777, 'junk'), bill()])),
    bad('zip before junk', 'a.zip', Buffer.concat([bill(), Buffer.alloc(777, 'junk')])),
    bad('zip behind zip', 'a.zip', Buffer.concat([letter(), bill()])),
    bad('zip before zip', 'a.zip', Buffer.concat([bill(), letter()])),
    bad('zip, hidden from its directory', 'a.zip', hidden()),
    bad('zip, two methods', 'a.zip', contradicting()),
    bad('zip without directory', 'a.zip', bill().subarray(0, bill().indexOf('PK\x01\x02', 0, 'latin1'))),
    bad('zip, path outside', 'a.zip', zip([{ name: `../../../etc/${NAME}`, data: eicar() }])),
    bad('zip in zip, nine deep', 'a.zip', deep),
    bad('zip behind another name', 'report.dat', bill()),
    bad('tar', 'a.tar', tar(NAME, eicar())),
    bad('tar.gz', 'a.tgz', gzipSync(tar(NAME, eicar()))),
    bad('tar in 7z', 'a.7z', await pack('7z', 'a.tar', tar(NAME, eicar()))),
    bad('gzip, two members', 'a.gz', Buffer.concat([gzipSync(plain()), gzipSync(bill())])),
    bad('zip behind gzip', 'a.gz', Buffer.concat([gzipSync(plain()), bill()])),
    bad('zip behind 7z', 'a.7z', Buffer.concat([await pack('7z', 'letter.txt', plain()), bill()])),
    bad('cpio', 'a.cpio', cpio(NAME, eicar())),
    bad('ar', 'a.a', ar([[`${NAME}/`, eicar()]])),
    ...(await packages()),
    bad('cab', 'a.cab', cabinet(NAME, eicar())),
    ...zips,
    ...others,
    ...(await locked()),
    ...damaged(),
    { kind: 'harmless zip', name: 'letter.zip', bytes: letter(), expect: 'clean' },
    { kind: 'harmless tar', name: 'a.tar', bytes: tar('letter.txt', plain()), expect: 'clean' },
    { kind: 'harmless 7z', name: 'a.7z', bytes: await pack('7z', 'letter.txt', plain()), expect: 'clean' },
    { kind: 'harmless document as zip', name: 'letter.zip', bytes: docx('Dear support'), expect: 'clean' },
    { kind: 'harmless zip, empty', name: 'a.zip', bytes: zip([]), expect: 'clean' },
  ];
}
