import { deflateSync } from 'node:zlib';
import { eicar, zip } from '../../scanners/samples';
import type { Sample } from '../sample';

const SECTOR = 512;
const padded = (data: Buffer): Buffer =>
  Buffer.concat([data, Buffer.alloc((SECTOR - (data.length % SECTOR)) % SECTOR)]);

/** A marker between the pieces of a streamed disk, followed by that many sectors. */
function marker(sectors: number, type: number): Buffer {
  const made = Buffer.alloc(SECTOR);
  made.writeBigUInt64LE(BigInt(sectors));
  made.writeUInt32LE(type, 12);
  return made;
}

/** A stream-optimised VMDK disk (Virtual Disk Format 5.0) whose pieces are these, 64 KiB apart. */
function streamedDisk(...pieces: Buffer[]): Buffer {
  const head = Buffer.alloc(SECTOR);
  head.write('KDMV');
  head.writeUInt32LE(3, 4);
  head.writeUInt32LE(0x3_0001, 8);
  head.writeBigUInt64LE(BigInt(pieces.length * 128), 12);
  head.writeBigUInt64LE(128n, 20);
  head.writeUInt32LE(512, 44);
  head.writeBigUInt64LE(1n, 64);
  const grains = pieces.map((piece, index) => {
    const packed = deflateSync(Buffer.concat([piece, Buffer.alloc(65_536 - piece.length)]));
    const own = Buffer.alloc(12);
    own.writeBigUInt64LE(BigInt(index * 128));
    own.writeUInt32LE(packed.length, 8);
    return padded(Buffer.concat([own, packed]));
  });
  return Buffer.concat([head, ...grains, marker(1, 1), Buffer.alloc(SECTOR), marker(0, 0)]);
}

/** Beginnings of packed formats that nothing here opens. */
const UNKNOWN: readonly (readonly [kind: string, name: string, hex: string])[] = [
  ['lzop', 'a.lzo', '894c5a4f000d0a1a0a1040209009400103'],
  ['lrzip', 'a.lrz', '4c525a4900060000000000000000'],
  ['zpaq', 'a.zpaq', '376b5374a03183d38cb228b0d37a5051020100'],
  ['ace', 'a.ace', '0000310000009000'.slice(0, 14) + '2a2a4143452a2a1414'],
  ['zoo', 'a.zoo', '5a4f4f20322e313020417263686976652e1a0000dca7c4fd'],
  ['arc', 'a.arc', '1a086c65747465722e747874000000300000000000000000300000'],
  ['exfat', 'a.img', 'eb7690455846415420202000'],
];

/** Disks and packed formats beyond those that 7-Zip opens. */
export function samples(): Sample[] {
  const bill = zip([{ name: 'bill.com', data: eicar() }]);
  const whole = streamedDisk(Buffer.alloc(9), bill);
  const noise = Buffer.from(Array.from({ length: 3_000 }, (_unused, at) => (at * 7_919) % 251));
  return [
    { kind: 'vmdk, streamed', name: 'a.vmdk', bytes: whole, expect: 'malicious' },
    { kind: 'vmdk, streamed, cut off', name: 'a.vmdk', bytes: whole.subarray(0, 700), expect: 'unscannable' },
    { kind: 'harmless vmdk, streamed', name: 'a.vmdk', bytes: streamedDisk(Buffer.from('Dear')), expect: 'clean' },
    ...UNKNOWN.map(([kind, name, hex]): Sample => ({
      kind: `${kind}, not opened`,
      name,
      bytes: Buffer.concat([Buffer.from(hex, 'hex'), noise]),
      expect: 'unscannable',
    })),
  ];
}
