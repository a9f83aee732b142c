/** Structured logs on standard error: ids, never secrets, addresses of people or names of files. */
import { types } from 'node:util';
import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';

export type { Logger } from 'pino';

export interface LoggerOptions {
  /** Which process writes: `worker`, `api`, … */
  name: string;
  level: string;
  /** Tests read what is written; default: standard error. */
  destination?: DestinationStream;
}

const MASK = '[masked]';
const MAX_DEPTH = 8;

/** Compared without case, dashes and underscores, at any depth. */
const MASKED_KEYS = new Set([
  ...[
    'authorization',
    'proxyauthorization',
    'cookie',
    'setcookie',
    'xapikey',
    'apikey',
    'apikeys',
    'password',
    'passphrase',
  ],
  ...[
    'token',
    'accesstoken',
    'refreshtoken',
    'idtoken',
    'uploadtoken',
    'secret',
    'clientsecret',
    'signingsecret',
    'secrets',
  ],
  ...[
    'masterkey',
    'masterkeys',
    'privatekey',
    'codeverifier',
    'oauthstate',
    'connectionstring',
    'databaseurl',
    'ownerurl',
  ],
  ...[
    'email',
    'emails',
    'mailto',
    'recipient',
    'recipients',
    'replyto',
    'envelope',
    'filename',
    'originalname',
    'attachmentname',
  ],
  ...[
    'contenturl',
    'mappedcontenturl',
    'smtpurl',
    'body',
    'htmlbody',
    'plainbody',
    'subject',
    'ciphertext',
    'xzendeskwebhooksignature',
  ],
]);

/** In any text: addresses of people, bearer tokens, user information and query strings of URLs. */
const PATTERNS: readonly [RegExp, string][] = [
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, `$1 ${MASK}`],
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@"\\]+@/gi, `$1${MASK}@`],
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s?#"\\]*)[?#][^\s"\\]+/gi, `$1?${MASK}`],
  [/[\w.!#$%&'*+=?^`{|}~-]{1,64}@[\w-]+(\.[\w-]+)+/g, '[e-mail]'],
];

/** Returns a logger that writes one JSON object per line and masks what does not belong into a log. */
export function createLogger(options: LoggerOptions): Logger {
  return pino(
    {
      name: options.name,
      level: options.level,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: (value: unknown) => value },
      formatters: { level: (label) => ({ level: label }), log: (fields) => maskFields(fields, 0) },
      hooks: { streamWrite: maskText },
    },
    options.destination ?? pino.destination({ dest: 2, sync: true }),
  );
}

function maskFields(fields: object, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, isMasked(key) ? MASK : maskValue(value, depth + 1)]),
  );
}

function isMasked(key: string): boolean {
  return MASKED_KEYS.has(key.toLowerCase().replaceAll(/[-_]/g, ''));
}

function maskValue(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  // Also ends the walk in an object that contains itself.
  if (depth > MAX_DEPTH) return '[deep]';
  if (Buffer.isBuffer(value) || ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.map((entry) => maskValue(entry, depth + 1));
  if (value instanceof Error || types.isNativeError(value)) return maskError(value, depth);
  return maskFields(value, depth);
}

function maskError(error: Error, depth: number): Record<string, unknown> {
  const { name, message, stack, cause } = error;
  const own = maskFields({ ...error }, depth);
  return { ...own, name, message, stack, ...(cause === undefined ? {} : { cause: maskValue(cause, depth + 1) }) };
}

function maskText(text: string): string {
  return PATTERNS.reduce((masked, [pattern, replacement]) => masked.replace(pattern, replacement), text);
}
