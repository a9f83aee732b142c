import { createHmac } from 'node:crypto';
import { request } from 'undici';
import type { Account, Webhook } from './model';
import { stamp } from './http';

/** Signs calls made before a webhook exists (fact sheet §4.2). */
export const TEST_SECRET = 'dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==';

/** base64(HMAC-SHA256(secret as given, timestamp + raw body)). */
export function sign(secret: string, timestamp: string, body: string): string {
  return createHmac('sha256', secret).update(timestamp).update(body).digest('base64');
}

export interface Outcome {
  /** 0 when there was no HTTP answer. */
  statusCode: number;
  timedOut: boolean;
  headers: Record<string, string>;
  payload: string;
  requestHeaders: Record<string, string>;
}

export interface Sending {
  account: Account;
  webhook: Pick<Webhook, 'id' | 'endpoint' | 'httpMethod' | 'requestFormat' | 'authentication' | 'customHeaders'>;
  secret: string;
  invocationId: string;
  payload: string;
  nowMs: number;
  /** Where calls to names outside this machine are led, keeping their path; absent: they fail. */
  target: string | undefined;
  timeoutMs: number;
}

function headersOf(sending: Sending, body: string): Record<string, string> {
  const { webhook } = sending;
  const timestamp = stamp(sending.nowMs);
  const headers: Record<string, string> = {
    'user-agent': 'Zendesk Webhook',
    'x-zendesk-account-id': String(sending.account.id),
    'x-zendesk-webhook-id': webhook.id,
    'x-zendesk-webhook-invocation-id': sending.invocationId,
    'x-zendesk-webhook-signature': sign(sending.secret, timestamp, body),
    'x-zendesk-webhook-signature-timestamp': timestamp,
    ...webhook.customHeaders,
  };
  if (body !== '') headers['content-type'] = contentTypeOf(webhook.requestFormat);
  const data = webhook.authentication?.data ?? {};
  const basic = Buffer.from(`${data['username'] ?? ''}:${data['password'] ?? ''}`).toString('base64');
  if (webhook.authentication?.type === 'basic_auth') headers['authorization'] = `Basic ${basic}`;
  if (webhook.authentication?.type === 'bearer_token') headers['authorization'] = `Bearer ${data['token'] ?? ''}`;
  if (webhook.authentication?.type === 'api_key') headers[data['name'] ?? 'x-api-key'] = data['value'] ?? '';
  return headers;
}

function contentTypeOf(format: string): string {
  if (format === 'xml') return 'application/xml; charset=utf-8';
  return format === 'form_encoded' ? 'application/x-www-form-urlencoded' : 'application/json; charset=utf-8';
}

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\]|[\w.-]+\.localhost)$/;

/** Where a call really goes; undefined when it would leave this machine. */
function addressOf(endpoint: string, target: string | undefined): URL | undefined {
  const url = new URL(endpoint);
  if (LOOPBACK.test(url.hostname)) return url;
  return target === undefined ? undefined : new URL(`${url.pathname}${url.search}`, target);
}

/** Makes one call; never throws. */
export async function sendWebhook(sending: Sending): Promise<Outcome> {
  const { webhook } = sending;
  const body = ['GET', 'DELETE'].includes(webhook.httpMethod) ? '' : sending.payload;
  const headers = headersOf(sending, body);
  const failed = (payload: string, timedOut = false): Outcome => ({
    statusCode: 0,
    timedOut,
    headers: {},
    payload,
    requestHeaders: headers,
  });
  const address = addressOf(webhook.endpoint, sending.target);
  if (address === undefined) return failed('The endpoint is not on this machine and no webhookTarget is set.');
  const signal = AbortSignal.timeout(sending.timeoutMs);
  try {
    const response = await request(address, {
      method: webhook.httpMethod === 'GET' ? 'GET' : methodOf(webhook.httpMethod),
      headers,
      ...(body === '' ? {} : { body }),
      signal,
    });
    const payload = await response.body.text();
    const answered = Object.fromEntries(Object.entries(response.headers).map(([key, value]) => [key, String(value)]));
    return { statusCode: response.statusCode, timedOut: false, headers: answered, payload, requestHeaders: headers };
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error), signal.aborted);
  }
}

function methodOf(method: string): 'POST' | 'PUT' | 'PATCH' | 'DELETE' {
  return method === 'PUT' || method === 'PATCH' || method === 'DELETE' ? method : 'POST';
}
