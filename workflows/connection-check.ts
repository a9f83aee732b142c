import { proxyActivities } from '@temporalio/workflow';
import type { ActivationActivities } from '../activities/activation-set';

export interface ConnectionCheckInput {
  organisationId: string;
  connectionId: string;
}

/** Looks at every part of a connection at Zendesk and records what was found, with the time it was found. */
export async function connectionCheck(input: ConnectionCheckInput): Promise<void> {
  const steps = proxyActivities<ActivationActivities>({
    startToCloseTimeout: '90s',
    scheduleToCloseTimeout: '10m',
    heartbeatTimeout: '20s',
    retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '30s' },
  });
  await steps.checkParts({ organisationId: input.organisationId, connectionId: input.connectionId });
}
