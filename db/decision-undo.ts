import { restoredVerdict } from '../domain/decision-effect';
import type { DecidedVerdict, Role, Verdict } from '../domain/words';
import { appendAuditEvent } from './audit-events';
import { readDecision, recordDecision } from './decisions';
import type { DecisionRow } from './decisions';
import type { Queryable } from './pool';

export interface UndoRequest {
  organisationId: string;
  decisionId: string;
  reason: string;
  actorId: string;
  actorRole: Role;
}

export type UndoOutcome =
  /** `decision` is the newer one; the same as before where the verdict is the same without it. */
  | { outcome: 'undone'; decision: DecisionRow; affects: number; reopened: string[] }
  | { outcome: 'overtaken'; current: DecisionRow | undefined }
  | { outcome: 'unknown' };

/**
 * Takes a decision back by a newer one that says what was true before it, and opens the questions again that it had
 * answered, in the caller's transaction. Only the current decision can be taken back; taking that back restores it.
 */
export async function undoDecision(db: Queryable, request: UndoRequest): Promise<UndoOutcome> {
  const undone = await readDecision(db, request.decisionId);
  if (!undone) return { outcome: 'unknown' };
  const { organisationId } = request;
  const verdict = await verdictWithout(db, undone);
  const { actorId, actorRole, reason, decisionId } = request;
  const made = await recordDecision(db, {
    organisationId,
    itemId: undone.scanId,
    verdict,
    reason,
    expectedDecisionId: decisionId,
    actorId,
    actorRole,
  });
  if (made.outcome === 'overtaken') return made;
  if (made.outcome !== 'decided' && made.outcome !== 'same') return { outcome: 'unknown' };
  // "The same" is said whoever made the current one.
  if (made.outcome === 'same' && made.decision.id !== decisionId)
    return { outcome: 'overtaken', current: made.decision };
  const reopened = await reopen(db, request, undone, made.decision);
  await appendAuditEvent(db, {
    organisationId,
    kind: 'decision.undone',
    actor: { kind: 'person', id: actorId },
    itemId: undone.scanId,
    detail: { undoes: decisionId, decisionId: made.decision.id, verdict, role: actorRole, reopened: reopened.length },
  });
  return { outcome: 'undone', decision: made.decision, affects: made.affects, reopened };
}

/** What the verdict would be without this decision. */
export async function verdictWithout(db: Queryable, decision: DecisionRow): Promise<DecidedVerdict> {
  const { rows } = await db.query<{ before: DecidedVerdict | null; machine: Verdict }>(
    `select (select verdict from decisions where organisation_id = $1 and sha256 = $2
         and sequence < (select sequence from decisions where id = $3) order by sequence desc limit 1) as before,
       (select machine_verdict from items where id = $4) as machine`,
    [decision.organisationId, decision.sha256, decision.id, decision.scanId],
  );
  const { before, machine } = rows[0] ?? { before: null, machine: 'unscannable' as const };
  return restoredVerdict(before ?? undefined, machine);
}

/** Of each question the newest one: there is one open investigation about the same bytes at most. */
async function reopen(db: Queryable, request: UndoRequest, undone: DecisionRow, newer: DecisionRow): Promise<string[]> {
  const { organisationId, actorId, actorRole } = request;
  const { rows } = await db.query<{ id: string }>(
    `with chosen as (
       select distinct on (coalesce(sha256, item_id::text)) id from investigations
       where organisation_id = $1 and decision_id = any($2::uuid[])
       order by coalesce(sha256, item_id::text), created_at desc
     ), opened as (
       update investigations v set state = 'open', decision_id = null, answered_at = null,
         claimed_by = $3, claimed_by_role = $4, claimed_at = clock_timestamp()
       from chosen where v.id = chosen.id returning v.id, v.item_id
     ), due as (
       update items set investigation_id = opened.id, deadline_at = now(), updated_at = now()
       from opened where items.id = opened.item_id
     ), told as (
       insert into audit_events (organisation_id, kind, item_id, actor_kind, actor, detail)
       select $1, 'investigation.reopened', item_id, 'person', $3, jsonb_build_object('investigationId', id, 'undoes', $5::uuid)
       from opened
     ) select id from opened`,
    [organisationId, [undone.id, newer.id], actorId, actorRole, undone.id],
  );
  return rows.map(({ id }) => id);
}
