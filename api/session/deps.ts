import type { SecretSealer } from '../../db/connection-secrets';
import type { Database } from '../../db/pool';
import type { Log } from '../log';
import { createPasswords, PASSWORD_COST } from './passwords';
import type { PasswordCost, Passwords } from './passwords';
import { createCookies } from './tokens';
import type { Cookies } from './tokens';

/** Times and costs of signing in. */
export interface SignInSettings {
  passwordCost: PasswordCost;
  /** A session that was not used for so long has ended. */
  idleMs: number;
  /** A session ends after so long, whatever was done in it. */
  sessionMs: number;
  /** Time for the second factor. */
  secondFactorMs: number;
  /** Refused sign-ins from one address in a minute. */
  refusedPerMinute: number;
  /** Links for a new password that are asked for from one network address in an hour. */
  resetsPerHour: number;
}

/** OWASP asks for minutes of idleness where money moves; a desk that watches a queue all day gets two hours of it. */
export const SIGN_IN_SETTINGS: SignInSettings = {
  passwordCost: PASSWORD_COST,
  idleMs: 2 * 60 * 60 * 1000,
  sessionMs: 12 * 60 * 60 * 1000,
  secondFactorMs: 10 * 60 * 1000,
  refusedPerMinute: 30,
  resetsPerHour: 30,
};

/** What signing in needs. */
export interface SignInDeps {
  database: Database;
  log: Log;
  clock: () => Date;
  /** Origin of our own pages, without a slash at the end. */
  publicUrl: string;
  secretBox: SecretSealer;
  settings: SignInSettings;
  passwords: Passwords;
  cookies: Cookies;
}

/** Joins what an application has with the settings of signing in. */
export function signInDeps(
  app: Pick<SignInDeps, 'database' | 'log' | 'clock' | 'publicUrl' | 'secretBox'>,
  overrides: Partial<SignInSettings> = {},
): SignInDeps {
  const { database, log, clock, publicUrl, secretBox } = app;
  const settings = { ...SIGN_IN_SETTINGS, ...overrides };
  const passwords = createPasswords(settings.passwordCost);
  return { database, log, clock, publicUrl, secretBox, settings, passwords, cookies: createCookies(publicUrl) };
}
