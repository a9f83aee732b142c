import { createHash } from 'node:crypto';
import type { RuleSource } from './protocol';

/** One state of all rule files. Its processes, and the reports of what they looked at, carry its version. */
export interface RuleGeneration {
  /** Digest of names and texts. */
  readonly version: string;
  readonly sources: RuleSource[];
  /** Every source is known to compile by itself. */
  readonly checked: boolean;
  /** Sentences about files and directories that could not be read. */
  readonly problems: readonly string[];
}

/** Makes a generation of rule files in a fixed order. */
export function createGeneration(
  sources: RuleSource[],
  problems: readonly string[] = [],
  checked = !sources.some(({ added }) => added),
): RuleGeneration {
  const hash = createHash('sha256');
  for (const { name, text, licence } of sources) hash.update(JSON.stringify([name, text, licence]));
  return { version: hash.digest('hex').slice(0, 16), sources, checked, problems };
}

/** The same rules without the files that did not compile: later processes need not find that out again. Same version. */
export function withoutBroken(generation: RuleGeneration, broken: readonly string[]): RuleGeneration {
  const left = new Set(broken);
  const sources = generation.sources.filter(({ name, added }) => !added || !left.has(name));
  return { ...generation, sources, checked: true };
}

/** Whether a process that left out `broken` has any of the files that were added. */
export function usable(generation: RuleGeneration, broken: readonly string[]): boolean {
  const added = generation.sources.filter((source) => source.added).length;
  return added === 0 || broken.length < added;
}

/** The shipped rules alone: what remains when no process starts with the added ones. */
export function shippedOnly(generation: RuleGeneration): RuleGeneration | undefined {
  const shipped = generation.sources.filter(({ added }) => !added);
  if (shipped.length === generation.sources.length) return undefined;
  const problem = 'no scanning process starts with the added rules; the shipped rules work alone';
  return createGeneration(shipped, [...generation.problems, problem]);
}
