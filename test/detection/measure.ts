import { Readable } from 'node:stream';
import { decideVerdict } from '../../domain/inspection';
import type { Finding, MachineVerdict } from '../../domain/inspection';
import { inspect } from '../../scanners';
import type { Engine } from '../../scanners';
import type { ProcessWatch } from './processes';
import type { Sample } from './sample';

/** What an inspection said of a sample, and how long it took (milliseconds). */
export interface Outcome {
  sample: Sample;
  verdict: MachineVerdict['verdict'];
  reason?: string;
  rules: string[];
  findings: Finding[];
  ms: number;
  /** Processor time of the scanning processes, where it was watched. */
  processorMs?: number;
}

/** Inspects samples with as many at once as there are processes; one after the other where these are watched. */
export async function measure(
  engines: readonly Engine[],
  samples: Iterable<Sample> | AsyncIterable<Sample>,
  watch?: ProcessWatch,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const next = (async function* () {
    yield* samples;
  })();
  const work = async (): Promise<void> => {
    for (let step = await next.next(); !step.done; step = await next.next()) {
      watch?.look();
      const outcome = await inspectSample(engines, step.value);
      outcomes.push(watch ? { ...outcome, processorMs: watch.look() } : outcome);
    }
  };
  await Promise.all(Array.from({ length: watch ? 1 : 2 }, work));
  return outcomes;
}

/** One sample, by the way of an attachment: a stream of chunks under its name. */
export async function inspectSample(engines: readonly Engine[], sample: Sample): Promise<Outcome> {
  const target = { fileName: sample.name, ...(sample.text !== undefined && { text: sample.text }) };
  const started = performance.now();
  const { reports } = await inspect(engines, target, Readable.from(chunks(sample.bytes)), []);
  const ms = performance.now() - started;
  const { verdict, reason } = decideVerdict(
    reports,
    engines.map((engine) => engine.name),
  );
  const findings = reports.flatMap((report) => report.findings);
  const rules = findings.map(({ severity, rule }) => `${severity}:${rule}`);
  return { sample, verdict, ...(reason !== undefined && { reason }), rules, findings, ms };
}

function* chunks(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

/** Whether the outcome is what the sample expects. `refused` is anything but clean. */
export function isAsExpected({ sample, verdict }: Outcome): boolean {
  return sample.expect === 'refused' ? verdict !== 'clean' : verdict === sample.expect;
}

const MALICIOUS = (outcome: Outcome): boolean => outcome.sample.expect === 'malicious';

/** The figures that the product promises, over all outcomes. Shares are 0–1, times milliseconds. */
export interface Figures {
  maliciousNamed: number;
  badCalledClean: number;
  benignNotClean: number;
  p50: number;
  p95: number;
  longest: number;
}

/** The median, the 95th of a hundred and the longest of times. */
function spread(times: readonly number[]): Pick<Figures, 'p50' | 'p95' | 'longest'> {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
  return { p50: at(0.5), p95: at(0.95), longest: sorted.at(-1) ?? 0 };
}

export function figuresOf(outcomes: readonly Outcome[]): Figures {
  const share = (of: readonly Outcome[], that: (one: Outcome) => boolean): number =>
    of.length === 0 ? 0 : of.filter(that).length / of.length;
  const malicious = outcomes.filter(MALICIOUS);
  const benign = outcomes.filter(({ sample }) => sample.expect === 'clean');
  const bad = outcomes.filter(({ sample }) => sample.expect !== 'clean');
  return {
    maliciousNamed: share(malicious, ({ verdict }) => verdict === 'malicious'),
    badCalledClean: bad.filter(({ verdict }) => verdict === 'clean').length,
    benignNotClean: share(benign, ({ verdict }) => verdict !== 'clean'),
    ...spread(outcomes.map(({ ms }) => ms)),
  };
}

/** The table per kind, and beneath it what came out otherwise than expected. */
export function tableOf(outcomes: readonly Outcome[], peakBytes = 0): string {
  const kinds = new Map<string, Outcome[]>();
  for (const one of outcomes) kinds.set(one.sample.kind, [...(kinds.get(one.sample.kind) ?? []), one]);
  const head = ['kind', 'files', 'malicious', 'suspicious', 'unscannable', 'clean', 'unexpected', 'p50 ms', 'p95 ms'];
  const rows = [...kinds].map(([kind, of]) => {
    const count = (verdict: string): string => String(of.filter((one) => one.verdict === verdict).length);
    const { p50, p95 } = figuresOf(of);
    const unexpected = String(of.filter((one) => !isAsExpected(one)).length);
    const verdicts = ['malicious', 'suspicious', 'unscannable', 'clean'].map(count);
    return [kind, String(of.length), ...verdicts, unexpected, p50.toFixed(1), p95.toFixed(1)];
  });
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ');
  const odd = outcomes.filter((one) => !isAsExpected(one)).map(unexpectedLine);
  const figures = figuresOf(outcomes);
  const watched = outcomes.flatMap(({ processorMs }) => processorMs ?? []);
  return [
    line(head),
    ...rows.map(line),
    '',
    `malicious files named: ${(figures.maliciousNamed * 100).toFixed(1)} %, bad files called clean: ${figures.badCalledClean}, ` +
      `benign files not clean: ${(figures.benignNotClean * 100).toFixed(2)} %`,
    `time per file: ${spreadLine(figures)}`,
    ...(watched.length > 0 ? [`processor time per file: ${spreadLine(spread(watched))}`] : []),
    ...(peakBytes > 0 ? [`peak memory of a scanning process: ${Math.round(peakBytes / 1024 / 1024)} MiB`] : []),
    ...odd,
    '',
  ].join('\n');
}

const spreadLine = ({ p50, p95, longest }: ReturnType<typeof spread>): string =>
  `p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms, longest ${longest.toFixed(0)} ms`;

function unexpectedLine({ sample, verdict, reason, rules }: Outcome): string {
  const said = reason === undefined ? verdict : `${verdict}(${reason})`;
  return `  unexpected: ${sample.kind} › ${sample.name}: ${said} instead of ${sample.expect} ${rules.slice(0, 6).join(' ')}`;
}
