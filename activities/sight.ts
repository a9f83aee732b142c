import type { ConnectionRef } from '../db/connection-secrets';
import { maySeeTicket } from '../zendesk/sight';
import { activationFailure } from './activation-problem';
import type { ActivationDeps } from './activation-steps';

/** Which agent, by the help desk's own number, wants to see which ticket. */
export interface SightQuestion extends ConnectionRef {
  ticketId: string;
  userId: string;
}

/** Asks the help desk what its agents may see. */
export function createSightActivities(deps: Pick<ActivationDeps, 'access'>) {
  return {
    checkSight: async ({ ticketId, userId, ...ref }: SightQuestion): Promise<boolean> => {
      try {
        const { client } = await deps.access.open(ref);
        return await maySeeTicket(client, { ticketId, userId }, 'scan');
      } catch (error) {
        throw activationFailure(error, 'asking what an agent may see');
      }
    },
  };
}
