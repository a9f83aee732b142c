/**
 * Whether `new URL(text, base)` would succeed. In place of `URL.canParse`, which in Node 20 refuses addresses with Latin-1
 * letters (`https://bücher.example`) once V8 has optimised its caller: its fast path reads them as broken UTF-8.
 */
export function canParseUrl(text: string, base?: string): boolean {
  try {
    return new URL(text, base) !== undefined;
  } catch {
    return false;
  }
}
