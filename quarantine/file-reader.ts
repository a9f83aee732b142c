import { open, readFile } from 'node:fs/promises';
import type { Readable, Transform } from 'node:stream';
import type { FileStoreContext } from './file-store';
import { manifestPath, payloadPath, sealKeyOf } from './layout';
import type { Manifest } from './manifest';
import { parseManifest, unwrapFileKey } from './manifest';
import { fromSystem, SealError } from './seal-error';
import type { SealRef } from './sealed-store';
import { createProofTransform, unsealInto } from './seal-stream';

/** The reference of the copy that a manifest describes. */
export function refOf(manifest: Manifest): SealRef {
  const { organisationId, sha256, length, masterKeyId } = manifest;
  return { organisationId, sha256, length, sealKey: sealKeyOf(organisationId, sha256), masterKeyId };
}

/**
 * The manifest of a reference, when both say the same. Says nothing about the truth of either.
 * @throws SealError `missing` · `bad_id` · `tampered` · `context_mismatch` · `length_mismatch` · `io`
 */
export async function readManifest({ layout }: Pick<FileStoreContext, 'layout'>, ref: SealRef): Promise<Manifest> {
  const sealKey = sealKeyOf(ref.organisationId, ref.sha256);
  if (ref.sealKey !== sealKey) throw new SealError('bad_id', 'The reference names a place that is not its own.');
  const text = await readFile(manifestPath(layout, sealKey), 'utf8').catch((error: unknown) => {
    throw fromSystem(error, 'reading the key of a sealed copy');
  });
  const manifest = parseManifest(text);
  if (manifest.organisationId !== ref.organisationId || manifest.sha256 !== ref.sha256) {
    throw new SealError('context_mismatch', 'The key file belongs to another organisation or file.');
  }
  if (manifest.length !== ref.length) {
    throw new SealError('length_mismatch', `Sealed are ${manifest.length} bytes, the reference says ${ref.length}.`);
  }
  return manifest;
}

/** Plain bytes of a copy; destroyed with a SealError before `end` where anything is wrong. */
export function openCopy(context: FileStoreContext, ref: SealRef): Readable {
  const out = createProofTransform(ref);
  unseal(context, ref, out).catch((error: unknown) => out.destroy(fromSystem(error, 'reading a sealed copy')));
  return out;
}

async function unseal(context: FileStoreContext, ref: SealRef, out: Transform): Promise<void> {
  const manifest = await readManifest(context, ref);
  const fileKey = await unwrapFileKey(manifest, context.masterKeys);
  const file = await open(payloadPath(context.layout, ref.sealKey, manifest.sealId), 'r');
  try {
    const { size } = await file.stat();
    if (size !== manifest.sealedLength) {
      throw new SealError('tampered', `The sealed file has ${size} bytes where ${manifest.sealedLength} were written.`);
    }
    await unsealInto(file, manifest.organisationId, manifest.sealId, fileKey, out);
  } finally {
    fileKey.fill(0);
    await file.close();
  }
}
