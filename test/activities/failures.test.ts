import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import { ApplicationFailureCategory } from '@temporalio/common';
import { BudgetError } from '../../activities/budget';
import { asFailure, RetryLater, waitingReason } from '../../activities/failures';
import { FAILURE_TYPES } from '../../domain/failures';
import { MailError } from '../../email/mail-error';
import { SealError } from '../../quarantine/seal-error';
import { ZendeskError } from '../../zendesk/errors';

const zendesk = (facts: Partial<ConstructorParameters<typeof ZendeskError>[0]>) =>
  new ZendeskError({ kind: 'unavailable', operation: 'addNote', ...facts });
const reconnect = Object.assign(new Error('sign in again'), { name: 'ReconnectNeededError' });

const failureOf = (error: unknown): ApplicationFailure => {
  const failure = asFailure(error);
  if (!(failure instanceof ApplicationFailure)) throw new Error('expected a failure of Temporal');
  return failure;
};

describe('a failure', () => {
  it.each([
    [new BudgetError(5000), 'ZendeskBudget', 5000],
    [zendesk({ kind: 'rate_limited', retryAfterMs: 7000 }), 'ZendeskBudget', 7000],
    [zendesk({ kind: 'rate_limited' }), 'ZendeskBudget', 10_000],
    [zendesk({ retryAfterMs: 3000 }), 'ZendeskUnavailable', 3000],
    [zendesk({ kind: 'network' }), 'ZendeskUnavailable', undefined],
    [zendesk({ kind: 'timeout', outcomeUnknown: true }), 'OutcomeUnknown', undefined],
    [reconnect, 'ReconnectNeeded', undefined],
    [new RetryLater('NotProvenYet', 'not yet', 500), 'NotProvenYet', 500],
    [new SealError('tampered', 'a copy was changed'), 'SealUnverified', undefined],
    [new MailError('unavailable', 'away'), 'MailUnavailable', undefined],
    [new MailError('unknown', 'cut'), 'MailOutcomeUnknown', undefined],
    [new TypeError('x'), 'Unexpected', undefined],
    ['thrown text', 'Unexpected', undefined],
    [undefined, 'Unexpected', undefined],
  ])('of %s is retried as %s', (error, type, delayMs) => {
    const failure = failureOf(error);
    expect(failure).toMatchObject({ type, nonRetryable: false, category: ApplicationFailureCategory.BENIGN });
    expect(FAILURE_TYPES).toContain(failure.type);
    if (delayMs === undefined) return expect(failure.nextRetryDelay).toBeUndefined();
    // Never sooner than we were told, and spread a little so that not everybody comes back at once.
    expect(Number(failure.nextRetryDelay)).toBeGreaterThanOrEqual(delayMs);
    expect(Number(failure.nextRetryDelay)).toBeLessThanOrEqual(delayMs * 1.1 + 1);
  });

  it.each([new CancelledFailure('WORKER_SHUTDOWN'), ApplicationFailure.nonRetryable('own', 'ActivationRefused')])(
    'that is one already stays as it is: %s',
    (failure) => expect(asFailure(failure)).toBe(failure),
  );

  it('never carries the text of a stranger: message, name, code, cause or stack', () => {
    const secret = 'salary of jane@example.org.xlsx';
    const hostile = Object.assign(new Error(`cannot parse ${secret}`, { cause: new Error(secret) }), {
      code: `E ${secret}`,
      name: secret,
      detail: secret,
    });
    for (const error of [hostile, secret, { message: secret }]) {
      const failure = failureOf(error);
      const shown = JSON.stringify([failure.message, failure.stack, failure.details, failure.cause, failure.type]);
      expect(shown).not.toContain('salary');
    }
  });

  it('names an error of the system by its name and code', () => {
    const missing = Object.assign(new Error('no such file /secret'), { code: 'ENOENT' });
    expect(failureOf(missing).message).toBe('unexpected Error ENOENT; the log of the worker has the details');
  });
});

describe('an item waits', () => {
  it.each([
    [new BudgetError(1), 'zendesk_budget'],
    [zendesk({ kind: 'rate_limited' }), 'zendesk_budget'],
    [reconnect, 'reconnect_needed'],
    [zendesk({ kind: 'timeout' }), 'zendesk_unavailable'],
    [new MailError('unavailable', 'away'), undefined],
    [new Error('x'), undefined],
  ])('for %s with the reason %s', (error, reason) => expect(waitingReason(error)).toBe(reason));
});
