import type { Lane } from '../domain/words';
import { ZendeskError } from './errors';
import { readPages } from './paging';
import { pathId, type ZendeskApi } from './request';
import {
  BrandsPage,
  CurrentTokenAnswer,
  CustomRoleAnswer,
  GroupAnswer,
  MeAnswer,
  MembershipsPage,
  SettingsAnswer,
  UserAnswer,
  type Brand,
  type User,
} from './schemas-account';

/** What the account allows and how it behaves; sizes in bytes. */
export interface AccountSettings {
  attachmentSizeBytes: number;
  privateAttachments: boolean;
  emailAttachments: boolean;
  agentsMayDeleteTickets: boolean;
  agentWorkspace: boolean;
}

export interface CurrentToken {
  id: string;
  userId: string;
  scopes: string[];
  expiresAt: string | undefined;
}

/** What a role of the account's own making allows. `ticketAccess` is Zendesk's word for which tickets are seen. */
export interface CustomRole {
  id: string;
  name: string;
  mayRedact: boolean;
  ticketAccess: string | undefined;
}

export interface Account {
  /** Who is signed in. @throws ZendeskError `unauthorised` when Zendesk answers with its anonymous user. */
  me(lane: Lane): Promise<User>;
  user(userId: string, lane: Lane): Promise<User>;
  customRole(roleId: string, lane: Lane): Promise<CustomRole>;
  /** Whether only its members see a group's tickets. Undefined: Zendesk does not tell. */
  isPrivateGroup(groupId: string, lane: Lane): Promise<boolean | undefined>;
  /** Ids of the groups that an agent belongs to. */
  groupsOf(userId: string, lane: Lane): Promise<string[]>;
  settings(lane: Lane): Promise<AccountSettings>;
  brands(lane: Lane): Promise<Brand[]>;
  currentToken(lane: Lane): Promise<CurrentToken>;
  /** Ends the token in use. Whether its refresh token dies too is unconfirmed: forget both. */
  revokeCurrentToken(lane: Lane): Promise<void>;
}

/** Calls about the account and the signed-in user (fact sheet §1.6). */
export function createAccount(api: ZendeskApi): Account {
  const get = (operation: string, path: string, lane: Lane) => ({ operation, method: 'GET', path, lane }) as const;
  return {
    me: async (lane) => {
      const operation = 'users.me';
      const { user } = await api.call(get(operation, '/api/v2/users/me', lane), MeAnswer);
      if (user === undefined) throw new ZendeskError({ kind: 'unauthorised', operation, detail: 'anonymous user' });
      return user;
    },
    user: async (id, lane) =>
      (await api.call(get('users.get', `/api/v2/users/${pathId(id, 'users.get')}`, lane), UserAnswer)).user,
    customRole: async (id, lane) => {
      const operation = 'custom_roles.get';
      const path = `/api/v2/custom_roles/${pathId(id, operation)}`;
      const { custom_role: role } = await api.call(get(operation, path, lane), CustomRoleAnswer);
      const { ticket_redaction: mayRedact, ticket_access: ticketAccess } = role.configuration;
      return { id: role.id, name: role.name, mayRedact, ticketAccess: ticketAccess ?? undefined };
    },
    isPrivateGroup: async (id, lane) => {
      const path = `/api/v2/groups/${pathId(id, 'groups.get')}`;
      const { is_public: isPublic } = (await api.call(get('groups.get', path, lane), GroupAnswer)).group;
      return isPublic === null || isPublic === undefined ? undefined : !isPublic;
    },
    groupsOf: async (id, lane) => {
      const operation = 'users.groups';
      const path = `/api/v2/users/${pathId(id, operation)}/group_memberships`;
      const all: string[] = [];
      await readPages(
        operation,
        (after) => {
          const query = { 'page[size]': '100', 'page[after]': after };
          return api.call({ ...get(operation, path, lane), query }, MembershipsPage);
        },
        (page) => {
          all.push(...page.group_memberships.map((one) => one.group_id));
        },
      );
      return all;
    },
    settings: async (lane) => {
      const { settings } = await api.call(get('settings.get', '/api/v2/account/settings', lane), SettingsAnswer);
      return {
        attachmentSizeBytes: settings.limits.attachment_size,
        privateAttachments: settings.tickets.private_attachments,
        emailAttachments: settings.tickets.email_attachments,
        agentsMayDeleteTickets: settings.tickets.agent_ticket_deletion,
        agentWorkspace: settings.agents.agent_workspace,
      };
    },
    brands: async (lane) => {
      const all: Brand[] = [];
      await readPages(
        'brands.list',
        (after) => {
          const query = { 'page[size]': '100', 'page[after]': after };
          return api.call({ ...get('brands.list', '/api/v2/brands', lane), query }, BrandsPage);
        },
        (page) => {
          all.push(...page.brands);
        },
      );
      return all;
    },
    currentToken: async (lane) => {
      const path = '/api/v2/oauth/tokens/current.json';
      const { token } = await api.call(get('tokens.current', path, lane), CurrentTokenAnswer);
      return { id: token.id, userId: token.user_id, scopes: token.scopes, expiresAt: token.expires_at ?? undefined };
    },
    revokeCurrentToken: (lane) =>
      api.run({ operation: 'tokens.revoke', method: 'DELETE', path: '/api/v2/oauth/tokens/current.json', lane }),
  };
}
