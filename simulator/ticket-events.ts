import { randomUUID } from 'node:crypto';
import type { Json } from './model';
import type { Action, World } from './world';
import { stamp } from './http';

/** Nanoseconds, as in Zendesk's envelopes. */
export const preciseStamp = (ms: number): string =>
  `${new Date(ms).toISOString().slice(0, -1)}${String(process.hrtime.bigint() % 1_000_000n).padStart(6, '0')}Z`;

/** Three spaces and a newline at the end: the bytes on the wire, which are signed, look like this (fact sheet §4.3). */
export const printed = (body: unknown): string => `${JSON.stringify(body, null, 3)}\n`;

function detailOf(action: Action): Json {
  const { ticket, actor } = action;
  return {
    id: String(ticket.id),
    actor_id: String(actor.id),
    assignee_id: ticket.assigneeId === null ? null : String(ticket.assigneeId),
    brand_id: String(ticket.brandId),
    created_at: stamp(ticket.createdAt),
    updated_at: stamp(ticket.updatedAt),
    custom_status: null,
    description: ticket.description,
    external_id: ticket.externalId,
    form_id: '0',
    group_id: null,
    is_public: ticket.isPublic,
    organization_id: null,
    priority: ticket.priority === null ? null : ticket.priority.toUpperCase(),
    requester_id: String(ticket.requesterId),
    status: ticket.deleted ? 'DELETED' : ticket.status.toUpperCase(),
    subject: ticket.subject,
    submitter_id: String(ticket.submitterId),
    tags: ticket.tags.length === 0 ? null : ticket.tags,
    type: ticket.type === null ? null : ticket.type.toUpperCase(),
    via: { channel: ticket.via.channel },
  };
}

/** The envelopes of an action, in the order of its events (fact sheet §4.4). */
export function envelopesOf(world: World, action: Action): { type: string; body: string }[] {
  const sequence = randomUUID();
  const detail = detailOf(action);
  return action.events.map(({ type, event }, index) => ({
    type: `zen:event-type:ticket.${type}`,
    body: printed({
      account_id: action.account.id,
      detail,
      event: { ...event, meta: { sequence: { id: sequence, position: index + 1 } } },
      id: randomUUID(),
      subject: `zen:ticket:${action.ticket.id}`,
      time: preciseStamp(world.clock()),
      type: `zen:event-type:ticket.${type}`,
      zendesk_event_version: '2022-11-06',
    }),
  }));
}
