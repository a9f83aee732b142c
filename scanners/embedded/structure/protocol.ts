import { z } from 'zod';
import { UNSCANNABLE_REASONS } from '../../../domain/words';
import type { InspectionLimits } from '../protocol';

/**
 * What the API and a process that shows a file's structure say to one another; bytes go over the extra pipe of
 * `../protocol.ts`. The process reads hostile files, so its answers are parsed, and every list has a bound.
 */
export const MAX_NODES = 2_000;
/** Bytes of one look. */
export const MAX_BYTES = 16 * 1024;
/** Strings of one look, and characters of one of them. */
export const MAX_STRINGS = 200;
export const MAX_STRING = 500;
export const MAX_FACTS = 60;
/** Bytes of a picture made anew, and its longer side. */
export const MAX_PICTURE = 8 * 1024 * 1024;
export const PICTURE_SIDE = 1_024;

const short = z.string().max(2_000);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/u);
const count = z.int().min(0);

const nodeSchema = z.object({
  /** Place in the list; the first is the file itself, and no node stands before what it came out of. */
  id: count,
  parent: count.nullable(),
  /** `cut`: an archive found inside other content. `same`: these bytes were opened already, as the node `sameAs`. */
  kind: z.enum(['file', 'member', 'cut', 'same']),
  sameAs: count.optional(),
  /** As findings name it. */
  path: z.array(short).max(64),
  size: count,
  /** By content; empty for a part without bytes. */
  type: short,
  sha256,
  /** Where it begins in its parent, for what was cut out. */
  at: count.optional(),
});
export type StructureNode = z.infer<typeof nodeSchema>;

const treeSchema = z.object({
  nodes: z.array(nodeSchema).max(MAX_NODES),
  /** More parts than are listed. */
  more: z.boolean(),
  /** Why not everything was seen. */
  reason: z.enum(UNSCANNABLE_REASONS).optional(),
});
export type StructureTree = z.infer<typeof treeSchema>;

const answerSchema = z.discriminatedUnion('what', [
  z.object({ what: z.literal('bytes'), size: count, bytes: z.instanceof(Uint8Array) }),
  z.object({
    what: z.literal('strings'),
    strings: z
      .array(z.object({ at: count, encoding: z.enum(['ascii', 'utf-16']), text: z.string().max(MAX_STRING) }))
      .max(MAX_STRINGS),
    next: count.nullable(),
  }),
  z.object({
    what: z.literal('facts'),
    facts: z.array(z.object({ group: short, name: short, value: short })).max(MAX_FACTS),
  }),
  z.object({ what: z.literal('picture'), png: z.instanceof(Uint8Array) }),
  z.object({ what: z.literal('refused'), why: z.enum(['no_such_part', 'no_picture']) }),
]);
export type StructureAnswer = z.infer<typeof answerSchema>;

/** What is asked about one part, named by its SHA-256. */
export type StructureQuestion =
  | { what: 'bytes'; offset: number; length: number }
  | { what: 'strings'; from: number; least: number }
  | { what: 'facts' }
  | { what: 'picture' };

export type ToViewer =
  | { type: 'open'; fileName: string; limits: InspectionLimits }
  | { type: 'ask'; id: number; part: string; question: StructureQuestion };

export const fromViewerSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('loaded') }),
  z.object({ type: z.literal('tree'), tree: treeSchema }),
  z.object({ type: z.literal('answer'), id: count, answer: answerSchema }),
]);
export type FromViewer = z.infer<typeof fromViewerSchema>;
