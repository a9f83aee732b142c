import type { Call, Route } from '../http';
import {
  bodyOf,
  forbidden,
  idOf,
  idParam,
  invalid,
  json,
  listOf,
  notFound,
  Refusal,
  route,
  textOf,
  userOf,
} from '../http';
import type { Attachment, Comment } from '../model';
import { addAuditEvent, attachmentEvent, beginChange, changeTags, commitChange, plainOf } from '../ticket-changes';
import type { Change } from '../ticket-changes';
import { forgetBytes } from '../upload-tokens';
import { attachmentView, commentView, viaApi } from '../views';
import { commentParam } from './comments';
import { refuseWithoutRight } from './permissions';
import { refuseClosed, ticketParam } from './tickets';

/** Replaces an attachment by the empty `redacted.txt`; what stays of it is set by the switches under `redaction`. */
function redactAttachment(change: Change, comment: Comment, attachment: Attachment): void {
  const { world, account } = change;
  const settings = account.switches.redaction;
  change.events.push(attachmentEvent(change, comment, attachment, 'attachment_redacted_from_comment'));
  addAuditEvent(change, 'AttachmentRedactionEvent', { attachment_id: attachment.id, comment_id: comment.id });
  const id = settings.sameId ? attachment.id : world.nextId();
  const contentToken = settings.sameUrl ? attachment.contentToken : world.secret(25);
  const blobId = `redacted-${id}`;
  world.blobs.put(blobId, Buffer.alloc(settings.size, 0x20));
  if (!settings.sameUrl && settings.urlLiveRequests !== 0) leaveOldAddress(change, attachment);
  if (!settings.sameUrl) world.links.remove(attachment.contentToken);
  world.attachments.remove(attachment.id);
  world.attachments.put(id, {
    ...attachment,
    id,
    fileName: 'redacted.txt',
    contentType: settings.contentType,
    size: settings.size,
    contentToken,
    blobId,
    redacted: true,
    scanResult: 'not_scanned',
  });
  world.links.put(contentToken, { attachmentId: id });
  if (!settings.sameId) {
    const attachmentIds = comment.attachmentIds.map((old) => (old === attachment.id ? id : old));
    comment.attachmentIds = attachmentIds;
    world.comments.put(comment.id, { ...(world.comments.get(comment.id) ?? comment), attachmentIds });
  }
  forgetBytes(world, attachment.blobId);
  change.ticket.redactions += 1;
}

function leaveOldAddress(change: Change, attachment: Attachment): void {
  change.world.deadLinks.put(attachment.contentToken, {
    contentToken: attachment.contentToken,
    accountId: attachment.accountId,
    fileName: attachment.fileName,
    contentType: attachment.contentType,
    blobId: attachment.blobId,
    remaining: change.account.switches.redaction.urlLiveRequests,
  });
}

/** The classic redaction: open tickets only; answers with the attachment as it was before (fact sheet §3.5). */
function redactOne(call: Call) {
  const ticket = ticketParam(call);
  const comment = commentParam(call, ticket, 'commentId');
  refuseWithoutRight(call);
  const attachment = call.world.attachments.get(idParam(call, 'attachmentId'));
  if (attachment === undefined || attachment.commentId !== comment.id) throw notFound();
  const settings = call.account.switches.redaction;
  refuseClosed(ticket, settings.closedStatus);
  if (attachment.redacted) {
    if (settings.againStatus === 200) return json({ attachment: attachmentView(call, attachment) });
    throw new Refusal(settings.againStatus, notFound().body);
  }
  const before = attachmentView(call, attachment);
  const change = beginChange(call.world, call.account, userOf(call), ticket, viaApi());
  redactAttachment(change, comment, attachment);
  commitChange(change);
  return json({ attachment: before });
}

const TOKEN_IN_URL = /\/attachments\/token\/([A-Za-z0-9]+)/;
const CHANNELS_REFUSED = ['native_messaging', 'chat', 'messaging', 'whatsapp', 'facebook', 'twitter'];

function attachmentsByUrl(call: Call, comment: Comment, urls: unknown[]): Attachment[] {
  const found = urls.map((url) => {
    const token = TOKEN_IN_URL.exec(textOf(url) ?? '')?.[1];
    const match = call.world.attachmentsOf(comment).find((row) => row.contentToken === token && !row.redacted);
    if (match === undefined) throw notFound();
    return match;
  });
  return [...new Set(found)];
}

/** Words between `<redact>` tags become blocks; an image with the attribute `redact` goes, and its file with it. */
function redactMarkup(call: Call, comment: Comment, markup: string): { comment: Comment; urls: string[] } {
  const urls: string[] = [];
  const withoutImages = markup.replaceAll(/<img\b[^>]*\sredact\b[^>]*>/g, (tag) => {
    const source = /\ssrc="([^"]*)"/.exec(tag)?.[1];
    if (source !== undefined && TOKEN_IN_URL.test(source)) urls.push(source);
    return '';
  });
  const htmlBody = withoutImages.replaceAll(/<redact>([\s\S]*?)<\/redact>/g, (_all, words: string) =>
    '▇'.repeat(words.length),
  );
  const redacted = call.world.comments.put(comment.id, { ...comment, htmlBody, body: plainOf(htmlBody) });
  return { comment: redacted, urls };
}

/** The Agent Workspace redaction, which also works on closed and archived tickets (fact sheet §3.6). */
function redactComment(call: Call) {
  const body = bodyOf(call);
  const found = call.world.comments.get(idParam(call, 'commentId'));
  const ticket = call.world.ticketOf(call.account, idOf(body['ticket_id']) ?? -1);
  if (!call.account.switches.agentWorkspace) throw forbidden();
  if (found === undefined || ticket === undefined || ticket.deleted) throw notFound();
  if (found.ticketId !== ticket.id || found.accountId !== call.account.id) throw notFound();
  refuseWithoutRight(call);
  if (CHANNELS_REFUSED.includes(found.via.channel))
    throw invalid('comment', 'Comment: this channel cannot be redacted');
  const markup = textOf(body['html_body']);
  const given = listOf(body['external_attachment_urls']);
  if (markup === undefined && given.length === 0) throw invalid('base', 'Nothing to redact', 'BlankValue');
  const attachments = attachmentsByUrl(call, found, given);
  const change = beginChange(call.world, call.account, userOf(call), ticket, viaApi());
  let comment = found;
  if (markup !== undefined) {
    const result = redactMarkup(call, found, markup);
    comment = result.comment;
    attachments.push(...attachmentsByUrl(call, comment, result.urls).filter((row) => !attachments.includes(row)));
    addAuditEvent(change, 'CommentRedactionEvent', { comment_id: String(comment.id) });
    change.events.push({ type: 'comment_redacted', event: { comment: { id: String(comment.id) } } });
  }
  for (const attachment of attachments) redactAttachment(change, comment, attachment);
  if (call.account.switches.redaction.addsTag && ticket.status !== 'closed') {
    changeTags(change, [...ticket.tags, 'redacted_content']);
  }
  commitChange(change);
  return json({ comment: commentView(call, call.world.comments.get(comment.id) ?? comment, true) });
}

export const redactionRoutes: Route[] = [
  route('PUT', '/api/v2/tickets/:id/comments/:commentId/attachments/:attachmentId/redact', 'agent', 'files', redactOne),
  route('PUT', '/api/v2/comment_redactions/:commentId', 'agent', 'files', redactComment),
];
