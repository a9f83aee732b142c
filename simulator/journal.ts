import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

type Entry = [table: string, id: string, value: unknown];

/**
 * An append-only record of every change, one JSON line each, written before the answer that reports the change leaves.
 * Replayed and compacted when opened. Without a directory nothing is kept beyond the process.
 */
export class Journal {
  private readonly replayed = new Map<string, Map<string, unknown>>();
  private handle: number | undefined;

  constructor(directory: string | undefined) {
    if (directory === undefined) return;
    mkdirSync(directory, { recursive: true });
    const path = join(directory, 'journal.jsonl');
    if (existsSync(path)) this.replay(readFileSync(path, 'utf8'));
    this.compact(path);
    this.handle = openSync(path, 'a');
  }

  /** The rows that an earlier process left in a table. */
  rowsOf(table: string): Map<string, unknown> {
    return this.replayed.get(table) ?? new Map<string, unknown>();
  }

  append(table: string, id: string, value: unknown): void {
    if (this.handle === undefined) return;
    const entry: Entry = [table, id, value];
    writeSync(this.handle, `${JSON.stringify(entry)}\n`);
  }

  close(): void {
    if (this.handle !== undefined) closeSync(this.handle);
    this.handle = undefined;
  }

  private replay(content: string): void {
    for (const line of content.split('\n')) {
      const entry = parseEntry(line);
      if (entry === undefined) continue;
      const [table, id, value] = entry;
      const rows = this.replayed.get(table) ?? new Map<string, unknown>();
      this.replayed.set(table, rows);
      if (value === null) rows.delete(id);
      else rows.set(id, value);
    }
  }

  private compact(path: string): void {
    const lines: string[] = [];
    for (const [table, rows] of this.replayed) {
      for (const [id, value] of rows) lines.push(`${JSON.stringify([table, id, value])}\n`);
    }
    writeFileSync(`${path}.new`, lines.join(''));
    renameSync(`${path}.new`, path);
  }
}

/** A line cut off by a killed process belongs to a change that was never answered: it is dropped. */
function parseEntry(line: string): Entry | undefined {
  if (line === '') return undefined;
  try {
    const parsed: unknown = JSON.parse(line);
    if (Array.isArray(parsed) && typeof parsed[0] === 'string' && typeof parsed[1] === 'string') {
      return [parsed[0], parsed[1], parsed[2]];
    }
  } catch {
    return undefined;
  }
  return undefined;
}

/** One kind of entity, kept in memory and in the journal. The last value written under a key wins. */
export class Table<Row extends object> {
  private readonly rows: Map<string, Row>;
  private readonly groups = new Map<string, Set<string>>();
  private readonly journal: Journal;
  private readonly name: string;
  private readonly groupOf: (row: Row) => string;

  /** `groupOf` names the group under which `inGroup` finds a row quickly; it must not change during a row's life. */
  constructor(journal: Journal, name: string, groupOf: (row: Row) => string) {
    this.journal = journal;
    this.name = name;
    this.groupOf = groupOf;
    // Only this class writes these rows, so what is read back has the type that was written.
    this.rows = new Map([...journal.rowsOf(name)].map(([id, value]) => [id, value as Row]));
    for (const [id, row] of this.rows) this.index(id, row);
  }

  get(id: string | number): Row | undefined {
    return this.rows.get(String(id));
  }

  put(id: string | number, row: Row): Row {
    const key = String(id);
    if (!this.rows.has(key)) this.index(key, row);
    this.rows.set(key, row);
    this.journal.append(this.name, key, row);
    return row;
  }

  remove(id: string | number): void {
    const key = String(id);
    const row = this.rows.get(key);
    if (row === undefined) return;
    this.groups.get(this.groupOf(row))?.delete(key);
    this.rows.delete(key);
    this.journal.append(this.name, key, null);
  }

  all(): Row[] {
    return [...this.rows.values()];
  }

  inGroup(group: string | number): Row[] {
    const found: Row[] = [];
    for (const id of this.groups.get(String(group)) ?? []) {
      const row = this.rows.get(id);
      if (row !== undefined) found.push(row);
    }
    return found;
  }

  private index(id: string, row: Row): void {
    const group = this.groupOf(row);
    const ids = this.groups.get(group) ?? new Set<string>();
    this.groups.set(group, ids.add(id));
  }
}
