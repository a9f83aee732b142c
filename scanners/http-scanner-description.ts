import { z } from 'zod';
import { checkOutsideUrl } from './http-scanner-client';

const name = z.string().regex(/^[a-z][a-z0-9-]{0,40}$/);
const pointer = z.string().regex(/^(\/[^/]{1,100}){1,20}$/);
const words = z.array(z.string().min(1).max(100)).max(50);
/** A header's value: plain, or a secret by its name, perhaps behind a word such as `Bearer `. */
const headerValue = z.union([
  z.string().max(1_000),
  z.strictObject({ secret: name, prefix: z.string().max(50).optional() }),
]);
const headers = z.record(z.string().regex(/^[\w-]{1,100}$/), headerValue);
const seconds = (least: number, most: number, fallback: number) => z.number().min(least).max(most).default(fallback);

const description = z
  .strictObject({
    name,
    /** How a file is handed in. */
    submit: z.strictObject({
      url: z.string(),
      method: z.enum(['POST', 'PUT']).default('POST'),
      body: z.enum(['multipart', 'raw']).default('multipart'),
      /** Field of the file, and others, in a multipart body. */
      field: z.string().min(1).max(100).default('file'),
      fields: z.record(z.string(), z.string()).default({}),
      headers: headers.default({}),
      /** Field (multipart) or header (raw) that takes the callback address. */
      callback: z.string().min(1).max(100).optional(),
      /** Where the answer names the submission. */
      id: pointer.optional(),
    }),
    /** How the result is read. Without a URL the answer to `submit` is the result. */
    result: z.strictObject({
      /** `{id}` and `{sha256}` are filled in. */
      url: z.string().optional(),
      headers: headers.optional(),
      status: pointer.optional(),
      done: words.default([]),
      failed: words.default([]),
      verdict: pointer,
      /** Values of the verdict. Any other value is no answer. */
      malicious: words.default([]),
      suspicious: words.default([]),
      clean: words.default([]),
      /** For a verdict that is a number: the least that is malicious, the least that is suspicious; below it is clean. */
      maliciousFrom: z.number().optional(),
      suspiciousFrom: z.number().optional(),
      /** Where the result names its file. Where given, a result of another file is refused. */
      sha256: pointer.optional(),
      threat: pointer.optional(),
      version: pointer.optional(),
    }),
    pollSeconds: seconds(1, 3_600, 10),
    deadlineSeconds: seconds(1, 86_400, 900),
    timeoutSeconds: seconds(1, 300, 20),
    maxBytes: z
      .int()
      .positive()
      .default(32 * 1024 * 1024),
    /** Hosts of one's own network that may be asked over http. */
    privateHosts: z.array(z.string()).default([]),
  })
  .superRefine((given, context) => {
    const { submit, result } = given;
    const complain = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message });
    for (const url of [submit.url, result.url?.replaceAll(/\{(id|sha256)\}/g, 'x')]) {
      try {
        if (url !== undefined) checkOutsideUrl(url, given.privateHosts);
      } catch (error) {
        complain('url', error instanceof Error ? error.message : 'not usable');
      }
    }
    if (result.url?.includes('{id}') && submit.id === undefined) complain('submit', '{id} needs submit.id');
    if (result.url !== undefined && result.status !== undefined && result.done.length === 0) {
      complain('result', 'a status needs the words that mean done');
    }
    const numeric = result.maliciousFrom !== undefined;
    if (!numeric && (result.malicious.length === 0 || result.clean.length === 0)) {
      complain('result', 'give the words for malicious and clean, or maliciousFrom for a score');
    }
  });

/** One outside scanner that is asked over HTTP, as its operator describes it. */
export type HttpScannerDescription = z.output<typeof description>;

/**
 * Reads the file that describes scanners: `{"scanners": [...]}`.
 * @throws with a sentence for the operator, naming the place but no value
 */
export function parseHttpScanners(text: string): HttpScannerDescription[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Error('The description of HTTP scanners is no JSON.');
  }
  const result = z.strictObject({ scanners: z.array(description).max(20) }).safeParse(json);
  if (!result.success) {
    const places = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new Error(`The description of HTTP scanners cannot be used: ${[...new Set(places)].join('; ')}.`);
  }
  const { scanners } = result.data;
  if (new Set(scanners.map((one) => one.name)).size !== scanners.length) {
    throw new Error('Two HTTP scanners have the same name.');
  }
  return scanners;
}
