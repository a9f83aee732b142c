import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createFileSealedStore } from '../../quarantine';
import type { MasterKeys, SealedStore, SealRef } from '../../quarantine';

export const ORGANISATION = '01HZX0ORGANISATIONA';
export const OTHER = '01HZX0ORGANISATIONB';

export interface Fixture {
  directory: string;
  masterKeys: MasterKeys;
  store: SealedStore;
  remove(): void;
}

export function createFixture(): Fixture {
  const directory = mkdtempSync(join(tmpdir(), 'lazaret-seal-'));
  const masterKeys = { currentId: 'mk-1', keys: { 'mk-1': randomBytes(32) } };
  const store = createFileSealedStore({ directory, masterKeys });
  return { directory, masterKeys, store, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

export function digestOf(bytes: Buffer): { sha256: string; length: number } {
  return { sha256: createHash('sha256').update(bytes).digest('hex'), length: bytes.length };
}

export function chunksOf(bytes: Buffer, size = 65_536): Readable {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
  return Readable.from(chunks);
}

export async function sealBytes(store: SealedStore, bytes: Buffer, organisation = ORGANISATION): Promise<SealRef> {
  const writer = store.begin(organisation);
  await pipeline(chunksOf(bytes), writer.sink);
  return writer.commit(digestOf(bytes));
}

export async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Every file below a directory, absolute, sorted. */
export function filesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** The two files of the only copy below a directory. */
export function partsOf(directory: string): { payload: string; manifest: string } {
  const files = filesIn(directory);
  const payload = files.find((file) => file.endsWith('.sealed'));
  const manifest = files.find((file) => file.endsWith('.key.json'));
  if (!payload || !manifest) throw new Error(`expected one copy, found ${files.length} files`);
  return { payload, manifest };
}
