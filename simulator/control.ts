import { accountView, addClient, addUser, changeSwitches, ensureAccount } from './accounts';
import type { Courier } from './courier';
import type { Faults } from './faults';
import type { Answer } from './http';
import { isRecord, json, listOf, notFound, nothing, Refusal, textOf } from './http';
import type { Account, Json, Role, ScanResult } from './model';
import { SCAN_RESULTS } from './model';
import type { RateLimits } from './rate-limits';
import { revokeToken } from './routes/oauth';
import type { World } from './world';

export interface Controlled {
  world: World;
  courier: Courier;
  faults: Faults;
  limits: RateLimits;
}

interface Order {
  parts: Controlled;
  body: Json;
  query: URLSearchParams;
  match: string[];
}

type Handler = (order: Order) => Answer;

/** Bodies name the account by sub-domain; the first account is meant where they do not. */
function accountOf(order: Order, name: unknown = order.body['account'] ?? order.query.get('account')): Account {
  const { world } = order.parts;
  const account = typeof name === 'string' ? world.accountBySubdomain(name) : world.accounts.all()[0];
  if (account === undefined) throw new Refusal(404, { error: `There is no account ${String(name)}.` });
  return account;
}

function createAccount(order: Order): Answer {
  const { account, created } = ensureAccount(order.parts.world, order.body);
  return json({ account: accountView(order.parts.world, account) }, created ? 201 : 200);
}

function showAccount(order: Order): Answer {
  return json({ account: accountView(order.parts.world, accountOf(order, order.match[1])) });
}

/** `{account?, faults?, ...switches}`: merged into the account's switches; faults are added to those there are. */
function setSwitches(order: Order): Answer {
  const account = accountOf(order);
  const { faults, ...patch } = order.body;
  delete patch['account'];
  const held = account.switches.webhooks.hold;
  changeSwitches(order.parts.world, account, patch);
  for (const fault of listOf(faults))
    if (isRecord(fault)) order.parts.faults.add({ account: account.subdomain, ...fault });
  if (held && !account.switches.webhooks.hold) order.parts.courier.release(account.id);
  return json({ account: account.subdomain, switches: account.switches, faults: order.parts.faults.list() });
}

function showSwitches(order: Order): Answer {
  const account = accountOf(order);
  return json({ account: account.subdomain, switches: account.switches, faults: order.parts.faults.list() });
}

function showRequests(order: Order): Answer {
  const since = order.query.get('since') ?? '0';
  const seq = /^\d+$/.test(since) ? Number(since) : 0;
  const time = seq === 0 && since !== '0' ? Date.parse(since) : 0;
  const requests = order.parts.world.requests.filter((row) => row.seq > seq && Date.parse(row.time) >= time);
  return json({ requests, last: requests.at(-1)?.seq ?? seq });
}

function showUpdates(order: Order): Answer {
  const ticket = order.parts.world.ticketOf(accountOf(order), Number(order.query.get('ticket')));
  if (ticket === undefined) throw notFound();
  const { id, updates, redactions, notes } = ticket;
  return json({ ticket: id, updates, redactions, notes });
}

function revoke(order: Order): Answer {
  const account = accountOf(order);
  const { world } = order.parts;
  const tokens = world.tokens.inGroup(account.id);
  // `refresh:false` ends only the access tokens, as an administrator's click may.
  for (const token of tokens) {
    if (order.body['refresh'] === false) world.tokens.put(token.id, { ...token, accessDead: true });
    else revokeToken(world, account, { ...token, refreshToken: null });
  }
  return json({ revoked: tokens.length });
}

const ROLES: Role[] = ['admin', 'agent', 'end-user'];

/** `{account?, id, role?, customRole?, suspended?}`, or without `id` a new user. */
function setUser(order: Order): Answer {
  const account = accountOf(order);
  const { world } = order.parts;
  const role = ROLES.find((known) => known === order.body['role']);
  const known = world.users.get(Number(order.body['id']));
  const user =
    known?.accountId === account.id
      ? known
      : addUser(world, account.id, role ?? 'agent', order.body, `user${world.nextId()}`);
  const customRoleId = isRecord(order.body['customRole'])
    ? addRole(world, account, order.body['customRole'])
    : user.customRoleId;
  const suspended = order.body['suspended'] === undefined ? user.suspended : order.body['suspended'] === true;
  const saved = world.users.put(user.id, { ...user, role: role ?? user.role, customRoleId, suspended });
  return json({ user: saved });
}

function addRole(world: World, account: Account, given: Json): number {
  const id = world.nextId();
  world.customRoles.put(id, {
    id,
    accountId: account.id,
    name: textOf(given['name']) ?? 'Custom role',
    ticketRedaction: given['ticketRedaction'] === true,
    manageWebhooks: given['manageWebhooks'] === true,
  });
  return id;
}

function setAttachment(order: Order): Answer {
  const { world } = order.parts;
  const attachment = world.attachments.get(order.match[1] ?? '');
  if (attachment === undefined) throw notFound();
  const scanResult: ScanResult =
    SCAN_RESULTS.find((known) => known === order.body['scanResult']) ?? attachment.scanResult;
  if (order.body['lost'] === true) world.blobs.remove(attachment.blobId);
  return json({ attachment: world.attachments.put(attachment.id, { ...attachment, scanResult }) });
}

/** Ages a ticket: closes it without an update, or archives it, as Zendesk's own timers do. */
function setTicket(order: Order): Answer {
  const { world } = order.parts;
  const ticket = world.ticketOf(accountOf(order), Number(order.match[1]));
  if (ticket === undefined) throw notFound();
  const archived = order.body['archived'] === true;
  const status = archived || order.body['closed'] === true ? 'closed' : ticket.status;
  const generatedAt = world.clock();
  const channel = textOf(order.body['channel']);
  if (channel !== undefined) {
    for (const id of ticket.commentIds) {
      const comment = world.comments.get(id);
      if (comment !== undefined) world.comments.put(id, { ...comment, via: { ...comment.via, channel } });
    }
  }
  return json({ ticket: world.saveTicket({ ...ticket, status, archived, generatedAt }) });
}

function createClient(order: Order): Answer {
  const { world } = order.parts;
  const account = accountOf(order, order.match[1]);
  return json({ client: addClient(world, account.id, order.body) }, 201);
}

const HANDLERS: [string, RegExp, Handler][] = [
  ['POST', /^\/accounts$/, createAccount],
  [
    'GET',
    /^\/accounts$/,
    ({ parts }) => json({ accounts: parts.world.accounts.all().map((row) => accountView(parts.world, row)) }),
  ],
  ['GET', /^\/accounts\/([a-z0-9-]+)$/, showAccount],
  ['POST', /^\/accounts\/([a-z0-9-]+)\/clients$/, createClient],
  ['POST', /^\/switches$/, setSwitches],
  ['GET', /^\/switches$/, showSwitches],
  ['POST', /^\/faults$/, (order) => json({ fault: order.parts.faults.add(order.body) }, 201)],
  ['GET', /^\/faults$/, (order) => json({ faults: order.parts.faults.list() })],
  ['DELETE', /^\/faults$/, (order) => (order.parts.faults.clear(), nothing())],
  ['GET', /^\/requests$/, showRequests],
  ['DELETE', /^\/requests$/, (order) => ((order.parts.world.requests.length = 0), nothing())],
  ['GET', /^\/violations$/, (order) => json({ violations: order.parts.world.violations })],
  ['DELETE', /^\/violations$/, (order) => ((order.parts.world.violations.length = 0), nothing())],
  ['GET', /^\/updates$/, showUpdates],
  ['DELETE', /^\/limits$/, (order) => (order.parts.limits.clear(), nothing())],
  ['POST', /^\/revoke$/, revoke],
  ['POST', /^\/users$/, setUser],
  ['POST', /^\/attachments\/(\d+)$/, setAttachment],
  ['POST', /^\/tickets\/(\d+)$/, setTicket],
];

/** Answers a request below `/_simulator/`: what no help desk offers, and tests need. */
export function answerControl(parts: Controlled, method: string, url: URL, bytes: Buffer): Answer {
  const path = url.pathname.slice('/_simulator'.length);
  for (const [wanted, pattern, handle] of HANDLERS) {
    const match = wanted === method ? pattern.exec(path) : null;
    if (match === null) continue;
    return handle({ parts, body: parseBody(bytes), query: url.searchParams, match: [...match] });
  }
  throw new Refusal(404, { error: `There is no ${method} ${url.pathname}.` });
}

function parseBody(bytes: Buffer): Json {
  if (bytes.length === 0) return {};
  try {
    const parsed: unknown = JSON.parse(bytes.toString('utf8'));
    if (isRecord(parsed)) return parsed;
  } catch {
    throw new Refusal(400, { error: 'The body is not JSON.' });
  }
  throw new Refusal(400, { error: 'The body must be a JSON object.' });
}
