import type { DecidedVerdict, Role } from '../domain/words';
import type { Queryable } from './pool';

/** Bytes of one organisation with one SHA-256. */
export interface ObjectRow {
  organisation_id: string;
  sha256: string;
  length: number;
  seal_key: string | null;
  master_key_id: string | null;
  decision_id: string | null;
  /** The copy is kept for engines only that have not answered yet. */
  seal_passing: boolean;
}

const COLUMNS = 'organisation_id, sha256, length::float8 as length, seal_key, master_key_id, decision_id, seal_passing';

/** Makes sure that the object has its row, and locks it: decisions and records about the same bytes come one after the other. */
export async function lockObject(
  db: Queryable,
  organisationId: string,
  sha256: string,
  length: number,
): Promise<ObjectRow> {
  const sql = 'insert into objects (organisation_id, sha256, length) values ($1, $2, $3) on conflict do nothing';
  const [, row] = await Promise.all([
    db.query(sql, [organisationId, sha256, length]),
    lockKnownObject(db, organisationId, sha256),
  ]);
  if (!row) throw new Error('object row: expected one after inserting it, found none');
  return row;
}

/** The object's row, locked until the transaction ends. */
export async function lockKnownObject(
  db: Queryable,
  organisationId: string,
  sha256: string,
): Promise<ObjectRow | undefined> {
  const sql = `select ${COLUMNS} from objects where organisation_id = $1 and sha256 = $2 for update`;
  return (await db.query<ObjectRow>(sql, [organisationId, sha256])).rows[0];
}

export async function readObject(
  db: Queryable,
  organisationId: string,
  sha256: string,
): Promise<ObjectRow | undefined> {
  const { rows } = await db.query<ObjectRow>(
    `select ${COLUMNS} from objects where organisation_id = $1 and sha256 = $2`,
    [organisationId, sha256],
  );
  return rows[0];
}

export async function recordSeal(
  db: Queryable,
  seal: { organisationId: string; sha256: string; sealKey: string; masterKeyId: string },
): Promise<void> {
  await db.query(
    'update objects set seal_key = $3, master_key_id = $4, sealed_at = now() where organisation_id = $1 and sha256 = $2',
    [seal.organisationId, seal.sha256, seal.sealKey, seal.masterKeyId],
  );
}

type ObjectId = Pick<ObjectRow, 'organisation_id' | 'sha256'>;

/** Notes that a copy is kept for engines only. */
export async function markSealPassing(db: Queryable, { organisation_id: id, sha256 }: ObjectId): Promise<void> {
  await db.query('update objects set seal_passing = true where organisation_id = $1 and sha256 = $2', [id, sha256]);
}

/** Notes that there is no copy any more. */
export async function clearSeal(db: Queryable, { organisation_id: id, sha256 }: ObjectId): Promise<void> {
  await db.query(
    `update objects set seal_key = null, master_key_id = null, sealed_at = null, seal_passing = false
     where organisation_id = $1 and sha256 = $2`,
    [id, sha256],
  );
}

/** Whether an item (another one than this, where one is named), or somebody who asked for a look, needs the copy of these bytes. */
export async function isCopyNeeded(
  db: Queryable,
  { organisation_id: id, sha256 }: ObjectId,
  exceptItemId: string | null,
): Promise<boolean> {
  const { rows } = await db.query<{ needed: boolean }>(
    `select exists (select from items where organisation_id = $1 and sha256 = $2 and id is distinct from $3::uuid
         and (machine_verdict = 'pending' or state not in ('clean', 'noted', 'gone')))
       or exists (select from investigations where organisation_id = $1 and state = 'open' and (sha256 = $2
         or item_id in (select id from items where organisation_id = $1 and sha256 = $2))) as needed`,
    [id, sha256, exceptItemId],
  );
  return rows[0]?.needed ?? true;
}

export interface DecisionRow {
  id: string;
  organisation_id: string;
  sha256: string;
  item_id: string;
  verdict: DecidedVerdict;
  reason: string;
  known_findings: string[];
  actor: string;
  actor_role: Role;
  created_at: Date;
}

/** A decision of this organisation; undefined for an id that names none. */
export async function readDecision(db: Queryable, id: string): Promise<DecisionRow | undefined> {
  const { rows } = await db.query<DecisionRow>(
    `select id, organisation_id, sha256, item_id, verdict, reason, known_findings, actor, actor_role, created_at
     from decisions where id = $1`,
    [id],
  );
  return rows[0];
}
