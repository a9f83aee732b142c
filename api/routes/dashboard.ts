import { z } from 'zod';
import { readArrivals, readContainments, readCoverage, readStanding, readTops } from '../../db/dashboard';
import type { ArrivalRow, ContainmentRow, CoverageRow, StandingRow, TopRow } from '../../db/dashboard';
import type { Database } from '../../db/pool';
import { inOrganisation } from '../auth';
import { idSchema } from '../fields';
import { registerRoute } from '../openapi';
import type { RouteModule } from '../openapi';
import { invalidFields } from '../problems';
import { time, timeOrNull } from '../views';

const HOUR_MS = 3_600_000;
/** Hours of the whole and of one part. */
const SPANS = { '24h': [24, 1], '7d': [7 * 24, 24], '30d': [30 * 24, 24] } as const;
type Span = keyof typeof SPANS;
const TOPS = 6;

const ms = z.number().nullable().describe('Milliseconds; null where nothing was taken out.');
const counted = z.int();
const named = z.array(z.strictObject({ name: z.string(), count: counted }));

const dashboardSchema = z
  .strictObject({
    from: time.describe('Every figure is about items that arrived since then, unless it says otherwise.'),
    stepHours: z.int(),
    arrived: counted,
    verdicts: z.strictObject({
      pending: counted,
      clean: counted,
      suspicious: counted,
      malicious: counted,
      unscannable: counted,
    }),
    contained: counted,
    released: counted,
    timeToContain: z.strictObject({ p50: ms, p95: ms }).describe('From arrival to the proof that it is gone.'),
    exposure: z
      .strictObject({ p50: ms, p95: ms, longest: ms, reachable: counted, reachableSince: timeOrNull })
      .describe('How long what was taken out could be opened, and malicious files that still can be.'),
    investigations: z.strictObject({
      open: counted.describe('At this moment, whenever they were asked.'),
      oldest: timeOrNull,
      asked: counted,
      answered: counted,
    }),
    coverage: z
      .strictObject({
        state: z.enum(['complete', 'catching_up', 'reconnect_needed', 'not_connected']),
        open: counted,
        oldestOpen: timeOrNull,
        unreadComments: counted,
        unlistedTickets: counted,
        lastEventAt: timeOrNull,
      })
      .describe('Of everything that the help desk announced: what has not come to a final state at this moment.'),
    parts: z.array(
      z.strictObject({
        at: time,
        clean: counted,
        suspicious: counted,
        malicious: counted,
        unscannable: counted,
        pending: counted,
        contained: counted,
        p50: ms,
        p95: ms,
      }),
    ),
    types: named.describe('Of malicious and suspicious items, by content.'),
    senders: named.describe("Authors of their comments: the help desk's numbers."),
    rules: named,
  })
  .meta({ id: 'Dashboard' });

/** What happened in an organisation within a day, a week or a month, in figures that each name their scans. */
export function dashboardRoutes({ database, clock }: { database: Database; clock: () => Date }): RouteModule {
  return (api) => {
    registerRoute(api, {
      method: 'get',
      path: '/api/v1/dashboard',
      operationId: 'getDashboard',
      summary: 'Figures of one organisation',
      tag: 'dashboard',
      right: 'dashboard.read',
      query: z.strictObject({
        organisation: idSchema.optional().describe('For the operator; people of an organisation see their own.'),
        span: z.enum(['24h', '7d', '30d']).default('7d'),
      }),
      answers: { 200: { description: 'The figures.', schema: dashboardSchema } },
      handle: async ({ query, caller }) => {
        const organisationId = query.organisation ?? caller.organisationId;
        if (organisationId === undefined) {
          throw invalidFields('query', [{ field: 'organisation', detail: 'expected one: figures are of one only.' }]);
        }
        const span = spanOf(organisationId, query.span, clock());
        return inOrganisation(database, caller, organisationId, 'getDashboard', async (db) => {
          const [arrivals, containments, standing, coverage, tops] = await Promise.all([
            readArrivals(db, span),
            readContainments(db, span),
            readStanding(db, span),
            readCoverage(db, organisationId),
            readTops(db, span, TOPS),
          ]);
          return { status: 200, body: view(span, { arrivals, containments, standing, coverage, tops }) };
        });
      },
    });
  };
}

/** Ends with the hour that has begun, so that a part never changes its hours while somebody looks. */
function spanOf(organisationId: string, span: Span, now: Date) {
  const [hours, stepHours] = SPANS[span];
  const end = Math.ceil((now.getTime() + 1) / HOUR_MS) * HOUR_MS;
  const from = new Date(end - hours * HOUR_MS);
  return { organisationId, from, step: stepHours * 3600, stepHours, parts: hours / stepHours };
}

interface Read {
  arrivals: ArrivalRow[];
  containments: ContainmentRow[];
  standing: StandingRow;
  coverage: CoverageRow;
  tops: TopRow[];
}

function view(span: ReturnType<typeof spanOf>, { arrivals, containments, standing, coverage, tops }: Read) {
  const parts = Array.from({ length: span.parts }, (_none, part) => {
    const contained = containments.find((row) => row.part === part);
    const at = new Date(span.from.getTime() + part * span.stepHours * HOUR_MS);
    const { arrived: _all, ...verdicts } = verdictsOf(arrivals.filter((row) => row.part === part));
    return {
      at,
      ...verdicts,
      contained: contained?.count ?? 0,
      p50: contained?.p50 ?? null,
      p95: contained?.p95 ?? null,
    };
  });
  const { arrived, ...verdicts } = verdictsOf(arrivals);
  const all = containments.find((row) => row.part === null);
  const topsOf = (what: TopRow['what']) =>
    tops.filter((row) => row.what === what).map(({ name, count }) => ({ name, count }));
  return {
    from: span.from,
    stepHours: span.stepHours,
    arrived,
    verdicts,
    contained: all?.count ?? 0,
    released: standing.released,
    timeToContain: { p50: all?.p50 ?? null, p95: all?.p95 ?? null },
    exposure: {
      p50: all?.exposureP50 ?? null,
      p95: all?.exposureP95 ?? null,
      longest: all?.exposureMax ?? null,
      reachable: standing.reachable,
      reachableSince: standing.reachableSince,
    },
    investigations: {
      open: standing.openInvestigations,
      oldest: standing.oldestInvestigation,
      asked: standing.asked,
      answered: standing.answered,
    },
    coverage: coverageView(coverage),
    parts,
    types: topsOf('type'),
    senders: topsOf('sender'),
    rules: topsOf('rule'),
  };
}

function verdictsOf(rows: readonly ArrivalRow[]) {
  const sum = (verdict: ArrivalRow['verdict']) =>
    rows.filter((row) => row.verdict === verdict).reduce((total, { count }) => total + count, 0);
  const arrived = sum(null);
  const others = {
    pending: sum('pending'),
    suspicious: sum('suspicious'),
    malicious: sum('malicious'),
    unscannable: sum('unscannable'),
  };
  const notClean = others.pending + others.suspicious + others.malicious + others.unscannable;
  return { arrived, clean: Math.max(0, arrived - notClean), ...others };
}

function coverageView({ connections, ...figures }: CoverageRow) {
  const behind = figures.open + figures.unreadComments + figures.unlistedTickets > 0;
  const live = connections.includes('connected');
  const state = connections.includes('reconnect_needed')
    ? 'reconnect_needed'
    : !live
      ? 'not_connected'
      : behind
        ? 'catching_up'
        : 'complete';
  return { state, ...figures };
}
