import { readFileSync } from 'node:fs';
import createSevenZip, { type FileSystem, type SevenZipModule, type SevenZipModuleOptions } from '7z-wasm';
import type { Member } from './opener';
import type { UnpackBudget } from './unpack';

/** What one run of 7-Zip gave. `code`: undefined where it ended without one. */
export interface Run {
  code: unknown;
  /** Lines that it printed. */
  log: string[];
  members: Member[];
  /** A bound of the budget was reached. */
  cut: boolean;
}

/** Runs 7-Zip, each archive in an instance of its own, so that no archive meets what another one left behind. */
export interface SevenZip {
  /** Runs over the same archive, one password each, until `enough`. Gives every run. */
  extract(
    data: Uint8Array,
    passwords: Iterable<string>,
    budget: UnpackBudget,
    enough: (run: Run) => boolean,
  ): Promise<void>;
  /** Makes an instance beforehand, where there is none. */
  prepare(): Promise<void>;
}

const OUT = '/out';
const IN = '/part';
const MAX_LOG_LINES = 5_000;
/** gz, bz2, xz, zst, Z and lzma hold one file: nothing more comes when it is over its bound. */
const SINGLE = /^(1f8b|425a68|fd377a585a00|28b52ffd|1f9d|5d0000)/;
/** Emscripten's files grow by an eighth above 1 MiB, each time copied; from here on they grow by doubling. */
const GROWS_SLOWLY = 1024 * 1024;

class OverBudget extends Error {}

/** Compiles the module; part of warming a process up. */
export function createSevenZipRunner(): SevenZip {
  const wasm = new WebAssembly.Module(readFileSync(require.resolve('7z-wasm/7zz.wasm')));
  let spare: Promise<Instance> | undefined;
  const take = (): Promise<Instance> => {
    const taken = spare ?? instantiate(wasm);
    spare = undefined;
    return taken;
  };
  return {
    async extract(data, passwords, budget, enough) {
      let instance: Instance | undefined;
      for (const password of passwords) {
        instance ??= await take();
        const run = runOnce(instance, data, password, budget);
        if (enough(run)) return;
        // One that was thrown out of its work may be in any state.
        if (run.code === undefined) instance = undefined;
      }
    },
    async prepare() {
      if (spare) return;
      const made = instantiate(wasm);
      spare = made;
      made.catch(() => {
        if (spare === made) spare = undefined;
      });
      await made;
    },
  };
}

interface Instance {
  seven: SevenZipModule;
  log: string[];
  hand: Hand;
}

/** Counts what 7-Zip writes against the bounds of the current run. */
interface Hand {
  budget: UnpackBudget;
  single: boolean;
  total: number;
  files: number;
  cut: boolean;
}

function runOnce({ seven, log, hand }: Instance, data: Uint8Array, password: string, budget: UnpackBudget): Run {
  log.length = 0;
  const single = SINGLE.test(Buffer.from(data.subarray(0, 13)).toString('hex'));
  Object.assign(hand, { budget, single, total: 0, files: 0, cut: false });
  seven.FS.writeFile(IN, data);
  let code: unknown;
  try {
    code = callMain(seven, ['x', '-y', '-bd', `-o${OUT}`, `-p${password}`, '--', IN]);
  } catch (error) {
    if (error instanceof OverBudget) hand.cut = true;
  }
  const { members, more } = collect(seven.FS, budget.members);
  return { code, log: [...log], members, cut: hand.cut || more };
}

/** The declaration says that nothing comes back; the exit code does. */
function callMain(seven: SevenZipModule, args: string[]): unknown {
  const main: (args: string[]) => unknown = seven.callMain;
  return main(args);
}

async function instantiate(wasm: WebAssembly.Module): Promise<Instance> {
  const log: string[] = [];
  const keep = (line: string): void => {
    if (log.length < MAX_LOG_LINES) log.push(line.slice(0, 500));
  };
  const options: Partial<SevenZipModuleOptions> & { instantiateWasm: InstantiateWasm } = {
    print: keep,
    printErr: keep,
    // No terminal; asked for a password it would ask without end, so that one is always given.
    stdin: () => -1,
    instantiateWasm: (imports, done) => {
      void WebAssembly.instantiate(wasm, imports).then((instance) => done(instance, wasm));
      return {};
    },
  };
  const seven = await createSevenZip(options);
  seven.FS.mkdir(OUT);
  return { seven, log, hand: layHandOn(seven.FS) };
}

type InstantiateWasm = (
  imports: WebAssembly.Imports,
  done: (instance: WebAssembly.Instance, wasm: WebAssembly.Module) => void,
) => object;

/**
 * Puts our hand between 7-Zip and its file system: bytes over the total end the run, bytes over a member's bound are
 * dropped, sizes promised in headers allocate nothing beyond it.
 */
function layHandOn(fs: FileSystem): Hand {
  const hand: Hand = {
    budget: { totalBytes: 0, memberBytes: 0, members: 0 },
    single: false,
    total: 0,
    files: 0,
    cut: false,
  };
  const write = fs.write.bind(fs);
  const open = fs.open.bind(fs);
  const ftruncate = fs.ftruncate.bind(fs);
  fs.write = (stream, buffer, offset, length, position, canOwn) => {
    if (!insideOut(stream)) return write(stream, buffer, offset, length, position, canOwn);
    hand.total += length;
    if (hand.total > hand.budget.totalBytes) throw new OverBudget();
    const end = (typeof position === 'number' ? position : positionOf(stream)) + length;
    if (end <= hand.budget.memberBytes) {
      if (end > GROWS_SLOWLY) makeRoom(stream, end, hand.budget.memberBytes);
      return write(stream, buffer, offset, length, position, canOwn);
    }
    hand.cut = true;
    if (hand.single) throw new OverBudget();
    return length;
  };
  fs.open = (path, flags, ...rest) => {
    if (typeof path === 'string' && path.startsWith(`${OUT}/`) && ++hand.files > hand.budget.members + 1) {
      throw new OverBudget();
    }
    return open(path, flags, ...rest);
  };
  fs.ftruncate = (fd, length) => {
    if (length <= hand.budget.memberBytes) return ftruncate(fd, length);
    hand.cut = true;
    return undefined;
  };
  return hand;
}

function insideOut(stream: object): boolean {
  return 'path' in stream && typeof stream.path === 'string' && stream.path.startsWith(`${OUT}/`);
}

function positionOf(stream: object): number {
  return 'position' in stream && typeof stream.position === 'number' ? stream.position : 0;
}

/** Doubles a file's buffer ahead of a write that it cannot hold. */
function makeRoom(stream: object, end: number, most: number): void {
  if (!('node' in stream) || typeof stream.node !== 'object' || stream.node === null) return;
  const { node } = stream;
  if (!('contents' in node) || !(node.contents instanceof Uint8Array) || node.contents.length >= end) return;
  const larger = new Uint8Array(Math.min(most, end * 2));
  larger.set(node.contents);
  node.contents = larger;
}

function collect(fs: FileSystem, limit: number): { members: Member[]; more: boolean } {
  const members: Member[] = [];
  const folders = [OUT];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const name of fs.readdir(folder)) {
      if (name === '.' || name === '..') continue;
      const path = `${folder}/${name}`;
      const { mode } = fs.lstat(path);
      if (fs.isDir(mode)) {
        folders.push(path);
        continue;
      }
      if (members.length >= limit) return { members, more: true };
      // Links lead nowhere inside the sandbox; their target's bytes are members of their own.
      if (fs.isFile(mode)) members.push({ name: path.slice(OUT.length + 1), data: fs.readFile(path) });
      // Frees the copy inside the file system at once, and leaves nothing to the next run.
      fs.unlink(path);
    }
  }
  return { members, more: false };
}
