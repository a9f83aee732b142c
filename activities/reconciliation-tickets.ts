import { TICKET_TEXT } from '../db/comment-texts';
import type { ConnectionRef } from '../db/connection-secrets';
import { recordListed } from '../db/coverage';
import type { CoverageWalkRow } from '../db/coverage';
import { readKnownOfPage } from '../db/coverage-page';
import type { Channel, ExportedTicketText } from '../domain/channel';
import { applyText, mayLink, prepareText } from './comment-intake';
import type { TextChange } from './comment-intake';
import type { ActivityDeps, ConnectionFacts } from './deps';
import { CLOCK_SLACK_MS } from './ticket-intake';

const PAGES = 20;

/**
 * Goes through tickets changed since the last cycle: their subjects stand in no comment. A subject that no event told is
 * looked at like any text.
 * @returns the cursor at which the next cycle goes on
 */
export async function recordTicketTexts(
  deps: ActivityDeps,
  ref: ConnectionRef,
  connection: ConnectionFacts,
  channel: Channel,
  walked: CoverageWalkRow,
): Promise<string | undefined> {
  let cursor = walked.ticketsCursor ?? undefined;
  for (let page = 0; page < PAGES; page += 1) {
    const from = cursor === undefined ? { since: walked.passedUntil } : { cursor };
    const answer = await channel.exportTickets(from, 'reconcile');
    await recordTexts(deps, ref, connection, answer.tickets);
    cursor = answer.cursor ?? cursor;
    if (answer.end) break;
  }
  return cursor;
}

async function recordTexts(
  deps: ActivityDeps,
  ref: ConnectionRef,
  connection: ConnectionFacts,
  tickets: readonly ExportedTicketText[],
): Promise<void> {
  const since = (connection.activatedAt?.getTime() ?? 0) - CLOCK_SLACK_MS;
  const made = tickets
    .filter((ticket) => ticket.createdAt.getTime() >= since)
    .map((ticket) => ({ ...ticket, commentId: TICKET_TEXT, text: `${ticket.subject}\n${ticket.description}` }))
    .filter((ticket) => mayLink(ticket));
  if (made.length === 0) return;
  const { database } = deps;
  const known = await database.withOrganisation(ref.organisationId, (db) =>
    readKnownOfPage(db, ref.connectionId, made),
  );
  const changes: (TextChange | undefined)[] = [];
  for (const { ticketId, text, createdAt, submitterId } of made) {
    const seen = { text, foundBy: 'export' as const, writtenAt: createdAt, authorId: submitterId };
    const row = known.texts.get(`${ticketId}:${TICKET_TEXT}`);
    changes.push(await prepareText(deps, { ...ref, ticketId, commentId: TICKET_TEXT }, seen, row));
  }
  await database.withOrganisation(ref.organisationId, async (db) => {
    for (const change of changes) if (change) await applyText(db, change);
    const rows = made.map(({ ticketId, commentId, createdAt }) => {
      return { ticketId, commentId, writtenAt: createdAt, attachments: 0, hasLinks: true };
    });
    await recordListed(db, ref, rows);
  });
}
