import { OPEN_STATES } from '../domain/words';
import type { ItemState } from '../domain/words';
import { readWalk } from './coverage';
import { listGaps } from './coverage-gaps';
import type { GapRow } from './coverage-gaps';
import type { Queryable } from './pool';

/** How many of something there are. */
export interface CoverageCounts {
  comments: number;
  attachments: number;
  /** Comments and tickets whose text may hold links. */
  texts: number;
}

/** What the help desk's own lists name, and how much of it has its row in the ledger. */
export interface CoverageReport {
  listed: CoverageCounts;
  accounted: CoverageCounts;
  /** Everything written before this was seen in the help desk's export; null before the first cycle. */
  passedUntil: Date | null;
  cycleEndedAt: Date | null;
  /** Why the last cycle did not end, in a failure's word. */
  problem: string | null;
  /** What has been under way longest. */
  oldestOpen: { itemId: string; state: ItemState; since: Date } | null;
  gaps: GapRow[];
}

const MAX_GAPS = 50;

/** Reads how complete the ledger of one connection is. */
export async function readCoverage(db: Queryable, connectionId: string): Promise<CoverageReport> {
  const [counts, open, walk, gaps] = await Promise.all([
    db.query<Record<'comments' | 'attachments' | 'texts' | 'doneComments' | 'doneAttachments' | 'doneTexts', number>>(
      `select count(*)::float8 as comments, coalesce(sum(attachments), 0)::float8 as attachments,
         count(*) filter (where has_links)::float8 as texts, count(accounted_at)::float8 as "doneComments",
         coalesce(sum(attachments) filter (where accounted_at is not null), 0)::float8 as "doneAttachments",
         count(*) filter (where has_links and accounted_at is not null)::float8 as "doneTexts"
       from covered_comments where connection_id = $1 and listed_at is not null`,
      [connectionId],
    ),
    db.query<{ itemId: string; state: ItemState; since: Date }>(
      `select id as "itemId", state, created_at as since from items where connection_id = $1 and state = any($2::text[])
       order by created_at limit 1`,
      [connectionId, OPEN_STATES],
    ),
    readWalk(db, connectionId),
    listGaps(db, connectionId, MAX_GAPS),
  ]);
  const row = counts.rows[0];
  return {
    listed: { comments: row?.comments ?? 0, attachments: row?.attachments ?? 0, texts: row?.texts ?? 0 },
    accounted: { comments: row?.doneComments ?? 0, attachments: row?.doneAttachments ?? 0, texts: row?.doneTexts ?? 0 },
    passedUntil: walk?.cycleEndedAt ? walk.passedUntil : null,
    cycleEndedAt: walk?.cycleEndedAt ?? null,
    problem: walk?.problem ?? null,
    oldestOpen: open.rows[0] ?? null,
    gaps,
  };
}

/** Whether everything that was listed has its row, and lists were read at all. */
export function isComplete({ listed, accounted, cycleEndedAt }: CoverageReport): boolean {
  return cycleEndedAt !== null && listed.comments === accounted.comments;
}
