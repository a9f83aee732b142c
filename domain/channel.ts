import type { Readable } from 'node:stream';
import type { Lane } from './words';

/** The one contract behind which a help desk stands. Another help desk is another folder beside `zendesk/`. */

/** An attachment as the help desk lists it now. Ids are decimal strings; `size` is in bytes. */
export interface ListedAttachment {
  id: string;
  commentId: string;
  fileName: string;
  contentUrl: string;
  contentType: string;
  size: number;
  inline: boolean;
  deleted: boolean;
  /** The help desk's own scan: `blocked` means that it lets nobody download the file. */
  sourceScan: 'blocked' | 'found_overridden' | 'clean' | 'failed' | 'none';
}

export interface ListedComment {
  id: string;
  auditId: string | undefined;
  authorId: string;
  public: boolean;
  createdAt: string;
  viaChannel: string;
  attachments: ListedAttachment[];
  /** What it says; absent for what is no text. */
  text?: string;
  html?: string;
}

/** A comment as the help desk's bulk export tells it. */
export interface ExportedComment {
  ticketId: string;
  commentId: string;
  writtenAt: Date;
  authorId?: string;
  text?: string;
  html?: string;
  /** Files as far as the export names them. */
  attachments: Pick<ListedAttachment, 'id' | 'fileName' | 'contentUrl' | 'contentType'>[];
  /** Parts of addresses of further files that its HTML shows, images inside the text: only the ticket's list names them. */
  unlisted: string[];
}

/** One page of the export, oldest first. Ask again from `next` until `end`; what was seen may come again. */
export interface ExportedComments {
  comments: ExportedComment[];
  next: Date;
  end: boolean;
}

/** What the export of tickets tells of their own texts. */
export interface ExportedTicketText {
  ticketId: string;
  createdAt: Date;
  submitterId?: string;
  subject: string;
  description: string;
}

export interface ExportedTicketTexts {
  tickets: ExportedTicketText[];
  cursor: string | undefined;
  end: boolean;
}

export interface TicketFacts {
  id: string;
  status: 'new' | 'open' | 'pending' | 'hold' | 'solved' | 'closed' | 'deleted';
  /** The help desk's own stamp, for a safe update. */
  updatedAt: string;
  allowAttachments: boolean;
  requesterId: string;
}

/**
 * What came of a download. `bytes` carries a stream that fails when fewer bytes arrive than were declared. Refused for
 * `page`: the help desk sent a web page in place of the file; for `unknown_host`: the address is on none of the account's
 * known hosts, so nothing was sent there; for `malformed`: the answer is none that a file can be read from.
 */
export type FetchOutcome =
  | { outcome: 'bytes'; length: number; body: Readable }
  | { outcome: 'gone' }
  | { outcome: 'blocked' }
  | { outcome: 'refused'; reason: 'truncated' | 'malformed' | 'too_large' | 'page' | 'unknown_host'; detail: string };

export interface FetchRequest {
  attachmentId: string;
  contentUrl: string;
  lane: Lane;
  /** Bytes; a longer body is refused before it is read. */
  maxBytes: number;
  /** Bytes the help desk lists for the file, where the caller knows: any other length is refused. Events do not tell it. */
  expectedSize?: number;
  signal?: AbortSignal;
}

export interface RedactionRequest {
  ticketId: string;
  commentId: string;
  /** `inline` as listed: images inside a comment's text may need another way out than files. */
  attachments: (Pick<ListedAttachment, 'id' | 'contentUrl'> & { inline?: boolean })[];
}

/** Words to take out of a comment's text, in every way in which it may write them. */
export interface TextRedaction {
  ticketId: string;
  commentId: string;
  texts: readonly string[];
}

/** Ids in the help desk's answer to our own write: how we know our own comment again. */
export interface WrittenNote {
  auditId: string;
  commentId: string;
  attachmentIds: string[];
}

export interface NoteRequest {
  ticketId: string;
  html: string;
  /** Operation key, kept in the audit's `metadata.custom`, by which a repetition finds this note. */
  key: string;
  uploadTokens: string[];
  lane: Lane;
  /** Stamp of the ticket as last read: refuse when the ticket changed since. */
  safeUpdateStamp?: string;
}

export interface Channel {
  readTicket(ticketId: string, lane: Lane): Promise<TicketFacts>;
  /** All comments to the last page, inline images included; newest first and only until `untilCommentId` where given. */
  listComments(ticketId: string, lane: Lane, untilCommentId?: string): Promise<ListedComment[]>;
  /** Comments written since a moment that is a minute old at least. */
  exportComments(since: Date, lane: Lane): Promise<ExportedComments>;
  /** Tickets changed since a moment, or since the page that gave this cursor. */
  exportTickets(from: { since: Date } | { cursor: string }, lane: Lane): Promise<ExportedTicketTexts>;
  /** Mail address of whoever wrote something; undefined where the help desk knows none or does not tell. */
  readAddress(authorId: string, lane: Lane): Promise<string | undefined>;
  /** The attachment as it is now; undefined when the help desk does not have it. */
  readAttachment(attachmentId: string, lane: Lane): Promise<Omit<ListedAttachment, 'commentId'> | undefined>;
  /** Lifts the help desk's own block of a file. Needs an admin's sign-in. */
  liftBlock(attachmentId: string, lane: Lane): Promise<void>;
  fetchBytes(request: FetchRequest): Promise<FetchOutcome>;
  /** Takes files out of one comment. Returns how many update requests it took. Only the listing and the bytes prove it. */
  redact(request: RedactionRequest): Promise<{ requests: number }>;
  /** Takes words out of one comment's text. Only the listing proves it. */
  redactText(request: TextRedaction): Promise<void>;
  upload(file: {
    fileName: string;
    contentType: string;
    length: number;
    body: Readable;
    lane: Lane;
  }): Promise<{ token: string }>;
  addNote(note: NoteRequest): Promise<WrittenNote>;
  /** The note that carries this operation key, if the ticket has it, and the ticket's stamp at that reading. */
  findNote(ticketId: string, key: string, lane: Lane): Promise<{ note: WrittenNote | undefined; updatedAt: string }>;
  /** The ticket into which this one was merged, as its audits tell. */
  findMergeTarget(ticketId: string, lane: Lane): Promise<string | undefined>;
  /** Opens a follow-up of a closed ticket with one internal comment. */
  createFollowUp(request: NoteRequest & { subject: string }): Promise<WrittenNote & { ticketId: string }>;
}
