import { MASK, maskUrl } from '../../domain/url-mask';
import { linkKey } from '../../scanners/links';

const KEY = Buffer.alloc(32, 1);

it.each([
  ['https://example.com/help/article-12', 'https://example.com/help/article-12'],
  ['https://u:p@example.com/', 'https://…@example.com/'],
  ['https://example.com:8443/a?token=x', 'https://example.com:8443/a?…'],
  ['https://example.com/a#access_token=x', 'https://example.com/a#…'],
  ['https://example.com/a;jsessionid=1A2B/b', 'https://example.com/a;…/b'],
  ['https://example.com/r/0123456789abcdef0123/x', 'https://example.com/r/…/x'],
  ['https://example.com/550e8400-e29b-41d4-a716-446655440000', 'https://example.com/…'],
  ['https://example.com/u/ada%40example.org/x', 'https://example.com/u/…/x'],
  ['data:text/html,secret', 'data:…'],
  ['javascript:secret()', 'javascript:…'],
  ['no url at all', MASK],
])('shows of %s only %s', (url, text) => {
  expect(maskUrl(url).text).toBe(text);
});

it('cuts a path that is very long', () => {
  expect(maskUrl(`https://example.com/${'word/'.repeat(200)}`).path.length).toBeLessThanOrEqual(300);
});

it('names a link by its whole address, under the organisation’s own key', () => {
  const key = linkKey('https://Example.com:443/a?x=1#y', KEY);
  expect(key).toMatch(/^[0-9a-f]{64}$/);
  expect(linkKey('https://example.com/a?x=1#y', KEY)).toBe(key);
  for (const other of ['https://example.com/a?x=2#y', 'https://example.com/a?x=1#z', 'https://u@example.com/a?x=1#y'])
    expect(linkKey(other, KEY)).not.toBe(key);
  expect(linkKey('https://example.com/a?x=1#y', Buffer.alloc(32, 2))).not.toBe(key);
  expect(linkKey('no url', KEY)).toMatch(/^[0-9a-f]{64}$/);
  expect(() => linkKey('https://example.com/', Buffer.alloc(31))).toThrow(/32 bytes/);
});
