import type { Finding } from '../domain/inspection';
import type { DecidedVerdict, ItemState, StateReason, UnscannableReason, Verdict } from '../domain/words';
import type { CommentRef } from './comment-texts';
import { ITEM_COLUMNS } from './items';
import type { ItemRow } from './items';
import type { Queryable } from './pool';

/** One link of a comment as the ledger takes it. */
export interface NewLinkItem {
  /** Keyed hash of the whole URL; stands where a file has its SHA-256. Null for "there were too many". */
  key: string | null;
  /** Names the row within its comment. */
  sourceId: string;
  /** The URL with every secret masked. */
  masked: string;
  host: string | null;
  state: ItemState;
  stateReason: StateReason | null;
  machineVerdict: Verdict;
  reason: UnscannableReason | null;
  /** The analyst's decision about this link, where there is one. */
  decision: { id: string; verdict: DecidedVerdict } | null;
  engines: Record<string, unknown>[];
  findings: Finding[];
}

/** Decisions of analysts about links, by key; their objects are made and held, so that a new decision waits for us. */
export async function lockLinkDecisions(
  db: Queryable,
  organisationId: string,
  keys: readonly string[],
): Promise<Map<string, { id: string; verdict: DecidedVerdict }>> {
  await db.query(
    `insert into objects (organisation_id, sha256, length) select $1, k, 0 from unnest($2::text[]) k order by k on conflict do nothing`,
    [organisationId, keys],
  );
  const { rows } = await db.query<{ sha256: string; id: string; verdict: DecidedVerdict }>(
    `select o.sha256, d.id, d.verdict from (select sha256, decision_id from objects
       where organisation_id = $1 and sha256 = any($2::text[]) order by sha256 for share) o
     join decisions d on d.id = o.decision_id`,
    [organisationId, keys],
  );
  return new Map(rows.map(({ sha256, ...decision }) => [sha256, decision]));
}

/** Keys of links that this ticket's text, or its comments, have in the ledger already. */
export async function readKnownLinks(db: Queryable, ref: CommentRef, keys: readonly string[]): Promise<Set<string>> {
  // An event about a new ticket repeats the first comment: the same link needs one row.
  const elsewhere = ref.commentId === 'ticket' ? `comment_id <> 'ticket'` : `comment_id = 'ticket'`;
  const { rows } = await db.query<{ sourceId: string }>(
    `select source_id as "sourceId" from items where connection_id = $1 and ticket_id = $2 and kind = 'url'
       and ${elsewhere} and source_id = any($3::text[])`,
    [ref.connectionId, ref.ticketId, keys],
  );
  return new Set(rows.map((row) => row.sourceId));
}

/**
 * Adds links to the ledger with their inspection, findings and audit events, each once.
 * @returns ids of the new rows by `sourceId`
 */
export async function insertLinkItems(
  db: Queryable,
  ref: CommentRef & { foundBy: 'event' | 'listing' | 'export'; occurredAt: Date | null },
  links: readonly NewLinkItem[],
): Promise<Map<string, string>> {
  const facts = links.map((link) => ({
    ...link,
    verdict: link.decision?.verdict ?? link.machineVerdict,
    verdictReason: link.decision ? null : link.reason,
    decisionId: link.decision?.id ?? null,
  }));
  const { rows } = await db.query<{ id: string; sourceId: string }>(
    `insert into items (organisation_id, connection_id, kind, ticket_id, comment_id, source_id, found_by, file_name, link_host, sha256,
       state, state_reason, verdict, verdict_reason, machine_verdict, machine_reason, decision_id, applied_decision_id, occurred_at,
       scanned_at, deadline_at)
     select $1, $2, 'url', $3, $4, l."sourceId", $5, l.masked, l.host, l.key, l.state, l."stateReason", l.verdict, l."verdictReason",
       l."machineVerdict", l.reason, l."decisionId", l."decisionId", $6, now(), null
     from jsonb_to_recordset($7::jsonb) as l("sourceId" text, masked text, host text, key text, state text, "stateReason" text,
       verdict text, "verdictReason" text, "machineVerdict" text, reason text, "decisionId" uuid)
     on conflict (connection_id, ticket_id, comment_id, source_id) where kind = 'url' do nothing
     returning id, source_id as "sourceId"`,
    [
      ref.organisationId,
      ref.connectionId,
      ref.ticketId,
      ref.commentId,
      ref.foundBy,
      ref.occurredAt,
      JSON.stringify(facts).replaceAll('\\u0000', ''),
    ],
  );
  const ids = new Map(rows.map((row) => [row.sourceId, row.id]));
  await insertLinkScans(
    db,
    ref,
    facts.filter((fact) => ids.has(fact.sourceId)).map((fact) => ({ ...fact, itemId: ids.get(fact.sourceId) })),
  );
  return ids;
}

async function insertLinkScans(db: Queryable, ref: CommentRef, links: readonly object[]): Promise<void> {
  if (links.length === 0) return;
  await db.query(
    `with l as (select * from jsonb_to_recordset($3::jsonb) as l("itemId" uuid, key text, "machineVerdict" text, reason text,
         engines jsonb, findings jsonb)),
     s as (insert into scans (organisation_id, item_id, sha256, verdict, reason, engines, ms)
       select $1, l."itemId", coalesce(l.key, ''), l."machineVerdict", l.reason, l.engines, 0 from l returning id, item_id),
     told as (insert into audit_events (organisation_id, kind, actor_kind, actor, item_id, connection_id, detail)
       select $1, 'item.scanned', 'lazaret', 'lazaret', l."itemId", $2, jsonb_build_object('kind', 'url', 'verdict', l."machineVerdict",
         'reason', l.reason) from l)
     insert into findings (organisation_id, item_id, scan_id, engine, rule, severity, path, what, analyst, reference)
     select $1, l."itemId", s.id, f.engine, f.rule, f.severity, '{}', f.what, f.analyst, f.reference
     from l join s on s.item_id = l."itemId"
     cross join lateral jsonb_to_recordset(l.findings) as f(engine text, rule text, severity text, what text, analyst text, reference text)`,
    [ref.organisationId, ref.connectionId, JSON.stringify(links).replaceAll('\\u0000', '')],
  );
}

/** Links of one comment, locked until the transaction ends. */
export async function lockCommentLinks(db: Queryable, ref: CommentRef): Promise<ItemRow[]> {
  const { rows } = await db.query<ItemRow>(
    `select ${ITEM_COLUMNS} from items where connection_id = $1 and ticket_id = $2 and comment_id = $3 and kind = 'url'
     order by id for update`,
    [ref.connectionId, ref.ticketId, ref.commentId],
  );
  return rows;
}

/** Whether this ticket's notes speak of malicious links already, or will. */
export async function hasLinkNote(db: Queryable, ref: { connectionId: string; ticketId: string }): Promise<boolean> {
  const sql = `select from note_entries where connection_id = $1 and ticket_id = $2 and kind = 'link' limit 1`;
  return (await db.query(sql, [ref.connectionId, ref.ticketId])).rowCount === 1;
}

/** Domains under which an account is reached; their imitation matters most to it. */
export async function readOwnDomains(db: Queryable, connectionId: string): Promise<string[]> {
  const { rows } = await db.query<{ hosts: string[] }>('select own_hosts as hosts from connections where id = $1', [
    connectionId,
  ]);
  return (rows[0]?.hosts ?? []).filter((host) => !host.endsWith('.zendesk.com'));
}
