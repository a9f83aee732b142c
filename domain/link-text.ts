const WORD = /[\p{L}\p{N}-]/u;

/**
 * Where a text holds these words as a whole: `t.co` stands in `see t.co.` and not in `next.com`. Positions in the text,
 * first to last, without overlaps.
 */
export function findWhole(text: string, words: string): number[] {
  const found: number[] = [];
  if (words === '') return found;
  for (let at = text.indexOf(words); at >= 0; at = text.indexOf(words, at + words.length)) {
    const before = text[at - 1] ?? '';
    const after = text[at + words.length] ?? '';
    const joined =
      (WORD.test(before) && WORD.test(words[0] ?? '')) || (WORD.test(after) && WORD.test(words.at(-1) ?? ''));
    if (!joined) found.push(at);
  }
  return found;
}
