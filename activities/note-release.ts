import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { appendAuditEvent, LAZARET } from '../db/audit-events';
import { readItem, updateItem } from '../db/items';
import type { ItemRow } from '../db/items';
import type { NoteBatchRow, NoteEntryRow } from '../db/notes';
import { readObject } from '../db/objects';
import type { Queryable } from '../db/pool';
import { insertReleasedCopy } from '../db/released-copies';
import type { Channel, ListedAttachment, WrittenNote } from '../domain/channel';
import type { StateReason } from '../domain/words';
import type { ActivityDeps, TicketRef } from './deps';
import { fileRefusal, FileRefused } from './failures';
import { lockContext } from './progress';
import { sealRefOf } from './seal';

/** The ticket that takes the files back. */
export type ReleaseTarget = Pick<NoteBatchRow, 'organisation_id' | 'target_ticket_id'>;

/** Which item is returned, and by which decision. */
export type ReleaseEntry = Pick<NoteEntryRow, 'item_id' | 'decision_id'>;

/** A file that is back in a ticket, proven by its bytes. */
export interface ReturnedFile {
  entry: ReleaseEntry;
  attachment: ListedAttachment;
}

interface Release {
  entry: ReleaseEntry;
  item: ItemRow;
}

async function readReleases(
  deps: ActivityDeps,
  organisationId: string,
  entries: readonly ReleaseEntry[],
): Promise<Release[]> {
  return deps.database.withOrganisation(organisationId, async (db) => {
    const releases: Release[] = [];
    for (const entry of entries) {
      const item = await readItem(db, entry.item_id);
      if (item) releases.push({ entry, item });
    }
    return releases;
  });
}

/**
 * Unseals and uploads every file of a release. An upload is in no ticket yet; the token is handed on only after the last
 * byte of the sealed copy was verified.
 * @returns one token a file, in the order of the entries
 * @throws FileRefused naming the one file that cannot go back
 */
export async function uploadReleases(
  deps: ActivityDeps,
  channel: Channel,
  ref: Pick<TicketRef, 'organisationId'>,
  entries: readonly ReleaseEntry[],
): Promise<string[]> {
  const tokens: string[] = [];
  for (const { item } of await readReleases(deps, ref.organisationId, entries)) {
    tokens.push(await uploadOne(deps, channel, item));
    await deps.checkpoint?.('uploaded');
  }
  return tokens;
}

async function uploadOne(deps: ActivityDeps, channel: Channel, item: ItemRow): Promise<string> {
  const object = await deps.database.withOrganisation(item.organisation_id, (db) =>
    readObject(db, item.organisation_id, item.sha256 ?? ''),
  );
  const seal = sealRefOf(object);
  if (!seal) throw new FileRefused(item.id, 'sealed_copy_missing');
  const body = deps.store.open(seal);
  const contentType = item.declared_type ?? 'application/octet-stream';
  try {
    const file = { fileName: item.file_name, contentType, length: seal.length, body, lane: 'release' as const };
    return (await channel.upload(file)).token;
  } catch (error) {
    const reason = fileRefusal(error);
    throw reason === undefined ? error : new FileRefused(item.id, reason);
  } finally {
    body.destroy();
  }
}

/** What of a written note was read back from Zendesk, and what was not. */
export interface Proof {
  returned: ReturnedFile[];
  unproven: ReleaseEntry[];
}

/**
 * Reads the note's attachments back from Zendesk and matches them to the released items by SHA-256. A file that Zendesk
 * itself blocks since is back too: it is the one of that size among the ids in Zendesk's own answer.
 */
export async function proveReturned(
  deps: ActivityDeps,
  channel: Channel,
  batch: ReleaseTarget,
  entries: readonly ReleaseEntry[],
  note: WrittenNote,
): Promise<Proof> {
  const comments = await channel.listComments(batch.target_ticket_id, 'release', note.commentId);
  const listed = comments.filter((comment) => comment.id === note.commentId).flatMap((comment) => comment.attachments);
  const read: { attachment: ListedAttachment; sha256: string | undefined; blocked: boolean }[] = [];
  for (const attachment of listed) read.push({ attachment, ...(await readBack(deps, channel, attachment)) });
  const proof: Proof = { returned: [], unproven: [] };
  for (const { entry, item } of await readReleases(deps, batch.organisation_id, entries)) {
    const index = read.findIndex(
      (one) =>
        one.sha256 === item.sha256 ||
        (one.blocked && one.attachment.size === item.length && note.attachmentIds.includes(one.attachment.id)),
    );
    const [match] = index < 0 ? [] : read.splice(index, 1);
    if (match) proof.returned.push({ entry, attachment: match.attachment });
    else proof.unproven.push(entry);
  }
  return proof;
}

async function readBack(
  deps: ActivityDeps,
  channel: Channel,
  attachment: ListedAttachment,
): Promise<{ sha256: string | undefined; blocked: boolean }> {
  const fetched = await channel.fetchBytes({
    attachmentId: attachment.id,
    contentUrl: attachment.contentUrl,
    lane: 'release',
    maxBytes: deps.settings.maxFileBytes,
    expectedSize: attachment.size,
  });
  const blocked = fetched.outcome === 'blocked' || attachment.sourceScan === 'blocked';
  if (fetched.outcome !== 'bytes') return { sha256: undefined, blocked };
  const hash = createHash('sha256');
  await pipeline(fetched.body, hash);
  return { sha256: hash.digest('hex'), blocked: false };
}

/** The item is released, and its copy stands in the ledger as ours; a decision that came since goes on from there. */
export async function recordRelease(db: Queryable, batch: ReleaseTarget, file: ReturnedFile): Promise<void> {
  const organisationId = batch.organisation_id;
  const { item, object } = await lockContext(db, { organisationId, itemId: file.entry.item_id });
  const applied = file.entry.decision_id;
  const newest = object?.decision_id ?? applied;
  const superseded = newest !== applied;
  await updateItem(db, item.id, {
    state: 'released',
    state_reason: null,
    released_at: new Date(),
    deadline_at: superseded ? new Date() : null,
    ...(applied === null ? {} : { applied_decision_id: applied }),
  });
  await insertReleasedCopy(db, {
    original: item,
    ticketId: batch.target_ticket_id,
    attachment: file.attachment,
    decisionId: newest,
    appliedDecisionId: applied,
  });
  await appendAuditEvent(db, {
    organisationId,
    kind: 'item.released',
    actor: LAZARET,
    itemId: item.id,
    detail: { sha256: item.sha256, attachment: file.attachment.id, ticket: batch.target_ticket_id, decision: applied },
  });
}

/** Zendesk has no place for the file: an admin can download it, or ask for a follow-up ticket. */
export async function recordRefusedRelease(
  db: Queryable,
  organisationId: string,
  entry: ReleaseEntry,
  reason: StateReason,
): Promise<void> {
  const { item } = await lockContext(db, { organisationId, itemId: entry.item_id });
  if (item.state !== 'releasing') return;
  const applied = entry.decision_id === null ? {} : { applied_decision_id: entry.decision_id };
  await updateItem(db, item.id, {
    state: 'release_refused',
    state_reason: reason,
    deadline_at: new Date(),
    ...applied,
  });
  const event = { organisationId, kind: 'release.refused', actor: LAZARET, itemId: item.id, detail: { reason } };
  await appendAuditEvent(db, event);
}
