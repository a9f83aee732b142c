import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { probeIsolation } from '../isolation';
import type { Launcher } from '../isolation';
import type { InspectionLimits } from '../protocol';
import type { StructureAnswer, StructureQuestion, StructureTree } from './protocol';
import { Session } from './session';

export { LookFailed } from './session';
export type { StructureAnswer, StructureNode, StructureQuestion, StructureTree } from './protocol';

const MIB = 1024 * 1024;

/** As for a scan, with more time: a person waits, and nothing else does. */
const LIMITS: InspectionLimits = {
  maxFileBytes: 64 * MIB,
  maxDepth: 16,
  maxMembers: 10_000,
  maxTotalBytes: 100 * MIB,
  maxMemberBytes: 30 * MIB,
  wallMs: 15_000,
};

/** A file to look into. `key` stands for the same bytes under the same name. */
export interface StructureSource {
  key: string;
  fileName: string;
  body: Readable;
}

/**
 * Shows what a file is made of, without anybody opening it: a process of its own, isolated like those that scan, reads
 * it and answers about its parts. Two people who look at the same file share the process; unused, it ends.
 */
export interface StructureViewer {
  /** `open` gives the bytes and is called only when nobody has the file in hand; undefined: there are none. */
  tree(key: string, open: () => Promise<StructureSource | undefined>): Promise<StructureTree | undefined>;
  /** One look at a part, named by its SHA-256. */
  ask(
    key: string,
    open: () => Promise<StructureSource | undefined>,
    part: string,
    question: StructureQuestion,
  ): Promise<StructureAnswer | undefined>;
  close(): Promise<void>;
}

export interface StructureViewerOptions {
  /** Processes at the same time; the one that was unused longest makes room. Default 3. */
  processes?: number;
  /** How long a process waits for the next question. Default 60 s. */
  idleMs?: number;
  limits?: Partial<InspectionLimits>;
  /** Bound of one process, resident, in MiB. Default 512. */
  memoryMb?: number;
  /** Compiled module of the process; tests put a broken one here. */
  modulePath?: string;
}

interface Held {
  session: Promise<Session | undefined>;
  idle: NodeJS.Timeout | undefined;
}

/** Makes a viewer. Nothing is started before the first look. */
export function createStructureViewer(options: StructureViewerOptions = {}): StructureViewer {
  const { processes = 3, idleMs = 60_000, memoryMb = 512 } = options;
  // In the order of use: the first was unused longest.
  const held = new Map<string, Held>();
  let launcher: Promise<Launcher> | undefined;

  const start = async (open: () => Promise<StructureSource | undefined>): Promise<Session | undefined> => {
    const modulePath = options.modulePath ?? compiledChild();
    launcher ??= probeIsolation(modulePath, memoryMb * MIB * 3);
    const ready = await launcher;
    const source = await open();
    if (!source) return undefined;
    const bounds = {
      launcher: ready,
      modulePath,
      heapMb: Math.max(64, Math.floor(memoryMb / 2)),
      memoryBytes: memoryMb * MIB,
      limits: { ...LIMITS, ...options.limits },
    };
    return new Session(bounds, source.fileName, source.body);
  };

  const drop = (key: string, one: Held): void => {
    clearTimeout(one.idle);
    if (held.get(key) === one) held.delete(key);
    void one.session.then((session) => session?.close()).catch(() => undefined);
  };

  const take = (key: string, open: () => Promise<StructureSource | undefined>): Promise<Session | undefined> => {
    let one = held.get(key);
    if (!one) {
      for (const [other, unused] of held) if (held.size >= processes) drop(other, unused);
      const made: Held = { session: start(open), idle: undefined };
      void made.session.then(
        (session) => (session ? void session.gone.then(() => drop(key, made)) : drop(key, made)),
        () => drop(key, made),
      );
      one = made;
    }
    // Newest last.
    held.delete(key);
    held.set(key, one);
    const current = one;
    clearTimeout(current.idle);
    current.idle = setTimeout(() => drop(key, current), idleMs).unref();
    return current.session;
  };

  return {
    tree: async (key, open) => (await take(key, open))?.tree,
    ask: async (key, open, part, question) => {
      const session = await take(key, open);
      if (!session) return undefined;
      await session.tree;
      return session.ask(part, question);
    },
    close: async () => {
      const sessions = [...held.values()].map(({ session }) => session);
      for (const [key, one] of held) drop(key, one);
      await Promise.allSettled(sessions.map(async (session) => (await session)?.gone));
    },
  };
}

function compiledChild(): string {
  const beside = join(__dirname, 'child.js');
  const built = existsSync(beside) ? beside : join(__dirname, '../../../dist/scanners/embedded/structure/child.js');
  if (!existsSync(built))
    throw new Error('The process that shows structures is not compiled: run "npm run build" first.');
  return built;
}
