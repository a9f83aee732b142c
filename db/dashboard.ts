import { OPEN_STATES } from '../domain/words';
import type { ConnectionState, ItemState, Verdict } from '../domain/words';
import type { Queryable } from './pool';
import { onlyRow } from './sql';

/** The stretch of time that is looked at, and the length of its parts. */
export interface DashboardSpan {
  organisationId: string;
  from: Date;
  /** Seconds. */
  step: number;
}

/** Parts are numbered from the beginning of the span. */
const PART = `floor(extract(epoch from created_at - $2::timestamptz) / $3)::int`;

export interface ArrivalRow {
  part: number;
  /** null: everything that arrived, whatever was found. */
  verdict: Exclude<Verdict, 'clean'> | null;
  count: number;
}

/** How many items arrived in each part, and of these the ones that are not clean, by verdict. */
export async function readArrivals(db: Queryable, span: DashboardSpan): Promise<ArrivalRow[]> {
  const { rows } = await db.query<ArrivalRow>(
    `select ${PART} as part, null as verdict, count(*)::int as count from items
       where organisation_id = $1 and created_at >= $2 group by 1
     union all
     select ${PART}, verdict, count(*)::int from items
       where organisation_id = $1 and created_at >= $2 and verdict <> 'clean' group by 1, 2`,
    valuesOf(span),
  );
  return rows;
}

export interface ContainmentRow {
  /** null: the whole span. */
  part: number | null;
  count: number;
  /** Milliseconds from the ledger's row to the proof that the file is gone. */
  p50: number | null;
  p95: number | null;
  /** Milliseconds from the comment, as the help desk dates it, to that proof: so long the file could be opened. */
  exposureP50: number | null;
  exposureP95: number | null;
  exposureMax: number | null;
}

/** How fast malicious things were taken out, in each part and in all. */
export async function readContainments(db: Queryable, span: DashboardSpan): Promise<ContainmentRow[]> {
  const took = `extract(epoch from contained_at - created_at) * 1000`;
  const open = `extract(epoch from contained_at - coalesce(occurred_at, created_at)) * 1000`;
  const at = (share: number, what: string) => `(percentile_cont(${share}) within group (order by ${what}))::float8`;
  const { rows } = await db.query<ContainmentRow>(
    `select part, count(*)::int as count, ${at(0.5, 'took')} as p50, ${at(0.95, 'took')} as p95,
       ${at(0.5, 'open')} as "exposureP50", ${at(0.95, 'open')} as "exposureP95", max(open)::float8 as "exposureMax"
     from (select ${PART} as part, ${took} as took, ${open} as open from items
       where organisation_id = $1 and created_at >= $2 and contained_at is not null) contained
     group by grouping sets ((part), ())`,
    valuesOf(span),
  );
  return rows;
}

/** States in which a malicious file can be opened by whoever sees the ticket. */
export const REACHABLE_STATES = ['waiting', 'noted', 'refused', 'braked'] as const satisfies readonly ItemState[];

export interface StandingRow {
  released: number;
  reachable: number;
  reachableSince: Date | null;
  asked: number;
  answered: number;
  openInvestigations: number;
  oldestInvestigation: Date | null;
}

/** What was given back, what is still within reach, and what analysts were asked. */
export async function readStanding(db: Queryable, span: DashboardSpan): Promise<StandingRow> {
  const { rows } = await db.query<StandingRow>(
    `select
       (select count(*)::int from items where organisation_id = $1 and created_at >= $2 and released_at is not null) as released,
       reach.count as reachable, reach.since as "reachableSince",
       asked.count as asked, asked.answered, open.count as "openInvestigations", open.oldest as "oldestInvestigation"
     from (select count(*)::int as count, min(coalesce(occurred_at, created_at)) as since from items
         where organisation_id = $1 and created_at >= $2 and verdict = 'malicious' and kind = 'attachment'
           and state = any($3::text[])) reach,
       (select count(*)::int as count, (count(*) filter (where state = 'answered'))::int as answered from investigations
         where organisation_id = $1 and created_at >= $2) asked,
       (select count(*)::int as count, min(created_at) as oldest from investigations
         where organisation_id = $1 and state = 'open') open`,
    [span.organisationId, span.from, REACHABLE_STATES],
  );
  return onlyRow(rows);
}

export interface CoverageRow {
  open: number;
  oldestOpen: Date | null;
  unreadComments: number;
  unlistedTickets: number;
  connections: ConnectionState[];
  lastEventAt: Date | null;
}

/** What of everything that was announced has not come to a final state, at this moment. */
export async function readCoverage(db: Queryable, organisationId: string): Promise<CoverageRow> {
  const { rows } = await db.query<CoverageRow>(
    `select open.count as open, open.oldest as "oldestOpen",
       (select count(*)::int from comment_texts where organisation_id = $1 and looked_at is null and deadline_at is not null) as "unreadComments",
       (select count(*)::int from ticket_intake where organisation_id = $1 and listed_at is null and deadline_at is not null) as "unlistedTickets",
       coalesce((select array_agg(state) from connections where organisation_id = $1), '{}') as connections,
       (select max(last_event_at) from connections where organisation_id = $1) as "lastEventAt"
     from (select count(*)::int as count, min(created_at) as oldest from items
       where organisation_id = $1 and state <> 'clean' and state = any($2::text[])) open`,
    [organisationId, OPEN_STATES],
  );
  return onlyRow(rows);
}

export interface TopRow {
  what: 'type' | 'sender' | 'rule';
  name: string;
  count: number;
}

const FOUND = `organisation_id = $1 and created_at >= $2 and verdict <> 'clean' and verdict in ('malicious', 'suspicious')`;

/** Types, senders and rules of what was malicious or suspicious, the most frequent first. */
export async function readTops(db: Queryable, span: DashboardSpan, limit: number): Promise<TopRow[]> {
  const { rows } = await db.query<TopRow>(
    `with found as materialized (select id, detected_type, author_id from items where ${FOUND})
     (select 'type' as what, detected_type as name, count(*)::int as count from found
        where detected_type is not null group by 2 order by 3 desc, 2 limit $3)
     union all
     (select 'sender', author_id, count(*)::int from found where author_id is not null group by 2 order by 3 desc, 2 limit $3)
     union all
     (select 'rule', f.rule, count(distinct f.item_id)::int from found join findings f on f.item_id = found.id
        where f.severity <> 'info' group by 2 order by 3 desc, 2 limit $3)`,
    [span.organisationId, span.from, limit],
  );
  return rows;
}

function valuesOf({ organisationId, from, step }: DashboardSpan): unknown[] {
  return [organisationId, from, step];
}
