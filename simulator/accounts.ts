import type { Account, Brand, Json, OAuthClient, Role, User } from './model';
import { flagOf, isRecord, listOf, recordOf, Refusal, textOf } from './http';
import { DEFAULT_SWITCHES, mergeSwitches } from './switches';
import type { World } from './world';

/** What `POST /_simulator/accounts` takes; everything but `subdomain` has a default. */
export interface AccountRequest {
  subdomain: string;
  name?: string;
  plan?: string;
  admin?: { email?: string; password?: string; name?: string };
  agent?: { email?: string; password?: string; name?: string; apiToken?: string };
  clients?: {
    identifier: string;
    secret?: string;
    name?: string;
    redirectUris: string[];
    global?: boolean;
    public?: boolean;
  }[];
  brands?: { subdomain: string; name?: string; hostMapping?: string }[];
  switches?: Json;
}

/** Everything about an account that its owner would know, secrets included: for tests and the demonstration. */
export interface AccountView {
  id: number;
  subdomain: string;
  url: string;
  admin: { id: number; email: string; password: string; apiToken: string | null };
  agent: { id: number; email: string; password: string; apiToken: string | null };
  users: { id: number; email: string; name: string; role: Role; customRoleId: number | null; suspended: boolean }[];
  clients: {
    id: number;
    identifier: string;
    secret: string;
    global: boolean;
    public: boolean;
    redirectUris: string[];
  }[];
  brands: { id: number; name: string; subdomain: string; hostMapping: string | null; default: boolean }[];
  switches: Account['switches'];
}

const bad = (problem: string): Refusal => new Refusal(400, { error: problem });

export function addUser(world: World, accountId: number, role: Role, given: Json, fallback: string): User {
  const id = world.nextId();
  return world.users.put(id, {
    id,
    accountId,
    email: (textOf(given['email']) ?? `${fallback}@example.com`).toLowerCase(),
    name: textOf(given['name']) ?? fallback,
    role,
    password: textOf(given['password']) ?? world.secret(16),
    apiToken: role === 'end-user' ? null : (textOf(given['apiToken']) ?? world.secret(40)),
    customRoleId: null,
    suspended: false,
    createdAt: world.clock(),
  });
}

function addBrand(world: World, account: { id: number }, given: Json, isDefault: boolean): Brand {
  const subdomain = textOf(given['subdomain']) ?? '';
  if (!/^[a-z0-9][a-z0-9-]*$/.test(subdomain))
    throw bad(`A sub-domain has letters, digits and dashes, not ${JSON.stringify(subdomain)}.`);
  const taken = world.brands.all().some((brand) => brand.subdomain === subdomain);
  if (taken) throw bad(`The sub-domain ${subdomain} is taken.`);
  const id = world.nextId();
  return world.brands.put(id, {
    id,
    accountId: account.id,
    name: textOf(given['name']) ?? subdomain,
    subdomain,
    hostMapping: textOf(given['hostMapping']) ?? null,
    default: isDefault,
  });
}

/** Adds an OAuth client to an account; one that exists already gets the new redirect addresses and secret. */
export function addClient(world: World, accountId: number, given: Json): OAuthClient {
  const identifier = textOf(given['identifier']) ?? '';
  if (identifier === '') throw bad('An OAuth client needs an identifier.');
  const before = world.clients.inGroup(accountId).find((client) => client.identifier === identifier);
  const id = before?.id ?? world.nextId();
  return world.clients.put(id, {
    id,
    accountId,
    identifier,
    name: textOf(given['name']) ?? before?.name ?? identifier,
    secret: textOf(given['secret']) ?? before?.secret ?? world.secret(48),
    redirectUris:
      given['redirectUris'] === undefined ? (before?.redirectUris ?? []) : listOf(given['redirectUris']).map(String),
    global: flagOf(given['global']) ?? before?.global ?? false,
    public: flagOf(given['public']) ?? before?.public ?? false,
  });
}

/**
 * Makes an account with an admin, an agent, OAuth clients and brands; one that exists is returned as it is, with the given
 * clients added and the given switches merged.
 * @throws Refusal 400 naming what is wrong
 */
export function ensureAccount(world: World, input: Json): { account: Account; created: boolean } {
  const subdomain = textOf(input['subdomain']) ?? '';
  const known = world.accountBySubdomain(subdomain);
  const account = known ?? makeAccount(world, subdomain, input);
  if (isRecord(input['client'])) addClient(world, account.id, input['client']);
  for (const client of listOf(input['clients'])) addClient(world, account.id, recordOf(client));
  const plan = textOf(input['plan']);
  changeSwitches(world, account, { ...(plan === undefined ? {} : { plan }), ...recordOf(input['switches']) });
  return { account, created: known === undefined };
}

function makeAccount(world: World, subdomain: string, input: Json): Account {
  const id = world.nextAccountId();
  const name = textOf(input['name']) ?? subdomain;
  addBrand(world, { id }, { subdomain, name }, true);
  const admin = addUser(
    world,
    id,
    'admin',
    { email: `admin@${subdomain}.example`, name: 'Admin', ...recordOf(input['admin']) },
    'admin',
  );
  const agent = addUser(
    world,
    id,
    'agent',
    { email: `agent@${subdomain}.example`, name: 'Agent', ...recordOf(input['agent']) },
    'agent',
  );
  const account: Account = {
    id,
    subdomain,
    name,
    lastTicketId: 0,
    adminId: admin.id,
    agentId: agent.id,
    switches: structuredClone(DEFAULT_SWITCHES),
  };
  world.accounts.put(id, account);
  for (const brand of listOf(input['brands'])) addBrand(world, account, recordOf(brand), false);
  return account;
}

/** Merges switches of an account. @throws Refusal 400 for an unknown switch or a value of another type */
export function changeSwitches(world: World, account: Account, patch: unknown): void {
  try {
    const switches = mergeSwitches(account.switches, patch);
    world.accounts.put(account.id, Object.assign(account, { switches }));
  } catch (error) {
    throw bad(error instanceof Error ? error.message : String(error));
  }
}

export function accountView(world: World, account: Account): AccountView {
  const person = (id: number) => {
    const user = world.users.get(id);
    return { id, email: user?.email ?? '', password: user?.password ?? '', apiToken: user?.apiToken ?? null };
  };
  const users = world.users
    .inGroup(account.id)
    .map(({ id, email, name, role, customRoleId, suspended }) => ({ id, email, name, role, customRoleId, suspended }));
  return {
    id: account.id,
    subdomain: account.subdomain,
    url: `https://${account.subdomain}.zendesk.com`,
    admin: person(account.adminId),
    agent: person(account.agentId),
    users,
    clients: world.clients.inGroup(account.id).map((client) => ({
      id: client.id,
      identifier: client.identifier,
      secret: client.secret,
      global: client.global,
      public: client.public,
      redirectUris: client.redirectUris,
    })),
    brands: world.brands.inGroup(account.id).map(({ id, name, subdomain, hostMapping, default: isDefault }) => ({
      id,
      name,
      subdomain,
      hostMapping,
      default: isDefault,
    })),
    switches: account.switches,
  };
}
