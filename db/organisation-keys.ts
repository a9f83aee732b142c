import type { Queryable } from './pool';

/** The sealed key of an organisation; undefined while it has none. */
export async function readOrganisationKey(db: Queryable, organisationId: string): Promise<Buffer | undefined> {
  const sql = 'select sealed from organisation_keys where organisation_id = $1';
  return (await db.query<{ sealed: Buffer }>(sql, [organisationId])).rows[0]?.sealed;
}

/** Keeps a sealed key unless the organisation has one already, and gives the one that is kept. */
export async function keepOrganisationKey(db: Queryable, organisationId: string, sealed: Buffer): Promise<Buffer> {
  const sql = 'insert into organisation_keys (organisation_id, sealed) values ($1, $2) on conflict do nothing';
  await db.query(sql, [organisationId, sealed]);
  return (await readOrganisationKey(db, organisationId)) ?? sealed;
}
