import { z } from 'zod';
import { claimInvestigation, giveClaimBack } from '../../db/claims';
import type { Claim, ClaimOutcome } from '../../db/claims';
import type { DecisionRow } from '../../db/decisions';
import { readInvestigation } from '../../db/investigations';
import type { Database } from '../../db/pool';
import { inOwner } from '../auth';
import { idSchema } from '../fields';
import { registerRoute } from '../openapi';
import type { Caller, Reply, RouteModule } from '../openapi';
import { conflict, notFound } from '../problems';
import type { Problem } from '../problems';
import { namesFor, queuedSchema, queuedViews } from './investigations';

const params = z.strictObject({ id: idSchema });
const PATH = '/api/v1/investigations/{id}/claim';

const claimBody = z.strictObject({
  takeOverFrom: z
    .string()
    .max(100)
    .optional()
    .describe('Id of whoever has it in hand, as you saw it (claim.by): takes it over from exactly them.'),
});

/** Who has an investigation in hand. It keeps nobody else from deciding; it says that somebody is at it. */
export function claimRoutes({ database }: { database: Database }): RouteModule {
  return (api) => {
    registerRoute(api, {
      method: 'post',
      path: PATH,
      operationId: 'claimInvestigation',
      summary: 'Take an open investigation in hand',
      description: 'One that somebody else has is refused with their name, unless takeOverFrom names them.',
      tag: 'investigations',
      right: 'investigations.claim',
      params,
      body: claimBody,
      answers: { 200: { description: 'It is yours.', schema: queuedSchema } },
      handle: async ({ params: { id }, body, caller }) => {
        const outcome = await inOwner(
          database,
          caller,
          { what: 'investigation', id },
          'claimInvestigation',
          (db, org) => claimInvestigation(db, { ...requestOf(org, id, caller), takeOverFrom: body.takeOverFrom }),
        );
        return replyTo(database, caller, id, outcome);
      },
    });
    registerRoute(api, {
      method: 'delete',
      path: PATH,
      operationId: 'giveInvestigationBack',
      summary: 'Give an investigation back to the queue',
      tag: 'investigations',
      right: 'investigations.claim',
      params,
      answers: { 200: { description: 'Nobody has it in hand.', schema: queuedSchema } },
      handle: async ({ params: { id }, caller }) => {
        const scope = { what: 'investigation', id } as const;
        const outcome = await inOwner(database, caller, scope, 'giveInvestigationBack', (db, org) =>
          giveClaimBack(db, requestOf(org, id, caller)),
        );
        return replyTo(database, caller, id, outcome);
      },
    });
  };
}

function requestOf(organisationId: string, investigationId: string, caller: Caller) {
  return { organisationId, investigationId, actorId: caller.actorId, actorRole: caller.role };
}

async function replyTo(
  database: Database,
  caller: Caller,
  id: string,
  outcome: ClaimOutcome | { outcome: 'free' },
): Promise<Reply> {
  switch (outcome.outcome) {
    case 'claimed':
    case 'free': {
      const row = await inOwner(database, caller, { what: 'investigation', id }, 'getInvestigation', (db) =>
        readInvestigation(db, id),
      );
      if (!row) throw notFound('investigation');
      const [body] = await queuedViews(database, caller, [row]);
      return { status: 200, body };
    }
    case 'taken':
      throw taken(outcome.claim, await nameOf(database, caller, outcome.claim.by));
    case 'answered': {
      const { decision } = outcome;
      throw answered(decision, decision ? await nameOf(database, caller, decision.actor) : undefined);
    }
    case 'unknown':
      throw notFound('investigation');
    default:
      return outcome satisfies never;
  }
}

async function nameOf(database: Database, caller: Caller, id: string): Promise<string | undefined> {
  return (await namesFor(database, caller, [id])).get(id);
}

function taken(claim: Claim, name: string | undefined): Problem {
  return conflict(
    'claimed_already',
    'Somebody else has it in hand.',
    `${name ?? 'Another analyst'} has it in hand since ${claim.at.toISOString()}.`,
    'Take another one, or take it over: send takeOverFrom with the id in claim.by.',
    {
      errors: [{ field: 'takeOverFrom', pointer: '/takeOverFrom', detail: 'does not name who has it in hand' }],
      extra: { claim: { by: claim.by, name: name ?? null, mine: false, at: claim.at } },
    },
  );
}

function answered(decision: DecisionRow | undefined, name: string | undefined): Problem {
  const what = decision
    ? `${name ?? 'Another analyst'} decided ${decision.verdict} at ${decision.createdAt.toISOString()}.`
    : 'It has been answered.';
  return conflict(
    'answered_already',
    'It has been answered already.',
    what,
    'Look at the answer; ask for a new investigation if you see it otherwise.',
    {
      errors: [{ field: 'id', detail: 'is not open any more' }],
      extra: { current: decision ? { ...decision, name: name ?? null } : null },
    },
  );
}
