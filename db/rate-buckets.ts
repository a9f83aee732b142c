import { LANES } from '../domain/words';
import type { Lane } from '../domain/words';
import type { Queryable } from './pool';

/** One of Zendesk's limits for one connection, as far as it is ours. */
export interface RateBucket {
  organisationId: string;
  connectionId: string;
  endpoint: string;
  /** Ticket id for limits that count per ticket, else empty. */
  scope: string;
  /** Requests that may be sent within any window of `windowMs` milliseconds; at least 1. */
  requests: number;
  windowMs: number;
}

export interface BudgetRequest extends RateBucket {
  lane: Lane;
  cost: number;
  /** Requests of the window that only notes may use. */
  keptForNotes: number;
}

const values = (bucket: RateBucket): unknown[] => [
  bucket.organisationId,
  bucket.connectionId,
  bucket.endpoint,
  bucket.scope,
];

/** Takes requests from one bucket. @returns 0 when taken, else milliseconds to wait before asking again */
export async function acquireBudget(db: Queryable, request: BudgetRequest): Promise<number> {
  const { rows } = await db.query<{ wait: number }>(
    'select acquire_budget($1, $2, $3, $4, $5, $6, $7, $8, $9) as wait',
    [
      ...values(request),
      LANES.indexOf(request.lane) + 1,
      request.cost,
      request.requests,
      request.windowMs,
      request.keptForNotes,
    ],
  );
  const wait = rows[0]?.wait;
  if (wait === undefined) throw new Error('budget: expected an answer of the bucket, got nothing');
  return wait;
}

/** Closes a bucket for a time in milliseconds, because Zendesk said so. */
export async function blockBudget(db: Queryable, bucket: RateBucket & { ms: number }): Promise<void> {
  await db.query('select block_budget($1, $2, $3, $4, $5, $6, $7)', [
    ...values(bucket),
    bucket.requests,
    bucket.windowMs,
    bucket.ms,
  ]);
}

/** Takes over what Zendesk said of a limit. `left` is what it says may still be sent, or undefined. */
export async function learnBudget(db: Queryable, bucket: RateBucket & { left: number | undefined }): Promise<void> {
  await db.query('select learn_budget($1, $2, $3, $4, $5, $6, $7)', [
    ...values(bucket),
    bucket.requests,
    bucket.windowMs,
    bucket.left ?? null,
  ]);
}
