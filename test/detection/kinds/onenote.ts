import { eicar, png } from '../../scanners/samples';
import type { SampleMaker } from '../sample';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

/** A section with files as [MS-ONESTORE] 2.6.13 keeps them. `cut`: bytes that each file promises too many. */
export function section(files: readonly Buffer[], names: readonly string[] = [], cut = 0): Buffer {
  const kept = files.map((file) => {
    const head = Buffer.alloc(20);
    head.writeBigUInt64LE(BigInt(file.length + cut), 0);
    return Buffer.concat([
      hex('e716e3bd65261145a4c48d4d0b7a9eac'),
      head,
      file,
      cut > 0 ? Buffer.alloc(0) : hex('22a7fb714f6b2b478b1a3d8a1a5e7f01'),
    ]);
  });
  const texts = names.map((name) => {
    const text = Buffer.from(`${name}\0`, 'utf16le');
    const size = Buffer.alloc(4);
    size.writeUInt32LE(text.length);
    return Buffer.concat([size, text]);
  });
  return Buffer.concat([
    hex('e4525c7b8cd8a74daeb15378d02996d3'),
    Buffer.alloc(1_008),
    ...texts,
    Buffer.alloc(32),
    ...kept,
  ]);
}

/** Notebooks with files of every sort. */
export const samples: SampleMaker = () => [
  { kind: 'onenote', name: 'a file.one', bytes: section([png(), eicar()], ['note.txt']), expect: 'malicious' },
  {
    kind: 'onenote',
    name: 'a shortcut by name.one',
    bytes: section([Buffer.from('text')], ['invoice.pdf.lnk']),
    expect: 'malicious',
  },
  { kind: 'onenote', name: 'a cut file.one', bytes: section([Buffer.from('text')], [], 500), expect: 'unscannable' },
  {
    kind: 'onenote',
    name: 'pictures and a text.one',
    bytes: section([png(), png(), Buffer.from('minutes')], ['minutes.txt']),
    expect: 'clean',
  },
];
