import type { Account, Attachment, Audit, AuditEvent, Comment, Json, Status, Ticket, User, Via } from './model';
import { STATUSES } from './model';
import { flagOf, idOf, invalid, isRecord, listOf, textOf } from './http';
import { expandPlaceholders, placeholderValues } from './placeholders';
import { attachUploads } from './upload-tokens';
import { canonicalViewer, contentUrl } from './views';
import type { Action, World } from './world';

/** A change of one ticket while it is being made: collected first, then written and published in one go. */
export interface Change {
  world: World;
  account: Account;
  actor: User;
  before: Ticket | undefined;
  ticket: Ticket;
  audit: Audit;
  events: Action['events'];
  comment: Comment | undefined;
}

export function beginChange(
  world: World,
  account: Account,
  actor: User,
  ticket: Ticket,
  via: Via,
  isNew = false,
): Change {
  const now = world.clock();
  const audit: Audit = {
    id: world.nextId(),
    accountId: account.id,
    ticketId: ticket.id,
    authorId: actor.id,
    createdAt: now,
    custom: {},
    via,
    events: [],
  };
  const before = isNew ? undefined : ticket;
  // Copied, so that a refusal in the middle leaves nothing behind.
  return { world, account, actor, before, ticket: structuredClone(ticket), audit, events: [], comment: undefined };
}

export function addAuditEvent(change: Change, type: string, rest: Json): AuditEvent {
  const event: AuditEvent = { id: change.world.nextId(), type, ...rest };
  change.audit.events.push(event);
  return event;
}

/** Writes ticket and audit, then tells subscribers and triggers. */
export function commitChange(change: Change, runTriggers = true): void {
  const now = change.world.clock();
  change.ticket.updatedAt = now;
  change.ticket.generatedAt = now;
  change.ticket.updates += 1;
  change.world.audits.put(change.audit.id, change.audit);
  change.world.saveTicket(change.ticket);
  change.world.publish({
    account: change.account,
    before: change.before,
    ticket: change.ticket,
    actor: change.actor,
    comment: change.comment,
    events: change.events,
    runTriggers: runTriggers && change.before?.status !== 'closed',
  });
}

/** Sets a field of the ticket and records the change when the value differs. */
export function setField(change: Change, field: string, current: unknown, next: unknown, apply: () => void): void {
  if (JSON.stringify(current) === JSON.stringify(next)) return;
  const type = change.before === undefined ? 'Create' : 'Change';
  const previous = type === 'Create' ? {} : { previous_value: current };
  addAuditEvent(change, type, { field_name: field, value: next, ...previous });
  apply();
}

export function changeStatus(change: Change, wanted: unknown): void {
  if (wanted === undefined || wanted === null) return;
  const status = STATUSES.find((known) => known === wanted);
  if (status === undefined) throw invalid('status', `Status: ${String(wanted)} is not valid`, 'InvalidValue');
  const { ticket } = change;
  if (status === 'new' && change.before !== undefined && ticket.status !== 'new') {
    throw invalid('status', 'Status: new is not allowed for this ticket', 'InvalidValue');
  }
  const previous: Status = ticket.status;
  setField(change, 'status', previous, status, () => {
    ticket.status = status;
    if (change.before === undefined) return;
    change.events.push({
      type: 'status_changed',
      event: { current: status.toUpperCase(), previous: previous.toUpperCase() },
    });
  });
}

export function changeTags(change: Change, next: string[]): void {
  const tags = [...new Set(next.map((tag) => tag.toLowerCase()))].sort();
  const current = [...change.ticket.tags];
  setField(change, 'tags', current, tags, () => {
    change.ticket.tags = tags;
    if (change.before === undefined) return;
    change.events.push({
      type: 'tags_changed',
      event: {
        tags_added: tags.filter((tag) => !current.includes(tag)),
        tags_removed: current.filter((tag) => !tags.includes(tag)),
      },
    });
  });
}

const MAX_BODY_BYTES = 65_536;

/** Cuts at 64 kB without a word, as Zendesk does (fact sheet §2.3). */
function truncate(text: string): string {
  const bytes = Buffer.from(text, 'utf8');
  return bytes.length <= MAX_BODY_BYTES
    ? text
    : bytes
        .subarray(0, MAX_BODY_BYTES)
        .toString('utf8')
        .replace(/\uFFFD$/, '');
}

export const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

export const plainOf = (markup: string): string =>
  markup
    .replaceAll(/<br\s*\/?>|<\/p>|<\/li>|<\/div>/gi, '\n')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&nbsp;', ' ')
    .replaceAll('&amp;', '&')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();

export const inZendeskFrame = (markup: string): string => `<div class="zd-comment" dir="auto">${markup}</div>`;

/**
 * Adds the comment that a create or update request describes.
 * @throws Refusal 422 past the comment limit, for a blank comment and for an unknown upload token
 */
export function addComment(change: Change, input: unknown): Comment | undefined {
  const { world, account, ticket } = change;
  const part: Json = isRecord(input) ? input : { body: input };
  const uploads = listOf(part['uploads']).filter((token) => typeof token === 'string');
  const html = textOf(part['html_body']);
  const plain = textOf(part['body']) ?? textOf(part['value']);
  if (html === undefined && plain === undefined && uploads.length === 0) return undefined;
  if (ticket.commentIds.length >= account.switches.commentLimit) {
    throw invalid('base', `Ticket has reached the maximum of ${account.switches.commentLimit} comments`);
  }
  const author = world.users.get(idOf(part['author_id']) ?? change.actor.id);
  if (author === undefined || author.accountId !== account.id)
    throw invalid('author', 'Author: is invalid', 'InvalidValue');
  const staff = change.actor.role !== 'end-user';
  const isPublic = staff ? (flagOf(part['public']) ?? ticket.isPublic) : true;
  const written = writtenText(change, html, plain, staff);
  const comment = insertComment(change, author, isPublic, written);
  attachUploads(change, comment, uploads);
  announceComment(change, comment);
  if (!isPublic && change.before !== undefined) ticket.notes += 1;
  return comment;
}

function writtenText(
  change: Change,
  html: string | undefined,
  plain: string | undefined,
  staff: boolean,
): { body: string; htmlBody: string } {
  const { world, ticket, actor } = change;
  const latest = world.comments.get(ticket.commentIds.at(-1) ?? -1);
  const expand = (text: string): string =>
    staff ? expandPlaceholders(text, placeholderValues(world, ticket, actor, latest)) : text;
  if (html !== undefined) {
    const markup = truncate(expand(html));
    return { body: plainOf(markup), htmlBody: inZendeskFrame(markup) };
  }
  const body = truncate(expand(plain ?? ''));
  return { body, htmlBody: inZendeskFrame(`<p dir="auto">${escapeHtml(body).replaceAll('\n', '<br>')}</p>`) };
}

/** Writes a comment without files and its audit event. */
export function insertComment(
  change: Change,
  author: User,
  isPublic: boolean,
  written: { body: string; htmlBody: string },
): Comment {
  const { world, account, ticket, audit } = change;
  const comment: Comment = {
    id: world.nextId(),
    accountId: account.id,
    ticketId: ticket.id,
    auditId: audit.id,
    authorId: author.id,
    body: written.body,
    htmlBody: written.htmlBody,
    public: isPublic,
    attachmentIds: [],
    via: audit.via,
    flags: [],
    createdAt: world.clock(),
  };
  audit.events.push({ id: comment.id, type: 'Comment' });
  ticket.commentIds.push(comment.id);
  if (isPublic) ticket.isPublic = true;
  change.comment = comment;
  return comment;
}

/** Saves a comment with its files and collects the events that announce them: one for the comment, one per attachment. */
export function announceComment(change: Change, comment: Comment): void {
  const { world, account } = change;
  world.comments.put(comment.id, comment);
  const author = world.users.get(comment.authorId);
  change.events.push({
    type: 'comment_added',
    event: {
      comment: {
        id: String(comment.id),
        body: comment.body,
        is_public: comment.public,
        author: { id: String(comment.authorId), is_staff: author?.role !== 'end-user', name: author?.name ?? '' },
      },
    },
  });
  for (const attachment of world.attachmentsOf(comment)) {
    if (attachment.inline && !account.switches.webhooks.inlineEvents) continue;
    change.events.push(attachmentEvent(change, comment, attachment, 'attachment_linked_to_comment'));
  }
}

/** The `event` part of the two attachment events (fact sheet §4.4): string ids, `filename`. */
export function attachmentEvent(
  change: Change,
  comment: Comment,
  attachment: Attachment,
  type: string,
): Action['events'][number] {
  const viewer = canonicalViewer(change.world, change.account.subdomain);
  return {
    type,
    event: {
      comment: {
        id: String(comment.id),
        attachment: {
          id: String(attachment.id),
          filename: attachment.fileName,
          content_type: attachment.contentType,
          content_url: contentUrl(viewer, attachment),
          is_public: comment.public,
        },
      },
    },
  };
}
