import type { Queryable } from './pool';
import { onlyRow } from './sql';

/** Filters of the list of scans under a name. */
export interface SavedViewRow {
  id: string;
  /** null: a view of the operator's people. */
  organisationId: string | null;
  /** Id of the person, or of the API key. */
  owner: string;
  name: string;
  /** Filters as they stand in the console's address. */
  filters: Record<string, string>;
  shared: boolean;
  updatedAt: Date;
}

/** What its owner may choose of a view. */
export type SavedViewFields = Pick<SavedViewRow, 'name' | 'filters' | 'shared'>;

/** Whose views are meant: a person's inside an organisation, or among the operator's people. */
export interface ViewScope {
  organisationId: string | null;
  owner: string;
}

/** More than anybody needs, few enough to be listed at once. */
export const MOST_VIEWS = 100;

const COLUMNS = `id, organisation_id as "organisationId", owner, name, filters, shared, updated_at as "updatedAt"`;
const LIVE = 'organisation_id is not distinct from $1 and removed_at is null';

/** The reader's own views and those that others share, by name. */
export async function listSavedViews(db: Queryable, scope: ViewScope): Promise<SavedViewRow[]> {
  const sql = `select ${COLUMNS} from saved_views where ${LIVE} and (owner = $2 or shared)
    order by lower(name), id limit 1000`;
  return (await db.query<SavedViewRow>(sql, [scope.organisationId, scope.owner])).rows;
}

/** Saves a view; undefined when its owner has one of this name, `full` when there are too many. */
export async function insertSavedView(
  db: Queryable,
  scope: ViewScope,
  fields: SavedViewFields,
): Promise<SavedViewRow | 'full' | undefined> {
  const count = `select count(*)::int as count from saved_views where ${LIVE} and owner = $2`;
  const { rows: counted } = await db.query<{ count: number }>(count, [scope.organisationId, scope.owner]);
  if (onlyRow(counted).count >= MOST_VIEWS) return 'full';
  const { rows } = await db.query<SavedViewRow>(
    `insert into saved_views (organisation_id, owner, name, filters, shared) values ($1, $2, $3, $4, $5)
     on conflict do nothing returning ${COLUMNS}`,
    [scope.organisationId, scope.owner, fields.name, JSON.stringify(fields.filters), fields.shared],
  );
  return rows[0];
}

/** A view that the reader may see, locked until the transaction ends. */
export async function lockSavedView(db: Queryable, scope: ViewScope, id: string): Promise<SavedViewRow | undefined> {
  const sql = `select ${COLUMNS} from saved_views where ${LIVE} and (owner = $2 or shared) and id = $3 for update`;
  return (await db.query<SavedViewRow>(sql, [scope.organisationId, scope.owner, id])).rows[0];
}

/** True when the owner has another view of this name. */
export async function isViewNameTaken(db: Queryable, view: Pick<SavedViewRow, 'id' | 'owner'>, name: string) {
  const sql = `select from saved_views where owner = $1 and lower(name) = lower($2) and removed_at is null and id <> $3`;
  return (await db.query(sql, [view.owner, name, view.id])).rowCount !== 0;
}

export async function updateSavedView(db: Queryable, id: string, fields: SavedViewFields): Promise<SavedViewRow> {
  const sql = `update saved_views set name = $2, filters = $3, shared = $4, updated_at = now() where id = $1 returning ${COLUMNS}`;
  const values = [id, fields.name, JSON.stringify(fields.filters), fields.shared];
  return onlyRow((await db.query<SavedViewRow>(sql, values)).rows);
}

export async function removeSavedView(db: Queryable, id: string): Promise<void> {
  await db.query('update saved_views set removed_at = now(), shared = false where id = $1', [id]);
}
