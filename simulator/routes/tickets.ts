import type { Call, Route } from '../http';
import {
  bodyOf,
  idParam,
  invalid,
  isRecord,
  json,
  notFound,
  nothing,
  partOf,
  recordOf,
  Refusal,
  route,
  stamp,
  textOf,
  userOf,
} from '../http';
import type { Json, Ticket } from '../model';
import {
  applyAttributes,
  CREATE_KEYS,
  followedTicket,
  newTicket,
  stringsOf,
  UPDATE_KEYS,
  warnOfUnknownKeys,
} from '../ticket-input';
import { paginate } from '../paging';
import { addComment, beginChange, changeTags, commitChange } from '../ticket-changes';
import type { Change } from '../ticket-changes';
import { auditView, ticketView, userView, viaApi } from '../views';

/** The ticket of a path, refused with 404 when it is missing or deleted. */
export function ticketParam(call: Call, name = 'id'): Ticket {
  const ticket = call.world.ticketOf(call.account, idParam(call, name));
  if (ticket === undefined || ticket.deleted) throw notFound();
  return ticket;
}

/** Closed is terminal: nothing on the ticket can be changed (fact sheet §2.6). */
export function refuseClosed(ticket: Ticket, status = 422): void {
  if (ticket.status !== 'closed') return;
  const refusal = invalid('status', 'Status: closed prevents ticket update');
  throw status === 422 ? refusal : new Refusal(status, refusal.body);
}

export function answerChange(call: Call, change: Change, status = 200, headers: Record<string, string> = {}) {
  return json({ ticket: ticketView(call, change.ticket), audit: auditView(call, change.audit) }, status, headers);
}

function createTicket(call: Call) {
  const input = partOf(call, 'ticket');
  warnOfUnknownKeys(call, input, CREATE_KEYS, 'create');
  const source = followedTicket(call, input);
  const ticket = newTicket(call, input);
  const comment = recordOf(input['comment']);
  const said =
    textOf(comment['body']) ?? textOf(comment['html_body']) ?? textOf(input['comment']) ?? textOf(input['description']);
  if (said === undefined || said.trim() === '') {
    throw invalid('base', 'Description: cannot be blank', 'BlankValue');
  }
  if (source !== undefined)
    ticket.via.source = { from: { ticket_id: source.id, subject: source.subject }, to: {}, rel: 'follow_up' };
  const requester = call.world.users.get(ticket.requesterId);
  const change = beginChange(call.world, call.account, userOf(call), ticket, ticket.via, true);
  change.events.push({ type: 'created', event: {} });
  const first = isRecord(input['comment']) ? input['comment'] : { body: said };
  // A ticket's first comment is the requester's words, whoever submits them.
  addComment(change, { author_id: requester?.id, ...first });
  applyAttributes(change, input);
  call.world.accounts.put(call.account.id, Object.assign(call.account, { lastTicketId: ticket.id }));
  if (source !== undefined) call.world.saveTicket({ ...source, followupIds: [...source.followupIds, ticket.id] });
  commitChange(change);
  return answerChange(call, change, 201, { location: `${call.origin}/api/v2/tickets/${ticket.id}.json` });
}

function refuseStale(ticket: Ticket, input: Json): void {
  // `false` acts like true: only leaving it out forces the update (fact sheet §2.5).
  if (input['safe_update'] === undefined) return;
  const seen = textOf(input['updated_stamp']);
  if (seen !== undefined && Date.parse(seen) === Date.parse(stamp(ticket.updatedAt))) return;
  throw new Refusal(409, {
    error: 'UpdateConflict',
    description:
      'Safe Update prevented the update due to outdated ticket data. Please fetch the latest ticket data and try again.',
  });
}

function updateTicket(call: Call) {
  const ticket = ticketParam(call);
  const input = partOf(call, 'ticket');
  warnOfUnknownKeys(call, input, UPDATE_KEYS, 'update');
  refuseClosed(ticket);
  refuseStale(ticket, input);
  const change = beginChange(call.world, call.account, userOf(call), ticket, viaApi());
  if (input['comment'] !== undefined) addComment(change, input['comment']);
  applyAttributes(change, input);
  commitChange(change);
  return answerChange(call, change);
}

function showTicket(call: Call) {
  const ticket = ticketParam(call);
  const view = ticketView(call, ticket);
  const include = (call.query.get('include') ?? '').split(',');
  if (include.includes('comment_count')) view['comment_count'] = ticket.commentIds.length;
  if (!include.includes('users')) return json({ ticket: view });
  const users = call.world.users
    .inGroup(call.account.id)
    .filter((user) => [ticket.requesterId, ticket.submitterId].includes(user.id));
  return json({ ticket: view, users: users.map((user) => userView(call, user)) });
}

function visible(call: Call, deleted: boolean): Ticket[] {
  return call.world.tickets
    .inGroup(call.account.id)
    .filter((ticket) => ticket.deleted === deleted && (deleted || !ticket.archived));
}

function listTickets(call: Call) {
  const wanted = call.query.get('ids')?.split(',').map(Number);
  if (wanted !== undefined && wanted.length > 100) {
    throw new Refusal(400, {
      error: 'TooManyValues',
      description: 'Parameter  cannot specify more than 100 values',
      max_count: 100,
    });
  }
  const all = visible(call, false).filter((ticket) => wanted === undefined || wanted.includes(ticket.id));
  const { rows, rest } = paginate(call, all);
  return json({ tickets: rows.map((ticket) => ticketView(call, ticket)), ...rest });
}

function deleteTicket(call: Call) {
  const ticket = ticketParam(call);
  const user = userOf(call);
  const change = beginChange(call.world, call.account, user, ticket, viaApi());
  change.ticket.deleted = true;
  change.events.push({ type: 'soft_deleted', event: {} });
  commitChange(change, false);
  return nothing();
}

function restoreTicket(call: Call) {
  const ticket = call.world.ticketOf(call.account, idParam(call, 'id'));
  if (ticket?.deleted !== true) throw notFound();
  const change = beginChange(call.world, call.account, userOf(call), ticket, viaApi());
  change.ticket.deleted = false;
  change.events.push({ type: 'undeleted', event: {} });
  commitChange(change, false);
  return json({});
}

function listDeleted(call: Call) {
  const { rows, rest } = paginate(call, visible(call, true));
  const deleted = rows.map((ticket) => ({
    id: ticket.id,
    subject: ticket.subject,
    description: ticket.description,
    deleted_at: stamp(ticket.updatedAt),
    previous_state: ticket.status,
  }));
  return json({ deleted_tickets: deleted, ...rest });
}

function writeTags(call: Call, combine: (current: string[], given: string[]) => string[], status: number) {
  const ticket = ticketParam(call);
  refuseClosed(ticket);
  const body = bodyOf(call);
  refuseStale(ticket, body);
  const change = beginChange(call.world, call.account, userOf(call), ticket, viaApi());
  changeTags(change, combine(ticket.tags, stringsOf(body['tags'])));
  commitChange(change);
  return status === 204 ? nothing() : json({ tags: change.ticket.tags }, status);
}

const tagRoutes: Route[] = [
  route('GET', '/api/v2/tickets/:id/tags', 'agent', 'tickets', (call) => json({ tags: ticketParam(call).tags })),
  route('PUT', '/api/v2/tickets/:id/tags', 'agent', 'tickets', (call) =>
    writeTags(call, (now, given) => [...now, ...given], 200),
  ),
  route('POST', '/api/v2/tickets/:id/tags', 'agent', 'tickets', (call) => writeTags(call, (_now, given) => given, 201)),
  route('DELETE', '/api/v2/tickets/:id/tags', 'agent', 'tickets', (call) =>
    writeTags(call, (now, given) => now.filter((tag) => !given.includes(tag)), 204),
  ),
];

export const ticketRoutes: Route[] = [
  route('GET', '/api/v2/tickets', 'agent', 'tickets', listTickets),
  route('GET', '/api/v2/tickets/show_many', 'agent', 'tickets', listTickets),
  route('POST', '/api/v2/tickets', 'agent', 'tickets', createTicket),
  route('GET', '/api/v2/tickets/:id', 'agent', 'tickets', showTicket),
  route('PUT', '/api/v2/tickets/:id', 'agent', 'tickets', updateTicket),
  route('DELETE', '/api/v2/tickets/:id', 'agent', 'tickets', deleteTicket),
  route('GET', '/api/v2/deleted_tickets', 'agent', 'tickets', listDeleted),
  route('PUT', '/api/v2/deleted_tickets/:id/restore', 'agent', 'tickets', restoreTicket),
  ...tagRoutes,
];
