import type { TicketIntakeInput } from './messages';
import { activitiesAt } from './proxies';

/** Lists a ticket's comments and adds what the ledger lacks, where no event carried the attachments. */
export async function ticketIntake(input: TicketIntakeInput): Promise<void> {
  const steps = activitiesAt(input.pace);
  const ticket = { organisationId: input.organisationId, connectionId: input.connectionId, ticketId: input.ticketId };
  while ((await steps.listTicket(ticket)).more);
}
