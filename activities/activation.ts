import { randomBytes } from 'node:crypto';
import { openSigningSecrets, readSealedSigningSecrets, saveSigningSecrets, sealSecret } from '../db/connection-secrets';
import type { ConnectionRef } from '../db/connection-secrets';
import { isAccountTaken, isLiveAccountConflict, issueProof, lockConnection, updateConnection } from '../db/connections';
import type { ConnectionRow } from '../db/connections';
import type { Proof, SigningSecrets } from '../domain/connection';
import { isZendeskError } from '../zendesk/errors';
import type { ZendeskClient } from '../zendesk/client';
import { recordedAccountId } from './account-record';
import { changeConnection, refuse, runStep, savePart } from './activation-steps';
import type { ActivationDeps } from './activation-steps';
import { readAccount, refuseTaken } from './check-account';
import {
  ensureTrigger,
  ensureWebhook,
  findWebhooks,
  LANE,
  partRecord,
  triggerDraft,
  webhookDraft,
  withPartsLock,
} from './connection-parts';
import type { WebhookPart } from './connection-parts';
import { deleteWebhook } from './connection-parts';
import { loadConnection } from './token-renewal';
import { sleep } from './sleep';

/** The steps of an activation. Each finds before it makes, so that a repetition heals and never doubles. */
export function createActivationActivities(deps: ActivationDeps) {
  const open = async (ref: ConnectionRef): Promise<{ client: ZendeskClient; row: ConnectionRow }> => {
    deps.access.forget(ref.connectionId);
    const { client, connection } = await deps.access.openAnyway(ref);
    return { client, row: connection };
  };
  return {
    /** Who signed in, may they do it, and what the account is like. */
    checkAccount: (ref: ConnectionRef): Promise<void> =>
      runStep(deps, ref, 'checkAccount', 'checking the account', async () => {
        const { client, row } = await open(ref);
        const facts = await readAccount(deps, ref, client, row.subdomain);
        return facts.warnings[0];
      }),
    makeWebhooks: (ref: ConnectionRef): Promise<void> =>
      runStep(deps, ref, 'makeWebhooks', 'making the webhooks', async () => {
        const { client } = await open(ref);
        return withPartsLock(deps, ref, () => makeWebhooks(deps, ref, client));
      }),
    readSecrets: (ref: ConnectionRef): Promise<void> =>
      runStep(deps, ref, 'readSecrets', 'reading the signing secrets', async () => {
        const { client, row } = await open(ref);
        await storeSecrets(deps, ref, client, row);
        return undefined;
      }),
    makeTrigger: (ref: ConnectionRef): Promise<void> =>
      runStep(deps, ref, 'makeTrigger', 'making the trigger', async () => {
        const { client, row } = await open(ref);
        const webhookId = row.parts.triggerWebhook?.id;
        if (webhookId === undefined)
          throw new Error(`connection ${ref.connectionId}: its trigger webhook is not recorded`);
        const draft = await triggerDraft(client, webhookId);
        return withPartsLock(deps, ref, async () => {
          const trigger = await ensureTrigger(client, draft, row.parts.trigger?.id);
          await deps.checkpoint?.('trigger made');
          await savePart(deps, ref, 'trigger', partRecord(trigger.id, draft, row.parts.trigger));
          return undefined;
        });
      }),
    proveIntake: (ref: ConnectionRef): Promise<void> =>
      runStep(deps, ref, 'proveIntake', 'sending the test event', async () => {
        const { client, row } = await open(ref);
        return proveIntake(deps, ref, client, row);
      }),
  };
}

async function makeWebhooks(
  deps: ActivationDeps,
  ref: ConnectionRef,
  client: ZendeskClient,
): Promise<string | undefined> {
  await makeWebhook(deps, ref, client, 'triggerWebhook');
  try {
    await makeWebhook(deps, ref, client, 'eventWebhook');
    await changeConnection(deps, ref, () => ({ intakeMode: 'events' }));
    return undefined;
  } catch (error) {
    // The trigger's webhook was just made, so what is refused here is the subscription, not webhooks as such.
    if (!isZendeskError(error, 'forbidden', 'bad_request', 'record_invalid')) throw error;
    for (const left of await findWebhooks(
      client,
      webhookDraft('eventWebhook', ref.connectionId, deps.settings.publicUrl),
    )) {
      await deleteWebhook(client, left.id);
    }
    await changeConnection(deps, ref, (row) => {
      const { eventWebhook: _gone, ...parts } = row.parts;
      return { intakeMode: 'trigger', parts };
    });
    return 'This account refuses subscriptions to ticket events: the trigger alone carries intake, with one comment list per update.';
  }
}

async function makeWebhook(
  deps: ActivationDeps,
  ref: ConnectionRef,
  client: ZendeskClient,
  part: WebhookPart,
): Promise<void> {
  const draft = webhookDraft(part, ref.connectionId, deps.settings.publicUrl);
  const before = (await loadConnection(deps.database, ref)).parts[part];
  const webhook = await ensureWebhook(client, draft, before?.id);
  await deps.checkpoint?.(`${part} made`);
  await savePart(deps, ref, part, partRecord(webhook.id, draft, before));
}

/** Reads the secrets of our webhooks; one that changed keeps its predecessor for a day. */
async function storeSecrets(
  deps: ActivationDeps,
  ref: ConnectionRef,
  client: ZendeskClient,
  row: ConnectionRow,
): Promise<void> {
  const sealed = await deps.database.withOrganisation(ref.organisationId, (db) =>
    readSealedSigningSecrets(db, ref.connectionId),
  );
  const known = await openSigningSecrets(deps.secretBox, ref, sealed);
  const secrets: SigningSecrets = {};
  for (const part of ['eventWebhook', 'triggerWebhook'] as const) {
    const id = row.parts[part]?.id;
    if (id === undefined) continue;
    const { secret } = await client.webhooks.signingSecret(id, LANE);
    secrets[id] = nextSecret(known[id], secret);
  }
  await writeSecrets(deps, ref, secrets);
}

/** The entry of a webhook whose secret is now `current`. */
export function nextSecret(known: SigningSecrets[string] | undefined, current: string): SigningSecrets[string] {
  if (!known) return { current };
  if (known.current === current) return known;
  return { current, previous: known.current, rotatedAt: new Date().toISOString() };
}

export async function writeSecrets(
  deps: Pick<ActivationDeps, 'database' | 'secretBox'>,
  ref: ConnectionRef,
  secrets: SigningSecrets,
): Promise<void> {
  const sealed = await sealSecret(deps.secretBox, ref, 'signing_secrets', JSON.stringify(secrets));
  await deps.database.withOrganisation(ref.organisationId, (db) => saveSigningSecrets(db, ref.connectionId, sealed));
}

async function proveIntake(
  deps: ActivationDeps,
  ref: ConnectionRef,
  client: ZendeskClient,
  row: ConnectionRow,
): Promise<string | undefined> {
  const started = Date.now();
  const proofs: Proof[] = [];
  for (const part of ['triggerWebhook', 'eventWebhook'] as const) {
    const webhookId = row.parts[part]?.id;
    if (webhookId === undefined) continue;
    proofs.push(await proveWebhook(deps, ref, client, webhookId));
    await changeConnection(deps, ref, ({ parts }) => {
      const known = parts[part];
      return known ? { parts: { ...parts, [part]: { ...known, lastWorkedAt: new Date().toISOString() } } } : {};
    });
  }
  const ms = Date.now() - started;
  const accountIds = new Set(proofs.map((proof) => proof.accountId));
  const accountId = [...accountIds][0];
  if (accountId === undefined || accountIds.size !== 1) {
    refuse('The test events name different Zendesk accounts.', 'Activate again; if it happens again, tell support.');
  }
  const signatureProven = proofs.every((proof) => proof.signature === 'own');
  // An id that Zendesk does not confirm is kept as what it is, and keeps no other organisation out.
  const webhookId = row.parts.triggerWebhook?.id;
  const recorded = webhookId === undefined ? undefined : await recordedAccountId(client, webhookId);
  if (recorded !== undefined && recorded !== accountId) {
    refuse(
      'Zendesk’s record of the test event names another account.',
      'Activate again; if it happens again, tell support.',
    );
  }
  await claimAccount(deps, ref, { accountId, signatureProven, confirmed: recorded === accountId });
  const doubt = 'It was signed with the secret for tests: the webhook’s own secret is proven by the first event.';
  return `The test event came back in ${ms} ms.${signatureProven ? '' : ` ${doubt}`}`;
}

async function proveWebhook(
  deps: ActivationDeps,
  ref: ConnectionRef,
  client: ZendeskClient,
  webhookId: string,
): Promise<Proof> {
  const nonce = randomBytes(32).toString('base64url');
  await deps.database.withOrganisation(ref.organisationId, (db) =>
    issueProof(db, ref.connectionId, webhookId, { nonce, issuedAt: new Date().toISOString() }),
  );
  const { endpoint } = webhookDraft('eventWebhook', ref.connectionId, deps.settings.publicUrl);
  const answer = await client.webhooks.test(webhookId, endpoint, JSON.stringify({ lazaret_proof: nonce }), LANE);
  const until = Date.now() + deps.settings.proofWaitMs;
  for (;;) {
    const proof = (await loadConnection(deps.database, ref)).proof[webhookId];
    if (proof?.nonce === nonce && proof.arrivedAt !== undefined) return proof;
    if (Date.now() > until) break;
    await sleep(25);
  }
  const said = answer.status === undefined ? 'got no answer' : `was answered with status ${answer.status}`;
  return refuse(
    `Zendesk’s test event did not arrive at Lazaret; at Zendesk’s side it ${said}.`,
    'Make sure that Zendesk can reach the public address of this installation (LAZARET_PUBLIC_URL) over HTTPS, then activate again.',
  );
}

async function claimAccount(
  deps: ActivationDeps,
  ref: ConnectionRef,
  { accountId, signatureProven, confirmed }: { accountId: string; signatureProven: boolean; confirmed: boolean },
): Promise<void> {
  const own = { connectionId: ref.connectionId, accountId, hosts: [] };
  if (await deps.database.withService((db) => isAccountTaken(db, own))) refuseTaken();
  try {
    await deps.database.withOrganisation(ref.organisationId, async (db) => {
      const row = await lockConnection(db, ref.connectionId);
      if (!row) return;
      if (row.accountId !== null && row.accountId !== accountId) {
        refuse(
          'Under this sub-domain there is another Zendesk account now than the one that was connected before.',
          'Deactivate the channel and ask support to open a new connection for the other account.',
        );
      }
      await updateConnection(db, row.id, {
        accountId,
        accountConfirmed: confirmed || row.accountConfirmed,
        ...(row.account && { account: { ...row.account, signatureProven } }),
      });
    });
  } catch (error) {
    if (isLiveAccountConflict(error)) refuseTaken();
    throw error;
  }
}
