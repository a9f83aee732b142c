import type { Lane } from '../domain/words';
import { retryAfterMs } from './error-answer';

/** Zendesk's separate limits that our calls draw on (fact sheet §6). `per_ticket_update` counts per user and ticket. */
export const BUDGET_ENDPOINTS = [
  'account',
  'ticket_update',
  'per_ticket_update',
  'incremental',
  'search',
  'audits',
  'attachment_content',
  'webhooks',
] as const;
export type BudgetEndpoint = (typeof BUDGET_ENDPOINTS)[number];

/** What an answer told about one limit: requests, seconds until it is full again, milliseconds we were told to wait. */
export interface BudgetFacts {
  limit?: number;
  remaining?: number;
  resetSeconds?: number;
  retryAfterMs?: number;
}

/**
 * Shares Zendesk's limits among all processes; implemented in the database. `acquire` takes one request of each limit, in
 * their order (most particular first), and waits or throws; `ticketId` matters to `per_ticket_update` only.
 */
export interface Budget {
  acquire(endpoints: readonly BudgetEndpoint[], lane: Lane, ticketId?: string): Promise<void>;
  learn(endpoint: BudgetEndpoint, facts: BudgetFacts, ticketId?: string): void | Promise<void>;
}

export interface Learned {
  endpoint: BudgetEndpoint;
  facts: BudgetFacts;
}

interface LimitedAnswer {
  status: number;
  headers: Record<string, string>;
  /** Only looked at for a 429. */
  body: string;
}

/**
 * What an answer says about the limits the call drew on. Endpoint headers are read under both of Zendesk's prefixes; the
 * general ones count for the webhooks API's own limit, or for the account where the call has no export limit of its own.
 * @param endpoints the limits that were acquired, most particular first
 */
export function learnFromAnswer(answer: LimitedAnswer, endpoints: readonly BudgetEndpoint[]): Learned[] {
  const learned: Learned[] = [];
  for (const [name, value] of Object.entries(answer.headers)) {
    const endpoint = endpointOfHeader(name);
    if (endpoint !== undefined) learned.push({ endpoint, facts: namedFacts(value) });
  }
  const general = generalEndpoint(endpoints);
  const facts = generalFacts(answer.headers);
  if (general !== undefined && Object.keys(facts).length > 0) learned.push({ endpoint: general, facts });
  if (answer.status === 429) learned.push(believe(answer, endpoints, learned));
  return learned;
}

/** A 429 stops the limit that Zendesk names: by a header at zero, by its sentence, else the most particular one. */
function believe(answer: LimitedAnswer, endpoints: readonly BudgetEndpoint[], learned: readonly Learned[]): Learned {
  const wait = { retryAfterMs: retryAfterMs(answer.headers) ?? 10_000, remaining: 0 };
  const empty = learned.find((one) => one.facts.remaining === 0)?.endpoint;
  const named = /incremental/i.test(answer.body) ? 'incremental' : undefined;
  return { endpoint: empty ?? named ?? endpoints[0] ?? 'account', facts: wait };
}

function endpointOfHeader(name: string): BudgetEndpoint | undefined {
  const limit = /^zendesk-rate-?limit-(.+)$/.exec(name)?.[1];
  if (limit === undefined) return undefined;
  if (limit === 'per-ticket-updates') return 'per_ticket_update';
  if (limit === 'tickets-update') return 'ticket_update';
  if (limit.includes('incremental')) return 'incremental';
  if (limit.includes('search')) return 'search';
  return limit.includes('audit') ? 'audits' : undefined;
}

/** `total=30; remaining=29; resets=468`. */
function namedFacts(value: string): BudgetFacts {
  const parts = new Map(
    value.split(';').map((part) => {
      const [key = '', number = ''] = part.split('=');
      return [key.trim(), number.trim()] as const;
    }),
  );
  return facts(parts.get('total'), parts.get('remaining'), parts.get('resets'));
}

function generalEndpoint(endpoints: readonly BudgetEndpoint[]): BudgetEndpoint | undefined {
  if (endpoints.includes('webhooks')) return 'webhooks';
  const own = endpoints.some((one) => one === 'incremental' || one === 'search' || one === 'audits');
  return own || !endpoints.includes('account') ? undefined : 'account';
}

function generalFacts(headers: Record<string, string>): BudgetFacts {
  const limit = headers['ratelimit-limit'] ?? headers['rate-limit-limit'] ?? headers['x-rate-limit'];
  const remaining =
    headers['ratelimit-remaining'] ?? headers['rate-limit-remaining'] ?? headers['x-rate-limit-remaining'];
  return facts(limit, remaining, headers['ratelimit-reset'] ?? headers['rate-limit-reset']);
}

function facts(limit?: string, remaining?: string, reset?: string): BudgetFacts {
  const found: BudgetFacts = {};
  if (limit !== undefined && /^\d{1,9}$/.test(limit)) found.limit = Number(limit);
  if (remaining !== undefined && /^\d{1,9}$/.test(remaining)) found.remaining = Number(remaining);
  if (reset !== undefined && /^\d{1,9}$/.test(reset)) found.resetSeconds = Number(reset);
  return found;
}
