import { createHmac, timingSafeEqual } from 'node:crypto';

/** Why a delivery is refused: a closed list, for logs and metrics. Tell the sender none of it. */
export const WEBHOOK_REFUSALS = [
  'no_secret',
  'missing_header',
  'repeated_header',
  'malformed_timestamp',
  'stale',
  'future',
  'malformed_signature',
  'test_secret',
  'wrong_signature',
  'wrong_account',
] as const;
export type WebhookRefusal = (typeof WEBHOOK_REFUSALS)[number];

export interface WebhookDelivery {
  /** Headers as Node gives them, names in lower case. */
  headers: Record<string, string | string[] | undefined>;
  /** The bytes as they came, before any parsing. */
  rawBody: Buffer;
  /** The webhook's signing secret, and during a rotation the other one too. */
  secrets: readonly string[];
  /** The account's id at Zendesk; undefined only until the first proof has told it. */
  accountId: string | undefined;
  /** Now, in milliseconds since 1970. */
  nowMs: number;
}

export type WebhookVerification =
  | { ok: true; accountId: string; webhookId: string; invocationId: string; timestamp: string }
  /** `signedAtMs`: genuine, but signed then, outside the window around our clock: a replay, or a clock that is wrong. */
  | { ok: false; refusal: WebhookRefusal; signedAtMs?: number };

const WINDOW_MS = 5 * 60 * 1000;
/** Zendesk signs "test webhook" calls made before a webhook exists with this published secret (fact sheet §4.2). */
const TEST_SECRET = 'dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==';
const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$/;

const refuse = (refusal: WebhookRefusal): WebhookVerification => ({ ok: false, refusal });

/**
 * Verifies a delivery before anything of it is parsed: cheap refusals first, then the signature over timestamp and raw
 * body (base64 HMAC-SHA-256 whose key is the secret's text, fact sheet §4.3), then the account it is for, then its time:
 * last, so that a genuine delivery met by a wrong clock can be told from a forged one. The account header is not signed:
 * the envelope's own `account_id` is, so compare that too.
 */
export function verifyWebhook(delivery: WebhookDelivery): WebhookVerification {
  const secrets = delivery.secrets.filter((secret) => secret !== '');
  if (secrets.length === 0) return refuse('no_secret');
  if (secrets.includes(TEST_SECRET)) return refuse('test_secret');
  const names = ['signature', 'signature-timestamp', 'id', 'invocation-id'].map((name) => `x-zendesk-webhook-${name}`);
  const values = [...names, 'x-zendesk-account-id'].map((name) => delivery.headers[name]);
  if (values.some((value) => Array.isArray(value))) return refuse('repeated_header');
  const [signature, timestamp, webhookId, invocationId, accountId] = values.map((value) => String(value ?? ''));
  if (!signature || !timestamp || !webhookId || !invocationId || !accountId) return refuse('missing_header');
  const time = TIMESTAMP.test(timestamp) ? Date.parse(timestamp) : Number.NaN;
  if (Number.isNaN(time)) return refuse('malformed_timestamp');
  if (!/^[A-Za-z0-9+/]{43}=$/.test(signature)) return refuse('malformed_signature');
  const given = Buffer.from(signature, 'base64');
  // Every secret is tried, whichever fits, so that the time taken tells nothing.
  const fits = secrets.map((secret) => timingSafeEqual(given, sign(secret, timestamp, delivery.rawBody)));
  if (!fits.includes(true)) {
    const test = timingSafeEqual(given, sign(TEST_SECRET, timestamp, delivery.rawBody));
    return refuse(test ? (outsideWindow(time, delivery.nowMs) ?? 'test_secret') : 'wrong_signature');
  }
  if (delivery.accountId !== undefined && delivery.accountId !== accountId) return refuse('wrong_account');
  const late = outsideWindow(time, delivery.nowMs);
  if (late !== undefined) return { ok: false, refusal: late, signedAtMs: time };
  return { ok: true, accountId, webhookId, invocationId, timestamp };
}

function outsideWindow(timeMs: number, nowMs: number): 'stale' | 'future' | undefined {
  if (nowMs - timeMs > WINDOW_MS) return 'stale';
  return timeMs - nowMs > WINDOW_MS ? 'future' : undefined;
}

function sign(secret: string, timestamp: string, rawBody: Buffer): Buffer {
  return createHmac('sha256', secret).update(timestamp).update(rawBody).digest();
}
