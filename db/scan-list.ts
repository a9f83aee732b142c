import type { ChannelName, ItemKind, ItemState, StateReason, UnscannableReason, Verdict } from '../domain/words';
import type { Queryable } from './pool';
import { Conditions, exactTime, likePart } from './sql';

/** An item of the ledger as people see it: where it is, what it is, what was found and what became of it. */
export interface ScanRow {
  id: string;
  organisationId: string;
  connectionId: string;
  channel: ChannelName;
  kind: ItemKind;
  ticketId: string;
  commentId: string;
  /** Id of the attachment at the help desk. */
  attachmentId: string;
  /** As stored: an attacker may have chosen every character of it. */
  fileName: string;
  /** Bytes; null until they were read. */
  size: number | null;
  sha256: string | null;
  declaredType: string | null;
  detectedType: string | null;
  verdict: Verdict;
  reason: UnscannableReason | null;
  machineVerdict: Verdict;
  machineReason: UnscannableReason | null;
  state: ItemState;
  stateReason: StateReason | null;
  decisionId: string | null;
  investigationId: string | null;
  releasedFrom: string | null;
  createdAt: Date;
  scannedAt: Date | null;
  containedAt: Date | null;
  releasedAt: Date | null;
}

export interface ScanFilter {
  organisationId?: string | undefined;
  ticketId?: string | undefined;
  channels?: readonly ChannelName[] | undefined;
  verdicts?: readonly Verdict[] | undefined;
  states?: readonly ItemState[] | undefined;
  kinds?: readonly ItemKind[] | undefined;
  sha256?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  /** Part of a file name, a whole ticket number, or the beginning of a SHA-256. */
  text?: string | undefined;
}

export const SCAN_COLUMNS = `i.id, i.organisation_id as "organisationId", i.connection_id as "connectionId", c.channel, i.kind,
  i.ticket_id as "ticketId", i.comment_id as "commentId", i.source_id as "attachmentId", i.file_name as "fileName",
  i.length::float8 as size, i.sha256, i.declared_type as "declaredType", i.detected_type as "detectedType",
  i.verdict, i.verdict_reason as reason, i.machine_verdict as "machineVerdict", i.machine_reason as "machineReason",
  i.state, i.state_reason as "stateReason", i.decision_id as "decisionId", i.investigation_id as "investigationId",
  i.released_from as "releasedFrom", i.created_at as "createdAt", i.scanned_at as "scannedAt",
  i.contained_at as "containedAt", i.released_at as "releasedAt"`;

/** One page, newest first, in one query. */
export async function listScans(
  db: Queryable,
  filter: ScanFilter,
  page: { limit: number; after: { at: string; id: string } | undefined },
): Promise<(ScanRow & { at: string })[]> {
  const conditions = conditionsOf(filter);
  if (page.after) conditions.add('(i.created_at, i.id) < (?::timestamptz, ?::uuid)', page.after.at, page.after.id);
  const sql = `select ${SCAN_COLUMNS}, ${exactTime('i.created_at')} as at
    from items i join connections c on c.id = i.connection_id ${conditions.where}
    order by i.created_at desc, i.id desc limit $${conditions.values.length + 1}`;
  return (await db.query<ScanRow & { at: string }>(sql, [...conditions.values, page.limit])).rows;
}

export async function readScan(db: Queryable, id: string): Promise<ScanRow | undefined> {
  const sql = `select ${SCAN_COLUMNS} from items i join connections c on c.id = i.connection_id where i.id = $1`;
  return (await db.query<ScanRow>(sql, [id])).rows[0];
}

/** Other items with the same bytes in the same organisation, newest first, and how many there are in all. */
export async function listCopies(
  db: Queryable,
  scan: Pick<ScanRow, 'id' | 'organisationId' | 'sha256'>,
  limit: number,
): Promise<{ copies: ScanRow[]; total: number }> {
  if (scan.sha256 === null) return { copies: [], total: 0 };
  const { rows } = await db.query<ScanRow & { total: number }>(
    `select ${SCAN_COLUMNS}, (count(*) over ())::int as total from items i join connections c on c.id = i.connection_id
     where i.organisation_id = $1 and i.sha256 = $2 and i.id <> $3
     order by i.created_at desc, i.id desc limit $4`,
    [scan.organisationId, scan.sha256, scan.id, limit],
  );
  return { copies: rows, total: rows[0]?.total ?? 0 };
}

function conditionsOf(filter: ScanFilter): Conditions {
  const conditions = new Conditions();
  if (filter.organisationId !== undefined) conditions.add('i.organisation_id = ?', filter.organisationId);
  if (filter.ticketId !== undefined) conditions.add('i.ticket_id = ?', filter.ticketId);
  if (filter.channels) conditions.add('c.channel = any(?::text[])', filter.channels);
  if (filter.verdicts) conditions.add('i.verdict = any(?::text[])', filter.verdicts);
  if (filter.states) conditions.add('i.state = any(?::text[])', filter.states);
  if (filter.kinds) conditions.add('i.kind = any(?::text[])', filter.kinds);
  if (filter.sha256 !== undefined) conditions.add('i.sha256 = ?', filter.sha256);
  if (filter.from !== undefined) conditions.add('i.created_at >= ?::timestamptz', filter.from);
  if (filter.to !== undefined) conditions.add('i.created_at < ?::timestamptz', filter.to);
  if (filter.text !== undefined) {
    const part = likePart(filter.text);
    conditions.add(
      'i.file_name ilike ? or i.ticket_id = ? or i.sha256 like ?',
      `%${part}%`,
      filter.text,
      `${part.toLowerCase()}%`,
    );
  }
  return conditions;
}
