import { z } from 'zod';
import type { Right } from './rights';
import { RIGHTS } from './rights';

/** What every refusal tells: which field, what is wrong with it. `pointer` is a JSON pointer into the body. */
export interface FieldProblem {
  field: string;
  pointer?: string;
  detail: string;
}

interface ProblemOptions {
  status: number;
  /** Word of the kind, spelled the same in code, document and log. */
  kind: string;
  title: string;
  detail: string;
  remedy: string;
  errors?: FieldProblem[];
  /** Extension members, e.g. the decision that came first. */
  extra?: Record<string, unknown>;
  headers?: Record<string, string>;
  cause?: unknown;
}

/** A refusal on purpose. Everything else that is thrown becomes a 500 that says nothing about the inside. */
export class Problem extends Error {
  readonly options: ProblemOptions;

  constructor(options: ProblemOptions) {
    super(`${options.kind}: ${options.title}`, { cause: options.cause });
    this.name = 'Problem';
    this.options = options;
  }
}

/** The document of RFC 9457 as it is sent, `application/problem+json`. */
export const problemSchema = z
  .looseObject({
    type: z.string().describe('urn:lazaret:problem: and the kind.'),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('What happened this time.'),
    remedy: z.string().describe('What the caller can do about it.'),
    instance: z.string().describe('urn:lazaret:request: and the id of the request, as in the log.'),
    errors: z
      .array(z.strictObject({ field: z.string(), pointer: z.string().optional(), detail: z.string() }))
      .describe('The fields that were refused; empty where no field is to blame.'),
  })
  .meta({ id: 'Problem' });

/** Renders a problem as its document. */
export function problemDocument(problem: Problem, requestId: string): Record<string, unknown> {
  const { status, kind, title, detail, remedy, errors, extra } = problem.options;
  return {
    ...extra,
    type: `urn:lazaret:problem:${kind}`,
    title,
    status,
    detail,
    remedy,
    instance: `urn:lazaret:request:${requestId}`,
    errors: errors ?? [],
  };
}

/** 400: the request cannot be read at all. */
export function malformed(title: string, detail: string, remedy: string, errors?: FieldProblem[]): Problem {
  return new Problem({ status: 400, kind: 'malformed_request', title, detail, remedy, ...(errors && { errors }) });
}

/** 422 for a body, 400 for a query: readable, but with values that are not allowed. */
export function invalidFields(place: 'body' | 'query', errors: FieldProblem[]): Problem {
  return new Problem({
    status: place === 'body' ? 422 : 400,
    kind: 'invalid_fields',
    title: `The ${place} has values that are not allowed.`,
    detail: errors.map((error) => `${error.field}: ${error.detail}`).join(' '),
    remedy: 'Correct the fields listed under errors; /api/openapi.json names every field and its values.',
    errors,
  });
}

/** 404 for an id that does not exist, and in the same words for one of another organisation. */
export function notFound(what: string, field = 'id'): Problem {
  return new Problem({
    status: 404,
    kind: 'not_found',
    title: `There is no such ${what}.`,
    detail: `No ${what} with this id is visible to this API key.`,
    remedy: 'Check the id, and that the API key belongs to the organisation.',
    errors: [{ field, detail: `no such ${what}` }],
  });
}

/** 404 for a path whose id does not have the form of one. */
export function unknownId(errors: FieldProblem[]): Problem {
  return new Problem({
    status: 404,
    kind: 'not_found',
    title: 'There is nothing with this id.',
    detail: 'Ids are lower-case UUIDs, as in the answers of this API.',
    remedy: 'Check the id in the path.',
    errors,
  });
}

/** 409: the thing is not in the condition that the request needs. */
export function conflict(
  kind: string,
  title: string,
  detail: string,
  remedy: string,
  extra: { errors?: FieldProblem[]; extra?: Record<string, unknown> } = {},
): Problem {
  return new Problem({ status: 409, kind, title, detail, remedy, ...extra });
}

export function unauthorised(detail: string): Problem {
  return new Problem({
    status: 401,
    kind: 'unauthorised',
    title: 'This needs a valid API key or a sign-in.',
    detail,
    remedy: 'Sign in, or send "Authorization: Bearer lz_…" with a key that has not been revoked.',
    errors: [{ field: 'Authorization', detail }],
    headers: { 'www-authenticate': 'Bearer realm="lazaret"' },
  });
}

/** 403: names the roles that have the right. */
export function forbidden(role: string, right: Right): Problem {
  const roles = RIGHTS[right].join(' or ');
  return new Problem({
    status: 403,
    kind: 'forbidden',
    title: `This needs the role ${roles}.`,
    detail: `The caller has the role ${role}; the right ${right} belongs to ${roles}.`,
    remedy: `Ask a person of the role ${roles}, or use a key of it.`,
    errors: [{ field: 'Authorization', detail: `role ${role} is not enough` }],
    extra: { neededRoles: RIGHTS[right], right },
  });
}

/** Turns what zod found into field problems. Values are never repeated: they may be secrets or an attacker's text. */
export function fieldProblems(issues: readonly z.core.$ZodIssue[], place: 'body' | 'query' | 'path'): FieldProblem[] {
  return issues.flatMap((issue) => {
    const names = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    return names.map((path) => ({
      field: cut(path.map(String).join('.')) || place,
      ...(place === 'body' && { pointer: pointerTo(path) }),
      detail: describeIssue(issue),
    }));
  });
}

function describeIssue(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'unrecognized_keys':
      return 'is not a field of this request.';
    case 'invalid_value':
      return `expected one of: ${issue.values.map(String).join(', ')}.`;
    case 'invalid_type':
      if (issue.message.endsWith('received undefined')) return `is missing; expected ${anA(issue.expected)}.`;
      return `${issue.message.replace(/^Invalid input: /u, '').replace(/\.$/u, '')}.`;
    default:
      return `${issue.message.replace(/\.$/u, '')}.`;
  }
}

function anA(type: string): string {
  return `${/^[aeiou]/u.test(type) ? 'an' : 'a'} ${type}`;
}

function pointerTo(path: readonly PropertyKey[]): string {
  return cut(path.map((part) => `/${String(part).replace(/~/gu, '~0').replace(/\//gu, '~1')}`).join(''));
}

function cut(text: string): string {
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}
