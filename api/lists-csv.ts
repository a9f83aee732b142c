import { parse, CsvError } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { listEntrySchema, type ListEntry } from '../domain/lists';

/** Columns of a list's table, in this order when written; any order when read. */
const COLUMNS = ['kind', 'effect', 'value', 'owner', 'reason', 'expires'] as const;

/** Entries of one upload: enough for a company's lists, little enough for one transaction. */
export const MAX_LIST_ROWS = 50_000;

/** A line that was refused, counted from 1 with the heading, and why, in one sentence. */
export interface ListProblem {
  line: number;
  message: string;
}

/**
 * Reads a table of list entries (CSV with a heading; comma, semicolon or tab). Nothing is half read: one refused line
 * refuses the upload, and every refused line up to the hundredth is named.
 * @returns the entries, or what is wrong with which line
 */
export function readLists(csv: string): { entries: ListEntry[] } | { problems: ListProblem[] } {
  let rows: { record: string[]; info: { lines: number } }[];
  try {
    rows = parse(csv, {
      bom: true,
      delimiter: separatorOf(csv),
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      to: MAX_LIST_ROWS + 2,
    }) as unknown as typeof rows;
  } catch (error) {
    const line = error instanceof CsvError && typeof error['lines'] === 'number' ? error['lines'] : 1;
    return { problems: [{ line, message: 'the line is not CSV: a quote is missing or stands in the wrong place' }] };
  }
  const [heading, ...lines] = rows;
  const names = (heading?.record ?? []).map((name) => name.toLowerCase().replace(/^expires_?at$/u, 'expires'));
  const missing = COLUMNS.filter((name) => name !== 'expires' && !names.includes(name));
  if (missing.length > 0) {
    return { problems: [{ line: 1, message: `the heading must name ${missing.join(', ')}` }] };
  }
  if (lines.length > MAX_LIST_ROWS) {
    return { problems: [{ line: MAX_LIST_ROWS + 2, message: `an upload holds at most ${MAX_LIST_ROWS} entries` }] };
  }
  return readRows(names, lines);
}

function readRows(
  names: readonly string[],
  lines: readonly { record: string[]; info: { lines: number } }[],
): ReturnType<typeof readLists> {
  const entries: ListEntry[] = [];
  const problems: ListProblem[] = [];
  for (const { record, info } of lines) {
    if (problems.length >= 100) break;
    const cells = Object.fromEntries(names.map((name, index) => [name, unquoteFormula(record[index] ?? '')]));
    const { expires, ...rest } = cells;
    const filled = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== ''));
    const read = listEntrySchema.safeParse({ ...filled, ...(expires && { expiresAt: expires }) });
    if (read.success) entries.push(read.data);
    else problems.push({ line: info.lines, message: read.error.issues.map((issue) => issue.message).join('; ') });
  }
  return problems.length > 0 ? { problems } : { entries };
}

/** Spreadsheets of some countries write semicolons. The heading has no quoted cells, so its first separator tells. */
function separatorOf(csv: string): string {
  return /[,;\t]/u.exec(csv.slice(0, 1_000))?.[0] ?? ',';
}

/** Takes back what {@link writeLists} puts before a formula. */
function unquoteFormula(cell: string): string {
  return /^'[=+\-@\t\r＝＋－＠]/u.test(cell) ? cell.slice(1) : cell;
}

/** Writes entries as CSV that {@link readLists} reads back; no cell is taken for a formula by a spreadsheet. */
export function writeLists(entries: readonly ListEntry[]): string {
  const rows = entries.map((entry) => [
    entry.kind,
    entry.effect,
    entry.value,
    entry.owner,
    entry.reason,
    entry.expiresAt?.toISOString() ?? '',
  ]);
  return stringify([[...COLUMNS], ...rows], { escape_formulas: true, record_delimiter: 'windows' });
}
