import { isUuid } from './pool';
import type { Queryable } from './pool';

/**
 * Names of people and keys by their ids, as far as the asker may see them: the operator's own people are nameless to
 * organisations.
 */
export async function readActorNames(db: Queryable, ids: readonly string[]): Promise<Map<string, string>> {
  const asked = [...new Set(ids)].filter(isUuid);
  if (asked.length === 0) return new Map();
  const sql = `select id, name from users where id = any($1::uuid[])
    union all select id, name from api_keys where id = any($1::uuid[])`;
  const { rows } = await db.query<{ id: string; name: string }>(sql, [asked]);
  return new Map(rows.map(({ id, name }) => [id, name]));
}
