import { createHmac } from 'node:crypto';
import { verifyWebhook, type WebhookDelivery } from '../../zendesk/webhook-signature';

const TEST_SECRET = 'dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==';
const SECRET = 'c2VjcmV0IG9mIG9uZSB3ZWJob29r';
const OTHER = 'dGhlIHNlY3JldCBiZWZvcmU=';
const TIME = '2026-01-02T03:04:05Z';
const BODY = Buffer.from('{\n   "id": "1"\n}\n');

function signed(secret: string, timestamp: string, body: Buffer): string {
  return createHmac('sha256', secret).update(timestamp).update(body).digest('base64');
}

function delivery(change: Partial<WebhookDelivery> = {}, headers: WebhookDelivery['headers'] = {}): WebhookDelivery {
  return {
    headers: {
      'x-zendesk-account-id': '8405679',
      'x-zendesk-webhook-id': '01F1',
      'x-zendesk-webhook-invocation-id': '01HA',
      'x-zendesk-webhook-signature': signed(SECRET, TIME, BODY),
      'x-zendesk-webhook-signature-timestamp': TIME,
      ...headers,
    },
    rawBody: BODY,
    secrets: [SECRET],
    accountId: '8405679',
    nowMs: Date.parse(TIME),
    ...change,
  };
}

const refusal = (change: Partial<WebhookDelivery>, headers: WebhookDelivery['headers'] = {}) =>
  verifyWebhook(delivery(change, headers));

describe('verifyWebhook', () => {
  test('accepts a signature over timestamp and raw body', () => {
    expect(verifyWebhook(delivery())).toEqual({
      ok: true,
      accountId: '8405679',
      webhookId: '01F1',
      invocationId: '01HA',
      timestamp: TIME,
    });
  });

  test('accepts either of two secrets while they rotate', () => {
    expect(refusal({ secrets: [OTHER, SECRET] }).ok).toBe(true);
    expect(refusal({ secrets: [SECRET, OTHER] }).ok).toBe(true);
  });

  test('accepts exactly five minutes of difference, both ways', () => {
    expect(refusal({ nowMs: Date.parse(TIME) + 300_000 }).ok).toBe(true);
    expect(refusal({ nowMs: Date.parse(TIME) - 300_000 }).ok).toBe(true);
  });

  test('accepts any account while none is known', () => {
    expect(refusal({ accountId: undefined }).ok).toBe(true);
  });

  // Vectors of the API fact sheet §4.3: computing them right is what makes the test secret recognisable.
  test.each([
    ['2021-03-25T05:09:27Z', '{"event":"ticket.updated","id":123}', 'S/RDdU2ERmj7LHDDoWJ2onPYH+t7/f2+LTM4dL7UiLM='],
    ['2026-01-02T03:04:05Z', '', '1xsiPKGHFyXedEmvxNaOg4VQ2U4XjHcPMETpJymjCkg='],
  ])('refuses the published test secret, by the vector of %s', (timestamp, body, signature) => {
    const headers = { 'x-zendesk-webhook-signature': signature, 'x-zendesk-webhook-signature-timestamp': timestamp };
    expect(refusal({ rawBody: Buffer.from(body), nowMs: Date.parse(timestamp) }, headers)).toEqual({
      ok: false,
      refusal: 'test_secret',
    });
  });

  test('refuses the test secret as a configured secret', () => {
    expect(refusal({ secrets: [SECRET, TEST_SECRET] })).toEqual({ ok: false, refusal: 'test_secret' });
  });

  test('refuses without a secret', () => {
    expect(refusal({ secrets: [''] })).toEqual({ ok: false, refusal: 'no_secret' });
  });

  test.each([
    'x-zendesk-account-id',
    'x-zendesk-webhook-id',
    'x-zendesk-webhook-invocation-id',
    'x-zendesk-webhook-signature',
    'x-zendesk-webhook-signature-timestamp',
  ])('refuses a delivery without %s', (name) => {
    expect(refusal({}, { [name]: undefined })).toEqual({ ok: false, refusal: 'missing_header' });
  });

  test('refuses a header that came twice', () => {
    const headers = { 'x-zendesk-webhook-signature': ['a', 'b'] };
    expect(refusal({}, headers)).toEqual({ ok: false, refusal: 'repeated_header' });
  });

  test('refuses a signature older than five minutes', () => {
    const signedAtMs = Date.parse(TIME);
    expect(refusal({ nowMs: signedAtMs + 300_001 })).toEqual({ ok: false, refusal: 'stale', signedAtMs });
  });

  test('refuses a signature from more than five minutes ahead', () => {
    const signedAtMs = Date.parse(TIME);
    expect(refusal({ nowMs: signedAtMs - 300_001 })).toEqual({ ok: false, refusal: 'future', signedAtMs });
  });

  test.each([300_001, -300_001])('calls a forged delivery forged, %i ms off too', (offMs) => {
    const nowMs = Date.parse(TIME) + offMs;
    expect(refusal({ nowMs, secrets: [OTHER] })).toEqual({ ok: false, refusal: 'wrong_signature' });
    const test = { 'x-zendesk-webhook-signature': signed(TEST_SECRET, TIME, BODY) };
    expect(refusal({ nowMs }, test)).toEqual({ ok: false, refusal: offMs > 0 ? 'stale' : 'future' });
    expect(refusal({ nowMs, accountId: '1' })).toEqual({ ok: false, refusal: 'wrong_account' });
  });

  test.each(['1767323045', 'yesterday', '2026-13-02T03:04:05Z', '2026-01-02 03:04:05'])(
    'refuses %j as a timestamp',
    (timestamp) => {
      const headers = { 'x-zendesk-webhook-signature-timestamp': timestamp };
      expect(refusal({}, headers)).toEqual({ ok: false, refusal: 'malformed_timestamp' });
    },
  );

  test('refuses a changed body', () => {
    expect(refusal({ rawBody: Buffer.from('{"id":"1"}') })).toEqual({ ok: false, refusal: 'wrong_signature' });
  });

  test('refuses a changed timestamp', () => {
    const headers = { 'x-zendesk-webhook-signature-timestamp': '2026-01-02T03:04:06Z' };
    expect(refusal({}, headers)).toEqual({ ok: false, refusal: 'wrong_signature' });
  });

  test('refuses a signature made with another secret', () => {
    expect(refusal({ secrets: [OTHER] })).toEqual({ ok: false, refusal: 'wrong_signature' });
  });

  test.each(['', 'short', `${'A'.repeat(43)}==`, `${'A'.repeat(42)}*=`])('refuses %j as a signature', (signature) => {
    const expected = signature === '' ? 'missing_header' : 'malformed_signature';
    expect(refusal({}, { 'x-zendesk-webhook-signature': signature })).toEqual({ ok: false, refusal: expected });
  });

  test("refuses another account's delivery", () => {
    expect(refusal({ accountId: '1' })).toEqual({ ok: false, refusal: 'wrong_account' });
  });
});
