import { randomBytes, randomUUID } from 'node:crypto';
import { readFile, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { KEY_BYTES } from './esdk';
import { refOf } from './file-reader';
import type { FileStoreContext } from './file-store';
import {
  ensureFolder,
  manifestPath,
  payloadPath,
  placeFile,
  removeIfThere,
  sealKeyOf,
  syncFile,
  syncFolder,
} from './layout';
import type { Manifest } from './manifest';
import { parseManifest, serialiseManifest, wrapFileKey } from './manifest';
import { fromSystem, SealError } from './seal-error';
import type { Sealed, SealRef, SealWriter } from './sealed-store';
import { createSealingSink } from './seal-stream';

type Verify = (ref: SealRef) => Promise<void>;

/** Starts a copy: a temporary file under a one-time key that only this object knows until it is committed. */
export function beginCopy(context: FileStoreContext, organisationId: string, verify: Verify): SealWriter {
  const sealId = randomUUID();
  const temporary = join(context.layout.temporary, `${sealId}.part`);
  const fileKey = randomBytes(KEY_BYTES);
  const { sink, released, written } = createSealingSink(temporary, organisationId, sealId, fileKey);
  let committing: Promise<SealRef> | undefined;
  let dropped = false;

  const discard = async (): Promise<void> => {
    dropped = true;
    fileKey.fill(0);
    sink.destroy();
    await released;
    await removeIfThere(temporary).catch((error: unknown) => {
      throw fromSystem(error, 'dropping a sealed copy');
    });
  };
  const keep = async (expected: Sealed): Promise<SealRef> => {
    try {
      if (dropped) throw new SealError('incomplete', 'This copy was already dropped.');
      checkWritten(written(), expected);
      const { size: sealedLength } = await stat(temporary);
      const { sha256, length } = expected;
      const facts = { organisationId, sha256, length, sealId, sealedLength };
      const [manifest] = await Promise.all([
        wrapFileKey(facts, fileKey, context.masterKeys.current),
        syncFile(temporary),
        ensureFolder(dirname(manifestPath(context.layout, sealKeyOf(organisationId, sha256)))),
      ]);
      return await place(context, temporary, manifest, verify);
    } catch (error) {
      await discard();
      throw fromSystem(error, 'committing a sealed copy');
    } finally {
      fileKey.fill(0);
    }
  };
  return {
    sink,
    written,
    commit: (expected) => (committing ??= keep(expected)),
    drop: async () => {
      // A commit that has begun owns the file: dropping under it would wrap a forgotten key.
      if (committing) await committing.catch(() => undefined);
      else await discard();
    },
  };
}

function checkWritten(written: Sealed | undefined, expected: Sealed): void {
  if (!written) throw new SealError('incomplete', 'Commit came before the sink had finished.');
  if (written.length !== expected.length) {
    throw new SealError('length_mismatch', `Sealed ${written.length} bytes where ${expected.length} were expected.`);
  }
  if (written.sha256 !== expected.sha256) {
    throw new SealError('digest_mismatch', 'The sealed bytes do not have the expected SHA-256.');
  }
}

/**
 * Moves the payload, then the manifest, into place. An earlier copy that verifies wins. One that does not is replaced:
 * the new copy holds the same bytes, so nothing can be lost by it.
 */
async function place(
  { layout }: FileStoreContext,
  temporary: string,
  manifest: Manifest,
  verify: Verify,
): Promise<SealRef> {
  const ref = refOf(manifest);
  const payload = payloadPath(layout, ref.sealKey, manifest.sealId);
  const path = manifestPath(layout, ref.sealKey);
  await rename(temporary, payload);
  await syncFolder(dirname(payload));
  if (await placeFile(layout, path, serialiseManifest(manifest), false)) return ref;
  const earlierVerifies = await verify(ref).then(
    () => true,
    () => false,
  );
  if (earlierVerifies) {
    await removeIfThere(payload);
    return refOf(parseManifest(await readFile(path, 'utf8')));
  }
  await placeFile(layout, path, serialiseManifest(manifest), true);
  return ref;
}
