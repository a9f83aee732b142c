import { forgetTokenToRevoke, openSecret, readTokensToRevoke } from '../db/connection-secrets';
import type { ConnectionRef } from '../db/connection-secrets';
import { isZendeskError } from '../zendesk/errors';
import { createZendeskOAuth } from '../zendesk/oauth';
import type { ActivationDeps } from './activation-steps';
import { sleep } from './sleep';
import { loadConnection } from './token-renewal';

const TRIES = 3;
const PAUSE_MS = 500;

/**
 * Revokes at Zendesk the tokens that a committed change has taken out of use, and forgets them. A repetition goes on where
 * an interrupted one ended. One that cannot be revoked runs out by itself.
 */
export async function revokeOutOfUse(deps: ActivationDeps, ref: ConnectionRef): Promise<void> {
  const { subdomain } = await loadConnection(deps.database, ref);
  const tokens = await deps.database.withOrganisation(ref.organisationId, (db) =>
    readTokensToRevoke(db, ref.connectionId),
  );
  for (const sealed of tokens) {
    await revoke(deps, ref, subdomain, sealed);
    await deps.database.withOrganisation(ref.organisationId, (db) => forgetTokenToRevoke(db, ref.connectionId, sealed));
  }
}

async function revoke(deps: ActivationDeps, ref: ConnectionRef, subdomain: string, sealed: Buffer): Promise<void> {
  const oauth = createZendeskOAuth({ transport: deps.transport, nowMs: Date.now });
  for (let tries = 1; ; tries += 1) {
    try {
      const accessToken = await openSecret(deps.secretBox, ref, 'access_token', sealed);
      return await oauth.revoke({ subdomain, accessToken });
    } catch (error) {
      if (isZendeskError(error) && error.retryable && tries < TRIES) {
        await sleep(PAUSE_MS);
        continue;
      }
      deps.log.warn({ connectionId: ref.connectionId }, 'a token could not be revoked');
      return;
    }
  }
}
