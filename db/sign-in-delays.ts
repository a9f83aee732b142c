import { FREE_SIGN_INS, FORGET_AFTER_MS, signInDelayMs } from '../domain/sign-in';
import type { Queryable } from './pool';

/** What {@link takeSignIn} says: try now, or wait. `failures` counts this attempt as failed until it is cleared. */
export type SignInTurn = { ok: true; failures: number } | { ok: false; retryAfterSeconds: number };

/**
 * Takes one attempt for this key, counted as failed before the password is looked at: a hundred guesses at once are a
 * hundred attempts. Clear it after a success.
 */
export async function takeSignIn(db: Queryable, key: Buffer, now: Date): Promise<SignInTurn> {
  await db.query(
    `insert into sign_in_delays (key, failures, blocked_until, updated_at) values ($1, 0, $2, $2) on conflict do nothing`,
    [key, now],
  );
  const { rows } = await db.query<{ failures: number; blockedUntil: Date; updatedAt: Date }>(
    `select failures, blocked_until as "blockedUntil", updated_at as "updatedAt" from sign_in_delays where key = $1 for update`,
    [key],
  );
  const [row] = rows;
  // Cleared by a success since the line above.
  if (!row) return { ok: true, failures: 1 };
  const waitMs = row.blockedUntil.getTime() - now.getTime();
  if (waitMs > 0) return { ok: false, retryAfterSeconds: Math.ceil(waitMs / 1000) };
  const forgotten = now.getTime() - row.updatedAt.getTime() > FORGET_AFTER_MS;
  const failures = (forgotten ? 0 : row.failures) + 1;
  const blockedUntil = new Date(now.getTime() + signInDelayMs(failures));
  await db.query('update sign_in_delays set failures = $2, blocked_until = $3, updated_at = $4 where key = $1', [
    key,
    failures,
    blockedUntil,
    now,
  ]);
  return { ok: true, failures };
}

/** Forgets the failures of a key. */
export async function clearSignIns(db: Queryable, key: Buffer): Promise<void> {
  await db.query('delete from sign_in_delays where key = $1', [key]);
}

/** Whether this failure is the one after which waiting begins: the person is told once. */
export function beginsWaiting(failures: number): boolean {
  return failures === FREE_SIGN_INS;
}
