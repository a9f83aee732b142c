import { createClamdEngine, type ClamdOptions } from './clamd';
import { createEmbeddedEngine, type EmbeddedEngine, type EmbeddedOptions } from './embedded/engine';
import { withBreaker, type BreakerOptions } from './breaker';
import type { Engine } from './engine';

export type { AsyncAnswer, AsyncEngine, KnownFile, SubmissionHandle } from './async-engine';
export { withAsyncBreaker, withBreaker, type BreakerOptions } from './breaker';
export { createClamdEngine, type ClamdOptions } from './clamd';
export { createIcapEngine, type IcapEngineOptions } from './icap';
export { createEmbeddedEngine, DEFAULT_LIMITS, type EmbeddedEngine, type EmbeddedOptions } from './embedded/engine';
export type { Isolation } from './embedded/isolation';
export type { InspectionLimits } from './embedded/protocol';
export {
  EngineBusy,
  failedReport,
  SourceStalled,
  BREAKER_STATES,
  type BreakerState,
  type Engine,
  type EngineCounts,
  type EngineHealth,
  type EngineSession,
  type ScanTarget,
} from './engine';
export { inspect, type InspectLimits, type Inspection } from './inspect';

/** Which engines this installation runs. */
export interface EnginesOptions {
  /** `false` leaves the embedded engine out. */
  embedded?: EmbeddedOptions | false;
  clamd?: ClamdOptions;
  /** Of every engine outside this machine's own processes. */
  breaker?: BreakerOptions;
}

/** The engines of an installation, in the order in which every inspection queues for them. */
export interface EngineSet {
  engines: Engine[];
  /** Present unless left out: its processes' isolation is shown by /readyz. */
  embedded?: EmbeddedEngine;
  close(): Promise<void>;
}

/**
 * Builds the list of engines from plain options; nothing here reads the environment.
 * @throws when the embedded engine's rules or code are missing. An engine that does not answer yet is no error: its
 * health says so and its reports are `error`
 */
export async function createEngines(options: EnginesOptions = {}): Promise<EngineSet> {
  const embedded = options.embedded === false ? undefined : await createEmbeddedEngine(options.embedded);
  const engines: Engine[] = [];
  if (embedded) engines.push(embedded);
  if (options.clamd) engines.push(withBreaker(createClamdEngine(options.clamd), options.breaker));
  return {
    engines,
    ...(embedded && { embedded }),
    close: async () => void (await Promise.all(engines.map((engine) => engine.close()))),
  };
}
