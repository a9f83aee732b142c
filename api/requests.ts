import express from 'express';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { z } from 'zod';
import { fieldProblems, invalidFields, malformed, Problem, unknownId } from './problems';
import type { Answer, Reply } from './route';

/** Bytes; longer bodies are refused with 413 before they are read to the end. */
export const BODY_LIMIT = 1024 * 1024;

const json = express.json({ limit: BODY_LIMIT, strict: true, type: 'application/json' });
const raw = express.raw({ limit: BODY_LIMIT, inflate: false, type: () => true });

/** Reads a JSON body; refuses a missing one and any other content type before reading. */
export const readJsonBody: RequestHandler = (request, response, next) => {
  const type = request.is('application/json');
  if (type === null || request.headers['content-length'] === '0') {
    const detail = 'expected a JSON object, came no body.';
    next(malformed('The body is missing.', detail, 'Send a JSON body.', [{ field: 'body', pointer: '', detail }]));
  } else if (type === false) {
    next(wrongContentType());
  } else {
    json(request, response, next);
  }
};

/** Reads a body of any type as bytes, never decompressed: a signature covers what was sent. */
export const readRawBody: RequestHandler = (request, response, next) => raw(request, response, next);

/** Parses one part of a request, or refuses it with every field that is wrong. */
export function parsePart<S extends z.ZodType>(
  schema: S,
  value: unknown,
  place: 'body' | 'query' | 'path',
): z.output<S> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const errors = fieldProblems(parsed.error.issues, place);
    // An id that is not even one of ours names nothing.
    throw place === 'path' ? unknownId(errors) : invalidFields(place, errors);
  }
  return parsed.data;
}

/**
 * Sends what a handler returned as its route documents it.
 * @throws Error for a status that the route does not document, or (with `check`) a body that does not fit its schema
 */
export function sendReply(response: Response, reply: Reply, answers: Record<number, Answer>, check: boolean): void {
  const answer = answers[reply.status];
  if (!answer) throw new Error(`status ${reply.status} is not documented for this route`);
  response.status(reply.status).set({ 'cache-control': 'no-store', ...reply.headers });
  if (answer.contentType !== undefined) {
    response.type(answer.contentType).send(typeof reply.body === 'string' ? reply.body : '');
  } else if (answer.schema) {
    if (check) answer.schema.parse(JSON.parse(JSON.stringify(reply.body)));
    response.json(reply.body);
  } else {
    response.end();
  }
}

/** Makes an Express handler of an async function; what it throws reaches the one error handler. */
export function asyncHandler(work: (request: Request, response: Response) => Promise<void>): RequestHandler {
  return (request: Request, response: Response, next: NextFunction): void => {
    work(request, response).catch(next);
  };
}

function wrongContentType(): Problem {
  return new Problem({
    status: 415,
    kind: 'unsupported_media_type',
    title: 'The body is not JSON.',
    detail: 'This route reads bodies of type application/json only.',
    remedy: 'Send the body as JSON with the header "Content-Type: application/json".',
    errors: [{ field: 'Content-Type', detail: 'expected application/json' }],
  });
}
