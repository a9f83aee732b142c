import { join } from 'node:path';
import { secretFile } from '../config/secrets';
import { createApiKey } from '../db/api-keys';
import { LAZARET } from '../db/audit-events';
import { openDatabase } from '../db/pool';
import { activateAsPerson } from './activate';
import type { Activation } from './activate';
import { ensurePeople } from './demo-people';
import { LazaretClient } from './lazaret-client';
import type { Seed, SeedContext, Seeded } from './seed-context';

/** The demonstration's help desk at the simulator. */
export const DEMO_SUBDOMAIN = 'acme';
const BUNDLE = 'Demonstration';

interface Account {
  admin: { email: string; password: string; apiToken: string };
  agent: { email: string; apiToken: string };
  clients: { identifier: string; secret: string }[];
}

interface Kept {
  organisationId: string;
  apiKeys: Seeded['apiKeys'];
}

/** Makes sure that the demonstration organisation exists and its channel is activated; harmless when repeated. */
export const seedDemonstration: Seed = async (context) => {
  const prepared = await prepareDemonstration(context);
  const { activation, account, apiKeys } = prepared;
  if (!(await isConnectedHere(activation.client, activation.organisationId, context.apiUrl))) {
    context.say('activating the demonstration organisation');
    await activateAsPerson(activation);
  }
  const signIn = await ensurePeople(context, activation.organisationId);
  return { apiKeys, zendeskCredentials: { subdomain: DEMO_SUBDOMAIN, token: account.agent.apiToken }, signIn };
};

/** Organisation, keys and help desk; everything up to the activation, and what that needs. */
export async function prepareDemonstration(
  context: SeedContext,
): Promise<{ activation: Activation; account: Account; apiKeys: Seeded['apiKeys'] }> {
  const account = await ensureAccount(context);
  const { organisationId, apiKeys } = await ensureOrganisation(context);
  const [oauthClient] = account.clients;
  const activation = {
    apiUrl: context.apiUrl,
    client: new LazaretClient(context.apiUrl, apiKeys.admin),
    organisationId,
    subdomain: DEMO_SUBDOMAIN,
    zendeskAdmin: { email: account.admin.email, password: account.admin.password },
    ...(oauthClient ? { oauthClient: { id: oauthClient.identifier, secret: oauthClient.secret } } : {}),
  };
  return { activation, account, apiKeys };
}

/** The help desk, with our OAuth client under today's address. Made once; later only the address changes. */
async function ensureAccount(context: SeedContext): Promise<Account> {
  const redirectUris = [`${context.apiUrl}/oauth/zendesk/callback`];
  const response = await fetch(`${context.zendesk.url}/_simulator/accounts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      subdomain: DEMO_SUBDOMAIN,
      plan: 'enterprise',
      clients: [{ identifier: 'lazaret', name: 'Lazaret', redirectUris }],
    }),
  });
  if (!response.ok) throw new Error(`the simulator refused the account: ${await response.text()}`);
  return ((await response.json()) as { account: Account }).account;
}

/** Organisation, bundle, policy and one key a role. The keys are shown once, so they are kept beside the data, mode 0600. */
async function ensureOrganisation(context: SeedContext): Promise<Kept> {
  const file = join(context.dataDir, 'secrets', 'demonstration.json');
  const made = secretFileIfThere(file) ?? (await makeOrganisation(context));
  return JSON.parse(secretFile(file, () => made)) as Kept;
}

function secretFileIfThere(file: string): string | undefined {
  try {
    return secretFile(file, () => {
      throw new NothingKept();
    });
  } catch (error) {
    if (error instanceof NothingKept) return undefined;
    throw error;
  }
}

class NothingKept extends Error {}

async function makeOrganisation(context: SeedContext): Promise<string> {
  const database = openDatabase(context.databaseUrl, { size: 2 });
  try {
    const staff = async (role: 'support' | 'analyst') =>
      (await database.withService((db) => createApiKey(db, { role, name: `Demonstration ${role}` }, LAZARET))).key;
    const support = await staff('support');
    const client = new LazaretClient(context.apiUrl, support);
    const organisation = await client.call<{ id: string }>('POST', '/api/v1/organisations', { name: 'Acme Help Desk' });
    const bundleId = await ensureBundle(client);
    const path = `/api/v1/organisations/${organisation.id}`;
    await client.call('PUT', `${path}/bundles/${bundleId}`, {});
    await client.call('PATCH', `${path}/policy`, { notificationAddresses: ['security@acme.example'] });
    const key = async (role: 'admin' | 'viewer') => {
      const body = { name: `Demonstration ${role}`, role, organisationId: organisation.id };
      return (await client.call<{ key: string }>('POST', '/api/v1/api-keys', body)).key;
    };
    const apiKeys = {
      admin: await key('admin'),
      support,
      analyst: await staff('analyst'),
      viewer: await key('viewer'),
    };
    return JSON.stringify({ organisationId: organisation.id, apiKeys } satisfies Kept);
  } finally {
    await database.close();
  }
}

async function ensureBundle(client: LazaretClient): Promise<string> {
  const { bundles } = await client.call<{ bundles: { id: string; name: string }[] }>('GET', '/api/v1/bundles');
  const known = bundles.find((bundle) => bundle.name === BUNDLE);
  if (known) return known.id;
  return (await client.call<{ id: string }>('POST', '/api/v1/bundles', { name: BUNDLE, channels: ['zendesk'] })).id;
}

/** Ports may differ from the last start: then the webhooks lead nowhere, and a repeated activation heals them. */
async function isConnectedHere(client: LazaretClient, organisationId: string, apiUrl: string): Promise<boolean> {
  try {
    const path = `/api/v1/organisations/${organisationId}/channels/zendesk/connection`;
    const connection = await client.call<{ state: string; parts: unknown }>('GET', path);
    return connection.state === 'connected' && JSON.stringify(connection.parts).includes(`${apiUrl}/hooks/`);
  } catch {
    return false;
  }
}
