import type { DecidedVerdict, ItemKind, ItemState, StateReason, UnscannableReason, Verdict } from '../domain/words';
import type { Opinion } from './investigations';
import type { Queryable } from './pool';

/** What an agent sees of one item of the ticket before him. */
export interface SidebarItem {
  id: string;
  kind: ItemKind;
  /** As stored: an attacker may have chosen every character of it. */
  fileName: string;
  size: number | null;
  verdict: Verdict;
  reason: UnscannableReason | null;
  state: ItemState;
  stateReason: StateReason | null;
  createdAt: Date;
  /** Sentences of the newest inspection, the gravest first. */
  found: string[];
  /** The newest decision of an analyst. */
  decision: { verdict: DecidedVerdict; reason: string; at: string } | null;
  investigation: { state: 'open' | 'answered'; opinion: Opinion; at: string } | null;
}

/** More than these a sidebar cannot show; the console can. */
const MOST_ITEMS = 200;
const MOST_FINDINGS = 3;

/** Items of one ticket, what is worst first, then the newest; and how many there are. */
export async function listSidebarItems(
  db: Queryable,
  ticket: { connectionId: string; ticketId: string },
  itemId?: string,
): Promise<{ items: SidebarItem[]; total: number }> {
  const { rows } = await db.query<SidebarItem & { total: number }>(
    `select i.id, i.kind, i.file_name as "fileName", i.length::float8 as size, i.verdict, i.verdict_reason as reason, i.state,
       i.state_reason as "stateReason", i.created_at as "createdAt", (count(*) over ())::int as total,
       array(select f.what from findings f
         where f.scan_id = (select id from scans where item_id = i.id order by created_at desc, id desc limit 1)
           and f.severity not in ('info', 'low')
         order by array_position(array['critical', 'high', 'medium'], f.severity), f.id limit ${MOST_FINDINGS}) as found,
       case when d.id is null then null else
         jsonb_build_object('verdict', d.verdict, 'reason', d.reason, 'at', d.created_at) end as decision,
       case when v.id is null then null else
         jsonb_build_object('state', v.state, 'opinion', v.opinion, 'at', v.created_at) end as investigation
     from items i left join decisions d on d.id = i.decision_id left join investigations v on v.id = i.investigation_id
     where i.connection_id = $1 and i.ticket_id = $2 and ($3::uuid is null or i.id = $3)
     order by array_position(array['malicious', 'suspicious', 'unscannable', 'pending', 'clean'], i.verdict),
       i.created_at desc, i.id desc limit ${MOST_ITEMS}`,
    [ticket.connectionId, ticket.ticketId, itemId ?? null],
  );
  return { items: rows.map(({ total: _total, ...item }) => item), total: rows[0]?.total ?? 0 };
}
