import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readManifest, refOf } from './file-reader';
import type { FileStoreContext } from './file-store';
import type { Layout } from './layout';
import {
  checkOrganisationId,
  MANIFEST_SUFFIX,
  manifestPath,
  PAYLOAD_SUFFIX,
  payloadPath,
  removeIfThere,
  sealKeyOf,
  syncFolder,
} from './layout';
import { parseManifest } from './manifest';
import { fromSystem, SealError, systemCode } from './seal-error';
import type { ListedSeal, SealRef } from './sealed-store';

/** Removes the key first: from then on the bytes are noise, whatever happens to them. */
export async function deleteCopy({ layout }: FileStoreContext, ref: SealRef): Promise<void> {
  const manifest = manifestPath(layout, sealKeyOf(ref.organisationId, ref.sha256));
  const folder = dirname(manifest);
  try {
    if (await removeIfThere(manifest)) await syncFolder(folder);
    for (const name of await namesIn(folder)) {
      if (name.startsWith(`${ref.sha256}.`) && name.endsWith(PAYLOAD_SUFFIX)) await removeIfThere(join(folder, name));
    }
  } catch (error) {
    throw fromSystem(error, 'deleting a sealed copy');
  }
}

/** Whether both parts of a copy are there. @throws SealError other than `missing` */
export async function hasCopy(context: FileStoreContext, ref: SealRef): Promise<boolean> {
  try {
    const manifest = await readManifest(context, ref);
    await stat(payloadPath(context.layout, ref.sealKey, manifest.sealId));
    return true;
  } catch (error) {
    const failure = fromSystem(error, 'looking for a sealed copy');
    if (failure.kind === 'missing') return false;
    throw failure;
  }
}

/** Walks over all copies. One that disappears meanwhile is left out. */
export async function* listCopies(
  { layout }: FileStoreContext,
  organisationId?: string,
): AsyncGenerator<ListedSeal, void, undefined> {
  for await (const { organisation, folder } of shards(layout, organisationId)) {
    for (const name of await namesIn(folder)) {
      if (!name.endsWith(MANIFEST_SUFFIX)) continue;
      const listed = await listOne(join(folder, name), organisation, name.slice(0, -MANIFEST_SUFFIX.length));
      if (listed) yield listed;
    }
  }
}

async function listOne(path: string, organisationId: string, sha256: string): Promise<ListedSeal | undefined> {
  try {
    const ref = refOf(parseManifest(await readFile(path, 'utf8')));
    if (ref.organisationId === organisationId && ref.sha256 === sha256) return { ref };
    return { organisationId, sha256, problem: 'context_mismatch' };
  } catch (error) {
    const { kind } = fromSystem(error, 'listing sealed copies');
    return kind === 'missing' ? undefined : { organisationId, sha256, problem: kind };
  }
}

/**
 * Removes temporary files, and payloads that no manifest names, last written before a moment.
 * @param before milliseconds since 1970
 * @returns how many files were removed
 */
export async function sweepTemporary({ layout }: FileStoreContext, before: number): Promise<number> {
  let removed = 0;
  for (const name of await namesIn(layout.temporary)) {
    if (await removeIfOlder(join(layout.temporary, name), before)) removed += 1;
  }
  for await (const { folder } of shards(layout)) {
    for (const name of await namesIn(folder)) {
      if (!name.endsWith(PAYLOAD_SUFFIX) || (await isNamed(folder, name))) continue;
      if (await removeIfOlder(join(folder, name), before)) removed += 1;
    }
  }
  return removed;
}

/** Whether the manifest beside a payload names it. A manifest that cannot be read protects its payloads. */
async function isNamed(folder: string, payloadName: string): Promise<boolean> {
  const [sha256 = '', sealId = ''] = payloadName.slice(0, -PAYLOAD_SUFFIX.length).split('.');
  try {
    return parseManifest(await readFile(join(folder, `${sha256}${MANIFEST_SUFFIX}`), 'utf8')).sealId === sealId;
  } catch (error) {
    return systemCode(error) !== 'ENOENT';
  }
}

async function removeIfOlder(path: string, before: number): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(path);
    return mtimeMs < before && (await removeIfThere(path));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw fromSystem(error, 'sweeping the sealed store');
  }
}

async function* shards(
  layout: Layout,
  organisationId?: string,
): AsyncGenerator<{ organisation: string; folder: string }, void, undefined> {
  const organisations =
    organisationId === undefined ? await namesIn(layout.objects) : [checkOrganisationId(organisationId)];
  for (const organisation of organisations) {
    for (const shard of await namesIn(join(layout.objects, organisation))) {
      yield { organisation, folder: join(layout.objects, organisation, shard) };
    }
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw new SealError('io', `The disk refused (${systemCode(error)}) while listing sealed copies.`, { cause: error });
  }
}
