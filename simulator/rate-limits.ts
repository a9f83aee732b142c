import type { Call } from './http';
import { Refusal } from './http';

const PLANS: Record<string, number> = {
  essential: 10,
  team: 200,
  growth: 400,
  professional: 400,
  enterprise: 700,
  enterprise_plus: 2500,
  trial: 200,
  none: 0,
};

interface Window {
  startedAt: number;
  used: number;
}

export interface Bucket {
  total: number;
  remaining: number;
  resetsSeconds: number;
}

/** Counters of fixed windows. They live with the process: a restart of the stand-in begins new windows. */
export class RateLimits {
  private readonly windows = new Map<string, Window>();

  /** Takes one from a window; undefined when nothing was left. */
  take(key: string, limit: number, windowMs: number, now: number): { ok: boolean; bucket: Bucket } {
    let window = this.windows.get(key);
    if (window === undefined || now - window.startedAt >= windowMs) {
      window = { startedAt: now, used: 0 };
      this.windows.set(key, window);
    }
    const ok = window.used < limit;
    if (ok) window.used += 1;
    const resetsSeconds = Math.max(1, Math.ceil((window.startedAt + windowMs - now) / 1000));
    return { ok, bucket: { total: limit, remaining: limit - window.used, resetsSeconds } };
  }

  clear(): void {
    this.windows.clear();
  }
}

const MINUTE = 60_000;

/**
 * Counts a call against every limit of fact sheet §6 that it falls under and sets the headers.
 * @throws Refusal 429 with `Retry-After`
 */
export function countAgainstLimits(call: Call, limits: RateLimits): void {
  const settings = call.account.switches.rateLimits;
  const now = call.world.clock();
  const content = call.path.startsWith('/attachments/token/');
  if (!settings.enabled || !(content || call.path.startsWith('/api/'))) return;
  const key = String(call.account.id);
  if (content) {
    const { ok, bucket } = limits.take(`${key}:content`, settings.contentPerMinute, MINUTE, now);
    if (!ok) throw tooMany(call, bucket, 'Number of allowed API requests per minute exceeded');
    return;
  }
  takeAccount(call, limits, key, now);
  if (call.path.startsWith('/api/v2/incremental/')) {
    const limit = settings.incrementalPerMinute || 10;
    const { ok, bucket } = limits.take(`${key}:incremental`, limit, MINUTE, now);
    if (!ok) throw tooMany(call, bucket, 'Number of allowed incremental export API requests per minute exceeded');
  }
  if (call.method === 'PUT') takeTicketUpdate(call, limits, key, now);
}

function takeAccount(call: Call, limits: RateLimits, key: string, now: number): void {
  const settings = call.account.switches.rateLimits;
  const perMinute = settings.perMinute || (PLANS[call.account.switches.plan] ?? 700);
  if (perMinute === 0) return;
  const { ok, bucket } = limits.take(`${key}:account`, perMinute, MINUTE, now);
  Object.assign(call.extraHeaders, {
    'x-rate-limit': String(bucket.total),
    'x-rate-limit-remaining': String(bucket.remaining),
    'ratelimit-limit': String(bucket.total),
    'ratelimit-remaining': String(bucket.remaining),
    'ratelimit-reset': String(bucket.resetsSeconds),
  });
  if (!ok) throw tooMany(call, bucket, 'Number of allowed API requests per minute exceeded');
}

const described = (bucket: Bucket): string =>
  `total=${bucket.total}; remaining=${bucket.remaining}; resets=${bucket.resetsSeconds}`;

/** The Update Ticket limit of the account, then 30 updates in 10 minutes per user and ticket, redactions included. */
function takeTicketUpdate(call: Call, limits: RateLimits, key: string, now: number): void {
  const settings = call.account.switches.rateLimits;
  const plan = call.account.switches.plan;
  if (/^\/api\/v2\/tickets\/\d+(?:\.json)?$/.test(call.path)) {
    const usual = plan === 'enterprise_plus' ? 300 : plan === 'trial' ? 20 : 100;
    const { ok, bucket } = limits.take(`${key}:update`, settings.updateTicketPerMinute || usual, MINUTE, now);
    call.extraHeaders['zendesk-rate-limit-tickets-update'] = described(bucket);
    if (!ok) throw tooMany(call, bucket, 'Number of allowed ticket update API requests per minute exceeded');
  }
  const ticketId = updatedTicket(call);
  if (ticketId === undefined) return;
  const bucketKey = `${key}:ticket:${ticketId}:${call.identity?.user.id ?? 'nobody'}`;
  const { ok, bucket } = limits.take(bucketKey, settings.perTicket, settings.perTicketWindowMs, now);
  call.extraHeaders[`${settings.headerPrefix}per-ticket-updates`] = described(bucket);
  if (!ok) throw tooMany(call, bucket, 'Number of allowed updates of one ticket exceeded');
}

function updatedTicket(call: Call): number | undefined {
  const direct = /^\/api\/v2\/tickets\/(\d+)(?:[/.]|$)/.exec(call.path);
  if (direct !== null) return Number(direct[1]);
  const redaction = /^\/api\/v2\/comment_redactions\/(\d+)/.exec(call.path);
  return redaction === null ? undefined : call.world.comments.get(redaction[1] ?? '')?.ticketId;
}

function tooMany(call: Call, bucket: Bucket, description: string): Refusal {
  const text = call.account.switches.rateLimits.answer === 'text';
  const body = text ? description : { error: 'APIRateLimitExceeded', description };
  return new Refusal(429, body, { ...call.extraHeaders, 'retry-after': String(bucket.resetsSeconds) });
}
