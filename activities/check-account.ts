import { isAccountTaken } from '../db/connections';
import type { ConnectionRef } from '../db/connection-secrets';
import type { AccountFacts } from '../domain/connection';
import type { ZendeskClient } from '../zendesk/client';
import { ownHostsOf } from '../zendesk/own-hosts';
import type { User } from '../zendesk/schemas-account';
import { changeConnection, refuse } from './activation-steps';
import type { ActivationDeps } from './activation-steps';
import { LANE } from './connection-parts';

/** What is needed, and which scopes give it. */
const NEEDS: readonly { right: string; scopes: readonly string[] }[] = [
  { right: 'read', scopes: ['read'] },
  { right: 'tickets:write', scopes: ['write', 'tickets:write'] },
  { right: 'webhooks:write', scopes: ['write', 'webhooks:write'] },
  { right: 'triggers:write', scopes: ['write', 'triggers:write'] },
];

/** Words by which an account for an integration is usually named. */
const SERVICE_WORDS = /lazaret|integration|service|automation|\b(api|app|bot|robot|scan|scanner|security)\b/iu;

/**
 * Who signed in and whether that is enough; reads what later steps and every call need of the account.
 * @throws ActivationProblem with the first prerequisite that is not met
 */
export async function readAccount(
  deps: ActivationDeps,
  ref: ConnectionRef,
  client: ZendeskClient,
  subdomain: string,
): Promise<AccountFacts> {
  const me = await client.account.me(LANE);
  requireAdmin(me);
  const token = await client.account.currentToken(LANE);
  requireScopes(token.scopes);
  const settings = await client.account.settings(LANE);
  const hosts = ownHostsOf(subdomain, await client.account.brands(LANE)).map((one) => one.host);
  await requireFreeAccount(deps, ref, hosts);
  // The rights to webhooks and triggers show only when they are used.
  await client.webhooks.list(LANE, 'Lazaret');
  await client.triggers.search('Lazaret', LANE);
  const dedicated = looksDedicated(me);
  const facts: AccountFacts = {
    userId: me.id,
    userName: me.name,
    role: me.role,
    scopes: token.scopes,
    agentWorkspace: settings.agentWorkspace,
    privateAttachments: settings.privateAttachments,
    attachmentSizeBytes: settings.attachmentSizeBytes,
    mayRedact: await mayRedact(client, me),
    dedicated,
    warnings: dedicated ? [] : [NOT_DEDICATED],
    checkedAt: new Date().toISOString(),
    leftBehind: [],
  };
  await changeConnection(deps, ref, () => ({ account: facts, ownHosts: hosts }));
  return facts;
}

const NOT_DEDICATED =
  'The signed-in user looks like a person: neither name nor address says that the account is for an integration. If this ' +
  'person leaves or loses rights, scanning stops; and their own updates use the same limits. Better: an administrator account for Lazaret alone.';

function requireAdmin(me: User): void {
  if (!me.active || me.suspended) {
    refuse('The signed-in user is suspended or not active in Zendesk.', 'Sign in as an active administrator.');
  }
  if (me.role !== 'admin') {
    const what = me.role === 'end-user' ? 'an end user' : 'an agent';
    refuse(
      `The signed-in user is ${what}, not an administrator.`,
      'Sign in as an administrator of this Zendesk account: only they may make webhooks and redact attachments everywhere.',
    );
  }
}

function requireScopes(scopes: readonly string[]): void {
  const missing = NEEDS.filter((need) => !need.scopes.some((scope) => scopes.includes(scope)));
  if (missing.length === 0) return;
  refuse(
    `The sign-in lacks these scopes: ${missing.map((need) => need.right).join(', ')}.`,
    'Let the OAuth client ask for the scopes "read write", then activate again.',
  );
}

async function requireFreeAccount(deps: ActivationDeps, ref: ConnectionRef, hosts: string[]): Promise<void> {
  const own = { connectionId: ref.connectionId, accountId: null, hosts };
  if (await deps.database.withService((db) => isAccountTaken(db, own))) refuseTaken();
}

/** Says nothing of the organisation that has the account. */
export function refuseTaken(): never {
  refuse(
    'This Zendesk account is already connected to Lazaret.',
    'An account is connected once in the whole installation. Ask support if it is not you who connected it.',
  );
}

async function mayRedact(client: ZendeskClient, me: User): Promise<boolean> {
  if (me.role === 'admin') return true;
  return me.custom_role_id ? (await client.account.customRole(me.custom_role_id, LANE)).mayRedact : false;
}

function looksDedicated(me: User): boolean {
  return SERVICE_WORDS.test(me.name) || SERVICE_WORDS.test(me.email ?? '');
}
