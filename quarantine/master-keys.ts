import type { RawAesKeyringNode } from '@aws-crypto/client-node';
import { createHmac } from 'node:crypto';
import { KEY_BYTES, rawKeyring } from './esdk';
import { SealError } from './seal-error';

/** Master keys as configured: 32 random bytes each. New things are wrapped by `currentId`, old ones opened by any. */
export interface MasterKeys {
  currentId: string;
  keys: Readonly<Record<string, Buffer>>;
}

export interface MasterKey {
  id: string;
  keyring: RawAesKeyringNode;
  /** Tells a wrong key under the right id from tampering: 8 bytes of HMAC-SHA256, hex. Says nothing about the key. */
  check: string;
}

export interface MasterKeyRing {
  current: MasterKey;
  /** @throws SealError `unknown_master_key` */
  get(id: string): MasterKey;
}

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/u;

/**
 * Checks the configured keys once and keeps a keyring for each.
 * @throws SealError `bad_configuration` that names the id and what is wrong with it, never the key
 */
export function createMasterKeyRing(config: MasterKeys): MasterKeyRing {
  const ring = new Map<string, MasterKey>();
  for (const [id, key] of Object.entries(config.keys)) {
    if (!ID.test(id)) throw misconfigured('A master key id has 1 to 64 letters, digits, dots, dashes or underscores.');
    if (key.length !== KEY_BYTES) {
      throw misconfigured(`Master key ${id} has ${key.length} bytes; it needs exactly ${KEY_BYTES}.`);
    }
    if (key.every((byte) => byte === key[0])) throw misconfigured(`Master key ${id} is not random.`);
    const check = createHmac('sha256', key).update('lazaret master key check').digest('hex').slice(0, 16);
    ring.set(id, { id, keyring: rawKeyring('lazaret', id, key), check });
  }
  const current = ring.get(config.currentId);
  if (!current) throw misconfigured('The current master key id names none of the configured master keys.');
  return {
    current,
    get: (id) => {
      const key = ring.get(id);
      if (!key) throw new SealError('unknown_master_key', `No master key with the id ${printable(id)} is configured.`);
      return key;
    },
  };
}

function misconfigured(message: string): SealError {
  return new SealError('bad_configuration', message);
}

function printable(id: string): string {
  return ID.test(id) ? id : '(unreadable)';
}
