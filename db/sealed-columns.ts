import type { Queryable } from './pool';

/** Encrypted columns of connections; each is bound to organisation, connection and field. */
export const SEALED_COLUMNS = ['access_token', 'refresh_token', 'oauth_client_secret', 'signing_secrets'] as const;
export type SealedColumn = (typeof SEALED_COLUMNS)[number];

export type SealedRow = { id: string; organisation_id: string; busy: boolean } & Record<SealedColumn, Buffer | null>;

/** Connections with what they keep encrypted. `busy` ones are in the middle of an activation, or of revoking a token. */
export async function listSealedColumns(db: Queryable): Promise<SealedRow[]> {
  const { rows } = await db.query<SealedRow>(
    `select id, organisation_id, prior is not null or revoke_later <> '{}' as busy, ${SEALED_COLUMNS.join(', ')} from connections order by id`,
  );
  return rows;
}

/** Replaces one value, unless somebody has written another since. @returns whether it was replaced */
export async function replaceSealed(
  db: Queryable,
  change: { id: string; column: SealedColumn; before: Buffer; after: Buffer },
): Promise<boolean> {
  const sql = `update connections set ${change.column} = $2 where id = $1 and ${change.column} = $3`;
  return (await db.query(sql, [change.id, change.after, change.before])).rowCount === 1;
}
