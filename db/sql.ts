/** Collects conditions and their numbered parameters; every value is a parameter, never text of the statement. */
export class Conditions {
  readonly values: unknown[] = [];
  private readonly parts: string[] = [];

  /** Adds a condition; each `?` stands for the next value. */
  add(condition: string, ...values: unknown[]): this {
    let next = 0;
    const numbered = condition.replace(/\?/gu, () => {
      this.values.push(values[next++]);
      return `$${this.values.length}`;
    });
    if (next !== values.length) throw new Error(`condition has ${next} places for ${values.length} values`);
    this.parts.push(`(${numbered})`);
    return this;
  }

  /** `where …`, or nothing. */
  get where(): string {
    return this.parts.length === 0 ? '' : `where ${this.parts.join(' and ')}`;
  }
}

/** A timestamp to the microsecond as text, for cursors: a Date would cut it to milliseconds and skip rows. */
export function exactTime(column: string): string {
  return `to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

/** Text for `like`, in which no character is a wildcard. */
export function likePart(text: string): string {
  return text.replace(/[\\%_]/gu, '\\$&');
}

/** The row of a statement that always returns one. */
export function onlyRow<Row>(rows: readonly Row[]): Row {
  const [row] = rows;
  if (row === undefined) throw new Error('expected one row, came none');
  return row;
}
