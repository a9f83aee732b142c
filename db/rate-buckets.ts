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
  /** Requests of the window that only notes may use. */
  keptForNotes: number;
}

/** How many buckets gave a request, milliseconds until the next one may, and what each that gave has left by our count. */
export interface BudgetAnswer {
  taken: number;
  waitMs: number;
  left: number[];
}

const values = (bucket: RateBucket): unknown[] => [
  bucket.organisationId,
  bucket.connectionId,
  bucket.endpoint,
  bucket.scope,
];

/** Takes one request from each bucket of one connection, in their order, and no further than the first that has none. */
export async function acquireBudgets(
  db: Queryable,
  lane: Lane,
  requests: readonly [BudgetRequest, ...BudgetRequest[]],
): Promise<BudgetAnswer> {
  const [{ organisationId, connectionId }] = requests;
  const { rows } = await db.query<{ taken: number; wait: number; spare: number[] }>(
    'select taken, wait, spare from acquire_budgets($1, $2, $3, $4, $5, $6, $7, $8)',
    [
      organisationId,
      connectionId,
      requests.map((one) => one.endpoint),
      requests.map((one) => one.scope),
      LANES.indexOf(lane) + 1,
      requests.map((one) => one.requests),
      requests.map((one) => one.windowMs),
      requests.map((one) => one.keptForNotes),
    ],
  );
  const [row] = rows;
  if (!row) throw new Error('budget: expected an answer of the buckets, got nothing');
  return { taken: row.taken, waitMs: row.wait, left: row.spare };
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
