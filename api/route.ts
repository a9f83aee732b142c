import type { OpenAPIRegistry } from '@asteasolutions/zod-to-openapi';
import type { Request, RequestHandler, Response, Router } from 'express';
import { z } from 'zod';
import type { Role } from '../domain/words';
import type { Log } from './log';
import type { Right } from './rights';

/** Who calls, as API key or session says. Operators (support, analyst) have no organisation. */
export interface Caller {
  /** Id of the API key or of the person: who did it, in audit events. */
  actorId: string;
  /** Undefined: an API key calls. */
  sessionId: string | undefined;
  role: Role;
  organisationId: string | undefined;
}

/** What a handler answers. `body` is sent as JSON unless the documented answer of this status has a `contentType`. */
export interface Reply {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface Answer {
  description: string;
  schema?: z.ZodType;
  /** For answers that are not JSON. */
  contentType?: string;
}

export interface RouteContext<Params, Query, Body, Who> {
  params: Params;
  query: Query;
  body: Body;
  caller: Who;
  /** Bytes as they came, for routes with `rawBody`; empty otherwise. */
  rawBody: Buffer;
  request: Request;
  response: Response;
  /** Stands in the log, in the header X-Request-Id and in every problem document. */
  requestId: string;
}

export const nothing = z.strictObject({});
export type Nothing = typeof nothing;

/** One route: what is mounted and what is documented come from the same object. */
export interface RouteDefinition<
  R extends Right | 'public',
  P extends z.ZodObject = Nothing,
  Q extends z.ZodObject = Nothing,
  B extends z.ZodType = z.ZodUndefined,
> {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** As in OpenAPI, e.g. `/api/v1/scans/{id}`. */
  path: `/${string}`;
  /** Unique; becomes the name of the generated client's function. */
  operationId: string;
  summary: string;
  description?: string;
  tag: string;
  /** A right of rights.ts, or `public` for a route that needs neither API key nor session by itself. */
  right: R;
  params?: P;
  query?: Q;
  /** Schema of a JSON body. Requests of any other type are refused with 415. */
  body?: B;
  /** Gives the handler the body's bytes, of any type and at most 1 MB, for signatures. Excludes `body`. */
  rawBody?: true;
  answers: Record<number, Answer>;
  /** Returns the answer, or undefined when it has sent one itself (a stream). Throw a Problem to refuse. */
  handle(
    context: RouteContext<z.output<P>, z.output<Q>, z.output<B>, R extends 'public' ? undefined : Caller>,
  ): Promise<Reply | undefined>;
}

/** What routes are registered with; made by create-app.ts. */
export interface Api {
  registry: OpenAPIRegistry;
  router: Router;
  /** Every registered route, for the document's check and the table of rights. */
  routes: { method: string; path: string; right: Right | 'public'; operationId: string }[];
  log: Log;
  /** Handlers before every route that needs a key: sign-in, then the budget of the key. */
  guards: RequestHandler[];
  callerOf(request: Request): Caller | undefined;
  /** Refuses an answer that does not fit its documented schema (tests); costs time. */
  checkAnswers: boolean;
}

/** Adds the routes of one noun. */
export type RouteModule = (api: Api) => void;
