import { z } from 'zod';

/**
 * Zendesk's JSON as far as Lazaret reads it: required means required, unknown keys are dropped, ids become decimal
 * strings. Shapes after the fact sheet §1.6, §2 and §3, whose examples come from recorded traffic.
 */

/** A number or a decimal string, made a string. Numbers beyond 2^53 are refused: JSON has already changed them. */
export const Id = z.union([z.int().nonnegative().transform(String), z.string().regex(/^\d{1,20}$/)]);

/** A user, or -1 for Zendesk itself. */
const ActorId = z.union([Id, z.literal(-1).transform(String), z.literal('-1')]);

/** Cursor paging: only `has_more` decides, the cursors are filled on the last page too. */
export const CursorMeta = z.object({ has_more: z.boolean(), after_cursor: z.string().nullish() });

export const Attachment = z.object({
  id: Id,
  file_name: z.string(),
  content_url: z.string().min(1),
  content_type: z.string().nullish(),
  size: z.int().nonnegative(),
  inline: z.boolean().default(false),
  deleted: z.boolean().default(false),
  malware_access_override: z.boolean().default(false),
  malware_scan_result: z.string(),
});
export type Attachment = z.output<typeof Attachment>;

export const AttachmentAnswer = z.object({ attachment: Attachment });

export const UploadAnswer = z.object({
  upload: z.object({
    token: z.string().min(1),
    expires_at: z.string().nullish(),
    attachment: z.object({ id: Id }),
  }),
});

/**
 * Where something came from. `source.from` and `source.to` name tickets when tickets were merged; which of the two and
 * under which key is unconfirmed, so all forms are read.
 */
const ViaEnd = z
  .object({ ticket_id: Id.nullish().catch(undefined), ticket_ids: z.array(Id).nullish().catch(undefined) })
  .nullish()
  .catch(undefined);
export const Via = z.object({
  channel: z.union([z.string(), z.number()]).transform(String),
  source: z.object({ from: ViaEnd, to: ViaEnd, rel: z.string().nullish() }).partial().nullish(),
});

const CommentBase = z.object({
  id: Id,
  author_id: ActorId,
  public: z.boolean(),
  audit_id: Id.nullish(),
  created_at: z.string(),
  via: Via,
  html_body: z.string().nullish(),
  plain_body: z.string().nullish(),
  metadata: z.object({ flags: z.array(z.number()).nullish() }).nullish(),
});
const TicketComment = CommentBase.extend({ type: z.literal('Comment'), attachments: z.array(Attachment) });
/** Voice and whatever comes later: a comment without a list of attachments has none. */
const OtherComment = CommentBase.extend({
  type: z.string().refine((type) => type !== 'Comment'),
  attachments: z.array(Attachment).default([]),
});
export const Comment = z.union([TicketComment, OtherComment]);
export type Comment = z.output<typeof Comment>;

export const CommentsPage = z.object({ comments: z.array(Comment), meta: CursorMeta });

export const Ticket = z.object({
  id: Id,
  status: z.string(),
  updated_at: z.string(),
  requester_id: Id,
  assignee_id: Id.nullish(),
  group_id: Id.nullish(),
  organization_id: Id.nullish(),
  allow_attachments: z.boolean().default(true),
  followup_ids: z.array(Id).default([]),
  subject: z.string().nullish(),
  description: z.string().nullish(),
});
export type Ticket = z.output<typeof Ticket>;
export const TicketAnswer = z.object({ ticket: Ticket });

const CommentEvent = z.object({
  id: Id,
  type: z.literal('Comment'),
  attachments: z.array(z.object({ id: Id })).default([]),
  via: Via.nullish().catch(undefined),
});
/** Zendesk adds event types at any time: of those only `via` is read. */
const OtherEvent = z.object({
  type: z.string().refine((type) => type !== 'Comment'),
  via: Via.nullish().catch(undefined),
});
export const AuditEvent = z.union([CommentEvent, OtherEvent]);
export type AuditEvent = z.output<typeof AuditEvent>;
export type CommentEvent = z.output<typeof CommentEvent>;
export const Audit = z.object({
  id: Id,
  author_id: ActorId.nullish(),
  created_at: z.string().nullish(),
  metadata: z.object({ custom: z.record(z.string(), z.unknown()).nullish().catch(undefined) }).nullish(),
  via: Via.nullish().catch(undefined),
  events: z.array(AuditEvent),
});
export type Audit = z.output<typeof Audit>;

/** Archived tickets answer without paging (fact sheet §2.6), so `meta` may be missing here and only here. */
export const AuditsPage = z.object({ audits: z.array(Audit), meta: CursorMeta.nullish() });

export const UpdateAnswer = z.object({ ticket: Ticket, audit: Audit });
export const CreateAnswer = z.object({ ticket: Ticket, audit: Audit.nullish() });

/** The redactions' answers show the state before (fact sheet §0.3): nothing in them is proof, so little is read. */
export const RedactAnswer = z.object({ attachment: z.object({ id: Id }) });
export const CommentRedactionAnswer = z.object({ comment: z.object({ id: Id }) });
