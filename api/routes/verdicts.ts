import { z } from 'zod';
import { listDecisions, recordDecision } from '../../db/decisions';
import type { DecisionOutcome, DecisionRow } from '../../db/decisions';
import type { Database } from '../../db/pool';
import { readScan } from '../../db/scan-list';
import { DECIDED_VERDICTS } from '../../domain/words';
import { inOwner } from '../auth';
import { idSchema, proseSchema } from '../fields';
import { registerRoute } from '../openapi';
import type { Reply, RouteModule } from '../openapi';
import { conflict, notFound } from '../problems';
import type { Problem } from '../problems';
import { decisionSchema } from '../views';

const params = z.strictObject({ id: idSchema });

const verdictSchema = z.strictObject({
  verdict: z.enum(DECIDED_VERDICTS),
  reason: proseSchema(2000).describe('1 to 2,000 characters; kept for ever.'),
  expectedDecisionId: idSchema
    .nullable()
    .optional()
    .describe('The decision that you saw, null for none. When there is a newer one, the request is refused.'),
});

const madeSchema = z
  .strictObject({
    decision: decisionSchema,
    affects: z.int().describe('Items with these bytes in the organisation.'),
    answered: z.array(z.uuid()).describe('Investigations that this answers.'),
  })
  .meta({ id: 'DecisionMade' });

/** Decisions of analysts. They are written here and delivered by the dispatcher, never by this route. */
export function verdictRoutes({ database }: { database: Database }): RouteModule {
  return (api) => {
    registerRoute(api, {
      method: 'post',
      path: '/api/v1/scans/{id}/verdict',
      operationId: 'decideVerdict',
      summary: 'Decide about the bytes of a scan',
      description:
        'Holds for every present and future item with this SHA-256 in the organisation, until a newer decision.',
      tag: 'verdicts',
      right: 'scans.decide',
      params,
      body: verdictSchema,
      answers: {
        200: { description: 'The current decision says this already; nothing was written.', schema: madeSchema },
        201: { description: 'Decided.', schema: madeSchema },
      },
      handle: async ({ params: { id }, body, caller }) => {
        const outcome = await inOwner(database, caller, { what: 'scan', id }, 'decideVerdict', (db, organisationId) =>
          recordDecision(db, {
            organisationId,
            itemId: id,
            verdict: body.verdict,
            reason: body.reason,
            ...(body.expectedDecisionId !== undefined && { expectedDecisionId: body.expectedDecisionId }),
            actorId: caller.actorId,
            actorRole: caller.role,
          }),
        );
        return replyTo(outcome);
      },
    });
    registerRoute(api, {
      method: 'get',
      path: '/api/v1/scans/{id}/decisions',
      operationId: 'listDecisions',
      summary: 'Decisions about the bytes of a scan, newest first',
      tag: 'verdicts',
      right: 'decisions.read',
      params,
      answers: {
        200: { description: 'Newest first.', schema: z.strictObject({ decisions: z.array(decisionSchema) }) },
      },
      handle: async ({ params: { id }, caller }) =>
        inOwner(database, caller, { what: 'scan', id }, 'listDecisions', async (db, organisationId) => {
          const scan = await readScan(db, id);
          if (!scan) throw notFound('scan');
          const decisions = scan.sha256 === null ? [] : await listDecisions(db, organisationId, scan.sha256);
          return { status: 200, body: { decisions } };
        }),
    });
  };
}

function replyTo(outcome: DecisionOutcome): Reply {
  switch (outcome.outcome) {
    case 'decided': {
      const { decision, affects, answered } = outcome;
      return { status: 201, body: { decision, affects, answered } };
    }
    case 'same':
      return { status: 200, body: { decision: outcome.decision, affects: outcome.affects, answered: [] } };
    case 'overtaken':
      throw overtaken(outcome);
    case 'no_bytes':
      throw noBytes(outcome);
    case 'unknown':
      throw notFound('scan');
    default:
      return outcome satisfies never;
  }
}

/** Somebody decided in between: says who and what. */
export function overtaken({ current }: { current: DecisionRow | undefined }): Problem {
  const first = current
    ? `${current.actor} decided ${current.verdict} at ${current.createdAt.toISOString()}`
    : 'there is no decision about these bytes';
  return conflict(
    'decided_first',
    'Somebody else decided first.',
    `Another decision was expected; ${first}.`,
    'Look at the current decision; to replace it, send yours again with its id as expectedDecisionId.',
    {
      errors: [{ field: 'expectedDecisionId', pointer: '/expectedDecisionId', detail: 'is not the current decision' }],
      extra: { current: current ?? null },
    },
  );
}

function noBytes({ state, verdict, reason }: Extract<DecisionOutcome, { outcome: 'no_bytes' }>): Problem {
  const why =
    verdict === 'pending'
      ? 'it has not been scanned yet'
      : state === 'blocked_at_source'
        ? 'Zendesk blocks the file, so its bytes were never read'
        : `its bytes were never read (${[verdict, reason].filter(Boolean).join(', ')})`;
  return conflict(
    'no_bytes',
    'There are no bytes to decide about.',
    `A decision belongs to a SHA-256, and this item has none: ${why}. Its state is ${state}.`,
    verdict === 'pending' ? 'Wait until it has been scanned.' : 'Decide in the help desk what to do with this file.',
    { errors: [{ field: 'id', detail: why }], extra: { state, verdict, reason } },
  );
}
