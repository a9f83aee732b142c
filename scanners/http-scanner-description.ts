import { z } from 'zod';
import { checkOutsideUrl } from './http-scanner-client';

/** Zod's own words are for programmers: the operator reads what a value must be. */
const must = (sentence: string) => ({ error: `must be ${sentence}` });
const object = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: ({ code, keys }) =>
      code === 'unrecognized_keys'
        ? `has ${(keys ?? []).map((key) => JSON.stringify(key)).join(', ')}, which nothing reads: correct or remove it`
        : 'must be an object in braces',
  });
const name = z.string(must('a name')).regex(/^[a-z][a-z0-9-]{0,40}$/, {
  error: 'must be a name of small letters, digits and -, beginning with a letter, such as "sandbox"',
});
const pointer = z
  .string(must('a JSON pointer such as "/data/id"'))
  .regex(/^(\/[^/]{1,100}){1,20}$/, must('a JSON pointer such as "/data/id"'));
const url = z.string(must('an address such as "https://sandbox.example/tasks"'));
const word = z
  .string(must('a text of 1 to 100 characters'))
  .min(1, must('a text of 1 to 100 characters'))
  .max(100, must('a text of 1 to 100 characters'));
const words = z.array(word, must('a list of texts in brackets')).max(50, must('a list of at most 50 texts'));
const number = z.number(must('a number'));
/** A header's value: plain, or a secret by its name, perhaps behind a word such as `Bearer `. */
const headerValue = z.union(
  [z.string().max(1_000), z.strictObject({ secret: name, prefix: z.string().max(50).optional() })],
  must('a text, or {"secret": "its name", "prefix": "Bearer "}'),
);
const headers = z.record(
  z.string().regex(/^[\w-]{1,100}$/, must('the name of a header')),
  headerValue,
  must('headers in braces'),
);
const seconds = (least: number, most: number, fallback: number) => {
  const sentence = must(`a number of seconds from ${least} to ${most}`);
  return z.number(sentence).min(least, sentence).max(most, sentence).default(fallback);
};

const description = object({
  name,
  /** How a file is handed in. */
  submit: object({
    url,
    method: z.enum(['POST', 'PUT'], must('"POST" or "PUT"')).default('POST'),
    body: z.enum(['multipart', 'raw'], must('"multipart" or "raw"')).default('multipart'),
    /** Field of the file, and others, in a multipart body. */
    field: word.default('file'),
    fields: z.record(z.string(), z.string(must('a text')), must('fields in braces')).default({}),
    headers: headers.default({}),
    /** Field (multipart) or header (raw) that takes the callback address. */
    callback: word.optional(),
    /** Where the answer names the submission. */
    id: pointer.optional(),
  }),
  /** How the result is read. Without a URL the answer to `submit` is the result. */
  result: object({
    /** `{id}` and `{sha256}` are filled in. */
    url: url.optional(),
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
    maliciousFrom: number.optional(),
    suspiciousFrom: number.optional(),
    /** Where the result names its file. Where given, a result of another file is refused. */
    sha256: pointer.optional(),
    threat: pointer.optional(),
    version: pointer.optional(),
  }),
  pollSeconds: seconds(1, 3_600, 10),
  deadlineSeconds: seconds(1, 86_400, 900),
  timeoutSeconds: seconds(1, 300, 20),
  maxBytes: z
    .int(must('a whole number of bytes above 0'))
    .positive(must('a whole number of bytes above 0'))
    .default(32 * 1024 * 1024),
  /** Hosts of one's own network that may be asked over http. */
  privateHosts: z.array(z.string(must('the name of a host')), must('a list of hosts in brackets')).default([]),
}).superRefine((given, context) => {
  const { submit, result } = given;
  const complain = (path: string[], message: string): void => context.addIssue({ code: 'custom', path, message });
  const addresses = { submit: submit.url, result: result.url?.replaceAll(/\{(id|sha256)\}/g, 'x') };
  for (const [part, address] of Object.entries(addresses)) {
    try {
      if (address !== undefined) checkOutsideUrl(address, given.privateHosts);
    } catch (error) {
      complain([part, 'url'], error instanceof Error ? error.message.replace(/\.$/u, '') : 'cannot be used');
    }
  }
  if (result.url?.includes('{id}') && submit.id === undefined) {
    complain(
      ['submit', 'id'],
      'is missing, and {id} in the address of the result needs it: say where the answer names it',
    );
  }
  if (result.url !== undefined && result.status !== undefined && result.done.length === 0) {
    complain(['result', 'done'], 'is empty, so that no status would ever mean done: give its words');
  }
  const numeric = result.maliciousFrom !== undefined;
  if (!numeric && (result.malicious.length === 0 || result.clean.length === 0)) {
    complain(['result'], 'must give the words for malicious and clean, or maliciousFrom for a score');
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
    throw new Error('The description of HTTP scanners is no JSON: begin with docs/examples/http-scanners.json.');
  }
  const list = z.array(description, must('a list in brackets')).max(20, must('a list of at most 20 scanners'));
  const result = object({ scanners: list }).safeParse(json);
  if (!result.success) {
    const places = result.error.issues.map(({ path, message }) => `${path.join('.') || 'the file'} ${message}`);
    throw new Error(`The description of HTTP scanners cannot be used: ${[...new Set(places)].join('; ')}.`);
  }
  const { scanners } = result.data;
  if (new Set(scanners.map((one) => one.name)).size !== scanners.length) {
    throw new Error('Two HTTP scanners have the same name: give each its own.');
  }
  return scanners;
}
