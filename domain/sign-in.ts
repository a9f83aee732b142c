/** Rules of signing in that need no clock, no database and no secret. */

/** Failed attempts in a row before waiting begins. */
export const FREE_SIGN_INS = 5;
/** A series of failures is forgotten after a day without any. */
export const FORGET_AFTER_MS = 24 * 60 * 60 * 1000;
const FIRST_DELAY_MS = 30_000;
const LONGEST_DELAY_MS = 15 * 60_000;

/** How long to wait after so many failures: nothing, then 30 s, doubled each time, never over 15 minutes. */
export function signInDelayMs(failures: number): number {
  if (failures < FREE_SIGN_INS) return 0;
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - FREE_SIGN_INS));
}

/** An invitation may be accepted for a week. */
export const INVITATION_MS = 7 * 24 * 60 * 60 * 1000;
/** A link for a new password works for an hour. */
export const PASSWORD_RESET_MS = 60 * 60 * 1000;
/** Links for a new password that one person gets in an hour at most. */
export const PASSWORD_RESETS_AN_HOUR = 5;

/** Least and greatest length of a password, in characters; longer ones only cost time. */
export const PASSWORD_LENGTH = { least: 12, most: 256 } as const;
/** A password that a machine finds within so many guesses is a common one, or a pattern. */
export const LEAST_GUESSES = 1e8;

/** Pages of the console that take a token. */
export const INVITATION_PAGE = '/accept-invitation';
export const PASSWORD_RESET_PAGE = '/new-password';

/** Address of such a page with a token for it, which stands behind `#`: no server and no log sees it there. */
export function linkWith(publicUrl: string, page: string, token: string): string {
  return `${publicUrl}${page}#${token}`;
}
