import { mkdirSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { openCopy, readManifest, refOf } from './file-reader';
import { beginCopy } from './file-writer';
import { deleteCopy, hasCopy, listCopies, sweepTemporary } from './file-walk';
import type { Layout } from './layout';
import { checkOrganisationId, layoutOf, manifestPath, placeFile } from './layout';
import { serialiseManifest, unwrapFileKey, wrapFileKey } from './manifest';
import type { MasterKeyRing, MasterKeys } from './master-keys';
import { createMasterKeyRing } from './master-keys';
import { fromSystem, SealError, systemCode } from './seal-error';
import type { SealedStore, SealRef } from './sealed-store';

export interface FileSealedStoreOptions {
  /** Created where it does not exist; one file system, not shared with anything else. */
  directory: string;
  masterKeys: MasterKeys;
}

/** What every part of the file store works with. */
export interface FileStoreContext {
  layout: Layout;
  masterKeys: MasterKeyRing;
}

/**
 * A sealed store on a file system. Each file has a one-time key; the master key wraps that key in a manifest beside it,
 * and the manifest's appearance is the one step that makes a copy exist.
 * @throws SealError `bad_configuration` for unusable master keys, `io` for an unusable directory
 */
export function createFileSealedStore(options: FileSealedStoreOptions): SealedStore {
  const context = { layout: layoutOf(options.directory), masterKeys: createMasterKeyRing(options.masterKeys) };
  try {
    for (const folder of Object.values(context.layout)) mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new SealError('io', `The sealed store's directory cannot be used (${systemCode(error)}).`, { cause: error });
  }
  const open = (ref: SealRef): Readable => openCopy(context, ref);
  const verify = (ref: SealRef): Promise<void> => pipeline(open(ref), discard());
  return {
    begin: (organisationId) => beginCopy(context, checkOrganisationId(organisationId), verify),
    open,
    verify,
    delete: (ref) => deleteCopy(context, ref),
    has: (ref) => hasCopy(context, ref),
    rewrap: (ref) => rewrapCopy(context, ref),
    list: (organisationId) => listCopies(context, organisationId),
    sweepTemporary: (olderThanMs) => sweepTemporary(context, Date.now() - olderThanMs),
  };
}

function discard(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}

async function rewrapCopy(context: FileStoreContext, ref: SealRef): Promise<SealRef> {
  const manifest = await readManifest(context, ref);
  if (manifest.masterKeyId === context.masterKeys.current.id) return refOf(manifest);
  const fileKey = await unwrapFileKey(manifest, context.masterKeys);
  const { organisationId, sha256, length, sealId, sealedLength } = manifest;
  const facts = { organisationId, sha256, length, sealId, sealedLength };
  const rewrapped = await wrapFileKey(facts, fileKey, context.masterKeys.current);
  fileKey.fill(0);
  try {
    await placeFile(context.layout, manifestPath(context.layout, ref.sealKey), serialiseManifest(rewrapped), true);
  } catch (error) {
    throw fromSystem(error, 'rewrapping a sealed copy');
  }
  return refOf(rewrapped);
}
