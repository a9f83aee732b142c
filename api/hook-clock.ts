import type { HealthCheck } from './health';

/**
 * Watches the times at which genuine deliveries were signed. Outside the window around our clock none is recorded, so a
 * wrong clock must not go unseen.
 */
export interface ClockWatch {
  /** A genuine delivery inside the window; the time of its signature in milliseconds since 1970. */
  inTime(signedAtMs: number): void;
  /** A genuine delivery outside of it. @returns minutes between the two clocks; positive where ours is ahead */
  outOfTime(signedAtMs: number): number;
  /** For `/readyz`: a sentence while deliveries are signed off our clock. */
  check: HealthCheck;
}

/** How long one delivery off our clock counts when no other follows, in milliseconds. */
const REMEMBERED_MS = 15 * 60 * 1000;

/** @param clock our clock; the memory is this process's own */
export function createClockWatch(clock: () => Date): ClockWatch {
  let newest = -Infinity;
  let off: { atMs: number; minutes: number } | undefined;
  return {
    inTime(signedAtMs) {
      newest = Math.max(newest, signedAtMs);
      off = undefined;
    },
    outOfTime(signedAtMs) {
      const atMs = clock().getTime();
      const minutes = Math.round((atMs - signedAtMs) / 60_000);
      // Zendesk's times go forward. What was signed before a delivery that we took is a replay and says nothing of clocks.
      if (signedAtMs > newest) off = { atMs, minutes };
      return minutes;
    },
    check: () => {
      if (!off || clock().getTime() - off.atMs > REMEMBERED_MS) return Promise.resolve(undefined);
      const { minutes } = off;
      const side = minutes > 0 ? 'ahead of' : 'behind';
      return Promise.resolve(
        `deliveries are signed ${Math.abs(minutes)} minutes off our clock, which seems to be ${side} Zendesk's; none is recorded`,
      );
    },
  };
}
