import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import type { RequestHandler } from 'express';
import { z } from 'zod';
import { hashCallbackToken } from '../../db/callback-token';
import type { Database } from '../../db/pool';
import { useCallback } from '../../db/submissions';
import { tooManyRequests } from '../errors';
import { registerRoute } from '../openapi';
import type { RouteModule } from '../openapi';
import { Problem } from '../problems';
import { BODY_LIMIT } from '../requests';

const PATH = '/callbacks/scanners/{token}';
/** Unknown tokens from one address in a minute; beyond them every callback from there waits, and results are polled for. */
const UNKNOWN_PER_MINUTE = 60;

/**
 * Where a scanner says that it is done. It only wakes whoever waits: the result is fetched from the scanner itself. Nothing
 * of the body is read, and every token that does not work gets the same answer.
 */
export function scannerCallbackRoutes({ database }: { database: Database }): RouteModule {
  return (api) => {
    api.router.post(PATH.replace('{token}', ':token'), limitUnknown());
    registerRoute(api, {
      method: 'post',
      path: PATH,
      operationId: 'receiveScannerCallback',
      summary: 'A scanner has a result',
      description: 'The address holds a token that works once. The body may be anything; it is not read.',
      tag: 'engines',
      right: 'public',
      params: z.strictObject({ token: z.string() }),
      answers: { 204: { description: 'Whoever waits is woken.' } },
      handle: async ({ params, request }) => {
        if (Number(request.headers['content-length'] ?? 0) > BODY_LIMIT) throw tooLong();
        const hash = hashCallbackToken(params.token);
        const known = hash !== undefined && (await database.withService((db) => useCallback(db, hash)));
        if (!known) throw unknownToken();
        return { status: 204 };
      },
    });
  };
}

function limitUnknown(): RequestHandler {
  return rateLimit({
    windowMs: 60_000,
    limit: UNKNOWN_PER_MINUTE,
    skipSuccessfulRequests: true,
    keyGenerator: (request) => ipKeyGenerator(request.ip ?? ''),
    standardHeaders: false,
    legacyHeaders: false,
    validate: { xForwardedForHeader: false },
    handler: (_request, _response, next) =>
      next(tooManyRequests(60, 'Too many callbacks with tokens that do not work.')),
  });
}

function unknownToken(): Problem {
  return new Problem({
    status: 404,
    kind: 'unknown_callback',
    title: 'Nobody waits for this callback.',
    detail: 'The token in the address was never given out, or was used before.',
    remedy: 'Nothing needs to be done: results are fetched anyway.',
  });
}

function tooLong(): Problem {
  return new Problem({
    status: 413,
    kind: 'body_too_large',
    title: 'The body is too long.',
    detail: `At most ${BODY_LIMIT} bytes are accepted, and none of them is read.`,
    remedy: 'Send the callback without the report.',
  });
}
