import { cutMiddle } from '../domain/text';
import type { ItemState, StateReason, UnscannableReason, Verdict } from '../domain/words';
import type { Queryable } from './pool';

/** One row of the coverage ledger. Ids of Zendesk are decimal strings; `length` is in bytes. */
export interface ItemRow {
  id: string;
  organisation_id: string;
  connection_id: string;
  kind: 'attachment' | 'url';
  ticket_id: string;
  comment_id: string;
  source_id: string;
  found_by: 'event' | 'trigger' | 'listing' | 'release' | 'export';
  file_name: string;
  declared_type: string | null;
  content_url: string | null;
  detected_type: string | null;
  sha256: string | null;
  length: number | null;
  state: ItemState;
  state_reason: StateReason | null;
  verdict: Verdict;
  verdict_reason: UnscannableReason | null;
  machine_verdict: Verdict;
  machine_reason: UnscannableReason | null;
  decision_id: string | null;
  applied_decision_id: string | null;
  investigation_id: string | null;
  applied_investigation_id: string | null;
  released_from: string | null;
  created_at: Date;
  contained_at: Date | null;
  watched_at: Date | null;
  /** Who wrote the comment, by the help desk's own id. */
  author_id: string | null;
}

/** Columns of {@link ItemRow}, for a select list. */
export const ITEM_COLUMNS = `id, organisation_id, connection_id, kind, ticket_id, comment_id, source_id, found_by, file_name, declared_type,
  content_url, detected_type, sha256, length::float8 as length, state, state_reason, verdict, verdict_reason, machine_verdict,
  machine_reason, decision_id, applied_decision_id, investigation_id, applied_investigation_id, released_from, created_at, contained_at, watched_at, author_id`;

export interface NewAttachmentItem {
  organisationId: string;
  connectionId: string;
  ticketId: string;
  commentId: string;
  attachmentId: string;
  foundBy: ItemRow['found_by'];
  fileName: string;
  declaredType?: string | undefined;
  contentUrl: string;
  occurredAt?: string | undefined;
  authorId?: string | undefined;
}

/** Longest file name that is kept, in characters; Zendesk's own limit is far below. */
const MAX_NAME = 10_000;

/** Postgres stores no NUL. Nothing else of a name is changed, and no name is a reason to refuse an attachment. */
function storable(text: string): string {
  return cutMiddle(text.replaceAll('\0', ''), MAX_NAME);
}

/**
 * Adds an attachment to the ledger, once however often it is announced.
 * @returns the new row's id, or undefined when the ledger has it already
 */
export async function insertAttachmentItem(db: Queryable, item: NewAttachmentItem): Promise<string | undefined> {
  const { rows } = await db.query<{ id: string }>(
    `insert into items (organisation_id, connection_id, kind, ticket_id, comment_id, source_id, found_by, file_name, declared_type,
       content_url, occurred_at, author_id)
     values ($1, $2, 'attachment', $3, $4, $5, $6, $7, $8, $9, $10, $11)
     on conflict (connection_id, ticket_id, source_id) where kind = 'attachment' do nothing returning id`,
    [
      item.organisationId,
      item.connectionId,
      item.ticketId,
      item.commentId,
      item.attachmentId,
      item.foundBy,
      storable(item.fileName),
      item.declaredType === undefined ? null : storable(item.declaredType),
      storable(item.contentUrl),
      item.occurredAt ?? null,
      item.authorId ?? null,
    ],
  );
  return rows[0]?.id;
}

export async function readItem(db: Queryable, id: string): Promise<ItemRow | undefined> {
  const { rows } = await db.query<ItemRow>(`select ${ITEM_COLUMNS} from items where id = $1`, [id]);
  return rows[0];
}

/** The row, locked until the transaction ends: a second writer waits and then sees what the first did. */
export async function lockItem(db: Queryable, id: string): Promise<ItemRow | undefined> {
  const { rows } = await db.query<ItemRow>(`select ${ITEM_COLUMNS} from items where id = $1 for update`, [id]);
  return rows[0];
}

/** All attachments known for one comment. */
export async function readCommentItems(
  db: Queryable,
  connectionId: string,
  commentId: string,
  ticketId: string,
): Promise<ItemRow[]> {
  const { rows } = await db.query<ItemRow>(
    `select ${ITEM_COLUMNS} from items where connection_id = $1 and ticket_id = $2 and comment_id = $3 and kind = 'attachment' order by id`,
    [connectionId, ticketId, commentId],
  );
  return rows;
}

/** Columns that the life of an item changes; an absent key leaves the column alone, null clears it. */
export interface ItemChange {
  state?: ItemState;
  state_reason?: StateReason | null;
  verdict?: Verdict;
  verdict_reason?: UnscannableReason | null;
  machine_verdict?: Verdict;
  machine_reason?: UnscannableReason | null;
  sha256?: string;
  length?: number;
  detected_type?: string | null;
  content_url?: string;
  decision_id?: string;
  applied_decision_id?: string;
  investigation_id?: string;
  applied_investigation_id?: string;
  scanned_at?: Date;
  contained_at?: Date | null;
  released_at?: Date;
  watched_at?: Date;
  /** Engines of the newest inspection with their versions. */
  engines_key?: string;
  /** When the dispatcher has to look again; null when no work is open. */
  deadline_at?: Date | null;
}

const CHANGEABLE: ReadonlySet<string> = new Set<keyof ItemChange>([
  'state',
  'state_reason',
  'verdict',
  'verdict_reason',
  'machine_verdict',
  'machine_reason',
  'sha256',
  'length',
  'detected_type',
  'content_url',
  'decision_id',
  'applied_decision_id',
  'investigation_id',
  'applied_investigation_id',
  'scanned_at',
  'contained_at',
  'released_at',
  'watched_at',
  'engines_key',
  'deadline_at',
]);

/** Writes the named columns of one row. The caller appends the audit event in the same transaction. */
export async function updateItem(db: Queryable, id: string, change: ItemChange): Promise<void> {
  const entries = Object.entries(change).filter(([column]) => CHANGEABLE.has(column));
  const sets = entries.map(([column], index) => `${column} = $${index + 2}`);
  // A new state is progress: should its workflow be lost, it is looked for soon.
  if (change.state !== undefined) sets.push('dispatches = 0');
  await db.query(`update items set ${[...sets, 'updated_at = now()'].join(', ')} where id = $1`, [
    id,
    ...entries.map(([, value]) => value),
  ]);
}

/** A due row as the dispatcher needs it to start or signal its workflow. */
export interface DueItem {
  id: string;
  organisation_id: string;
  connection_id: string;
  ticket_id: string;
  source_id: string;
  kind: ItemRow['kind'];
  comment_id: string;
  decision_id: string | null;
  applied_decision_id: string | null;
  investigation_id: string | null;
  applied_investigation_id: string | null;
  /** True for a row that nobody has ever dispatched: no workflow of it can be open. */
  fresh: boolean;
}

/**
 * Claims rows past their deadline: each gets a new deadline, so that a dispatcher that dies here only delays them.
 * The lease grows with repeated dispatches, up to ten minutes; a hold without news is looked at once a day.
 */
export async function claimDueItems(db: Queryable, limit: number, leaseSeconds: number): Promise<DueItem[]> {
  const { rows } = await db.query<DueItem>(
    `update items set dispatches = dispatches + 1,
       deadline_at = now() + case
         when state = 'held' and decision_id is not distinct from applied_decision_id
           and investigation_id is not distinct from applied_investigation_id then interval '1 day'
         else least(600, $2::int * (1 + dispatches)) * interval '1 second' end
     where id in (select id from items where deadline_at <= now() order by deadline_at limit $1 for update skip locked)
     returning id, organisation_id, connection_id, ticket_id, source_id, kind, comment_id, decision_id, applied_decision_id, investigation_id,
       applied_investigation_id, state = 'pending' and dispatches = 1 as fresh`,
    [limit, leaseSeconds],
  );
  return rows;
}

/** Gives claimed rows back at once, after Temporal did not take them. */
export async function postponeItems(db: Queryable, ids: string[], seconds: number): Promise<void> {
  await db.query(
    `update items set deadline_at = least(deadline_at, now() + $2::int * interval '1 second') where id = any($1)`,
    [ids, seconds],
  );
}
