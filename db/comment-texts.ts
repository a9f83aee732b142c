import type { Queryable } from './pool';

/** A comment whose text may hold links. `comment_id` is `ticket` for what an event about a new ticket carries. */
export interface CommentRef {
  organisationId: string;
  connectionId: string;
  ticketId: string;
  commentId: string;
}

/** Stands for the comment's id where subject and description of a ticket are meant. */
export const TICKET_TEXT = 'ticket';

/** A new ticket's event repeats its first comment, whose own event is waited for: the link belongs to the comment. */
const TICKET_DELAY_SECONDS = 20;

export interface NewCommentText extends CommentRef {
  foundBy: 'event' | 'listing' | 'export';
  sealed: Buffer;
  mayHoldPasswords: boolean;
  /** Whether the comment's HTML is part of it, as far as there is one. */
  withHtml?: boolean;
  occurredAt?: string | undefined;
  /** Who wrote it, by the help desk's own id. */
  authorId?: string | undefined;
}

/** Keeps a comment's sealed text until it was looked at, once however often the comment is announced. */
export async function insertCommentText(db: Queryable, text: NewCommentText): Promise<boolean> {
  const { rowCount } = await db.query(
    `insert into comment_texts (organisation_id, connection_id, ticket_id, comment_id, found_by, sealed, may_hold_passwords, occurred_at,
       author_id, deadline_at, with_html)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, now() + $10::int * interval '1 second', $11) on conflict do nothing`,
    [
      text.organisationId,
      text.connectionId,
      text.ticketId,
      text.commentId,
      text.foundBy,
      text.sealed,
      text.mayHoldPasswords,
      text.occurredAt ?? null,
      text.authorId ?? null,
      text.commentId === TICKET_TEXT ? TICKET_DELAY_SECONDS : 0,
      text.withHtml ?? false,
    ],
  );
  return rowCount === 1;
}

export interface CommentTextRow {
  found_by: 'event' | 'listing' | 'export';
  sealed: Buffer | null;
  may_hold_passwords: boolean;
  links: Buffer | null;
  occurred_at: Date | null;
  received_at: Date;
  looked_at: Date | null;
  author_id: string | null;
  /** Whether the HTML was seen too: events carry the plain text only. */
  with_html: boolean;
}

const COLUMNS =
  'found_by, sealed, may_hold_passwords, links, occurred_at, received_at, looked_at, author_id, with_html';
const KEY = 'connection_id = $1 and ticket_id = $2 and comment_id = $3';

/** The row, locked until the transaction ends. */
export async function lockCommentText(db: Queryable, ref: CommentRef): Promise<CommentTextRow | undefined> {
  const sql = `select ${COLUMNS} from comment_texts where ${KEY} for update`;
  return (await db.query<CommentTextRow>(sql, [ref.connectionId, ref.ticketId, ref.commentId])).rows[0];
}

export async function readCommentText(
  db: Queryable,
  ref: Omit<CommentRef, 'organisationId'>,
): Promise<CommentTextRow | undefined> {
  const sql = `select ${COLUMNS} from comment_texts where ${KEY}`;
  return (await db.query<CommentTextRow>(sql, [ref.connectionId, ref.ticketId, ref.commentId])).rows[0];
}

/** The HTML says no more than the text did. */
export async function markCommentHtml(db: Queryable, ref: CommentRef): Promise<void> {
  await db.query(`update comment_texts set with_html = true where ${KEY}`, [
    ref.connectionId,
    ref.ticketId,
    ref.commentId,
  ]);
}

/** Puts a fuller text in place of one that lacked the HTML, to be looked at once more. */
export async function extendCommentText(
  db: Queryable,
  ref: CommentRef,
  sealed: Buffer,
  mayHoldPasswords: boolean,
): Promise<void> {
  await db.query(
    `update comment_texts set sealed = $4, with_html = true, looked_at = null, deadline_at = now(), dispatches = 0,
       may_hold_passwords = may_hold_passwords or $5 where ${KEY} and not with_html`,
    [ref.connectionId, ref.ticketId, ref.commentId, sealed, mayHoldPasswords],
  );
}

/** Writes what was found, and drops the text unless it is kept for a while longer. */
export async function finishCommentText(
  db: Queryable,
  ref: CommentRef,
  found: { links: Buffer | null; keepUntil: Date | null },
): Promise<void> {
  await db.query(
    `update comment_texts set links = coalesce($4, links), looked_at = coalesce(looked_at, now()), deadline_at = $5,
       sealed = case when $5::timestamptz is null then null else sealed end, dispatches = 0 where ${KEY}`,
    [ref.connectionId, ref.ticketId, ref.commentId, found.links, found.keepUntil],
  );
}

/** Sealed texts of a ticket in which passwords may stand, newest first. */
export async function readPasswordTexts(
  db: Queryable,
  ref: { connectionId: string; ticketId: string },
  limit: number,
): Promise<{ commentId: string; sealed: Buffer }[]> {
  const { rows } = await db.query<{ commentId: string; sealed: Buffer }>(
    `select comment_id as "commentId", sealed from comment_texts
     where connection_id = $1 and ticket_id = $2 and may_hold_passwords and sealed is not null order by received_at desc limit $3`,
    [ref.connectionId, ref.ticketId, limit],
  );
  return rows;
}

export interface DueComment {
  organisation_id: string;
  connection_id: string;
  ticket_id: string;
  comment_id: string;
}

/** Comments whose text has to be looked at, or dropped, now; each gets a new deadline that grows with repetition. */
export async function claimDueComments(db: Queryable, limit: number, leaseSeconds: number): Promise<DueComment[]> {
  const { rows } = await db.query<DueComment>(
    `update comment_texts set dispatches = dispatches + 1,
       deadline_at = now() + least(600, $2::int * (1 + dispatches)) * interval '1 second'
     where (connection_id, ticket_id, comment_id) in (select connection_id, ticket_id, comment_id from comment_texts
       where deadline_at <= now() order by deadline_at limit $1 for update skip locked)
     returning organisation_id, connection_id, ticket_id, comment_id`,
    [limit, leaseSeconds],
  );
  return rows;
}

/** Gives a claimed comment back, after Temporal did not take it. */
export async function postponeComment(db: Queryable, comment: DueComment, seconds: number): Promise<void> {
  await db.query(
    `update comment_texts set deadline_at = least(deadline_at, now() + $4::int * interval '1 second') where ${KEY}`,
    [comment.connection_id, comment.ticket_id, comment.comment_id, seconds],
  );
}
