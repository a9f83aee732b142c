import { createHash } from 'node:crypto';
import { z } from 'zod';
import { invalidFields } from './problems';

/** Fields that many routes share. Postgres stores neither NUL nor halves of a character, so they are refused here. */

export const idSchema = z.uuid('expected a UUID').toLowerCase();
export const timeSchema = z.iso.datetime({ offset: true });
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/u, 'expected 64 lower-case hexadecimal digits');

const UNSTORABLE = /[\0\p{Cs}]/u;
const CONTROL = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/** Text written by a person, lines allowed. Lengths in characters, spaces at the ends not counted. */
export function proseSchema(max: number) {
  return z
    .string()
    .trim()
    .min(1)
    .refine((text) => [...text].length <= max, `expected at most ${max} characters`)
    .refine((text) => !UNSTORABLE.test(text), 'expected text without NUL and broken characters');
}

/** A name on one line, without control, zero-width or direction characters. */
export function nameSchema(max: number) {
  return z
    .string()
    .trim()
    .min(1)
    .refine((text) => [...text].length <= max, `expected at most ${max} characters`)
    .refine((text) => !CONTROL.test(text), 'expected one line without control characters');
}

/** What somebody searches for: may be any text, for file names may be. */
export const searchTextSchema = z
  .string()
  .min(1)
  .max(500)
  .refine((text) => !UNSTORABLE.test(text), 'expected text without NUL and broken characters');

function splitList(value: unknown): unknown {
  if (value === undefined) return undefined;
  return (Array.isArray(value) ? value : [value]).flatMap((part) => String(part).split(','));
}

/** A query parameter that may be repeated or hold a list with commas. */
export function wordsSchema<const W extends readonly [string, ...string[]]>(words: W) {
  return z.preprocess(splitList, z.array(z.enum(words)).max(50).optional());
}

/** As {@link wordsSchema}, of names that are not known beforehand. */
export const namesSchema = z.preprocess(
  splitList,
  z
    .array(z.string().regex(/^[\w.+/:-]{1,200}$/u, 'expected letters, digits and . _ + / : -'))
    .max(50)
    .optional(),
);

export const limitSchema = z.coerce.number().int().min(1).max(200).default(50).describe('Rows on one page.');
export const cursorSchema = z.string().max(500).optional().describe('nextCursor of the page before.');

const timeCursor = z.tuple([z.string(), z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/u), z.uuid()]);
const numberCursor = z.tuple([z.string(), z.string().regex(/^\d{1,19}$/u)]);

/** Position in a list: time to the microsecond, then id. */
export interface Position {
  at: string;
  id: string;
}

/** Makes a cursor that holds for these filters only. */
export function encodeCursor(filters: unknown, position: Position): string {
  return pack([digestOf(filters), position.at, position.id]);
}

/** Reads a cursor of {@link encodeCursor}; refuses one of another list, and whatever is none. */
export function decodeCursor(filters: unknown, cursor: string | undefined): Position | undefined {
  if (cursor === undefined) return undefined;
  const parsed = timeCursor.safeParse(unpack(cursor));
  if (!parsed.success || parsed.data[0] !== digestOf(filters)) throw badCursor();
  // A date like 31 February has the right form, too.
  if (Number.isNaN(Date.parse(parsed.data[1]))) throw badCursor();
  return { at: parsed.data[1], id: parsed.data[2] };
}

/** As {@link encodeCursor}, for lists in the order of a number. */
export function encodeNumberCursor(filters: unknown, number: string): string {
  return pack([digestOf(filters), number]);
}

export function decodeNumberCursor(filters: unknown, cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  const parsed = numberCursor.safeParse(unpack(cursor));
  if (!parsed.success || parsed.data[0] !== digestOf(filters) || BigInt(parsed.data[1]) > 2n ** 63n - 1n) {
    throw badCursor();
  }
  return parsed.data[1];
}

function pack(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function unpack(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

// Key order does not matter: filters come from one schema, which gives them in its own order.
function digestOf(filters: unknown): string {
  return createHash('sha256').update(JSON.stringify(filters)).digest('base64url').slice(0, 11);
}

function badCursor() {
  const detail = 'expected nextCursor of a page of this list with the same filters';
  return invalidFields('query', [{ field: 'cursor', detail }]);
}
