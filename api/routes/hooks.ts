import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { confirmSignature, recordProof, touchConnection } from '../../db/connections';
import { isUuid } from '../../db/pool';
import { validSecrets } from '../../domain/connection';
import { parseEvent } from '../../zendesk/events';
import type { ParsedEvent } from '../../zendesk/events';
import { verifyWebhook } from '../../zendesk/webhook-signature';
import type { WebhookVerification } from '../../zendesk/webhook-signature';
import type { ConnectionApiDeps } from '../connection-deps';
import { createClockWatch } from '../hook-clock';
import type { ClockWatch } from '../hook-clock';
import { recordEvent, sealEventText } from '../hook-intake';
import type { Delivery } from '../hook-intake';
import { rememberConnections } from '../hook-secrets';
import type { HookConnection, HookConnections } from '../hook-secrets';
import { errorFields } from '../log';
import { registerRoute } from '../openapi';
import type { Reply, RouteModule } from '../openapi';
import { Problem } from '../problems';

/** How often one connection's "last seen" is written, in milliseconds. */
const TOUCH_MS = 3000;
/** How long a test event may be on its way, in milliseconds. */
const PROOF_MS = 5 * 60 * 1000;

const accepted: Reply = { status: 200, body: { received: true } };

/** Where Zendesk's webhooks arrive. Verifies, writes the ledger, answers; everything else happens later. */
export function hookRoutes(deps: ConnectionApiDeps, clocks: ClockWatch = createClockWatch(deps.clock)): RouteModule {
  const hooks: Hooks = { connections: rememberConnections(deps), touch: createTouch(deps), clocks };
  return (api) => {
    registerRoute(api, {
      method: 'post',
      path: '/hooks/zendesk/{connectionId}',
      operationId: 'receiveZendeskWebhook',
      summary: "Zendesk's webhooks",
      description: 'Signed by Zendesk over the raw body. Answered when the ledger row is written.',
      tag: 'hooks',
      right: 'public',
      params: z.strictObject({ connectionId: z.string() }),
      rawBody: true,
      answers: { 200: { description: 'Recorded.', schema: z.strictObject({ received: z.literal(true) }) } },
      handle: async ({ params, rawBody, request }) => {
        try {
          return await receive(deps, hooks, params.connectionId, { headers: request.headers, rawBody });
        } catch (error) {
          if (error instanceof Problem) throw error;
          deps.log.error(
            { connectionId: params.connectionId, ...errorFields(error) },
            'delivery could not be recorded',
          );
          throw tryAgain(30, error);
        }
      },
    });
  };
}

interface Hooks {
  connections: HookConnections;
  touch: Touch;
  clocks: ClockWatch;
}

interface Incoming {
  headers: IncomingHttpHeaders;
  rawBody: Buffer;
}

async function receive(
  deps: ConnectionApiDeps,
  { connections, touch, clocks }: Hooks,
  connectionId: string,
  incoming: Incoming,
): Promise<Reply> {
  if (!isUuid(connectionId) || !incoming.headers['x-zendesk-webhook-signature']) throw refused();
  let found = await connections.get(connectionId);
  let verified = found && verify(deps, found, incoming);
  // A secret that was changed a moment ago is not in memory yet.
  if (verified && !verified.ok && ['wrong_signature', 'no_secret', 'test_secret'].includes(verified.refusal)) {
    found = await connections.reload(connectionId);
    verified = found && verify(deps, found, incoming);
  }
  if (!found || !verified) throw refused();
  if (!verified.ok) {
    if (verified.signedAtMs !== undefined) throw offOurClock(deps, clocks, connectionId, verified.signedAtMs);
    return refusedOrProof(deps, found, incoming, verified.refusal);
  }
  clocks.inTime(Date.parse(verified.timestamp));
  const event = parseEvent(incoming.rawBody);
  // What is remembered of an activation is old the moment it has ended: its first events must not be refused.
  if (found.row.state !== 'connected') found = (await connections.reload(connectionId)) ?? found;
  const { row } = found;
  if (event.type === 'proof') return acceptProof(deps, found, event.nonce, { ...verified, signature: 'own' });
  if ('accountId' in event && row.accountId !== null && event.accountId !== row.accountId) {
    deps.log.warn({ connectionId, refusal: 'wrong_account' }, 'delivery refused');
    throw refused();
  }
  if (!isRecording(found)) throw refused();
  const { webhookId, invocationId } = verified;
  const delivery: Delivery = { connection: row, webhookId, invocationId, rawBody: incoming.rawBody };
  const text = await sealEventText(deps.secretBox, row, event);
  await deps.database.withService((db) => recordEvent(db, delivery, event, text));
  touch(found, event);
  return accepted;
}

/** A connection that works, or worked until its sign-in was lost, or is being healed. Its first activation records nothing. */
function isRecording({ row }: HookConnection): boolean {
  return (
    row.state === 'connected' ||
    row.state === 'reconnect_needed' ||
    (row.state === 'activating' && row.priorState !== null)
  );
}

function verify(deps: ConnectionApiDeps, { row, secrets }: HookConnection, incoming: Incoming): WebhookVerification {
  const nowMs = deps.clock().getTime();
  const webhookId = incoming.headers['x-zendesk-webhook-id'];
  return verifyWebhook({
    headers: incoming.headers,
    rawBody: incoming.rawBody,
    secrets: typeof webhookId === 'string' ? validSecrets(secrets, webhookId, nowMs) : [],
    accountId: row.accountId ?? undefined,
    nowMs,
  });
}

/** Each attempt of Zendesk is signed anew: asked to come again, it gets through once the clocks agree. A replay never does. */
function offOurClock(deps: ConnectionApiDeps, clocks: ClockWatch, connectionId: string, signedAtMs: number): Problem {
  const minutesOff = clocks.outOfTime(signedAtMs);
  deps.log.error({ connectionId, minutesOff }, 'a genuine delivery is signed off our clock; it is not recorded');
  return tryAgain(30);
}

/**
 * The published test secret is accepted in one case: for the nonce of a test event that we have asked for ourselves. It
 * proves that we can be reached, not who sends.
 */
async function refusedOrProof(
  deps: ConnectionApiDeps,
  found: HookConnection,
  incoming: Incoming,
  refusal: string,
): Promise<Reply> {
  const { row } = found;
  const nowMs = deps.clock().getTime();
  if (refusal === 'test_secret') {
    const event = parseEvent(incoming.rawBody);
    const header = (name: string): string => String(incoming.headers[name] ?? '');
    const accountId = header('x-zendesk-account-id');
    const webhookId = header('x-zendesk-webhook-id');
    const ours = row.accountId === null || row.accountId === accountId;
    if (event.type === 'proof' && ours) {
      return acceptProof(deps, found, event.nonce, { accountId, webhookId, signature: 'static' });
    }
  }
  if (refusal === 'wrong_signature' && row.rotatingUntil && row.rotatingUntil.getTime() > nowMs) throw tryAgain(5);
  deps.log.warn({ connectionId: row.id, refusal }, 'delivery refused');
  throw refused();
}

async function acceptProof(
  deps: ConnectionApiDeps,
  { row }: HookConnection,
  nonce: string,
  from: { accountId: string; webhookId: string; signature: 'own' | 'static' },
): Promise<Reply> {
  const at = deps.clock();
  const issued = row.proof[from.webhookId];
  const stale = issued !== undefined && at.getTime() - Date.parse(issued.issuedAt) > PROOF_MS;
  if (stale || !/^\d{1,19}$/u.test(from.accountId)) throw refused();
  const known = await deps.database.withService((db) =>
    recordProof(db, row.id, from.webhookId, { nonce, signature: from.signature, accountId: from.accountId, at }),
  );
  if (!known) throw refused();
  return accepted;
}

type Touch = (found: HookConnection, event: ParsedEvent) => void;

/** Notes that something arrived, after the answer and every few seconds at most. */
function createTouch(deps: ConnectionApiDeps): Touch {
  const last = new Map<string, number>();
  return ({ row }, event) => {
    const now = deps.clock();
    const byTrigger = event.type === 'trigger';
    const key = `${row.id} ${byTrigger}`;
    if (now.getTime() - (last.get(key) ?? -Infinity) < TOUCH_MS) return;
    last.set(key, now.getTime());
    const seen = byTrigger ? { triggerAt: now } : { eventAt: now };
    const work = deps.database.withService(async (db) => {
      await touchConnection(db, row.id, seen);
      if (row.account?.signatureProven === false) await confirmSignature(db, row.id);
    });
    work.catch((error: unknown) => {
      last.delete(key);
      deps.log.warn({ connectionId: row.id, ...errorFields(error) }, 'last event could not be noted');
    });
  };
}

/** One answer for everything that is not verified: nothing tells a forger what was wrong, or whether the id exists. */
function refused(): Problem {
  return new Problem({
    status: 401,
    kind: 'delivery_refused',
    title: 'This delivery was not accepted.',
    detail: 'It does not carry a valid signature for this address.',
    remedy: 'Only webhooks that Lazaret made in Zendesk can deliver here.',
  });
}

/** Zendesk repeats a 503 whose Retry-After is under a minute (zendesk-api.md §4.5). */
function tryAgain(seconds: number, cause?: unknown): Problem {
  return new Problem({
    status: 503,
    kind: 'delivery_not_recorded',
    title: 'This delivery could not be recorded now.',
    detail: 'Nothing was written.',
    remedy: 'Send it again after the time in Retry-After.',
    headers: { 'retry-after': String(seconds) },
    cause,
  });
}
