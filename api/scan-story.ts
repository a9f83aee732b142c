import { z } from 'zod';
import { listAuditEventsOfItem } from '../db/audit-log';
import { listDecisions } from '../db/decisions';
import { listInvestigationsOfItem } from '../db/investigations';
import type { Queryable } from '../db/pool';
import { listCopies, readScan } from '../db/scan-list';
import type { ScanRow } from '../db/scan-list';
import { listInspections, listMails, listNotes, readSealedCopy, readSubdomain } from '../db/scan-story';
import type { InspectionRow, MailRow, SealedCopyRow, StoredFinding } from '../db/scan-story';
import { attachmentReviewId } from '../domain/ids';
import { displayFileName } from '../domain/text';
import { SEVERITIES } from '../domain/words';
import { notFound } from './problems';
import type { Caller } from './route';
import { auditEventSchema, decisionSchema, investigationSchema, scanSchema, scanView, time, timeOrNull } from './views';

export interface StoryLinks {
  /** Base URL of Temporal's UI; shown to support only. */
  temporalUi?: string;
  temporalNamespace?: string;
}

const COPIES_SHOWN = 100;

const findingSchema = z
  .strictObject({
    engine: z.string(),
    rule: z.string(),
    severity: z.enum(SEVERITIES),
    path: z.array(z.string()).describe('Through containers, outermost first; made harmless for showing.'),
    what: z.string().describe('One sentence for everybody.'),
    analyst: z
      .string()
      .nullable()
      .describe('One sentence for analysts: what it usually means, and what to look at next.'),
    author: z.string().nullable(),
    reference: z.string().nullable(),
    licence: z.string().nullable(),
  })
  .meta({ id: 'Finding' });

const engineSchema = z
  .looseObject({
    engine: z.string(),
    engineVersion: z.string(),
    rulesVersion: z.string(),
    result: z.string(),
    reason: z.string().optional(),
    ms: z.number(),
  })
  .meta({ id: 'EngineAnswer' });

const inspectionSchema = z
  .strictObject({
    id: z.uuid(),
    sha256: z.string(),
    verdict: z.string(),
    reason: z.string().nullable(),
    engines: z.array(engineSchema),
    ms: z.number(),
    createdAt: time,
    findings: z.array(findingSchema),
  })
  .meta({ id: 'Inspection' });

const noteSchema = z
  .strictObject({
    kind: z.string(),
    state: z.enum(['waiting', 'cancelled', 'frozen', 'written', 'refused']),
    refusal: z.string().nullable(),
    ticketId: z.string(),
    commentId: z.string().nullable(),
    createdAt: time,
    finishedAt: timeOrNull,
  })
  .meta({ id: 'Note' });

const mailSchema = z
  .strictObject({
    kind: z.string(),
    state: z.enum(['pending', 'sending', 'sent', 'refused']),
    ambiguous: z.boolean().describe('An attempt had an unknown outcome and was repeated with the same Message-ID.'),
    attempts: z.int(),
    address: z.string().nullable().describe('Shown to admin and support only.'),
    createdAt: time,
    sentAt: timeOrNull,
  })
  .meta({ id: 'Mail' });

export const scanStorySchema = z
  .strictObject({
    scan: scanSchema,
    findings: z.array(findingSchema).describe('Of the newest inspection.'),
    engines: z.array(engineSchema).describe('Of the newest inspection.'),
    inspections: z.array(inspectionSchema).describe('Newest first.'),
    decisions: z.array(decisionSchema).describe('About these bytes, newest first.'),
    investigations: z.array(investigationSchema).describe('About this item or its bytes, newest first.'),
    copies: z.array(scanSchema).describe('Other items with the same bytes, newest first, at most 100.'),
    copiesTotal: z.int(),
    notes: z.array(noteSchema),
    mails: z.array(mailSchema),
    sealedCopy: z.strictObject({ sealed: z.boolean(), sealedAt: timeOrNull, length: z.number() }).nullable(),
    auditEvents: z.array(auditEventSchema).describe('In order.'),
    links: z.strictObject({ ticket: z.string().nullable(), workflow: z.string().nullable() }),
  })
  .meta({ id: 'ScanStory' });

/**
 * Everything known about one scan, as this caller may see it.
 * @throws Problem 404 when the organisation has no such scan
 */
export async function readScanStory(
  db: Queryable,
  id: string,
  caller: Caller,
  links: StoryLinks,
): Promise<Record<string, unknown>> {
  const scan = await readScan(db, id);
  if (!scan) throw notFound('scan');
  const inspections = (await listInspections(db, id)).map(inspectionView);
  const { copies, total } = await listCopies(db, scan, COPIES_SHOWN);
  const [newest] = inspections;
  return {
    scan: scanView(scan),
    findings: newest?.findings ?? [],
    engines: newest?.engines ?? [],
    inspections,
    decisions: scan.sha256 === null ? [] : await listDecisions(db, scan.organisationId, scan.sha256),
    investigations: await listInvestigationsOfItem(db, scan),
    copies: copies.map(scanView),
    copiesTotal: total,
    notes: await listNotes(db, id),
    mails: (await listMails(db, id)).map((mail) => mailView(mail, caller)),
    sealedCopy: sealView(await readSealedCopy(db, scan)),
    auditEvents: await listAuditEventsOfItem(db, id),
    links: linksOf(scan, await readSubdomain(db, scan.connectionId), caller, links),
  };
}

function inspectionView(row: InspectionRow): InspectionRow {
  return { ...row, findings: row.findings.map(findingView) };
}

function findingView(finding: StoredFinding): StoredFinding {
  return { ...finding, path: finding.path.map(displayFileName) };
}

function mailView(mail: MailRow, caller: Caller): Record<string, unknown> {
  const mayRead = caller.role === 'admin' || caller.role === 'support';
  return { ...mail, address: mayRead ? mail.address : null };
}

function sealView(copy: SealedCopyRow | undefined): SealedCopyRow | null {
  return copy ?? null;
}

function linksOf(scan: ScanRow, subdomain: string | undefined, caller: Caller, links: StoryLinks) {
  const ticket =
    subdomain === undefined
      ? null
      : `https://${subdomain}.zendesk.com/agent/tickets/${encodeURIComponent(scan.ticketId)}`;
  if (caller.role !== 'support' || links.temporalUi === undefined || scan.kind !== 'attachment') {
    return { ticket, workflow: null };
  }
  const key = { connectionId: scan.connectionId, ticketId: scan.ticketId, attachmentId: scan.attachmentId };
  const namespace = encodeURIComponent(links.temporalNamespace ?? 'default');
  const workflowId = encodeURIComponent(attachmentReviewId(key));
  return { ticket, workflow: `${links.temporalUi}/namespaces/${namespace}/workflows/${workflowId}` };
}
