import type { Severity, UnscannableReason } from '../../domain/words';

/** What one check shows about a link. `what` is one sentence for people, without text of the link. */
export interface LinkFinding {
  engine: string;
  rule: string;
  severity: Severity;
  what: string;
}

/**
 * One engine's answer about one link: `known` bad with its findings; `nothing` known, which is never clean by itself: the
 * passive checks decide; `error`: no answer, which makes the link unscannable where the engine is required.
 */
export type LinkAnswer =
  | { url: string; result: 'known'; findings: LinkFinding[] }
  | { url: string; result: 'nothing' }
  | { url: string; result: 'error'; reason: UnscannableReason };

/** Whether an engine can answer now. `detail` is one sentence for the operator, without secrets. */
export interface LinkEngineHealth {
  engine: string;
  ok: boolean;
  detail: string;
  /** Date or digest of the local list; empty where the engine asks a service. */
  rulesVersion: string;
}

/** A source that knows bad links. `look` never rejects and answers in the order of `urls`. Only hosts or hash prefixes leave the machine. */
export interface LinkEngine {
  readonly name: string;
  /** Whether it looks into a list on this machine: then asking costs nothing and tells nobody. */
  readonly local: boolean;
  look(urls: readonly string[], signal?: AbortSignal): Promise<LinkAnswer[]>;
  health(): Promise<LinkEngineHealth>;
}

/** The same failure for every link that was asked about. */
export function allFailed(urls: readonly string[], reason: UnscannableReason = 'engine_unavailable'): LinkAnswer[] {
  return urls.map((url) => ({ url, result: 'error', reason }));
}
