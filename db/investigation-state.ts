import { readPolicy } from './policies';
import type { Queryable } from './pool';

/** True while somebody has asked for a look and nobody has answered. */
export async function isInvestigationOpen(db: Queryable, investigationId: string | null): Promise<boolean> {
  if (investigationId === null) return false;
  const { rows } = await db.query<{ open: boolean }>(
    "select state = 'open' as open from investigations where id = $1",
    [investigationId],
  );
  return rows[0]?.open ?? false;
}

/** Opens an investigation on Lazaret's own account, or joins the one that is open for these bytes. @returns its id */
export async function openMachineInvestigation(
  db: Queryable,
  request: { organisationId: string; itemId: string; sha256: string; reason: string },
): Promise<string> {
  const { investigationHours } = (await readPolicy(db, request.organisationId)).policy;
  const { rows } = await db.query<{ id: string }>(
    `insert into investigations (organisation_id, item_id, sha256, opinion, reason, requested_by, requested_by_role, due_at)
     values ($1, $2, $3, 'malicious', $4, 'lazaret', 'lazaret', now() + make_interval(secs => $5))
     on conflict (organisation_id, coalesce(sha256, item_id::text)) where state = 'open' do update set reason = investigations.reason
     returning id`,
    [request.organisationId, request.itemId, request.sha256, request.reason, investigationHours * 3600],
  );
  const id = rows[0]?.id;
  if (!id) throw new Error('investigation: expected its id back, got nothing');
  return id;
}
