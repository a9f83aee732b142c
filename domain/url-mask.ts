import { canParseUrl } from './urls';

/**
 * Links carry secrets: reset links, signed links, mail addresses. What may be stored and shown in lists is the host and
 * the path without long tokens; the rest is masked. Pure; the keyed hash is `scanners/links/link-key.ts`.
 */

/** A link as lists and exports show it. `text` is the whole line: scheme, host, masked path, `?…` and `#…` where something was there. */
export interface MaskedUrl {
  host: string;
  path: string;
  text: string;
}

/** Stands where something was masked. */
export const MASK = '…';

const MAX_PATH = 300;

/**
 * Masks user info, query, fragment, path parameters (`;jsessionid=…`) and every path segment that looks like a token.
 * Never throws; a text that is no URL gives an empty host and a masked path. `data:` and `javascript:` keep their scheme only.
 */
export function maskUrl(url: string): MaskedUrl {
  const parsed = canParseUrl(url) ? new URL(url) : undefined;
  if (!parsed) return { host: '', path: MASK, text: MASK };
  if (!parsed.pathname.startsWith('/')) return { host: '', path: MASK, text: `${parsed.protocol}${MASK}` };
  const path = cut(parsed.pathname.split('/').map(maskSegment).join('/'));
  const user = parsed.username !== '' || parsed.password !== '' ? `${MASK}@` : '';
  const port = parsed.port === '' ? '' : `:${parsed.port}`;
  const query = parsed.search === '' ? '' : `?${MASK}`;
  const fragment = parsed.hash === '' ? '' : `#${MASK}`;
  const text = `${parsed.protocol}//${user}${parsed.hostname}${port}${path}${query}${fragment}`;
  return { host: parsed.hostname, path, text };
}

function cut(path: string): string {
  return path.length <= MAX_PATH ? path : `${path.slice(0, MAX_PATH - 1)}${MASK}`;
}

function maskSegment(segment: string): string {
  const [name = '', ...parameters] = segment.split(';');
  const kept = isToken(decoded(name)) ? MASK : name;
  return parameters.length > 0 ? `${kept};${MASK}` : kept;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/**
 * Whether a path segment (or the value of a parameter) looks like a secret or a personal mark rather than a word:
 * hexadecimal and mixed runs of 16 and more, UUIDs, JSON web tokens, nine digits and more, mail addresses, anything of
 * more than 60 characters.
 */
export function isToken(segment: string): boolean {
  if (segment.length < 9) return false;
  if (segment.length > 60 || segment.includes('@')) return true;
  if (/^\+?\d{9,}$/u.test(segment)) return true;
  const stem = segment.replace(/\.[a-z0-9]{2,5}$/iu, '');
  if (/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/iu.test(stem)) return true;
  return stem.split(/[-_.~+:,=! ]/u).some(isRandomRun);
}

/** Words keep to one case and have few digits among them; random text changes all the time. */
function isRandomRun(run: string): boolean {
  if (run.length < 12) return false;
  const kinds = [...run].map((char) => (/\d/u.test(char) ? 'd' : /\p{Lu}/u.test(char) ? 'u' : 'l'));
  const changes = kinds.filter((kind, index) => index > 0 && kind !== kinds[index - 1]).length;
  if (run.length >= 16 && /^[0-9a-f]+$/iu.test(run) && changes > 0) return true;
  return changes >= 5 || (run.length >= 20 && changes >= 3);
}
