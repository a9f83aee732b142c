import { Writable } from 'node:stream';
import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhenResult } from 'cockatiel';
import type { EngineReport } from '../domain/inspection';
import type { UnscannableReason } from '../domain/words';
import type { AsyncAnswer, AsyncEngine } from './async-engine';
import {
  failedReport,
  type BreakerState,
  type Engine,
  type EngineCounts,
  type EngineHealth,
  type EngineSession,
} from './engine';

export interface BreakerOptions {
  /** Failures in a row that open the breaker. Default 5. */
  failures?: number;
  /** How long it stays open before one file is tried, in milliseconds. Default 15 s. */
  openMs?: number;
}

/** `given up`: the caller stopped; that tells nothing about the engine. */
export type Outcome = 'answered' | 'failed' | 'given up';

/**
 * Puts a circuit breaker in front of an engine. So many failures in a row open it: reports are then
 * `error(engine_unavailable)` at once, and after a while one inspection is let through to see whether the engine is back.
 * A time-out counts only where the engine's health agrees, since a hostile file can make a healthy engine late.
 */
export function withBreaker(engine: Engine, options: BreakerOptions = {}): Engine {
  const circuit = new Circuit(options, async () => (await engine.health()).ok);
  return {
    name: engine.name,
    open: (target, signal) => {
      let session: EngineSession | undefined;
      const entered = circuit.enter(() => {
        session = engine.open(target, signal);
        return outcomeOf(session, circuit);
      });
      return entered && session ? session : refusedSession(engine.name);
    },
    health: async () => circuit.describe(await engine.health()),
    close: () => engine.close(),
  };
}

/**
 * The same for an asynchronous engine. While the breaker is open, `submit` gives an error report and `fetchResult` is
 * `pending` until the submission's own deadline.
 */
export function withAsyncBreaker(engine: AsyncEngine, options: BreakerOptions = {}): AsyncEngine {
  const circuit = new Circuit(options, async () => (await engine.health()).ok);
  const ask = async (call: () => Promise<AsyncAnswer>, refused: () => AsyncAnswer): Promise<AsyncAnswer> => {
    let answer: Promise<AsyncAnswer> | undefined;
    const entered = circuit.enter(async () => {
      answer = call();
      return circuit.judge(failureIn(await answer));
    });
    return entered && answer ? answer : refused();
  };
  const { name, deadlineMs, looksAtBytes, callback } = engine;
  const unavailable = (): AsyncAnswer => ({ state: 'done', report: failedReport(name, 'engine_unavailable') });
  return {
    ...{ name, deadlineMs, looksAtBytes, callback },
    submit: (file, callbackUrl) => ask(() => engine.submit(file, callbackUrl), unavailable),
    fetchResult: (handle) =>
      ask(
        () => engine.fetchResult(handle),
        () =>
          Date.now() > Date.parse(handle.expiresAt)
            ? { state: 'done', report: failedReport(name, 'timeout') }
            : { state: 'pending', handle, retryAfterMs: circuit.openMs, trouble: 'engine_unavailable' },
      ),
    health: async () => circuit.describe(await engine.health()),
    close: () => engine.close(),
  };
}

function failureIn(answer: AsyncAnswer): UnscannableReason | undefined {
  if (answer.state === 'done') return answer.report.result === 'error' ? answer.report.reason : undefined;
  return answer.state === 'pending' ? answer.trouble : undefined;
}

async function outcomeOf(session: EngineSession, circuit: Circuit): Promise<Outcome> {
  const report: EngineReport = await session.report;
  const stopped = session.sink.destroyed && !session.sink.writableFinished;
  if (report.result === 'error' && stopped) return 'given up';
  return circuit.judge(report.result === 'error' ? (report.reason ?? 'engine_unavailable') : undefined);
}

/** The breaker itself, for whoever asks an engine: failures in a row open it, one trial after a pause closes it again. */
export class Circuit {
  readonly openMs: number;
  private readonly counts: EngineCounts = { answered: 0, failed: 0, refused: 0 };
  private readonly policy;
  private readonly healthy: () => Promise<boolean>;

  constructor(options: BreakerOptions, healthy: () => Promise<boolean>) {
    this.openMs = options.openMs ?? 15_000;
    this.healthy = healthy;
    this.policy = circuitBreaker(
      handleWhenResult((outcome) => outcome === 'failed'),
      { halfOpenAfter: this.openMs, breaker: new ConsecutiveBreaker(options.failures ?? 5) },
    );
  }

  /** Runs the work, at once, or says that the breaker does not let it. While one tries, nobody else waits for it. */
  enter(work: () => Promise<Outcome>): boolean {
    let entered = false;
    if (this.policy.state !== CircuitState.HalfOpen) {
      const trial = this.policy.state === CircuitState.Open;
      const run = this.policy.execute(async () => {
        entered = true;
        const outcome = await work();
        // Whoever gave up while trying has not shown that the engine is back.
        return outcome === 'given up' && trial ? 'failed' : outcome;
      });
      // An open circuit refuses by rejecting, which is counted below; what the work itself meets stands in its report.
      run.catch(() => undefined);
    }
    if (!entered) this.counts.refused += 1;
    return entered;
  }

  async judge(failure: UnscannableReason | undefined): Promise<Outcome> {
    // Health that cannot be asked is not health.
    const late = failure === 'timeout' && (await this.healthy().catch(() => false));
    if (failure === undefined || late) {
      this.counts.answered += 1;
      this.counts.lastAnswerAt = new Date().toISOString();
      return 'answered';
    }
    this.counts.failed += 1;
    this.counts.lastFailureAt = new Date().toISOString();
    return 'failed';
  }

  describe(health: EngineHealth): EngineHealth {
    const breaker = this.state();
    const paused = breaker === 'closed' ? [] : ['the engine failed again and again and is not asked for a while'];
    return {
      ...health,
      ok: health.ok && breaker === 'closed',
      detail: [health.detail, ...paused].join('; '),
      breaker,
      counts: { ...this.counts },
    };
  }

  private state(): BreakerState {
    switch (this.policy.state) {
      case CircuitState.Closed:
        return 'closed';
      case CircuitState.HalfOpen:
        return 'half-open';
      case CircuitState.Open:
      case CircuitState.Isolated:
        return 'open';
    }
  }
}

/** Takes every byte and keeps none, so that the others' pass goes on. */
function refusedSession(engine: string): EngineSession {
  const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
  sink.on('error', () => undefined);
  return { sink, report: Promise.resolve(failedReport(engine, 'engine_unavailable')) };
}
