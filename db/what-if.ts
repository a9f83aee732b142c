import type { JudgedGroup } from '../domain/policy-order';
import type { ItemKind, UnscannableReason, Verdict } from '../domain/words';
import { TICKET_TEXT } from './comment-texts';
import type { Queryable } from './pool';
import { onlyRow } from './sql';

interface Row {
  kind: ItemKind;
  verdict: Verdict;
  reason: UnscannableReason | null;
  decided: boolean;
  wasRead: boolean;
  blockedAtSource: boolean;
  inTicketText: boolean;
  count: number;
  laterClean: number;
}

/** What the policy was asked about, as it stood when the item had been scanned: an earlier decision counts, a later does not. */
const GROUPS = `select i.kind, coalesce(before.verdict, i.machine_verdict) as verdict,
    case when before.verdict is null then i.machine_reason end as reason,
    before.verdict is not null as decided, i.sha256 is not null as "wasRead",
    i.state = 'blocked_at_source' as "blockedAtSource", i.comment_id = $3 as "inTicketText",
    count(*)::int as count,
    (count(*) filter (where d.verdict = 'clean' and d.created_at >= i.scanned_at))::int as "laterClean"
  from items i
  left join decisions d on d.id = i.decision_id
  left join lateral (select e.verdict from decisions e
    where e.organisation_id = i.organisation_id and e.sha256 = i.sha256 and e.created_at < i.scanned_at
    order by e.sequence desc limit 1) before on i.decision_id is not null
  where i.organisation_id = $1 and i.created_at >= $2
    and (i.machine_verdict in ('suspicious', 'malicious', 'unscannable') or i.decision_id is not null)
  group by 1, 2, 3, 4, 5, 6, 7
  order by 1, 2, 3, 4, 5, 6, 7`;

/**
 * Items since a time, gathered into groups that no policy can tell apart. The many that are plainly clean are only counted.
 */
export async function readJudgedGroups(
  db: Queryable,
  organisationId: string,
  since: Date,
): Promise<{ total: number; groups: JudgedGroup[] }> {
  const all = `select count(*)::int as total from items where organisation_id = $1 and created_at >= $2`;
  const [counted, grouped] = await Promise.all([
    db.query<{ total: number }>(all, [organisationId, since]),
    db.query<Row>(GROUPS, [organisationId, since, TICKET_TEXT]),
  ]);
  const groups = grouped.rows.map((row): JudgedGroup => ({ ...row, reason: row.reason ?? undefined }));
  return { total: onlyRow(counted.rows).total, groups };
}
