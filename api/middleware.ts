import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import helmet from 'helmet';
import { tooManyRequests } from './errors';
import type { Log } from './log';
import { requestIdOf } from './openapi';
import type { Caller } from './route';

/** Security headers of an API: nothing of it may be framed, sniffed, cached by others or run as a page. */
export function securityHeaders(): RequestHandler {
  const directives = {
    defaultSrc: ["'none'"],
    frameAncestors: ["'none'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
  };
  return helmet({
    contentSecurityPolicy: { useDefaults: false, directives },
    xFrameOptions: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
  });
}

/**
 * Gives every request an id of ours and writes one line when it ends: ids, route pattern, status, time. Paths and
 * queries stay out of it, for people search by file names.
 */
export function requestLog(log: Log, callerOf: (request: Request) => Caller | undefined): RequestHandler {
  return (request, response, next) => {
    const started = process.hrtime.bigint();
    response.setHeader('x-request-id', randomUUID());
    response.once('close', () => {
      const caller = callerOf(request);
      const route: unknown = request.route;
      log.info(
        {
          requestId: requestIdOf(response),
          method: request.method,
          route: patternOf(route),
          status: response.statusCode,
          ms: Number(process.hrtime.bigint() - started) / 1e6,
          ...(!response.writableFinished && { aborted: true }),
          ...(caller && { actorId: caller.actorId, role: caller.role }),
          ...(caller?.sessionId !== undefined && { sessionId: caller.sessionId }),
          ...(caller?.organisationId !== undefined && { organisationId: caller.organisationId }),
        },
        'request',
      );
    });
    next();
  };
}

function patternOf(route: unknown): string {
  const known = typeof route === 'object' && route !== null && 'path' in route && typeof route.path === 'string';
  return known ? String(route.path) : 'none';
}

export interface RateLimits {
  /** Requests of one key in a minute. */
  perKey: number;
  /** Refused sign-ins from one address in a minute. */
  failedSignIns: number;
}

export const DEFAULT_LIMITS: RateLimits = { perKey: 1200, failedSignIns: 300 };

/** Slows down whoever tries keys or passwords: counts only requests that ended in 401. Counted per process. */
export function limitFailedSignIns(limits: Pick<RateLimits, 'failedSignIns'>): RequestHandler {
  return rateLimit({
    windowMs: 60_000,
    limit: limits.failedSignIns,
    skipSuccessfulRequests: true,
    requestWasSuccessful: (_request, response) => response.statusCode !== 401,
    keyGenerator: (request) => ipKeyGenerator(request.ip ?? ''),
    standardHeaders: false,
    legacyHeaders: false,
    validate: { xForwardedForHeader: false },
    handler: (_request, _response, next) => next(tooManyRequests(60, 'Too many refused sign-ins from this address.')),
  });
}

/** Bounds what one network address may ask without an account, whatever the answer. Counted per process. */
export function limitAsking(perHour: number): RequestHandler {
  return rateLimit({
    windowMs: 60 * 60_000,
    limit: perHour,
    keyGenerator: (request) => ipKeyGenerator(request.ip ?? ''),
    standardHeaders: false,
    legacyHeaders: false,
    validate: { xForwardedForHeader: false },
    handler: (request, _response, next) => {
      const until = 'rateLimit' in request ? (request.rateLimit as { resetTime?: Date }).resetTime : undefined;
      const seconds = until ? Math.max(1, Math.ceil((until.getTime() - Date.now()) / 1000)) : 3600;
      next(tooManyRequests(seconds, 'Too many requests for a link from this address.'));
    },
  });
}

/** Counts the requests of each key and of each person. Counted per process. */
export function limitKeys(limits: RateLimits, callerOf: (request: Request) => Caller | undefined): RequestHandler {
  return rateLimit({
    windowMs: 60_000,
    limit: limits.perKey,
    keyGenerator: (request) => callerOf(request)?.actorId ?? 'none',
    standardHeaders: 'draft-7',
    legacyHeaders: false,
    handler: (_request, _response, next) =>
      next(tooManyRequests(60, `This API key, or person, may send ${limits.perKey} requests a minute.`)),
  });
}
