import { appendAuditEvent, LAZARET } from '../db/audit-events';
import { eraseCredentials, keepTokenToRevoke } from '../db/connection-secrets';
import type { ConnectionRef } from '../db/connection-secrets';
import { ensureWalk } from '../db/coverage';
import { clearProofs, countOpenHolds, findConnection, lockConnection, updateConnection } from '../db/connections';
import type { ConnectionRow } from '../db/connections';
import { forgetPrior, restorePrior } from '../db/oauth-attempts';
import type { Queryable } from '../db/pool';
import { accountFactsSchema, PARTS } from '../domain/connection';
import type { ActivationStep, Parts, StepRecord } from '../domain/connection';
import { runStep, withStep } from './activation-steps';
import type { ActivationDeps } from './activation-steps';
import { RetryLater } from './failures';
import { isLeaving, leftBehindSentences, removeParts } from './remove-parts';
import { revokeOutOfUse } from './revoke';
import { loadConnection } from './token-renewal';

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
    connect: async (ref: ConnectionRef): Promise<void> => {
      // Connected already: the commit's answer, or what came after it, was lost.
      if ((await loadConnection(deps.database, ref)).state !== 'connected') {
        await runStep(deps, ref, 'connect', 'connecting', async () => {
          await connect(deps, ref);
          return undefined;
        });
      }
      await revokeOutOfUse(deps, ref);
    },
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
  await deps.database.withOrganisation(ref.organisationId, async (db) => {
    const now = await lockConnection(db, ref.connectionId);
    if (!now || now.state !== 'activating') return;
    const parts: Parts = {};
    for (const name of PARTS) {
      const part = now.parts[name];
      if (part) parts[name] = { ...part, settled: true };
    }
    const live = now.priorState !== null && now.activatedAt !== null;
    const activatedAt = live && now.activatedAt ? now.activatedAt : new Date();
    await updateConnection(db, now.id, {
      state: 'connected',
      parts,
      lostAt: null,
      verifiedAt: null,
      verifiedBy: null,
      deadlineAt: null,
      activationSteps: withStep(now.activationSteps, endOf(now, 'connect', 'ok')),
      ...(!live && { activatedAt }),
    });
    await ensureWalk(db, ref, activatedAt);
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

function endOf(row: ConnectionRow, step: ActivationStep, state: StepRecord['state']): StepRecord {
  const known = row.activationSteps.find((one) => one.step === step);
  const at = known?.at ?? new Date().toISOString();
  return { step, at, state, ms: known?.ms ?? Math.max(0, Date.now() - Date.parse(at)) };
}

async function failActivation(deps: ActivationDeps, input: ActivationFailureInput): Promise<void> {
  const ref = { organisationId: input.organisationId, connectionId: input.connectionId };
  await deps.database.withOrganisation(ref.organisationId, async (db) => {
    const now = await lockConnection(db, ref.connectionId);
    if (now?.state === 'activating') await recordFailure(db, now, input);
  });
  deps.access.forget(ref.connectionId);
  await revokeOutOfUse(deps, ref);
}

async function recordFailure(db: Queryable, now: ConnectionRow, input: ActivationFailureInput): Promise<void> {
  const { step, problem, remedy } = input;
  const steps = withStep(now.activationSteps, { ...endOf(now, step, 'failed'), problem, remedy });
  await updateConnection(db, now.id, { activationSteps: steps, deadlineAt: null });
  await keepTokenToRevoke(db, now.id);
  const restored = await restorePrior(db, now.id);
  if (!restored) {
    await eraseCredentials(db, now.id);
    await updateConnection(db, now.id, { state: 'failed' });
  }
  const leftBehind = leftBehindBy(now);
  if (leftBehind.length > 0) {
    const account = (await findConnection(db, now.id))?.account ?? accountFactsSchema.parse({});
    await updateConnection(db, now.id, { account: { ...account, leftBehind } });
  }
  await appendAuditEvent(db, {
    organisationId: now.organisationId,
    kind: 'connection.activation_failed',
    actor: LAZARET,
    connectionId: now.id,
    detail: { step, problem, restored, leftBehind },
  });
}

/** What the undoing said it could not remove, or still has not removed: it is not tried for ever. */
function leftBehindBy({ account, parts }: ConnectionRow): string[] {
  if (account && account.leftBehind.length > 0) return account.leftBehind;
  const left = PARTS.filter((name) => parts[name]?.settled === false);
  return leftBehindSentences(parts, left, 'Zendesk could not be reached for too long');
}

async function closeConnection(deps: ActivationDeps, ref: ConnectionRef): Promise<void> {
  const row = await loadConnection(deps.database, ref);
  // Parts that came after the removal: it was activated again, and taken down again, in between.
  if (isLeaving(row) && hasParts(row)) await removeParts(deps, ref, 'all');
  await deps.database.withOrganisation(ref.organisationId, async (db) => {
    const now = await lockConnection(db, ref.connectionId);
    if (!isLeaving(now)) return;
    if (hasParts(now)) throw new RetryLater('ZendeskUnavailable', 'parts were made at Zendesk meanwhile');
    const openHolds = await countOpenHolds(db, now.id);
    await keepTokenToRevoke(db, now.id);
    await eraseCredentials(db, now.id);
    await updateConnection(db, now.id, {
      state: 'deactivated',
      deactivatedAt: new Date(),
      deactivationAskedAt: null,
      deadlineAt: null,
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
  await revokeOutOfUse(deps, ref);
}

/** Parts are recorded of which nobody has said that they stay behind. */
function hasParts({ parts, account }: ConnectionRow): boolean {
  return PARTS.some((name) => parts[name]) && (account?.leftBehind ?? []).length === 0;
}
