import { DEFAULT_POLICY, policySchema } from '../domain/policy';
import type { Policy } from '../domain/policy';
import { appendAuditEvent } from './audit-events';
import type { Actor } from './audit-events';
import type { Queryable } from './pool';

export interface PolicyRow {
  organisationId: string;
  /** 0 while the defaults apply because nobody has saved a policy. */
  version: number;
  policy: Policy;
  updatedAt: Date | null;
  updatedBy: string | null;
}

interface Stored {
  version: number;
  document: unknown;
  updatedAt: Date;
  updatedBy: string;
}

const COLUMNS = `version, document, updated_at as "updatedAt", updated_by as "updatedBy"`;

/** The policy of one organisation; the defaults where none was saved. */
export async function readPolicy(db: Queryable, organisationId: string): Promise<PolicyRow> {
  const sql = `select ${COLUMNS} from policies where organisation_id = $1`;
  const [row] = (await db.query<Stored>(sql, [organisationId])).rows;
  if (!row) return { organisationId, version: 0, policy: DEFAULT_POLICY, updatedAt: null, updatedBy: null };
  return fromStored(organisationId, row);
}

/**
 * Saves a policy over the version that the caller has seen, with the audit event. Undefined when somebody else saved
 * another one since; nothing is changed then.
 */
export async function savePolicy(
  db: Queryable,
  change: { organisationId: string; expectedVersion: number; policy: Policy },
  actor: Actor,
): Promise<PolicyRow | undefined> {
  const { organisationId, expectedVersion, policy } = change;
  const before = await readPolicy(db, organisationId);
  const values = [organisationId, JSON.stringify(policy), actor.id];
  const { rows } =
    expectedVersion === 0
      ? await db.query<Stored>(
          `insert into policies (organisation_id, document, updated_by) values ($1, $2, $3)
           on conflict (organisation_id) do nothing returning ${COLUMNS}`,
          values,
        )
      : await db.query<Stored>(
          `update policies set document = $2, updated_by = $3, updated_at = now(), version = version + 1
           where organisation_id = $1 and version = $4 returning ${COLUMNS}`,
          [...values, expectedVersion],
        );
  const [row] = rows;
  if (!row) return undefined;
  const saved = fromStored(organisationId, row);
  const detail = { version: saved.version, changes: changesBetween(before.policy, saved.policy) };
  await appendAuditEvent(db, { organisationId, kind: 'policy.changed', actor, detail });
  return saved;
}

function fromStored(organisationId: string, row: Stored): PolicyRow {
  const { version, updatedAt, updatedBy } = row;
  return { organisationId, version, policy: policySchema.parse(row.document), updatedAt, updatedBy };
}

/** What was changed, from and to. Of addresses only how many: they are personal data, and the log is kept for ever. */
function changesBetween(before: Policy, after: Policy): Record<string, unknown> {
  const { notificationAddresses: addressesBefore, ...from } = before;
  const { notificationAddresses: addressesAfter, ...to } = after;
  const old = new Map<string, unknown>(Object.entries(from));
  const changes: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(to)) {
    if (JSON.stringify(old.get(field)) !== JSON.stringify(value)) changes[field] = { from: old.get(field), to: value };
  }
  if (JSON.stringify(addressesBefore) !== JSON.stringify(addressesAfter)) {
    changes['notificationAddresses'] = { from: addressesBefore.length, to: addressesAfter.length };
  }
  return changes;
}
