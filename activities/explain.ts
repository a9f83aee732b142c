import type { EngineReport, Finding } from '../domain/inspection';
import { analystSentence } from '../scanners/explanations';

/** A finding with the sentence for analysts, where the engine brought none of its own and one is known. */
export function explainFinding(finding: Finding): Finding {
  const analyst = finding.analyst ?? analystSentence(finding.rule);
  return analyst === undefined ? finding : { ...finding, analyst };
}

/** Reports whose findings carry the sentence for analysts. */
export function explainReports(reports: readonly EngineReport[]): EngineReport[] {
  return reports.map((report) => ({ ...report, findings: report.findings.map(explainFinding) }));
}
