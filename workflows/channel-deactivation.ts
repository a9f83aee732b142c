import { proxyActivities } from '@temporalio/workflow';
import type { ActivationActivities } from '../activities/activation-set';

export interface ChannelDeactivationInput {
  organisationId: string;
  connectionId: string;
}

/**
 * Takes a connection down: removes trigger and webhooks at Zendesk, revokes and erases the credentials, keeps every hold.
 * What Zendesk lacks already is as good as removed; what a dead sign-in cannot remove is said on the connection.
 */
export async function channelDeactivation(input: ChannelDeactivationInput): Promise<void> {
  const ref = { organisationId: input.organisationId, connectionId: input.connectionId };
  const steps = proxyActivities<ActivationActivities>({
    startToCloseTimeout: '90s',
    scheduleToCloseTimeout: '24h',
    heartbeatTimeout: '20s',
    retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '60s' },
  });
  await steps.removeAllParts(ref);
  await steps.closeConnection(ref);
}
