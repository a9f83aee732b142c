/** The only file that reads the process's environment. Every variable of Lazaret is listed and checked here. */
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { z } from 'zod';
import { parseFeeds } from './link-feeds';
import { isIssuer, parseOidcRoles } from './oidc';
import { parseMasterKeys } from './master-keys';

/** The environment holds something that cannot be used; the message has one sentence per variable. */
export class ConfigError extends Error {
  constructor(sentences: readonly string[]) {
    super(sentences.join('\n'));
    this.name = 'ConfigError';
  }
}

export type EnvSource = Readonly<Record<string, string | undefined>>;

const wholeNumber = (least: number, most: number, fallback: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .refine((value) => value >= least && value <= most)
    .default(fallback);
const port = (fallback: number) => wholeNumber(0, 65_535, fallback);
const list = (separator: string) =>
  z.string().transform((text) =>
    text
      .split(separator)
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  );
const urlOf = (...protocols: string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol));
const origin = urlOf('http:', 'https:')
  .refine((text) => ['', '/'].includes(new URL(text).pathname) && !/[?#@]/.test(text))
  .transform((text) => new URL(text).origin);
const apiKey = z.string().regex(/^[\x21-\x7e]{8,200}$/);
/** The origin of a service that gets a key: https, or http to this machine. */
const service = origin.refine(
  (text) => text.startsWith('https:') || /^http:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:|$)/.test(text),
);
const yesOrNo = z
  .enum(['yes', 'no'])
  .default('no')
  .transform((word) => word === 'yes');
/** What a parser makes of a text; one that throws, or gives nothing, refuses it. */
const parsedBy = <T>(parse: (text: string) => T | undefined) =>
  z.string().transform((text, context): T => {
    try {
      const value = parse(text);
      if (value !== undefined) return value;
    } catch {
      // The sentence of the variable says what is expected.
    }
    context.addIssue({ code: 'custom', message: 'unusable' });
    return z.NEVER;
  });
const namedSecrets = z.record(z.string().regex(/^[a-z][a-z0-9-]*$/), z.string().min(1).max(1_000));
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

const schema = z.object({
  LAZARET_DATA_DIR: z.string().default('.lazaret'),
  LAZARET_PORT: port(8800),
  SIMULATOR_PORT: port(8801),
  TEMPORAL_PORT: port(7233),
  TEMPORAL_UI_PORT: port(8233),
  MAIL_PORT: port(8825),
  MAIL_UI_PORT: port(8826),
  LAZARET_HOST: z
    .string()
    .regex(/^[A-Za-z0-9.:-]+$/)
    .default('127.0.0.1'),
  LAZARET_PUBLIC_URL: origin.optional(),
  DATABASE_URL: urlOf('postgres:', 'postgresql:').optional(),
  DATABASE_OWNER_URL: urlOf('postgres:', 'postgresql:').optional(),
  LAZARET_OIDC_ISSUER: z.string().refine(isIssuer).optional(),
  LAZARET_OIDC_CLIENT_ID: z.string().max(500).optional(),
  LAZARET_OIDC_CLIENT_SECRET: z.string().max(1_000).optional(),
  LAZARET_OIDC_ROLES: parsedBy(parseOidcRoles).optional(),
  LAZARET_OIDC_HOSTS: list(',')
    .pipe(z.array(z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/)))
    .optional(),
  LAZARET_OIDC_LINK_ACCOUNTS: yesOrNo,
  LAZARET_SUPPORT_ADDRESS: z.email().optional(),
  TEMPORAL_UI_URL: urlOf('http:', 'https:').optional(),
  TASK_QUEUE: z
    .string()
    .regex(/^[\w.-]{1,100}$/)
    .default('lazaret'),
  ZENDESK_ADDRESS: origin.optional(),
  ZENDESK_CLIENT_ID: z.string().optional(),
  ZENDESK_CLIENT_SECRET: z.string().optional(),
  LAZARET_ZENDESK_BUDGET_SHARE: z
    .string()
    .regex(/^(0?\.\d{1,6}|1(\.0{1,6})?)$/)
    .transform(Number)
    .refine((share) => share > 0)
    .default(0.6),
  SMTP_URL: urlOf('smtp:', 'smtps:').optional(),
  MAIL_FROM: z
    .string()
    .regex(/^([^\r\n<>]*<)?[^\s<>@]+@[^\s<>@]+>?$/)
    .default('Lazaret <lazaret@localhost.localdomain>'),
  CLAMD_ADDRESS: z
    .string()
    .regex(/^(unix:\/.+|tcp:(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):\d{1,5})$/)
    .optional(),
  LAZARET_CLAMD_CONNECTIONS: wholeNumber(1, 256, 8),
  LAZARET_CLAMD_MAX_BYTES: wholeNumber(1, 2 ** 40, 25 * 1024 * 1024),
  LAZARET_CLAMD_MAX_DB_AGE: wholeNumber(1, 3_650, 7),
  LAZARET_ICAP_URL: urlOf('icap:', 'icaps:').optional(),
  LAZARET_ICAP_MAX_BYTES: wholeNumber(1, 2 ** 40, 5 * 1024 * 1024),
  LAZARET_HTTP_SCANNERS: z.string().optional(),
  LAZARET_HTTP_SCANNER_SECRETS: parsedBy((text) => namedSecrets.parse(JSON.parse(text))).optional(),
  LAZARET_VIRUSTOTAL_KEY: apiKey.optional(),
  LAZARET_VIRUSTOTAL_URL: urlOf('http:', 'https:').optional(),
  LAZARET_VIRUSTOTAL_MALICIOUS_FROM: wholeNumber(1, 100, 3),
  LAZARET_VIRUSTOTAL_UPLOAD: yesOrNo,
  LAZARET_WEB_RISK_KEY: apiKey.optional(),
  LAZARET_SAFE_BROWSING_KEY: apiKey.optional(),
  LAZARET_GOOGLE_URL: service.optional(),
  LAZARET_ABUSE_CH_KEY: apiKey.optional(),
  LAZARET_URLHAUS_URL: service.optional(),
  LAZARET_THREATFOX_URL: service.optional(),
  LAZARET_LINK_FEEDS: parsedBy(parseFeeds).optional(),
  LAZARET_LINK_FEED_MAX_AGE: wholeNumber(1, 3_650, 7),
  LAZARET_REQUIRED_LINK_ENGINES: z
    .string()
    .regex(/^(none|[a-z][a-z0-9-]*(\s*,\s*[a-z][a-z0-9-]*)*)$/)
    .transform((text) => (text === 'none' ? [] : text.split(',').map((name) => name.trim())))
    .optional(),
  LAZARET_FOLLOW_REDIRECTS: yesOrNo,
  LAZARET_ENGINE_TIMEOUT_MS: wholeNumber(1_000, 600_000, 30_000),
  LAZARET_ENGINE_FAILURES: wholeNumber(1, 1_000, 5),
  LAZARET_ENGINE_PAUSE_MS: wholeNumber(100, 3_600_000, 15_000),
  LAZARET_REQUIRED_ENGINES: list(',')
    .pipe(z.array(z.string().regex(/^[a-z][a-z0-9-]*$/)))
    .optional(),
  LAZARET_SEALED_DIR: z.string().optional(),
  LAZARET_LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
  LAZARET_HEARTBEAT_MS: wholeNumber(100, 600_000, 10_000),
  LAZARET_NOTE_WINDOW_MS: wholeNumber(0, 600_000, 2_000),
  LAZARET_MAX_FILE_BYTES: wholeNumber(1, 2 ** 40, 50 * 1024 * 1024),
  LAZARET_SCAN_CHILDREN: wholeNumber(1, 64, 2),
  LAZARET_RULES_DIRS: list(delimiter).optional(),
  LAZARET_MASTER_KEYS: parsedBy(parseMasterKeys).optional(),
});

export type Env = z.output<typeof schema>;
type Variable = keyof Env;

/** What a right value looks like, as the end of "set it to …". */
const EXPECTED: Record<Variable, string> = {
  LAZARET_DATA_DIR: 'a directory',
  LAZARET_PORT: 'a port from 0 (a free one) to 65535',
  SIMULATOR_PORT: 'a port from 0 (a free one) to 65535',
  TEMPORAL_PORT: 'a port from 0 (a free one) to 65535',
  TEMPORAL_UI_PORT: 'a port from 0 (a free one) to 65535',
  MAIL_PORT: 'a port from 0 (a free one) to 65535',
  MAIL_UI_PORT: 'a port from 0 (a free one) to 65535',
  LAZARET_HOST: 'the address to listen on, such as 127.0.0.1 or 0.0.0.0',
  LAZARET_PUBLIC_URL: 'an origin without a path, such as https://lazaret.example.com',
  DATABASE_URL: 'a connection string such as postgres://role:password@host:5432/lazaret',
  DATABASE_OWNER_URL: 'a connection string such as postgres://owner:password@host:5432/lazaret',
  LAZARET_OIDC_ISSUER: 'the issuer of the identity provider, such as https://login.example.com/realms/desk',
  LAZARET_OIDC_CLIENT_ID: 'the id of the client at the identity provider',
  LAZARET_OIDC_CLIENT_SECRET: 'the secret of the client at the identity provider',
  LAZARET_OIDC_ROLES:
    'a JSON list such as [{"claim":"groups","value":"desk-admins","role":"admin","organisationId":"…"}]; viewer and admin need organisationId, support and analyst have none',
  LAZARET_OIDC_HOSTS: 'names of hosts separated by commas, such as keys.example.com',
  LAZARET_OIDC_LINK_ACCOUNTS: 'yes or no',
  LAZARET_SUPPORT_ADDRESS: 'an e-mail address such as support@example.com',
  TEMPORAL_UI_URL: "the address of Temporal's UI, such as http://127.0.0.1:8233",
  TASK_QUEUE: 'up to 100 letters, digits, dots, dashes and underscores',
  ZENDESK_ADDRESS: 'an origin such as http://127.0.0.1:8801, or remove it to reach Zendesk itself',
  ZENDESK_CLIENT_ID: 'the unique identifier of the OAuth client',
  ZENDESK_CLIENT_SECRET: 'the secret of the OAuth client',
  LAZARET_ZENDESK_BUDGET_SHARE: 'a share above 0 and up to 1, such as 0.6',
  SMTP_URL: 'a URL such as smtp://user:password@host:587',
  MAIL_FROM: 'an address such as Lazaret <lazaret@example.com>',
  CLAMD_ADDRESS: 'unix:/path/of/clamd.sock or tcp:host:3310, or remove it to run without clamd',
  LAZARET_CLAMD_CONNECTIONS: "a whole number from 1 to 256, twice the daemon's MaxThreads",
  LAZARET_CLAMD_MAX_BYTES: "the smaller of the daemon's StreamMaxLength and MaxFileSize in bytes",
  LAZARET_CLAMD_MAX_DB_AGE: 'a whole number of days from 1 to 3650',
  LAZARET_ICAP_URL: 'icap://host:1344/service or icaps://host:11344/service, or remove it to run without ICAP',
  LAZARET_ICAP_MAX_BYTES: 'the size in bytes up to which the ICAP service scans',
  LAZARET_HTTP_SCANNERS: 'the path of a JSON file that describes scanners',
  LAZARET_HTTP_SCANNER_SECRETS: 'a JSON object of secrets by name, such as {"sandbox-token":"..."}',
  LAZARET_VIRUSTOTAL_KEY: 'the API key, without spaces',
  LAZARET_VIRUSTOTAL_URL: 'the address of the API, such as https://www.virustotal.com/api/v3, or remove it',
  LAZARET_VIRUSTOTAL_MALICIOUS_FROM: 'a whole number of engines from 1 to 100',
  LAZARET_VIRUSTOTAL_UPLOAD: 'yes or no',
  LAZARET_WEB_RISK_KEY: 'the API key, without spaces',
  LAZARET_SAFE_BROWSING_KEY: 'the API key, without spaces',
  LAZARET_GOOGLE_URL: 'an origin such as https://webrisk.googleapis.com, or remove it',
  LAZARET_ABUSE_CH_KEY: 'the Auth-Key that auth.abuse.ch gives, without spaces',
  LAZARET_URLHAUS_URL: 'an origin such as https://urlhaus-api.abuse.ch, or remove it',
  LAZARET_THREATFOX_URL: 'an origin such as https://threatfox-api.abuse.ch, or remove it',
  LAZARET_LINK_FEEDS:
    'name=path pairs separated by commas, such as urlhaus-feed=/var/lib/feeds/urlhaus.csv, each name once and none of an engine',
  LAZARET_LINK_FEED_MAX_AGE: 'a whole number of days from 1 to 3650',
  LAZARET_REQUIRED_LINK_ENGINES: 'names of link engines separated by commas, such as webrisk,urlhaus, or none',
  LAZARET_FOLLOW_REDIRECTS: 'yes or no',
  LAZARET_ENGINE_TIMEOUT_MS: 'a whole number of milliseconds from 1000 to 600000',
  LAZARET_ENGINE_FAILURES: 'a whole number from 1 to 1000',
  LAZARET_ENGINE_PAUSE_MS: 'a whole number of milliseconds from 100 to 3600000',
  LAZARET_REQUIRED_ENGINES: 'engine names separated by commas, such as embedded,clamd',
  LAZARET_SEALED_DIR: 'a directory',
  LAZARET_LOG_LEVEL: `one of ${LOG_LEVELS.join(', ')}`,
  LAZARET_HEARTBEAT_MS: 'a whole number of milliseconds from 100 to 600000',
  LAZARET_NOTE_WINDOW_MS: 'a whole number of milliseconds from 0 to 600000',
  LAZARET_MAX_FILE_BYTES: 'a whole number of bytes, 1 or more',
  LAZARET_SCAN_CHILDREN: 'a whole number from 1 to 64',
  LAZARET_RULES_DIRS: `directories separated by "${delimiter}"`,
  LAZARET_MASTER_KEYS: 'id:base64 of 32 bytes, the current key first, several separated by commas, ids different',
};

/** Their values are never repeated in a message. */
const SECRET = new Set<string>([
  'DATABASE_URL',
  'DATABASE_OWNER_URL',
  'SMTP_URL',
  'ZENDESK_CLIENT_SECRET',
  'LAZARET_OIDC_CLIENT_SECRET',
  'LAZARET_MASTER_KEYS',
  'LAZARET_HTTP_SCANNER_SECRETS',
  'LAZARET_VIRUSTOTAL_KEY',
  'LAZARET_WEB_RISK_KEY',
  'LAZARET_SAFE_BROWSING_KEY',
  'LAZARET_ABUSE_CH_KEY',
]);
const SHOWN_CHARACTERS = 80;

/**
 * Returns the checked environment with defaults filled in. A variable that is set to nothing counts as not set.
 * Throws {@link ConfigError} with a sentence for each variable that is wrong.
 */
export function readEnv(source: EnvSource = process.env): Env {
  const given = Object.fromEntries(Object.keys(schema.shape).map((name) => [name, nonEmpty(source, name)]));
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const wrong = new Set(result.error.issues.map((issue) => String(issue.path[0])));
  throw new ConfigError([...wrong].map((name) => sentence(name, given[name] ?? '')));
}

function sentence(name: string, value: string): string {
  const expected = Object.entries(EXPECTED).find(([key]) => key === name)?.[1] ?? 'another value';
  const shown = value.length > SHOWN_CHARACTERS ? `${value.slice(0, SHOWN_CHARACTERS)}…` : value;
  const came = SECRET.has(name) ? `a secret of ${value.length} characters` : JSON.stringify(shown);
  return `${name} is ${came}, which cannot be used: set it to ${expected}.`;
}

function nonEmpty(source: EnvSource, name: string): string | undefined {
  const value = source[name]?.trim();
  return value === undefined || value === '' ? undefined : value;
}

/** Returns the directory for files that can be made again. */
export function userCacheDir(): string {
  const given = process.env['XDG_CACHE_HOME'];
  return given !== undefined && given.startsWith('/') ? given : join(homedir(), '.cache');
}

/** Returns PATH, empty where it is not set. */
export function searchPath(): string {
  return process.env['PATH'] ?? '';
}

/** Returns this process's environment with some variables set, for a child process. */
export function environmentWith(added: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { ...process.env, ...added };
}

/** A Temporal server of one's own, where TEMPORAL_ADDRESS names one; `@temporalio/envconfig` reads the rest. */
export function givenTemporal(): { address: string; namespace: string } | undefined {
  const address = nonEmpty(process.env, 'TEMPORAL_ADDRESS');
  return address === undefined
    ? undefined
    : { address, namespace: nonEmpty(process.env, 'TEMPORAL_NAMESPACE') ?? 'default' };
}

/** A Postgres of one's own for the tests. */
export interface TestPostgres {
  /** It must be allowed to create databases and roles. */
  ownerUrl: string;
  /** Name and password of the role in DATABASE_URL, where that is set. */
  appUser: { name: string; password: string } | undefined;
}

/** Reads DATABASE_OWNER_URL and DATABASE_URL for the tests; undefined where they shall use an embedded one. */
export function givenTestPostgres(): TestPostgres | undefined {
  const { DATABASE_OWNER_URL: ownerUrl, DATABASE_URL: appUrl } = readEnv();
  if (ownerUrl === undefined) return undefined;
  const app = appUrl === undefined ? undefined : new URL(appUrl);
  const appUser = app && { name: decodeURIComponent(app.username), password: decodeURIComponent(app.password) };
  return { ownerUrl, appUser };
}
