import type { ExportedComment, ExportedComments, ExportedTicketTexts } from '../domain/channel';
import type { Lane } from '../domain/words';
import type { ZendeskClient } from './client';
import type { TicketEvent } from './schemas-account';

/** Comments of the incremental export of ticket events (fact sheet §7), as the help desk contract has them. */
export async function exportComments(
  { incremental }: Pick<ZendeskClient, 'incremental'>,
  since: Date,
  lane: Lane,
): Promise<ExportedComments> {
  const start = Math.floor(since.getTime() / 1000);
  const { events, endTime, endOfStream } = await incremental.ticketEvents(start, lane);
  // A page holds all records of its last second: one that ends where it began is followed by the next second.
  const end = endTime ?? start;
  const next = endOfStream || end > start ? end : start + 1;
  return { comments: events.flatMap(commentsOf), next: new Date(next * 1000), end: endOfStream };
}

/** Subjects and descriptions of the incremental export of tickets. */
export async function exportTickets(
  { incremental }: Pick<ZendeskClient, 'incremental'>,
  from: { since: Date } | { cursor: string },
  lane: Lane,
): Promise<ExportedTicketTexts> {
  const start = 'cursor' in from ? from : { startTime: Math.floor(from.since.getTime() / 1000) };
  const { tickets, cursor, endOfStream } = await incremental.tickets(start, lane);
  const known = tickets.filter((ticket) => ticket.status !== 'deleted');
  return {
    tickets: known.map((ticket) => ({
      ticketId: ticket.id,
      createdAt: new Date(ticket.created_at),
      ...(isPerson(ticket.submitter_id) && { submitterId: ticket.submitter_id }),
      subject: ticket.subject ?? '',
      description: ticket.description ?? '',
    })),
    cursor,
    end: endOfStream,
  };
}

type ChildEvent = TicketEvent['child_events'][number];

function commentsOf(event: TicketEvent): ExportedComment[] {
  return event.child_events.filter((child) => child.event_type === 'Comment').map((child) => commentOf(event, child));
}

function commentOf(event: TicketEvent, child: ChildEvent): ExportedComment {
  const author = [child.author_id, event.updater_id].find(isPerson);
  const text = child.plain_body ?? child.body ?? undefined;
  const html = child.html_body ?? undefined;
  const attachments = (child.attachments ?? []).filter((one) => one.deleted !== true);
  const shown = new Set((child.attachments ?? []).flatMap((one) => tokensIn(one.content_url)));
  return {
    ticketId: event.ticket_id,
    commentId: child.id,
    writtenAt: new Date(event.timestamp * 1000),
    ...(author !== undefined && { authorId: author }),
    ...(text !== undefined && { text }),
    ...(html !== undefined && { html }),
    attachments: attachments.map((one) => ({
      id: one.id,
      fileName: one.file_name,
      contentUrl: one.content_url,
      contentType: one.content_type ?? 'application/octet-stream',
    })),
    unlisted: [...new Set(tokensIn(html ?? ''))].filter((token) => !shown.has(token)),
  };
}

/** What tells one file's address from another's: whether the export names images inside the text is unconfirmed. */
function tokensIn(text: string): string[] {
  return [...text.matchAll(/\/attachments\/token\/([\w-]{6,200})/gu)].flatMap(([, token]) => token ?? []);
}

function isPerson(id: string | null | undefined): id is string {
  return typeof id === 'string' && /^[1-9]\d*$/.test(id);
}
