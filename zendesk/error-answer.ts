import { z } from 'zod';
import { ZendeskError, type ZendeskErrorKind } from './errors';

/** An answer that is not a success, as it came. */
export interface FailedAnswer {
  operation: string;
  status: number;
  headers: Record<string, string>;
  body: string;
  /** Whether the request could change something at Zendesk. */
  write: boolean;
}

/** Zendesk's own Ruby client waits ten seconds where a 429 or 503 does not say how long. */
const DEFAULT_WAIT_MS = 10_000;

const text = z.string().catch('');
const Detail = z.object({ description: text, error: text, type: text }).partial();
const Problem = z.object({ code: text, title: text, message: text, detail: text }).partial();
const Envelope = z
  .object({
    error: z.union([z.string(), Problem]).optional().catch(undefined),
    description: text,
    error_description: text,
    message: text,
    details: z.record(z.string(), z.array(Detail).catch([])).catch({}),
    errors: z
      .union([z.array(z.union([Problem, z.string()])), z.string()])
      .optional()
      .catch(undefined),
  })
  .partial();

interface AnswerFacts {
  /** Short codes, lower case: `recordinvalid`, `invalid_token`. */
  codes: string[];
  /** All sentences joined: looked through, never shown. */
  text: string;
  /** Names of the record's fields that were refused. */
  fields: string[];
}

/** Reads any of Zendesk's error shapes: string or object under `error`, a list under `errors`, plain text, HTML. */
function readAnswer(body: string): AnswerFacts {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return { codes: [], text: body, fields: [] };
  }
  const read = Envelope.safeParse(parsed);
  if (!read.success) return { codes: [], text: typeof parsed === 'string' ? parsed : '', fields: [] };
  const { error, errors, details = {} } = read.data;
  const problems = [error, ...(Array.isArray(errors) ? errors : [errors])].filter((one) => one !== undefined);
  const codes = problems.flatMap((one) => (typeof one === 'string' ? [one] : [one.code ?? '', one.title ?? '']));
  const sentences = problems.flatMap((one) => (typeof one === 'string' ? [] : [one.message ?? '', one.detail ?? '']));
  const deep = Object.values(details).flatMap((list) => list.map((one) => one.description ?? ''));
  const top = [read.data.description ?? '', read.data.error_description ?? '', read.data.message ?? ''];
  return {
    codes: codes.map((code) => code.toLowerCase()),
    text: [...codes, ...sentences, ...top, ...deep].join('\n'),
    fields: Object.keys(details),
  };
}

/**
 * Judges a failed answer by the table of the Zendesk API fact sheet §10 and §1.2. Sentences are asked for in English
 * (`Accept-Language`), and where Zendesk names the refused field that counts more than the sentence.
 */
export function errorFromAnswer(answer: FailedAnswer): ZendeskError {
  const facts = readAnswer(answer.body);
  const kind = kindOf(answer.status, facts);
  const waits = kind === 'rate_limited' || answer.status === 503;
  return new ZendeskError({
    kind,
    operation: answer.operation,
    status: answer.status,
    retryAfterMs: waits ? (retryAfterMs(answer.headers) ?? DEFAULT_WAIT_MS) : undefined,
    outcomeUnknown: answer.write && answer.status >= 500,
    missingScopes: kind === 'missing_scope' ? scopesIn(facts.text) : [],
  });
}

function kindOf(status: number, facts: AnswerFacts): ZendeskErrorKind {
  if (facts.codes.includes('invalid_client')) return 'invalid_client';
  if (facts.codes.includes('invalid_grant')) return 'invalid_grant';
  if (status === 401) return facts.codes.includes('invalid_token') ? 'token_dead' : 'unauthorised';
  if (status === 429) return 'rate_limited';
  if (status >= 500) return 'unavailable';
  if (status < 400) return 'malformed_answer';
  return refusedKind(facts) ?? plainKind(status, facts);
}

/** Refusals that Zendesk words alike under several statuses; which status goes with which is partly unconfirmed. */
function refusedKind(facts: AnswerFacts): ZendeskErrorKind | undefined {
  const { codes, text, fields } = facts;
  // We never send a status, so a refused status can only be the closed one.
  if (fields.includes('status') || /closed prevents ticket update/i.test(text)) return 'ticket_closed';
  if (/missing the following required scopes/i.test(text)) return 'missing_scope';
  if (codes.some((code) => /too(large|big)/.test(code))) return 'too_large';
  return codes.includes('attachmentunprocessable') ? 'uploads_restricted' : undefined;
}

function plainKind(status: number, facts: AnswerFacts): ZendeskErrorKind {
  if (status === 403) return 'forbidden';
  if (status === 404 || status === 410) return /no help ?desk at/i.test(facts.text) ? 'unknown_host' : 'not_found';
  if (status === 409) return 'conflict';
  if (status === 413) return 'too_large';
  return status === 422 ? unprocessableKind(facts.text) : 'bad_request';
}

const COMMENT_LIMIT = /comments?\b.*\b(limit|maximum|5,?000|too many)|(limit|maximum|too many)\b.*\bcomments?\b/is;
const TOO_LARGE = /too (big|large)|exceeds? .*(size|limit|bytes)|size limit/is;
const FILE_TYPE = /(file|attachment|extension|content).*(not (allowed|permitted|supported)|restricted)/is;

function unprocessableKind(text: string): ZendeskErrorKind {
  if (COMMENT_LIMIT.test(text)) return 'comment_limit';
  if (TOO_LARGE.test(text)) return 'too_large';
  return FILE_TYPE.test(text) ? 'uploads_restricted' : 'record_invalid';
}

/** Scope words only: whatever else the sentence holds does not get into our error. */
function scopesIn(sentence: string): string[] {
  const list = /required scopes:\s*([^\n"]*)/i.exec(sentence)?.[1] ?? '';
  return [...new Set(list.match(/\b[a-z_]{2,40}(:(read|write))?/g) ?? [])].slice(0, 20);
}

/** `Retry-After` in milliseconds, from seconds or an HTTP date; undefined when absent or unreadable. */
export function retryAfterMs(headers: Record<string, string>): number | undefined {
  const value = headers['retry-after']?.trim();
  if (value === undefined || value === '') return undefined;
  if (/^\d{1,7}(\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1000);
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}
