import { z } from 'zod';
import { readDecisionEffects } from '../../db/decision-effects';
import { undoDecision, verdictWithout } from '../../db/decision-undo';
import { listDecisions } from '../../db/decisions';
import type { Database, Queryable } from '../../db/pool';
import { readScan } from '../../db/scan-list';
import { DECISION_EFFECTS } from '../../domain/decision-effect';
import { DECIDED_VERDICTS } from '../../domain/words';
import { inOwner } from '../auth';
import { idSchema, proseSchema } from '../fields';
import { registerRoute } from '../openapi';
import type { RouteModule } from '../openapi';
import { notFound } from '../problems';
import { decisionSchema } from '../views';
import { overtaken } from './verdicts';

const params = z.strictObject({ id: idSchema });
const counts = z.strictObject({ items: z.int(), tickets: z.int() });

const effectSchema = z
  .strictObject(Object.fromEntries(DECISION_EFFECTS.map((effect) => [effect, counts])))
  .describe(
    'returns: given back to their tickets; removes: taken out; stays_in, stays_out: nothing happens in the ticket; waits: counts when Lazaret is through with it; nothing: the file is out of reach.',
  )
  .meta({ id: 'DecisionEffect' });

const effectsSchema = z
  .strictObject({
    verdicts: z.strictObject({ clean: effectSchema, suspicious: effectSchema, malicious: effectSchema }),
    currentDecisionId: z.uuid().nullable(),
    undo: z
      .strictObject({ decisionId: z.uuid(), restores: z.enum(DECIDED_VERDICTS), effect: effectSchema })
      .nullable()
      .describe('What taking the current decision back would restore; null where there is none.'),
  })
  .meta({ id: 'DecisionEffects' });

const undoneSchema = z
  .strictObject({
    decision: decisionSchema.describe('The newer decision, which says what was true before.'),
    affects: z.int(),
    reopened: z.array(z.uuid()).describe('Investigations that are open again.'),
  })
  .meta({ id: 'DecisionUndone' });

/** What decisions would do, said before they are made, and taking one back. */
export function decisionRoutes({ database }: { database: Database }): RouteModule {
  return (api) => {
    registerRoute(api, {
      method: 'get',
      path: '/api/v1/scans/{id}/decision-effects',
      operationId: 'getDecisionEffects',
      summary: 'What each decision about the bytes of a scan would do now',
      description: 'Chosen by the function that chooses the steps when a decision was made. Null without bytes.',
      tag: 'verdicts',
      right: 'scans.decide',
      params,
      answers: { 200: { description: 'Items and tickets by what becomes of them.', schema: effectsSchema.nullable() } },
      handle: async ({ params: { id }, caller }) =>
        inOwner(database, caller, { what: 'scan', id }, 'getDecisionEffects', async (db, organisationId) => ({
          status: 200,
          body: await effectsOf(db, organisationId, id),
        })),
    });
    registerRoute(api, {
      method: 'post',
      path: '/api/v1/decisions/{id}/undo',
      operationId: 'undoDecision',
      summary: 'Take the current decision back',
      description:
        'Writes a newer decision that says what was true before this one, and opens the investigations again that this one had answered. What was not clean before stays where it is.',
      tag: 'verdicts',
      right: 'scans.decide',
      params,
      body: z.strictObject({ reason: proseSchema(2000) }),
      answers: { 201: { description: 'Taken back.', schema: undoneSchema } },
      handle: async ({ params: { id }, body, caller }) => {
        const outcome = await inOwner(
          database,
          caller,
          { what: 'decision', id },
          'undoDecision',
          (db, organisationId) =>
            undoDecision(db, {
              organisationId,
              decisionId: id,
              reason: body.reason,
              actorId: caller.actorId,
              actorRole: caller.role,
            }),
        );
        if (outcome.outcome === 'unknown') throw notFound('decision');
        if (outcome.outcome === 'overtaken') throw overtaken(outcome);
        const { decision, affects, reopened } = outcome;
        return { status: 201, body: { decision, affects, reopened } };
      },
    });
  };
}

async function effectsOf(db: Queryable, organisationId: string, id: string): Promise<Record<string, unknown> | null> {
  const scan = await readScan(db, id);
  if (!scan) throw notFound('scan');
  const { sha256 } = scan;
  if (sha256 === null) return null;
  const verdicts = await readDecisionEffects(db, { organisationId, sha256 }, DECIDED_VERDICTS);
  const [current] = await listDecisions(db, organisationId, sha256);
  const restores = current && (await verdictWithout(db, current));
  return {
    verdicts,
    currentDecisionId: current?.id ?? null,
    undo: current && restores ? { decisionId: current.id, restores, effect: verdicts[restores] } : null,
  };
}
