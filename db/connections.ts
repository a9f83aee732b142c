import { z } from 'zod';
import { accountFactsSchema, partsSchema, proofsSchema, stepRecordSchema } from '../domain/connection';
import type { AccountFacts, Parts, Proof, StepRecord } from '../domain/connection';
import { CONNECTION_STATES } from '../domain/words';
import type { ConnectionState } from '../domain/words';
import type { Queryable } from './pool';

const oauthClientSchema = z.object({ kind: z.enum(['global', 'local']), clientId: z.string().default('') });
/** The OAuth client of a connection; the secret of a local one is sealed beside it. */
export type OAuthClientRef = z.output<typeof oauthClientSchema>;

const rowSchema = z.object({
  id: z.string(),
  organisationId: z.string(),
  channel: z.literal('zendesk'),
  subdomain: z.string(),
  accountId: z.string().nullable(),
  state: z.enum(CONNECTION_STATES),
  oauthClient: oauthClientSchema,
  accessExpiresAt: z.date().nullable(),
  refreshExpiresAt: z.date().nullable(),
  account: z.union([
    accountFactsSchema,
    z
      .object({})
      .strict()
      .transform(() => undefined),
  ]),
  ownHosts: z.array(z.string()),
  parts: partsSchema,
  proof: proofsSchema,
  intakeMode: z.enum(['events', 'trigger']).nullable(),
  activationSteps: z.array(stepRecordSchema),
  lastEventAt: z.date().nullable(),
  lastTriggerAt: z.date().nullable(),
  verifiedAt: z.date().nullable(),
  verifiedBy: z.string().nullable(),
  createdAt: z.date(),
  activatedAt: z.date().nullable(),
  deactivatedAt: z.date().nullable(),
  lostAt: z.date().nullable(),
  /** Until then Zendesk may sign with a secret that is not stored yet. */
  rotatingUntil: z.date().nullable(),
  /** An activation of a connection that already worked is under way: what it goes back to when that fails. */
  priorState: z.enum(CONNECTION_STATES).nullable(),
  /** Somebody wants it taken down, and it is not yet. */
  deactivationAskedAt: z.date().nullable(),
  /** The help desk's own record of a delivery names this account id; else only what was delivered does. */
  accountConfirmed: z.boolean(),
});
/** One connection without its secrets. */
export type ConnectionRow = z.output<typeof rowSchema>;

const COLUMNS = `id, organisation_id as "organisationId", channel, subdomain, account_id as "accountId", state,
  oauth_client as "oauthClient", access_expires_at as "accessExpiresAt", refresh_expires_at as "refreshExpiresAt", account,
  own_hosts as "ownHosts", parts, proof, intake_mode as "intakeMode", activation_steps as "activationSteps",
  last_event_at as "lastEventAt", last_trigger_at as "lastTriggerAt", verified_at as "verifiedAt",
  verified_by as "verifiedBy", created_at as "createdAt", activated_at as "activatedAt",
  deactivated_at as "deactivatedAt", lost_at as "lostAt", rotating_until as "rotatingUntil", prior->>'state' as "priorState",
  deactivation_asked_at as "deactivationAskedAt", account_confirmed as "accountConfirmed"`;

async function one(db: Queryable, rest: string, values: unknown[]): Promise<ConnectionRow | undefined> {
  const { rows } = await db.query(`select ${COLUMNS} from connections ${rest}`, values);
  return rows[0] === undefined ? undefined : rowSchema.parse(rows[0]);
}

/** The connection with this id, or undefined when this transaction may not see one. */
export function findConnection(db: Queryable, id: string): Promise<ConnectionRow | undefined> {
  return one(db, 'where id = $1', [id]);
}

/** As {@link findConnection}, and keeps others from changing it until the transaction ends. */
export function lockConnection(db: Queryable, id: string): Promise<ConnectionRow | undefined> {
  return one(db, 'where id = $1 for update', [id]);
}

/** The organisation's connection that matters: a live one, else the newest. */
export function findOrganisationConnection(db: Queryable, organisationId: string): Promise<ConnectionRow | undefined> {
  const live = `state in ('activating', 'connected', 'reconnect_needed')`;
  return one(db, `where organisation_id = $1 order by (${live}) desc, created_at desc, id limit 1`, [organisationId]);
}

/** Connections of all organisations that work, or would after a sign-in. Needs a service transaction. */
export async function listLiveConnections(
  db: Queryable,
): Promise<{ id: string; subdomain: string; state: ConnectionState }[]> {
  const { rows } = await db.query<{ id: string; subdomain: string; state: ConnectionState }>(
    `select id, subdomain, state from connections where state in ('connected', 'reconnect_needed') order by subdomain`,
  );
  return rows;
}

/**
 * The organisation's connection of this sub-domain, made when there is none. One row serves every later activation, so
 * that whatever is held for it stays reachable.
 */
export async function ensureConnection(
  db: Queryable,
  wanted: { organisationId: string; subdomain: string; oauthClient: OAuthClientRef },
): Promise<ConnectionRow> {
  await db.query(
    `insert into connections (organisation_id, subdomain, state, oauth_client) values ($1, $2, 'authorising', $3)
     on conflict (organisation_id, channel, subdomain) do nothing`,
    [wanted.organisationId, wanted.subdomain, wanted.oauthClient],
  );
  const row = await one(db, 'where organisation_id = $1 and subdomain = $2 for update', [
    wanted.organisationId,
    wanted.subdomain,
  ]);
  if (!row) throw new Error('connections: the row just written is not there');
  return row;
}

/**
 * Another organisation's live connection to the same account, found by a confirmed account id or by one of the account's
 * own hosts. Needs a service transaction: an organisation cannot see the others.
 */
export async function isAccountTaken(
  db: Queryable,
  own: { connectionId: string; accountId: string | null; hosts: readonly string[] },
): Promise<boolean> {
  const { rows } = await db.query(
    `select 1 from connections where id <> $1 and state in ('activating', 'connected', 'reconnect_needed')
       and ((account_id = $2 and account_confirmed) or own_hosts && $3::text[] or (subdomain || '.zendesk.com') = any ($3::text[])) limit 1`,
    [own.connectionId, own.accountId, own.hosts],
  );
  return rows.length > 0;
}

/** Changes to the plain columns of a connection; what is absent stays. */
export interface ConnectionPatch {
  state?: ConnectionState;
  accountId?: string;
  accountConfirmed?: boolean;
  account?: AccountFacts;
  ownHosts?: string[];
  parts?: Parts;
  intakeMode?: 'events' | 'trigger';
  activationSteps?: StepRecord[];
  activatedAt?: Date;
  deactivatedAt?: Date | null;
  lostAt?: Date | null;
  verifiedAt?: Date | null;
  verifiedBy?: string | null;
  rotatingUntil?: Date | null;
  deactivationAskedAt?: Date | null;
  deadlineAt?: Date | null;
}

const PATCH_COLUMNS: Record<keyof ConnectionPatch, string> = {
  state: 'state',
  accountId: 'account_id',
  accountConfirmed: 'account_confirmed',
  account: 'account',
  ownHosts: 'own_hosts',
  parts: 'parts',
  intakeMode: 'intake_mode',
  activationSteps: 'activation_steps',
  activatedAt: 'activated_at',
  deactivatedAt: 'deactivated_at',
  lostAt: 'lost_at',
  verifiedAt: 'verified_at',
  verifiedBy: 'verified_by',
  rotatingUntil: 'rotating_until',
  deactivationAskedAt: 'deactivation_asked_at',
  deadlineAt: 'deadline_at',
};
const JSON_COLUMNS = new Set<string>(['account', 'parts', 'activationSteps']);

/** Writes the given columns. @throws a unique violation when another connection to this account is live */
export async function updateConnection(db: Queryable, id: string, patch: ConnectionPatch): Promise<void> {
  const entries = Object.entries(PATCH_COLUMNS).flatMap(([key, column]) => {
    const value: unknown = Reflect.get(patch, key);
    return value === undefined ? [] : [{ column, value: JSON_COLUMNS.has(key) ? JSON.stringify(value) : value }];
  });
  if (entries.length === 0) return;
  const set = entries.map(({ column }, index) => `${column} = $${index + 2}`).join(', ');
  await db.query(`update connections set ${set} where id = $1`, [id, ...entries.map(({ value }) => value)]);
}

/** True for the refusal of Postgres when a second live connection to one account is written. */
export function isLiveAccountConflict(error: unknown): boolean {
  return error instanceof Error && 'constraint' in error && error.constraint === 'connections_live_account';
}

/** Remembers a test event that is about to be asked for, replacing an earlier one of the same webhook. */
export async function issueProof(db: Queryable, id: string, webhookId: string, proof: Proof): Promise<void> {
  await db.query(`update connections set proof = proof || jsonb_build_object($2::text, $3::jsonb) where id = $1`, [
    id,
    webhookId,
    JSON.stringify(proof),
  ]);
}

/** Records that the outstanding test event arrived. False when no test event with this nonce is outstanding. */
export async function recordProof(
  db: Queryable,
  id: string,
  webhookId: string,
  arrived: { nonce: string; signature: 'own' | 'static'; accountId: string; at: Date },
): Promise<boolean> {
  const facts = { arrivedAt: arrived.at.toISOString(), signature: arrived.signature, accountId: arrived.accountId };
  const { rowCount } = await db.query(
    `update connections set proof = jsonb_set(proof, array[$2::text], (proof -> $2::text) || $3::jsonb)
     where id = $1 and proof -> $2::text ->> 'nonce' = $4 and (proof -> $2::text ->> 'arrivedAt') is null`,
    [id, webhookId, JSON.stringify(facts), arrived.nonce],
  );
  return rowCount === 1;
}

export async function clearProofs(db: Queryable, id: string): Promise<void> {
  await db.query(`update connections set proof = '{}' where id = $1`, [id]);
}

/** Notes when something last arrived. Called every few seconds at most, never once an event. */
export async function touchConnection(
  db: Queryable,
  id: string,
  seen: { eventAt?: Date | undefined; triggerAt?: Date | undefined },
): Promise<void> {
  await db.query(
    `update connections set last_event_at = greatest(last_event_at, $2), last_trigger_at = greatest(last_trigger_at, $3)
     where id = $1`,
    [id, seen.eventAt ?? null, seen.triggerAt ?? null],
  );
}

/** A delivery signed with a webhook's own secret has arrived: what the test event left open is proven. */
export async function confirmSignature(db: Queryable, id: string): Promise<void> {
  await db.query(`update connections set account = jsonb_set(account, '{signatureProven}', 'true') where id = $1`, [
    id,
  ]);
}

/** How many things of this connection wait for a decision: what a deactivation keeps. */
export async function countOpenHolds(db: Queryable, connectionId: string): Promise<number> {
  const { rows } = await db.query<{ count: string }>(
    `select count(*) from items where connection_id = $1 and state = 'held'`,
    [connectionId],
  );
  return Number(rows[0]?.count ?? 0);
}

/** A connection whose activation or deactivation has to be under way. */
export interface DueConnection {
  id: string;
  organisation_id: string;
  wanted: 'activation' | 'deactivation';
}

/** Claims connections that are past their deadline, by moving it. Their workflow is started where none is open. */
export async function claimDueConnections(
  db: Queryable,
  limit: number,
  leaseSeconds: number,
): Promise<DueConnection[]> {
  const { rows } = await db.query<DueConnection>(
    `update connections set deadline_at = now() + $2::int * interval '1 second'
     where id in (
       select id from connections where deadline_at <= now() and (state = 'activating'
         or (deactivation_asked_at is not null and state in ('connected', 'reconnect_needed')))
       order by deadline_at limit $1 for update skip locked)
     returning id, organisation_id, case when state = 'activating' then 'activation' else 'deactivation' end as wanted`,
    [limit, leaseSeconds],
  );
  return rows;
}
