import type { PartVariables } from './yara-engines';

const MAX_KEPT = 5_000;
const MAX_KEY = 600;
const ASKED = /\bfilepath\s+icontains\s+"((?:[^"\\\n]|\\x[0-9a-f]{2})*)"/gi;

/**
 * Parts in which the rules found nothing. Themes, fonts and logos come with every document of a house: the same bytes
 * under the same variables give the same answer, so the rules need not look again. Only keys are kept, and only of parts
 * without a finding.
 */
export class SilentParts {
  private readonly keys = new Set<string>();
  private readonly asked: string[] | undefined;

  /** @param texts all rules that shall answer */
  constructor(texts: readonly string[]) {
    this.asked = literalsAsked(texts);
  }

  /** Everything the rules' answer depends on; undefined: too long to be kept. */
  key(digest: string, { filepath, ...others }: PartVariables): string | undefined {
    const path = filepath.toLowerCase();
    // A path names the outermost file too, which is another one each time. Rules ask for a few words in it.
    const place = this.asked ? this.asked.map((word) => (path.includes(word) ? 1 : 0)).join('') : filepath;
    const key = JSON.stringify([digest, place, ...Object.values(others)]);
    return key.length > MAX_KEY ? undefined : key;
  }

  has(key: string): boolean {
    return this.keys.has(key);
  }

  remember(key: string): void {
    if (this.keys.size >= MAX_KEPT) this.keys.clear();
    this.keys.add(key);
  }
}

/** Words that rules look for in the path, in small letters; undefined where one uses the path in another way. */
function literalsAsked(texts: readonly string[]): string[] | undefined {
  const words = new Set<string>();
  for (const text of texts) {
    const found = [...text.matchAll(ASKED)];
    if (found.length !== (text.match(/\bfilepath\b/g) ?? []).length) return undefined;
    for (const [, word = ''] of found) {
      const plain = word.replace(/\\x([0-9a-f]{2})/gi, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16)));
      if (!/^[\0-\x7f]*$/.test(plain)) return undefined;
      words.add(plain.toLowerCase());
    }
  }
  return [...words];
}
