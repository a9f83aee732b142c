import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine, EngineHealth, EngineSession, ScanTarget } from '../engine';
import { probeIsolation, type Isolation, type Launcher } from './isolation';
import { Job } from './job';
import { Pool, type RuleChange } from './pool';
import type { InspectionLimits, RuleSource } from './protocol';
import { readGeneration, RuleWatch } from './rule-watch';

const MIB = 1024 * 1024;

/** The bounds Lazaret ships with (reasons: scanners.md §4.2). */
export const DEFAULT_LIMITS: InspectionLimits = {
  maxFileBytes: 64 * MIB,
  maxDepth: 16,
  maxMembers: 10_000,
  maxTotalBytes: 100 * MIB,
  maxMemberBytes: 30 * MIB,
  wallMs: 10_000,
};

export interface EmbeddedOptions {
  /** Name in reports. Default `embedded`. */
  name?: string;
  /** Scanning processes. Default 2. */
  processes?: number;
  limits?: Partial<InspectionLimits>;
  /** Bound of one process, resident and writable, in MiB. Default 512. */
  memoryMb?: number;
  /** Files after which a process is replaced. Default 500. */
  recycleAfter?: number;
  /** Directory of `.yar` files. Default: the rules shipped with Lazaret. */
  rulesDirectory?: string;
  /** Directories of further `.yar` and `.yara` files, looked at again every `rulesPollMs`. */
  rulesDirectories?: readonly string[];
  /** Default 5000. */
  rulesPollMs?: number;
  /** Hears what became of changed rule files. */
  onRules?: (change: RuleChange) => void;
  /** `wasm` skips the native YARA-X. Default `auto`. */
  yara?: 'auto' | 'wasm';
  /** Compiled module of the scanning process; tests put a broken one here. */
  modulePath?: string;
}

/** The embedded engine, and what stands around its processes. */
export interface EmbeddedEngine extends Engine {
  isolation(): Isolation;
  /** Process ids of the pool, for operators and tests. */
  pids(): number[];
}

/**
 * Starts the embedded engine: types by content, containers opened, YARA-X over every part, in killable processes.
 * A process that dies on a file gives an `error` report with reason `engine_crashed`; the bytes are not kept for a
 * second try, so the caller repeats the whole inspection (it is the one who can read the source again), once.
 * @throws when the rules cannot be read or the scanning code was not compiled
 */
export async function createEmbeddedEngine(options: EmbeddedOptions = {}): Promise<EmbeddedEngine> {
  const name = options.name ?? 'embedded';
  const modulePath = options.modulePath ?? compiledChild();
  const shipped = await readRules(options.rulesDirectory ?? join(__dirname, 'rules'));
  const directories = options.rulesDirectories ?? [];
  const { generation, stamp } = await readGeneration(shipped, directories);
  const memoryBytes = (options.memoryMb ?? 512) * MIB;
  // Node and V8 keep writable memory that is never resident; RLIMIT_DATA is the second fence, RSS the first.
  const launcher: Launcher = await probeIsolation(modulePath, memoryBytes * 3);
  const slotOptions = {
    launcher,
    modulePath,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    yara: options.yara ?? 'auto',
    memoryBytes,
    heapMb: Math.max(64, Math.floor((options.memoryMb ?? 512) / 2)),
    recycleAfter: options.recycleAfter ?? 500,
  };
  const pool = new Pool(options.processes ?? 2, slotOptions, generation);
  const watch =
    directories.length === 0
      ? undefined
      : new RuleWatch(shipped, directories, stamp, options.rulesPollMs ?? 5_000, async (changed) =>
          options.onRules?.(await pool.tryRules(changed)),
        );
  const versions = (): { engine: string; engineVersion: string; rulesVersion: string } => ({
    engine: name,
    engineVersion: pool.state().engineVersion,
    rulesVersion: pool.state().rulesVersion,
  });
  return {
    name,
    open: (target, signal) => openJob(pool, target, versions, signal),
    health: async (): Promise<EngineHealth> => {
      await pool.started();
      const { ready, queued, problems, broken, ruleFiles } = pool.state();
      const state = broken ?? `${ready} processes ready, ${queued} files waiting, ${ruleFiles} rule files`;
      return {
        ...versions(),
        ok: broken === undefined && problems.length === 0,
        detail: [state, ...problems].join('; '),
      };
    },
    close: () => {
      watch?.stop();
      return pool.close();
    },
    isolation: () => launcher.isolation,
    pids: () => pool.pids(),
  };
}

function openJob(
  pool: Pool,
  target: ScanTarget,
  versions: () => { engine: string; engineVersion: string; rulesVersion: string },
  signal: AbortSignal | undefined,
): EngineSession {
  const job = new Job(target, versions, pool);
  const abort = (): void => void job.session.sink.destroy();
  if (signal?.aborted) abort();
  else {
    signal?.addEventListener('abort', abort, { once: true });
    void job.session.report.then(() => signal?.removeEventListener('abort', abort));
  }
  return job.session;
}

function compiledChild(): string {
  const beside = join(__dirname, 'child.js');
  const built = existsSync(beside) ? beside : join(__dirname, '../../dist/scanners/embedded/child.js');
  if (!existsSync(built)) throw new Error('The scanning process is not compiled: run "npm run build" first.');
  return built;
}

async function readRules(directory: string): Promise<RuleSource[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.yar')).sort();
  if (names.length === 0) throw new Error(`No .yar file in ${directory}: the embedded engine needs rules.`);
  return Promise.all(names.map(async (name) => ({ name, text: await readFile(join(directory, name), 'utf8') })));
}
