import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { pack } from '../../scanners/compress';
import { eicar, zip } from '../../scanners/samples';
import type { Sample } from '../sample';

const MIB = 1024 * 1024;

/** Zips in zips, each a little different, with zeros at the bottom. */
function nested(levels: number): Buffer {
  if (levels === 0) return zip([{ name: '0.bin', data: Buffer.concat([randomBytes(8), Buffer.alloc(24 * MIB)]) }]);
  const inner = nested(levels - 1);
  const members = Array.from({ length: 8 }, (_unused, index) => ({
    name: `${index}.zip`,
    data: Buffer.concat([inner, Buffer.alloc(index * 4, 'x')]),
  }));
  return zip(members);
}

/** Many lines of the directory lead to the same bytes. */
function overlapping(count: number): Buffer {
  const one = zip([{ name: 'a', data: Buffer.alloc(10 * MIB) }]);
  const end = one.length - 22;
  const directory = one.readUInt32LE(end + 16);
  const line = one.subarray(directory, end);
  const tail = Buffer.from(one.subarray(end));
  tail.writeUInt16LE(count, 8);
  tail.writeUInt16LE(count, 10);
  tail.writeUInt32LE(line.length * count, 12);
  return Buffer.concat([one.subarray(0, directory), ...Array.from({ length: count }, () => line), tail]);
}

/** Small files that open into more than anybody wants. */
export async function samples(): Promise<Sample[]> {
  const zeros = Buffer.alloc(105 * MIB);
  const bomb = (kind: string, name: string, bytes: Buffer): Sample => ({ kind, name, bytes, expect: 'unscannable' });
  const deep = Array.from({ length: 40 }).reduce<Buffer>((inner) => zip([{ name: 'a.zip', data: inner }]), zip([]));
  return [
    bomb('bomb, gzip', 'a.gz', gzipSync(zeros)),
    bomb('bomb, gzip twice', 'a.gz', gzipSync(gzipSync(zeros))),
    bomb('bomb, xz', 'a.xz', await pack('xz', 'a', zeros)),
    bomb('bomb, bzip2', 'a.bz2', await pack('bzip2', 'a', zeros)),
    bomb('bomb, 7z', 'a.7z', await pack('7z', 'a', zeros)),
    bomb('bomb, zip', 'a.zip', zip([{ name: 'a', data: zeros }])),
    bomb('bomb, nested zips', '42.zip', nested(2)),
    bomb('bomb, overlapping', 'a.zip', overlapping(300)),
    bomb('bomb, forty deep', 'a.zip', deep),
    {
      kind: 'malware beside a bomb',
      name: 'a.zip',
      bytes: zip([
        { name: 'bill.com', data: eicar() },
        { name: 'a', data: zeros },
      ]),
      expect: 'malicious',
    },
    {
      kind: 'harmless, well packed',
      name: 'table.zip',
      bytes: zip([{ name: 'a.csv', data: Buffer.alloc(9 * MIB, '0;0;0\n') }]),
      expect: 'clean',
    },
  ];
}
