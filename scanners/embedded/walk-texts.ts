import { passwordCandidates, textOfHtml } from './passwords';

/** A part as far as its surroundings matter. */
export interface Placed {
  name: string;
  data: Uint8Array;
  parent?: Placed;
}

const MAX_TEXTS = 16;
const HEAD_BYTES = 48 * 1024;
const TAIL_BYTES = 16 * 1024;
/** Candidates for whoever tries them at no cost; the first eight for all others. */
const MAX_CANDIDATES = 64;

/** The texts that a walk met, by the container they stand in: passwords for their neighbours may be written there. */
export class WalkTexts {
  private readonly texts = new Map<Placed | undefined, string[]>();

  /** Keeps a text part's words, bounded, until the walk ends. */
  note(part: Placed, mime: string): void {
    if (!mime.startsWith('text/') && mime !== 'message/rfc822') return;
    const known = this.texts.get(part.parent) ?? [];
    if (known.length >= MAX_TEXTS) return;
    const text = readText(part.data);
    this.texts.set(part.parent, [...known, mime === 'text/html' ? textOfHtml(text) : text]);
  }

  /**
   * Passwords to try on a part: from its own name and comment, what lies inside and beside it, around it at every level, and the
   * conversation that brought it all.
   */
  candidates(part: Placed, given: readonly string[], conversation: string): string[] {
    const near = [bare(part.name), comment(part.data), ...(this.texts.get(part) ?? [])];
    for (let place = part.parent; place; place = place.parent)
      near.push(...(this.texts.get(place) ?? []), bare(place.name));
    return passwordCandidates(given, [...near.slice(0, MAX_TEXTS), conversation], MAX_CANDIDATES);
  }
}

/** A name's extension is no part of a password written in it. */
const bare = (name: string): string => (name.split(/[/\\]/).at(-1) ?? '').replace(/\.[a-z\d]{1,5}$/i, '');

/** Text in UTF-8, UTF-16 with its mark, or else Latin 1; the beginning and the end of a long one. */
function readText(data: Uint8Array): string {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const cut =
    bytes.length > HEAD_BYTES + TAIL_BYTES
      ? Buffer.concat([bytes.subarray(0, HEAD_BYTES), Buffer.from('\n'), bytes.subarray(-TAIL_BYTES)])
      : bytes;
  if (cut[0] === 0xff && cut[1] === 0xfe) return cut.toString('utf16le', 2);
  const text = cut.toString('utf8');
  return text.includes('\ufffd') ? cut.toString('latin1') : text;
}

/** A zip's comment stands behind its end record (APPNOTE 4.3.16). */
function comment(data: Uint8Array): string {
  if (data[0] !== 0x50 || data[1] !== 0x4b) return '';
  const tail = Buffer.from(data.subarray(-65_557));
  const end = tail.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  return end < 0 ? '' : tail.toString('utf8', end + 22);
}
