import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { showHidden } from '../domain/text';
import type { Severity, UnscannableReason } from '../domain/words';
import { createJudge, linksOfHtml, linksOfText, type JudgedLink, type LinkFinding } from '../scanners/links';

/** `npm run links -- [--json] [--own DOMAIN]… --list FILE.jsonl`: finds and judges the links of texts. Nothing leaves the machine. */

const USAGE = `Usage: npm run links -- [--json] [--own DOMAIN]... --list FILE.jsonl
Finds the links of texts and judges them by their form.
  --list   lines {"id","text"} or {"id","html"}; - reads standard input
  --json   one JSON object per line
  --own    a domain of yours, whose imitation matters; may be repeated
Exit status: 0 nothing suspicious, 1 something suspicious or malicious, 2 a line could not be read or had too many links, 3 wrong usage.
`;

const lineSchema = z
  .object({ id: z.union([z.string(), z.number()]), text: z.string().optional(), html: z.string().optional() })
  .refine(({ text, html }) => text !== undefined || html !== undefined);

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
  if (args.includes('--help')) return usage(0);
  const options = readOptions(args);
  if (!options) return usage(3);
  const judge = createJudge(options.own);
  const input = options.list === '-' ? process.stdin : createReadStream(options.list, 'utf8');
  const failure = new Promise<never>((_resolve, reject) => input.once('error', reject));
  return Promise.race([printAll(createInterface({ input, crlfDelay: Infinity }), judge, options.json), failure]);
}

function usage(code: 0 | 3): number {
  process.stderr.write(USAGE);
  return code;
}

function readOptions(args: readonly string[]): Options | undefined {
  const options: Options = { json: false, list: '', own: [] };
  for (let at = 0; at < args.length; at += 1) {
    const value = args[at + 1];
    if (args[at] === '--json') options.json = true;
    else if ((args[at] === '--list' || args[at] === '--own') && value !== undefined) {
      if (args[at] === '--own') options.own.push(value);
      else options.list = value;
      at += 1;
    } else {
      process.stderr.write(`Unknown or incomplete option ${showHidden(args[at] ?? '')}\n`);
      return undefined;
    }
  }
  return options.list === '' ? undefined : options;
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
    const line = await readLine(text, judge);
    if (!line) process.stderr.write(`Line ${number} is no {"id","text"} or {"id","html"}\n`);
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

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    process.stderr.write(missing ? 'The list does not exist.\n' : 'The list cannot be read.\n');
    process.exitCode = 2;
  },
);
