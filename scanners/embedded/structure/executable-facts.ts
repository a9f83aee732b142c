import type { Fact } from './facts';

const MACHINES: Readonly<Record<number, string>> = { 0x14c: 'x86', 0x8664: 'x64', 0xaa64: 'ARM64', 0x1c0: 'ARM' };
const MAX_SECTIONS = 24;
const SECTION_BYTES = 40;

/** What the header of a Windows program says: machine, when it was linked, kind, sections. */
export function executableFacts(data: Uint8Array): Fact[] {
  const view = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (view.length < 0x100 || view.toString('latin1', 0, 2) !== 'MZ') return [];
  const header = view.readUInt32LE(0x3c);
  if (header + 24 > view.length || view.toString('latin1', header, header + 4) !== 'PE\0\0') return [];
  const group = 'program';
  const machine = view.readUInt16LE(header + 4);
  const flags = view.readUInt16LE(header + 22);
  const linked = new Date(view.readUInt32LE(header + 8) * 1000);
  return [
    { group, name: 'machine', value: MACHINES[machine] ?? `0x${machine.toString(16)}` },
    { group, name: 'kind', value: (flags & 0x2000) === 0 ? 'program' : 'library' },
    { group, name: 'linked', value: linked.toISOString() },
    { group, name: 'sections', value: sectionsOf(view, header).join(', ') },
  ];
}

function sectionsOf(view: Buffer, header: number): string[] {
  const count = Math.min(view.readUInt16LE(header + 6), MAX_SECTIONS);
  const first = header + 24 + view.readUInt16LE(header + 20);
  return Array.from({ length: count }, (_, at) => first + at * SECTION_BYTES)
    .filter((at) => at + SECTION_BYTES <= view.length)
    .map((at) => view.toString('latin1', at, at + 8).replace(/\0+$/u, ''));
}
