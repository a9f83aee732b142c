import { saveEngineHealth } from '../db/engine-health';
import type { SeenEngine } from '../db/engine-health';
import type { Database } from '../db/pool';
import { enginesKey } from '../domain/inspection';
import type { Engine, EngineHealth } from '../scanners/engine';
import type { Logger } from './deps';

export interface EngineWatchDeps {
  database: Database;
  engines: readonly Engine[];
  /** Engines that answer later, which no verdict is remembered by either. */
  asyncEngines?: readonly WatchedEngine[];
  requiredEngines: readonly string[];
  /** Sources that know links, which no verdict about a file is remembered by. */
  links?: { engines: readonly WatchedEngine[]; required: readonly string[] };
  /** Name of this worker among all; no secret. */
  worker: string;
  /** What the platform offered around an engine's processes, by the engine's name. */
  isolation?: Readonly<Record<string, Record<string, boolean>>>;
  log: Logger;
  /** Called after the engines' versions were first seen, and after they changed, while all are well. */
  onVersions?(versions: readonly EngineVersions[]): Promise<void>;
  /** Pause between two looks, in milliseconds. */
  everyMs?: number;
  /** An unchanged state is written this often, in milliseconds. */
  writeMs?: number;
}

/** An engine as far as its health goes. */
export type WatchedEngine = Pick<Engine, 'name' | 'health'>;

/** Versions of an engine: with its name, what a remembered verdict depends on. */
export type EngineVersions = Pick<EngineHealth, 'engine' | 'engineVersion' | 'rulesVersion'>;

export interface EngineWatch {
  /** Versions of every engine that answers at once, as last seen; undefined until all of them were seen well. */
  versions(): readonly EngineVersions[] | undefined;
  close(): Promise<void>;
}

const LOOK_MS = 5000;
const WRITE_MS = 15_000;

/**
 * Looks at a worker's engines again and again, and writes what it sees where the API reads it: at once when something
 * changed, else every fifteen seconds. An engine that cannot say how it is counts as not well.
 */
export function startEngineWatch(deps: EngineWatchDeps): EngineWatch {
  const writeMs = deps.writeMs ?? WRITE_MS;
  let written = { digest: '', at: -Infinity };
  let seen: SeenEngine[] | undefined;
  let told = '';
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const tellVersions = async (engines: readonly SeenEngine[]): Promise<void> => {
    const key = enginesKey(engines);
    if (!deps.onVersions || key === told || !engines.every((one) => one.ok)) return;
    await deps.onVersions(engines);
    told = key;
  };
  const look = async (): Promise<void> => {
    seen = await Promise.all(deps.engines.map((engine) => seeEngine(deps, engine)));
    await tellVersions(seen);
    const later = await Promise.all((deps.asyncEngines ?? []).map((engine) => seeEngine(deps, engine)));
    const engines = [...seen, ...later, ...(await seeLinkEngines(deps))];
    const digest = JSON.stringify(engines.map(({ detail: _detail, ...state }) => state));
    if (digest === written.digest && Date.now() - written.at < writeMs) return;
    await deps.database.withService((db) => saveEngineHealth(db, deps.worker, engines));
    written = { digest, at: Date.now() };
  };
  const turn = async (): Promise<void> => {
    await look().catch((error: unknown) => {
      deps.log.warn({ error: error instanceof Error ? error.name : 'error' }, 'health of the engines was not written');
    });
    if (!stopped) timer = setTimeout(() => (running = turn()), deps.everyMs ?? LOOK_MS).unref();
  };
  let running = turn();
  return {
    versions: () => (seen?.every((one) => one.ok) ? seen : undefined),
    async close() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}

function seeLinkEngines({ links, ...deps }: EngineWatchDeps): Promise<SeenEngine[]> {
  if (!links) return Promise.resolve([]);
  const required = { ...deps, requiredEngines: links.required };
  return Promise.all(
    links.engines.map(async (engine) => ({ ...(await seeEngine(required, engine)), looksAt: 'links' as const })),
  );
}

async function seeEngine(deps: EngineWatchDeps, engine: WatchedEngine): Promise<SeenEngine> {
  const health = await engine.health().catch((): EngineHealth => {
    const detail = 'The engine did not say how it is.';
    return { engine: engine.name, ok: false, detail, engineVersion: '', rulesVersion: '' };
  });
  return {
    engine: engine.name,
    ok: health.ok,
    detail: health.detail,
    engineVersion: health.engineVersion,
    rulesVersion: health.rulesVersion,
    required: deps.requiredEngines.includes(engine.name),
    looksAt: 'files',
    breaker: breakerOf(health),
    isolation: deps.isolation?.[engine.name] ?? null,
  };
}

function breakerOf(health: EngineHealth): string | null {
  return 'breaker' in health && typeof health.breaker === 'string' ? health.breaker : null;
}
