import type { Condition, Json, Ticket, Trigger } from './model';
import { STATUSES } from './model';
import { expandPlaceholders, placeholderValues } from './placeholders';
import { listOf } from './http';
import type { Action, World } from './world';

interface FieldRule {
  title: string;
  operators: string[];
  values: string[] | null;
  /** What the field is for an action; a list means "any of". */
  read: (action: Action, world: World) => string | string[];
}

const roleOf = (action: Action): string => (action.actor.role === 'end-user' ? 'end_user' : 'agent');
const VIA_IDS: Record<string, string> = { web: '0', mail: '4', email: '4', api: '5', web_widget: '48', merge: '15' };
const viaId = (channel: string): string => VIA_IDS[channel] ?? '5';

function publicity(action: Action): string[] {
  if (action.comment === undefined) return ['not_relevant'];
  return action.comment.public ? ['true', 'requester_can_see_comment'] : ['false'];
}

const EQUAL = ['is', 'is_not'];

/** The fields that conditions may use; `GET /api/v2/triggers/definitions` lists the same. */
export const CONDITION_FIELDS: Record<string, FieldRule> = {
  status: {
    title: 'Status',
    operators: [...EQUAL, 'less_than', 'greater_than', 'changed', 'not_changed', 'value', 'value_previous'],
    values: [...STATUSES],
    read: (action) => action.ticket.status,
  },
  update_type: {
    title: 'Ticket',
    operators: ['is'],
    values: ['Create', 'Change'],
    read: (action) => (action.before === undefined ? 'Create' : 'Change'),
  },
  comment_is_public: {
    title: 'Comment',
    operators: ['is'],
    values: ['true', 'false', 'not_relevant', 'requester_can_see_comment'],
    read: publicity,
  },
  attachment: {
    title: 'Attachment',
    operators: ['is'],
    values: ['present', 'not_present'],
    read: (action) => ((action.comment?.attachmentIds.length ?? 0) > 0 ? 'present' : 'not_present'),
  },
  role: {
    title: 'Current user',
    operators: EQUAL,
    values: ['agent', 'end_user', 'current_user'],
    read: (action) => [roleOf(action), String(action.actor.id)],
  },
  current_tags: {
    title: 'Tags',
    operators: ['includes', 'not_includes'],
    values: null,
    read: (action) => action.ticket.tags,
  },
  via_id: { title: 'Channel', operators: EQUAL, values: null, read: (action) => viaId(action.ticket.via.channel) },
  current_via_id: {
    title: 'Update via',
    operators: EQUAL,
    values: null,
    read: (action) => viaId(action.comment?.via.channel ?? 'api'),
  },
  ticket_is_public: {
    title: 'Privacy',
    operators: EQUAL,
    values: ['public', 'private'],
    read: (action) => (action.ticket.isPublic ? 'public' : 'private'),
  },
  requester_id: {
    title: 'Requester',
    operators: EQUAL,
    values: null,
    read: (action) => String(action.ticket.requesterId),
  },
  brand_id: { title: 'Brand', operators: EQUAL, values: null, read: (action) => String(action.ticket.brandId) },
  priority: { title: 'Priority', operators: EQUAL, values: null, read: (action) => action.ticket.priority ?? '' },
};

function holds(condition: Condition, action: Action, world: World): boolean {
  const rule = CONDITION_FIELDS[condition.field];
  if (rule === undefined) return false;
  const actual = [rule.read(action, world)].flat();
  const wanted = String(condition.value ?? '');
  const words = wanted.split(/\s+/).filter((word) => word !== '');
  switch (condition.operator) {
    case 'is':
    case 'value':
      return actual.includes(wanted);
    case 'is_not':
      return !actual.includes(wanted);
    case 'includes':
      return words.some((word) => actual.includes(word));
    case 'not_includes':
      return !words.some((word) => actual.includes(word));
    case 'less_than':
      return order(actual[0]) < order(wanted);
    case 'greater_than':
      return order(actual[0]) > order(wanted);
    case 'changed':
      return action.before?.status !== action.ticket.status;
    case 'not_changed':
      return action.before?.status === action.ticket.status;
    case 'value_previous':
      return action.before?.status === wanted;
    default:
      return false;
  }
}

const order = (status: string | undefined): number => STATUSES.findIndex((known) => known === status);

export function triggerFires(trigger: Trigger, action: Action, world: World): boolean {
  if (!trigger.active) return false;
  const all = trigger.all.every((condition) => holds(condition, action, world));
  return all && (trigger.any.length === 0 || trigger.any.some((condition) => holds(condition, action, world)));
}

/** The webhook calls of a trigger that fired: the webhook's id and the payload with its placeholders expanded. */
export function notificationsOf(
  trigger: Trigger,
  action: Action,
  world: World,
): { webhookId: string; payload: string }[] {
  const ticket: Ticket = action.ticket;
  const latest = world.comments.get(ticket.commentIds.at(-1) ?? -1);
  const values: Json = placeholderValues(world, ticket, action.actor, latest);
  return trigger.actions
    .filter((entry) => entry.field === 'notification_webhook')
    .map((entry) => {
      const [webhookId, payload] = listOf(entry.value).map(String);
      return { webhookId: webhookId ?? '', payload: expandPlaceholders(payload ?? '', values) };
    });
}
