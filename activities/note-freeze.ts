import { randomUUID } from 'node:crypto';
import { readItem } from '../db/items';
import type { ItemRow } from '../db/items';
import { findFrozenBatch, hasWorkUnderWay, insertNoteBatch, lockOpenEntries, readNoteHeader } from '../db/notes';
import type { NoteEntryRow } from '../db/notes';
import { readDecision } from '../db/objects';
import type { Queryable } from '../db/pool';
import { readPolicy } from '../db/policies';
import { readNewestFindings } from '../db/scans';
import type { NoteBatch, NoteItem } from '../domain/note';
import { subjectOf } from '../domain/policy';
import { internalNote } from '../email/note-template';
import type { ActivityDeps, TicketRef } from './deps';
import { readFullLinks } from './links';

const ENTRIES_PER_NOTE = 50;

/** What freezing gave: a batch to write, a wait because files of the ticket are still under way, or nothing to say. */
export interface Frozen {
  batchId?: string;
  /** More than this batch may be left to say. */
  more?: boolean;
  waitMs?: number;
}

/**
 * Gathers what happened on a ticket into one batch whose items, text and key are fixed before the first try. Returned
 * files get a note of their own, because Zendesk may refuse the files and must not refuse the news with them.
 */
export function freezeNote(deps: ActivityDeps, ref: TicketRef): Promise<Frozen> {
  return deps.database.withOrganisation(ref.organisationId, async (db) => {
    const left = await findFrozenBatch(db, ref.connectionId, ref.ticketId);
    if (left) return { batchId: left.id, more: true };
    const open = await lockOpenEntries(db, ref.connectionId, ref.ticketId, ENTRIES_PER_NOTE);
    const oldest = open[0];
    if (!oldest) return {};
    const young = Date.now() - oldest.created_at.getTime() < deps.settings.waits.noteGather;
    if (young && (await hasWorkUnderWay(db, ref.connectionId, ref.ticketId))) return { waitMs: 250 };
    const news = open.filter((entry) => entry.kind !== 'released');
    const entries = news.length > 0 ? news : open;
    const id = randomUUID();
    const batch = await buildNoteBatch(deps, db, ref, { key: `note:${id}`, entries });
    const { html, text } = internalNote(batch);
    const row = { id, organisation_id: ref.organisationId, connection_id: ref.connectionId, ticket_id: ref.ticketId };
    await insertNoteBatch(
      db,
      { ...row, target_ticket_id: ref.ticketId, key: batch.key, html, text },
      entries.map((entry) => entry.id),
    );
    return { batchId: id, more: entries.length < open.length || open.length === ENTRIES_PER_NOTE };
  });
}

/** What a note and its mails tell, read from the rows. */
export async function buildNoteBatch(
  deps: ActivityDeps,
  db: Queryable,
  ref: TicketRef,
  content: { key: string; entries: readonly NoteEntryRow[] },
): Promise<NoteBatch> {
  const header = await readNoteHeader(db, ref.connectionId);
  const { policy } = await readPolicy(db, ref.organisationId);
  const items: NoteItem[] = [];
  for (const entry of content.entries) {
    const item = await noteItem(deps, db, entry);
    if (item) items.push(item);
  }
  const subdomain = header?.subdomain ?? '';
  return {
    key: content.key,
    organisationName: header?.organisation_name ?? '',
    subdomain,
    ticketId: ref.ticketId,
    ticketUrl: `https://${subdomain}.zendesk.com/agent/tickets/${ref.ticketId}`,
    retentionDays: policy.retentionDays,
    items,
    templates: { note: policy.noteTemplate, mail: policy.mailTemplate },
  };
}

/** The link that is stated again, as it stood in the comment. */
async function fullLink(deps: ActivityDeps, db: Queryable, item: ItemRow): Promise<{ url?: string }> {
  const ref = { organisationId: item.organisation_id, connectionId: item.connection_id, ticketId: item.ticket_id };
  const url = (await readFullLinks(deps, db, { ...ref, commentId: item.comment_id }))[item.id]?.url;
  return url === undefined ? {} : { url };
}

async function noteItem(deps: ActivityDeps, db: Queryable, entry: NoteEntryRow): Promise<NoteItem | undefined> {
  const item = await readItem(db, entry.item_id);
  if (!item) return undefined;
  const decision = entry.decision_id === null ? undefined : await readDecision(db, entry.decision_id);
  const reason = item.state_reason ?? item.verdict_reason;
  const page = `${deps.settings.publicUrl}/scans/${item.id}`;
  return {
    kind: entry.kind,
    scanId: item.id,
    fileName: item.file_name,
    size: item.length ?? 0,
    sha256: item.sha256 ?? '',
    verdict: item.verdict,
    subject: subjectOf(item.verdict, item.verdict_reason ?? undefined),
    findings: await readNewestFindings(db, item.id),
    scanUrl: page,
    investigateUrl: `${page}/investigate`,
    ...(entry.kind === 'link_restored' && (await fullLink(deps, db, item))),
    ...(reason === null ? {} : { reason }),
    ...(decision
      ? { decision: { verdict: decision.verdict, role: decision.actor_role, reason: decision.reason } }
      : {}),
  };
}
