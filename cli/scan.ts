import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { decideVerdict, type Finding, type MachineVerdict } from '../domain/inspection';
import { showHidden } from '../domain/text';
import type { UnscannableReason } from '../domain/words';
import { createEngines, EngineBusy, inspect, SourceStalled, type Engine, type EngineSet } from '../scanners';

/** `npm run scan -- [--json] FILE…`: the embedded engine over local files. Nothing leaves the machine. */

const USAGE = `Usage: npm run scan -- [--json] FILE...
Looks into local files with the embedded engine.
  --json   one JSON object per line and file
Exit status: 0 all clean, 1 something found, 2 something could not be looked into, 3 wrong usage.
`;

interface Line {
  file: string;
  name: string;
  sha256: string | null;
  verdict: MachineVerdict['verdict'];
  reason?: UnscannableReason;
  findings: Pick<Finding, 'engine' | 'rule' | 'severity' | 'path' | 'what'>[];
  ms: number;
}

async function main(args: readonly string[]): Promise<number> {
  const json = args.includes('--json');
  const endOfOptions = args.indexOf('--');
  const options = endOfOptions < 0 ? args : args.slice(0, endOfOptions);
  const unknown = options.find((arg) => arg.startsWith('-') && arg !== '--json' && arg !== '--help');
  const files = [
    ...options.filter((arg) => !arg.startsWith('-')),
    ...(endOfOptions < 0 ? [] : args.slice(endOfOptions + 1)),
  ];
  if (unknown !== undefined || files.length === 0 || args.includes('--help')) {
    if (unknown !== undefined) process.stderr.write(`Unknown option ${showHidden(unknown)}\n`);
    process.stderr.write(USAGE);
    return args.includes('--help') ? 0 : 3;
  }
  const set = await createEngines({ embedded: {} });
  try {
    return await scanAll(set, files, json);
  } finally {
    await set.close();
  }
}

async function scanAll(set: EngineSet, files: readonly string[], json: boolean): Promise<number> {
  let [found, unseen] = [false, false];
  for (const file of files) {
    const line = await scanFile(set.engines, file);
    process.stdout.write(json ? `${JSON.stringify(line)}\n` : asText(line));
    found ||= line.verdict === 'malicious' || line.verdict === 'suspicious';
    unseen ||= line.verdict === 'unscannable';
  }
  return found ? 1 : unseen ? 2 : 0;
}

async function scanFile(engines: readonly Engine[], file: string): Promise<Line> {
  const started = performance.now();
  const name = basename(file);
  const elapsed = (): number => Math.round((performance.now() - started) * 10) / 10;
  try {
    const answer = await inspectTwiceOnCrash(engines, file, name);
    const { verdict, reason } = decideVerdict(
      answer.reports,
      engines.map((engine) => engine.name),
    );
    const findings = answer.reports
      .flatMap((report) => report.findings)
      .map(({ engine, rule, severity, path, what }) => ({ engine, rule, severity, path, what }));
    return { file, name, sha256: answer.sha256, verdict, ...(reason && { reason }), findings, ms: elapsed() };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    if (error instanceof EngineBusy || error instanceof SourceStalled) {
      const reason = error instanceof EngineBusy ? 'engine_unavailable' : 'timeout';
      return { file, name, sha256: null, verdict: 'unscannable', reason, findings: [], ms: elapsed() };
    }
    process.stderr.write(`${showHidden(file)}: cannot be read (${code})\n`);
    const reason = code === 'ENOENT' ? 'gone' : 'malformed';
    return { file, name, sha256: null, verdict: 'unscannable', reason, findings: [], ms: elapsed() };
  }
}

/** A crash may have been another file's doing: once more, with a fresh process. */
async function inspectTwiceOnCrash(engines: readonly Engine[], file: string, name: string): ReturnType<typeof inspect> {
  const once = (): ReturnType<typeof inspect> => inspect(engines, { fileName: name }, createReadStream(file), []);
  const first = await once();
  return first.reports.some((report) => report.reason === 'engine_crashed') ? once() : first;
}

function asText(line: Line): string {
  const verdict = line.reason ? `${line.verdict} (${line.reason})` : line.verdict;
  const rows = line.findings.map(
    ({ severity, rule, path, what }) =>
      `    ${severity.padEnd(8)} ${rule}: ${what}\n             ${path.map(showHidden).join(' › ')}\n`,
  );
  return `${verdict.padEnd(28)} ${`${line.ms} ms`.padStart(10)}  ${showHidden(line.file)}\n${rows.join('')}`;
}

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : 'The scan failed.'}\n`);
    process.exitCode = 2;
  },
);
