import { learnFromAnswer } from '../../zendesk/budget';

describe('learnFromAnswer', () => {
  test.each(['zendesk-ratelimit-', 'zendesk-rate-limit-'])('reads endpoint headers with the prefix %s', (prefix) => {
    const headers = {
      [`${prefix}per-ticket-updates`]: 'total=30; remaining=29; resets=468',
      [`${prefix}tickets-update`]: 'total=100; remaining=3; resets=12',
      [`${prefix}tickets-index`]: 'total=50; remaining=3; resets=12',
    };
    expect(
      learnFromAnswer({ status: 200, headers, body: '' }, ['per_ticket_update', 'ticket_update', 'account']),
    ).toEqual([
      { endpoint: 'per_ticket_update', facts: { limit: 30, remaining: 29, resetSeconds: 468 } },
      { endpoint: 'ticket_update', facts: { limit: 100, remaining: 3, resetSeconds: 12 } },
    ]);
  });

  test.each([
    [
      { 'x-rate-limit': '700', 'x-rate-limit-remaining': '699' },
      { limit: 700, remaining: 699 },
    ],
    [
      { 'ratelimit-limit': '700', 'ratelimit-remaining': '0', 'ratelimit-reset': '5' },
      { limit: 700, remaining: 0, resetSeconds: 5 },
    ],
    [{ 'rate-limit-limit': '700', 'rate-limit-remaining': 'many' }, { limit: 700 }],
  ])('reads the general headers %j', (headers: Record<string, string>, facts) => {
    expect(learnFromAnswer({ status: 200, headers, body: '' }, ['account'])).toEqual([{ endpoint: 'account', facts }]);
    expect(learnFromAnswer({ status: 200, headers, body: '' }, ['webhooks'])).toEqual([
      { endpoint: 'webhooks', facts },
    ]);
  });

  test("does not take an export's limit for the account's", () => {
    const headers = { 'ratelimit-limit': '10', 'ratelimit-remaining': '9' };
    expect(learnFromAnswer({ status: 200, headers, body: '' }, ['incremental', 'account'])).toEqual([]);
  });

  test('believes a 429 at once, for the limit that is at zero', () => {
    const headers = {
      'retry-after': '93',
      'zendesk-ratelimit-per-ticket-updates': 'total=30; remaining=0; resets=93',
      'x-rate-limit': '700',
      'x-rate-limit-remaining': '500',
    };
    const learned = learnFromAnswer({ status: 429, headers, body: '' }, [
      'ticket_update',
      'per_ticket_update',
      'account',
    ]);
    expect(learned.at(-1)).toEqual({ endpoint: 'per_ticket_update', facts: { retryAfterMs: 93_000, remaining: 0 } });
  });

  test('believes the sentence of a 429 about exports', () => {
    const body = 'Number of allowed incremental export API requests per minute exceeded';
    expect(learnFromAnswer({ status: 429, headers: { 'retry-after': '6' }, body }, ['account'])).toEqual([
      { endpoint: 'incremental', facts: { retryAfterMs: 6000, remaining: 0 } },
    ]);
  });

  test('stops the most particular limit where a 429 names none', () => {
    const learned = learnFromAnswer({ status: 429, headers: {}, body: 'x' }, ['attachment_content']);
    expect(learned).toEqual([{ endpoint: 'attachment_content', facts: { retryAfterMs: 10_000, remaining: 0 } }]);
  });
});
