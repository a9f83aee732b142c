import type { Severity, UnscannableReason, Verdict } from './words';

/** One thing that an engine found, and where. `path` leads through containers, outermost first. */
export interface Finding {
  engine: string;
  rule: string;
  severity: Severity;
  path: string[];
  /** One sentence, shown to people. It never contains text of the file. */
  what: string;
  /** One sentence for analysts: what it usually means, and what to look at next. */
  analyst?: string;
  author?: string;
  reference?: string;
  licence?: string;
}

/** A link inside a file, with what a reader sees in its place where that differs. `path` as in {@link Finding}. */
export interface FoundLink {
  url: string;
  shown?: string;
  path: string[];
}

/** What one engine answered about one file. Versions are part of the evidence. */
export interface EngineReport {
  engine: string;
  engineVersion: string;
  /** Version or digest of rules or signature database. */
  rulesVersion: string;
  /** `unknown`: the engine only knows some files, and not this one (a look-up by hash). It says nothing about the file. */
  result: 'clean' | 'findings' | 'unscannable' | 'unknown' | 'error';
  /** Required for `unscannable` and `error`: an error is the reason the item becomes unscannable when the engine is required. */
  reason?: UnscannableReason;
  findings: Finding[];
  /** Links inside the file, each once; judged by lists and reputation after the engines. */
  links?: FoundLink[];
  /** Real type by content, where the engine knows it (MIME). */
  detectedType?: string;
  /**
   * Of what was added after the engines of files: what is known of links inside, and of the sender. It changes from day to
   * day without any engine of files changing, so nothing is remembered by it.
   */
  aside?: boolean;
  ms: number;
}

/** The machine's verdict over all engines. */
export interface MachineVerdict {
  verdict: Exclude<Verdict, 'pending'>;
  reason?: UnscannableReason;
}

const MALICIOUS: readonly Severity[] = ['high', 'critical'];

/**
 * The worst required answer wins: malicious over unscannable over suspicious over clean. A required engine without a
 * report makes the item unscannable; so does a list in which nobody answered. Unknown is never clean.
 * @param reports what the engines answered
 * @param required names of the engines that must answer
 */
export function decideVerdict(reports: readonly EngineReport[], required: readonly string[]): MachineVerdict {
  const findings = reports.flatMap((report) => report.findings);
  if (findings.some((finding) => MALICIOUS.includes(finding.severity))) return { verdict: 'malicious' };
  const missing = required.some((name) => !reports.some((report) => report.engine === name));
  if (missing) return { verdict: 'unscannable', reason: 'engine_unavailable' };
  for (const report of reports) {
    const unanswered =
      report.result === 'unscannable' || (report.result === 'error' && required.includes(report.engine));
    if (unanswered) return { verdict: 'unscannable', reason: report.reason ?? 'engine_unavailable' };
  }
  // Whoever is required must have looked at the file; not to know it is no look.
  const silent = reports.some((report) => report.result === 'unknown' && required.includes(report.engine));
  if (silent) return { verdict: 'unscannable', reason: 'engine_unavailable' };
  const answered = reports.some((report) => !report.aside && report.result !== 'error' && report.result !== 'unknown');
  if (!answered) return { verdict: 'unscannable', reason: reports[0]?.reason ?? 'engine_unavailable' };
  if (findings.some((finding) => finding.severity === 'medium')) return { verdict: 'suspicious' };
  return { verdict: 'clean' };
}

const TRANSIENT: readonly UnscannableReason[] = ['engine_unavailable', 'engine_crashed', 'timeout', 'truncated'];

/** Whether every engine answered for good, so that the same question has the same answer tomorrow. */
export function isLastingAnswer(reports: readonly EngineReport[]): boolean {
  if (reports.length === 0) return false;
  return reports.every(({ result, reason }) => {
    return result !== 'error' && !(reason !== undefined && TRANSIENT.includes(reason));
  });
}

/** Engines with their versions as one text: two inspections with the same one would say the same. */
export function enginesKey(
  engines: readonly Pick<EngineReport, 'engine' | 'engineVersion' | 'rulesVersion' | 'aside'>[],
): string {
  return engines
    .filter((one) => !one.aside)
    .map(({ engine, engineVersion, rulesVersion }) => `${engine}/${engineVersion}/${rulesVersion}`)
    .sort()
    .join(',');
}

const SERIOUSNESS: Partial<Record<Verdict, number>> = { suspicious: 1, malicious: 2 };

/** Whether engines now find more than before. An inspection that failed this time found nothing. */
export function isWorse(now: Verdict, before: Verdict): boolean {
  return (SERIOUSNESS[now] ?? 0) > (SERIOUSNESS[before] ?? 0);
}
