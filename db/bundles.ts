import type { ChannelName } from '../domain/words';
import { appendAuditEvent } from './audit-events';
import type { Actor } from './audit-events';
import type { Queryable } from './pool';
import { onlyRow } from './sql';

export interface BundleRow {
  id: string;
  name: string;
  channels: ChannelName[];
  createdAt: Date;
}

/** A bundle of one organisation. It counts between its two times; no end means until somebody takes it away. */
export interface AssignmentRow {
  bundleId: string;
  name: string;
  channels: ChannelName[];
  startsAt: Date;
  endsAt: Date | null;
  active: boolean;
}

const COLUMNS = `id, name, channels, created_at as "createdAt"`;
const ACTIVE = `(o.starts_at <= now() and (o.ends_at is null or o.ends_at > now()))`;

/** All bundles by name. */
export async function listBundles(db: Queryable): Promise<BundleRow[]> {
  return (await db.query<BundleRow>(`select ${COLUMNS} from bundles order by name limit 1000`)).rows;
}

/** Makes a bundle; undefined when there is one of this name. Needs service. */
export async function createBundle(
  db: Queryable,
  bundle: { name: string; channels: readonly ChannelName[] },
): Promise<BundleRow | undefined> {
  const sql = `insert into bundles (name, channels) values ($1, $2) on conflict (name) do nothing returning ${COLUMNS}`;
  return (await db.query<BundleRow>(sql, [bundle.name, [...new Set(bundle.channels)]])).rows[0];
}

/** Bundles of one organisation, ended ones included. */
export async function listAssignments(db: Queryable, organisationId: string): Promise<AssignmentRow[]> {
  const { rows } = await db.query<AssignmentRow>(
    `select o.bundle_id as "bundleId", b.name, b.channels, o.starts_at as "startsAt", o.ends_at as "endsAt",
       ${ACTIVE} as active
     from organisation_bundles o join bundles b on b.id = o.bundle_id
     where o.organisation_id = $1 order by b.name`,
    [organisationId],
  );
  return rows;
}

/** Channels that the organisation's bundles include now. */
export async function listLicensedChannels(db: Queryable, organisationId: string): Promise<ChannelName[]> {
  const { rows } = await db.query<{ channel: ChannelName }>(
    `select distinct unnest(b.channels) as channel
     from organisation_bundles o join bundles b on b.id = o.bundle_id
     where o.organisation_id = $1 and ${ACTIVE} order by 1`,
    [organisationId],
  );
  return rows.map((row) => row.channel);
}

export interface Assignment {
  organisationId: string;
  bundleId: string;
  /** Now where absent. */
  startsAt?: string;
  /** null or absent: without end. */
  endsAt?: string | null;
}

/** Assigns a bundle, or changes its times, with the audit event. False when there is no such bundle. */
export async function assignBundle(db: Queryable, assignment: Assignment, actor: Actor): Promise<boolean> {
  const { organisationId, bundleId, startsAt, endsAt } = assignment;
  const { rows } = await db.query<{ startsAt: Date; endsAt: Date | null }>(
    `insert into organisation_bundles (organisation_id, bundle_id, starts_at, ends_at, assigned_by)
     select $1, b.id, coalesce($3::timestamptz, now()), $4::timestamptz, $5 from bundles b where b.id = $2
     on conflict (organisation_id, bundle_id) do update set
       starts_at = excluded.starts_at, ends_at = excluded.ends_at, assigned_by = excluded.assigned_by
     returning starts_at as "startsAt", ends_at as "endsAt"`,
    [organisationId, bundleId, startsAt ?? null, endsAt ?? null, actor.id],
  );
  const [row] = rows;
  if (!row) return false;
  const detail = { bundleId, startsAt: row.startsAt, endsAt: row.endsAt };
  await appendAuditEvent(db, { organisationId, kind: 'bundle.assigned', actor, detail });
  return true;
}

/** Ends an assignment now and keeps its row, with the audit event. False when no such assignment is running. */
export async function unassignBundle(
  db: Queryable,
  assignment: { organisationId: string; bundleId: string },
  actor: Actor,
): Promise<boolean> {
  const { organisationId, bundleId } = assignment;
  const { rows } = await db.query<{ endsAt: Date }>(
    `update organisation_bundles set ends_at = now()
     where organisation_id = $1 and bundle_id = $2 and (ends_at is null or ends_at > now()) returning ends_at as "endsAt"`,
    [organisationId, bundleId],
  );
  if (rows.length === 0) return false;
  const detail = { bundleId, endsAt: onlyRow(rows).endsAt };
  await appendAuditEvent(db, { organisationId, kind: 'bundle.unassigned', actor, detail });
  return true;
}
