import { proxyActivities } from '@temporalio/workflow';
import type { ActivationActivities } from '../activities/activation-set';

export interface TicketSightInput {
  organisationId: string;
  connectionId: string;
  ticketId: string;
  /** The agent, by the help desk's own number. */
  userId: string;
}

/**
 * Says whether an agent may see a ticket. The worker asks, since it alone renews sign-ins and keeps to the help desk's
 * budget. Somebody looks at an empty page meanwhile: it ends within seconds, with or without an answer.
 */
export async function ticketSight(input: TicketSightInput): Promise<boolean> {
  const { checkSight } = proxyActivities<ActivationActivities>({
    startToCloseTimeout: '15s',
    scheduleToCloseTimeout: '20s',
    heartbeatTimeout: '10s',
    retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '5s' },
  });
  return checkSight(input);
}
