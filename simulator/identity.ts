import type { Account, OAuthClient, Role, User } from './model';
import type { Access, Call, Identity, Route } from './http';
import { Refusal, forbidden } from './http';
import type { World } from './world';

const couldNotAuthenticate = (): Refusal => new Refusal(401, { error: "Couldn't authenticate you" });
const invalidToken = (): Refusal =>
  new Refusal(401, {
    error: 'invalid_token',
    error_description: 'The access token provided is expired, revoked, malformed or invalid for other reasons.',
  });

/**
 * Who a request comes from: undefined when it carries no Authorization header.
 * @throws Refusal 401 for credentials that this account does not know; records a violation for those of another account.
 */
export function identify(
  world: World,
  account: Account,
  header: string | undefined,
  path: string,
): Identity | undefined {
  if (header === undefined || header === '') return undefined;
  const [scheme = '', value = ''] = splitOnce(header, ' ');
  if (scheme.toLowerCase() === 'bearer') return bearer(world, account, value.trim(), path);
  if (scheme.toLowerCase() !== 'basic') throw couldNotAuthenticate();
  const [name = '', secret = ''] = splitOnce(Buffer.from(value, 'base64').toString('utf8'), ':');
  const byToken = name.endsWith('/token');
  const email = byToken ? name.slice(0, -'/token'.length) : name;
  const user = world.users.inGroup(account.id).find((row) => row.email === email && !row.suspended);
  if (user === undefined || secret === '' || (byToken ? user.apiToken : user.password) !== secret) {
    throw couldNotAuthenticate();
  }
  return { user, kind: byToken ? 'api_token' : 'password' };
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}

function bearer(world: World, account: Account, secret: string, path: string): Identity {
  if (secret === '') throw invalidToken();
  const token = world.tokens.all().find((row) => row.accessToken === secret);
  if (token !== undefined) {
    if (token.accountId !== account.id) {
      const owner = world.accounts.get(token.accountId)?.subdomain ?? 'unknown';
      world.violation(`A token of account ${owner} was sent to account ${account.subdomain}.`, owner, 'any', path);
      throw invalidToken();
    }
    if (token.accessDead || (token.expiresAt !== null && token.expiresAt <= world.clock())) throw invalidToken();
    const user = world.users.get(token.userId);
    const client: OAuthClient | undefined = world.clients.get(token.clientId);
    if (user === undefined || user.suspended || client === undefined) throw invalidToken();
    return { user, kind: 'oauth', token, client, scopes: token.scope.split(' ').filter((scope) => scope !== '') };
  }
  const owner = world.users.all().find((user) => user.apiToken === secret);
  if (owner === undefined || owner.suspended) throw invalidToken();
  if (owner.accountId === account.id) return { user: owner, kind: 'api_token' };
  world.violation(`An API token of another account was sent to account ${account.subdomain}.`, null, 'any', path);
  throw invalidToken();
}

const RANK: Record<Role, number> = { 'end-user': 1, agent: 2, admin: 3 };

/** Refuses a caller whose role or scopes do not reach the route. */
export function authorise(call: Call, route: Route): void {
  if (route.access === 'anonymous') return;
  const identity = call.identity;
  if (identity === undefined) throw couldNotAuthenticate();
  checkScope(call, route, identity);
  if (!hasAccess(call.world, identity.user, route.access)) throw forbidden();
}

function hasAccess(world: World, user: User, access: Access): boolean {
  if (access === 'webhook-manager') return user.role === 'admin' || customRoleAllows(world, user, 'manageWebhooks');
  if (access === 'anonymous') return true;
  return RANK[user.role] >= RANK[access];
}

function customRoleAllows(world: World, user: User, right: 'manageWebhooks' | 'ticketRedaction'): boolean {
  if (user.customRoleId === null) return false;
  return world.customRoles.get(user.customRoleId)?.[right] ?? false;
}

/** Who may redact (fact sheet §3.5): admins; agents where agents may delete tickets; custom roles with the right. */
export function mayRedact(world: World, account: Account, user: User): boolean {
  if (user.role === 'admin') return true;
  if (user.role !== 'agent') return false;
  if (user.customRoleId !== null) return customRoleAllows(world, user, 'ticketRedaction');
  return account.switches.agentTicketDeletion;
}

function checkScope(call: Call, route: Route, identity: Identity): void {
  if (identity.scopes === undefined || route.scope === undefined) return;
  const access = route.method === 'GET' || route.method === 'HEAD' ? 'read' : 'write';
  const resource = resourceOf(call, route.scope);
  const accepted = resource === undefined ? [access] : [access, resource, `${resource}:${access}`];
  if (identity.scopes.some((scope) => accepted.includes(scope))) return;
  const missing = resource === undefined ? access : `${resource}:${access}, ${access}`;
  throw new Refusal(403, {
    error: 'Forbidden',
    description: `You are missing the following required scopes: ${missing}`,
  });
}

/** Some coverages are unconfirmed (fact sheet §1.4) and therefore switches. */
function resourceOf(call: Call, scope: string): string | undefined {
  if (scope === 'files') return call.account.switches.ticketsScopeCoversFiles ? 'tickets' : undefined;
  if (scope === 'incremental') return call.account.switches.incremental.scopeTicketsRead ? 'tickets' : undefined;
  return scope === 'none' ? undefined : scope;
}
