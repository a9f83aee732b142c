import { createHash, randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import type { Queryable } from '../../db/pool';
import { sealedSignInContext } from '../../db/sealed-sign-ins';
import { clearSignIns, takeSignIn } from '../../db/sign-in-delays';
import { takeRecoveryCode, takeTotpStep } from '../../db/users';
import { tooManyRequests } from '../errors';
import { Problem } from '../problems';
import type { SignInDeps } from './deps';

const PERIOD_S = 30;
const RECOVERY_CODES = 10;
/** Letters and digits that nobody confuses. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';

/** 160 random bits, as RFC 4226 recommends, in base 32. */
export function newSecret(): string {
  return new Secret({ size: 20 }).base32;
}

function totpOf(secret: string, label: string): TOTP {
  return new TOTP({ issuer: 'Lazaret', label, algorithm: 'SHA1', digits: 6, period: PERIOD_S, secret });
}

/** Address that authenticator apps read, usually from a QR code. */
export function enrolmentUri(secret: string, email: string): string {
  return totpOf(secret, email).toString();
}

/** The time step that a code stands for, one before or after now at most; undefined when it is wrong. */
export function stepOf(secret: string, code: string, now: Date): number | undefined {
  const delta = totpOf(secret, 'code').validate({ token: code, window: 1, timestamp: now.getTime() });
  return delta === null ? undefined : Math.floor(now.getTime() / 1000 / PERIOD_S) + delta;
}

/** Ten codes for the day on which the phone is gone: 50 bits each, shown once, kept as hashes. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: RECOVERY_CODES }, () => {
    const letters = Array.from(randomBytes(10), (byte) => ALPHABET[byte % ALPHABET.length]).join('');
    return `${letters.slice(0, 5)}-${letters.slice(5)}`;
  });
}

/** Hash of a recovery code, however it is typed; bound to its person. */
export function recoveryHash(userId: string, code: string): Buffer {
  const typed = code.toLowerCase().replace(/[^a-z0-9]/gu, '');
  return createHash('sha256').update(`lazaret recovery\n${userId}\n${typed}`).digest();
}

/** What a person offers as second factor. */
export interface Proof {
  code?: string | undefined;
  recoveryCode?: string | undefined;
}

/**
 * Checks a second factor. Each try counts before it is looked at, as with passwords; a code counts once.
 * @throws Problem 401 for a wrong or used code, 429 while the person has to wait
 */
export async function requireSecondFactor(
  deps: SignInDeps,
  person: { id: string; totpSecret: Buffer | null },
  proof: Proof,
): Promise<void> {
  const now = deps.clock();
  const key = createHash('sha256').update(`lazaret second factor\n${person.id}`).digest();
  const turn = await deps.database.withService((db) => takeSignIn(db, key, now));
  if (!turn.ok) throw tooManyRequests(turn.retryAfterSeconds, 'Too many wrong codes.');
  const secret =
    person.totpSecret && (await deps.secretBox.open(person.totpSecret, sealedSignInContext('totp_secret', person.id)));
  await deps.database.withService(async (db) => {
    if (!(await proves(db, person.id, secret?.toString('utf8'), proof, now))) throw wrongCode(proof);
    await clearSignIns(db, key);
  });
}

async function proves(
  db: Queryable,
  userId: string,
  secret: string | undefined,
  { code, recoveryCode }: Proof,
  now: Date,
): Promise<boolean> {
  if (recoveryCode !== undefined) return takeRecoveryCode(db, userId, recoveryHash(userId, recoveryCode), now);
  const step = secret === undefined || code === undefined ? undefined : stepOf(secret, code, now);
  return step !== undefined && (await takeTotpStep(db, userId, step));
}

/** 401 for a code that is wrong, too old, or was used before. */
export function wrongCode(proof: Proof): Problem {
  const field = proof.recoveryCode === undefined ? 'code' : 'recoveryCode';
  const detail = 'is wrong, too old, or was used before';
  return new Problem({
    status: 401,
    kind: 'wrong_code',
    title: 'The code was refused.',
    detail: `The ${field === 'code' ? 'code' : 'recovery code'} ${detail}.`,
    remedy: 'Wait for the next code of your authenticator and check the clock of the phone, or use a recovery code.',
    errors: [{ field, pointer: `/${field}`, detail }],
  });
}
