import { join, resolve } from 'node:path';
import { ConfigError, readEnv } from './env';
import type { Env } from './env';
import type { OidcRole } from './oidc';
import type { LinkFeed } from './link-feeds';

/** Everything that may differ between installations, checked; secrets are in `secrets.ts`. */
export interface Config {
  dataDir: string;
  /** Where sealed files are kept. */
  sealedDir: string;
  taskQueue: string;
  /** For links shown to support; undefined: no links. */
  temporalUiUrl: string | undefined;
  http: {
    host: string;
    port: number;
    /** What browsers and Zendesk call us by: webhooks and sign-in need it. Undefined: our own host and port. */
    publicUrl: string | undefined;
  };
  ports: { simulator: number; temporal: number; temporalUi: number; mail: number; mailUi: number };
  database: { url: string | undefined; ownerUrl: string | undefined };
  /** Whom customers ask for a bundle; undefined: nobody is named. */
  supportAddress: string | undefined;
  /** The identity provider, whose client's secret is among the secrets; undefined: people sign in with passwords only. */
  oidc: OidcConfig | undefined;
  zendesk: {
    /** Where connections to Zendesk's hosts really go; undefined: to Zendesk. */
    address: string | undefined;
    clientId: string | undefined;
    /** Share of each account limit that we use, above 0 and up to 1. */
    budgetShare: number;
  };
  email: { smtpUrl: string | undefined; from: string };
  scanning: {
    /** `unix:/path` or `tcp:host:port`; undefined: the engine is off. */
    clamdAddress: string | undefined;
    clamd: { connections: number; maxBytes: number; maxDatabaseAgeDays: number };
    /** `icap://…` or `icaps://…`; undefined: the engine is off. */
    icapUrl: string | undefined;
    icapMaxBytes: number;
    /** File that describes scanners asked over HTTP; undefined: none. */
    httpScannersPath: string | undefined;
    /** On where its key is among the secrets. */
    virusTotal: { apiUrl: string | undefined; maliciousFrom: number; uploadAllowed: boolean };
    /** Of every engine outside the worker: its clock, and its circuit breaker. */
    outside: { timeoutMs: number; failures: number; openMs: number };
    /** Undefined: every engine that is configured. */
    requiredEngines: readonly string[] | undefined;
    maxFileBytes: number;
    children: number;
    /** Directories of YARA rules beside the shipped ones. */
    rulesDirectories: readonly string[];
  };
  links: {
    /** Google's service that is asked, where its key is among the secrets; undefined: its own address. */
    googleUrl: string | undefined;
    urlhausUrl: string | undefined;
    threatfoxUrl: string | undefined;
    /** Downloaded lists of bad links, read again when they change. */
    feeds: readonly LinkFeed[];
    feedMaxAgeDays: number;
    /** Undefined: every link engine that is configured. */
    requiredEngines: readonly string[] | undefined;
    /** Whether organisations may have redirects followed. */
    followRedirects: boolean;
  };
  heartbeatMs: number;
  /** How long a ticket's notes are gathered before one is written, in milliseconds. */
  noteWindowMs: number;
  logLevel: Env['LAZARET_LOG_LEVEL'];
}

/** An identity provider, but for the secret. */
export interface OidcConfig {
  issuer: string;
  clientId: string;
  roles: readonly OidcRole[];
  /** Further hosts that its document may send us to. */
  hosts: readonly string[];
  /** Whether it takes over accounts with password and the same address. */
  linkAccounts: boolean;
}

/** Returns the configuration of this process. Throws `ConfigError` with a sentence per wrong variable. */
export function loadConfig(env: Env = readEnv()): Config {
  if ((env.ZENDESK_CLIENT_ID === undefined) !== (env.ZENDESK_CLIENT_SECRET === undefined)) {
    throw new ConfigError(['ZENDESK_CLIENT_ID and ZENDESK_CLIENT_SECRET belong together: set both or neither.']);
  }
  const dataDir = resolve(env.LAZARET_DATA_DIR);
  return {
    dataDir,
    sealedDir: resolve(env.LAZARET_SEALED_DIR ?? join(dataDir, 'sealed')),
    taskQueue: env.TASK_QUEUE,
    temporalUiUrl: env.TEMPORAL_UI_URL,
    http: { host: env.LAZARET_HOST, port: env.LAZARET_PORT, publicUrl: env.LAZARET_PUBLIC_URL },
    ports: portsOf(env),
    database: { url: env.DATABASE_URL, ownerUrl: env.DATABASE_OWNER_URL },
    supportAddress: env.LAZARET_SUPPORT_ADDRESS,
    oidc: oidcOf(env),
    zendesk: {
      address: env.ZENDESK_ADDRESS,
      clientId: env.ZENDESK_CLIENT_ID,
      budgetShare: env.LAZARET_ZENDESK_BUDGET_SHARE,
    },
    email: { smtpUrl: env.SMTP_URL, from: env.MAIL_FROM },
    scanning: {
      clamdAddress: env.CLAMD_ADDRESS,
      ...outsideOf(env),
      requiredEngines: env.LAZARET_REQUIRED_ENGINES,
      maxFileBytes: env.LAZARET_MAX_FILE_BYTES,
      children: env.LAZARET_SCAN_CHILDREN,
      rulesDirectories: (env.LAZARET_RULES_DIRS ?? []).map((directory) => resolve(directory)),
    },
    links: linksOf(env),
    heartbeatMs: env.LAZARET_HEARTBEAT_MS,
    noteWindowMs: env.LAZARET_NOTE_WINDOW_MS,
    logLevel: env.LAZARET_LOG_LEVEL,
  };
}

function oidcOf(env: Env): OidcConfig | undefined {
  const { LAZARET_OIDC_ISSUER: issuer, LAZARET_OIDC_CLIENT_ID: clientId, LAZARET_OIDC_ROLES: roles } = env;
  const given = [issuer, clientId, env.LAZARET_OIDC_CLIENT_SECRET, roles];
  if (given.every((value) => value === undefined)) return undefined;
  if (issuer === undefined || clientId === undefined || roles === undefined || given.includes(undefined)) {
    const names = 'LAZARET_OIDC_ISSUER, LAZARET_OIDC_CLIENT_ID, LAZARET_OIDC_CLIENT_SECRET and LAZARET_OIDC_ROLES';
    throw new ConfigError([`${names} belong together: set all four or none.`]);
  }
  return { issuer, clientId, roles, hosts: env.LAZARET_OIDC_HOSTS ?? [], linkAccounts: env.LAZARET_OIDC_LINK_ACCOUNTS };
}

type OutsideEngines = 'clamd' | 'icapUrl' | 'icapMaxBytes' | 'httpScannersPath' | 'virusTotal' | 'outside';

function outsideOf(env: Env): Pick<Config['scanning'], OutsideEngines> {
  return {
    clamd: {
      connections: env.LAZARET_CLAMD_CONNECTIONS,
      maxBytes: env.LAZARET_CLAMD_MAX_BYTES,
      maxDatabaseAgeDays: env.LAZARET_CLAMD_MAX_DB_AGE,
    },
    icapUrl: env.LAZARET_ICAP_URL,
    icapMaxBytes: env.LAZARET_ICAP_MAX_BYTES,
    httpScannersPath: env.LAZARET_HTTP_SCANNERS === undefined ? undefined : resolve(env.LAZARET_HTTP_SCANNERS),
    virusTotal: {
      apiUrl: env.LAZARET_VIRUSTOTAL_URL,
      maliciousFrom: env.LAZARET_VIRUSTOTAL_MALICIOUS_FROM,
      uploadAllowed: env.LAZARET_VIRUSTOTAL_UPLOAD,
    },
    outside: {
      timeoutMs: env.LAZARET_ENGINE_TIMEOUT_MS,
      failures: env.LAZARET_ENGINE_FAILURES,
      openMs: env.LAZARET_ENGINE_PAUSE_MS,
    },
  };
}

function linksOf(env: Env): Config['links'] {
  if (env.LAZARET_WEB_RISK_KEY !== undefined && env.LAZARET_SAFE_BROWSING_KEY !== undefined) {
    const sentence = 'LAZARET_WEB_RISK_KEY and LAZARET_SAFE_BROWSING_KEY ask the same lists: set one of them only.';
    throw new ConfigError([sentence]);
  }
  return {
    googleUrl: env.LAZARET_GOOGLE_URL,
    urlhausUrl: env.LAZARET_URLHAUS_URL,
    threatfoxUrl: env.LAZARET_THREATFOX_URL,
    feeds: (env.LAZARET_LINK_FEEDS ?? []).map(({ name, path }) => ({ name, path: resolve(path) })),
    feedMaxAgeDays: env.LAZARET_LINK_FEED_MAX_AGE,
    requiredEngines: env.LAZARET_REQUIRED_LINK_ENGINES,
    followRedirects: env.LAZARET_FOLLOW_REDIRECTS,
  };
}

function portsOf(env: Env): Config['ports'] {
  return {
    simulator: env.SIMULATOR_PORT,
    temporal: env.TEMPORAL_PORT,
    temporalUi: env.TEMPORAL_UI_PORT,
    mail: env.MAIL_PORT,
    mailUi: env.MAIL_UI_PORT,
  };
}

/** Returns the connection string of the role the product runs under. Throws a sentence where none is given. */
export function requireDatabaseUrl(config: Config): string {
  return required(
    config.database.url,
    'DATABASE_URL',
    'the connection string of the login role that the migrations made',
  );
}

/** Returns the connection string of the owner, for migrations. Throws a sentence where none is given. */
export function requireOwnerUrl(config: Config): string {
  return required(config.database.ownerUrl, 'DATABASE_OWNER_URL', "the connection string of the database's owner");
}

function required(value: string | undefined, name: string, what: string): string {
  if (value === undefined) throw new ConfigError([`${name} is not set: give ${what}.`]);
  return value;
}
