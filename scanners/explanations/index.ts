import { DOCUMENT_EXPLANATIONS } from './documents';
import { LINK_EXPLANATIONS } from './links';
import { OFFICE_EXPLANATIONS } from './office';
import { OLE_EXPLANATIONS } from './ole';
import { WEB_EXPLANATIONS } from './web';

/**
 * One sentence for analysts by rule made in code: what was seen, what it usually means, what to look at next. Numbers
 * such as T1221 are techniques of MITRE ATT&CK (https://attack.mitre.org).
 */
export const EXPLANATIONS: Readonly<Record<string, string>> = {
  ...DOCUMENT_EXPLANATIONS,
  ...LINK_EXPLANATIONS,
  ...OFFICE_EXPLANATIONS,
  ...OLE_EXPLANATIONS,
  ...WEB_EXPLANATIONS,
};

/**
 * The sentence for analysts about a finding.
 * @param rule name of the rule as in the finding
 * @returns undefined for rules that bring their own (YARA) and for names that nobody knows
 */
export function analystSentence(rule: string): string | undefined {
  return Object.hasOwn(EXPLANATIONS, rule) ? EXPLANATIONS[rule] : undefined;
}
