import type { Channel, FetchRequest, ListedAttachment, ListedComment, TicketFacts } from '../domain/channel';
import type { Lane } from '../domain/words';
import type { ZendeskClient } from './client';
import { isBlocked } from './download';
import { isZendeskError, ZendeskError } from './errors';
import { exportComments, exportTickets } from './export';
import { findMergeTarget } from './merge';
import { redact } from './redaction';
import type { Attachment, Comment, Ticket } from './schemas';
import { redactText } from './text-redaction';
import { commentWithKey, type WrittenComment } from './tickets';

/** Zendesk behind the help desk contract (`domain/channel.ts`). `agentWorkspace` decides how files are redacted. */
export function createZendeskChannel(client: ZendeskClient, facts: { agentWorkspace: boolean }): Channel {
  const { tickets, attachments } = client;
  return {
    readTicket: async (ticketId, lane) => ticketFacts(await tickets.get(ticketId, lane)),
    listComments: async (ticketId, lane, until) => (await tickets.comments(ticketId, lane, until)).map(listedComment),
    exportComments: (since, lane) => exportComments(client, since, lane),
    exportTickets: (from, lane) => exportTickets(client, from, lane),
    readAddress: (authorId, lane) => readAddress(client, authorId, lane),
    readAttachment: (attachmentId, lane) => readAttachment(client, attachmentId, lane),
    liftBlock: async (attachmentId, lane) => {
      await attachments.setMalwareOverride(attachmentId, true, lane);
    },
    fetchBytes: (request: FetchRequest) => client.download(request),
    redact: (request) => redact(client, facts.agentWorkspace, request),
    redactText: (request) => redactText(client, facts.agentWorkspace, request),
    upload: async ({ lane, ...file }) => ({ token: (await attachments.upload(file, lane)).token }),
    addNote: async (note) => {
      const written = await tickets.addInternalComment(note.ticketId, note, note.lane, note.safeUpdateStamp);
      return withoutTicket(written);
    },
    findNote: async (ticketId, key, lane) => {
      // The stamp is read first: a note that lands in between makes a safe update with this stamp fail.
      const { updated_at: updatedAt } = await tickets.get(ticketId, lane);
      return { note: commentWithKey(await tickets.audits(ticketId, lane), key), updatedAt };
    },
    findMergeTarget: (ticketId, lane) => findMergeTarget(client, ticketId, lane),
    createFollowUp: (request) => tickets.createFollowUp(request.ticketId, request, request.lane),
  };
}

/** People without a mail address, deleted ones, and people whom our user may not see have none for us. */
async function readAddress({ account }: ZendeskClient, authorId: string, lane: Lane): Promise<string | undefined> {
  try {
    return (await account.user(authorId, lane)).email ?? undefined;
  } catch (error) {
    if (isZendeskError(error, 'not_found', 'forbidden', 'missing_scope')) return undefined;
    throw error;
  }
}

function withoutTicket(written: WrittenComment): Omit<WrittenComment, 'ticketId'> {
  return { auditId: written.auditId, commentId: written.commentId, attachmentIds: written.attachmentIds };
}

const STATUSES = ['new', 'open', 'pending', 'hold', 'solved', 'closed', 'deleted'] as const;

function ticketFacts(ticket: Ticket): TicketFacts {
  const status = STATUSES.find((one) => one === ticket.status);
  if (status === undefined) {
    throw new ZendeskError({ kind: 'malformed_answer', operation: 'tickets.get', detail: 'unknown ticket status' });
  }
  return {
    id: ticket.id,
    status,
    updatedAt: ticket.updated_at,
    allowAttachments: ticket.allow_attachments,
    requesterId: ticket.requester_id,
  };
}

function listedComment(comment: Comment): ListedComment {
  return {
    id: comment.id,
    auditId: comment.audit_id ?? undefined,
    authorId: comment.author_id,
    public: comment.public,
    createdAt: comment.created_at,
    viaChannel: comment.via.channel,
    ...(typeof comment.plain_body === 'string' && { text: comment.plain_body }),
    ...(typeof comment.html_body === 'string' && { html: comment.html_body }),
    attachments: comment.attachments.map((one) => ({ ...listedAttachment(one), commentId: comment.id })),
  };
}

function listedAttachment(attachment: Attachment): Omit<ListedAttachment, 'commentId'> {
  return {
    id: attachment.id,
    fileName: attachment.file_name,
    contentUrl: attachment.content_url,
    contentType: attachment.content_type ?? 'application/octet-stream',
    size: attachment.size,
    inline: attachment.inline,
    deleted: attachment.deleted,
    sourceScan: sourceScan(attachment),
  };
}

/** A word of Zendesk's scan that we do not know says nothing. */
function sourceScan(attachment: Attachment): ListedAttachment['sourceScan'] {
  if (isBlocked(attachment)) return 'blocked';
  if (attachment.malware_scan_result === 'malware_found') return 'found_overridden';
  if (attachment.malware_scan_result === 'malware_not_found') return 'clean';
  return attachment.malware_scan_result === 'failed_to_scan' ? 'failed' : 'none';
}

async function readAttachment(
  client: ZendeskClient,
  attachmentId: string,
  lane: Lane,
): Promise<Omit<ListedAttachment, 'commentId'> | undefined> {
  try {
    return listedAttachment(await client.attachments.get(attachmentId, lane));
  } catch (error) {
    if (isZendeskError(error, 'not_found')) return undefined;
    throw error;
  }
}
