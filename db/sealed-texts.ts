import type { CommentRef } from './comment-texts';
import type { Queryable } from './pool';

/** Encrypted values beside those of connections: keys of organisations, texts of comments and their links. */
export const SEALED_TEXTS = ['organisation_key', 'comment_text', 'comment_links'] as const;
export type SealedText = (typeof SEALED_TEXTS)[number];

export interface SealedTextRow extends CommentRef {
  sealed: Buffer;
}

const PLACES: Record<SealedText, { table: string; column: string; ofComment: boolean }> = {
  organisation_key: { table: 'organisation_keys', column: 'sealed', ofComment: false },
  comment_text: { table: 'comment_texts', column: 'sealed', ofComment: true },
  comment_links: { table: 'comment_texts', column: 'links', ofComment: true },
};

/**
 * Values that another master key than the current one sealed (its id stands in front of each, as `quarantine/secret-box.ts`
 * writes it), at most `limit`.
 */
export async function listSealedTexts(
  db: Queryable,
  what: SealedText,
  currentKeyId: string,
  limit: number,
): Promise<SealedTextRow[]> {
  const { table, column, ofComment } = PLACES[what];
  const ids = ofComment
    ? 'connection_id as "connectionId", ticket_id as "ticketId", comment_id as "commentId"'
    : `'' as "connectionId", '' as "ticketId", '' as "commentId"`;
  const { rows } = await db.query<SealedTextRow>(
    `select organisation_id as "organisationId", ${ids}, ${column} as sealed from ${table}
     where ${column} is not null and substring(${column} from 3 for get_byte(${column}, 1)) <> convert_to($1, 'UTF8') limit $2`,
    [currentKeyId, limit],
  );
  return rows;
}

/** Replaces one value, unless somebody has written another since. @returns whether it was replaced */
export async function replaceSealedText(
  db: Queryable,
  what: SealedText,
  row: SealedTextRow,
  after: Buffer,
): Promise<boolean> {
  const { table, column, ofComment } = PLACES[what];
  const which = ofComment
    ? 'organisation_id = $3 and connection_id = $4 and ticket_id = $5 and comment_id = $6'
    : 'organisation_id = $3';
  const ids = ofComment ? [row.organisationId, row.connectionId, row.ticketId, row.commentId] : [row.organisationId];
  const sql = `update ${table} set ${column} = $2 where ${column} = $1 and ${which}`;
  return (await db.query(sql, [row.sealed, after, ...ids])).rowCount === 1;
}

/** What a value is bound to; it opens under nothing else. */
export function sealedTextContext(what: SealedText, row: CommentRef): Record<string, string> {
  const { organisationId, connectionId, ticketId, commentId } = row;
  if (!PLACES[what].ofComment) return { organisation: organisationId, field: what };
  return { organisation: organisationId, connection: connectionId, ticket: ticketId, comment: commentId, field: what };
}
