import { condition, continueAsNew, setHandler, sleep, workflowInfo } from '@temporalio/workflow';
import { notesSignal } from './messages';
import type { TicketNotesInput } from './messages';
import { activitiesAt } from './proxies';

/**
 * The one writer of notes on a ticket. Gathers what happens within the window into one frozen batch, writes it once, and
 * ends when nothing is left to say: what the freezing left over, or what was announced since, is looked for once more.
 */
export async function ticketNotes(input: TicketNotesInput): Promise<void> {
  let asked = true;
  setHandler(notesSignal, () => void (asked = true));
  const steps = activitiesAt(input.pace);
  const ticket = { organisationId: input.organisationId, connectionId: input.connectionId, ticketId: input.ticketId };

  while (asked) {
    await sleep(input.pace.noteWindowMs);
    // A row is written before its message is sent: the freezing sees everything announced until now.
    asked = false;
    let frozen = await steps.freezeNote(ticket);
    while (frozen.waitMs !== undefined) {
      await condition(() => false, frozen.waitMs);
      asked = false;
      frozen = await steps.freezeNote(ticket);
    }
    if (frozen.batchId === undefined) continue;
    await steps.writeNote({ ...ticket, batchId: frozen.batchId });
    if (frozen.more === true) asked = true;
    if (asked && workflowInfo().continueAsNewSuggested) await continueAsNew<typeof ticketNotes>(input);
  }
}
