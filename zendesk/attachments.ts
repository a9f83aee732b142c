import type { Readable } from 'node:stream';
import { cutMiddle } from '../domain/text';
import type { Lane } from '../domain/words';
import type { BudgetEndpoint } from './budget';
import { ZendeskError } from './errors';
import { pathId, type ZendeskApi } from './request';
import { AttachmentAnswer, CommentRedactionAnswer, RedactAnswer, UploadAnswer, type Attachment } from './schemas';

/** A file to upload; `length` in bytes must be what the stream yields. */
export interface UploadFile {
  fileName: string;
  contentType: string;
  length: number;
  body: Readable;
}

export interface Attachments {
  get(attachmentId: string, lane: Lane): Promise<Attachment>;
  /** Lifts (or sets again) Zendesk's own block on a file. Admins only. */
  setMalwareOverride(attachmentId: string, allowed: boolean, lane: Lane): Promise<Attachment>;
  /** Uploads once: after a failure open the bytes anew. The token is good for about 60 minutes and one comment. */
  upload(file: UploadFile, lane: Lane): Promise<{ token: string; attachmentId: string; expiresAt: string | undefined }>;
  /** Redacts one file or inline image of an open ticket. The answer is no proof. */
  redact(ids: { ticketId: string; commentId: string; attachmentId: string }, lane: Lane): Promise<void>;
  /** Redacts files of one comment in one update, on closed tickets too. Needs Agent Workspace. The answer is no proof. */
  redactComment(
    request: { ticketId: string; commentId: string; contentUrls: readonly string[]; htmlBody?: string | undefined },
    lane: Lane,
  ): Promise<void>;
  /** Redacts words of a comment of an open ticket. The answer is no proof. */
  redactText(request: { ticketId: string; commentId: string; text: string }, lane: Lane): Promise<void>;
}

/** Redactions are ticket updates of one user, but not the account's "Update Ticket" calls (fact sheet §6). */
const REDACTION: readonly BudgetEndpoint[] = ['per_ticket_update', 'account'];
const MIME = /^[\w!#$&^.+-]{1,127}\/[\w!#$&^.+-]{1,127}$/;

/** Calls about attachments, uploads and redaction (fact sheet §3). */
export function createAttachments(api: ZendeskApi): Attachments {
  const pathOf = (id: string, operation: string): string => `/api/v2/attachments/${pathId(id, operation)}`;
  return {
    get: async (id, lane) => {
      const operation = 'attachments.get';
      const path = pathOf(id, operation);
      return (await api.call({ operation, method: 'GET', path, lane }, AttachmentAnswer)).attachment;
    },
    setMalwareOverride: async (id, allowed, lane) => {
      const operation = 'attachments.override';
      const json = { attachment: { malware_access_override: allowed } };
      const path = pathOf(id, operation);
      return (await api.call({ operation, method: 'PUT', path, json, lane }, AttachmentAnswer)).attachment;
    },
    upload: (file, lane) => upload(api, file, lane),
    redact: async ({ ticketId, commentId, attachmentId }, lane) => {
      const operation = 'attachments.redact';
      const [ticket, comment] = [pathId(ticketId, operation), pathId(commentId, operation)];
      const path = `/api/v2/tickets/${ticket}/comments/${comment}/attachments/${pathId(attachmentId, operation)}/redact`;
      const request = { operation, method: 'PUT', path, json: {}, lane, ticketId, endpoints: REDACTION } as const;
      await api.call(request, RedactAnswer);
    },
    redactComment: async ({ ticketId, commentId, contentUrls, htmlBody }, lane) => {
      const operation = 'comments.redact';
      const path = `/api/v2/comment_redactions/${pathId(commentId, operation)}`;
      const json = {
        ticket_id: Number(pathId(ticketId, operation)),
        external_attachment_urls: contentUrls,
        ...(htmlBody === undefined ? {} : { html_body: htmlBody }),
      };
      const request = { operation, method: 'PUT', path, json, lane, ticketId, endpoints: REDACTION } as const;
      await api.call(request, CommentRedactionAnswer);
    },
    redactText: async ({ ticketId, commentId, text }, lane) => {
      const operation = 'comments.redact_text';
      const path = `/api/v2/tickets/${pathId(ticketId, operation)}/comments/${pathId(commentId, operation)}/redact`;
      const request = { operation, method: 'PUT', path, json: { text }, lane, ticketId, endpoints: REDACTION } as const;
      await api.call(request, CommentRedactionAnswer);
    },
  };
}

async function upload(
  api: ZendeskApi,
  file: UploadFile,
  lane: Lane,
): Promise<{ token: string; attachmentId: string; expiresAt: string | undefined }> {
  const operation = 'uploads.create';
  if (!Number.isSafeInteger(file.length) || file.length < 0) {
    throw new ZendeskError({ kind: 'bad_request', operation, detail: 'the length is no number of bytes' });
  }
  const { upload: made } = await api.call(
    {
      operation,
      method: 'POST',
      path: '/api/v2/uploads',
      // A name of 10,000 characters would not fit into an address; the extension stays.
      query: { filename: cutMiddle(file.fileName, 200) || 'file' },
      raw: {
        // A customer's mail declares the type, so it may hold anything.
        contentType: MIME.test(file.contentType) ? file.contentType : 'application/octet-stream',
        length: file.length,
        body: file.body,
      },
      lane,
    },
    UploadAnswer,
  );
  return { token: made.token, attachmentId: made.attachment.id, expiresAt: made.expires_at ?? undefined };
}
