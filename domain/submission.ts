/** Where a question to an engine that answers later is: not taken yet, taken, answered. */
export const SUBMISSION_STATES = ['queued', 'pending', 'done'] as const;
export type SubmissionState = (typeof SUBMISSION_STATES)[number];

/** No pause between two questions grows beyond this by itself; a scanner may ask for a longer one. */
export const LONGEST_PAUSE_MS = 4 * 60_000;
/** So long before a deadline comes the last look that can still be answered. */
export const LAST_LOOK_MS = 2_000;

/** Pause before the next question: what the engine asks for at least, else twice the last one, up to four minutes. */
export function nextPause(lastMs: number, retryAfterMs: number): number {
  return Math.max(retryAfterMs, Math.min(lastMs * 2, LONGEST_PAUSE_MS));
}

/**
 * Milliseconds until the next look. Where the pause would run over the deadline, there is one look shortly before it, and
 * then one at it, which ends the wait.
 */
export function nextLook(pauseMs: number, leftMs: number): number {
  const lastLook = leftMs - LAST_LOOK_MS;
  if (pauseMs <= lastLook) return pauseMs;
  // A look right after the one before would tell nothing new.
  return lastLook > LAST_LOOK_MS ? lastLook : Math.max(0, leftMs);
}
