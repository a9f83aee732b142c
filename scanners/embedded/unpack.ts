import { readFileSync } from 'node:fs';
import createSevenZip, { type FileSystem, type SevenZipModule, type SevenZipModuleOptions } from '7z-wasm';
import { hasEncryptedHeaders } from './encrypted-headers';
import { readGzip } from './gzip';
import type { Member } from './opener';
import { readTar } from './tar';
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

const OUT = '/out';
const IN = '/part';
const MAX_LOG_LINES = 5_000;
const ENCRYPTED = /Wrong password|Cannot open encrypted archive|in encrypted file|Enter password/i;
/** A warning about bytes behind the archive is no gap: the container is scanned as a whole too. */
const HARMLESS = /There are data after the end of archive|There are some data after the end of the payload data/i;
/** Links are not made inside the sandbox; what they lead to are members of their own. */
const LINKS = /Dangerous link path was ignored|Cannot create (hard|symbolic) link|Cannot set file attribute/i;
const SUMMARY = /^(Sub items Errors|Archives with Errors): \d+$/;
const DAMAGE =
  /ERROR|Headers Error|Data Error|CRC Failed|Unexpected end|Is not archive|Unsupported Method|Can ?not open/i;

/** gz, bz2, xz, zst, Z and lzma hold one file: nothing more comes when it is over its bound. */
const SINGLE = /^(1f8b|425a68|fd377a585a00|28b52ffd|1f9d|5d0000)/;

class OverBudget extends Error {}

/** Passwords that 7-Zip tries: each costs a run. */
const MAX_TRIES = 8;

/**
 * Opens containers: zip, gzip and tar by own code, everything else with 7-Zip in WebAssembly, a fresh instance each, on one
 * shared compiled module.
 */
export interface Unpacker {
  /**
   * Tries without password, then each candidate until one opens everything: a zip all of them, other formats the first
   * eight. Never throws for what the data holds.
   */
  unpack(data: Uint8Array, passwords: readonly string[], budget: UnpackBudget): Promise<Unpacked>;
}

/** Compiles the module; part of warming a process up. */
export function createUnpacker(): Unpacker {
  const wasm = new WebAssembly.Module(readFileSync(require.resolve('7z-wasm/7zz.wasm')));
  const withSevenZip = async (
    data: Uint8Array,
    passwords: readonly string[],
    budget: UnpackBudget,
  ): Promise<Unpacked> => {
    let best = await extract(wasm, data, '', budget);
    if (!best.gaps.has('encrypted')) return best;
    for (const password of passwords.slice(0, MAX_TRIES)) {
      const opened = await extract(wasm, data, password, budget);
      if (!opened.gaps.has('encrypted')) return opened;
      if (opened.members.length > best.members.length) best = opened;
    }
    return best;
  };
  return {
    async unpack(data, passwords, budget) {
      const zip = isZip(data) ? await readZip(data, passwords, budget) : undefined;
      if (zip && !zip.foreign) return zip;
      const plain = zip ? undefined : ((await readGzip(data, budget)) ?? readTar(data, budget));
      if (plain) return plain;
      const seven = await withSevenZip(data, passwords, budget);
      return zip ? merge(zip, seven) : seven;
    },
  };
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

async function extract(
  wasm: WebAssembly.Module,
  data: Uint8Array,
  password: string,
  budget: UnpackBudget,
): Promise<Unpacked> {
  const log: string[] = [];
  const seven = await instantiate(wasm, log);
  const capped = capOutput(seven.FS, budget, SINGLE.test(Buffer.from(data.subarray(0, 13)).toString('hex')));
  seven.FS.mkdir(OUT);
  seven.FS.writeFile(IN, data);
  const gaps = new Set<Gap>();
  let code: unknown = 'thrown';
  try {
    code = run(seven, ['x', '-y', '-bd', `-o${OUT}`, `-p${password}`, '--', IN]);
  } catch (error) {
    if (error instanceof OverBudget) gaps.add('limit_reached');
  }
  if (capped.cut()) gaps.add('limit_reached');
  const members = collect(seven.FS, budget.members, gaps);
  const telling = log.filter((line) => !HARMLESS.test(line) && !LINKS.test(line));
  const linksOnly = telling.length < log.length && !telling.some((line) => DAMAGE.test(line) && !SUMMARY.test(line));
  const text = telling.join('\n');
  if (ENCRYPTED.test(text) || (code === 'thrown' && hasEncryptedHeaders(data))) gaps.add('encrypted');
  else if (
    !gaps.has('limit_reached') &&
    (code !== 0 || DAMAGE.test(text)) &&
    !(linksOnly && code !== 'thrown') &&
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

/** The declaration says that nothing comes back; the exit code does. */
function run(seven: SevenZipModule, args: string[]): unknown {
  const main: (args: string[]) => unknown = seven.callMain;
  return main(args);
}

async function instantiate(wasm: WebAssembly.Module, log: string[]): Promise<SevenZipModule> {
  const keep = (line: string): void => {
    if (log.length < MAX_LOG_LINES) log.push(line.slice(0, 500));
  };
  const options: Partial<SevenZipModuleOptions> & { instantiateWasm: InstantiateWasm } = {
    print: keep,
    printErr: keep,
    // No terminal: a question for a password ends at once.
    stdin: () => -1,
    instantiateWasm: (imports, done) => {
      void WebAssembly.instantiate(wasm, imports).then((instance) => done(instance, wasm));
      return {};
    },
  };
  return createSevenZip(options);
}

type InstantiateWasm = (
  imports: WebAssembly.Imports,
  done: (instance: WebAssembly.Instance, wasm: WebAssembly.Module) => void,
) => object;

/**
 * Puts our hand between 7-Zip and its file system: bytes over the total end the run, bytes over a member's bound are
 * dropped, sizes promised in headers allocate nothing beyond it.
 */
function capOutput(fs: FileSystem, budget: UnpackBudget, single: boolean): { cut(): boolean } {
  let total = 0;
  let files = 0;
  let cut = false;
  const write = fs.write.bind(fs);
  const open = fs.open.bind(fs);
  const ftruncate = fs.ftruncate.bind(fs);
  fs.write = (stream, buffer, offset, length, position, canOwn) => {
    if (!insideOut(stream)) return write(stream, buffer, offset, length, position, canOwn);
    total += length;
    if (total > budget.totalBytes) throw new OverBudget();
    const end = (typeof position === 'number' ? position : positionOf(stream)) + length;
    if (end <= budget.memberBytes) return write(stream, buffer, offset, length, position, canOwn);
    cut = true;
    if (single) throw new OverBudget();
    return length;
  };
  fs.open = (path, flags, ...rest) => {
    if (typeof path === 'string' && path.startsWith(`${OUT}/`) && ++files > budget.members + 1) {
      throw new OverBudget();
    }
    return open(path, flags, ...rest);
  };
  fs.ftruncate = (fd, length) => {
    if (length <= budget.memberBytes) return ftruncate(fd, length);
    cut = true;
    return undefined;
  };
  return { cut: () => cut };
}

function insideOut(stream: object): boolean {
  return 'path' in stream && typeof stream.path === 'string' && stream.path.startsWith(`${OUT}/`);
}

function positionOf(stream: object): number {
  return 'position' in stream && typeof stream.position === 'number' ? stream.position : 0;
}

function collect(fs: FileSystem, limit: number, gaps: Set<Gap>): Member[] {
  const members: Member[] = [];
  const folders = [OUT];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const name of fs.readdir(folder)) {
      if (name === '.' || name === '..') continue;
      const path = `${folder}/${name}`;
      const { mode } = fs.lstat(path);
      if (fs.isDir(mode)) folders.push(path);
      // Links lead nowhere inside the sandbox; their target's bytes are members of their own.
      if (!fs.isFile(mode)) continue;
      if (members.length >= limit) {
        gaps.add('limit_reached');
        return members;
      }
      members.push({ name: path.slice(OUT.length + 1), data: fs.readFile(path) });
      // Frees the copy inside the file system at once.
      fs.unlink(path);
    }
  }
  return members;
}
