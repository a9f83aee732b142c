import { appendAuditEvent, LAZARET } from '../db/audit-events';
import {
  countNoteAttempt,
  finishNoteBatch,
  insertNoteEntry,
  readBatchEntries,
  readNoteBatch,
  reopenEntries,
  retargetNoteBatch,
} from '../db/notes';
import type { NoteBatchRow, NoteEntryRow } from '../db/notes';
import type { Queryable } from '../db/pool';
import type { Channel, WrittenNote } from '../domain/channel';
import type { StateReason } from '../domain/words';
import type { ActivityDeps, TicketRef } from './deps';
import { FileRefused, noteRefusal, RetryLater } from './failures';
import { buildNoteBatch } from './note-freeze';
import { proveReturned, recordRefusedRelease, recordRelease, uploadReleases } from './note-release';
import type { Proof } from './note-release';
import { queueNoteMails } from './note-mails';
import { noteEntryFor } from './outcomes';
import { lockContext } from './progress';

/** Attempts of a written note after which a file that does not read back is told as such. */
const PROOF_ATTEMPTS = 8;

interface Plan {
  batch: NoteBatchRow;
  entries: NoteEntryRow[];
  releases: NoteEntryRow[];
}

/**
 * Writes one frozen note, once: announced before, looked for by its key after an unknown outcome, then sent with a safe
 * update. Returned files are proven by their bytes before anything is called released.
 */
export async function writeNote(deps: ActivityDeps, ref: TicketRef & { batchId: string }): Promise<void> {
  const plan = await readPlan(deps, ref);
  if (!plan || plan.batch.state !== 'frozen') return;
  let channel: Channel | undefined;
  let written = false;
  try {
    channel = (await deps.access.open(ref)).channel;
    const note = await writeOnce(deps, ref, plan, channel);
    written = true;
    await deps.checkpoint?.('note-written');
    await finish(deps, ref, plan, note, await prove(deps, plan, channel, note));
    await deps.checkpoint?.('note-recorded');
  } catch (error) {
    // What is written is never refused any more, whatever its proof meets.
    if (written) throw error;
    if (error instanceof FileRefused && plan.releases.length > 1) return takeOut(deps, ref, plan, error);
    const refusal = noteRefusal(error, plan.releases.length > 0);
    if (refusal === undefined) throw error;
    if (refusal === 'ticket_closed' && channel && (await retarget(deps, ref, plan, channel))) {
      throw new RetryLater(
        'OutcomeUnknown',
        'the ticket was merged; the note goes to the ticket it was merged into',
        100,
      );
    }
    await refuse(deps, ref, plan, refusal);
  }
}

async function readPlan(deps: ActivityDeps, ref: TicketRef & { batchId: string }): Promise<Plan | undefined> {
  return deps.database.withOrganisation(ref.organisationId, async (db) => {
    const batch = await readNoteBatch(db, ref.batchId);
    if (!batch) return undefined;
    const entries = await readBatchEntries(db, ref.batchId);
    return { batch, entries, releases: entries.filter((entry) => entry.kind === 'released') };
  });
}

/** One attempt at a time: one that was thought lost must not write after the next has looked. */
async function writeOnce(deps: ActivityDeps, ref: TicketRef, plan: Plan, channel: Channel): Promise<WrittenNote> {
  const note = await deps.database.tryExclusive(`note:${plan.batch.id}`, () => findOrWrite(deps, ref, plan, channel));
  if (!note) throw new RetryLater('OutcomeUnknown', 'another attempt is writing this note', 1000);
  return note;
}

/** Returned files read back; one that never does is told as such, and stays for download. */
async function prove(deps: ActivityDeps, plan: Plan, channel: Channel, note: WrittenNote): Promise<Proof> {
  if (plan.releases.length === 0) return { returned: [], unproven: [] };
  const proof = await proveReturned(deps, channel, plan.batch, plan.releases, note);
  if (proof.unproven.length > 0 && plan.batch.attempts < PROOF_ATTEMPTS) {
    throw new RetryLater('NotProvenYet', 'a returned file does not read back with its SHA-256 yet');
  }
  return proof;
}

async function findOrWrite(deps: ActivityDeps, ref: TicketRef, plan: Plan, channel: Channel): Promise<WrittenNote> {
  const { batch } = plan;
  const lane = plan.releases.length > 0 ? 'release' : 'note';
  const attempt = await deps.database.withOrganisation(ref.organisationId, (db) => countNoteAttempt(db, batch.id));
  let safeUpdateStamp: string | undefined;
  if (attempt > 1) {
    const found = await channel.findNote(batch.target_ticket_id, batch.key, lane);
    if (found.note) return found.note;
    safeUpdateStamp = found.updatedAt;
  }
  const uploadTokens = await uploadReleases(deps, channel, ref, plan.releases);
  await deps.checkpoint?.('before-note');
  const now = await deps.database.withOrganisation(ref.organisationId, (db) => readNoteBatch(db, batch.id));
  if (now?.state !== 'frozen' || now.attempts !== attempt) {
    throw new RetryLater('OutcomeUnknown', 'another attempt has taken this note over', 500);
  }
  return channel.addNote({
    ticketId: batch.target_ticket_id,
    html: batch.html,
    key: batch.key,
    uploadTokens,
    lane,
    ...(safeUpdateStamp === undefined ? {} : { safeUpdateStamp }),
  });
}

async function finish(deps: ActivityDeps, ref: TicketRef, plan: Plan, note: WrittenNote, proof: Proof): Promise<void> {
  await deps.database.withOrganisation(ref.organisationId, async (db) => {
    const outcome = {
      state: 'written' as const,
      auditId: note.auditId,
      commentId: note.commentId,
      attachmentIds: note.attachmentIds,
    };
    if (!(await finishNoteBatch(db, plan.batch.id, outcome))) return;
    for (const file of proof.returned) await recordRelease(db, plan.batch, file);
    for (const entry of proof.unproven) {
      await recordRefusedRelease(db, ref.organisationId, entry, 'release_unproven');
    }
    await tell(db, plan, 'note.written', { comment: note.commentId });
    await queueNoteMails(deps, db, ref, await noteBatchOf(deps, db, ref, plan), plan.batch.id);
  });
}

/** One file cannot go back: it is told by itself, and the others go on in a note of their own. */
async function takeOut(deps: ActivityDeps, ref: TicketRef, plan: Plan, failed: FileRefused): Promise<void> {
  await deps.database.withOrganisation(ref.organisationId, async (db) => {
    const { batch, releases } = plan;
    const others = plan.entries.filter((entry) => entry.item_id !== failed.itemId).map((entry) => entry.id);
    if (!(await finishNoteBatch(db, batch.id, { state: 'refused', refusal: failed.reason }))) return;
    await reopenEntries(db, others);
    const entry = releases.find((one) => one.item_id === failed.itemId);
    if (!entry) return;
    await recordRefusedRelease(db, ref.organisationId, entry, failed.reason);
    const context = await lockContext(db, { organisationId: ref.organisationId, itemId: failed.itemId });
    await insertNoteEntry(db, noteEntryFor(context, 'release_refused', entry.decision_id ?? 'machine'));
  });
}

/** The ticket will never take this note: said on every scan and in the mails instead. */
async function refuse(deps: ActivityDeps, ref: TicketRef, plan: Plan, refusal: StateReason): Promise<void> {
  await deps.database.withOrganisation(ref.organisationId, async (db) => {
    if (!(await finishNoteBatch(db, plan.batch.id, { state: 'refused', refusal }))) return;
    for (const entry of plan.releases) await recordRefusedRelease(db, ref.organisationId, entry, refusal);
    await tell(db, plan, 'note.refused', { reason: refusal });
    const batch = await noteBatchOf(deps, db, ref, plan);
    const items = batch.items.map((item) =>
      item.kind === 'released' ? { ...item, kind: 'release_refused' as const, reason: refusal } : item,
    );
    await queueNoteMails(deps, db, ref, { ...batch, items, noteRefusal: refusal }, plan.batch.id);
  });
}

function noteBatchOf(deps: ActivityDeps, db: Queryable, ref: TicketRef, plan: Plan) {
  return buildNoteBatch(deps, db, ref, { key: plan.batch.key, entries: plan.entries });
}

async function tell(db: Queryable, plan: Plan, kind: string, detail: Record<string, unknown>): Promise<void> {
  for (const itemId of new Set(plan.entries.map((entry) => entry.item_id))) {
    const organisationId = plan.batch.organisation_id;
    await appendAuditEvent(db, {
      organisationId,
      kind,
      actor: LAZARET,
      itemId,
      detail: { ...detail, note: plan.batch.id },
    });
  }
}

/** Follows a merge: a returned file belongs on the ticket that lives on. */
async function retarget(deps: ActivityDeps, ref: TicketRef, plan: Plan, channel: Channel): Promise<boolean> {
  const target = await channel.findMergeTarget(plan.batch.target_ticket_id, 'release');
  if (target === undefined || target === plan.batch.target_ticket_id) return false;
  await deps.database.withOrganisation(ref.organisationId, (db) => retargetNoteBatch(db, plan.batch.id, target));
  return true;
}
