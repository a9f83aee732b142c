import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import { ApplicationFailureCategory } from '@temporalio/common';
import type { FailureType } from '../domain/failures';
import type { StateReason } from '../domain/words';
import { MailError } from '../email/mail-error';
import { SealError } from '../quarantine/seal-error';
import { isZendeskError, ZendeskError } from '../zendesk/errors';
import { BudgetError } from './budget';

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
  if (error instanceof ZendeskError && error.retryable) return 'zendesk_unavailable';
  return undefined;
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
  if (isReconnectNeeded(error)) return retry('ReconnectNeeded', error as Error, 30_000);
  if (error instanceof ZendeskError) {
    if (error.kind === 'rate_limited') return retry('ZendeskBudget', error, error.retryAfterMs ?? 10_000);
    return retry(error.outcomeUnknown ? 'OutcomeUnknown' : 'ZendeskUnavailable', error, error.retryAfterMs);
  }
  if (error instanceof SealError) return retry('SealUnverified', error);
  if (error instanceof MailError)
    return retry(error.kind === 'unknown' ? 'MailOutcomeUnknown' : 'MailUnavailable', error);
  // The text of a stranger's error may hold what it worked on, so only its name and code go into the history.
  const code = error instanceof Error && 'code' in error ? ` ${String(error.code)}` : '';
  const name = error instanceof Error ? error.name : 'error';
  return retry('Unexpected', new Error(`unexpected ${name}${code}; the log of the worker has the details`));
}
