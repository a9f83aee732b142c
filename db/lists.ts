import type { ListEntry, ListKind } from '../domain/lists';
import { appendAuditEvent } from './audit-events';
import type { Actor } from './audit-events';
import type { Queryable } from './pool';
import { Conditions, exactTime } from './sql';

/** An entry as it is kept; without organisation it holds for the whole installation. */
export interface ListEntryRow extends ListEntry {
  id: string;
  organisationId: string | null;
  createdAt: Date;
  createdBy: string;
}

interface StoredEntry extends Omit<ListEntryRow, 'expiresAt'> {
  expiresAt: Date | null;
}

const COLUMNS = `id, organisation_id as "organisationId", kind, effect, value, owner, reason, expires_at as "expiresAt",
  created_at as "createdAt", created_by as "createdBy"`;

function fromStored({ expiresAt, ...entry }: StoredEntry): ListEntryRow {
  return expiresAt === null ? entry : { ...entry, expiresAt };
}

/** Values by which entries about a subject are found: exact ones of every kind, and hosts of URL patterns. */
export interface ListCandidates {
  values: readonly string[];
  hosts: readonly string[];
}

/** Whether any living entry for this organisation names senders: only then is it worth asking who wrote something. */
export async function hasSenderEntries(db: Queryable, organisationId: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `select from list_entries where kind = 'sender' and removed_at is null and (expires_at is null or expires_at > now())
       and (organisation_id = $1 or organisation_id is null) limit 1`,
    [organisationId],
  );
  return rowCount === 1;
}

/** Living entries of this organisation and of the installation with one of these values. Whether they apply is decided by `domain/lists`. */
export async function findListEntries(
  db: Queryable,
  organisationId: string,
  candidates: ListCandidates,
): Promise<ListEntryRow[]> {
  if (candidates.values.length + candidates.hosts.length === 0) return [];
  const { rows } = await db.query<StoredEntry>(
    `select ${COLUMNS} from list_entries
     where removed_at is null and (expires_at is null or expires_at > now())
       and (organisation_id = $1 or organisation_id is null)
       and (md5(value) in (select md5(v) from unnest($2::text[]) v) and value = any($2::text[]) or host = any($3::text[]))
     limit 5000`,
    [organisationId, candidates.values, candidates.hosts],
  );
  return rows.map(fromStored);
}

export interface ListFilter {
  /** Undefined: entries of every organisation; null: of the installation. */
  organisationId?: string | null | undefined;
  kind?: ListKind | undefined;
}

/** One page of living entries, newest first. With an organisation, the installation's own stand among them. */
export async function listEntries(
  db: Queryable,
  filter: ListFilter,
  page: { limit: number; after: { at: string; id: string } | undefined },
): Promise<(ListEntryRow & { at: string })[]> {
  const conditions = new Conditions().add('removed_at is null');
  if (filter.organisationId === null) conditions.add('organisation_id is null');
  else if (filter.organisationId !== undefined) {
    conditions.add('organisation_id = ? or organisation_id is null', filter.organisationId);
  }
  if (filter.kind !== undefined) conditions.add('kind = ?', filter.kind);
  if (page.after) conditions.add('(created_at, id) < (?::timestamptz, ?::uuid)', page.after.at, page.after.id);
  const { rows } = await db.query<StoredEntry & { at: string }>(
    `select ${COLUMNS}, ${exactTime('created_at')} as at from list_entries ${conditions.where}
     order by created_at desc, id desc limit $${conditions.values.length + 1}`,
    [...conditions.values, page.limit],
  );
  return rows.map(({ at, ...row }) => ({ ...fromStored(row), at }));
}

/**
 * Puts entries on the list, in one statement; one that stands there already gets the new owner, reason and end. What was
 * done stands in the organisation's audit log; who put the installation's own there stands on the entries.
 * @returns the entries as they are now; of the same value twice the last counts
 */
export async function putListEntries(
  db: Queryable,
  organisationId: string | null,
  entries: readonly ListEntry[],
  actor: Actor,
): Promise<ListEntryRow[]> {
  const target =
    organisationId === null
      ? '(kind, effect, md5(value)) where organisation_id is null and removed_at is null'
      : '(organisation_id, kind, effect, md5(value)) where organisation_id is not null and removed_at is null';
  const last = new Map(entries.map((entry) => [`${entry.kind} ${entry.effect} ${entry.value}`, entry]));
  const values = [...last.values()].map((entry) => ({
    ...entry,
    host: entry.kind === 'url' ? patternHost(entry.value) : null,
    expires_at: entry.expiresAt ?? null,
  }));
  const { rows } = await db.query<StoredEntry>(
    `insert into list_entries (organisation_id, kind, effect, value, host, owner, reason, expires_at, created_by)
     select $1, e.kind, e.effect, e.value, e.host, e.owner, e.reason, e.expires_at, $3
     from jsonb_to_recordset($2::jsonb)
       as e(kind text, effect text, value text, host text, owner text, reason text, expires_at timestamptz)
     on conflict ${target} do update set owner = excluded.owner, reason = excluded.reason, expires_at = excluded.expires_at,
       created_by = excluded.created_by
     returning ${COLUMNS}`,
    [organisationId, JSON.stringify(values), actor.id],
  );
  if (organisationId !== null && rows.length > 0) {
    const detail = { count: rows.length, entryIds: rows.slice(0, 50).map((row) => row.id) };
    await appendAuditEvent(db, { organisationId, kind: 'list_entries.put', actor, detail });
  }
  return rows.map(fromStored);
}

/** Host of a normal URL pattern (`*.example.com:8080/path*`). */
function patternHost(pattern: string): string {
  return pattern.replace(/^\*\./u, '').split(/[/:]/u, 1)[0] ?? '';
}

/** Takes an entry off the list. Undefined when it does not stand there for the caller. */
export async function removeListEntry(
  db: Queryable,
  id: string,
  organisationId: string | null,
  actor: Actor,
): Promise<ListEntryRow | undefined> {
  const { rows } = await db.query<StoredEntry>(
    `update list_entries set removed_at = now(), removed_by = $3
     where id = $1 and organisation_id is not distinct from $2 and removed_at is null returning ${COLUMNS}`,
    [id, organisationId, actor.id],
  );
  const [row] = rows;
  if (!row) return undefined;
  if (organisationId !== null) {
    // The log names the entry by its id; its value may be somebody's address.
    const detail = { entryId: row.id, kind: row.kind, effect: row.effect };
    await appendAuditEvent(db, { organisationId, kind: 'list_entry.removed', actor, detail });
  }
  return fromStored(row);
}

/** Organisation of an entry: null for the installation's own, undefined for an unknown id. Runs in the service's role. */
export async function readListOwner(db: Queryable, id: string): Promise<string | null | undefined> {
  const sql = 'select organisation_id as "organisationId" from list_entries where id = $1 and removed_at is null';
  return (await db.query<{ organisationId: string | null }>(sql, [id])).rows[0]?.organisationId;
}
