import type { CommentRef } from '../db/comment-texts';
import { hasLinkNote } from '../db/links';
import { insertNoteEntry } from '../db/notes';
import type { Queryable } from '../db/pool';

/** Links that one note names; a text full of them is one attack. */
const MOST_TOLD = 20;

/**
 * Has malicious links told on their ticket, once: whoever reads the first note knows what kind of ticket this is. Entries
 * are numbered, so that of two comments at the same moment one speaks.
 */
export async function tellOfLinks(db: Queryable, ref: CommentRef, itemIds: readonly string[]): Promise<void> {
  if (itemIds.length === 0 || (await hasLinkNote(db, ref))) return;
  const { organisationId, connectionId, ticketId } = ref;
  for (const [index, itemId] of itemIds.slice(0, MOST_TOLD).entries()) {
    const key = `link:${connectionId}:${ticketId}:${index}`;
    await insertNoteEntry(db, { organisationId, connectionId, ticketId, itemId, kind: 'link', key });
  }
}
