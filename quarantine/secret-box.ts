import { esdk, sameContext, SUITE } from './esdk';
import type { MasterKeys } from './master-keys';
import { createMasterKeyRing } from './master-keys';
import { SealError } from './seal-error';

/** Encrypts small values for database columns: tokens, webhook secrets, comment text. */
export interface SecretBox {
  /**
   * @param context what the value belongs to (table, row, organisation …); readable, and proven by `open`. Not empty
   * @returns bytes for a `bytea` column, about 300 longer than the value
   */
  seal(plaintext: string | Buffer, context: Readonly<Record<string, string>>): Promise<Buffer>;
  /** @throws SealError `context_mismatch` · `unknown_master_key` · `wrong_key` · `tampered` */
  open(sealed: Buffer, context: Readonly<Record<string, string>>): Promise<Buffer>;
  /** Whether another master key than the current one sealed it. @throws SealError `tampered` */
  needsRewrap(sealed: Buffer): boolean;
}

const VERSION = 1;
const CHECK_BYTES = 8;
const PURPOSE = { purpose: 'lazaret-secret' } as const;

/**
 * A secret box over the configured master keys. A value costs about a millisecond each way.
 * Layout: version (1 byte), length of key id (1), key id, key check (8), message of the AWS Encryption SDK.
 * @throws SealError `bad_configuration`
 */
export function createSecretBox(config: MasterKeys): SecretBox {
  const masterKeys = createMasterKeyRing(config);
  const { current } = masterKeys;
  const prefix = Buffer.concat([
    Buffer.from([VERSION, current.id.length]),
    Buffer.from(current.id, 'ascii'),
    Buffer.from(current.check, 'hex'),
  ]);
  return {
    async seal(plaintext, context) {
      const encryptionContext = checkContext(context);
      const plain = typeof plaintext === 'string' ? Buffer.from(plaintext, 'utf8') : plaintext;
      const { result } = await esdk.encrypt(current.keyring, plain, { suiteId: SUITE, encryptionContext });
      return Buffer.concat([prefix, result]);
    },
    async open(sealed, context) {
      const expected = checkContext(context);
      const { keyId, check, message } = split(sealed);
      const masterKey = masterKeys.get(keyId);
      if (masterKey.check !== check) {
        throw new SealError('wrong_key', `The configured master key ${keyId} is not the one that sealed this value.`);
      }
      const opened = await esdk.decrypt(masterKey.keyring, message).catch((error: unknown) => {
        throw new SealError('tampered', 'A stored secret was changed after it was sealed.', { cause: error });
      });
      if (!sameContext(opened.messageHeader.encryptionContext, expected)) {
        throw new SealError('context_mismatch', 'A stored secret belongs to something else than what was asked for.');
      }
      return opened.plaintext;
    },
    needsRewrap: (sealed) => {
      const { keyId, check } = split(sealed);
      return keyId !== current.id || check !== current.check;
    },
  };
}

function checkContext(context: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(context);
  const usable = entries.every(([key, value]) => key !== '' && value !== '' && !/^(?:aws-crypto|purpose)/u.test(key));
  if (entries.length > 0 && usable) return { ...PURPOSE, ...context };
  throw new SealError('context_mismatch', 'A secret needs a context whose names and values are not empty.');
}

function split(sealed: Buffer): { keyId: string; check: string; message: Buffer } {
  const idLength = sealed[1] ?? 0;
  const messageAt = 2 + idLength + CHECK_BYTES;
  if (sealed[0] !== VERSION || idLength === 0 || sealed.length <= messageAt) {
    throw new SealError('tampered', 'A stored secret is not in the format of a sealed value.');
  }
  return {
    keyId: sealed.toString('ascii', 2, 2 + idLength),
    check: sealed.toString('hex', 2 + idLength, messageAt),
    message: sealed.subarray(messageAt),
  };
}
