import { acquireBudgets, blockBudget, learnBudget } from '../db/rate-buckets';
import type { BudgetRequest } from '../db/rate-buckets';
import type { Database } from '../db/pool';
import type { Lane } from '../domain/words';
import type { Budget, BudgetEndpoint, BudgetFacts } from '../zendesk/budget';
import { sleep } from './sleep';

/** The budget has nothing for this lane now; `waitMs` says when to ask again. */
export class BudgetError extends Error {
  override readonly name = 'BudgetError';
  readonly waitMs: number;
  constructor(waitMs: number) {
    super(`Zendesk budget: nothing left for this lane, next token in ${Math.ceil(waitMs)} ms`);
    this.waitMs = waitMs;
  }
}

interface Limit {
  /** Requests per window of Zendesk's limit, before our share is taken. */
  requests: number;
  windowMs: number;
  /** True where no human agent draws on the same limit. */
  oursAlone?: boolean;
  keptForNotes?: number;
}

const MINUTE = 60_000;

/** Limits of the smallest plan (zendesk-api.md §6); headers teach the real ones. */
const LIMITS: Record<BudgetEndpoint, Limit> = {
  account: { requests: 200, windowMs: MINUTE },
  ticket_update: { requests: 100, windowMs: MINUTE },
  per_ticket_update: { requests: 30, windowMs: 10 * MINUTE, oursAlone: true, keptForNotes: 2 },
  incremental: { requests: 10, windowMs: MINUTE },
  search: { requests: 100, windowMs: MINUTE },
  audits: { requests: 500, windowMs: MINUTE },
  attachment_content: { requests: 2500, windowMs: MINUTE },
  webhooks: { requests: 100, windowMs: MINUTE },
};

/** Tickets whose own limit is remembered; one that is forgotten is learned again. */
const REMEMBERED = 1000;

const keyOf = ({ endpoint, scope }: { endpoint: string; scope: string }): string => `${endpoint} ${scope}`;

/** Longest wait inside an activity; a longer one is left to Temporal, which holds no slot for it. */
const PATIENCE_MS = 3000;

export interface BudgetOptions {
  database: Database;
  organisationId: string;
  connectionId: string;
  /** Part of each account limit that is ours, 0–1. */
  share: number;
}

/**
 * Zendesk's limits of one account, shared by all workers through Postgres.
 * @throws BudgetError from `acquire` when the wait is longer than three seconds
 */
export function createBudget(options: BudgetOptions): Budget {
  const { database, organisationId, connectionId } = options;
  const known = new Map<BudgetEndpoint, number>();
  // What our own count left at each limit that only we draw on: Zendesk's count matters where it is lower.
  const left = new Map<string, number>();
  const bucketOf = (endpoint: BudgetEndpoint, ticketId: string | undefined, learned?: number) => {
    const limit = LIMITS[endpoint];
    const ours = (learned ?? limit.requests) * (limit.oursAlone ? 1 : options.share);
    const scope = endpoint === 'per_ticket_update' ? (ticketId ?? '') : '';
    const requests = Math.max(1, Math.floor(ours));
    return { organisationId, connectionId, endpoint, scope, requests, windowMs: limit.windowMs };
  };
  const keepLeft = (bucket: BudgetRequest, count: number | undefined): void => {
    if (bucket.scope === '' || count === undefined) return;
    if (left.size >= REMEMBERED) left.clear();
    left.set(keyOf(bucket), count);
  };
  return {
    async acquire(endpoints: readonly BudgetEndpoint[], lane: Lane, ticketId?: string): Promise<void> {
      let missing = endpoints.map((endpoint): BudgetRequest => {
        return { ...bucketOf(endpoint, ticketId), keptForNotes: LIMITS[endpoint].keptForNotes ?? 0 };
      });
      for (let waited = 0; ;) {
        const [first, ...others] = missing;
        if (!first) return;
        const answer = await database.withOrganisation(organisationId, (db) =>
          acquireBudgets(db, lane, [first, ...others]),
        );
        missing.slice(0, answer.taken).forEach((one, index) => keepLeft(one, answer.left[index]));
        missing = missing.slice(answer.taken);
        if (missing.length === 0) return;
        if (waited + answer.waitMs > PATIENCE_MS) throw new BudgetError(answer.waitMs);
        await sleep(answer.waitMs);
        waited += answer.waitMs;
      }
    },
    async learn(endpoint: BudgetEndpoint, facts: BudgetFacts, ticketId?: string): Promise<void> {
      const bucket = bucketOf(endpoint, ticketId, facts.limit);
      const ms = facts.retryAfterMs;
      if (ms !== undefined) {
        await database.withOrganisation(organisationId, (db) => blockBudget(db, { ...bucket, ms }));
      } else if (facts.limit !== undefined) {
        const theirs = LIMITS[endpoint].oursAlone ? facts.remaining : undefined;
        const unheard = theirs !== undefined && theirs < (left.get(keyOf(bucket)) ?? Infinity);
        if (known.get(endpoint) === facts.limit && !unheard) return;
        known.set(endpoint, facts.limit);
        await database.withOrganisation(organisationId, (db) => learnBudget(db, { ...bucket, left: theirs }));
      }
    },
  };
}
