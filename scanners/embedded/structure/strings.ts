import { MAX_STRING, MAX_STRINGS } from './protocol';

/** A run of readable characters. */
export interface FoundString {
  at: number;
  encoding: 'ascii' | 'utf-16';
  text: string;
}

const isReadable = (byte: number | undefined): boolean =>
  byte !== undefined && ((byte >= 0x20 && byte < 0x7f) || byte === 9);

/**
 * Runs of readable characters, in ASCII and in UTF-16 (little endian), from a place on; at most a page.
 * @param least characters that make a run worth showing
 * @returns where the next page begins, null at the end
 */
export function stringsIn(
  data: Uint8Array,
  from: number,
  least: number,
): { strings: FoundString[]; next: number | null } {
  const strings: FoundString[] = [];
  let at = Math.max(0, from);
  while (at < data.length) {
    if (strings.length >= MAX_STRINGS) return { strings, next: at };
    const step = isReadable(data[at]) && data[at + 1] === 0 && isReadable(data[at + 2]) ? 2 : 1;
    const end = endOfRun(data, at, step);
    const length = (end - at) / step;
    if (length >= least) {
      const text = textOf(data, at, Math.min(length, MAX_STRING), step);
      strings.push({ at, encoding: step === 2 ? 'utf-16' : 'ascii', text });
    }
    at = Math.max(end, at + 1);
  }
  return { strings, next: null };
}

/** A long run is cut into several, so that nothing of it is left out. */
function endOfRun(data: Uint8Array, start: number, step: number): number {
  const bound = start + MAX_STRING * step;
  let at = start;
  while (at < bound && isReadable(data[at]) && (step === 1 || data[at + 1] === 0)) at += step;
  return Math.min(at, data.length);
}

function textOf(data: Uint8Array, at: number, length: number, step: number): string {
  let text = '';
  for (let i = 0; i < length; i += 1) text += String.fromCharCode(data[at + i * step] ?? 0);
  return text;
}
