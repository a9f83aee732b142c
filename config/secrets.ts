/** Secrets live apart from the configuration, so that printing or logging the latter shows none of them. */
import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ConfigError, readEnv } from './env';
import type { Env } from './env';
import { parseMasterKeys } from './master-keys';
import type { MasterKey } from './master-keys';

export type { MasterKey } from './master-keys';

export interface Secrets {
  /** The current one first; older ones open what they closed. */
  masterKeys: readonly [MasterKey, ...MasterKey[]];
  /** The installation's own OAuth client at Zendesk, where there is one. */
  zendeskClientSecret: string | undefined;
  /** Of the client at the identity provider, where there is one. */
  oidcClientSecret?: string | undefined;
  /** VirusTotal's API key; undefined: it is not asked. */
  virusTotalKey?: string | undefined;
  /** Keys of services that know bad links; undefined: the service is not asked. */
  linkServices?: { webRisk?: string; safeBrowsing?: string; abuseCh?: string } | undefined;
  /** By the names that descriptions of HTTP scanners use. */
  httpScanners?: Readonly<Record<string, string>> | undefined;
}

/** Returns the secrets of a worker or API process. Throws a sentence with the remedy where no master key is given. */
export function loadSecrets(env: Env = readEnv()): Secrets {
  const [current, ...older] = env.LAZARET_MASTER_KEYS ?? [];
  if (current === undefined) {
    throw new ConfigError([
      'LAZARET_MASTER_KEYS is not set: give id:base64 of 32 random bytes, for example the output of ' +
        `node -p "'key1:'+require('crypto').randomBytes(32).toString('base64')", and keep a copy where the backups are.`,
    ]);
  }
  return {
    masterKeys: [current, ...older],
    zendeskClientSecret: env.ZENDESK_CLIENT_SECRET,
    oidcClientSecret: env.LAZARET_OIDC_CLIENT_SECRET,
    virusTotalKey: env.LAZARET_VIRUSTOTAL_KEY,
    httpScanners: env.LAZARET_HTTP_SCANNER_SECRETS,
    linkServices: {
      ...(env.LAZARET_WEB_RISK_KEY !== undefined && { webRisk: env.LAZARET_WEB_RISK_KEY }),
      ...(env.LAZARET_SAFE_BROWSING_KEY !== undefined && { safeBrowsing: env.LAZARET_SAFE_BROWSING_KEY }),
      ...(env.LAZARET_ABUSE_CH_KEY !== undefined && { abuseCh: env.LAZARET_ABUSE_CH_KEY }),
    },
  };
}

/** The master keys as the sealed store and the secret box take them: by id, with the current one's id. */
export function masterKeysById({ masterKeys }: Pick<Secrets, 'masterKeys'>): {
  currentId: string;
  keys: Record<string, Buffer>;
} {
  return { currentId: masterKeys[0].id, keys: Object.fromEntries(masterKeys.map((one) => [one.id, one.key])) };
}

/**
 * Returns the text of a master key file for `LAZARET_MASTER_KEYS`, making the file (readable by us alone) where it is
 * missing. Throws a sentence where an existing one cannot be used: a new key would not open what the old one closed.
 */
export function masterKeyFile(path: string): string {
  const text = secretFile(path, () => `local-1:${randomBytes(32).toString('base64')}`);
  try {
    parseMasterKeys(text);
  } catch (error) {
    throw new ConfigError([
      `${path} holds no usable master keys (${error instanceof Error ? error.message : ''}): put it back.`,
    ]);
  }
  return text;
}

/** Returns what the file holds; makes it once, with mode 0600, where it is missing. */
export function secretFile(path: string, make: () => string): string {
  mkdirSync(dirname(path), { recursive: true });
  const aside = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  writeFileSync(aside, `${make()}\n`, { mode: 0o600, flush: true });
  try {
    // Of two starts at once the first one's secret stays.
    linkSync(aside, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside);
  }
  if ((statSync(path).mode & 0o077) !== 0)
    throw new ConfigError([`${path} can be read by others: run chmod 600 on it.`]);
  return readFileSync(path, 'utf8').trim();
}
