import { createHash } from 'node:crypto';
import { z } from 'zod';
import { appendAuditEvent } from '../../db/audit-events';
import { listLicensedChannels } from '../../db/bundles';
import { sealSecret } from '../../db/connection-secrets';
import { ensureConnection, findOrganisationConnection, updateConnection } from '../../db/connections';
import type { ConnectionRow } from '../../db/connections';
import { insertAttempt } from '../../db/oauth-attempts';
import type { Queryable } from '../../db/pool';
import { channelActivationId } from '../../domain/ids';
import { randomToken } from '../../zendesk/oauth';
import type { OAuthClient } from '../../zendesk/oauth';
import { parseSubdomain } from '../../zendesk/subdomain';
import { actorOf, inOrganisation } from '../auth';
import type { ConnectionApiDeps } from '../connection-deps';
import { idSchema } from '../fields';
import { errorFields } from '../log';
import { registerRoute } from '../openapi';
import type { Caller, RouteModule } from '../openapi';
import { conflict, invalidFields } from '../problems';
import type { Problem } from '../problems';

/** How long a sign-in may take, in milliseconds. */
export const ATTEMPT_MS = 10 * 60 * 1000;
const LIVE = ['activating', 'connected', 'reconnect_needed'];

const secretText = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[\x21-\x7e]+$/u, 'expected printable characters');
const bodySchema = z.strictObject({
  subdomain: z.string().max(2000).describe('Sub-domain, or any pasted address of the account.'),
  client: z
    .strictObject({ id: secretText(200).describe('Its unique identifier.'), secret: secretText(500) })
    .optional()
    .describe('A local OAuth client of the account. Without it the client of this installation is used.'),
});
const answerSchema = z.strictObject({ connectionId: z.uuid(), startUrl: z.url(), expiresAt: z.iso.datetime() });

/** The beginning of an activation: answers with the address that the admin opens in a browser. */
export function activationRoutes(deps: ConnectionApiDeps): RouteModule {
  return (api) => {
    registerRoute(api, {
      method: 'post',
      path: '/api/v1/organisations/{id}/channels/zendesk/activation',
      operationId: 'startZendeskActivation',
      summary: 'Begin to connect a Zendesk account',
      description:
        'Open startUrl in a browser within ten minutes. Nothing is made at Zendesk before the last page was confirmed. ' +
        'Repeated for a connected account, it heals the connection.',
      tag: 'channels',
      right: 'connections.activate',
      params: z.strictObject({ id: idSchema }),
      body: bodySchema,
      answers: { 201: { description: 'A sign-in was opened.', schema: answerSchema } },
      handle: async ({ params, body, caller }) => {
        const parsed = parseSubdomain(body.subdomain);
        if (!parsed.ok) {
          throw invalidFields('body', [{ field: 'subdomain', pointer: '/subdomain', detail: parsed.refusal }]);
        }
        const wanted = { subdomain: parsed.subdomain, client: chooseClient(deps, body.client) };
        const attempt = await inOrganisation(deps.database, caller, params.id, 'startZendeskActivation', (db) =>
          openAttempt(deps, db, caller, params.id, wanted),
        );
        if ('underWay' in attempt) throw await stillUnderWay(deps, params.id, attempt.underWay);
        return { status: 201, body: attempt };
      },
    });
  };
}

interface Wanted {
  subdomain: string;
  client: { kind: 'global' | 'local' } & OAuthClient;
}

function chooseClient(deps: ConnectionApiDeps, given: OAuthClient | undefined): Wanted['client'] {
  if (given) return { kind: 'local', ...given };
  if (deps.globalClient) return { kind: 'global', ...deps.globalClient };
  const detail = 'this installation has no OAuth client of its own; enter identifier and secret of one of the account.';
  throw invalidFields('body', [{ field: 'client', pointer: '/client', detail }]);
}

async function openAttempt(
  deps: ConnectionApiDeps,
  db: Queryable,
  caller: Caller,
  organisationId: string,
  { subdomain, client }: Wanted,
): Promise<z.output<typeof answerSchema> | { underWay: string }> {
  if (!(await listLicensedChannels(db, organisationId)).includes('zendesk')) throw notLicensed(deps.supportAddress);
  const current = await findOrganisationConnection(db, organisationId);
  refuseOther(current, subdomain);
  if (current?.state === 'activating') return { underWay: current.id };
  const oauthClient = { kind: client.kind, clientId: client.id };
  const connection = await ensureConnection(db, { organisationId, subdomain, oauthClient });
  const ref = { organisationId, connectionId: connection.id };
  if (!LIVE.includes(connection.state)) await updateConnection(db, connection.id, { state: 'authorising' });
  const expiresAt = new Date(deps.clock().getTime() + ATTEMPT_MS);
  const local = client.kind === 'local';
  const attemptId = await insertAttempt(db, {
    organisationId,
    connectionId: connection.id,
    // Replaced when a browser opens the attempt; nobody knows this one.
    stateHash: createHash('sha256').update(randomToken()).digest(),
    pkceVerifier: await sealSecret(deps.secretBox, ref, 'pkce_verifier', randomToken()),
    oauthClient,
    oauthClientSecret: local ? await sealSecret(deps.secretBox, ref, 'oauth_client_secret', client.secret) : null,
    expiresAt,
    startedBy: caller.actorId,
  });
  await appendAuditEvent(db, {
    organisationId,
    kind: 'connection.activation_started',
    actor: actorOf(caller),
    connectionId: connection.id,
    detail: { attemptId, client: client.kind },
  });
  const startUrl = `${deps.publicUrl}/activation/${attemptId}/start`;
  return { connectionId: connection.id, startUrl, expiresAt: expiresAt.toISOString() };
}

function notLicensed(supportAddress: string | undefined) {
  const whom = supportAddress === undefined ? '' : ` (${supportAddress})`;
  return conflict(
    'channel_not_in_bundle',
    'The channel is not in your bundle.',
    'No bundle of this organisation that is running now includes the channel zendesk.',
    `Ask the support of this Lazaret installation${whom} to assign a bundle that includes it.`,
  );
}

function refuseOther(current: ConnectionRow | undefined, subdomain: string): void {
  if (!current || !LIVE.includes(current.state)) return;
  if (current.subdomain !== subdomain) {
    throw conflict(
      'other_account_connected',
      'Another Zendesk account is connected.',
      `This organisation is connected to ${current.subdomain}.zendesk.com.`,
      'Deactivate that connection first, or enter its sub-domain to repair it.',
      { errors: [{ field: 'subdomain', pointer: '/subdomain', detail: 'is not the connected account' }] },
    );
  }
}

/** An activation whose workflow was lost with Temporal's data would never end: it is started again where none is open. */
async function stillUnderWay(deps: ConnectionApiDeps, organisationId: string, connectionId: string): Promise<Problem> {
  try {
    const input = { organisationId, connectionId };
    await deps.startWorkflow('channelActivation', channelActivationId(connectionId), input);
  } catch (error) {
    deps.log.error({ connectionId, ...errorFields(error) }, 'workflow could not be started');
  }
  return conflict(
    'activation_under_way',
    'An activation is under way.',
    'This connection is being activated at this moment.',
    'Wait until its steps have ended; they take seconds, or minutes while Zendesk does not answer. One that had been lost was started again.',
  );
}
