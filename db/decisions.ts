import type { DecidedVerdict, ItemState, Role, UnscannableReason, Verdict } from '../domain/words';
import type { Queryable } from './pool';
import { onlyRow } from './sql';

/** An analyst's decision: the effective verdict of everything with this hash in this organisation. */
export interface DecisionRow {
  id: string;
  organisationId: string;
  sha256: string;
  /** The item through which it was named. */
  scanId: string;
  verdict: DecidedVerdict;
  reason: string;
  /** `engine:rule` of every finding known when it was given. */
  knownFindings: string[];
  actor: string;
  actorRole: Role;
  createdAt: Date;
}

export interface DecisionRequest {
  organisationId: string;
  itemId: string;
  verdict: DecidedVerdict;
  reason: string;
  /** The decision that the analyst saw, null for none; a newer one refuses the request. Absent: whatever there is. */
  expectedDecisionId?: string | null;
  actorId: string;
  actorRole: Role;
}

export type DecisionOutcome =
  | { outcome: 'decided'; decision: DecisionRow; affects: number; answered: string[] }
  /** The current decision says the same and no question is open: nothing was written. */
  | { outcome: 'same'; decision: DecisionRow; affects: number }
  | { outcome: 'overtaken'; current: DecisionRow | undefined }
  | { outcome: 'no_bytes'; state: ItemState; verdict: Verdict; reason: UnscannableReason | null }
  | { outcome: 'unknown' };

const COLUMNS = `id, organisation_id as "organisationId", sha256, item_id as "scanId", verdict, reason,
  known_findings as "knownFindings", actor, actor_role as "actorRole", created_at as "createdAt"`;

/** One decision by its id; undefined when this organisation has none of it. */
export async function readDecision(db: Queryable, id: string): Promise<DecisionRow | undefined> {
  return (await db.query<DecisionRow>(`select ${COLUMNS} from decisions where id = $1`, [id])).rows[0];
}

/** Decisions about the bytes of one hash, newest first. */
export async function listDecisions(db: Queryable, organisationId: string, sha256: string): Promise<DecisionRow[]> {
  const sql = `select ${COLUMNS} from decisions where organisation_id = $1 and sha256 = $2
    order by sequence desc limit 200`;
  return (await db.query<DecisionRow>(sql, [organisationId, sha256])).rows;
}

/**
 * Records a decision with everything that follows from it, in the caller's transaction: the object, every item with
 * these bytes, open investigations, audit events. The dispatcher delivers it to the workflows. The object's row is
 * locked first, so that of two analysts the second sees what the first did.
 */
export async function recordDecision(db: Queryable, request: DecisionRequest): Promise<DecisionOutcome> {
  const item = await readItem(db, request.itemId);
  if (!item) return { outcome: 'unknown' };
  if (item.sha256 === null) {
    return { outcome: 'no_bytes', state: item.state, verdict: item.verdict, reason: item.reason };
  }
  const key = { organisationId: request.organisationId, sha256: item.sha256 };
  const current = await lockObject(db, key);
  const affected = await countItems(db, key);
  const open = (await hasOpenInvestigation(db, key)) || (await hasRefusal(db, key));
  if (current?.verdict === request.verdict && !open) {
    return { outcome: 'same', decision: current, affects: affected };
  }
  if (request.expectedDecisionId !== undefined && request.expectedDecisionId !== (current?.id ?? null)) {
    return { outcome: 'overtaken', current };
  }
  const decision = await insertDecision(db, request, key);
  await db.query('update objects set decision_id = $3 where organisation_id = $1 and sha256 = $2', [
    key.organisationId,
    key.sha256,
    decision.id,
  ]);
  const affects = await applyToItems(db, decision, current);
  const answered = await answerInvestigations(db, decision);
  return { outcome: 'decided', decision, affects, answered };
}

interface ObjectKey {
  organisationId: string;
  sha256: string;
}

interface ItemFacts {
  sha256: string | null;
  state: ItemState;
  verdict: Verdict;
  reason: UnscannableReason | null;
}

async function readItem(db: Queryable, id: string): Promise<ItemFacts | undefined> {
  const sql = 'select sha256, state, verdict, verdict_reason as reason from items where id = $1';
  return (await db.query<ItemFacts>(sql, [id])).rows[0];
}

async function lockObject(db: Queryable, key: ObjectKey): Promise<DecisionRow | undefined> {
  const { rows } = await db.query<{ decisionId: string | null }>(
    'select decision_id as "decisionId" from objects where organisation_id = $1 and sha256 = $2 for update',
    [key.organisationId, key.sha256],
  );
  const { decisionId } = onlyRow(rows);
  return decisionId === null ? undefined : readDecision(db, decisionId);
}

async function countItems(db: Queryable, key: ObjectKey): Promise<number> {
  const sql = 'select count(*)::int as count from items where organisation_id = $1 and sha256 = $2';
  return onlyRow((await db.query<{ count: number }>(sql, [key.organisationId, key.sha256])).rows).count;
}

const QUESTIONS = `organisation_id = $1 and state = 'open' and (sha256 = $2
  or (sha256 is null and item_id in (select id from items where organisation_id = $1 and sha256 = $2)))`;

async function hasOpenInvestigation(db: Queryable, key: ObjectKey): Promise<boolean> {
  const sql = `select from investigations where ${QUESTIONS} limit 1`;
  return (await db.query(sql, [key.organisationId, key.sha256])).rowCount === 1;
}

/** What Zendesk refused may be asked for again, by the same decision given anew. */
async function hasRefusal(db: Queryable, key: ObjectKey): Promise<boolean> {
  const sql = `select from items where organisation_id = $1 and sha256 = $2 and state = 'refused' limit 1`;
  return (await db.query(sql, [key.organisationId, key.sha256])).rowCount === 1;
}

async function insertDecision(db: Queryable, request: DecisionRequest, key: ObjectKey): Promise<DecisionRow> {
  const { rows } = await db.query<DecisionRow>(
    `insert into decisions (organisation_id, sha256, item_id, verdict, reason, actor, actor_role, known_findings)
     select $1, $2, $3, $4, $5, $6, $7, coalesce(array_agg(distinct f.engine || ':' || f.rule), '{}')
     from findings f join items i on i.id = f.item_id
     where i.organisation_id = $1 and i.sha256 = $2
     returning ${COLUMNS}`,
    [
      key.organisationId,
      key.sha256,
      request.itemId,
      request.verdict,
      request.reason,
      request.actorId,
      request.actorRole,
    ],
  );
  return onlyRow(rows);
}

/** Sets the effective verdict of every item with these bytes and writes one audit event for each. Returns how many. */
async function applyToItems(db: Queryable, decision: DecisionRow, before: DecisionRow | undefined): Promise<number> {
  const { organisationId, sha256, id, verdict, actor, actorRole } = decision;
  const detail = { decisionId: id, verdict, sha256, role: actorRole, replaces: before?.id ?? null };
  const { rows } = await db.query<{ count: number }>(
    `with changed as (
       update items set decision_id = $3, verdict = $4, verdict_reason = null, updated_at = now(), deadline_at = now(), dispatches = 0
       where organisation_id = $1 and sha256 = $2 returning id, connection_id, state
     ), told as (
       insert into audit_events (organisation_id, kind, item_id, connection_id, actor_kind, actor, detail)
       select $1, 'decision.made', id, connection_id, 'person', $5, $6::jsonb || jsonb_build_object('state', state)
       from changed returning id
     ) select count(*)::int as count from told`,
    [organisationId, sha256, id, verdict, actor, JSON.stringify(detail)],
  );
  return onlyRow(rows).count;
}

async function answerInvestigations(db: Queryable, decision: DecisionRow): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `with answered as (
       update investigations set state = 'answered', decision_id = $3, answered_at = now()
       where ${QUESTIONS} returning id, item_id
     ), told as (
       insert into audit_events (organisation_id, kind, item_id, actor_kind, actor, detail)
       select $1, 'investigation.answered', item_id, 'person', $4,
         jsonb_build_object('investigationId', id, 'decisionId', $3::uuid)
       from answered returning id
     ) select id from answered`,
    [decision.organisationId, decision.sha256, decision.id, decision.actor],
  );
  return rows.map((row) => row.id);
}
