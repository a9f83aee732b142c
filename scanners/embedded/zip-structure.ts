import { configure, ERR_OVERLAPPING_ENTRY, Uint8ArrayReader, Uint8ArrayWriter, ZipReader } from '@zip.js/zip.js';
import type { Gap } from './unpack';

configure({ useWebWorkers: false });

/**
 * Looks at a zip's directory without unpacking: entries that share bytes (an overlap bomb) and more entries than allowed.
 * What zip.js cannot read is left to 7-Zip, whose answer decides about damage.
 */
export async function zipStructureGaps(data: Uint8Array, maxEntries: number): Promise<Gap[]> {
  const reader = new ZipReader(new Uint8ArrayReader(data), { strictness: 'tolerant', filenameValidation: 'tolerant' });
  let entries = 0;
  try {
    for await (const entry of reader.getEntriesGenerator()) {
      if (++entries > maxEntries) return ['limit_reached'];
      if (!entry.directory) await entry.getData(new Uint8ArrayWriter(), { checkOverlappingEntryOnly: true });
    }
    return [];
  } catch (error) {
    const overlap = error instanceof Error && error.message === ERR_OVERLAPPING_ENTRY;
    return overlap ? ['malformed'] : [];
  } finally {
    await reader.close().catch(() => undefined);
  }
}
