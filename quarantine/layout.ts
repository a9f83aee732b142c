import { randomUUID } from 'node:crypto';
import { link, mkdir, open, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SealError, systemCode } from './seal-error';

const ORGANISATION = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/u;
const SHA256 = /^[0-9a-f]{64}$/u;

export const PAYLOAD_SUFFIX = '.sealed';
export const MANIFEST_SUFFIX = '.key.json';

/** Where things are: `tmp/…`, `objects/{organisation}/{first two digits}/{sha256}.key.json` and `….{seal}.sealed`. */
export interface Layout {
  temporary: string;
  objects: string;
}

export function layoutOf(directory: string): Layout {
  return { temporary: join(directory, 'tmp'), objects: join(directory, 'objects') };
}

/** @throws SealError `bad_id` for anything that could lead out of the organisation's folder */
export function checkOrganisationId(organisationId: string): string {
  if (ORGANISATION.test(organisationId)) return organisationId;
  throw new SealError('bad_id', 'An organisation id has 1 to 64 letters, digits, dashes or underscores.');
}

/** Path-safe key of an object; no names. @throws SealError `bad_id` */
export function sealKeyOf(organisationId: string, sha256: string): string {
  checkOrganisationId(organisationId);
  if (!SHA256.test(sha256)) throw new SealError('bad_id', 'A SHA-256 has 64 lower-case hexadecimal digits.');
  return `${organisationId}/${sha256.slice(0, 2)}/${sha256}`;
}

export function manifestPath(layout: Layout, sealKey: string): string {
  return join(layout.objects, `${sealKey}${MANIFEST_SUFFIX}`);
}

/** @param sealId a UUID, from a parsed manifest or made here */
export function payloadPath(layout: Layout, sealKey: string, sealId: string): string {
  return join(layout.objects, `${sealKey}.${sealId}${PAYLOAD_SUFFIX}`);
}

/** Creates a folder and syncs every parent that got a new entry, so that the folder survives a power cut. */
export async function ensureFolder(path: string): Promise<void> {
  const firstCreated = await mkdir(path, { recursive: true, mode: 0o700 });
  if (firstCreated === undefined) return;
  for (let at = dirname(path); at.length >= dirname(firstCreated).length; at = dirname(at)) {
    await syncFolder(at);
    if (at === dirname(at)) return;
  }
}

/** Makes renames inside a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export async function removeIfThere(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/**
 * Puts a small file in place at once or not at all, synced.
 * @param replace false: leaves a file that is already there alone
 * @returns whether this text is the one in place now
 */
export async function placeFile(layout: Layout, path: string, text: string, replace: boolean): Promise<boolean> {
  const temporary = join(layout.temporary, `${randomUUID()}.part`);
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    if (replace) await rename(temporary, path);
    else await link(temporary, path);
  } catch (error) {
    if (!replace && systemCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await removeIfThere(temporary);
  }
  await syncFolder(dirname(path));
  return true;
}
