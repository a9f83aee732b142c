import type { Role } from '../domain/words';
import { appendAuditEvent } from './audit-events';
import type { DecisionRow } from './decisions';
import { readDecision } from './decisions';
import type { Queryable } from './pool';

/** Who has an investigation in hand. */
export interface Claim {
  by: string;
  role: Role;
  at: Date;
}

export interface ClaimRequest {
  organisationId: string;
  investigationId: string;
  actorId: string;
  actorRole: Role;
  /** Whose claim the analyst saw and takes over; somebody else's is not touched. */
  takeOverFrom?: string | undefined;
}

export type ClaimOutcome =
  | { outcome: 'claimed' }
  | { outcome: 'taken'; claim: Claim }
  | { outcome: 'answered'; decision: DecisionRow | undefined }
  | { outcome: 'unknown' };

interface Held {
  state: 'open' | 'answered';
  itemId: string;
  decisionId: string | null;
  by: string | null;
  role: Role | null;
  at: Date | null;
}

/** Takes an open investigation in hand, in the caller's transaction with its audit event; one's own again changes nothing. */
export async function claimInvestigation(db: Queryable, request: ClaimRequest): Promise<ClaimOutcome> {
  const held = await lockClaim(db, request.investigationId);
  if (!held) return { outcome: 'unknown' };
  if (held.state === 'answered') return { outcome: 'answered', decision: await decisionOf(db, held) };
  const claim = claimOf(held);
  if (claim?.by === request.actorId) return { outcome: 'claimed' };
  if (claim && claim.by !== request.takeOverFrom) return { outcome: 'taken', claim };
  await db.query(
    'update investigations set claimed_by = $2, claimed_by_role = $3, claimed_at = clock_timestamp() where id = $1',
    [request.investigationId, request.actorId, request.actorRole],
  );
  await tell(db, request, held.itemId, claim ? 'investigation.taken_over' : 'investigation.claimed', {
    ...(claim && { from: claim.by, since: claim.at.toISOString() }),
  });
  return { outcome: 'claimed' };
}

/** Gives one's own claim back; another's is not touched. Where there is none, nothing is to be done. */
export async function giveClaimBack(
  db: Queryable,
  request: Omit<ClaimRequest, 'takeOverFrom'>,
): Promise<{ outcome: 'free' } | Extract<ClaimOutcome, { outcome: 'taken' | 'unknown' }>> {
  const held = await lockClaim(db, request.investigationId);
  if (!held) return { outcome: 'unknown' };
  const claim = claimOf(held);
  if (!claim || held.state === 'answered') return { outcome: 'free' };
  if (claim.by !== request.actorId) return { outcome: 'taken', claim };
  await db.query(
    'update investigations set claimed_by = null, claimed_by_role = null, claimed_at = null where id = $1',
    [request.investigationId],
  );
  await tell(db, request, held.itemId, 'investigation.given_back', {});
  return { outcome: 'free' };
}

async function lockClaim(db: Queryable, id: string): Promise<Held | undefined> {
  const { rows } = await db.query<Held>(
    `select state, item_id as "itemId", decision_id as "decisionId", claimed_by as by, claimed_by_role as role,
       claimed_at as at from investigations where id = $1 for update`,
    [id],
  );
  return rows[0];
}

function claimOf({ by, role, at }: Held): Claim | undefined {
  return by === null || role === null || at === null ? undefined : { by, role, at };
}

async function decisionOf(db: Queryable, { decisionId }: Held): Promise<DecisionRow | undefined> {
  return decisionId === null ? undefined : readDecision(db, decisionId);
}

async function tell(
  db: Queryable,
  request: Omit<ClaimRequest, 'takeOverFrom'>,
  itemId: string,
  kind: string,
  detail: Record<string, unknown>,
): Promise<void> {
  await appendAuditEvent(db, {
    organisationId: request.organisationId,
    kind,
    actor: { kind: 'person', id: request.actorId },
    itemId,
    detail: { investigationId: request.investigationId, role: request.actorRole, ...detail },
  });
}

/** Names of people and API keys by their ids, as far as this scope may see them: the operator's are seen by the service. */
export async function readActorNames(db: Queryable, ids: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await db.query<{ id: string; name: string }>(
    `select id::text, name from users where id::text = any($1::text[])
     union all select id::text, name from api_keys where id::text = any($1::text[])`,
    [[...new Set(ids)]],
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}
