import { z } from 'zod';
import { SCAN_DEEDS } from '../db/scan-list';
import type { ScanFilter } from '../db/scan-list';
import { CHANNELS, ITEM_KINDS, ITEM_STATES, UNSCANNABLE_REASONS, VERDICTS } from '../domain/words';
import { idSchema, namesSchema, searchTextSchema, sha256Schema, timeSchema, wordsSchema } from './fields';
import { invalidFields } from './problems';

/** What lists and exports of scans can be narrowed by, as query parameters. */
export const scanQuerySchema = z.strictObject({
  id: z
    .preprocess(
      (value) => (value === undefined ? undefined : String(value).split(',')),
      z.array(idSchema).max(200).optional(),
    )
    .describe('These scans only; a list with commas, 200 at most.'),
  organisation: idSchema.optional().describe('For the operator; people of an organisation see their own only.'),
  ticket: z
    .string()
    .regex(/^\d{1,20}$/u, 'expected a ticket number')
    .optional(),
  channel: wordsSchema(CHANNELS),
  verdict: wordsSchema(VERDICTS).describe('Effective verdict; may be repeated or hold a list with commas.'),
  machine: wordsSchema(VERDICTS).describe('Verdict of the machine, whatever an analyst decided.'),
  reason: wordsSchema(UNSCANNABLE_REASONS).describe('Why the machine could not look into it.'),
  did: wordsSchema(SCAN_DEEDS).describe('What was done at any time: taken out, or given back.'),
  state: wordsSchema(ITEM_STATES).describe('May be repeated or hold a list with commas.'),
  kind: wordsSchema(ITEM_KINDS),
  type: namesSchema.describe('Type by content, such as application/pdf; may be repeated or hold a list with commas.'),
  engine: namesSchema.describe('Engine that found something.'),
  rule: namesSchema.describe('Rule that matched.'),
  requester: z
    .string()
    .regex(/^\d{1,20}$/u, "expected the help desk's number of a person")
    .optional()
    .describe("Who wrote the comment: the help desk's number of that person."),
  sha256: sha256Schema.optional(),
  from: timeSchema.optional().describe('Created at this time or later.'),
  to: timeSchema.optional().describe('Created before this time.'),
  text: searchTextSchema
    .refine((text) => text.length >= 3 || /^\d+$/u.test(text), 'expected at least three characters, or a ticket number')
    .optional()
    .describe(
      'Part of a file name or link (three characters or more), a URL, a ticket number, or the beginning of a SHA-256 (8 digits or more).',
    ),
});

/**
 * The filter that a query means.
 * @param own the caller's organisation, where there is one
 * @throws a problem that names `to` when the time ends before it begins
 */
export function scanFilterOf(query: z.output<typeof scanQuerySchema>, own: string | undefined): ScanFilter {
  const {
    id,
    organisation,
    ticket,
    channel,
    verdict,
    machine,
    reason,
    did,
    state,
    kind,
    type,
    engine,
    rule,
    requester,
    ...rest
  } = query;
  if (rest.from !== undefined && rest.to !== undefined && Date.parse(rest.from) >= Date.parse(rest.to)) {
    throw invalidFields('query', [{ field: 'to', detail: 'expected a time after from.' }]);
  }
  return {
    ids: id,
    organisationId: organisation ?? own,
    ticketId: ticket,
    channels: channel,
    verdicts: verdict,
    machineVerdicts: machine,
    machineReasons: reason,
    deeds: did,
    states: state,
    kinds: kind,
    types: type,
    engines: engine,
    rules: rule,
    authorId: requester,
    ...rest,
  };
}
