import { createHash } from 'node:crypto';
import { canParseUrl } from '../../../domain/urls';

/**
 * The host-suffix and path-prefix expressions of a URL, at most 30, most particular first, after Safe Browsing's rules
 * (developers.google.com/safe-browsing/reference/URLs.and.Hashing). Empty for what has no host.
 */
export function expressionsOf(text: string): string[] {
  if (!canParseUrl(text)) return [];
  const url = new URL(text);
  if (!/^(?:https?|ftps?):$/u.test(url.protocol)) return [];
  const host = url.hostname.replace(/^\.+|\.+$/gu, '').replace(/\.{2,}/gu, '.');
  const path = escaped(unescaped(url.pathname).replace(/\/{2,}/gu, '/'));
  const query = url.search === '' ? [] : [`${path}${escaped(unescaped(url.search))}`];
  const parts = path.split('/').slice(1, -1);
  const folders = ['/', ...parts.slice(0, 3).map((_part, index) => `/${parts.slice(0, index + 1).join('/')}/`)];
  const paths = [...new Set([...query, path, ...folders.reverse()])];
  return hostsOf(host).flatMap((name) => paths.map((at) => `${name}${at}`));
}

function hostsOf(host: string): string[] {
  if (host.startsWith('[') || /^[\d.]+$/u.test(host)) return [host];
  const last = host.split('.').slice(-5);
  const shorter = last.slice(0, -1).map((_label, index) => last.slice(index).join('.'));
  return [...new Set([host, ...shorter.filter((name) => name !== host)])].slice(0, 5);
}

/** Escapes come off layer by layer, as often as there are any. */
function unescaped(text: string): string {
  let current = text;
  for (let layer = 0; layer < 8; layer += 1) {
    const next = current.replace(/%([0-9a-f]{2})/giu, (_whole, hex: string) => String.fromCharCode(parseInt(hex, 16)));
    if (next === current) break;
    current = next;
  }
  return current;
}

/** Works on bytes in latin1, as {@link unescaped} gives them; other characters are written as UTF-8. */
function escaped(text: string): string {
  return text.replace(/[^\x21\x22\x24\x26-\x7e]/gu, (char) => {
    const code = char.codePointAt(0) ?? 0;
    const bytes = code < 256 ? [code] : [...Buffer.from(char)];
    return bytes.map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
  });
}

/** SHA-256 of an expression. */
export function expressionHash(expression: string): Buffer {
  return createHash('sha256').update(expression).digest();
}
