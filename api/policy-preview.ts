import { z } from 'zod';
import type { NoteBatch, NoteItem, Paragraph } from '../domain/note';
import { noteParagraphs } from '../domain/note';
import { aroundDetails, templateProblem } from '../email/note-template';
import { noteMail } from '../email/templates';
import type { FieldProblem } from './problems';

/** The organisation's own texts around what is told. */
export interface Templates {
  note: string | null;
  mail: string | null;
}

const pieceSchema = z.union([
  z.strictObject({ plain: z.string() }),
  z.strictObject({ strong: z.string() }),
  z.strictObject({ code: z.string() }),
  z.strictObject({ link: z.string(), label: z.string() }),
]);

export const previewSchema = z
  .strictObject({
    note: z.array(z.array(pieceSchema)).describe('Paragraphs of the internal note, in pieces of text.'),
    mail: z.strictObject({ subject: z.string(), text: z.string() }),
  })
  .meta({ id: 'TemplatePreview' });

/** What is wrong with these templates, each tried on every example. */
export function templateErrors(templates: Partial<Templates>, prefix = 'policy.'): FieldProblem[] {
  const examples = Object.values(EXAMPLES).map((kind) => exampleOf(kind, 'Acme', 365));
  return (['note', 'mail'] as const).flatMap((name) => {
    const source = templates[name];
    const problem = typeof source === 'string' ? templateProblem(source, examples) : undefined;
    if (!problem) return [];
    const field = `${prefix}${name}Template`;
    return [{ field, pointer: `/${field.replaceAll('.', '/')}`, detail: `line ${problem.line}: ${problem.reason}` }];
  });
}

/** Note and mail about made-up files, exactly as the worker makes them. */
export function previewOf(
  templates: Templates,
  about: { example: ExampleName; organisationName: string; retentionDays: number },
): { note: Paragraph[]; mail: { subject: string; text: string } } {
  const batch = { ...exampleOf(EXAMPLES[about.example], about.organisationName, about.retentionDays), templates };
  const { subject, text } = noteMail(batch);
  const note = aroundDetails(templates.note, batch, noteParagraphs(batch.items, batch.retentionDays));
  return { note, mail: { subject, text } };
}

/** What a preview may be about. */
export const EXAMPLE_NAMES = ['contained', 'released', 'refused', 'link'] as const;
export type ExampleName = (typeof EXAMPLE_NAMES)[number];

/** A name as attackers write them: hidden characters, markup, a placeholder, an address. */
const HOSTILE = 'invoice\u202ecod.<b>{{ticket.id}}</b> www.example.com.docm';

const EXAMPLES: Record<ExampleName, Partial<NoteItem>> = {
  contained: {},
  released: {
    kind: 'released',
    verdict: 'clean',
    decision: { verdict: 'clean', role: 'analyst', reason: 'Macros of our own time sheet.' },
  },
  refused: { kind: 'refused', reason: 'ticket_closed' },
  link: { kind: 'link', fileName: 'https://sign-in.example.com/account?…', findings: [] },
};

function exampleOf(changes: Partial<NoteItem>, organisationName: string, retentionDays: number): NoteBatch {
  const page = 'https://lazaret.example/scans/00000000-0000-4000-8000-00000000a7f3';
  const item: NoteItem = {
    kind: 'contained',
    scanId: '00000000-0000-4000-8000-00000000a7f3',
    fileName: HOSTILE,
    size: 38_912,
    sha256: `275a${'0'.repeat(56)}fd0f`,
    verdict: 'malicious',
    findings: [{ engine: 'yara', what: 'A Word macro starts PowerShell when it is opened.', path: [HOSTILE] }],
    scanUrl: page,
    investigateUrl: `${page}/investigate`,
    ...changes,
  };
  return {
    key: 'example',
    organisationName,
    subdomain: 'acme',
    ticketId: '48211',
    ticketUrl: 'https://acme.zendesk.com/agent/tickets/48211',
    retentionDays,
    items: [item],
  };
}
