import { appendAuditEvent, LAZARET } from '../db/audit-events';
import { openSigningSecrets, readSealedSigningSecrets } from '../db/connection-secrets';
import type { ConnectionRef } from '../db/connection-secrets';
import type { SigningSecrets } from '../domain/connection';
import { nextSecret, writeSecrets } from './activation';
import { activationFailure } from './activation-problem';
import { changeConnection } from './activation-steps';
import type { ActivationDeps } from './activation-steps';
import { LANE } from './connection-parts';

/** Longer than all attempts of a rotation take. */
const ROTATION_MS = 5 * 60 * 1000;

/** Changes the secrets with which Zendesk signs. The previous one counts for a day more. */
export function createRotationActivities(deps: ActivationDeps) {
  return {
    rotateSecrets: async (ref: ConnectionRef): Promise<void> => {
      try {
        await rotate(deps, ref);
      } catch (error) {
        throw activationFailure(error, 'changing the signing secrets');
      }
    },
  };
}

async function rotate(deps: ActivationDeps, ref: ConnectionRef): Promise<void> {
  const { client, connection } = await deps.access.open(ref);
  const sealed = await deps.database.withOrganisation(ref.organisationId, (db) =>
    readSealedSigningSecrets(db, ref.connectionId),
  );
  const known = await openSigningSecrets(deps.secretBox, ref, sealed);
  const secrets: SigningSecrets = { ...known };
  await changeConnection(deps, ref, () => ({ rotatingUntil: new Date(Date.now() + ROTATION_MS) }));
  for (const part of ['eventWebhook', 'triggerWebhook'] as const) {
    const id = connection.parts[part]?.id;
    if (id === undefined) continue;
    const { secret: atZendesk } = await client.webhooks.signingSecret(id, LANE);
    // Another secret than the stored one is the fruit of a rotation whose answer was lost: it is adopted.
    const adopt = known[id] !== undefined && known[id].current !== atZendesk;
    const secret = adopt ? atZendesk : (await client.webhooks.rotateSigningSecret(id, LANE)).secret;
    await deps.checkpoint?.(`${part} secret rotated`);
    secrets[id] = nextSecret(known[id], secret);
    // Stored one by one: a delivery signed with the new secret may be on its way already.
    await writeSecrets(deps, ref, secrets);
  }
  await changeConnection(deps, ref, () => ({ rotatingUntil: null }));
  await deps.database.withOrganisation(ref.organisationId, (db) =>
    appendAuditEvent(db, {
      organisationId: ref.organisationId,
      kind: 'connection.secrets_rotated',
      actor: LAZARET,
      connectionId: ref.connectionId,
      detail: { webhooks: Object.keys(secrets) },
    }),
  );
}
