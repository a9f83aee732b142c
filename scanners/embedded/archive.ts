import { findArchives } from './carve';
import { lazily } from './passwords';
import { OUTSIDE_ENTRIES } from './zip';
import type { Unpacked } from './unpack';
import { readStream } from './zlib-stream';
import type { Member, Opened, OpenContext, PartFinding } from './opener';

const HIDDEN: PartFinding = {
  rule: 'Archive_Hidden_Member',
  severity: 'medium',
  what: 'The zip holds a file that its own directory does not list, or lists as something else: programs see different files in it.',
  place: [],
};

/** Opens whatever own code and 7-Zip know. A zip is seen by its directory and by its local headers. */
export async function openArchive(data: Uint8Array, context: OpenContext): Promise<Opened> {
  const { unpacker, passwords, morePasswords = [], budget } = context;
  const { members, gaps, hidden, trailing }: Unpacked =
    readStream(data, context.type.mime, budget) ??
    (await unpacker.unpack(
      data,
      lazily(() => [...passwords, ...morePasswords]),
      budget,
    ));
  if (trailing) members.push(...behind(data));
  return { members, gaps, ...(hidden && { findings: [HIDDEN] }) };
}

/** Archives that stand behind another one's end, where its own program never looks. */
function behind(data: Uint8Array): Member[] {
  const { found } = findArchives(data);
  const others = found.filter(({ start, sure }) => sure && start > 0);
  return others.map(({ start, end }) => ({ name: OUTSIDE_ENTRIES, data: data.subarray(start, end) }));
}
