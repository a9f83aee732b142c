import type { ErrorRequestHandler } from 'express';
import { errorFields } from './log';
import type { Log } from './log';
import { requestIdOf } from './openapi';
import { malformed, Problem, problemDocument } from './problems';

/** The one place where an error becomes an HTTP answer: RFC 9457, `application/problem+json`. */
export function createErrorHandler(log: Log): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const requestId = requestIdOf(response);
    const problem = error instanceof Problem ? error : problemOf(error);
    if (problem.options.status >= 500) log.error({ requestId, ...errorFields(error) }, 'request failed');
    if (response.headersSent) {
      // Half an answer must not look like a whole one.
      request.socket.destroy();
      return;
    }
    response
      .status(problem.options.status)
      .set({ 'cache-control': 'no-store', ...problem.options.headers })
      .type('application/problem+json')
      .send(JSON.stringify(problemDocument(problem, requestId)));
  };
}

/** 404 for a path that no route has. */
export function unknownRoute(): Problem {
  return new Problem({
    status: 404,
    kind: 'unknown_route',
    title: 'There is no such route.',
    detail: 'No route of this API has this path.',
    remedy: 'See /api/openapi.json for every route.',
    errors: [{ field: 'path', detail: 'no such route' }],
  });
}

/** 405 for a path that exists with other methods only. */
export function wrongMethod(allowed: readonly string[]): Problem {
  const allow = allowed.map((method) => method.toUpperCase()).join(', ');
  return new Problem({
    status: 405,
    kind: 'method_not_allowed',
    title: 'This route does not have this method.',
    detail: `This path takes ${allow}.`,
    remedy: `Use ${allow}; /api/openapi.json says what each does.`,
    errors: [{ field: 'method', detail: `expected ${allow}` }],
    headers: { allow },
  });
}

/** 429, with the time to wait in `Retry-After`. */
export function tooManyRequests(retryAfterSeconds: number, what: string): Problem {
  return new Problem({
    status: 429,
    kind: 'too_many_requests',
    title: 'Too many requests.',
    detail: `${what} Wait ${retryAfterSeconds} s.`,
    remedy: 'Wait as long as the header Retry-After says, then go on more slowly.',
    headers: { 'retry-after': String(retryAfterSeconds) },
  });
}

/** Words of body-parser, with what they mean to the caller. */
const BODY_ERRORS: Record<string, () => Problem> = {
  'entity.parse.failed': () =>
    malformed(
      'The body is not JSON.',
      'The body could not be read as a JSON object or array.',
      'Send well-formed JSON in UTF-8.',
      [{ field: 'body', pointer: '', detail: 'not well-formed JSON' }],
    ),
  'request.aborted': () => malformed('The body broke off.', 'The connection ended early.', 'Send it again.'),
  'request.size.invalid': () =>
    malformed('The body is shorter than announced.', 'Content-Length and the body differ.', 'Send it again.'),
  'entity.too.large': () =>
    new Problem({
      status: 413,
      kind: 'body_too_large',
      title: 'The body is too large.',
      detail: 'Bodies of up to 1 MB are read.',
      remedy: 'Send less at a time.',
      errors: [{ field: 'body', pointer: '', detail: 'longer than 1 MB' }],
    }),
  'encoding.unsupported': () => unsupportedCoding('Content-Encoding', 'identity, gzip, deflate or br'),
  'charset.unsupported': () => unsupportedCoding('Content-Type', 'charset=utf-8'),
};

function unsupportedCoding(field: string, expected: string): Problem {
  return new Problem({
    status: 415,
    kind: 'unsupported_media_type',
    title: 'The body has a coding that is not read here.',
    detail: `${field}: expected ${expected}.`,
    remedy: 'Send the body as plain JSON in UTF-8.',
    errors: [{ field, detail: `expected ${expected}` }],
  });
}

// Postgres closed or out of reach: the caller may try again, nothing was written.
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  '57P01',
  '57P02',
  '57P03',
  '53300',
  '40P01',
  '40001',
]);

function problemOf(error: unknown): Problem {
  const { type, code } = wordsOf(error);
  const known = type === undefined ? undefined : BODY_ERRORS[type];
  if (known) return known();
  if (error instanceof URIError) {
    const errors = [{ field: 'path', detail: 'not valid percent-encoding' }];
    return malformed('The path cannot be read.', 'It has broken percent-encoding.', 'Encode it as UTF-8.', errors);
  }
  if ((code !== undefined && UNREACHABLE.has(code)) || isLostConnection(error)) {
    return new Problem({
      status: 503,
      kind: 'temporarily_unavailable',
      title: 'Lazaret cannot reach its database at the moment.',
      detail: 'Nothing was changed.',
      remedy: 'Send the request again in a few seconds.',
      headers: { 'retry-after': '5' },
    });
  }
  return new Problem({
    status: 500,
    kind: 'internal_error',
    title: 'Lazaret failed.',
    detail: 'The request was not completed; the cause is in the log under the id of this request.',
    remedy: 'Send it again; if it fails again, give support the id in "instance".',
    cause: error,
  });
}

/** The driver gives these two no code. */
function isLostConnection(error: unknown): boolean {
  return (
    error instanceof Error && /^(Connection terminated|timeout exceeded when trying to connect)/u.test(error.message)
  );
}

function wordsOf(error: unknown): { type?: string; code?: string } {
  if (typeof error !== 'object' || error === null) return {};
  return {
    ...('type' in error && typeof error.type === 'string' && { type: error.type }),
    ...('code' in error && typeof error.code === 'string' && { code: error.code }),
  };
}
