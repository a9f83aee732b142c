import { ulid } from 'ulid';
import type { Answer, Call, Route } from '../http';
import { bodyOf, flagOf, idOf, invalid, json, listOf, notFound, route, textOf, userOf } from '../http';
import type { Attachment, Comment, Ticket, Via } from '../model';
import {
  announceComment,
  beginChange,
  changeStatus,
  changeTags,
  commitChange,
  escapeHtml,
  insertComment,
  inZendeskFrame,
} from '../ticket-changes';
import type { Change } from '../ticket-changes';
import { refuseClosed, ticketParam } from './tickets';

const written = (text: string) => ({ body: text, htmlBody: inZendeskFrame(`<p dir="auto">${escapeHtml(text)}</p>`) });

const via = (from: object, to: object): Via => ({
  channel: 'web',
  source: { from: { ...from }, to: { ...to }, rel: 'merge' },
});

/** Copies a file under a new id and a new address; the bytes are shared until one of the two is redacted. */
function copyAttachment(call: Call, source: Attachment, ticket: Ticket, comment: Comment): void {
  const id = call.world.nextId();
  const contentToken = call.world.secret(25);
  const copy: Attachment = {
    ...source,
    id,
    contentToken,
    ticketId: ticket.id,
    commentId: comment.id,
    brandId: ticket.brandId,
    inline: false,
  };
  call.world.attachments.put(id, copy);
  call.world.links.put(contentToken, { attachmentId: id });
  comment.attachmentIds.push(id);
}

/** A merge comment copies the files of the source's latest comments into a new comment on the target (fact sheet §0.10). */
function writeTarget(call: Call, target: Ticket, sources: Ticket[], text: string | undefined, isPublic: boolean): void {
  const user = userOf(call);
  const from = {
    ticket_ids: sources.map((ticket) => ticket.id),
    ticket_id: sources[0]?.id,
    subject: sources[0]?.subject,
  };
  const change = beginChange(call.world, call.account, user, target, via(from, { ticket_id: target.id }));
  const names = sources.map((ticket) => `Request #${ticket.id} "${ticket.subject}"`).join(', ');
  const comment = insertComment(
    change,
    user,
    isPublic,
    written(text ?? `${names} was closed and merged into this request.`),
  );
  for (const source of sources) {
    for (const id of source.commentIds) {
      const original = call.world.comments.get(id);
      const files = original === undefined ? [] : call.world.attachmentsOf(original);
      for (const file of files.filter((row) => !row.redacted)) copyAttachment(call, file, target, comment);
    }
  }
  finishComment(change, comment, call.account.switches.webhooks.mergeEvents);
  changeTags(change, [...target.tags, ...sources.flatMap((source) => source.tags)]);
  commitChange(change);
}

function finishComment(change: Change, comment: Comment, announce: boolean): void {
  announceComment(change, comment);
  if (!announce) change.events = change.events.filter((event) => event.type !== 'attachment_linked_to_comment');
}

function closeSource(call: Call, source: Ticket, target: Ticket, text: string | undefined, isPublic: boolean): void {
  const user = userOf(call);
  const change = beginChange(
    call.world,
    call.account,
    user,
    source,
    via({ ticket_id: source.id }, { ticket_id: target.id, subject: target.subject }),
  );
  const said = text ?? `This request was closed and merged into request #${target.id} "${target.subject}".`;
  announceComment(change, insertComment(change, user, isPublic, written(said)));
  changeTags(change, [...source.tags, 'closed_by_merge']);
  changeStatus(change, 'closed');
  change.events.push({ type: 'merged', event: { target_ticket_id: String(target.id) } });
  commitChange(change);
}

function mergeTickets(call: Call): Answer {
  const target = ticketParam(call);
  const input = bodyOf(call);
  const ids = listOf(input['ids']).flatMap((id) => idOf(id) ?? []);
  if (ids.length === 0 || ids.includes(target.id)) throw invalid('ids', 'Ids: must name other tickets', 'InvalidValue');
  refuseClosed(target);
  const sources = ids.map((id) => {
    const source = call.world.ticketOf(call.account, id);
    if (source === undefined || source.deleted) throw notFound();
    refuseClosed(source);
    return source;
  });
  writeTarget(
    call,
    target,
    sources,
    textOf(input['target_comment']),
    flagOf(input['target_comment_is_public']) ?? false,
  );
  for (const source of sources) {
    closeSource(
      call,
      source,
      target,
      textOf(input['source_comment']),
      flagOf(input['source_comment_is_public']) ?? false,
    );
  }
  const id = ulid(call.world.clock());
  const results = ids.map((ticketId) => ({ id: ticketId, action: 'update', status: 'Updated', success: true }));
  const message = `Completed at ${new Date(call.world.clock()).toISOString()}`;
  call.world.jobs.put(id, { id, accountId: call.account.id, total: ids.length, results, message });
  const url = `${call.origin}/api/v2/job_statuses/${id}.json`;
  return json({
    job_status: { id, url, status: 'queued', total: ids.length, progress: null, message: null, results: null },
  });
}

export const mergeRoutes: Route[] = [route('POST', '/api/v2/tickets/:id/merge', 'agent', 'tickets', mergeTickets)];
