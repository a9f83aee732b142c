import { u32, utf16 } from './bytes';

/** Class of the moniker that holds an address ([MS-OSHARED] 2.3.7.6), as bytes. */
const URL_MONIKER = Buffer.from('e0c9ea79f9bace118c8200aa004ba90b', 'hex');
const MAX_FOUND = 2_000;

/** Addresses of the hyperlinks in a stream, found by the mark of their class. */
export function urlMonikers(bytes: Buffer): string[] {
  const found: string[] = [];
  for (let at = bytes.indexOf(URL_MONIKER); at >= 0 && found.length < MAX_FOUND;) {
    const length = Math.min(u32(bytes, at + 16), 8_192);
    const url = utf16(bytes.subarray(at + 20, at + 20 + length));
    if (/^[a-z][a-z0-9+.-]{1,30}:/i.test(url)) found.push(url);
    at = bytes.indexOf(URL_MONIKER, at + 16);
  }
  return found;
}
