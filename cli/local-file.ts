import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { UnscannableReason } from '../domain/words';

/** Something on the command line that is no file to read; the message ends a sentence that begins with its name. */
class NotAFile extends Error {}

/**
 * Refuses what would be read for ever: devices, sockets, and named pipes, which wait for a writer that may never come.
 * Standard input and the shell's `<(…)` are pipes too, but open ones.
 * @returns its size in bytes, 0 for a pipe
 * @throws an error for {@link whyUnreadable}
 */
export async function requireFile(path: string): Promise<number> {
  const is = await stat(path);
  if (is.isFile() || (is.isFIFO() && /^\/(dev|proc)\//.test(path))) return is.size;
  if (is.isDirectory()) throw new NotAFile('is a folder; name the files in it');
  throw new NotAFile(`is a ${is.isFIFO() ? 'named pipe' : is.isSocket() ? 'socket' : 'device'}, not a file`);
}

/** Why a file cannot be read: the end of a sentence for people, and the word for the line. */
export function whyUnreadable(error: unknown, path: string): { sentence: string; reason: UnscannableReason } {
  if (error instanceof NotAFile) return { sentence: error.message, reason: 'malformed' };
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'no reason given';
  // `npm run` changes to the package's folder: the whole path says where we looked.
  if (code === 'ENOENT') return { sentence: `does not exist (looked for ${resolve(path)})`, reason: 'gone' };
  if (code === 'EISDIR') return { sentence: 'is a folder', reason: 'malformed' };
  if (code === 'EACCES') return { sentence: 'cannot be read: you have no permission', reason: 'malformed' };
  return { sentence: `cannot be read (${code})`, reason: 'malformed' };
}
