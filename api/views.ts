import { z } from 'zod';
import type { ScanRow } from '../db/scan-list';
import { displayFileName } from '../domain/text';
import {
  CHANNELS,
  DECIDED_VERDICTS,
  ITEM_KINDS,
  ITEM_STATES,
  STATE_REASONS,
  UNSCANNABLE_REASONS,
  VERDICTS,
} from '../domain/words';

/** Answers that several routes share: schema and the function that makes it of a row. */

export const time = z.iso.datetime();
export const timeOrNull = time.nullable();

export const scanSchema = z
  .strictObject({
    id: z.uuid(),
    organisationId: z.uuid(),
    organisationName: z.string(),
    connectionId: z.uuid(),
    channel: z.enum(CHANNELS),
    kind: z.enum(ITEM_KINDS),
    ticketId: z.string(),
    commentId: z.string(),
    authorId: z.string().nullable().describe("Who wrote the comment: the help desk's number of that person."),
    attachmentId: z.string(),
    fileName: z.string().describe('As stored. Whoever sent the file chose it: never show it without displayName.'),
    displayName: z
      .string()
      .describe('For people: hidden characters shown as ⟨NAME⟩, cut in the middle to 120 characters.'),
    size: z.number().nullable().describe('Bytes; null until they were read.'),
    sha256: z.string().nullable(),
    declaredType: z.string().nullable(),
    detectedType: z.string().nullable(),
    foundBy: z.array(z.string()).describe('Engines that found something.'),
    verdict: z.enum(VERDICTS).describe("The effective verdict: the analyst's where there is one."),
    reason: z.enum(UNSCANNABLE_REASONS).nullable(),
    machineVerdict: z.enum(VERDICTS),
    machineReason: z.enum(UNSCANNABLE_REASONS).nullable(),
    state: z.enum(ITEM_STATES),
    stateReason: z.enum(STATE_REASONS).nullable(),
    decisionId: z.uuid().nullable(),
    investigationId: z.uuid().nullable(),
    releasedFrom: z.uuid().nullable().describe('The scan whose file this is, for a released copy.'),
    returnSettledAt: timeOrNull.describe('When an admin took or declined a clean file that could not go back.'),
    createdAt: time,
    scannedAt: timeOrNull,
    containedAt: timeOrNull,
    releasedAt: timeOrNull,
  })
  .meta({ id: 'Scan' });

/** A scan as it is answered; columns that only the database needs are left behind. */
export function scanView(row: ScanRow): Record<string, unknown> {
  return {
    id: row.id,
    organisationId: row.organisationId,
    organisationName: row.organisationName,
    connectionId: row.connectionId,
    channel: row.channel,
    kind: row.kind,
    ticketId: row.ticketId,
    commentId: row.commentId,
    authorId: row.authorId,
    attachmentId: row.attachmentId,
    fileName: row.fileName,
    displayName: displayFileName(row.fileName),
    size: row.size,
    sha256: row.sha256,
    declaredType: row.declaredType,
    detectedType: row.detectedType,
    foundBy: row.foundBy,
    verdict: row.verdict,
    reason: row.reason,
    machineVerdict: row.machineVerdict,
    machineReason: row.machineReason,
    state: row.state,
    stateReason: row.stateReason,
    decisionId: row.decisionId,
    investigationId: row.investigationId,
    releasedFrom: row.releasedFrom,
    returnSettledAt: row.returnSettledAt,
    createdAt: row.createdAt,
    scannedAt: row.scannedAt,
    containedAt: row.containedAt,
    releasedAt: row.releasedAt,
  };
}

export const decisionSchema = z
  .strictObject({
    id: z.uuid(),
    organisationId: z.uuid(),
    sha256: z.string(),
    scanId: z.uuid(),
    verdict: z.enum(DECIDED_VERDICTS),
    reason: z.string(),
    knownFindings: z.array(z.string()),
    actor: z.string().describe('Id of the API key.'),
    actorRole: z.string(),
    createdAt: time,
  })
  .meta({ id: 'Decision' });

export const investigationSchema = z
  .strictObject({
    id: z.uuid(),
    organisationId: z.uuid(),
    scanId: z.uuid(),
    sha256: z.string().nullable(),
    opinion: z.enum(['clean', 'malicious', 'not_sure']),
    reason: z.string(),
    requestedBy: z.string(),
    requestedByRole: z.string(),
    state: z.enum(['open', 'answered']),
    decisionId: z.uuid().nullable(),
    createdAt: time,
    answeredAt: timeOrNull,
    dueAt: time.describe(
      'Until when it should be answered: investigationHours of the policy that held when it was asked.',
    ),
    claimedBy: z.string().nullable().describe('Who has it in hand: id of the person or of the API key.'),
    claimedAt: timeOrNull,
  })
  .meta({ id: 'Investigation' });

export const auditEventSchema = z
  .strictObject({
    id: z.string(),
    organisationId: z.uuid(),
    at: time,
    kind: z.string(),
    itemId: z.uuid().nullable(),
    connectionId: z.uuid().nullable(),
    actorKind: z.enum(['lazaret', 'person', 'zendesk']),
    actor: z.string(),
    detail: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'AuditEvent' });

/** Cuts a page that was read with one row more than asked, and says where the next begins. */
export function pageOf<Row>(rows: readonly Row[], limit: number, cursorOf: (last: Row) => string) {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { shown, nextCursor: rows.length > limit && last !== undefined ? cursorOf(last) : null };
}
