import { z } from 'zod';
import { SEVERITIES, UNSCANNABLE_REASONS } from '../../domain/words';

/**
 * What parent and child say to one another. Commands and answers go over Node's IPC channel, bytes over an extra pipe in
 * frames: four bytes length (big endian), then the bytes. The child reads hostile files, so its answers are parsed too.
 */
export const BYTES_FD = 4;
export const FRAME_END = 0;
export const FRAME_ABORT = 0xffff_ffff;
/** Findings kept for one file; more say nothing new. */
export const MAX_FINDINGS = 100;
/** Links kept for one file, and their characters in all; more are the gap `too_many_links`. */
export const MAX_LINKS = 2_000;
export const MAX_LINK_CHARACTERS = 1024 * 1024;
/** Links kept of one host. A manual leads to its own site a thousand times: what is left out changes nothing of its host. */
export const MAX_LINKS_OF_HOST = 200;

/** Characters of a conversation that go to a child. */
const MAX_TEXT = 64 * 1024;

/** A longer text's beginning and end: who writes a password writes it first or last. */
export function boundText(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT / 2)}\n${text.slice(-MAX_TEXT / 2)}`;
}

/** Rule files beside the shipped ones. */
export const MAX_RULE_FILES = 10_000;

/** Bounds of one inspection. Sizes in bytes, time in milliseconds. */
export interface InspectionLimits {
  /** A longer file is `unscannable(too_large)`; its beginning is still looked at. */
  maxFileBytes: number;
  maxDepth: number;
  maxMembers: number;
  maxTotalBytes: number;
  maxMemberBytes: number;
  /** Counted from the last byte received. */
  wallMs: number;
}

/** A rule file. `added`: not shipped with Lazaret. `licence` holds for rules that name none themselves. */
export interface RuleSource {
  name: string;
  text: string;
  added?: boolean;
  licence?: string;
}

export type ToChild =
  | { type: 'init'; rules: RuleSource[]; checked: boolean; limits: InspectionLimits; yara: 'auto' | 'wasm' }
  | { type: 'open'; job: number; fileName: string; declaredType?: string; passwords: string[]; text: string };

const short = z.string().max(2_000);

export const findingSchema = z.object({
  rule: short,
  severity: z.enum(SEVERITIES),
  path: z.array(short).max(64),
  what: short,
  analyst: short.optional(),
  author: short.optional(),
  reference: short.optional(),
  licence: short.optional(),
});
export type ChildFinding = z.infer<typeof findingSchema>;

export const linkSchema = z.object({
  url: z.string().max(4_000),
  shown: short.optional(),
  path: z.array(short).max(64),
});
export type ChildLink = z.infer<typeof linkSchema>;

export const fromChildSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('loaded') }),
  z.object({
    type: z.literal('ready'),
    engineVersion: short,
    problems: z.array(short).max(100),
    /** Names of the rule files that were left out. */
    broken: z.array(short).max(MAX_RULE_FILES).default([]),
  }),
  z.object({ type: z.literal('unusable'), detail: short }),
  z.object({ type: z.literal('finding'), job: z.number(), finding: findingSchema }),
  z.object({
    type: z.literal('done'),
    job: z.number(),
    reason: z.enum(UNSCANNABLE_REASONS).optional(),
    detectedType: short.optional(),
    links: z.array(linkSchema).max(MAX_LINKS).optional(),
    /** The process does not trust its own state any more and wants to be replaced. */
    retire: z.boolean().optional(),
  }),
]);
export type FromChild = z.infer<typeof fromChildSchema>;

/** The four bytes before a chunk. */
export function frameHeader(length: number): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt32BE(length);
  return header;
}

/** Takes a frame stream apart, in any split. Memory: at most four bytes are kept back. */
export class FrameReader {
  private header = Buffer.alloc(0);
  private remaining = 0;
  private readonly handlers: { data(chunk: Buffer): void; end(): void; abort(): void };

  constructor(handlers: { data(chunk: Buffer): void; end(): void; abort(): void }) {
    this.handlers = handlers;
  }

  push(input: Buffer): void {
    let rest = input;
    while (rest.length > 0) {
      if (this.remaining > 0) {
        const part = rest.subarray(0, this.remaining);
        this.remaining -= part.length;
        rest = rest.subarray(part.length);
        this.handlers.data(part);
        continue;
      }
      const missing = 4 - this.header.length;
      this.header = Buffer.concat([this.header, rest.subarray(0, missing)]);
      rest = rest.subarray(missing);
      if (this.header.length < 4) return;
      const value = this.header.readUInt32BE();
      this.header = Buffer.alloc(0);
      if (value === FRAME_END) this.handlers.end();
      else if (value === FRAME_ABORT) this.handlers.abort();
      else this.remaining = value;
    }
  }
}
