import type { Call, Route } from '../http';
import { bodyOf, idParam, json, notFound, route, stamp, textOf, userOf } from '../http';
import type { Comment, Ticket } from '../model';
import { paginate } from '../paging';
import { addAuditEvent, beginChange, commitChange, escapeHtml, inZendeskFrame } from '../ticket-changes';
import { auditView, commentView, userView, viaApi } from '../views';
import { refuseClosed, ticketParam } from './tickets';
import { refuseWithoutRight } from './permissions';

export function commentParam(call: Call, ticket: Ticket, name: string): Comment {
  const comment = call.world.comments.get(idParam(call, name));
  if (comment === undefined || comment.ticketId !== ticket.id || comment.accountId !== ticket.accountId)
    throw notFound();
  return comment;
}

function listComments(call: Call) {
  const ticket = ticketParam(call);
  const all = call.world.comments.inGroup(`${ticket.accountId}:${ticket.id}`).sort((a, b) => a.id - b.id);
  const newestFirst = call.query.get('sort') === '-created_at' || call.query.get('sort_order') === 'desc';
  if (newestFirst) all.reverse();
  const { rows, rest } = paginate(call, all);
  const inline = call.query.get('include_inline_images') === 'true';
  const comments = rows.map((comment) => commentView(call, comment, inline));
  if (!(call.query.get('include') ?? '').split(',').includes('users')) return json({ comments, ...rest });
  const authors = new Set(rows.map((comment) => comment.authorId));
  const users = call.world.users.inGroup(call.account.id).filter((user) => authors.has(user.id));
  return json({ comments, users: users.map((user) => userView(call, user)), ...rest });
}

function countComments(call: Call) {
  const ticket = ticketParam(call);
  return json({ count: { value: ticket.commentIds.length, refreshed_at: stamp(call.world.clock()) } });
}

function makePrivate(call: Call) {
  const ticket = ticketParam(call);
  const comment = commentParam(call, ticket, 'commentId');
  refuseClosed(ticket);
  const change = beginChange(call.world, call.account, userOf(call), ticket, viaApi());
  addAuditEvent(change, 'CommentPrivacyChange', { comment_id: comment.id, public: false });
  change.events.push({ type: 'comment_made_private', event: { comment: { id: String(comment.id) } } });
  call.world.comments.put(comment.id, { ...comment, public: false });
  commitChange(change);
  return json({});
}

/** Redacts words of a comment on an open ticket (fact sheet §3.7). */
function redactText(call: Call) {
  const ticket = ticketParam(call);
  const comment = commentParam(call, ticket, 'commentId');
  refuseWithoutRight(call);
  refuseClosed(ticket, call.account.switches.redaction.closedStatus);
  const words = textOf(bodyOf(call)['text']) ?? '';
  if (words === '' || !comment.body.includes(words)) throw notFound();
  const body = comment.body.replaceAll(words, '▇'.repeat(words.length));
  const htmlBody = inZendeskFrame(`<p dir="auto">${escapeHtml(body).replaceAll('\n', '<br>')}</p>`);
  const change = beginChange(call.world, call.account, userOf(call), ticket, viaApi());
  addAuditEvent(change, 'CommentRedactionEvent', { comment_id: String(comment.id) });
  change.events.push({ type: 'comment_redacted', event: { comment: { id: String(comment.id) } } });
  const redacted = call.world.comments.put(comment.id, { ...comment, body, htmlBody });
  change.ticket.redactions += 1;
  commitChange(change);
  return json({ comment: commentView(call, redacted, true) });
}

function listAudits(call: Call) {
  const ticket = ticketParam(call);
  const all = call.world.audits.inGroup(`${ticket.accountId}:${ticket.id}`).sort((a, b) => a.id - b.id);
  if (call.query.get('sort_order') === 'desc' || call.query.get('sort') === '-created_at') all.reverse();
  if (ticket.archived)
    return json({ audits: all.map((audit) => auditView(call, audit)), count: all.length, next_page: null });
  const { rows, rest } = paginate(call, all);
  return json({ audits: rows.map((audit) => auditView(call, audit)), ...rest });
}

function showAudit(call: Call) {
  const ticket = ticketParam(call);
  const audit = call.world.audits.get(idParam(call, 'auditId'));
  if (audit?.ticketId !== ticket.id || audit.accountId !== ticket.accountId) throw notFound();
  return json({ audit: auditView(call, audit) });
}

export const commentRoutes: Route[] = [
  route('GET', '/api/v2/tickets/:id/comments', 'agent', 'tickets', listComments),
  route('GET', '/api/v2/tickets/:id/comments/count', 'agent', 'tickets', countComments),
  route('PUT', '/api/v2/tickets/:id/comments/:commentId/make_private', 'agent', 'tickets', makePrivate),
  route('PUT', '/api/v2/tickets/:id/comments/:commentId/redact', 'agent', 'files', redactText),
  // `tickets:read` is refused here: audits need the global scope (fact sheet §1.4).
  route('GET', '/api/v2/tickets/:id/audits', 'agent', 'none', listAudits),
  route('GET', '/api/v2/tickets/:id/audits/:auditId', 'agent', 'none', showAudit),
];
