import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { showHidden } from '../domain/text';
import type { Severity, UnscannableReason } from '../domain/words';
import { createJudge, linksOfHtml, linksOfText, type JudgedLink, type LinkFinding } from '../scanners/links';
import { whyUnreadable } from './local-file';
import { endWithReader } from './output';
import { runCommand } from './run-command';

/** `npm run links -- [--json] [--own DOMAIN]… --list FILE.jsonl`: finds and judges the links of texts. Nothing leaves the machine. */

const USAGE = `Usage: npm run links -- [--json] [--own DOMAIN]... --list FILE.jsonl
Finds the links of texts and judges them by their form.
  --list   lines {"id","text"} or {"id","html"}; - reads standard input
  --json   one JSON object per line
  --own    a domain of yours, whose imitation matters; may be repeated
Exit status: 0 nothing suspicious, 1 something suspicious or malicious, 2 a line could not be read or had too many links,
or the lines could not be printed, 3 wrong usage or a list that cannot be read.
`;

const lineSchema = z
  .object({ id: z.union([z.string(), z.number()]), text: z.string().optional(), html: z.string().optional() })
  .refine(({ text, html }) => text !== undefined || html !== undefined);

const WANTED = 'is not a JSON object {"id", "text"} or {"id", "html"}, where id is a text or a number';

interface Printed {
  url: string;
  host: string;
  shown?: string;
  target?: string;
  findings: LinkFinding[];
}

interface Line {
  id: string | number;
  urls: Printed[];
  reason?: UnscannableReason;
}

interface Options {
  json: boolean;
  list: string;
  own: string[];
}

async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(USAGE);
    return 0;
  }
  const options = readOptions(args);
  if (typeof options === 'string') return refuse(options);
  endWithReader(2);
  const judge = createJudge(options.own);
  const input = options.list === '-' ? process.stdin : createReadStream(options.list, 'utf8');
  const failure = new Promise<number>((resolve) =>
    input.once('error', (error: Error) => {
      resolve(refuse(`The list ${options.list} ${whyUnreadable(error, options.list).sentence}`));
    }),
  );
  return Promise.race([printAll(createInterface({ input, crlfDelay: Infinity }), judge, options.json), failure]);
}

function refuse(sentence: string): number {
  process.stderr.write(`${showHidden(sentence)}\n${USAGE}`);
  return 3;
}

/** What the command shall do, or a sentence that says what is wrong. */
function readOptions(args: readonly string[]): Options | string {
  const options: Options = { json: false, list: '', own: [] };
  // `--list=FILE` is `--list FILE`.
  const rest = args.flatMap((arg) => (/^--(list|own)=/.test(arg) ? splitOnce(arg) : [arg]));
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '--json') options.json = true;
    else if (arg === '--list' || arg === '--own') {
      const value = rest.shift();
      if (value === undefined) return `${arg} needs a value`;
      if (arg === '--own') options.own.push(value);
      else options.list = value;
    } else return arg.startsWith('-') ? `Unknown option ${arg}` : `Texts come in a list: --list ${arg}`;
  }
  return options.list === '' ? 'Name a list with --list' : options;
}

function splitOnce(arg: string): string[] {
  const at = arg.indexOf('=');
  return [arg.slice(0, at), arg.slice(at + 1)];
}

async function printAll(
  lines: AsyncIterable<string>,
  judge: ReturnType<typeof createJudge>,
  json: boolean,
): Promise<number> {
  let [found, unseen, number] = [false, false, 0];
  for await (const text of lines) {
    number += 1;
    if (text.trim() === '') continue;
    const line = await readLine(number === 1 ? text.replace(/^\ufeff/, '') : text, judge);
    if (!line) process.stderr.write(`Line ${number} ${WANTED}\n`);
    else process.stdout.write(json ? `${JSON.stringify(line)}\n` : asText(line));
    unseen ||= line === undefined || line.reason !== undefined;
    found ||=
      line?.urls.some(({ findings }) => findings.some(({ severity }) => ABOVE_CLEAN.includes(severity))) ?? false;
  }
  return found ? 1 : unseen ? 2 : 0;
}

const ABOVE_CLEAN: readonly Severity[] = ['medium', 'high', 'critical'];

async function readLine(text: string, judge: ReturnType<typeof createJudge>): Promise<Line | undefined> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = lineSchema.safeParse(json);
  if (!parsed.success) return undefined;
  const { id, text: plain, html } = parsed.data;
  const parts = [
    html === undefined ? [] : [await linksOfHtml(html)],
    plain === undefined ? [] : [linksOfText(plain)],
  ].flat();
  const links = new Map(parts.flatMap((part) => part.links).map((link) => [link.url, link]));
  const reason = parts.find((part) => part.gap)?.gap;
  return { id, urls: [...links.values()].map((link) => printed(judge(link))), ...(reason && { reason }) };
}

function printed({ url, host, shown, target, findings }: JudgedLink): Printed {
  return { url, host, ...(shown !== undefined && { shown }), ...(target !== undefined && { target }), findings };
}

function asText(line: Line): string {
  const rows = line.urls.map(({ url, shown, target, findings }) => {
    const worst = findings[0]?.severity ?? 'clean';
    const more = [shown && `shown as ${showHidden(shown)}`, target && `leads to ${showHidden(target)}`].filter(Boolean);
    const notes = findings.map(({ severity, rule, what }) => `           ${severity.padEnd(8)} ${rule}: ${what}\n`);
    return `  ${worst.padEnd(8)} ${showHidden(url)}${more.length > 0 ? ` (${more.join(', ')})` : ''}\n${notes.join('')}`;
  });
  return `${showHidden(String(line.id))}: ${line.urls.length} links${line.reason ? ` (${line.reason})` : ''}\n${rows.join('')}`;
}

runCommand(() => main(process.argv.slice(2)), 2);
