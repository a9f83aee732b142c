import type { ChannelName, ItemKind, ItemState, StateReason, UnscannableReason, Verdict } from '../domain/words';
import type { Queryable } from './pool';
import { maskUrl } from '../domain/url-mask';
import { Conditions, exactTime, likePart } from './sql';

/** An item of the ledger as people see it: where it is, what it is, what was found and what became of it. */
export interface ScanRow {
  id: string;
  organisationId: string;
  organisationName: string;
  connectionId: string;
  channel: ChannelName;
  kind: ItemKind;
  ticketId: string;
  commentId: string;
  /** Who wrote the comment: the help desk's own id, where its event told. */
  authorId: string | null;
  /** Id of the attachment at the help desk. */
  attachmentId: string;
  /** As stored: an attacker may have chosen every character of it. */
  fileName: string;
  /** Bytes; null until they were read. */
  size: number | null;
  sha256: string | null;
  declaredType: string | null;
  detectedType: string | null;
  /** Engines that found something. */
  foundBy: string[];
  verdict: Verdict;
  reason: UnscannableReason | null;
  machineVerdict: Verdict;
  machineReason: UnscannableReason | null;
  state: ItemState;
  stateReason: StateReason | null;
  decisionId: string | null;
  investigationId: string | null;
  releasedFrom: string | null;
  /** When an admin took or declined a clean file that could not go back. */
  returnSettledAt: Date | null;
  createdAt: Date;
  scannedAt: Date | null;
  containedAt: Date | null;
  releasedAt: Date | null;
}

/** What may have been done about an item at some time. */
export const SCAN_DEEDS = ['contained', 'released'] as const;

export interface ScanFilter {
  /** These scans only. */
  ids?: readonly string[] | undefined;
  organisationId?: string | undefined;
  ticketId?: string | undefined;
  channels?: readonly ChannelName[] | undefined;
  verdicts?: readonly Verdict[] | undefined;
  machineVerdicts?: readonly Verdict[] | undefined;
  machineReasons?: readonly UnscannableReason[] | undefined;
  /** Any of them. */
  deeds?: readonly (typeof SCAN_DEEDS)[number][] | undefined;
  states?: readonly ItemState[] | undefined;
  kinds?: readonly ItemKind[] | undefined;
  /** Types as found by content, such as application/pdf. */
  types?: readonly string[] | undefined;
  /** Engines that found something. */
  engines?: readonly string[] | undefined;
  /** Rules that matched. */
  rules?: readonly string[] | undefined;
  /** Who wrote the comment: the help desk's own id. */
  authorId?: string | undefined;
  sha256?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  /** Part of a file name or link, a URL, a whole ticket number, or the beginning of a SHA-256 (8 digits or more). */
  text?: string | undefined;
}

/** Channel and organisation are questions of their own: a join under row-level security would keep texts from being found by index. */
export const SCAN_COLUMNS = `i.id, i.organisation_id as "organisationId",
  (select name from organisations where id = i.organisation_id) as "organisationName", i.connection_id as "connectionId",
  (select channel from connections where id = i.connection_id) as channel, i.kind,
  i.ticket_id as "ticketId", i.comment_id as "commentId", i.author_id as "authorId", i.source_id as "attachmentId", i.file_name as "fileName",
  i.length::float8 as size, i.sha256, i.declared_type as "declaredType", i.detected_type as "detectedType",
  array(select distinct f.engine from findings f where f.item_id = i.id order by 1) as "foundBy",
  i.verdict, i.verdict_reason as reason, i.machine_verdict as "machineVerdict", i.machine_reason as "machineReason",
  i.state, i.state_reason as "stateReason", i.decision_id as "decisionId", i.investigation_id as "investigationId",
  i.released_from as "releasedFrom", i.return_settled_at as "returnSettledAt", i.created_at as "createdAt", i.scanned_at as "scannedAt",
  i.contained_at as "containedAt", i.released_at as "releasedAt"`;

/**
 * One page, newest first, in one query. With an organisation, `db` must be inside it: the view goes by its setting, and
 * finds texts by index, which row-level security alone does not let Postgres do.
 */
export async function listScans(
  db: Queryable,
  filter: ScanFilter,
  page: { limit: number; after: { at: string; id: string } | undefined },
): Promise<(ScanRow & { at: string })[]> {
  const conditions = conditionsOf(filter);
  if (filter.channels) conditions.add('i.connection_id = any(?::uuid[])', await connectionsOf(db, filter.channels));
  if (page.after) conditions.add('(i.created_at, i.id) < (?::timestamptz, ?::uuid)', page.after.at, page.after.id);
  const sql = `select ${SCAN_COLUMNS}, ${exactTime('i.created_at')} as at
    from ${filter.organisationId === undefined ? 'items' : 'scan_items'} i ${conditions.where}
    order by i.created_at desc, i.id desc limit $${conditions.values.length + 1}`;
  return (await db.query<ScanRow & { at: string }>(sql, [...conditions.values, page.limit])).rows;
}

export async function readScan(db: Queryable, id: string): Promise<ScanRow | undefined> {
  const sql = `select ${SCAN_COLUMNS} from items i where i.id = $1`;
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
    `select ${SCAN_COLUMNS}, (count(*) over ())::int as total from items i
     where i.organisation_id = $1 and i.sha256 = $2 and i.id <> $3
     order by i.created_at desc, i.id desc limit $4`,
    [scan.organisationId, scan.sha256, scan.id, limit],
  );
  return { copies: rows, total: rows[0]?.total ?? 0 };
}

/** Asked first: Postgres finds the rows of a rare channel by index only where it knows which connections are meant. */
async function connectionsOf(db: Queryable, channels: readonly ChannelName[]): Promise<string[]> {
  const sql = 'select id from connections where channel = any($1::text[])';
  return (await db.query<{ id: string }>(sql, [channels])).rows.map((row) => row.id);
}

function conditionsOf(filter: ScanFilter): Conditions {
  const conditions = new Conditions();
  const { organisationId, ticketId, authorId, sha256, from, to, text } = filter;
  if (organisationId !== undefined) conditions.add('i.organisation_id = ?', organisationId);
  if (filter.ids) conditions.add('i.id = any(?::uuid[])', filter.ids);
  if (ticketId !== undefined) conditions.add('i.ticket_id = ?', ticketId);
  if (authorId !== undefined) conditions.add('i.author_id = ?', authorId);
  if (filter.verdicts) conditions.add('i.verdict = any(?::text[])', filter.verdicts);
  if (filter.machineVerdicts) addMachine(conditions, filter.machineVerdicts);
  if (filter.machineReasons) {
    addMachine(conditions, ['unscannable']);
    conditions.add('i.machine_reason = any(?::text[])', filter.machineReasons);
  }
  if (filter.deeds) conditions.add(filter.deeds.map((deed) => `i.${deed}_at is not null`).join(' or ') || 'false');
  if (filter.states) conditions.add('i.state = any(?::text[])', filter.states);
  if (filter.kinds) conditions.add('i.kind = any(?::text[])', filter.kinds);
  if (filter.types) conditions.add('i.detected_type = any(?::text[])', filter.types);
  if (filter.engines) conditions.add(`${FOUND} f.engine = any(?::text[]))`, filter.engines);
  if (filter.rules) conditions.add(`${FOUND} f.rule = any(?::text[]))`, filter.rules);
  if (sha256 !== undefined) conditions.add('i.sha256 = ?', sha256);
  if (from !== undefined) conditions.add('i.created_at >= ?::timestamptz', from);
  if (to !== undefined) conditions.add('i.created_at < ?::timestamptz', to);
  if (text !== undefined) addText(conditions, text);
  return conditions;
}

/** Named literally where none is clean: by that Postgres knows that the index of what was judged holds every row. */
function addMachine(conditions: Conditions, verdicts: readonly Verdict[]): void {
  conditions.add('i.machine_verdict = any(?::text[])', verdicts);
  const judged: readonly Verdict[] = ['suspicious', 'malicious', 'unscannable'];
  if (verdicts.every((verdict) => judged.includes(verdict))) {
    conditions.add(`i.machine_verdict in ('suspicious', 'malicious', 'unscannable')`);
  }
}

const FOUND = 'exists (select from findings f where f.item_id = i.id and';

/** A URL is looked for as it is stored, with its secrets masked; without query and fragment, which tell little then. */
function linkPart(text: string): string {
  const plain = text.trim().replace(/^hxxp/iu, 'http').replaceAll('[.]', '.').replaceAll('[:]', ':');
  if (!/^https?:\/\/\S+$/iu.test(plain)) return text;
  const { host, text: masked } = maskUrl(plain);
  return host === '' ? text : masked.replace(/[?#].*$/u, '').replace(/(?<=\/\/[^/]+)\/$/u, '');
}

/** Each reading of the text has an index of its own; one that the text cannot be is not asked. */
function addText(conditions: Conditions, text: string): void {
  const readings: string[] = [];
  const values: string[] = [];
  // The index knows names by three characters each.
  if (text.length >= 3) {
    readings.push('i.file_name ilike ?');
    values.push(`%${likePart(linkPart(text))}%`);
  }
  if (/^\d{1,20}$/u.test(text)) {
    readings.push('i.ticket_id = ?');
    values.push(text);
  }
  if (/^[0-9a-f]{8,64}$/iu.test(text)) {
    const start = text.toLowerCase();
    readings.push('(i.sha256 >= ? and i.sha256 < ?)');
    // No hexadecimal digit comes after g.
    values.push(start, `${start}g`);
  }
  conditions.add(readings.join(' or ') || 'false', ...values);
}
