import type { DecidedVerdict, Role, Severity } from '../domain/words';
import { appendAuditEvent } from './audit-events';
import { readPolicy } from './policies';
import type { Queryable } from './pool';
import type { ScanRow } from './scan-list';
import { Conditions, exactTime } from './sql';

export const OPINIONS = ['clean', 'malicious', 'not_sure'] as const;
export type Opinion = (typeof OPINIONS)[number];
export const INVESTIGATION_STATES = ['open', 'answered'] as const;
export type InvestigationState = (typeof INVESTIGATION_STATES)[number];

/** A request that analysts look again, with its answer. */
export interface InvestigationRow {
  id: string;
  organisationId: string;
  scanId: string;
  sha256: string | null;
  opinion: Opinion;
  reason: string;
  requestedBy: string;
  requestedByRole: Role | 'agent' | 'lazaret';
  state: InvestigationState;
  decisionId: string | null;
  createdAt: Date;
  answeredAt: Date | null;
  /** Until when it should be answered: the level that the policy had when it was asked. */
  dueAt: Date;
  /** Who has it in hand: an id. */
  claimedBy: string | null;
  claimedAt: Date | null;
}

/** What an analyst needs in the queue beside the request itself. */
export interface QueuedInvestigation extends InvestigationRow {
  at: string;
  organisationName: string | null;
  ticketId: string;
  kind: ScanRow['kind'];
  fileName: string;
  /** Bytes; null until they were read. */
  size: number | null;
  detectedType: string | null;
  verdict: ScanRow['verdict'];
  machineVerdict: ScanRow['machineVerdict'];
  scanState: ScanRow['state'];
  /** Items with these bytes in the organisation, this one included. */
  copies: number;
  /** The gravest of the newest inspection. */
  findings: { engine: string; rule: string; severity: Severity; what: string }[];
  findingsTotal: number;
  /** The decision that answered it. */
  answer: { verdict: DecidedVerdict; reason: string; actor: string; createdAt: string } | null;
}

export interface InvestigationRequest {
  organisationId: string;
  itemId: string;
  opinion: Opinion;
  reason: string;
  actorId: string;
  /** `agent`: of the help desk, from the sidebar of a ticket. */
  actorRole: Role | 'agent';
}

export type InvestigationOutcome =
  { outcome: 'requested' | 'joined'; investigation: InvestigationRow } | { outcome: 'unknown' };

const COLUMNS = `v.id, v.organisation_id as "organisationId", v.item_id as "scanId", v.sha256, v.opinion, v.reason,
  v.requested_by as "requestedBy", v.requested_by_role as "requestedByRole", v.state, v.decision_id as "decisionId",
  v.created_at as "createdAt", v.answered_at as "answeredAt", v.due_at as "dueAt", v.claimed_by as "claimedBy",
  v.claimed_at as "claimedAt"`;

/**
 * Asks for an investigation, or joins the open one about the same bytes, in the caller's transaction with its audit
 * event. The dispatcher tells the item's workflow.
 */
export async function requestInvestigation(
  db: Queryable,
  request: InvestigationRequest,
): Promise<InvestigationOutcome> {
  const { rows } = await db.query<{ sha256: string | null }>('select sha256 from items where id = $1 for update', [
    request.itemId,
  ]);
  const [item] = rows;
  if (!item) return { outcome: 'unknown' };
  const made = await insertOrFind(db, request, item.sha256);
  await db.query(
    `update items set investigation_id = $2, updated_at = now(), deadline_at = now()
     where id = $1 and investigation_id is distinct from $2`,
    [request.itemId, made.investigation.id],
  );
  await appendAuditEvent(db, {
    organisationId: request.organisationId,
    kind: `investigation.${made.outcome}`,
    actor: { kind: request.actorRole === 'agent' ? 'zendesk' : 'person', id: request.actorId },
    itemId: request.itemId,
    detail: { investigationId: made.investigation.id, opinion: request.opinion, role: request.actorRole },
  });
  await db.query(`select pg_notify('lazaret_work', 'investigations')`);
  return made;
}

async function insertOrFind(db: Queryable, request: InvestigationRequest, sha256: string | null) {
  const { organisationId, itemId, opinion, reason, actorId, actorRole } = request;
  const { investigationHours } = (await readPolicy(db, organisationId)).policy;
  for (;;) {
    const inserted = await db.query<InvestigationRow>(
      `insert into investigations as v (organisation_id, item_id, sha256, opinion, reason, requested_by, requested_by_role, due_at)
       values ($1, $2, $3, $4, $5, $6, $7, now() + make_interval(secs => $8))
       on conflict (organisation_id, coalesce(sha256, item_id::text)) where state = 'open' do nothing returning ${COLUMNS}`,
      [organisationId, itemId, sha256, opinion, reason, actorId, actorRole, investigationHours * 3600],
    );
    if (inserted.rows[0]) return { outcome: 'requested' as const, investigation: inserted.rows[0] };
    const open = await db.query<InvestigationRow>(
      `select ${COLUMNS} from investigations v
       where organisation_id = $1 and coalesce(sha256, item_id::text) = coalesce($2, $3) and state = 'open'`,
      [organisationId, sha256, itemId],
    );
    // None: it was answered between the two statements, so the next insert succeeds.
    if (open.rows[0]) return { outcome: 'joined' as const, investigation: open.rows[0] };
  }
}

/** One investigation by its id. */
export async function readInvestigation(db: Queryable, id: string): Promise<QueuedInvestigation | undefined> {
  return (await db.query<QueuedInvestigation>(`${QUEUE} where v.id = $1`, [id])).rows[0];
}

/** Investigations about an item or its bytes, newest first. */
export async function listInvestigationsOfItem(
  db: Queryable,
  item: { id: string; organisationId: string; sha256: string | null },
): Promise<InvestigationRow[]> {
  const { rows } = await db.query<InvestigationRow>(
    `select ${COLUMNS} from investigations v
     where v.organisation_id = $1 and (v.item_id = $2 or v.sha256 = $3) order by v.created_at desc, v.id desc limit 200`,
    [item.organisationId, item.id, item.sha256],
  );
  return rows;
}

export interface InvestigationFilter {
  organisationId?: string | undefined;
  states?: readonly InvestigationState[] | undefined;
}

const FINDINGS_SHOWN = 3;

const QUEUE = `select ${COLUMNS}, ${exactTime('v.due_at')} as at,
    (select name from organisations where id = v.organisation_id) as "organisationName",
    i.ticket_id as "ticketId", i.kind, i.file_name as "fileName", i.length::float8 as size, i.detected_type as "detectedType",
    coalesce(found.findings, '[]') as findings, coalesce(found.total, 0)::int as "findingsTotal",
    (select jsonb_build_object('verdict', d.verdict, 'reason', d.reason, 'actor', d.actor, 'createdAt', ${exactTime('d.created_at')})
      from decisions d where d.id = v.decision_id) as answer,
    i.verdict, i.machine_verdict as "machineVerdict", i.state as "scanState",
    case when v.sha256 is null then 1 else (select count(*)::int from items o
      where o.organisation_id = v.organisation_id and o.sha256 = v.sha256) end as copies
  from investigations v join items i on i.id = v.item_id
  left join lateral (
    select jsonb_agg(jsonb_build_object('engine', f.engine, 'rule', f.rule, 'severity', f.severity, 'what', f.what)
        order by f.grade, f.id) filter (where f.place <= ${FINDINGS_SHOWN}) as findings, count(*) as total
    from (select id, engine, rule, severity, what, array_position(array['critical', 'high', 'medium', 'low', 'info'], severity) as grade,
        row_number() over (order by array_position(array['critical', 'high', 'medium', 'low', 'info'], severity), id) as place
      from findings where scan_id = (select id from scans where item_id = i.id order by created_at desc, id desc limit 1)) f
  ) found on true`;

/** One page of the queue: whose time runs out first is seen first. */
export async function listInvestigations(
  db: Queryable,
  filter: InvestigationFilter,
  page: { limit: number; after: { at: string; id: string } | undefined },
): Promise<QueuedInvestigation[]> {
  const conditions = new Conditions();
  if (filter.organisationId !== undefined) conditions.add('v.organisation_id = ?', filter.organisationId);
  if (filter.states) conditions.add('v.state = any(?::text[])', filter.states);
  if (page.after) conditions.add('(v.due_at, v.id) > (?::timestamptz, ?::uuid)', page.after.at, page.after.id);
  const sql = `${QUEUE} ${conditions.where} order by v.due_at, v.id limit $${conditions.values.length + 1}`;
  return (await db.query<QueuedInvestigation>(sql, [...conditions.values, page.limit])).rows;
}
