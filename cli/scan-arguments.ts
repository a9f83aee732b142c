import { z } from 'zod';
import { whyUnreadable } from './local-file';

/** What the command shall do; `problems` are sentences for people, about lines of a list that were left out. */
export interface ScanArguments {
  json: boolean;
  help: boolean;
  files: ScanRequest[];
  problems: string[];
}

/** One file to look into, under the name it had and with the conversation that brought it. */
export interface ScanRequest {
  file: string;
  name?: string;
  text?: string;
}

/** The command was called in a way that says not what to do. */
export class WrongUsage extends Error {}

const lineSchema = z.object({
  file: z.string().min(1),
  name: z.string().optional(),
  text: z.string().optional(),
});

/**
 * Reads the command line.
 * @param readList gives the text of a list; `-` is standard input
 * @throws {@link WrongUsage} with one sentence
 */
export function readArguments(args: readonly string[], readList: (file: string) => string): ScanArguments {
  const result: ScanArguments = { json: false, help: false, files: [], problems: [] };
  const plain: string[] = [];
  const lists: string[] = [];
  let text: string | undefined;
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const [option = arg, inline] = arg.startsWith('--') ? splitOnce(arg) : [arg];
    const value = (): string => {
      const given = inline ?? rest.shift();
      if (given === undefined) throw new WrongUsage(`${option} needs a value`);
      return given;
    };
    if (arg === '--') plain.push(...rest.splice(0));
    else if (arg === '--json') result.json = true;
    else if (arg === '--help' || arg === '-h') result.help = true;
    else if (option === '--text') text = value();
    else if (option === '--list') lists.push(value());
    else if (arg.startsWith('-') && arg !== '-') throw new WrongUsage(`Unknown option ${arg}`);
    else plain.push(arg);
  }
  const talk = text === undefined ? {} : { text };
  result.files.push(...plain.map((file) => ({ file, ...talk })));
  for (const list of lists) readLines(list, openList(list, readList), talk, result);
  if (!result.help && plain.length === 0 && lists.length === 0) throw new WrongUsage('Name at least one file');
  return result;
}

function splitOnce(arg: string): [string, string?] {
  const at = arg.indexOf('=');
  return at < 0 ? [arg] : [arg.slice(0, at), arg.slice(at + 1)];
}

function openList(list: string, readList: (file: string) => string): string {
  try {
    return readList(list);
  } catch (error) {
    throw new WrongUsage(`The list ${list} ${whyUnreadable(error, list).sentence}`);
  }
}

function readLines(list: string, content: string, talk: { text?: string }, result: ScanArguments): void {
  const lines = content.replace(/^\ufeff/, '').split(/\r?\n/);
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const parsed = lineSchema.safeParse(asJson(line));
    if (!parsed.success) {
      result.problems.push(`${list}, line ${index + 1}: not a JSON object {"file", "name"?, "text"?}`);
      continue;
    }
    const { file, name, text } = parsed.data;
    result.files.push({ ...talk, file, ...(name !== undefined && { name }), ...(text !== undefined && { text }) });
  }
}

function asJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
