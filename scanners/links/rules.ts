import type { Severity } from '../../domain/words';
import type { LinkFinding } from './link-engine';

/** Name of the passive checks in findings. */
export const LINKS_ENGINE = 'links';

/** A finding of the passive checks. `what` is one sentence for people, without text of the link. */
export function finding(rule: string, severity: Severity, what: string): LinkFinding {
  return { engine: LINKS_ENGINE, rule, severity, what };
}
