import { LANES } from '../domain/words';
import type { Lane } from '../domain/words';
import type { Queryable } from './pool';

export interface BudgetRequest {
  organisationId: string;
  connectionId: string;
  endpoint: string;
  /** Ticket id for limits that count per ticket, else empty. */
  scope: string;
  lane: Lane;
  cost: number;
  /** Tokens at most, and how many come back per millisecond. */
  capacity: number;
  perMs: number;
}

/** Takes tokens from one bucket. @returns 0 when taken, else milliseconds to wait before asking again */
export async function acquireBudget(db: Queryable, request: BudgetRequest): Promise<number> {
  const { rows } = await db.query<{ wait: number }>('select acquire_budget($1, $2, $3, $4, $5, $6, $7, $8) as wait', [
    request.organisationId,
    request.connectionId,
    request.endpoint,
    request.scope,
    LANES.indexOf(request.lane) + 1,
    request.cost,
    request.capacity,
    request.perMs,
  ]);
  return rows[0]?.wait ?? 0;
}

/** Closes a bucket for a time, because Zendesk said so. */
export async function blockBudget(
  db: Queryable,
  bucket: { connectionId: string; endpoint: string; scope: string; ms: number },
): Promise<void> {
  await db.query('select block_budget($1, $2, $3, $4)', [
    bucket.connectionId,
    bucket.endpoint,
    bucket.scope,
    bucket.ms,
  ]);
}

/** Takes over what Zendesk said of a limit. `left` is what it says may still be sent, or undefined. */
export async function learnBudget(
  db: Queryable,
  bucket: Pick<BudgetRequest, 'connectionId' | 'endpoint' | 'scope' | 'capacity' | 'perMs'> & {
    left: number | undefined;
  },
): Promise<void> {
  await db.query('select learn_budget($1, $2, $3, $4, $5, $6)', [
    bucket.connectionId,
    bucket.endpoint,
    bucket.scope,
    bucket.capacity,
    bucket.perMs,
    bucket.left ?? null,
  ]);
}
