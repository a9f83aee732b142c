import type { Queryable } from './pool';

/** One comment of a page, by its ids. */
export interface PageKey {
  ticketId: string;
  commentId: string;
}

/** What the ledger has of one page of listed comments. Keys are `ticket:comment`. */
export interface KnownOfPage {
  /** Comments of our own notes, by id. */
  own: Set<string>;
  /** Comments that were accounted for before, with how much they held. */
  accounted: Map<string, { attachments: number; hasLinks: boolean }>;
  /** Comments that an event announced. */
  announced: Set<string>;
  /** Texts that were kept, and whether with their HTML. */
  texts: Map<string, { with_html: boolean }>;
  /** Files by `ticket:attachment`. */
  files: Set<string>;
  /** Addresses of the files of each ticket. */
  addresses: Map<string, string[]>;
  /** Tickets on which a note of ours has no recorded end yet. */
  inFlight: Set<string>;
}

export function pageKey(one: PageKey): string {
  return `${one.ticketId}:${one.commentId}`;
}

/** Reads what is known of these comments, in one statement a table. */
export async function readKnownOfPage(
  db: Queryable,
  connectionId: string,
  keys: readonly PageKey[],
): Promise<KnownOfPage> {
  const tickets = [...new Set(keys.map((key) => key.ticketId))];
  const comments = keys.map((key) => key.commentId);
  const values = [connectionId, tickets];
  const ofComments = [...values, comments];
  const [own, covered, texts, files, inFlight] = await Promise.all([
    db.query<{ id: string }>(
      'select comment_id as id from note_batches where connection_id = $1 and comment_id = any($2::text[])',
      [connectionId, comments],
    ),
    db.query<PageKey & { announced: boolean; accounted: boolean; attachments: number; hasLinks: boolean }>(
      `select ticket_id as "ticketId", comment_id as "commentId", announced_at is not null as announced,
         accounted_at is not null as accounted, attachments, has_links as "hasLinks" from covered_comments
       where connection_id = $1 and ticket_id = any($2::text[]) and comment_id = any($3::text[])`,
      ofComments,
    ),
    db.query<PageKey & { with_html: boolean }>(
      `select ticket_id as "ticketId", comment_id as "commentId", with_html from comment_texts
       where connection_id = $1 and ticket_id = any($2::text[]) and comment_id = any($3::text[])`,
      ofComments,
    ),
    db.query<{ ticketId: string; id: string; url: string | null }>(
      `select ticket_id as "ticketId", source_id as id, content_url as url from items
       where connection_id = $1 and ticket_id = any($2::text[]) and comment_id = any($3::text[]) and kind = 'attachment'`,
      ofComments,
    ),
    db.query<{ id: string }>(
      `select distinct target_ticket_id as id from note_batches
       where connection_id = $1 and target_ticket_id = any($2::text[]) and state = 'frozen' and attempts > 0`,
      values,
    ),
  ]);
  const addresses = new Map<string, string[]>();
  for (const { ticketId, url } of files.rows) {
    if (url !== null) addresses.set(ticketId, [...(addresses.get(ticketId) ?? []), url]);
  }
  return {
    own: new Set(own.rows.map((row) => row.id)),
    accounted: new Map(covered.rows.filter((row) => row.accounted).map((row) => [pageKey(row), row])),
    announced: new Set(covered.rows.filter((row) => row.announced).map(pageKey)),
    texts: new Map(texts.rows.map((row) => [pageKey(row), row])),
    files: new Set(files.rows.map((row) => `${row.ticketId}:${row.id}`)),
    addresses,
    inFlight: new Set(inFlight.rows.map((row) => row.id)),
  };
}
