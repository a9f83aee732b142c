import { z } from 'zod';
import { Id } from './schemas';

/** What every ticket event tells. Ids are strings; `actorId` is missing for Zendesk's own acts. */
interface TicketEventFacts {
  /** Id of the envelope: the same delivery twice has it twice. */
  eventId: string;
  /** Inside the signed body, unlike the header: compare it with the connection's. */
  accountId: string;
  ticketId: string;
  actorId: string | undefined;
  occurredAt: string;
}

/** An attachment as an event names it. Every string is attacker-written. */
export interface LinkedAttachment {
  id: string;
  fileName: string;
  contentType: string | undefined;
  contentUrl: string;
}

/** A verified delivery, parsed once. `malformed` is a signed body that does not fit: answer it, count it, look into it. */
export type ParsedEvent =
  | (TicketEventFacts & { type: 'attachment_linked'; commentId: string; attachment: LinkedAttachment })
  | (TicketEventFacts & {
      type: 'comment_added';
      commentId: string;
      body: string;
      public: boolean;
      authorId: string | undefined;
    })
  | (TicketEventFacts & { type: 'ticket_created'; subject: string; description: string })
  | (TicketEventFacts & { type: 'attachment_redacted'; commentId: string; attachmentId: string })
  | (TicketEventFacts & { type: 'comment_redacted'; commentId: string })
  | (TicketEventFacts & { type: 'merged'; targetTicketId: string | undefined })
  | (TicketEventFacts & { type: 'status_changed'; status: string })
  | (TicketEventFacts & { type: 'soft_deleted' | 'undeleted' })
  | { type: 'trigger'; ticketId: string; commentId: string | undefined }
  | { type: 'proof'; nonce: string }
  | { type: 'ignored'; eventType: string }
  | { type: 'malformed'; where: string };

const PREFIX = 'zen:event-type:ticket.';
/** Zendesk writes "no value" as null, "" or "0", and its own acts as -1 (fact sheet §4.4). */
const OptionalId = z
  .union([z.string(), z.int().transform(String)])
  .nullish()
  .transform((id) => (id && /^\d{1,20}$/.test(id) && id !== '0' ? id : undefined));
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

const Envelope = z.object({
  type: z.string(),
  id: z.string().min(1).max(200),
  account_id: Id,
  time: z.string(),
  detail: z.object({ id: Id, actor_id: OptionalId, subject: text, description: text, status: text }),
  event: z
    .record(z.string(), z.unknown())
    .nullish()
    .transform((event) => event ?? {}),
});
type Envelope = z.output<typeof Envelope>;

const CommentRef = z.object({ comment: z.object({ id: Id }) });
const LinkedEvent = z.object({
  comment: z.object({
    id: Id,
    attachment: z.object({
      id: Id,
      filename: z.string(),
      content_type: z.string().nullish(),
      content_url: z.string().min(1),
    }),
  }),
});
const AddedEvent = z.object({
  comment: z.object({
    id: Id,
    body: text,
    is_public: z.boolean(),
    author: z.object({ id: OptionalId }).nullish(),
  }),
});
const RedactedEvent = z.object({ comment: z.object({ id: Id, attachment: z.object({ id: Id }) }) });
const ChangedEvent = z.object({ current: z.string() });
/** Which of these keys Zendesk uses is unconfirmed; without any the target is looked for in the audits. */
const MergedEvent = z.object({
  target_ticket_id: OptionalId,
  target_ticket: z.object({ id: OptionalId }).nullish(),
  target: z.object({ id: OptionalId }).nullish(),
});

const TriggerPayload = z.object({ ticket_id: Id, comment_id: OptionalId });
const ProofPayload = z.object({ lazaret_proof: z.string().min(1).max(200) });

/**
 * Parses the raw body of a delivery whose signature was verified: a ticket event's envelope, the payload of our own
 * trigger, or the proof that activation sends through the whole path. Never throws.
 */
export function parseEvent(rawBody: Buffer): ParsedEvent {
  let json: unknown;
  try {
    json = JSON.parse(rawBody.toString('utf8'));
  } catch {
    return { type: 'malformed', where: 'not JSON' };
  }
  const proof = ProofPayload.safeParse(json);
  if (proof.success) return { type: 'proof', nonce: proof.data.lazaret_proof };
  const kind = z.object({ type: z.string() }).safeParse(json);
  if (!kind.success) return parseTrigger(json);
  if (!(kind.data.type in PARSERS)) return { type: 'ignored', eventType: kind.data.type.slice(0, 100) };
  const envelope = Envelope.safeParse(json);
  if (!envelope.success) return malformed('envelope', envelope.error);
  const parse = PARSERS[kind.data.type];
  return parse === undefined ? { type: 'malformed', where: 'type' } : parse(envelope.data);
}

function parseTrigger(json: unknown): ParsedEvent {
  const payload = TriggerPayload.safeParse(json);
  if (!payload.success) return malformed('trigger payload', payload.error);
  return { type: 'trigger', ticketId: payload.data.ticket_id, commentId: payload.data.comment_id };
}

function malformed(part: string, error: z.ZodError): ParsedEvent {
  const path = error.issues[0]?.path.filter((key) => typeof key === 'string').join('.') ?? '';
  return { type: 'malformed', where: /^[\w.]{1,80}$/.test(path) ? `${part} at ${path}` : part };
}

function factsOf(envelope: Envelope): TicketEventFacts {
  return {
    eventId: envelope.id,
    accountId: envelope.account_id,
    ticketId: envelope.detail.id,
    actorId: envelope.detail.actor_id,
    occurredAt: envelope.time,
  };
}

/** Parses the `event` part by a schema of its own and adds what every event has. */
function withSchema<S extends z.ZodType>(
  schema: S,
  make: (event: z.output<S>, facts: TicketEventFacts) => ParsedEvent,
) {
  return (envelope: Envelope): ParsedEvent => {
    const event = schema.safeParse(envelope.event);
    return event.success ? make(event.data, factsOf(envelope)) : malformed('event', event.error);
  };
}

const PARSERS: Record<string, (envelope: Envelope) => ParsedEvent> = Object.assign(Object.create(null), {
  [`${PREFIX}attachment_linked_to_comment`]: withSchema(LinkedEvent, ({ comment }, facts) => ({
    ...facts,
    type: 'attachment_linked',
    commentId: comment.id,
    attachment: {
      id: comment.attachment.id,
      fileName: comment.attachment.filename,
      contentType: comment.attachment.content_type ?? undefined,
      contentUrl: comment.attachment.content_url,
    },
  })),
  [`${PREFIX}comment_added`]: withSchema(AddedEvent, ({ comment }, facts) => ({
    ...facts,
    type: 'comment_added',
    commentId: comment.id,
    body: comment.body,
    public: comment.is_public,
    authorId: comment.author?.id,
  })),
  [`${PREFIX}created`]: (envelope: Envelope): ParsedEvent => ({
    ...factsOf(envelope),
    type: 'ticket_created',
    subject: envelope.detail.subject,
    description: envelope.detail.description,
  }),
  [`${PREFIX}attachment_redacted_from_comment`]: withSchema(RedactedEvent, ({ comment }, facts) => ({
    ...facts,
    type: 'attachment_redacted',
    commentId: comment.id,
    attachmentId: comment.attachment.id,
  })),
  [`${PREFIX}comment_redacted`]: withSchema(CommentRef, ({ comment }, facts) => ({
    ...facts,
    type: 'comment_redacted',
    commentId: comment.id,
  })),
  [`${PREFIX}merged`]: withSchema(MergedEvent, (event, facts) => ({
    ...facts,
    type: 'merged',
    targetTicketId: event.target_ticket_id ?? event.target_ticket?.id ?? event.target?.id,
  })),
  [`${PREFIX}status_changed`]: withSchema(ChangedEvent, ({ current }, facts) => ({
    ...facts,
    type: 'status_changed',
    status: current.toLowerCase(),
  })),
  [`${PREFIX}soft_deleted`]: (envelope: Envelope): ParsedEvent => ({ ...factsOf(envelope), type: 'soft_deleted' }),
  [`${PREFIX}undeleted`]: (envelope: Envelope): ParsedEvent => ({ ...factsOf(envelope), type: 'undeleted' }),
});
