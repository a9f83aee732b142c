import { expressionHash, expressionsOf } from './expressions';

/**
 * Sorted beginnings of hashes, eight bytes each: a million entries take 8 MB, and one in 10^11 questions is answered wrongly
 * (four bytes, as they are sent to services that confirm them, would be one in a hundred).
 */
export class PrefixStore {
  private readonly sorted: BigUint64Array;

  constructor(expressions: Iterable<string>) {
    const all = Array.from(expressions, (expression) => expressionHash(expression).readBigUInt64BE(0));
    this.sorted = BigUint64Array.from(all).sort();
  }

  get size(): number {
    return this.sorted.length;
  }

  has(expression: string): boolean {
    const wanted = expressionHash(expression).readBigUInt64BE(0);
    let [low, high] = [0, this.sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.sorted[middle] ?? 0n) < wanted) low = middle + 1;
      else high = middle;
    }
    return this.sorted[low] === wanted;
  }

  /** Whether the URL itself, a folder above it or a domain above its host is in the store. */
  knows(url: string): boolean {
    return expressionsOf(url).some((expression) => this.has(expression));
  }
}
