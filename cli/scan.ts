import { createReadStream, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { decideVerdict, type Finding, type MachineVerdict } from '../domain/inspection';
import { showHidden } from '../domain/text';
import type { UnscannableReason } from '../domain/words';
import { createEngines, EngineBusy, inspect, SourceStalled, type Engine, type EngineSet } from '../scanners';
import { requireFile, whyUnreadable } from './local-file';
import { endWithReader } from './output';
import { runCommand } from './run-command';
import { readArguments, WrongUsage, type ScanArguments, type ScanRequest } from './scan-arguments';

/** `npm run scan -- [--json] FILE…`: the embedded engine over local files. Nothing leaves the machine. */

const USAGE = `Usage: npm run scan -- [--json] [--text "conversation"] FILE...
       npm run scan -- [--json] --list FILE.jsonl
Looks into local files with the embedded engine.
  --json   one JSON object per line and file
  --text   the conversation that brought the files: passwords of archives may stand in it
  --list   a file of lines {"file", "name"?, "text"?}; "-" reads standard input
A file that is missing, or a folder, is a line of its own: unscannable.
Exit status: 0 all clean, 1 something found, 2 something could not be looked into or the lines could not be printed,
3 wrong usage or a broken line in a list.
`;
/**
 * Scanning processes, and files at a time. This process, which reads and hashes, keeps a core for itself: so the time of
 * a line is that of its file, not of its waiting for others.
 */
const PROCESSES = Math.min(8, Math.max(1, availableParallelism() - 1));
/** Read in one go: a stream takes longer for a small file than the engine does. */
const SMALL_BYTES = 1024 * 1024;

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
  let wanted: ScanArguments;
  try {
    wanted = readArguments(args, (list) => readFileSync(list === '-' ? 0 : list, 'utf8'));
  } catch (error) {
    if (!(error instanceof WrongUsage)) throw error;
    process.stderr.write(`${showHidden(error.message)}\n${USAGE}`);
    return 3;
  }
  if (wanted.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  for (const problem of wanted.problems) process.stderr.write(`${showHidden(problem)}\n`);
  endWithReader(2);
  const set = await createEngines({ embedded: { processes: PROCESSES } });
  try {
    // Rules are compiled first: the time of a line is that of its file.
    await set.embedded?.health();
    const status = await scanAll(set, wanted);
    return wanted.problems.length > 0 ? 3 : status;
  } finally {
    await set.close();
  }
}

/** Several files at a time; their lines come in the order of the files. */
async function scanAll(set: EngineSet, { files, json }: ScanArguments): Promise<number> {
  let [found, unseen] = [false, false];
  const running: Promise<Line>[] = [];
  const next = files.values();
  const start = (): void => {
    const { value } = next.next();
    if (value) running.push(scanFile(set.engines, value));
  };
  for (let place = 0; place < PROCESSES; place += 1) start();
  for (let first = running.shift(); first; first = running.shift()) {
    const line = await first;
    start();
    process.stdout.write(json ? `${JSON.stringify(line)}\n` : asText(line));
    found ||= line.verdict === 'malicious' || line.verdict === 'suspicious';
    unseen ||= line.verdict === 'unscannable';
  }
  return found ? 1 : unseen ? 2 : 0;
}

async function scanFile(engines: readonly Engine[], { file, name = basename(file), text }: ScanRequest): Promise<Line> {
  const started = performance.now();
  const line = (rest: Pick<Line, 'verdict'> & Partial<Line>): Line => {
    const ms = Math.round((performance.now() - started) * 10) / 10;
    const { sha256 = null, verdict, reason, findings = [] } = rest;
    return { file, name, sha256, verdict, ...(reason && { reason }), findings, ms };
  };
  try {
    const size = await requireFile(file);
    const answer = await inspectTwiceOnCrash(engines, () => contentOf(file, size), {
      fileName: name,
      ...(text !== undefined && { text }),
    });
    const names = engines.map((engine) => engine.name);
    const findings = answer.reports
      .flatMap((report) => report.findings)
      .map(({ engine, rule, severity, path, what }) => ({ engine, rule, severity, path, what }));
    return line({ sha256: answer.sha256, ...decideVerdict(answer.reports, names), findings });
  } catch (error) {
    if (error instanceof EngineBusy) return line({ verdict: 'unscannable', reason: 'engine_unavailable' });
    if (error instanceof SourceStalled) return line({ verdict: 'unscannable', reason: 'timeout' });
    const { sentence, reason } = whyUnreadable(error, file);
    process.stderr.write(`${showHidden(file)}: ${sentence}\n`);
    return line({ verdict: 'unscannable', reason });
  }
}

/** A crash may have been another file's doing: once more, with a fresh process. */
async function inspectTwiceOnCrash(
  engines: readonly Engine[],
  content: () => Readable,
  target: { fileName: string; text?: string },
): ReturnType<typeof inspect> {
  const once = (): ReturnType<typeof inspect> => inspect(engines, target, content(), []);
  const first = await once();
  return first.reports.some((report) => report.reason === 'engine_crashed') ? once() : first;
}

function contentOf(file: string, size: number): Readable {
  if (size === 0 || size > SMALL_BYTES) return createReadStream(file);
  return Readable.from([readFileSync(file)], { objectMode: false });
}

function asText(line: Line): string {
  const verdict = line.reason ? `${line.verdict} (${line.reason})` : line.verdict;
  const rows = line.findings.map(
    ({ severity, rule, path, what }) =>
      `    ${severity.padEnd(8)} ${rule}: ${what}\n             ${path.map(showHidden).join(' › ')}\n`,
  );
  return `${verdict.padEnd(28)} ${`${line.ms} ms`.padStart(10)}  ${showHidden(line.file)}\n${rows.join('')}`;
}

runCommand(() => main(process.argv.slice(2)), 2);
