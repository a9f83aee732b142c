import { PassThrough, Readable, Transform, Writable } from 'node:stream';
import { configure, ZipWriter } from '@zip.js/zip.js';

// No threads: this is a server, and the bytes come slower than they are encrypted.
configure({ useWebWorkers: false });

/** AES with a key of 256 bits, as WinZip and 7-Zip know it. */
const AES_256 = 3;

/**
 * A ZIP archive that holds one file encrypted by AES-256, made while it is read: no byte stands anywhere in the plain.
 * It fails before its end when the source does, so that a broken seal never becomes a whole archive. Stored, not packed:
 * what is sealed is mostly packed already.
 * @param name of the file inside, readable without the password
 */
export function createSealedArchive(body: Readable, name: string, password: string): Readable {
  const out = new PassThrough();
  const zip = new ZipWriter(Writable.toWeb(out), {
    level: 0,
    password,
    encryptionStrength: AES_256,
    dataDescriptor: true,
    // The moment of the download says nothing about the file.
    lastModDate: new Date(1980, 0, 1),
    extendedTimestamp: false,
  });
  const write = async (): Promise<void> => {
    await zip.add(name, Readable.toWeb(body.pipe(pauses(body))) as ReadableStream);
    await zip.close();
  };
  write().catch((error: unknown) => {
    body.destroy();
    out.destroy(error instanceof Error ? error : new Error('the archive could not be made'));
  });
  out.once('close', () => body.destroy());
  return out;
}

/** Lets others have their turn between two chunks: encrypting one of a megabyte takes 30 ms. */
function pauses(source: Readable): Transform {
  const transform = new Transform({
    transform: (chunk: Buffer, _encoding, done) => void setImmediate(() => done(null, chunk)),
  });
  source.once('error', (error) => transform.destroy(error));
  return transform;
}
