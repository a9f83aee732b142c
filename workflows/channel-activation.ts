import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  proxyActivities,
} from '@temporalio/workflow';
import type { ActivationStep } from '../domain/connection';
import type { ActivationActivities } from '../activities/activation-set';

/** Ids only: neither code nor token ever enters a workflow. */
export interface ChannelActivationInput {
  organisationId: string;
  connectionId: string;
  /** How long one step is tried again while Zendesk cannot be reached, in milliseconds; tests shorten it. */
  patienceMs?: number;
}

export interface ChannelActivationResult {
  outcome: 'connected' | 'failed';
  step?: ActivationStep;
}

const PATIENCE_MS = 5 * 60 * 1000;
const RETRY = { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '15s' } as const;
/** Undoing is worth more patience than making: what is left behind at Zendesk is left for good. */
const UNDO_PATIENCE = '1h';

/**
 * The life of an activation: who signed in, may they do it → webhooks, secrets, trigger → proof → connected. Any failure
 * undoes what this activation made, and says which step, why and what to do.
 */
export async function channelActivation(input: ChannelActivationInput): Promise<ChannelActivationResult> {
  const ref = { organisationId: input.organisationId, connectionId: input.connectionId };
  const steps = proxyActivities<ActivationActivities>({
    startToCloseTimeout: '90s',
    scheduleToCloseTimeout: input.patienceMs ?? PATIENCE_MS,
    heartbeatTimeout: '20s',
    retry: RETRY,
  });
  const undoing = proxyActivities<ActivationActivities>({
    startToCloseTimeout: '90s',
    scheduleToCloseTimeout: UNDO_PATIENCE,
    heartbeatTimeout: '20s',
    retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '60s' },
  });

  const undo: (() => Promise<void>)[] = [];
  let step: ActivationStep = 'checkAccount';
  try {
    await steps.checkAccount(ref);
    step = 'makeWebhooks';
    // Registered before the step: a step that fails half-way has made something too.
    undo.unshift(() => undoing.undoActivation(ref));
    await steps.makeWebhooks(ref);
    step = 'readSecrets';
    await steps.readSecrets(ref);
    step = 'makeTrigger';
    await steps.makeTrigger(ref);
    step = 'proveIntake';
    await steps.proveIntake(ref);
    step = 'connect';
    await steps.connect(ref);
    return { outcome: 'connected' };
  } catch (error) {
    const said = sentencesOf(error);
    await CancellationScope.nonCancellable(async () => {
      for (const reverse of undo) await attempt(reverse);
      await undoing.failActivation({ ...ref, step, ...said });
    });
    return { outcome: 'failed', step };
  }
}

/** An undo that fails for an hour must not keep the activation from ending. */
async function attempt(reverse: () => Promise<void>): Promise<void> {
  try {
    await reverse();
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
  }
}

function sentencesOf(error: unknown): { problem: string; remedy: string } {
  if (isCancellation(error)) {
    return { problem: 'The activation was stopped.', remedy: 'Activate again when you are ready.' };
  }
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  const refused = cause instanceof ApplicationFailure && cause.type === 'ActivationRefused';
  const details: unknown = refused ? cause.details?.[0] : undefined;
  const { problem, remedy } = Object.assign({ problem: undefined, remedy: undefined }, details);
  if (typeof problem === 'string' && typeof remedy === 'string') return { problem, remedy };
  return {
    problem: 'Zendesk could not be reached, or did not answer in time.',
    remedy:
      'Try again in a few minutes. If Zendesk reports no trouble, send the identifier of this connection to support.',
  };
}
