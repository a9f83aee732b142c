import { createHmac } from 'node:crypto';
import { canParseUrl } from '../../domain/urls';

/**
 * The keyed hash under which a link is known where its text may not stand: HMAC-SHA-256 over the whole URL in WHATWG form,
 * query, fragment and user info included. Lower-case hex.
 * @param key at least 32 random bytes, of the organisation
 * @throws RangeError when the key is shorter
 */
export function linkKey(url: string, key: Uint8Array): string {
  if (key.length < 32) throw new RangeError('the key of link hashes needs 32 bytes');
  const text = canParseUrl(url) ? new URL(url).href : url;
  return createHmac('sha256', key).update('link\0').update(text).digest('hex');
}
