import { acquireBudget, blockBudget, learnBudget } from '../db/rate-buckets';
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
  const bucketOf = (endpoint: BudgetEndpoint, ticketId: string | undefined, learned?: number) => {
    const limit = LIMITS[endpoint];
    const ours = (learned ?? limit.requests) * (limit.oursAlone ? 1 : options.share);
    const scope = endpoint === 'per_ticket_update' ? (ticketId ?? '') : '';
    const requests = Math.max(1, Math.floor(ours));
    return { organisationId, connectionId, endpoint, scope, requests, windowMs: limit.windowMs };
  };
  return {
    async acquire(endpoint: BudgetEndpoint, lane: Lane, ticketId?: string): Promise<void> {
      const { keptForNotes = 0 } = LIMITS[endpoint];
      const request = { ...bucketOf(endpoint, ticketId), lane, cost: 1, keptForNotes };
      for (let waited = 0; ;) {
        const wait = await database.withOrganisation(organisationId, (db) => acquireBudget(db, request));
        if (wait === 0) return;
        if (waited + wait > PATIENCE_MS) throw new BudgetError(wait);
        await sleep(wait);
        waited += wait;
      }
    },
    async learn(endpoint: BudgetEndpoint, facts: BudgetFacts, ticketId?: string): Promise<void> {
      const bucket = bucketOf(endpoint, ticketId, facts.limit);
      const ms = facts.retryAfterMs;
      if (ms !== undefined) {
        await database.withOrganisation(organisationId, (db) => blockBudget(db, { ...bucket, ms }));
      } else if (facts.limit !== undefined) {
        const left = LIMITS[endpoint].oursAlone ? facts.remaining : undefined;
        if (known.get(endpoint) === facts.limit && left === undefined) return;
        known.set(endpoint, facts.limit);
        await database.withOrganisation(organisationId, (db) => learnBudget(db, { ...bucket, left }));
      }
    },
  };
}
