import type { Lane } from '../domain/words';
import type { ZendeskClient } from './client';
import type { z } from 'zod';
import type { Via } from './schemas';

type Source = NonNullable<z.output<typeof Via>['source']>;

/**
 * The ticket into which this one was merged, as its audits tell: by Zendesk's own `via` (relation `merge`), never by a
 * comment's text, which anybody may write. Which end names the ticket is unconfirmed, so both are read; the ticket
 * itself does not count. The newest merge counts.
 */
export async function findMergeTarget(
  client: ZendeskClient,
  ticketId: string,
  lane: Lane,
): Promise<string | undefined> {
  const audits = await client.tickets.audits(ticketId, lane);
  for (const audit of audits.reverse()) {
    for (const via of [audit.via, ...audit.events.map((event) => event.via)]) {
      const merged = via?.source?.rel === 'merge' || via?.channel === 'merge';
      const target = merged && via.source ? targetIn(via.source, ticketId) : undefined;
      if (target !== undefined) return target;
    }
  }
  return undefined;
}

/** On the merged ticket `to` names the target. On the target `from` names what came in, and that is no answer. */
function targetIn(source: Source, ticketId: string): string | undefined {
  const named = source.to?.ticket_id ?? source.to?.ticket_ids?.[0];
  return named !== undefined && named !== null && named !== ticketId ? named : undefined;
}
