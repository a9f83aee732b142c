import { appendAuditEvent, LAZARET } from '../db/audit-events';
import { readCommentItems, updateItem } from '../db/items';
import type { ItemRow } from '../db/items';
import { insertNoteEntry } from '../db/notes';
import { finishOperation } from '../db/operations';
import { readReadyRedactions } from '../db/redactions';
import type { Channel, ListedAttachment } from '../domain/channel';
import type { StateReason } from '../domain/words';
import { isZendeskError } from '../zendesk/errors';
import type { ActivityDeps, ItemRef } from './deps';
import { noteEntryFor, refuseContainment } from './outcomes';
import { RetryLater } from './failures';
import { lockContext, proceed, redactionKey } from './progress';
import { provenGone } from './proof';
import { sleep } from './sleep';
import { canParseUrl } from '../domain/urls';

/** An item that is sealed and verified, with how Zendesk lists it now. */
interface Ready {
  item: ItemRow;
  listed: ListedAttachment | undefined;
}

/** Redacts every ready file of one comment, with as few updates as the account allows. The caller holds the comment's lock. */
export async function redactGroup(
  deps: ActivityDeps,
  leader: ItemRow,
  channel: Channel,
  held: () => boolean,
): Promise<void> {
  const before = await list(channel, leader);
  let listing = before ?? [];
  const items = await readyWithSiblings(deps, leader, listing);
  const group = items.map((item) => ({ item, listed: listing.find((one) => one.id === item.source_id) }));
  const targets = group.filter(isAsRecorded);
  let refusal: StateReason | undefined;
  if (targets.length > 0) {
    await deps.checkpoint?.('before-redaction');
    if (!held()) throw new RetryLater('OutcomeUnknown', 'the lock of this comment was lost before its redaction', 500);
    refusal = await redact(leader, channel, targets);
    await deps.checkpoint?.('redacted');
    if (refusal === undefined) await tellRedacted(deps, leader, targets);
    listing = (await list(channel, leader)) ?? [];
  }
  const notRedacted = before ? 'listing_mismatch' : 'ticket_gone';
  for (const { item } of group) {
    const now = listing.find((one) => one.id === item.source_id);
    const wasTarget = targets.some((target) => target.item.id === item.id);
    // A refusal may come when some of the files are gone already: each is looked at by itself.
    const untouched = refusal !== undefined && isAsRecorded({ item, listed: now });
    if (!untouched && (await provenGone(deps, channel, item, now))) await recordContained(deps, item, wasTarget);
    else await refuseContainment(deps, refOf(item), refusal ?? (wasTarget ? 'redacted_url_live' : notRedacted));
  }
}

/** A file that nobody wants out any more after its redaction was announced: contained if it is gone, else spared. */
export async function settleSpared(deps: ActivityDeps, item: ItemRow, channel: Channel): Promise<void> {
  const listing = (await list(channel, item)) ?? [];
  const now = listing.find((one) => one.id === item.source_id);
  // What the ticket still lists as it was is there; what it no longer lists has to come back, proven gone or not.
  if (!isAsRecorded({ item, listed: now })) return recordContained(deps, item, true);
  await deps.database.withOrganisation(item.organisation_id, async (db) => {
    const context = await lockContext(db, { organisationId: item.organisation_id, itemId: item.id });
    if (context.item.state === 'waiting') await proceed(db, context, { redactionRuledOut: true });
  });
}

function refOf(item: ItemRow): ItemRef {
  return { organisationId: item.organisation_id, connectionId: item.connection_id, itemId: item.id };
}

/** The files of the comment as Zendesk lists them now; undefined where the ticket is gone. */
async function list(channel: Channel, leader: ItemRow): Promise<ListedAttachment[] | undefined> {
  try {
    const comments = await channel.listComments(leader.ticket_id, 'redact', leader.comment_id);
    return comments.filter((comment) => comment.id === leader.comment_id).flatMap((comment) => comment.attachments);
  } catch (error) {
    if (isZendeskError(error, 'not_found')) return undefined;
    throw error;
  }
}

/** The listed attachment has the recorded id and address and the size of the sealed copy; anything else is not redacted. */
function isAsRecorded(ready: Ready): ready is Ready & { listed: ListedAttachment } {
  const { item, listed } = ready;
  if (!listed || listed.deleted || item.content_url === null) return false;
  return pathOf(listed.contentUrl) === pathOf(item.content_url) && listed.size === item.length;
}

/** Host names of one account vary between events and listings; the token in the path does not. */
function pathOf(url: string): string {
  return canParseUrl(url) ? new URL(url).pathname.replace(/\/+$/u, '') : url;
}

/**
 * The items of the comment that may be redacted now. Waits, for a moment, for files that are not judged yet, so that one
 * update takes them all.
 */
async function readyWithSiblings(deps: ActivityDeps, leader: ItemRow, listing: ListedAttachment[]): Promise<ItemRow[]> {
  const until = Date.now() + deps.settings.waits.siblings;
  for (;;) {
    const [known, ready] = await deps.database.withOrganisation(leader.organisation_id, (db) =>
      Promise.all([
        readCommentItems(db, leader.connection_id, leader.comment_id, leader.ticket_id),
        readReadyRedactions(db, leader.connection_id, leader.ticket_id, leader.comment_id),
      ]),
    );
    const unjudged = known.some((item) => ['pending', 'scanning'].includes(item.state));
    // Engines that answer later are not waited for here.
    const here = known.filter((item) => item.state === 'waiting' && item.state_reason !== 'scanner');
    const sealing = here.some((item) => !ready.some((one) => one.id === item.id));
    const unheard = listing.some((one) => !one.deleted && !known.some((item) => item.source_id === one.id));
    if ((!unjudged && !sealing && !unheard) || Date.now() >= until) return ready;
    await sleep(40);
  }
}

/** @returns why Zendesk will never do it, or undefined when it took the request */
async function redact(
  leader: ItemRow,
  channel: Channel,
  targets: { item: ItemRow; listed: ListedAttachment }[],
): Promise<StateReason | undefined> {
  const attachments = targets.map(({ listed: { id, contentUrl, inline } }) => ({ id, contentUrl, inline }));
  try {
    await channel.redact({ ticketId: leader.ticket_id, commentId: leader.comment_id, attachments });
    return undefined;
  } catch (error) {
    const reason = finalRefusal(error);
    if (reason === undefined) throw error;
    return reason;
  }
}

/** What Zendesk took is told before it is proven: the two times differ. */
async function tellRedacted(deps: ActivityDeps, leader: ItemRow, targets: readonly { item: ItemRow }[]): Promise<void> {
  const { organisation_id: organisationId } = leader;
  await deps.database.withOrganisation(organisationId, async (db) => {
    for (const { item } of targets) {
      const event = { organisationId, kind: 'item.redacted', actor: LAZARET, itemId: item.id };
      await appendAuditEvent(db, { ...event, detail: { attachment: item.source_id } });
    }
  });
}

function finalRefusal(error: unknown): StateReason | undefined {
  if (isZendeskError(error, 'forbidden', 'missing_scope')) return 'redaction_forbidden';
  if (isZendeskError(error, 'ticket_closed', 'record_invalid', 'bad_request')) return 'redaction_unavailable';
  return isZendeskError(error, 'not_found') ? 'ticket_gone' : undefined;
}

async function recordContained(deps: ActivityDeps, item: ItemRow, byUs: boolean): Promise<void> {
  await deps.database.withOrganisation(item.organisation_id, async (db) => {
    const context = await lockContext(db, { organisationId: item.organisation_id, itemId: item.id });
    if (context.item.state !== 'waiting') return;
    const decided = context.decision?.verdict === 'malicious' || context.decision?.verdict === 'suspicious';
    await Promise.all([
      updateItem(db, item.id, {
        state: decided ? 'contained' : 'held',
        state_reason: null,
        contained_at: new Date(),
        ...(decided && context.item.decision_id !== null ? { applied_decision_id: context.item.decision_id } : {}),
      }),
      finishOperation(db, redactionKey(item.id), { byUs }),
      appendAuditEvent(db, {
        organisationId: item.organisation_id,
        kind: 'item.contained',
        actor: LAZARET,
        itemId: item.id,
        detail: { sha256: item.sha256, byUs, proof: 'neither address returns the sealed bytes' },
      }),
      insertNoteEntry(db, noteEntryFor(context, 'contained', context.decision?.id ?? 'machine')),
    ]);
  });
  await deps.checkpoint?.('contained');
}
