import { errorFromAnswer } from '../../zendesk/error-answer';
import { ZENDESK_ERROR_KINDS } from '../../zendesk/errors';

function judged(status: number, body: unknown, headers: Record<string, string> = {}, write = true) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return errorFromAnswer({ operation: 'tickets.update', status, headers, body: text, write });
}
const closed = { status: [{ description: 'Status: closed prevents ticket update' }] };

describe('errorFromAnswer', () => {
  test.each([
    [400, { error: 'TooManyValues', description: 'Parameter  cannot specify more than 100 values' }, 'bad_request'],
    [400, { errors: [{ code: 'InvalidPaginationParameter', title: 'page[after] is not valid' }] }, 'bad_request'],
    [400, { error: 'invalid_grant', error_description: 'The provided access grant is invalid' }, 'invalid_grant'],
    [401, { error: 'invalid_client', error_description: 'The client identifier is invalid' }, 'invalid_client'],
    [401, { error: "Couldn't authenticate you" }, 'unauthorised'],
    [401, { error: 'invalid_token', error_description: 'The access token provided is expired' }, 'token_dead'],
    [403, { error: { title: 'Forbidden', message: 'You do not have access to this page.' } }, 'forbidden'],
    [404, { error: 'RecordNotFound', description: 'Not found' }, 'not_found'],
    [404, { errors: [{ code: 'TriggerCategoryNotFound', title: 'x' }] }, 'not_found'],
    [404, { error: { title: 'No help desk at x.zendesk.com', message: 'y' } }, 'unknown_host'],
    [409, { error: 'UpdateConflict', description: 'Safe Update prevented the update' }, 'conflict'],
    [413, '', 'too_large'],
    [422, { error: 'RecordInvalid', description: 'Record validation errors', details: closed }, 'ticket_closed'],
    [
      422,
      { error: 'RecordInvalid', details: { base: [{ description: 'Comments limit of 5000 reached' }] } },
      'comment_limit',
    ],
    [422, { error: 'AttachmentUnprocessable', description: 'x' }, 'uploads_restricted'],
    [422, { error: 'RecordInvalid', details: { base: [{ error: 'BlankValue', description: 'x' }] } }, 'record_invalid'],
    [429, 'Number of allowed API requests per minute exceeded', 'rate_limited'],
    [429, { error: 'APIRateLimitExceeded', description: 'x' }, 'rate_limited'],
    [500, '<html><body>Oops</body></html>', 'unavailable'],
    [503, 'maintenance', 'unavailable'],
    [302, '', 'malformed_answer'],
  ])('judges status %i with %j', (status, body, kind) => {
    const error = judged(status, body);
    expect(error.kind).toBe(kind);
    expect(ZENDESK_ERROR_KINDS).toContain(error.kind);
  });

  test('names the scopes that are missing and nothing else', () => {
    const description = 'You are missing the following required scopes: tickets:read, read';
    const error = judged(403, { error: 'Forbidden', description });
    expect(error).toMatchObject({ kind: 'missing_scope', retryable: false, missingScopes: ['tickets:read', 'read'] });
  });

  test('waits as long as a 429 says, in seconds or until a date', () => {
    expect(judged(429, '', { 'retry-after': '7' })).toMatchObject({ retryable: true, retryAfterMs: 7000 });
    const date = new Date(Date.now() + 60_000).toUTCString();
    const wait = judged(429, '', { 'retry-after': date }).retryAfterMs ?? 0;
    expect(wait).toBeGreaterThan(50_000);
    expect(wait).toBeLessThanOrEqual(60_000);
  });

  test('waits ten seconds where nobody says how long', () => {
    expect(judged(429, '', { 'retry-after': 'soon' }).retryAfterMs).toBe(10_000);
    expect(judged(503, '').retryAfterMs).toBe(10_000);
  });

  test('takes a failed write for perhaps executed after 5xx, and never after 4xx', () => {
    expect(judged(502, '').outcomeUnknown).toBe(true);
    expect(judged(502, '', {}, false).outcomeUnknown).toBe(false);
    expect(judged(409, '').outcomeUnknown).toBe(false);
    expect(judged(429, '').outcomeUnknown).toBe(false);
  });

  test('keeps text of the answer out of the error', () => {
    const secret = 'mallory@evil.test invoice.doc tok_123';
    for (const status of [400, 401, 403, 404, 409, 422, 429, 500]) {
      const error = judged(status, {
        error: secret,
        description: secret,
        details: { [secret]: [{ description: secret }] },
      });
      expect(`${error.message} ${JSON.stringify(error)} ${error.stack}`).not.toMatch(/mallory|invoice|tok_123/);
    }
  });
});
