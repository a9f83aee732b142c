import { condition, continueAsNew, setHandler, sleep, workflowInfo } from '@temporalio/workflow';
import { notesSignal } from './messages';
import type { TicketNotesInput } from './messages';
import { activitiesAt } from './proxies';

/**
 * The one writer of notes on a ticket. Gathers what happens within the window into one frozen batch, writes it once, and
 * ends when nothing is left to say.
 */
export async function ticketNotes(input: TicketNotesInput): Promise<void> {
  let asked = true;
  setHandler(notesSignal, () => void (asked = true));
  const steps = activitiesAt(input.pace);
  const ticket = { organisationId: input.organisationId, connectionId: input.connectionId, ticketId: input.ticketId };

  while (asked) {
    asked = false;
    await sleep(input.pace.noteWindowMs);
    let frozen = await steps.freezeNote(ticket);
    while (frozen.waitMs !== undefined) {
      await condition(() => false, frozen.waitMs);
      frozen = await steps.freezeNote(ticket);
    }
    if (frozen.batchId === undefined) continue;
    await steps.writeNote({ ...ticket, batchId: frozen.batchId });
    // More may have come while this note was written.
    asked = true;
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof ticketNotes>(input);
  }
}
