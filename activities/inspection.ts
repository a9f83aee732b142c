import { lockItem, updateItem } from '../db/items';
import type { ItemRow } from '../db/items';
import { findBatchesInFlight } from '../db/notes';
import { readAwaitedMs } from '../db/open-inspections';
import { readPolicy } from '../db/policies';
import type { Channel, FetchOutcome } from '../domain/channel';
import type { EngineReport } from '../domain/inspection';
import type { ReviewProgress } from '../domain/review';
import type { Lane, UnscannableReason } from '../domain/words';
import { EngineBusy, SourceStalled } from '../scanners/engine';
import { isZendeskError } from '../zendesk/errors';
import { requiredEngines } from './deps';
import { readConversation } from './conversation';
import type { ActivityDeps, ItemRef } from './deps';
import { RetryLater } from './failures';
import { fetchKnowingHosts } from './known-hosts';
import { withLinksAndSender } from './file-links';
import { inspectOnce } from './inspect-once';
import { lockContext, proceed } from './progress';
import type { Pass } from './pass';
import { recordBlocked, recordUnreadable } from './record';
import { recordOrAwait } from './scanner-wait';
import { currentContext, sleep } from './sleep';

/**
 * Download → hash → seal → engines → record, in one pass over the bytes; engines that answer later are asked in between.
 * Answers at once with the next step when the row says that this was done before.
 */
export async function inspectAttachment(deps: ActivityDeps, ref: ItemRef): Promise<ReviewProgress> {
  const begun = await begin(deps, ref);
  if ('step' in begun) return begun;
  const { item, notesInFlight, required } = begun;
  const { channel } = await deps.access.open(ref);
  await refuseOwnNoteInFlight(item, notesInFlight, channel);
  const text = await readConversation(deps, { ...ref, ticketId: item.ticket_id });
  const pass = await passUntilAnswered(deps, {
    item,
    channel,
    required,
    lane: 'scan',
    ...(text !== undefined && { text }),
  });
  switch (pass.kind) {
    case 'read':
      try {
        return await recordOrAwait(deps, ref, pass);
      } finally {
        // A no-op once the copy was kept; else its one-time key is forgotten with the bytes.
        await pass.seal.drop();
      }
    case 'unreadable':
      return recordUnreadable(deps, ref, pass.reason);
    case 'blocked':
      return recordBlocked(deps, ref);
    default:
      return pass satisfies never;
  }
}

interface Begun {
  item: ItemRow;
  notesInFlight: { key: string }[];
  /** Engines that must answer. */
  required: readonly string[];
}

async function begin(deps: ActivityDeps, ref: ItemRef): Promise<Begun | ReviewProgress> {
  const unread = await deps.database.withOrganisation(ref.organisationId, async (db) => {
    const item = await lockItem(db, ref.itemId);
    const open = item && ['pending', 'scanning', 'waiting'].includes(item.state);
    if (!open || item.machine_verdict !== 'pending') return undefined;
    // Read already, and waiting for engines that answer later.
    if (item.state === 'waiting' && (await readAwaitedMs(db, item.id)) !== undefined) return undefined;
    const [notesInFlight, { policy }] = await Promise.all([
      findBatchesInFlight(db, item.connection_id, item.ticket_id),
      readPolicy(db, ref.organisationId),
      updateItem(db, item.id, { state: 'scanning', state_reason: null }),
    ]);
    return { item, notesInFlight, required: requiredEngines(deps, policy) };
  });
  if (unread) return unread;
  return deps.database.withOrganisation(ref.organisationId, async (db) => proceed(db, await lockContext(db, ref)));
}

/**
 * An event about our own release may overtake Zendesk's answer to it. While such a note is on its way, the ticket's audits
 * tell whether this comment is ours; then we wait until the note's end has made this row a released copy.
 */
async function refuseOwnNoteInFlight(item: ItemRow, inFlight: Begun['notesInFlight'], channel: Channel): Promise<void> {
  for (const batch of inFlight) {
    const { note } = await channel.findNote(item.ticket_id, batch.key, 'release');
    if (note?.commentId === item.comment_id) {
      throw new RetryLater('OwnNoteInFlight', 'this comment is our own note, whose end is not recorded yet', 500);
    }
  }
}

/** A file that is to be read. */
export interface Reading {
  item: ItemRow;
  channel: Channel;
  /** Engines whose absence is waited out for a moment. */
  required: readonly string[];
  lane: Lane;
  /** The ticket's conversation, where passwords may stand. */
  text?: string;
}

/** Repeats the pass where a repetition can help: a cut download, a crashed engine, an engine that is away for a moment. */
export async function passUntilAnswered(deps: ActivityDeps, reading: Reading): Promise<Pass> {
  const started = Date.now();
  for (let attempt = 1; ; attempt += 1) {
    const pass = await passOnce(deps, reading);
    if (pass.kind === 'unreadable' && pass.reason === 'truncated' && attempt < 3) {
      await sleep(200 * attempt);
      continue;
    }
    if (pass.kind !== 'read') return pass;
    const failed = failureWorthRepeating(reading.required, pass.reports);
    const crashedOnce = failed === 'engine_crashed' && attempt === 1;
    const away = failed === 'engine_unavailable' && Date.now() - started < deps.settings.waits.engineGrace;
    if (!crashedOnce && !away) return pass;
    await pass.seal.drop();
    await sleep(Math.min(250 * attempt, 2000));
  }
}

function failureWorthRepeating(
  required: readonly string[],
  reports: readonly EngineReport[],
): UnscannableReason | undefined {
  const found = reports.some((report) => report.findings.length > 0);
  const failed = reports.find((report) => report.result === 'error' && required.includes(report.engine));
  return found ? undefined : failed?.reason;
}

async function passOnce(deps: ActivityDeps, { item, channel, lane, text }: Reading): Promise<Pass> {
  const signal = currentContext()?.cancellationSignal;
  const fetched = await fetchKnowingHosts(deps, item, channel, {
    attachmentId: item.source_id,
    contentUrl: item.content_url ?? '',
    lane,
    maxBytes: deps.settings.maxFileBytes,
    ...(signal ? { signal } : {}),
  });
  if (fetched.outcome === 'gone') return { kind: 'unreadable', reason: 'gone' };
  if (fetched.outcome === 'blocked') return { kind: 'blocked' };
  if (fetched.outcome === 'refused') return { kind: 'unreadable', reason: unreadableFor(fetched.reason) };

  const seal = deps.store.begin(item.organisation_id);
  const started = performance.now();
  try {
    const target = {
      fileName: item.file_name,
      declaredSize: fetched.length,
      ...(text !== undefined && { text }),
      ...(item.declared_type === null ? {} : { declaredType: item.declared_type }),
    };
    const source = { organisationId: item.organisation_id, target, body: fetched.body, length: fetched.length };
    const read = await inspectOnce(deps, source, seal, signal);
    const ms = performance.now() - started;
    return { kind: 'read', ...(await withLinksAndSender(deps, item, read)), seal, ms };
  } catch (error) {
    await seal.drop();
    if (isZendeskError(error, 'truncated')) return { kind: 'unreadable', reason: 'truncated' };
    // Neither says anything about the file: no verdict may come of it.
    if (error instanceof EngineBusy) throw new RetryLater('EngineBusy', error.message, 2_000);
    if (error instanceof SourceStalled) throw new RetryLater('ZendeskUnavailable', 'the download stalled', 5_000);
    throw error;
  }
}

function unreadableFor(reason: Extract<FetchOutcome, { outcome: 'refused' }>['reason']): UnscannableReason {
  return reason === 'page' || reason === 'unknown_host' ? 'malformed' : reason;
}
