import { OpenApiGeneratorV31 } from '@asteasolutions/zod-to-openapi';
import type { OpenAPIRegistry, RouteConfig } from '@asteasolutions/zod-to-openapi';
import type { RequestHandler, Response } from 'express';
import type { z } from 'zod';
import { forbidden, problemSchema, unauthorised } from './problems';
import { asyncHandler, parsePart, readJsonBody, readRawBody, sendReply } from './requests';
import { mayUse, RIGHTS } from './rights';
import type { Right } from './rights';
import { nothing } from './route';
import type { Answer, Api, Caller, Nothing, RouteDefinition } from './route';

export type { Api, Caller, Reply, RouteContext, RouteDefinition, RouteModule } from './route';

const NO_BYTES = Buffer.alloc(0);

/**
 * Mounts one route and documents it. Order of refusals: key, budget, right, content type, size, JSON, fields.
 * @throws Error at start when an operationId is used twice or a raw route also has a schema
 */
export function registerRoute<
  R extends Right | 'public',
  P extends z.ZodObject = Nothing,
  Q extends z.ZodObject = Nothing,
  B extends z.ZodType = z.ZodUndefined,
>(api: Api, route: RouteDefinition<R, P, Q, B>): void {
  const { method, path, right, operationId } = route;
  if (api.routes.some((known) => known.operationId === operationId)) {
    throw new Error(`operationId ${operationId} is used twice`);
  }
  if (route.rawBody && route.body) throw new Error(`${operationId}: a raw route has no body schema`);
  api.routes.push({ method, path, right, operationId });
  api.registry.registerPath(describeRoute(route));
  const guards = right === 'public' ? [] : [...api.guards, requireRight(api, right)];
  const readers = route.rawBody ? [readRawBody] : route.body ? [readJsonBody] : [];
  api.router[method](path.replace(/\{(\w+)\}/gu, ':$1'), ...guards, ...readers, handlerOf(api, route));
}

function handlerOf<R extends Right | 'public', P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType>(
  api: Api,
  route: RouteDefinition<R, P, Q, B>,
): RequestHandler {
  return asyncHandler(async (request, response) => {
    const reply = await route.handle({
      // Absent schemas have the empty or the undefined type, which these values are.
      params: parsePart(route.params ?? nothing, request.params, 'path') as z.output<P>,
      query: parsePart(route.query ?? nothing, request.query, 'query') as z.output<Q>,
      body: (route.body ? parsePart(route.body, request.body, 'body') : undefined) as z.output<B>,
      // requireRight has run for every private route, so a caller is there.
      caller: api.callerOf(request) as R extends 'public' ? undefined : Caller,
      rawBody: Buffer.isBuffer(request.body) ? request.body : NO_BYTES,
      request,
      response,
      requestId: requestIdOf(response),
    });
    if (reply) sendReply(response, reply, route.answers, api.checkAnswers);
  });
}

/** Id under which this request stands in the log. */
export function requestIdOf(response: Response): string {
  return String(response.getHeader('x-request-id') ?? 'unknown');
}

function requireRight(api: Api, right: Right): RequestHandler {
  return (request, _response, next) => {
    const caller = api.callerOf(request);
    if (!caller) return next(unauthorised('Neither an API key nor a session came with the request.'));
    return next(mayUse(caller.role, right) ? undefined : forbidden(caller.role, right));
  };
}

function describeRoute(route: RouteDefinition<Right | 'public', z.ZodObject, z.ZodObject, z.ZodType>): RouteConfig {
  const { method, path, operationId, summary, tag, right } = route;
  const who = right === 'public' ? 'Needs no API key.' : `Roles: ${RIGHTS[right].join(', ')}.`;
  const responses = Object.fromEntries(
    Object.entries(route.answers).map(([status, answer]) => [status, describeAnswer(answer)]),
  );
  return {
    method,
    path,
    operationId,
    summary,
    tags: [tag],
    description: [route.description, who].filter(Boolean).join(' '),
    security: right === 'public' ? [] : [{ apiKey: [] }, { session: [] }],
    request: {
      ...(route.params && { params: route.params }),
      ...(route.query && { query: route.query }),
      ...(route.body && { body: { required: true, content: { 'application/json': { schema: route.body } } } }),
      ...(route.rawBody && { body: { required: true, content: { '*/*': { schema: { type: 'string' as const } } } } }),
    },
    responses: {
      ...responses,
      default: {
        description: 'Refused: what happened, which fields are to blame and what to do.',
        content: { 'application/problem+json': { schema: problemSchema } },
      },
    },
  };
}

function describeAnswer(answer: Answer): RouteConfig['responses'][string] {
  if (answer.contentType !== undefined) {
    const schema = { type: 'string' as const };
    return { description: answer.description, content: { [answer.contentType]: { schema } } };
  }
  if (!answer.schema) return { description: answer.description };
  return { description: answer.description, content: { 'application/json': { schema: answer.schema } } };
}

/** The OpenAPI 3.1 document of everything registered so far. */
export function createOpenApiDocument(registry: OpenAPIRegistry, publicUrl: string, version: string): object {
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Lazaret',
      version,
      description: 'Malware scanning and quarantine for Zendesk.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: publicUrl }],
  });
}
