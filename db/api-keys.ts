import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { ROLES } from '../domain/words';
import type { Role } from '../domain/words';
import { appendAuditEvent } from './audit-events';
import type { Actor } from './audit-events';
import type { Queryable } from './pool';
import { onlyRow } from './sql';

/** An API key as people may see it: never the key itself. */
export interface ApiKeyRow {
  id: string;
  /** null for the operator's people (support, analyst). */
  organisationId: string | null;
  role: Role;
  name: string;
  createdAt: Date;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
}

/** What a valid key says of its holder. */
export type SignedIn = Pick<ApiKeyRow, 'id' | 'organisationId' | 'role'>;

export interface NewApiKey {
  /** Needed for viewer and admin, absent for support and analyst. */
  organisationId?: string;
  role: Role;
  name: string;
}

const KEY = new RegExp(`^lz_(${ROLES.join('|')})_[A-Za-z0-9_-]{43}$`, 'u');
const COLUMNS = `id, organisation_id as "organisationId", role, name, created_at as "createdAt",
  last_used_at as "lastUsedAt", revoked_at as "revokedAt"`;

/** 256 random bits need no slow hash. */
function hashOf(key: string): Buffer {
  return createHash('sha256').update(key, 'utf8').digest();
}

/**
 * Makes a key and its audit event. The key is returned once and is nowhere stored.
 * @param db within the organisation or as service; keys without organisation need service
 * @throws TypeError when role and organisation do not belong together
 */
export async function createApiKey(
  db: Queryable,
  key: NewApiKey,
  actor: Actor,
): Promise<{ key: string; row: ApiKeyRow }> {
  const ofOperator = key.role === 'support' || key.role === 'analyst';
  if (ofOperator === (key.organisationId !== undefined)) {
    throw new TypeError(`a key of the role ${key.role} ${ofOperator ? 'has no' : 'needs an'} organisation`);
  }
  const secret = `lz_${key.role}_${randomBytes(32).toString('base64url')}`;
  const { rows } = await db.query<ApiKeyRow>(
    `insert into api_keys (organisation_id, role, name, hash) values ($1, $2, $3, $4) returning ${COLUMNS}`,
    [key.organisationId ?? null, key.role, key.name, hashOf(secret)],
  );
  const row = onlyRow(rows);
  await auditKey(db, 'api_key.created', row, actor);
  return { key: secret, row };
}

/** Revokes a key for good, with its audit event; undefined when no such key is visible, unchanged when it was revoked before. */
export async function revokeApiKey(db: Queryable, id: string, actor: Actor): Promise<ApiKeyRow | undefined> {
  const { rows } = await db.query<ApiKeyRow>(
    `update api_keys set revoked_at = now() where id = $1 and revoked_at is null returning ${COLUMNS}`,
    [id],
  );
  const [row] = rows;
  if (!row) return (await db.query<ApiKeyRow>(`select ${COLUMNS} from api_keys where id = $1`, [id])).rows[0];
  await auditKey(db, 'api_key.revoked', row, actor);
  return row;
}

/** Keys of one organisation, newest first, revoked ones included. */
export async function listApiKeys(db: Queryable, organisationId: string): Promise<ApiKeyRow[]> {
  const { rows } = await db.query<ApiKeyRow>(
    `select ${COLUMNS} from api_keys where organisation_id = $1 order by created_at desc, id desc limit 1000`,
    [organisationId],
  );
  return rows;
}

/**
 * The live key that this text is, or undefined. Needs service: nobody is signed in yet. `last_used_at` moves at most
 * once a minute, so that reading does not write each time.
 */
export async function authenticateApiKey(db: Queryable, text: string): Promise<SignedIn | undefined> {
  if (!KEY.test(text)) return undefined;
  const hash = hashOf(text);
  const { rows } = await db.query<SignedIn & { hash: Buffer; stale: boolean }>(
    `select id, organisation_id as "organisationId", role, hash,
       coalesce(last_used_at < now() - interval '1 minute', true) as stale
     from api_keys where hash = $1 and revoked_at is null`,
    [hash],
  );
  const [found] = rows;
  if (!found || !timingSafeEqual(found.hash, hash) || !text.startsWith(`lz_${found.role}_`)) return undefined;
  if (found.stale) {
    await db.query(
      `update api_keys set last_used_at = now()
       where id = $1 and coalesce(last_used_at < now() - interval '1 minute', true)`,
      [found.id],
    );
  }
  return { id: found.id, organisationId: found.organisationId, role: found.role };
}

// The audit log belongs to organisations; a key of the operator's own people has none.
async function auditKey(db: Queryable, kind: string, row: ApiKeyRow, actor: Actor): Promise<void> {
  if (row.organisationId === null) return;
  const detail = { apiKeyId: row.id, role: row.role };
  await appendAuditEvent(db, { organisationId: row.organisationId, kind, actor, detail });
}
