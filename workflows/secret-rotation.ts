import { proxyActivities } from '@temporalio/workflow';
import type { ActivationActivities } from '../activities/activation-set';

export interface SecretRotationInput {
  organisationId: string;
  connectionId: string;
}

/** Changes the signing secrets of a connection's webhooks; both old and new count for a day. */
export async function secretRotation(input: SecretRotationInput): Promise<void> {
  const steps = proxyActivities<ActivationActivities>({
    startToCloseTimeout: '90s',
    scheduleToCloseTimeout: '4m',
    heartbeatTimeout: '20s',
    retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '15s' },
  });
  await steps.rotateSecrets({ organisationId: input.organisationId, connectionId: input.connectionId });
}
