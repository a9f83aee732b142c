/** One sentence for analysts by rule made in code: what was seen, what it usually means, what to look at next. */
export const EXPLANATIONS: Readonly<Record<string, string>> = {};

/**
 * The sentence for analysts about a finding.
 * @param rule name of the rule as in the finding
 * @returns undefined for rules that bring their own (YARA) and for names that nobody knows
 */
export function analystSentence(rule: string): string | undefined {
  return Object.hasOwn(EXPLANATIONS, rule) ? EXPLANATIONS[rule] : undefined;
}
