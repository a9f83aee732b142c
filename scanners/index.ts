import type { AsyncEngine } from './async-engine';
import { createClamdEngine, type ClamdOptions } from './clamd';
import { createEmbeddedEngine, type EmbeddedEngine, type EmbeddedOptions } from './embedded/engine';
import { withAsyncBreaker, withBreaker, type BreakerOptions } from './breaker';
import type { Engine } from './engine';
import { createHttpScanner } from './http-scanner';
import { parseHttpScanners } from './http-scanner-description';
import { createIcapEngine, type IcapEngineOptions } from './icap';
import { createVirusTotalEngine, type VirusTotalOptions } from './virustotal';

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
export { createHttpScanner } from './http-scanner';
export { parseHttpScanners, type HttpScannerDescription } from './http-scanner-description';
export { createVirusTotalEngine, type VirusTotalOptions } from './virustotal';
export { inspect, type InspectLimits, type Inspection } from './inspect';

/** Which engines this installation runs. */
export interface EnginesOptions {
  /** `false` leaves the embedded engine out. */
  embedded?: EmbeddedOptions | false;
  clamd?: ClamdOptions;
  icap?: IcapEngineOptions;
  virusTotal?: VirusTotalOptions;
  /** The text of the file that describes them, and the secrets that it names. */
  httpScanners?: { descriptions: string; secrets: Readonly<Record<string, string>> };
  /** Of every engine outside this machine's own processes. */
  breaker?: BreakerOptions;
}

/** The engines of an installation, in the order in which every inspection queues for them. */
export interface EngineSet {
  engines: Engine[];
  /** Engines that are asked when the hash is known, and answer later. */
  asyncEngines: AsyncEngine[];
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
  // What cannot be used is found before any process is started.
  const daemons = daemonEngines(options);
  const asyncEngines = outsideEngines(options);
  const names = [...daemons, ...asyncEngines].map((engine) => engine.name);
  if (new Set(names).size !== names.length) throw new Error('Two engines have the same name.');
  const embedded = options.embedded === false ? undefined : await createEmbeddedEngine(options.embedded);
  const engines: Engine[] = embedded ? [embedded, ...daemons] : daemons;
  const everyone = [...engines, ...asyncEngines];
  return {
    engines,
    asyncEngines,
    ...(embedded && { embedded }),
    close: async () => void (await Promise.all(everyone.map((engine) => engine.close()))),
  };
}

function daemonEngines({ clamd, icap, breaker }: EnginesOptions): Engine[] {
  const all = [...(clamd ? [createClamdEngine(clamd)] : []), ...(icap ? [createIcapEngine(icap)] : [])];
  return all.map((engine) => withBreaker(engine, breaker));
}

function outsideEngines({ virusTotal, httpScanners, breaker }: EnginesOptions): AsyncEngine[] {
  const described = httpScanners ? parseHttpScanners(httpScanners.descriptions) : [];
  const scanners = described.map((one) => createHttpScanner(one, httpScanners?.secrets ?? {}));
  const all = virusTotal ? [...scanners, createVirusTotalEngine(virusTotal)] : scanners;
  return all.map((engine) => withAsyncBreaker(engine, breaker));
}
