import type { Lane } from '../domain/words';
import type { ZendeskClient } from './client';
import { isZendeskError } from './errors';
import type { Ticket } from './schemas';
import type { User } from './schemas-account';

type Limit = 'all' | 'groups' | 'organization' | 'assigned';

/** Words of `ticket_restriction`, and of a custom role's `ticket_access`, in one spelling. */
const LIMITS: Readonly<Record<string, Limit | undefined>> = {
  all: 'all',
  groups: 'groups',
  'within-groups': 'groups',
  'within-groups-and-public-groups': 'groups',
  organization: 'organization',
  'within-organization': 'organization',
  assigned: 'assigned',
  'assigned-only': 'assigned',
};

/**
 * Whether an agent may see a ticket, as far as Zendesk's API tells: its own rules are not asked but repeated, and whatever
 * is not understood counts as no. Two requests for most agents, up to five for restricted ones and private groups.
 */
export async function maySeeTicket(
  client: Pick<ZendeskClient, 'account' | 'tickets'>,
  asked: { userId: string; ticketId: string },
  lane: Lane,
): Promise<boolean> {
  const ticket = await orNothing(client.tickets.get(asked.ticketId, lane));
  if (!ticket || ticket.status === 'deleted') return false;
  const user = await orNothing(client.account.user(asked.userId, lane));
  if (!user?.active || user.suspended) return false;
  if (user.role === 'admin') return true;
  if (user.role !== 'agent') return false;
  if (isHis(ticket, user)) return true;
  for (const limit of await limitsOf(client, user, lane)) {
    if (!(await isWithin(client, limit, user, ticket, lane))) return false;
  }
  return seesGroup(client, user, ticket, lane);
}

function isWithin(
  client: Pick<ZendeskClient, 'account'>,
  limit: Limit | undefined,
  user: User,
  ticket: Ticket,
  lane: Lane,
): Promise<boolean> | boolean {
  switch (limit) {
    case 'all':
      return true;
    case 'groups':
      return isMember(client, user, ticket, lane);
    case 'organization':
      return same(ticket.organization_id, user.organization_id);
    case 'assigned':
    case undefined:
      return false;
  }
}

function isHis(ticket: Ticket, user: User): boolean {
  return same(ticket.assignee_id, user.id);
}

/** The user's own limit and that of his role: both count. Undefined stands for one that has no word here. */
async function limitsOf(
  client: Pick<ZendeskClient, 'account'>,
  user: User,
  lane: Lane,
): Promise<(Limit | undefined)[]> {
  const { ticket_restriction: own, custom_role_id: roleId } = user;
  const limits = typeof own === 'string' ? [LIMITS[own]] : [];
  if (typeof roleId === 'string') {
    const role = await orNothing(client.account.customRole(roleId, lane));
    limits.push(LIMITS[role?.ticketAccess ?? '']);
  }
  if (limits.length > 0) return limits;
  return [own === null && user.restricted_agent !== true ? 'all' : undefined];
}

/** The tickets of a private group are its members' only. */
async function seesGroup(
  client: Pick<ZendeskClient, 'account'>,
  user: User,
  ticket: Ticket,
  lane: Lane,
): Promise<boolean> {
  if (typeof ticket.group_id !== 'string') return true;
  const isPrivate = await orNothing(client.account.isPrivateGroup(ticket.group_id, lane));
  return isPrivate === false || isMember(client, user, ticket, lane);
}

async function isMember(
  client: Pick<ZendeskClient, 'account'>,
  user: User,
  ticket: Ticket,
  lane: Lane,
): Promise<boolean> {
  if (typeof ticket.group_id !== 'string') return false;
  return ((await orNothing(client.account.groupsOf(user.id, lane))) ?? []).includes(ticket.group_id);
}

function same(one: string | null | undefined, other: string | null | undefined): boolean {
  return typeof one === 'string' && one === other;
}

/** What is not there, or not for us, tells nothing. */
async function orNothing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isZendeskError(error, 'not_found', 'forbidden', 'missing_scope')) return undefined;
    throw error;
  }
}
