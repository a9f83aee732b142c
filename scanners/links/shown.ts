import { readAddress, type Address } from './address';
import { refang } from './refang';

/**
 * The address that a reader believes to follow, where the shown text is one as a whole: `www.example.com`,
 * `https://example.com/login`, `example.com »`. Undefined for words, mail addresses and texts with an address among words.
 */
export function shownAddress(shown: string): Address | undefined {
  if (shown.length > 2_000) return undefined;
  const text = refang(shown)
    .text.trim()
    .replace(/^[<[("'«‹>»›→]+\s*|\s*[>\])"'«»‹›→.,;:!]+$/gu, '');
  if (/\s/u.test(text)) return undefined;
  const scheme = /^(?:https?|ftp):\/\//iu.test(text);
  if (!scheme && !/^[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+(?::\d{1,5})?(?:[/?#]\S*)?$/u.test(text)) return undefined;
  const address = readAddress(scheme ? text : `http://${text}`);
  const isQuad = address.isIp && /^(?:\w+:\/\/)?(?:\d{1,3}\.){3}\d{1,3}(?:$|[:/])/u.test(text);
  return isQuad || (address.isPublicName && address.domain !== undefined) ? address : undefined;
}
