import type { Opened, OpenContext } from './opener';
import { zipStructureGaps } from './zip-structure';

/** Opens whatever 7-Zip knows. A zip's structure is checked first: overlapping or lying entries are not unpacked at all. */
export async function openArchive(data: Uint8Array, { unpacker, passwords, budget }: OpenContext): Promise<Opened> {
  if (isZip(data)) {
    const structural = await zipStructureGaps(data, budget.members);
    if (structural.length > 0) return { members: [], gaps: new Set(structural) };
  }
  if (isEmptyZip(data)) return { members: [], gaps: new Set() };
  return unpacker.unpack(data, passwords, budget);
}

function isZip(data: Uint8Array): boolean {
  return data[0] === 0x50 && data[1] === 0x4b;
}

function isEmptyZip(data: Uint8Array): boolean {
  return data.length === 22 && isZip(data) && data[2] === 5 && data[3] === 6;
}
