import { ensureConnection, updateConnection } from '../../db/connections';
import { saveTokens, sealTokens } from '../../db/connection-secrets';
import type { ConnectionRef } from '../../db/connection-secrets';
import { addAccount } from './activating';
import { GLOBAL_CLIENT } from './zendesk-house';
import type { House } from './zendesk-house';

let count = 0;

/** A connected organisation with a token pair of the stand-in's admin. */
export async function connect(house: House, minutesLeft = 30) {
  const subdomain = `linked${(count += 1)}`;
  const account = await addAccount(house, subdomain);
  const organisation = await house.organisation(`Org of ${subdomain}`);
  const { world } = house.simulator;
  const client = world.clients.inGroup(account.id)[0];
  const id = world.nextId();
  const pair = { accessToken: world.secret(40), refreshToken: world.secret(40) };
  const expiresAt = Date.now() + minutesLeft * 60_000;
  world.tokens.put(id, {
    id,
    accountId: account.id,
    clientId: client?.id ?? 0,
    userId: account.admin.id,
    scope: 'read write',
    ...pair,
    createdAt: Date.now(),
    expiresAt,
    refreshExpiresAt: Date.now() + 30 * 86_400_000,
    accessDead: false,
  });
  const oauthClient = { kind: 'global' as const, clientId: GLOBAL_CLIENT.id };
  const row = await house.database.withOrganisation(organisation.id, async (db) => {
    await db.query(
      `insert into policies (organisation_id, document, updated_by) values ($1, $2, 'test')
       on conflict (organisation_id) do update set document = excluded.document`,
      [organisation.id, { notificationAddresses: ['admin@customer.example'] }],
    );
    return ensureConnection(db, { organisationId: organisation.id, subdomain, oauthClient });
  });
  const ref: ConnectionRef = { organisationId: organisation.id, connectionId: row.id };
  const sealed = await sealTokens(house.apiDeps.secretBox, ref, {
    ...pair,
    accessExpiresAt: new Date(expiresAt),
    refreshExpiresAt: null,
  });
  await house.database.withOrganisation(organisation.id, async (db) => {
    await saveTokens(db, row.id, sealed);
    await updateConnection(db, row.id, { state: 'connected' });
  });
  return { ref, account, subdomain };
}
