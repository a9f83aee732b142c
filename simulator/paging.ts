import type { Call } from './http';
import { Refusal, idOf } from './http';

interface Paged<T> {
  rows: T[];
  /** What goes beside the list: `meta` and `links`, or `count`, `next_page` and `previous_page`. */
  rest: Record<string, unknown>;
}

const invalidParameter = (name: string): Refusal =>
  new Refusal(400, { errors: [{ code: 'InvalidPaginationParameter', title: `${name} is not valid` }] });

/** Cuts a page out of a list: by cursor when `page[size]`, `page[after]` or `page[before]` is given, else by offset. */
export function paginate<T extends { id: number | string }>(call: Call, all: T[], prefer?: 'cursor'): Paged<T> {
  const query = call.query;
  const byCursor = ['page[size]', 'page[after]', 'page[before]'].some((name) => query.has(name));
  return byCursor || prefer === 'cursor' ? byCursorPage(call, all) : byOffset(call, all);
}

function byCursorPage<T extends { id: number | string }>(call: Call, all: T[]): Paged<T> {
  const size = Number(call.query.get('page[size]') ?? '100');
  if (!Number.isInteger(size) || size < 1 || size > 100) throw invalidParameter('page[size]');
  const after = positionOf(call, all, 'page[after]');
  const before = positionOf(call, all, 'page[before]');
  const from = before === undefined ? (after ?? -1) + 1 : Math.max(0, before - size);
  const rows = all.slice(from, before === undefined ? from + size : before);
  const hasMore = before === undefined ? from + rows.length < all.length : from > 0;
  const last = rows.at(-1);
  const first = rows[0];
  const afterCursor = last === undefined ? null : encode(last.id);
  const beforeCursor = first === undefined ? null : encode(first.id);
  // On the last page the cursor and the link are still filled, as recorded (fact sheet §2.1).
  const links = { next: linkTo(call, 'page[after]', afterCursor), prev: linkTo(call, 'page[before]', beforeCursor) };
  return { rows, rest: { meta: { has_more: hasMore, after_cursor: afterCursor, before_cursor: beforeCursor }, links } };
}

const encode = (id: number | string): string =>
  Buffer.from(JSON.stringify({ o: 'nice_id', v: String(id) })).toString('base64');

function positionOf<T extends { id: number | string }>(call: Call, all: T[], name: string): number | undefined {
  const cursor = call.query.get(name);
  if (cursor === null || cursor === '') return undefined;
  const match = /"v":"([^"]+)"/.exec(Buffer.from(cursor, 'base64').toString('utf8'));
  if (match === null) throw invalidParameter(name);
  const index = all.findIndex((row) => String(row.id) === match[1]);
  if (index < 0) throw invalidParameter(name);
  return index;
}

function linkTo(call: Call, name: string, cursor: string | null): string | null {
  if (cursor === null) return null;
  const query = new URLSearchParams(call.query);
  query.delete('page[after]');
  query.delete('page[before]');
  query.set(name, cursor);
  return `${call.origin}${call.path}?${query.toString()}`;
}

function byOffset<T>(call: Call, all: T[]): Paged<T> {
  const page = idOf(call.query.get('page') ?? '1') ?? 1;
  const perPage = Math.min(100, idOf(call.query.get('per_page') ?? '100') ?? 100);
  if (page * perPage > 10_000) {
    throw new Refusal(400, { error: 'InvalidPaginationDepth', description: 'Records above 10,000 cannot be fetched.' });
  }
  const rows = all.slice((page - 1) * perPage, page * perPage);
  const at = (number: number): string => {
    const query = new URLSearchParams(call.query);
    query.set('page', String(number));
    return `${call.origin}${call.path}?${query.toString()}`;
  };
  const next = page * perPage < all.length ? at(page + 1) : null;
  return { rows, rest: { count: all.length, next_page: next, previous_page: page > 1 ? at(page - 1) : null } };
}
