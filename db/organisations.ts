import { appendAuditEvent } from './audit-events';
import type { Actor } from './audit-events';
import type { Queryable } from './pool';
import { Conditions, exactTime, onlyRow } from './sql';

export interface OrganisationRow {
  id: string;
  name: string;
  createdAt: Date;
}

const COLUMNS = `id, name, created_at as "createdAt"`;

/** Makes an organisation and its audit event. Needs service. */
export async function createOrganisation(db: Queryable, name: string, actor: Actor): Promise<OrganisationRow> {
  const sql = `insert into organisations (name) values ($1) returning ${COLUMNS}`;
  const row = onlyRow((await db.query<OrganisationRow>(sql, [name])).rows);
  await appendAuditEvent(db, { organisationId: row.id, kind: 'organisation.created', actor });
  return row;
}

export async function readOrganisation(db: Queryable, id: string): Promise<OrganisationRow | undefined> {
  const sql = `select ${COLUMNS} from organisations where id = $1`;
  return (await db.query<OrganisationRow>(sql, [id])).rows[0];
}

/** One page, oldest first. */
export async function listOrganisations(
  db: Queryable,
  page: { limit: number; after: { at: string; id: string } | undefined },
): Promise<(OrganisationRow & { at: string })[]> {
  const conditions = new Conditions();
  if (page.after) conditions.add('(created_at, id) > (?::timestamptz, ?::uuid)', page.after.at, page.after.id);
  const sql = `select ${COLUMNS}, ${exactTime('created_at')} as at from organisations ${conditions.where}
    order by created_at, id limit $${conditions.values.length + 1}`;
  return (await db.query<OrganisationRow & { at: string }>(sql, [...conditions.values, page.limit])).rows;
}

/** Switches on or off that everybody of an organisation needs a second factor, with its audit event. Needs service. */
export async function saveSecondFactorRule(
  db: Queryable,
  organisationId: string,
  required: boolean,
  actor: Actor,
): Promise<void> {
  const sql = 'update organisations set second_factor_required = $2 where id = $1 and second_factor_required <> $2';
  if ((await db.query(sql, [organisationId, required])).rowCount !== 1) return;
  const kind = required ? 'second_factor.required' : 'second_factor.made_optional';
  await appendAuditEvent(db, { organisationId, kind, actor });
}

/** Whether everybody of an organisation needs a second factor. */
export async function readSecondFactorRule(db: Queryable, organisationId: string): Promise<boolean> {
  const sql = 'select second_factor_required as required from organisations where id = $1';
  return onlyRow((await db.query<{ required: boolean }>(sql, [organisationId])).rows).required;
}
