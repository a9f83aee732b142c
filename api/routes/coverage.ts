import { z } from 'zod';
import { findOrganisationConnection } from '../../db/connections';
import { isComplete, readCoverage } from '../../db/coverage-report';
import type { CoverageReport } from '../../db/coverage-report';
import type { Database } from '../../db/pool';
import { CONNECTION_STATES, GAP_CAUSES, ITEM_STATES } from '../../domain/words';
import { inOrganisation } from '../auth';
import { idSchema } from '../fields';
import { registerRoute } from '../openapi';
import type { RouteModule } from '../openapi';
import { notFound } from '../problems';
import { time, timeOrNull } from '../views';

const counts = z.strictObject({
  comments: z.int(),
  attachments: z.int(),
  texts: z.int().describe('Comments and tickets whose text may hold links.'),
});

const coverageSchema = z
  .strictObject({
    connectionId: z.uuid(),
    state: z.enum(CONNECTION_STATES),
    complete: z.boolean().describe('Everything that Zendesk lists until passedUntil has its row.'),
    listed: counts.describe("What Zendesk's own export and lists name since the activation."),
    accounted: counts.describe('How much of it has its row, with everything in it.'),
    passedUntil: timeOrNull.describe('Until when the export was compared; null before the first time.'),
    cycleEndedAt: timeOrNull,
    problem: z.string().nullable().describe('Why the last comparison did not come to its end.'),
    oldestOpen: z
      .strictObject({ scanId: z.uuid(), state: z.enum(ITEM_STATES), since: time })
      .nullable()
      .describe('What has been under way longest.'),
    gaps: z.array(
      z.strictObject({
        id: z.string(),
        cause: z
          .enum(GAP_CAUSES)
          .describe('not_announced: no webhook told of it. walk_paused: the export was not read.'),
        beginsAt: time,
        endsAt: time,
        comments: z.int(),
        healedAt: timeOrNull,
      }),
    ),
  })
  .meta({ id: 'Coverage' });

/** How complete the ledger is, measured by what the help desk itself lists. */
export function coverageRoutes({ database }: { database: Database }): RouteModule {
  return (api) => {
    registerRoute(api, {
      method: 'get',
      path: '/api/v1/organisations/{id}/channels/zendesk/coverage',
      operationId: 'getZendeskCoverage',
      summary: 'What Zendesk lists, how much of it is accounted for, and where there were gaps',
      tag: 'channels',
      right: 'connections.read',
      params: z.strictObject({ id: idSchema }),
      answers: { 200: { description: 'As of now.', schema: coverageSchema } },
      handle: ({ params: { id }, caller }) =>
        inOrganisation(database, caller, id, 'getZendeskCoverage', async (db) => {
          const connection = await findOrganisationConnection(db, id);
          if (!connection) throw notFound('connection');
          const report = await readCoverage(db, connection.id);
          return { status: 200, body: viewOf(connection, report) };
        }),
    });
  };
}

function viewOf({ id, state }: { id: string; state: (typeof CONNECTION_STATES)[number] }, report: CoverageReport) {
  const { passedUntil, cycleEndedAt, oldestOpen, gaps, listed, accounted, problem } = report;
  return {
    connectionId: id,
    state,
    complete: isComplete(report),
    listed,
    accounted,
    passedUntil: passedUntil?.toISOString() ?? null,
    cycleEndedAt: cycleEndedAt?.toISOString() ?? null,
    problem,
    oldestOpen: oldestOpen && {
      scanId: oldestOpen.itemId,
      state: oldestOpen.state,
      since: oldestOpen.since.toISOString(),
    },
    gaps: gaps.map((gap) => ({
      ...gap,
      beginsAt: gap.beginsAt.toISOString(),
      endsAt: gap.endsAt.toISOString(),
      healedAt: gap.healedAt?.toISOString() ?? null,
    })),
  };
}
