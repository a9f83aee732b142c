import { ITEM_COLUMNS } from './items';
import type { ItemRow } from './items';
import type { Queryable } from './pool';

/** A walk over the young files of one organisation. */
export interface RescanRow {
  id: string;
  organisationId: string;
  enginesKey: string;
  since: Date;
  finishedAt: Date | null;
}

/**
 * Plans a walk for every organisation that has files younger than its policy's `rescanDays` which were scanned by other
 * versions; once for each set of versions. Runs in the service's role.
 * @param defaultDays for organisations that saved no policy, or one from before this field
 * @returns how many walks were planned
 */
export async function planRescans(db: Queryable, enginesKey: string, defaultDays: number): Promise<number> {
  const { rowCount } = await db.query(
    `insert into rescans (organisation_id, engines_key, since)
     select o.id, $1, now() - d.days * interval '1 day'
     from organisations o left join policies p on p.organisation_id = o.id
     cross join lateral (select coalesce((p.document->>'rescanDays')::int, $2::int) as days) d
     where d.days > 0 and exists (select from items i where i.organisation_id = o.id and i.kind = 'attachment'
       and i.state in ('clean', 'noted') and i.scanned_at > now() - d.days * interval '1 day'
       and i.engines_key is distinct from $1)
     on conflict (organisation_id, cause, engines_key) do nothing`,
    [enginesKey, defaultDays],
  );
  return rowCount ?? 0;
}

export async function readRescan(db: Queryable, id: string): Promise<RescanRow | undefined> {
  const { rows } = await db.query<RescanRow>(
    `select id, organisation_id as "organisationId", engines_key as "enginesKey", since, finished_at as "finishedAt"
     from rescans where id = $1`,
    [id],
  );
  return rows[0];
}

/** Files that the walk has not looked at yet, newest first: what arrived last is most likely still to be opened. */
export async function listRescanItems(db: Queryable, rescan: RescanRow, limit: number): Promise<ItemRow[]> {
  const { rows } = await db.query<ItemRow>(
    `select ${ITEM_COLUMNS} from items where organisation_id = $1 and kind = 'attachment' and state in ('clean', 'noted')
       and scanned_at > $2 and engines_key is distinct from $3 and rescan_id is distinct from $4
     order by scanned_at desc, id limit $5`,
    [rescan.organisationId, rescan.since, rescan.enginesKey, rescan.id, limit],
  );
  return rows;
}

/** Counts one file of the walk and keeps the walk's workflow from being taken for lost. */
export async function countRescanned(
  db: Queryable,
  rescan: Pick<RescanRow, 'id'>,
  itemId: string,
  outcome: 'same' | 'worse' | 'unread',
): Promise<void> {
  await Promise.all([
    db.query('update items set rescan_id = $2 where id = $1', [itemId, rescan.id]),
    db.query(
      `update rescans set looked = looked + 1, worse = worse + ($2 = 'worse')::int, unread = unread + ($2 = 'unread')::int,
         deadline_at = now() + interval '10 minutes' where id = $1`,
      [rescan.id, outcome],
    ),
  ]);
}

export async function finishRescan(db: Queryable, id: string): Promise<void> {
  await db.query('update rescans set finished_at = now(), deadline_at = null where id = $1', [id]);
}

/** Walks whose workflow has to be started, or to be looked for because nothing was heard of it. */
export async function claimDueRescans(
  db: Queryable,
  limit: number,
): Promise<{ id: string; organisation_id: string }[]> {
  const { rows } = await db.query<{ id: string; organisation_id: string }>(
    `update rescans set deadline_at = now() + interval '10 minutes'
     where id in (select id from rescans where deadline_at <= now() order by deadline_at limit $1 for update skip locked)
     returning id, organisation_id`,
    [limit],
  );
  return rows;
}

/** Gives a claimed walk back, after Temporal did not take it. */
export async function postponeRescan(db: Queryable, id: string, seconds: number): Promise<void> {
  await db.query(`update rescans set deadline_at = now() + $2::int * interval '1 second' where id = $1`, [id, seconds]);
}
