import { Circuit, type BreakerOptions, type Outcome } from '../breaker';
import type { EngineHealth } from '../engine';
import { allFailed, type LinkAnswer, type LinkEngine } from './link-engine';

/** A link engine as the product asks it; its health tells of the breaker too. */
export interface GuardedLinkEngine extends LinkEngine {
  health(): Promise<EngineHealth>;
  close(): void;
}

export interface GuardOptions extends BreakerOptions {
  /** For all links of one question. Default 15 s. */
  lookMs?: number;
}

/**
 * Puts a clock and a circuit breaker around a link engine: whatever it does, every question has its answers in time, and
 * an engine that fails again and again is not asked for a while. A question of which at least one link was answered counts
 * as answered.
 */
export function guardLinkEngine(engine: LinkEngine, options: GuardOptions = {}, close?: () => void): GuardedLinkEngine {
  const circuit = new Circuit(options, async () => (await engine.health()).ok);
  const ask = async (urls: readonly string[], signal: AbortSignal | undefined): Promise<LinkAnswer[]> => {
    const clock = AbortSignal.timeout(options.lookMs ?? 15_000);
    const ends = signal ? AbortSignal.any([signal, clock]) : clock;
    const late = new Promise<LinkAnswer[]>((resolve) =>
      ends.addEventListener('abort', () => resolve(allFailed(urls, 'timeout')), { once: true }),
    );
    return Promise.race([engine.look(urls, ends).catch(() => allFailed(urls)), late]);
  };
  return {
    name: engine.name,
    local: engine.local,
    async look(urls, signal) {
      if (urls.length === 0) return [];
      let answers: Promise<LinkAnswer[]> | undefined;
      const entered = circuit.enter(async (): Promise<Outcome> => {
        answers = ask(urls, signal);
        const failure = (await answers).every(({ result }) => result === 'error');
        if (failure && signal?.aborted) return 'given up';
        return circuit.judge(failure ? 'engine_unavailable' : undefined);
      });
      return entered && answers ? answers : allFailed(urls);
    },
    health: async () => circuit.describe({ ...(await engine.health()), engineVersion: '' }),
    close: () => close?.(),
  };
}
