import { appendAuditEvent, LAZARET } from '../db/audit-events';
import { eraseCredentials, openSecret, readSealedTokens } from '../db/connection-secrets';
import type { ConnectionRef } from '../db/connection-secrets';
import { clearProofs, countOpenHolds, lockConnection, updateConnection } from '../db/connections';
import type { ConnectionRow } from '../db/connections';
import { forgetPrior, readPriorAccessToken, restorePrior } from '../db/oauth-attempts';
import { PARTS } from '../domain/connection';
import type { ActivationStep, PartName, Parts } from '../domain/connection';
import type { ZendeskClient } from '../zendesk/client';
import { isZendeskError } from '../zendesk/errors';
import { createZendeskOAuth } from '../zendesk/oauth';
import { changeConnection, runStep, withStep } from './activation-steps';
import type { ActivationDeps } from './activation-steps';
import { deleteTrigger, deleteWebhook, findTriggers, findWebhooks, webhookDraft } from './connection-parts';
import { asFailure, isReconnectNeeded } from './failures';
import { sleep } from './sleep';
import { loadConnection } from './token-renewal';

const REVOKE_TRIES = 3;
const REVOKE_PAUSE_MS = 500;

/** What ended an activation, in words for a person. */
export interface ActivationFailureInput extends ConnectionRef {
  step: ActivationStep;
  problem: string;
  remedy: string;
}

/** How activations and connections end: well, badly, or on request. */
export function createEndingActivities(deps: ActivationDeps) {
  return {
    /** The last step: the connection is live from the commit of this on. */
    connect: (ref: ConnectionRef): Promise<void> =>
      runStep(deps, ref, 'connect', 'connecting', async () => {
        await connect(deps, ref);
        return undefined;
      }),
    /** Removes at Zendesk what this activation made; what an earlier, successful one made stays. */
    undoActivation: (ref: ConnectionRef): Promise<void> => removeParts(deps, ref, 'unsettled'),
    /** Ends a failed activation: back to what worked before, else credentials revoked and erased. */
    failActivation: (input: ActivationFailureInput): Promise<void> => failActivation(deps, input),
    /** Removes everything that Lazaret made at Zendesk. */
    removeAllParts: (ref: ConnectionRef): Promise<void> => removeParts(deps, ref, 'all'),
    closeConnection: (ref: ConnectionRef): Promise<void> => closeConnection(deps, ref),
  };
}

async function connect(deps: ActivationDeps, ref: ConnectionRef): Promise<void> {
  const row = await loadConnection(deps.database, ref);
  const prior = await deps.database.withOrganisation(ref.organisationId, (db) =>
    readPriorAccessToken(db, ref.connectionId),
  );
  if (prior) await revoke(deps, ref, row.subdomain, prior);
  await deps.database.withOrganisation(ref.organisationId, async (db) => {
    const now = await lockConnection(db, ref.connectionId);
    if (!now || now.state !== 'activating') return;
    const parts: Parts = {};
    for (const name of PARTS) {
      const part = now.parts[name];
      if (part) parts[name] = { ...part, settled: true };
    }
    const live = now.priorState !== null && now.activatedAt !== null;
    await updateConnection(db, now.id, {
      state: 'connected',
      parts,
      lostAt: null,
      verifiedAt: null,
      verifiedBy: null,
      ...(!live && { activatedAt: new Date() }),
    });
    await forgetPrior(db, now.id);
    await clearProofs(db, now.id);
    await appendAuditEvent(db, {
      organisationId: ref.organisationId,
      kind: 'connection.connected',
      actor: LAZARET,
      connectionId: now.id,
      detail: {
        accountId: now.accountId,
        userId: now.account?.userId,
        intakeMode: now.intakeMode,
        parts: Object.fromEntries(PARTS.flatMap((name) => (parts[name] ? [[name, parts[name].id]] : []))),
      },
    });
  });
}

/** Revokes a token at Zendesk. One that cannot be revoked runs out by itself; it is erased here in any case. */
async function revoke(deps: ActivationDeps, ref: ConnectionRef, subdomain: string, sealed: Buffer): Promise<void> {
  const oauth = createZendeskOAuth({ transport: deps.transport, nowMs: Date.now });
  for (let tries = 1; ; tries += 1) {
    try {
      const accessToken = await openSecret(deps.secretBox, ref, 'access_token', sealed);
      return await oauth.revoke({ subdomain, accessToken });
    } catch (error) {
      if (isZendeskError(error) && error.retryable && tries < REVOKE_TRIES) {
        await sleep(REVOKE_PAUSE_MS);
        continue;
      }
      deps.log.warn({ connectionId: ref.connectionId }, 'a token could not be revoked');
      return;
    }
  }
}

/** True where the sign-in is dead, so that nothing can be removed at Zendesk any more. */
function isDead(error: unknown): boolean {
  return (
    isReconnectNeeded(error) || isZendeskError(error, 'token_dead', 'unauthorised', 'invalid_grant', 'unknown_host')
  );
}

async function removeParts(deps: ActivationDeps, ref: ConnectionRef, which: 'all' | 'unsettled'): Promise<void> {
  deps.access.forget(ref.connectionId);
  const row = await loadConnection(deps.database, ref);
  const kept = (name: PartName): string | undefined => {
    const part = row.parts[name];
    return which === 'unsettled' && part?.settled ? part.id : undefined;
  };
  try {
    const { client } = await deps.access.openAnyway(ref);
    await removeAtZendesk(deps, ref, client, row, kept);
  } catch (error) {
    if (!isDead(error) && !isZendeskError(error, 'forbidden', 'missing_scope')) throw asFailure(error);
    const left = PARTS.filter((name) => row.parts[name] && kept(name) === undefined);
    const leftBehind = left.map((name) => leftBehindSentence(name, row.parts[name]?.id ?? ''));
    await changeConnection(deps, ref, ({ account }) => (account ? { account: { ...account, leftBehind } } : {}));
    return;
  }
  await changeConnection(deps, ref, ({ parts }) => {
    const still: Parts = {};
    for (const name of PARTS) if (parts[name] && kept(name) !== undefined) still[name] = parts[name];
    return { parts: still };
  });
}

/** Triggers first: Zendesk may refuse to delete a webhook that a trigger calls. */
async function removeAtZendesk(
  deps: ActivationDeps,
  ref: ConnectionRef,
  client: ZendeskClient,
  row: ConnectionRow,
  kept: (name: PartName) => string | undefined,
): Promise<void> {
  const drafts = (['eventWebhook', 'triggerWebhook'] as const).map((name) => ({
    name,
    draft: webhookDraft(name, ref.connectionId, deps.settings.publicUrl),
  }));
  const webhooks: { id: string; keep: boolean }[] = [];
  for (const { name, draft } of drafts) {
    for (const { id } of await findWebhooks(client, draft)) webhooks.push({ id, keep: kept(name) === id });
  }
  const ours = { webhookIds: webhooks.map((one) => one.id), knownId: row.parts.trigger?.id };
  for (const trigger of await findTriggers(client, ours)) {
    if (trigger.id !== kept('trigger')) await deleteTrigger(client, trigger.id);
  }
  await deps.checkpoint?.('trigger removed');
  for (const webhook of webhooks) if (!webhook.keep) await deleteWebhook(client, webhook.id);
}

function leftBehindSentence(name: PartName, id: string): string {
  const where =
    name === 'trigger'
      ? 'Objects and rules → Business rules → Triggers'
      : 'Apps and integrations → Actions and webhooks → Webhooks';
  const what = { eventWebhook: 'The event webhook', triggerWebhook: 'The trigger webhook', trigger: 'The trigger' }[
    name
  ];
  return `${what} ${id} could not be removed, because Zendesk no longer accepts the sign-in. Remove it in the Admin Center: ${where}.`;
}

async function failActivation(deps: ActivationDeps, input: ActivationFailureInput): Promise<void> {
  const ref = { organisationId: input.organisationId, connectionId: input.connectionId };
  const row = await loadConnection(deps.database, ref);
  if (row.state !== 'activating') return;
  await revokeStored(deps, ref, row);
  await deps.database.withOrganisation(ref.organisationId, async (db) => {
    const now = await lockConnection(db, ref.connectionId);
    if (!now || now.state !== 'activating') return;
    const known = now.activationSteps.find((one) => one.step === input.step);
    const { step, problem, remedy } = input;
    const record = { step, at: known?.at ?? new Date().toISOString(), state: 'failed' as const, problem, remedy };
    const steps = withStep(now.activationSteps, { ...record, ...(known?.ms !== undefined && { ms: known.ms }) });
    await updateConnection(db, now.id, { activationSteps: steps });
    const restored = await restorePrior(db, now.id);
    if (!restored) {
      await eraseCredentials(db, now.id);
      await updateConnection(db, now.id, { state: 'failed' });
    }
    await appendAuditEvent(db, {
      organisationId: ref.organisationId,
      kind: 'connection.activation_failed',
      actor: LAZARET,
      connectionId: now.id,
      detail: { step, problem, restored },
    });
  });
  deps.access.forget(ref.connectionId);
}

async function revokeStored(deps: ActivationDeps, ref: ConnectionRef, row: ConnectionRow): Promise<void> {
  const stored = await deps.database.withOrganisation(ref.organisationId, (db) =>
    readSealedTokens(db, ref.connectionId),
  );
  if (stored) await revoke(deps, ref, row.subdomain, stored.accessToken);
}

async function closeConnection(deps: ActivationDeps, ref: ConnectionRef): Promise<void> {
  const row = await loadConnection(deps.database, ref);
  if (row.state === 'deactivated') return;
  await revokeStored(deps, ref, row);
  await deps.database.withOrganisation(ref.organisationId, async (db) => {
    const now = await lockConnection(db, ref.connectionId);
    if (!now || now.state === 'deactivated') return;
    const openHolds = await countOpenHolds(db, now.id);
    await eraseCredentials(db, now.id);
    await updateConnection(db, now.id, {
      state: 'deactivated',
      deactivatedAt: new Date(),
      verifiedAt: null,
      verifiedBy: null,
    });
    await appendAuditEvent(db, {
      organisationId: ref.organisationId,
      kind: 'connection.deactivated',
      actor: LAZARET,
      connectionId: now.id,
      detail: { openHolds, leftBehind: now.account?.leftBehind ?? [] },
    });
  });
  deps.access.forget(ref.connectionId);
}
