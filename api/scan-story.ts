import { z } from 'zod';
import { listAuditEventsOfItem } from '../db/audit-log';
import { listDecisions } from '../db/decisions';
import { listInvestigationsOfItem } from '../db/investigations';
import { readPolicy } from '../db/policies';
import type { Queryable } from '../db/pool';
import { listCopies, readScan } from '../db/scan-list';
import type { ScanRow } from '../db/scan-list';
import { listInspections, listMails, listNotes, readActorNames, readSealedCopy, readSubdomain } from '../db/scan-story';
import type { InspectionRow, MailRow, StoredFinding } from '../db/scan-story';
import { attachmentReviewId, commentLinksId } from '../domain/ids';
import { displayFileName } from '../domain/text';
import { SEVERITIES } from '../domain/words';
import { notFound } from './problems';
import type { Caller } from './route';
import { milestonesOf, milestonesSchema } from './scan-milestones';
import { auditEventSchema, decisionSchema, investigationSchema, scanSchema, scanView, time, timeOrNull } from './views';

export interface StoryLinks {
  /** Base URL of Temporal's UI; shown to support only. */
  temporalUi?: string;
  temporalNamespace?: string;
}

const COPIES_SHOWN = 100;
const DAY_MS = 86_400_000;

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
    sealedCopy: z
      .strictObject({
        sealed: z.boolean(),
        sealedAt: timeOrNull,
        length: z.number(),
        keptUntil: timeOrNull.describe('As retention says today, for a file that was taken out.'),
      })
      .nullable(),
    milestones: milestonesSchema,
    people: z
      .record(z.string(), z.string())
      .describe("Names of the organisation's people and keys that stand as actors here, by id."),
    auditEvents: z.array(auditEventSchema).describe('In order.'),
    links: z.strictObject({
      ticket: z.string().nullable(),
      comment: z.string().nullable(),
      workflow: z.string().nullable(),
    }),
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
  const notes = await listNotes(db, id);
  const mails = await listMails(db, id);
  const auditEvents = await listAuditEventsOfItem(db, id);
  const decisions = scan.sha256 === null ? [] : await listDecisions(db, scan.organisationId, scan.sha256);
  const investigations = await listInvestigationsOfItem(db, scan);
  const actors = [
    ...auditEvents.map((event) => event.actor),
    ...decisions.map((decision) => decision.actor),
    ...investigations.map((one) => one.requestedBy),
  ];
  const [newest] = inspections;
  return {
    scan: scanView(scan),
    findings: newest?.findings ?? [],
    engines: newest?.engines ?? [],
    inspections,
    decisions,
    investigations,
    copies: copies.map(scanView),
    copiesTotal: total,
    notes,
    mails: mails.map((mail) => mailView(mail, caller)),
    sealedCopy: await sealView(db, scan),
    milestones: milestonesOf({ scan, events: auditEvents, notes, mails }),
    people: await readActorNames(db, [...new Set(actors)]),
    auditEvents,
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

async function sealView(db: Queryable, scan: ScanRow): Promise<Record<string, unknown> | null> {
  const copy = await readSealedCopy(db, scan);
  if (!copy) return null;
  const { retentionDays } = (await readPolicy(db, scan.organisationId)).policy;
  const from = scan.returnSettledAt ?? scan.containedAt;
  const keptUntil = copy.sealed && from !== null ? new Date(from.getTime() + retentionDays * DAY_MS) : null;
  return { ...copy, keptUntil };
}

function linksOf(scan: ScanRow, subdomain: string | undefined, caller: Caller, links: StoryLinks) {
  const help =
    subdomain === undefined
      ? null
      : `https://${subdomain}.zendesk.com/agent/tickets/${encodeURIComponent(scan.ticketId)}`;
  // Zendesk scrolls to the comment, and opens the ticket where it does not know the number.
  const comment = help === null || !/^\d+$/u.test(scan.commentId) ? null : `${help}?comment=${scan.commentId}`;
  return { ticket: help, comment, workflow: workflowLink(scan, caller, links) };
}

function workflowLink(scan: ScanRow, caller: Caller, links: StoryLinks): string | null {
  if (caller.role !== 'support' || links.temporalUi === undefined) return null;
  const { connectionId, ticketId, commentId, attachmentId } = scan;
  const workflowId =
    scan.kind === 'attachment'
      ? attachmentReviewId({ connectionId, ticketId, attachmentId })
      : commentLinksId(connectionId, ticketId, commentId);
  const namespace = encodeURIComponent(links.temporalNamespace ?? 'default');
  return `${links.temporalUi}/namespaces/${namespace}/workflows/${encodeURIComponent(workflowId)}`;
}
