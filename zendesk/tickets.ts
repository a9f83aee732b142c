import type { Lane } from '../domain/words';
import type { BudgetEndpoint } from './budget';
import { ZendeskError } from './errors';
import { readPages } from './paging';
import { pathId, type ZendeskApi } from './request';
import {
  AuditsPage,
  CommentsPage,
  CreateAnswer,
  TicketAnswer,
  UpdateAnswer,
  type Audit,
  type AuditEvent,
  type Comment,
  type CommentEvent,
  type Ticket,
} from './schemas';

/** Where an operation key lives in an audit: `metadata.custom.lazaret_op`. */
export const OPERATION_KEY = 'lazaret_op';

/** An internal comment. There is no way to make a public one through this client. */
export interface InternalComment {
  html: string;
  /** Operation key by which the comment is found again. */
  key: string;
  uploadTokens: readonly string[];
}

/** Our own comment as Zendesk's answer names it. */
export interface WrittenComment {
  ticketId: string;
  auditId: string;
  commentId: string;
  attachmentIds: string[];
}

export interface Tickets {
  get(ticketId: string, lane: Lane): Promise<Ticket>;
  /** Newest first, inline images included, until `untilCommentId` (itself included) or the last page. */
  comments(ticketId: string, lane: Lane, untilCommentId?: string): Promise<Comment[]>;
  /** All audits, oldest first, to the last page. Needs the global scope `read`. */
  audits(ticketId: string, lane: Lane): Promise<Audit[]>;
  /** Adds an internal comment. With `updatedStamp` Zendesk refuses (409) when the ticket changed since. */
  addInternalComment(
    ticketId: string,
    comment: InternalComment,
    lane: Lane,
    updatedStamp?: string,
  ): Promise<WrittenComment>;
  /** Opens a follow-up of a closed ticket with one internal comment. */
  createFollowUp(
    sourceTicketId: string,
    followUp: InternalComment & { subject: string },
    lane: Lane,
  ): Promise<WrittenComment>;
}

const UPDATE: readonly BudgetEndpoint[] = ['per_ticket_update', 'ticket_update', 'account'];

/** Calls about tickets, their comments and audits (fact sheet §2). */
export function createTickets(api: ZendeskApi): Tickets {
  const tickets: Tickets = {
    get: async (ticketId, lane) => {
      const path = `/api/v2/tickets/${pathId(ticketId, 'tickets.get')}`;
      return (await api.call({ operation: 'tickets.get', method: 'GET', path, lane, ticketId }, TicketAnswer)).ticket;
    },
    comments: (ticketId, lane, until) => listComments(api, ticketId, lane, until),
    audits: (ticketId, lane) => listAudits(api, ticketId, lane),
    addInternalComment: async (ticketId, comment, lane, updatedStamp) => {
      const operation = 'tickets.update';
      const safe = updatedStamp === undefined ? {} : { safe_update: true, updated_stamp: updatedStamp };
      const answer = await api.call(
        {
          operation,
          method: 'PUT',
          path: `/api/v2/tickets/${pathId(ticketId, operation)}`,
          json: { ticket: { ...commentFields(comment), ...safe } },
          lane,
          ticketId,
          endpoints: UPDATE,
        },
        UpdateAnswer,
      );
      return { ticketId, ...writtenComment(answer.audit, operation) };
    },
    createFollowUp: (sourceTicketId, followUp, lane) => createFollowUp(api, tickets, sourceTicketId, followUp, lane),
  };
  return tickets;
}

/** `public:false` is always said: otherwise the ticket's first value would decide (fact sheet §2.4). */
function commentFields(comment: InternalComment): Record<string, unknown> {
  const uploads = comment.uploadTokens.length === 0 ? {} : { uploads: comment.uploadTokens };
  return {
    comment: { html_body: comment.html, public: false, ...uploads },
    metadata: { [OPERATION_KEY]: comment.key },
  };
}

function isComment(event: AuditEvent): event is CommentEvent {
  return event.type === 'Comment';
}

function writtenComment(audit: Audit, operation: string): Omit<WrittenComment, 'ticketId'> {
  const event = audit.events.find(isComment);
  if (event !== undefined) {
    return { auditId: audit.id, commentId: event.id, attachmentIds: event.attachments.map((one) => one.id) };
  }
  const detail = 'the audit of our own comment holds no comment';
  throw new ZendeskError({ kind: 'malformed_answer', operation, detail, outcomeUnknown: true });
}

/** The comment that carries this operation key, if these audits hold it. */
export function commentWithKey(audits: readonly Audit[], key: string): Omit<WrittenComment, 'ticketId'> | undefined {
  const audit = audits.find((one) => one.metadata?.custom?.[OPERATION_KEY] === key && one.events.some(isComment));
  return audit === undefined ? undefined : writtenComment(audit, 'tickets.audits');
}

async function listComments(api: ZendeskApi, ticketId: string, lane: Lane, until?: string): Promise<Comment[]> {
  const operation = 'tickets.comments';
  const path = `/api/v2/tickets/${pathId(ticketId, operation)}/comments`;
  const all: Comment[] = [];
  await readPages(
    operation,
    (after) => {
      const query = {
        include_inline_images: 'true',
        sort: '-created_at',
        'page[size]': '100',
        'page[after]': after,
      };
      return api.call({ operation, method: 'GET', path, query, lane, ticketId }, CommentsPage);
    },
    (page) => {
      all.push(...page.comments);
      return until !== undefined && page.comments.some((comment) => comment.id === until);
    },
  );
  const last = until === undefined ? -1 : all.findIndex((comment) => comment.id === until);
  return last < 0 ? all : all.slice(0, last + 1);
}

async function listAudits(api: ZendeskApi, ticketId: string, lane: Lane): Promise<Audit[]> {
  const operation = 'tickets.audits';
  const path = `/api/v2/tickets/${pathId(ticketId, operation)}/audits`;
  const endpoints: readonly BudgetEndpoint[] = ['audits', 'account'];
  const all: Audit[] = [];
  await readPages(
    operation,
    (after) => {
      const query = { 'page[size]': '100', 'page[after]': after };
      return api.call({ operation, method: 'GET', path, query, lane, ticketId, endpoints }, AuditsPage);
    },
    (page) => {
      all.push(...page.audits);
    },
  );
  return all;
}

async function createFollowUp(
  api: ZendeskApi,
  tickets: Tickets,
  sourceTicketId: string,
  followUp: InternalComment & { subject: string },
  lane: Lane,
): Promise<WrittenComment> {
  const operation = 'tickets.create';
  // A repetition finds what an earlier try made, whether or not Zendesk honours the idempotency key.
  for (const id of (await tickets.get(sourceTicketId, lane)).followup_ids) {
    const made = commentWithKey(await tickets.audits(id, lane), followUp.key);
    if (made !== undefined) return { ticketId: id, ...made };
  }
  const source = /^\d{1,15}$/.test(sourceTicketId) ? Number(sourceTicketId) : sourceTicketId;
  const answer = await api.call(
    {
      operation,
      method: 'POST',
      path: '/api/v2/tickets',
      headers: { 'idempotency-key': followUp.key },
      json: { ticket: { via_followup_source_id: source, subject: followUp.subject, ...commentFields(followUp) } },
      lane,
    },
    CreateAnswer,
  );
  const ticketId = answer.ticket.id;
  if (answer.audit) return { ticketId, ...writtenComment(answer.audit, operation) };
  const written = commentWithKey(await tickets.audits(ticketId, lane), followUp.key);
  if (written !== undefined) return { ticketId, ...written };
  const detail = 'the new ticket does not hold our comment';
  throw new ZendeskError({ kind: 'malformed_answer', operation, detail, outcomeUnknown: true });
}
