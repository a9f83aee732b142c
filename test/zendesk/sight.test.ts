import { maySeeTicket } from '../../zendesk/sight';
import { json, startScriptedZendesk } from './support/scripted-zendesk';
import type { ScriptedZendesk } from './support/scripted-zendesk';

let zendesk: ScriptedZendesk;
beforeAll(async () => {
  zendesk = await startScriptedZendesk();
});
afterAll(() => zendesk.close());

interface Account {
  user?: object;
  ticket?: object;
  access?: string;
  group?: object;
  memberOf?: number[];
}

/** Asks whether agent 7 sees ticket 1 of an account that says this; what is not given is answered with 404. */
async function sees({ user = {}, ticket = {}, access, group, memberOf }: Account): Promise<boolean> {
  const agent = { id: 7, name: 'A', email: 'a@acme.example', role: 'agent', active: true, suspended: false };
  const bare = { id: 1, status: 'open', updated_at: '2026-01-01T00:00:00Z', requester_id: 2, via: { channel: 'web' } };
  const role = { id: 5, name: 'R', configuration: { ticket_access: access } };
  const answers: Record<string, unknown> = {
    '/api/v2/tickets/1': {
      ticket: { ...bare, created_at: bare.updated_at, assignee_id: null, group_id: 3, ...ticket },
    },
    '/api/v2/users/7': { user: { ...agent, custom_role_id: null, ticket_restriction: null, ...user } },
    '/api/v2/custom_roles/5': access === undefined ? undefined : { custom_role: role },
    '/api/v2/groups/3': group && { group: { id: 3, ...group } },
    '/api/v2/users/7/group_memberships': memberOf && {
      group_memberships: memberOf.map((id) => ({ id: id + 100, user_id: 7, group_id: id })),
      meta: { has_more: false },
    },
  };
  zendesk.use(({ path }, response) => {
    const answer = answers[path.split('?')[0] ?? ''];
    json(response, answer === undefined ? 404 : 200, answer ?? { error: 'RecordNotFound', description: 'Not found' });
  });
  return maySeeTicket(zendesk.client, { userId: '7', ticketId: '1' }, 'scan');
}

const open = { is_public: true };
const closed = { is_public: false };

it.each<[string, Account]>([
  ['an admin, whatever group it is in', { user: { role: 'admin' }, group: closed }],
  ['an agent without limit in a public group', { group: open }],
  ['an agent without limit, no group', { ticket: { group_id: null } }],
  ['a member of its private group', { group: closed, memberOf: [3] }],
  ['whoever it is assigned to', { user: { ticket_restriction: 'assigned' }, ticket: { assignee_id: 7 } }],
  [
    'an agent limited to his groups, one of them',
    { user: { ticket_restriction: 'groups' }, group: open, memberOf: [3] },
  ],
  [
    'an agent limited to his organisation, the same',
    { user: { ticket_restriction: 'organization', organization_id: 9 }, ticket: { organization_id: 9 }, group: open },
  ],
  ['a role that sees all', { user: { custom_role_id: 5 }, access: 'all', group: open }],
])('lets %s see a ticket', async (_who, account) => {
  expect(await sees(account)).toBe(true);
});

it.each<[string, Account]>([
  ['a suspended admin', { user: { role: 'admin', suspended: true } }],
  ['an agent who was removed', { user: { active: false }, group: open }],
  ['an end user, even as assignee', { user: { role: 'end-user' }, ticket: { assignee_id: 7 } }],
  ['anybody, once it is deleted', { user: { role: 'admin' }, ticket: { status: 'deleted' } }],
  ['an agent of other groups, where its own is private', { group: closed, memberOf: [4] }],
  ['an agent where Zendesk does not tell what the group is', {}],
  [
    'an agent limited to his groups, none of them',
    { user: { ticket_restriction: 'groups' }, group: open, memberOf: [4] },
  ],
  ['an agent limited to his groups, no group', { user: { ticket_restriction: 'groups' }, ticket: { group_id: null } }],
  [
    'an agent limited to his organisation, both without one',
    { user: { ticket_restriction: 'organization' }, group: open },
  ],
  ['an agent limited to what is assigned to him', { user: { ticket_restriction: 'assigned' }, group: open }],
  ['an agent limited by a word that is not known', { user: { ticket_restriction: 'moonlight' }, group: open }],
  ['an agent who is restricted in no word', { user: { restricted_agent: true }, group: open }],
  ['a role whose limit is not told', { user: { custom_role_id: 5 }, group: open }],
  [
    'a role that sees its groups only',
    { user: { custom_role_id: 5 }, access: 'within-groups', group: open, memberOf: [] },
  ],
  [
    'an agent whose own limit is narrower than his role',
    { user: { custom_role_id: 5, ticket_restriction: 'assigned' }, access: 'all', group: open },
  ],
])('does not let %s see a ticket', async (_who, account) => {
  expect(await sees(account)).toBe(false);
});

it('does not take a failure for an answer', async () => {
  zendesk.use((_request, response) => json(response, 500, {}));
  await expect(maySeeTicket(zendesk.client, { userId: '7', ticketId: '1' }, 'scan')).rejects.toThrow();
});
