import { ApplicationFailure } from '@temporalio/activity';
import { isZendeskError } from '../zendesk/errors';
import { asFailure, isReconnectNeeded } from './failures';

/** A prerequisite that is not met: two sentences for the person who activates. Trying again changes nothing. */
export class ActivationProblem extends Error {
  override readonly name = 'ActivationProblem';
  readonly problem: string;
  readonly remedy: string;

  constructor(problem: string, remedy: string) {
    super(problem);
    this.problem = problem;
    this.remedy = remedy;
  }
}

const SIGN_IN_AGAIN = 'Activate the channel again and sign in to Zendesk as an administrator.';

/** Reads a refusal of Zendesk as a problem with a remedy; undefined for what passes by itself. */
export function problemOf(error: unknown, doing: string): ActivationProblem | undefined {
  if (error instanceof ActivationProblem) return error;
  if (isReconnectNeeded(error) || isZendeskError(error, 'token_dead', 'unauthorised', 'invalid_grant')) {
    return new ActivationProblem(`Zendesk no longer accepts the sign-in (while ${doing}).`, SIGN_IN_AGAIN);
  }
  if (!isZendeskError(error) || error.retryable) return undefined;
  switch (error.kind) {
    case 'missing_scope': {
      const scopes = error.missingScopes.length === 0 ? '' : `: ${error.missingScopes.join(', ')}`;
      return new ActivationProblem(
        `The sign-in lacks a right that Lazaret needs (while ${doing})${scopes}.`,
        'Let the OAuth client ask for the scopes "read write", then activate again.',
      );
    }
    case 'forbidden':
      return new ActivationProblem(`Zendesk does not allow the signed-in user this (while ${doing}).`, SIGN_IN_AGAIN);
    case 'unknown_host':
      return new ActivationProblem('Zendesk has no help desk under this sub-domain.', 'Check the sub-domain.');
    case 'invalid_client':
      return new ActivationProblem(
        'Zendesk does not know the OAuth client or its secret.',
        'Check identifier and secret of the OAuth client in Zendesk, then activate again.',
      );
    default:
      return new ActivationProblem(
        `Zendesk refused what Lazaret asked for (while ${doing}; ${error.kind}).`,
        'Activate again; if it is refused again, send the identifier of this connection to support.',
      );
  }
}

/** As a failure of Temporal: a problem ends the activation, everything else is tried again. */
export function activationFailure(error: unknown, doing: string): unknown {
  const found = problemOf(error, doing);
  if (!found) return asFailure(error);
  const details = [{ problem: found.problem, remedy: found.remedy }];
  return ApplicationFailure.create({ type: 'ActivationRefused', message: found.problem, nonRetryable: true, details });
}
