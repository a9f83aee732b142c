import type { Queryable } from './pool';

/** A call that must not happen twice, written before it is made. */
export interface OperationRow {
  key: string;
  state: 'pending' | 'done';
  attempts: number;
  result: Record<string, unknown> | null;
}

/**
 * Announces the call. `attempts` is 1 for the first announcement; above 1 an earlier attempt may have been executed,
 * so look at the other side before repeating it. A `done` row carries the stored result.
 */
export async function beginOperation(
  db: Queryable,
  operation: { key: string; organisationId: string; itemId?: string; kind: string },
): Promise<OperationRow> {
  const { rows } = await db.query<OperationRow>(
    `insert into operations as o (key, organisation_id, item_id, kind, state) values ($1, $2, $3, $4, 'pending')
     on conflict (key) do update set attempts = case when o.state = 'pending' then o.attempts + 1 else o.attempts end
     returning key, state, attempts, result`,
    [operation.key, operation.organisationId, operation.itemId ?? null, operation.kind],
  );
  const row = rows[0];
  if (!row) throw new Error('operation: expected its row back, got nothing');
  return row;
}

export async function finishOperation(db: Queryable, key: string, result: Record<string, unknown>): Promise<void> {
  await db.query(`update operations set state = 'done', result = $2, finished_at = now() where key = $1`, [
    key,
    JSON.stringify(result),
  ]);
}

/** True when the call was announced and its outcome is not recorded: it may have been executed. */
export async function isOperationPending(db: Queryable, key: string): Promise<boolean> {
  const sql = `select from operations where key = $1 and state = 'pending'`;
  return (await db.query(sql, [key])).rowCount === 1;
}
