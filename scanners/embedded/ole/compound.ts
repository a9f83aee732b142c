import type { Opened, OpenContext } from '../opener';
import { CompoundFile, NotCompound, type CompoundEntry } from './cfb';
import { lookAtDamage } from './damage';
import { openEncrypted } from './encrypted';
import { lookAtExcel } from './excel';
import { Haul } from './haul';
import { lookAtHangul } from './hangul';
import { lookAtInstaller, streamName } from './installer';
import { lookAtMessage } from './message';
import { lookAtObjects } from './objects';
import { lookAtPowerPoint } from './powerpoint';
import { streamType, type Scene } from './scene';
import { lookAtMacros } from './vba';
import { lookAtWord } from './word';

/** Who looks at a compound file for what. Each finds out by itself whether the file is one of its kind. */
const EXPERTS: readonly ((scene: Scene) => void)[] = [
  lookAtMessage,
  lookAtMacros,
  lookAtObjects,
  lookAtWord,
  lookAtExcel,
  lookAtPowerPoint,
  openEncrypted,
  lookAtInstaller,
  lookAtHangul,
  lookAtDamage,
];

/**
 * Opens a compound file (OLE): documents of Office 97–2003, macro projects, messages of Outlook, installers. Files and
 * texts inside become parts, and so does every stream.
 */
export function openCompound(data: Uint8Array, context: OpenContext): Opened {
  const haul = new Haul(context.budget);
  const file = tryCompound(data);
  if (!file) {
    haul.gap('malformed');
    return haul.opened();
  }
  const scene = createScene(file, haul, context);
  for (const look of EXPERTS) guarded(() => look(scene), haul);
  for (const entry of file.entries) {
    if (entry.kind === 'storage' || scene.taken.has(entry)) continue;
    const bytes = scene.bytes(entry);
    if (bytes.length > 0) haul.member(streamName(entry.path), bytes, streamType(entry.name, bytes));
  }
  if (file.damaged) haul.gap('malformed');
  return haul.opened();
}

function tryCompound(data: Uint8Array): CompoundFile | undefined {
  try {
    return new CompoundFile(data);
  } catch (error) {
    if (error instanceof NotCompound || isOutOfBounds(error)) return undefined;
    throw error;
  }
}

/** Reading beyond a buffer is damage; Node says it with the same class as "out of memory". */
function guarded(act: () => void, haul: Haul): void {
  try {
    act();
  } catch (error) {
    if (error instanceof RangeError && !isOutOfBounds(error)) throw error;
    haul.gap('malformed');
  }
}

function isOutOfBounds(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ERR_OUT_OF_RANGE' || code === 'ERR_BUFFER_OUT_OF_BOUNDS';
}

function createScene(file: CompoundFile, haul: Haul, context: OpenContext): Scene {
  const known = new Map<CompoundEntry, Buffer>();
  // Streams may share their sectors: together they may not promise more than a whole file may give.
  let left = context.budget.totalBytes;
  const bytes = (entry: CompoundEntry): Buffer => {
    const before = known.get(entry);
    if (before) return before;
    const limit = Math.min(context.budget.memberBytes, left);
    const { data, whole } = file.read(entry, limit);
    // What no application sees may be overwritten in part.
    if (!whole && !entry.orphan) haul.gap(entry.size > limit && data.length === limit ? 'limit_reached' : 'malformed');
    left -= data.length;
    known.set(entry, data);
    return data;
  };
  return {
    file,
    haul,
    context,
    taken: new Set(),
    bytes,
    stream: (...path) => {
      const entry = file.find(...path);
      return entry ? bytes(entry) : Buffer.alloc(0);
    },
  };
}
