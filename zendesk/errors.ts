/** What went wrong between us and Zendesk: a closed list. Callers judge by `kind`, never by text. */
export const ZENDESK_ERROR_KINDS = [
  'bad_request',
  'unauthorised',
  'token_dead',
  'invalid_client',
  'invalid_grant',
  'missing_scope',
  'forbidden',
  'not_found',
  'unknown_host',
  'conflict',
  'record_invalid',
  'ticket_closed',
  'comment_limit',
  'uploads_restricted',
  'too_large',
  'rate_limited',
  'unavailable',
  'network',
  'timeout',
  'aborted',
  'truncated',
  'malformed_answer',
] as const;
export type ZendeskErrorKind = (typeof ZENDESK_ERROR_KINDS)[number];

/** Facts of one failed call. `operation` is one of our own constant names, never an address. Waits are milliseconds. */
export interface ZendeskErrorFacts {
  kind: ZendeskErrorKind;
  operation: string;
  /** One constant sentence part of ours. Never text of an answer. */
  detail?: string | undefined;
  status?: number | undefined;
  retryable?: boolean | undefined;
  retryAfterMs?: number | undefined;
  outcomeUnknown?: boolean | undefined;
  missingScopes?: readonly string[] | undefined;
}

const RETRYABLE: readonly ZendeskErrorKind[] = [
  'conflict',
  'rate_limited',
  'unavailable',
  'network',
  'timeout',
  'truncated',
];

/**
 * The only error this folder throws on purpose. The message names the operation, the status and the kind; it holds no
 * body text, file name, address or secret, so it may be logged and kept in a history.
 */
export class ZendeskError extends Error {
  override readonly name = 'ZendeskError';
  readonly kind: ZendeskErrorKind;
  readonly operation: string;
  readonly status: number | undefined;
  /** Whether the same call may succeed later without anybody doing anything. */
  readonly retryable: boolean;
  /** Milliseconds Zendesk asked us to wait. */
  readonly retryAfterMs: number | undefined;
  /** A write that may have been executed: look before you repeat it. */
  readonly outcomeUnknown: boolean;
  /** Scopes Zendesk said the token lacks; empty for every other kind than `missing_scope`. */
  readonly missingScopes: readonly string[];

  constructor(facts: ZendeskErrorFacts) {
    const status = facts.status === undefined ? '' : ` (status ${facts.status})`;
    const detail = facts.detail === undefined ? '' : `: ${facts.detail}`;
    super(`Zendesk call ${facts.operation} failed: ${facts.kind}${status}${detail}`);
    this.kind = facts.kind;
    this.operation = facts.operation;
    this.status = facts.status;
    this.retryable = facts.retryable ?? RETRYABLE.includes(facts.kind);
    this.retryAfterMs = facts.retryAfterMs;
    this.outcomeUnknown = facts.outcomeUnknown ?? false;
    this.missingScopes = facts.missingScopes ?? [];
  }
}

/** True for a {@link ZendeskError} of one of the given kinds. */
export function isZendeskError(error: unknown, ...kinds: ZendeskErrorKind[]): error is ZendeskError {
  return error instanceof ZendeskError && (kinds.length === 0 || kinds.includes(error.kind));
}
