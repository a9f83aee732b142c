import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FAILURE_TYPES } from '../../domain/failures';
import * as words from '../../domain/words';

const lists = Object.entries({ ...words, FAILURE_TYPES }).filter(([, value]) => Array.isArray(value));

describe('the words', () => {
  it.each(lists)('of %s are spelled once each, in the form that table, API and log share', (name, list) => {
    expect(new Set(list).size).toBe(list.length);
    const form = name === 'FAILURE_TYPES' ? /^[A-Z][A-Za-z]+$/ : /^[a-z][a-z_]*$/;
    expect([...list].filter((word) => !form.test(word))).toEqual([]);
  });

  it('keep final states apart from states in which Lazaret still works', () => {
    const settled = words.ITEM_STATES.filter((state) => !words.OPEN_STATES.some((open) => open === state));
    expect(settled).toEqual([
      ...['clean', 'noted', 'held', 'contained', 'blocked_at_source', 'refused', 'released', 'release_refused', 'gone'],
    ]);
  });

  const migrations = join(__dirname, '../../db/migrations');
  const sql = readdirSync(migrations)
    .sort()
    .map((name) => readFileSync(join(migrations, name), 'utf8'))
    .join('\n');

  /** Words that the newest check of a column allows. */
  const allowed = (column: string): string[] => {
    const checks = [...sql.matchAll(new RegExp(`\\b${column} in \\(([^)]*)\\)`, 'g'))];
    return [...(checks[0]?.[1] ?? '').matchAll(/'([^']*)'/g)].map((match) => match[1] ?? '');
  };

  it.each([
    ['machine_verdict', words.VERDICTS],
    ['kind', words.ITEM_KINDS],
    ['role', words.ROLES],
  ] as const)('are those that the table allows for %s', (column, list) => {
    expect(allowed(column).sort()).toEqual([...list].sort());
  });

  it('are those that the table allows for the state of an item and of a connection', () => {
    for (const list of [words.ITEM_STATES, words.CONNECTION_STATES]) {
      const written = [...sql.matchAll(/\bstate in \(([^)]*)\)/g)].map((match) =>
        [...(match[1] ?? '').matchAll(/'([^']*)'/g)].map((word) => word[1] ?? ''),
      );
      expect(written.map((one) => one.sort().join())).toContain([...list].sort().join());
    }
  });
});
