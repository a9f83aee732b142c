import { appendAuditEvent, LAZARET } from '../db/audit-events';
import { recordGap } from '../db/coverage-gaps';
import type { NewGap } from '../db/coverage-gaps';
import type { Queryable } from '../db/pool';

/** Records a gap of the coverage; its audit event says when it was first seen. */
export async function tellGap(db: Queryable, gap: NewGap): Promise<void> {
  if (!(await recordGap(db, gap))) return;
  const { organisationId, connectionId, cause, beginsAt, endsAt, comments } = gap;
  const detail = { cause, beginsAt: beginsAt.toISOString(), endsAt: endsAt.toISOString(), comments };
  await appendAuditEvent(db, { organisationId, connectionId, kind: 'coverage.gap_found', actor: LAZARET, detail });
}
