import { readAr } from './ar';
import { hasEncryptedHeaders } from './encrypted-headers';
import { readGzip } from './gzip';
import { readLzip } from './lzip';
import type { Member } from './opener';
import { createSevenZipRunner, type Run } from './seven-zip';
import { readTar } from './tar';
import { readStreamDisk } from './vmdk';
import { readZip, type ZipContent } from './zip';

/** Why a container was not seen to its end. */
export type Gap = 'encrypted' | 'malformed' | 'limit_reached';

export interface Unpacked {
  members: Member[];
  gaps: Set<Gap>;
  /** A zip's members that its directory does not list, or lists as something else. */
  hidden?: boolean;
  /** Bytes stand behind the archive's end. */
  trailing?: boolean;
}

/** Bounds of one unpacking, bytes. */
export interface UnpackBudget {
  totalBytes: number;
  memberBytes: number;
  members: number;
}

const ENCRYPTED = /Wrong password|Cannot open encrypted archive|in encrypted file|Enter password/i;
/** A warning about bytes behind the archive is no gap: the container is scanned as a whole too. */
const HARMLESS = /There are data after the end of archive|There are some data after the end of the payload data/i;
/** Links are not made inside the sandbox; what they lead to are members of their own. */
const LINKS = /Dangerous link path was ignored|Cannot create (hard|symbolic) link|Cannot set file attribute/i;
const SUMMARY = /^(Sub items Errors|Archives with Errors): \d+$/;
const DAMAGE =
  /ERROR|Headers Error|Data Error|CRC Failed|Unexpected end|Is not archive|Unsupported Method|Can ?not open/i;

/** Passwords that 7-Zip tries: each costs a run. */
const MAX_TRIES = 8;

/**
 * Opens containers: zip, gzip, tar, ar, lzip and streamed disks by own code, everything else with 7-Zip in WebAssembly, a fresh instance for each archive, on one
 * shared compiled module.
 */
export interface Unpacker {
  /**
   * Tries without password, then each candidate until one opens everything: a zip all of them, other formats the first
   * eight. Never throws for what the data holds.
   */
  unpack(data: Uint8Array, passwords: Iterable<string>, budget: UnpackBudget): Promise<Unpacked>;
  /** Makes ready for the next archive; for the time between two files. */
  prepare(): Promise<void>;
}

/** Compiles the module; part of warming a process up. */
export function createUnpacker(): Unpacker {
  const sevenZip = createSevenZipRunner();
  const withSevenZip = async (
    data: Uint8Array,
    passwords: Iterable<string>,
    budget: UnpackBudget,
  ): Promise<Unpacked> => {
    let best: Unpacked | undefined;
    await sevenZip.extract(data, withoutAndWith(passwords), budget, (run) => {
      const seen = judge(run, data);
      const opened = !seen.gaps.has('encrypted');
      if (!best || opened || seen.members.length > best.members.length) best = seen;
      return opened;
    });
    return best ?? { members: [], gaps: new Set(['malformed']) };
  };
  return {
    async unpack(data, passwords, budget) {
      const zip = isZip(data) ? await readZip(data, passwords, budget) : undefined;
      if (zip && !zip.foreign) return zip;
      const plain = zip ? undefined : ((await readGzip(data, budget)) ?? readPlain(data, budget));
      if (plain) return plain;
      const seven = await withSevenZip(data, passwords, budget);
      return zip ? merge(zip, seven) : seven;
    },
    prepare: () => sevenZip.prepare(),
  };
}

/** Formats that need no password and no 7-Zip. */
function readPlain(data: Uint8Array, budget: UnpackBudget): Unpacked | undefined {
  return readTar(data, budget) ?? readAr(data, budget) ?? readLzip(data, budget) ?? readStreamDisk(data, budget);
}

/** No password first; the others are made only when that did not open it. */
function* withoutAndWith(passwords: Iterable<string>): Generator<string> {
  yield '';
  let tries = 0;
  for (const password of passwords) {
    if (++tries > MAX_TRIES) return;
    yield password;
  }
}

function isZip(data: Uint8Array): boolean {
  return data[0] === 0x50 && data[1] === 0x4b;
}

/** Both views of one archive; parts that both gave are looked at once by the walk. */
function merge(own: ZipContent, seven: Unpacked): Unpacked {
  return {
    members: [...own.members, ...seven.members],
    gaps: new Set([...own.gaps, ...seven.gaps]),
    hidden: own.hidden,
  };
}

/** What a run says about the archive. */
function judge({ code, log, members, cut }: Run, data: Uint8Array): Unpacked {
  const gaps = new Set<Gap>(cut ? ['limit_reached'] : []);
  const telling = log.filter((line) => !HARMLESS.test(line) && !LINKS.test(line));
  const linksOnly = telling.length < log.length && !telling.some((line) => DAMAGE.test(line) && !SUMMARY.test(line));
  const text = telling.join('\n');
  if (ENCRYPTED.test(text) || (code === undefined && hasEncryptedHeaders(data))) gaps.add('encrypted');
  else if (
    !gaps.has('limit_reached') &&
    (code !== 0 || DAMAGE.test(text)) &&
    !(linksOnly && code !== undefined) &&
    !onlyWarnings(code, text)
  ) {
    gaps.add('malformed');
  }
  return { members, gaps, trailing: log.some((line) => HARMLESS.test(line)) };
}

/** Exit code 1 says "warnings"; they count only when the log names damage. */
function onlyWarnings(code: unknown, text: string): boolean {
  return (code === 0 || code === 1) && !DAMAGE.test(text);
}
