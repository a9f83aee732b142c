import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readFile } from 'node:fs/promises';
import type { Sample, SampleMaker } from './sample';

const KINDS = join(__dirname, 'kinds');

/** Every sample that the files of `kinds/` make, in the order of their names. */
export async function madeSamples(): Promise<Sample[]> {
  const files = readdirSync(KINDS)
    .filter((name) => name.endsWith('.ts'))
    .sort();
  const made: Sample[][] = [];
  for (const file of files) {
    const { samples } = (await import(join(KINDS, file))) as { samples: SampleMaker };
    made.push(await samples());
  }
  return made.flat();
}

/** A folder of files from elsewhere, all with one expectation. */
export interface Folder {
  kind: string;
  path: string;
  expect: Sample['expect'];
}

const MAX_BYTES = 20 * 1024 * 1024;

/** Files below a folder, read one by one; very large and unreadable ones are left out. */
export async function* folderSamples({ kind, path, expect }: Folder): AsyncGenerator<Sample> {
  for (const entry of readdirSync(path, { recursive: true, encoding: 'utf8' }).sort()) {
    const file = join(path, entry);
    const status = statSync(file, { throwIfNoEntry: false });
    if (!status?.isFile() || status.size === 0 || status.size > MAX_BYTES) continue;
    yield { kind, name: basename(file), bytes: await readFile(file), expect };
  }
}
