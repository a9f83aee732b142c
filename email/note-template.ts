import { Liquid } from 'liquidjs';
import type { NoteBatch, NoteItem, Paragraph } from '../domain/note';
import { noteParagraphs, paragraphsToHtml, paragraphsToText, sizeInWords } from '../domain/note';
import { VERDICT_WORDS } from '../domain/note-texts';
import { fileNameForMail, textForMail } from '../domain/text';

/**
 * Texts that an organisation puts around what we tell. A template is Liquid with few words; it gives paragraphs of plain
 * text, which are escaped like everything else, so neither its author nor a stranger's file name can make markup of it.
 */

/** Why a template is refused, and where. */
export interface TemplateProblem {
  line: number;
  reason: string;
}

const TAGS = new Set(['if', 'unless', 'case', 'for', 'break', 'continue', 'comment', '#']);
const FILTERS = new Set(['upcase', 'downcase', 'capitalize', 'size', 'default', 'join', 'map', 'first', 'last']);
/** Private use: no variable holds it, because sinks show such characters by their numbers. */
const PLACE = '\ue0d5';
const MOST_CHARACTERS = 20_000;

const engine = createEngine();

function createEngine(): Liquid {
  const limits = { parseLimit: 4000, renderLimit: 200, memoryLimit: 500_000 };
  // No files are ever read: what includes is no tag here, and templates are given as text.
  const liquid = new Liquid({
    ...limits,
    strictVariables: true,
    strictFilters: true,
    ownPropertyOnly: true,
    templates: {},
  });
  for (const name of Object.keys(liquid.tags)) if (!TAGS.has(name)) delete liquid.tags[name];
  for (const name of Object.keys(liquid.filters)) if (!FILTERS.has(name)) delete liquid.filters[name];
  return liquid;
}

/** What a template may use; every value is harmless text or a number. */
function valuesOf(batch: NoteBatch): Record<string, unknown> {
  const count = (kinds: readonly NoteItem['kind'][]) => batch.items.filter((item) => kinds.includes(item.kind)).length;
  return {
    details: PLACE,
    organisation: textForMail(batch.organisationName, 80),
    account: textForMail(batch.subdomain, 80),
    ticket: batch.ticketId.replace(/\D/gu, '').slice(0, 20),
    retention_days: batch.retentionDays,
    removed: count(['contained', 'link_redacted']),
    returned: count(['released', 'link_restored']),
    files: batch.items.slice(0, 50).map((item) => ({
      name: fileNameForMail(item.fileName),
      size: sizeInWords(item.size),
      verdict: VERDICT_WORDS[item.verdict],
    })),
  };
}

/** Words that a template may use, for people who write one. */
export const TEMPLATE_WORDS = [
  'details',
  'organisation',
  'account',
  'ticket',
  'retention_days',
  'removed',
  'returned',
  'files',
] as const;

/**
 * The details with the organisation's text around them. A template that fails, or leaves the details out, changes
 * nothing about what is told: they stand alone, or at the end.
 */
export function aroundDetails(source: string | null | undefined, batch: NoteBatch, details: Paragraph[]): Paragraph[] {
  if (source === null || source === undefined) return details;
  try {
    const { paragraphs, placed } = render(source, batch, details);
    return placed ? paragraphs : [...paragraphs, ...details];
  } catch {
    // It was good when it was saved: some text of today leads it over a limit. What has to be said is said.
    return details;
  }
}

function render(source: string, batch: NoteBatch, details: Paragraph[]): { paragraphs: Paragraph[]; placed: boolean } {
  const text = String(engine.parseAndRenderSync(source, valuesOf(batch))).slice(0, MOST_CHARACTERS);
  const parts = text.split(/\n[^\S\n]*\n/u).map((part) => part.replace(/\s+/gu, ' ').trim());
  const paragraphs = parts
    .filter((part) => part !== '')
    .flatMap((part): Paragraph[] => (part === PLACE ? details : [[{ plain: part.replaceAll(PLACE, '') }]]));
  return { paragraphs, placed: parts.includes(PLACE) };
}

/** What is wrong with a template, tried on each of the examples; undefined for a good one. */
export function templateProblem(source: string, examples: readonly NoteBatch[]): TemplateProblem | undefined {
  try {
    const placed = examples.every((example) => render(source, example, []).placed);
    return placed ? undefined : { line: lineOfDetails(source), reason: LEFT_OUT };
  } catch (error) {
    return asProblem(error instanceof Error ? error.message : String(error));
  }
}

const LEFT_OUT =
  'every note has to say what was done: put {{ details }} into a paragraph of its own, with an empty line before and after.';

function lineOfDetails(source: string): number {
  const at = source.indexOf('details');
  return at < 0 ? 1 : source.slice(0, at).split('\n').length;
}

/** Liquid ends its sentences with the place, and may go on with lines of the source. */
function asProblem(message: string): TemplateProblem {
  const [first = ''] = message.split('\n');
  const [, reason = first, line = '1'] = /^(.*?),? line:(\d+)/u.exec(first) ?? [];
  return { line: Number(line), reason: inOurWords(reason) };
}

function inOurWords(reason: string): string {
  const [, name] = /^undefined variable: (.+)$/u.exec(reason) ?? [];
  if (name !== undefined) return `${name} is not known here; known are ${TEMPLATE_WORDS.join(', ')}.`;
  const [, tag] = /^tag "?([^"]+)"? not found/u.exec(reason) ?? [];
  if (tag !== undefined) return `{% ${tag} %} cannot be used here; what can be are ${[...TAGS].join(', ')}.`;
  const [, filter] = /^undefined filter: (.+)$/u.exec(reason) ?? [];
  if (filter !== undefined)
    return `the filter ${filter} cannot be used here; what can be are ${[...FILTERS].join(', ')}.`;
  return `${reason.replace(/\.$/u, '')}.`;
}

/**
 * The internal note of a batch, with the organisation's text where it has one. HTML for Zendesk's `html_body`; text for logs
 * of what was written, with the addresses of the links spelled out.
 */
export function internalNote(batch: NoteBatch): { html: string; text: string } {
  const details = noteParagraphs(batch.items, batch.retentionDays);
  const paragraphs = aroundDetails(batch.templates?.note, batch, details);
  return { html: paragraphsToHtml(paragraphs), text: paragraphsToText(paragraphs) };
}
