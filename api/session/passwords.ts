import { hash, parseOptions, verify } from '@node-rs/argon2';
import type { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { newToken } from '../../db/account-tokens';
import { LEAST_GUESSES, PASSWORD_LENGTH } from '../../domain/sign-in';
import { invalidFields } from '../problems';

/** Cost of one argon2id hash. */
export interface PasswordCost {
  /** KiB. */
  memoryCost: number;
  /** Passes. */
  timeCost: number;
  parallelism: number;
}

/** OWASP's first recommendation for argon2id with one lane and 19 MiB: about 50 ms of one core. */
export const PASSWORD_COST: PasswordCost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export interface Passwords {
  hash(password: string): Promise<string>;
  /** Takes as long for a person without password, or for nobody, as for a wrong password. */
  verify(stored: string | null | undefined, password: string): Promise<boolean>;
  /** Whether a stored hash was made at another cost than today's. */
  isOutdated(stored: string): boolean;
}

/** Hashes of passwords at one cost; argon2id in PHC form, the salt inside. */
export function createPasswords(cost: PasswordCost): Passwords {
  // The same text typed on two keyboards may be composed differently (NIST SP 800-63B: NFKC).
  const normal = (password: string): string => password.normalize('NFKC');
  const make = (password: string): Promise<string> => hash(normal(password), cost);
  let nobody: Promise<string> | undefined;
  return {
    hash: make,
    async verify(stored, password) {
      nobody ??= make(newToken());
      const right = await verify(stored ?? (await nobody), normal(password));
      return right && stored !== null && stored !== undefined;
    },
    isOutdated(stored) {
      const made = parseOptions(stored);
      return (
        made.memoryCost !== cost.memoryCost || made.timeCost !== cost.timeCost || made.parallelism !== cost.parallelism
      );
    },
  };
}

let estimator: Promise<ZxcvbnFactory> | undefined;

/**
 * Refuses a new password that is too short, too long, or that a machine finds at once: common ones, patterns, and the
 * person's own words. What kinds of characters it has is nobody's business (NIST SP 800-63B §5.1.1.2).
 * @param words name, address, organisation of the person
 * @throws Problem 422 that names the field
 */
export async function checkNewPassword(password: string, words: readonly string[], field = 'password'): Promise<void> {
  const refusal = await refusalOf(password, words);
  if (refusal !== undefined) throw invalidFields('body', [{ field, pointer: `/${field}`, detail: refusal }]);
}

async function refusalOf(password: string, words: readonly string[]): Promise<string | undefined> {
  const { length } = [...password.normalize('NFKC')];
  if (length < PASSWORD_LENGTH.least)
    return `expected at least ${PASSWORD_LENGTH.least} characters; a few words in a row do well.`;
  if (length > PASSWORD_LENGTH.most) return `expected at most ${PASSWORD_LENGTH.most} characters.`;
  estimator ??= loadEstimator();
  const own = words.flatMap((word) => [word, ...word.split(/[\s@._-]+/u)]).filter((word) => word.length > 2);
  // The time an estimate takes grows with the square of the length, and the beginning tells enough.
  const { guesses } = (await estimator).check(password.slice(0, 100), ['lazaret', 'zendesk', ...own]);
  return guesses < LEAST_GUESSES
    ? 'is a common password, a pattern, or made of your own name or address; choose a few unrelated words.'
    : undefined;
}

/** Loaded at the first new password: the list takes a moment, and most processes never need it. */
async function loadEstimator(): Promise<ZxcvbnFactory> {
  const [{ ZxcvbnFactory: Factory }, common] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
  ]);
  return new Factory({ dictionary: { ...common.dictionary }, graphs: common.adjacencyGraphs });
}
