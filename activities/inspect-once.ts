import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { SealWriter } from '../quarantine/sealed-store';
import type { ScanTarget } from '../scanners/engine';
import { inspect } from '../scanners/inspect';
import type { Inspection } from '../scanners/inspect';
import type { ActivityDeps } from './deps';

/** A file on its way to us. */
export interface IncomingFile {
  organisationId: string;
  target: ScanTarget;
  body: Readable;
  /** Bytes, as declared and kept to by the body. */
  length: number;
}

/**
 * Files up to here are taken into memory, hashed, and asked about in the cache before an engine sees them. Above, the bytes
 * pass once, through all engines at the same time: waiting for the hash would mean to hold them or to fetch them twice.
 */
export const HELD_BYTES = 1024 * 1024;

/** Below, and with one engine of our own machine, asking the engine costs less than asking the database (docs/decisions). */
const WORTH_BYTES = 64 * 1024;

/** One inspection of one file into its seal: by the engines, or from the answer to the same question before. */
export async function inspectOnce(
  deps: Pick<ActivityDeps, 'engines' | 'verdicts'>,
  file: IncomingFile,
  seal: SealWriter,
  signal?: AbortSignal,
): Promise<Inspection & { cached: boolean }> {
  const { organisationId, target } = file;
  const cheap = deps.engines.length === 1 && file.length < WORTH_BYTES;
  if (cheap || file.length > HELD_BYTES) {
    const read = await inspect(deps.engines, target, file.body, [seal.sink], signal);
    if (!cheap) await deps.verdicts.keep({ organisationId, sha256: read.sha256, target }, read.reports);
    return { ...read, cached: false };
  }
  const bytes = await collect(file.body);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const ask = async () => (await inspect(deps.engines, target, Readable.from([bytes]), [seal.sink], signal)).reports;
  const answer = await deps.verdicts.ask({ organisationId, sha256, target }, ask);
  if (answer.cached) await pipeline(Readable.from([bytes]), seal.sink);
  return { sha256, length: bytes.length, ...answer };
}

/** The whole body. One that runs over what it declared is an error of its own stream, and bounded here all the same. */
async function collect(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    const bytes = Buffer.from(chunk as Uint8Array);
    length += bytes.length;
    if (length > HELD_BYTES) throw new RangeError('a body is longer than it declared');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks, length);
}
