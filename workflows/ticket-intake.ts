import { setHandler } from '@temporalio/workflow';
import { lookSignal } from './messages';
import type { TicketIntakeInput } from './messages';
import { activitiesAt } from './proxies';

/** Lists a ticket's comments and adds what the ledger lacks, where no event carried the attachments. */
export async function ticketIntake(input: TicketIntakeInput): Promise<void> {
  const steps = activitiesAt(input.pace);
  const ticket = { organisationId: input.organisationId, connectionId: input.connectionId, ticketId: input.ticketId };
  let asked = false;
  setHandler(lookSignal, () => void (asked = true));
  for (let more = true; more || asked;) {
    asked = false;
    ({ more } = await steps.listTicket(ticket));
  }
}
