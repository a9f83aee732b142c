import type { StateReason } from '../domain/words';
import type { NoteItem } from '../domain/note';
import type { Queryable } from './pool';

export interface NewNoteEntry {
  organisationId: string;
  connectionId: string;
  ticketId: string;
  itemId: string;
  kind: NoteItem['kind'];
  /** What makes this said once: item, what happened, and the cause (machine or a decision's id). */
  key: string;
  decisionId?: string | undefined;
}

export async function insertNoteEntry(db: Queryable, entry: NewNoteEntry): Promise<void> {
  await db.query(
    `insert into note_entries (organisation_id, connection_id, ticket_id, item_id, kind, key, decision_id)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict (key) do nothing`,
    [
      entry.organisationId,
      entry.connectionId,
      entry.ticketId,
      entry.itemId,
      entry.kind,
      entry.key,
      entry.decisionId ?? null,
    ],
  );
}

export interface NoteEntryRow {
  id: string;
  item_id: string;
  kind: NoteItem['kind'];
  decision_id: string | null;
  created_at: Date;
}

const OPEN = 'batch_id is null and cancelled_at is null';

/** What has to be said on a ticket and stands in no batch yet. */
export async function lockOpenEntries(
  db: Queryable,
  connectionId: string,
  ticketId: string,
  limit: number,
): Promise<NoteEntryRow[]> {
  const { rows } = await db.query<NoteEntryRow>(
    `select id::text as id, item_id, kind, decision_id, created_at from note_entries
     where connection_id = $1 and ticket_id = $2 and ${OPEN} order by id limit $3 for update`,
    [connectionId, ticketId, limit],
  );
  return rows;
}

/** Takes back a release that nobody has frozen into a note yet. @returns true when it was taken back */
export async function cancelOpenRelease(db: Queryable, itemId: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `update note_entries set cancelled_at = now(), deadline_at = null where item_id = $1 and kind = 'released' and ${OPEN}`,
    [itemId],
  );
  return (rowCount ?? 0) > 0;
}

/** True while the release of this item stands in no finished note. */
export async function hasUnfinishedRelease(db: Queryable, itemId: string): Promise<boolean> {
  const { rows } = await db.query<{ found: boolean }>(
    `select exists (select from note_entries e left join note_batches b on b.id = e.batch_id
       where e.item_id = $1 and e.kind = 'released' and e.cancelled_at is null and (b.id is null or b.state = 'frozen')) as found`,
    [itemId],
  );
  return rows[0]?.found ?? false;
}

export interface NoteBatchRow {
  id: string;
  organisation_id: string;
  connection_id: string;
  ticket_id: string;
  target_ticket_id: string;
  key: string;
  html: string;
  text: string;
  state: 'frozen' | 'written' | 'refused';
  refusal: StateReason | null;
  attempts: number;
  audit_id: string | null;
  comment_id: string | null;
  attachment_ids: string[];
  frozen_at: Date;
}

const BATCH = `id, organisation_id, connection_id, ticket_id, target_ticket_id, key, html, text, state, refusal, attempts, audit_id,
  comment_id, attachment_ids, frozen_at`;

export async function insertNoteBatch(
  db: Queryable,
  batch: Pick<
    NoteBatchRow,
    'id' | 'organisation_id' | 'connection_id' | 'ticket_id' | 'target_ticket_id' | 'key' | 'html' | 'text'
  >,
  entryIds: string[],
): Promise<void> {
  await db.query(
    `insert into note_batches (id, organisation_id, connection_id, ticket_id, target_ticket_id, key, html, text)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      batch.id,
      batch.organisation_id,
      batch.connection_id,
      batch.ticket_id,
      batch.target_ticket_id,
      batch.key,
      batch.html,
      batch.text,
    ],
  );
  await db.query('update note_entries set batch_id = $1 where id = any($2::bigint[])', [batch.id, entryIds]);
}

export async function readNoteBatch(db: Queryable, id: string): Promise<NoteBatchRow | undefined> {
  const { rows } = await db.query<NoteBatchRow>(`select ${BATCH} from note_batches where id = $1`, [id]);
  return rows[0];
}

/** The frozen, unfinished batch of a ticket, if an earlier run left one. */
export async function findFrozenBatch(
  db: Queryable,
  connectionId: string,
  ticketId: string,
): Promise<NoteBatchRow | undefined> {
  const { rows } = await db.query<NoteBatchRow>(
    `select ${BATCH} from note_batches where connection_id = $1 and ticket_id = $2 and state = 'frozen' order by frozen_at limit 1`,
    [connectionId, ticketId],
  );
  return rows[0];
}

/** Batches whose note may be on this ticket already although we have not seen Zendesk's answer. */
export async function findBatchesInFlight(
  db: Queryable,
  connectionId: string,
  ticketId: string,
): Promise<NoteBatchRow[]> {
  const { rows } = await db.query<NoteBatchRow>(
    `select ${BATCH} from note_batches where connection_id = $1 and target_ticket_id = $2 and state = 'frozen' and attempts > 0`,
    [connectionId, ticketId],
  );
  return rows;
}

/** The note of ours that made this comment, if one did. */
export async function findBatchOfComment(
  db: Queryable,
  connectionId: string,
  commentId: string,
): Promise<NoteBatchRow | undefined> {
  const { rows } = await db.query<NoteBatchRow>(
    `select ${BATCH} from note_batches where connection_id = $1 and comment_id = $2`,
    [connectionId, commentId],
  );
  return rows[0];
}

export async function readBatchEntries(db: Queryable, batchId: string): Promise<NoteEntryRow[]> {
  const { rows } = await db.query<NoteEntryRow>(
    'select id::text as id, item_id, kind, decision_id, created_at from note_entries where batch_id = $1 order by id',
    [batchId],
  );
  return rows;
}

/** Counts an attempt before it is made. @returns how many were made, this one included */
export async function countNoteAttempt(db: Queryable, batchId: string): Promise<number> {
  const sql = 'update note_batches set attempts = attempts + 1 where id = $1 returning attempts';
  const { rows } = await db.query<{ attempts: number }>(sql, [batchId]);
  return rows[0]?.attempts ?? 1;
}

/** Takes entries out of a batch that ended without them; they go into the ticket's next note. */
export async function reopenEntries(db: Queryable, entryIds: string[]): Promise<void> {
  await db.query('update note_entries set batch_id = null, deadline_at = now() where id = any($1::bigint[])', [
    entryIds,
  ]);
}

export interface NoteOutcome {
  state: 'written' | 'refused';
  refusal?: StateReason;
  auditId?: string;
  commentId?: string;
  attachmentIds?: string[];
  targetTicketId?: string;
}

/** Ends a batch, once. @returns false when it had ended before */
export async function finishNoteBatch(db: Queryable, batchId: string, outcome: NoteOutcome): Promise<boolean> {
  const { rowCount } = await db.query(
    `update note_batches set state = $2, refusal = $3, audit_id = $4, comment_id = $5, attachment_ids = $6,
       target_ticket_id = coalesce($7, target_ticket_id), finished_at = now() where id = $1 and state = 'frozen'`,
    [
      batchId,
      outcome.state,
      outcome.refusal ?? null,
      outcome.auditId ?? null,
      outcome.commentId ?? null,
      outcome.attachmentIds ?? [],
      outcome.targetTicketId ?? null,
    ],
  );
  await db.query('update note_entries set deadline_at = null where batch_id = $1', [batchId]);
  return (rowCount ?? 0) > 0;
}

/** Tickets on which something has to be said and whose time has come; their entries get a new deadline. */
export async function claimDueNoteTickets(
  db: Queryable,
  limit: number,
  leaseSeconds: number,
): Promise<{ organisation_id: string; connection_id: string; ticket_id: string }[]> {
  const { rows } = await db.query<{ organisation_id: string; connection_id: string; ticket_id: string }>(
    `with due as (
       update note_entries set deadline_at = now() + $2::int * interval '1 second'
       where id in (select id from note_entries where deadline_at <= now() order by deadline_at limit $1 for update skip locked)
       returning organisation_id, connection_id, ticket_id)
     select distinct organisation_id, connection_id, ticket_id from due`,
    [limit, leaseSeconds],
  );
  return rows;
}

/** Brings a claimed ticket forward, after Temporal did not take it. */
export async function postponeNoteTicket(
  db: Queryable,
  ticket: { connection_id: string; ticket_id: string },
  seconds: number,
): Promise<void> {
  await db.query(
    `update note_entries set deadline_at = least(deadline_at, now() + $3::int * interval '1 second')
     where connection_id = $1 and ticket_id = $2 and deadline_at is not null`,
    [ticket.connection_id, ticket.ticket_id, seconds],
  );
}

/** Names for the head of a note. */
export async function readNoteHeader(
  db: Queryable,
  connectionId: string,
): Promise<{ organisation_name: string; subdomain: string } | undefined> {
  const { rows } = await db.query<{ organisation_name: string; subdomain: string }>(
    `select o.name as organisation_name, c.subdomain from connections c join organisations o on o.id = c.organisation_id where c.id = $1`,
    [connectionId],
  );
  return rows[0];
}

/** True while files of this ticket are being looked into or taken out, so that one note can tell of all. */
export async function hasWorkUnderWay(db: Queryable, connectionId: string, ticketId: string): Promise<boolean> {
  const { rows } = await db.query<{ found: boolean }>(
    `select exists (select from items where connection_id = $1 and ticket_id = $2 and kind = 'attachment'
       and (state in ('pending', 'scanning') or (state = 'waiting' and state_reason = 'containing'))) as found`,
    [connectionId, ticketId],
  );
  return rows[0]?.found ?? false;
}

/** Puts the note of a batch on another ticket, because the first one was merged into it. */
export async function retargetNoteBatch(db: Queryable, batchId: string, targetTicketId: string): Promise<void> {
  await db.query('update note_batches set target_ticket_id = $2 where id = $1', [batchId, targetTicketId]);
}
