import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import { ApplicationFailureCategory } from '@temporalio/common';
import type { FailureType } from '../domain/failures';
import type { StateReason } from '../domain/words';
import { MailError } from '../email/mail-error';
import { SealError } from '../quarantine/seal-error';
import { isZendeskError, ZendeskError } from '../zendesk/errors';
import { BudgetError } from './budget';
import { ConnectionNotActiveError } from './reconnect';

/** A step that has to be tried again, for a reason with a name. Raised by activities, judged here. */
export class RetryLater extends Error {
  override readonly name = 'RetryLater';
  readonly type: FailureType;
  readonly delayMs: number | undefined;
  constructor(type: FailureType, message: string, delayMs?: number) {
    super(message);
    this.type = type;
    this.delayMs = delayMs;
  }
}

/** The connection's credentials are dead until somebody signs in again. Thrown by the access to Zendesk. */
export function isReconnectNeeded(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReconnectNeededError';
}

/** Why an item waits while this error lasts; undefined when the error says nothing about Zendesk. */
export function waitingReason(error: unknown): StateReason | undefined {
  if (error instanceof BudgetError || isZendeskError(error, 'rate_limited')) return 'zendesk_budget';
  if (isReconnectNeeded(error)) return 'reconnect_needed';
  if (error instanceof ConnectionNotActiveError) return 'not_active';
  if (error instanceof ZendeskError) return 'zendesk_unavailable';
  return undefined;
}

/**
 * Why a ticket will never take a note, or the files that come with it; undefined when it may yet. A connection that is
 * being activated will be active in a moment; any other that is not active may stay so for good.
 */
export function noteRefusal(error: unknown, withFiles: boolean): StateReason | undefined {
  if (error instanceof ConnectionNotActiveError) return error.state === 'activating' ? undefined : 'not_active';
  if (error instanceof FileRefused) return error.reason;
  if (error instanceof SealError) return isCopyLost(error) ? 'seal_unverified' : undefined;
  if (isZendeskError(error, 'ticket_closed')) return 'ticket_closed';
  if (isZendeskError(error, 'not_found')) return 'ticket_gone';
  if (isZendeskError(error, 'comment_limit')) return 'comment_limit';
  if (withFiles && isZendeskError(error, 'uploads_restricted', 'too_large')) return 'uploads_restricted';
  if (isZendeskError(error, 'forbidden', 'missing_scope')) return 'note_forbidden';
  return isZendeskError(error, 'record_invalid', 'bad_request') ? 'note_rejected' : undefined;
}

/** One file of a release cannot go back; the others of its note can. */
export class FileRefused extends Error {
  override readonly name = 'FileRefused';
  readonly itemId: string;
  readonly reason: StateReason;
  constructor(itemId: string, reason: StateReason) {
    super(`a file cannot be returned: ${reason}`);
    this.itemId = itemId;
    this.reason = reason;
  }
}

/** Why this one file will never go back; undefined for trouble that passes, and for what concerns the whole note. */
export function fileRefusal(error: unknown): StateReason | undefined {
  if (error instanceof SealError) return isCopyLost(error) ? 'seal_unverified' : undefined;
  return isZendeskError(error, 'uploads_restricted', 'too_large') ? 'uploads_restricted' : undefined;
}

/** The copy itself is damaged or missing; a disk or a key that is away comes back. */
function isCopyLost(error: SealError): boolean {
  return !['io', 'unknown_master_key', 'wrong_key', 'bad_configuration'].includes(error.kind);
}

function retry(type: FailureType, error: Error, delayMs?: number): ApplicationFailure {
  return ApplicationFailure.create({
    type,
    message: error.message,
    ...(delayMs === undefined ? {} : { nextRetryDelay: Math.max(1, Math.round(delayMs * (1 + Math.random() * 0.1))) }),
    category: ApplicationFailureCategory.BENIGN,
  });
}

/**
 * The one place where an adapter's error becomes a failure of Temporal. Everything is retried, because nothing may be
 * dropped; messages are our own constant sentences.
 */
export function asFailure(error: unknown): unknown {
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  if (error instanceof RetryLater) return retry(error.type, error, error.delayMs);
  if (error instanceof BudgetError) return retry('ZendeskBudget', error, error.waitMs);
  if (isReconnectNeeded(error)) return retry('ReconnectNeeded', error as Error);
  if (error instanceof ConnectionNotActiveError) return retry('ConnectionNotActive', error);
  if (error instanceof ZendeskError) {
    if (error.kind === 'rate_limited') return retry('ZendeskBudget', error, error.retryAfterMs ?? 10_000);
    return retry(error.outcomeUnknown ? 'OutcomeUnknown' : 'ZendeskUnavailable', error, error.retryAfterMs);
  }
  if (error instanceof SealError) return retry('SealUnverified', error);
  if (error instanceof MailError)
    return retry(error.kind === 'unknown' ? 'MailOutcomeUnknown' : 'MailUnavailable', error);
  // The text of a stranger's error may hold what it worked on, so only its name and code go into the history.
  const code = error instanceof Error && 'code' in error ? wordOf(error.code) : '';
  const name = error instanceof Error ? wordOf(error.name) : '';
  const said = [name || 'error', code].filter(Boolean).join(' ');
  return retry('Unexpected', new Error(`unexpected ${said}; the log of the worker has the details`));
}

/** A name or code as programs write them; anything else may be text of a stranger. */
function wordOf(value: unknown): string {
  return typeof value === 'string' && /^\w{1,40}$/.test(value) ? value : '';
}
