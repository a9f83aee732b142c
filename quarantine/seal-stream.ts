import type { FileHandle } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Transform, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { esdk, FRAME_BYTES, rawKeyring, sameContext, SUITE } from './esdk';
import { payloadContext } from './manifest';
import { fromSystem, SealError } from './seal-error';
import type { Sealed } from './sealed-store';

const READ_BYTES = 256 * 1024;

function fileKeyring(sealId: string, fileKey: Uint8Array) {
  return rawKeyring('lazaret-file', sealId, fileKey);
}

/** A Writable that encrypts into one file, and counts and hashes what it was given. */
export interface SealingSink {
  sink: Writable;
  /** Fulfilled when nothing touches the file any more, whatever the outcome. */
  released: Promise<void>;
  written(): Sealed | undefined;
}

/** Opens the encrypting end. @param path must not exist yet */
export function createSealingSink(
  path: string,
  organisationId: string,
  sealId: string,
  fileKey: Uint8Array,
): SealingSink {
  const encryptor = esdk.encryptStream(fileKeyring(sealId, fileKey), {
    suiteId: SUITE,
    frameLength: FRAME_BYTES,
    encryptionContext: payloadContext(organisationId, sealId),
  });
  const file = createWriteStream(path, { flags: 'wx', mode: 0o600, highWaterMark: FRAME_BYTES });
  const released = new Promise<void>((resolve) => file.once('close', resolve));
  const hash = createHash('sha256');
  let length = 0;
  let digest: string | undefined;
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      length += chunk.length;
      encryptor.write(chunk, done);
    },
    final(done) {
      file.once('finish', () => {
        digest = hash.digest('hex');
        done();
      });
      encryptor.end();
    },
    destroy(error, done) {
      // Destroying the SDK's stream throws out of reach (its inner pipeline has no callback): let it run out instead.
      encryptor.unpipe(file);
      encryptor.resume();
      encryptor.end();
      file.destroy();
      done(error);
    },
  });
  const fail = (error: unknown): void => void sink.destroy(fromSystem(error, 'writing a sealed copy'));
  // A failure before the caller has piped anything must reach its pipeline, not end the process.
  sink.on('error', () => undefined);
  encryptor.on('error', fail);
  file.on('error', fail);
  encryptor.pipe(file);
  return { sink, released, written: () => (digest === undefined ? undefined : { sha256: digest, length }) };
}

/**
 * Decrypts an open file into `out`; the header must carry this organisation and seal before any byte passes.
 * @throws SealError `tampered` · `context_mismatch` · `io`, or what `out` failed with
 */
export async function unsealInto(
  file: FileHandle,
  organisationId: string,
  sealId: string,
  fileKey: Uint8Array,
  out: Transform,
): Promise<void> {
  const decryptor = esdk.decryptUnsignedMessageStream(fileKeyring(sealId, fileKey), { maxBodySize: FRAME_BYTES });
  const expected = payloadContext(organisationId, sealId);
  // It emits its error once more after the pipeline has ended.
  decryptor.on('error', () => undefined);
  decryptor.once('MessageHeader', (header: { encryptionContext: Readonly<Record<string, string>> }) => {
    if (sameContext(header.encryptionContext, expected)) return;
    decryptor.destroy(new SealError('context_mismatch', 'The sealed bytes belong to another organisation or seal.'));
  });
  const source = file.createReadStream({ autoClose: false, start: 0, highWaterMark: READ_BYTES });
  let readError: SealError | undefined;
  source.once('error', (error) => (readError = fromSystem(error, 'reading a sealed copy')));
  try {
    await pipeline(source, decryptor, feed(out));
  } catch (error) {
    if (readError) throw readError;
    if (error instanceof SealError) throw error;
    throw new SealError('tampered', 'The sealed bytes were changed after they were sealed.', { cause: error });
  }
}

/** Writes into `out` without owning it: a failure upstream must reach `out` as a SealError, not as it was thrown. */
function feed(out: Transform): Writable {
  const feeder = new Writable({
    write: (chunk: Buffer, _encoding, done) => void out.write(chunk, done),
    final: (done) => void out.end(done),
  });
  out.once('close', () => feeder.destroy());
  return feeder;
}

/** Lets bytes through and ends only when their number and SHA-256 are the expected ones. */
export function createProofTransform(expected: Sealed): Transform {
  const hash = createHash('sha256');
  let length = 0;
  const proof = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      length += chunk.length;
      done(null, chunk);
    },
    flush(done) {
      if (length !== expected.length) {
        done(new SealError('length_mismatch', `Unsealed ${length} bytes where ${expected.length} were sealed.`));
      } else if (hash.digest('hex') !== expected.sha256) {
        done(new SealError('digest_mismatch', 'The unsealed bytes do not have the recorded SHA-256.'));
      } else done();
    },
  });
  proof.on('error', () => undefined);
  return proof;
}
