import { TICKET_TEXT } from '../db/comment-texts';
import type { ConnectionRef } from '../db/connection-secrets';
import {
  endCycle,
  findUnaccounted,
  moveWalk,
  postponeWalk,
  readWalk,
  settleCoverage,
  type CoverageWalkRow,
} from '../db/coverage';
import { healGaps } from '../db/coverage-gaps';
import type { Queryable } from '../db/pool';
import { insertTicketIntake } from '../db/ticket-intake';
import { tellGap } from './coverage-gap';
import type { ActivityDeps } from './deps';
import { asFailure } from './failures';
import { recordComments } from './reconciliation-page';
import { recordTicketTexts } from './reconciliation-tickets';

/** Pages that one activity reads before its workflow goes on with the next. */
const PAGES = 20;
/** A listed comment that lacks something for so long has its ticket listed, in seconds. */
const PATIENCE_SECONDS = 300;
const UNACCOUNTED_AT_ONCE = 100;

/**
 * One cycle over the help desk's own export, or as many pages of it as one activity takes: every comment that it lists is
 * compared with the ledger, and what no webhook announced is added. The export ends some time before now and is read with
 * an overlap, because its last minute is never complete.
 * @returns `more` when the cycle has not come to its end
 */
export async function walkExport(deps: ActivityDeps, ref: ConnectionRef): Promise<{ more: boolean }> {
  try {
    return await walk(deps, ref);
  } catch (error) {
    const failure = asFailure(error);
    const word = failure instanceof Error && 'type' in failure ? String(failure.type) : 'Unexpected';
    await deps.database.withOrganisation(ref.organisationId, (db) => postponeWalk(db, ref.connectionId, 600, word));
    throw error;
  }
}

async function walk(deps: ActivityDeps, ref: ConnectionRef): Promise<{ more: boolean }> {
  const { database, access } = deps;
  const walked = await database.withOrganisation(ref.organisationId, (db) => readWalk(db, ref.connectionId));
  if (!walked) return { more: false };
  const { channel, connection } = await access.open(ref);
  let next = walked.nextFrom;
  for (let page = 0; page < PAGES; page += 1) {
    const until = new Date(Date.now() - deps.settings.waits.reconcile.lag);
    const { comments, ...rest } = await channel.exportComments(earlier(next, until), 'reconcile');
    ({ next } = rest);
    await recordComments(deps, ref, connection, comments, async (db) =>
      moveWalk(db, ref.connectionId, { nextFrom: next }),
    );
    if (!rest.end) continue;
    const cursor = await recordTicketTexts(deps, ref, connection, channel, walked);
    await database.withOrganisation(ref.organisationId, (db) => finish(deps, db, ref, walked, { until, next, cursor }));
    return { more: false };
  }
  return { more: true };
}

async function finish(
  deps: ActivityDeps,
  db: Queryable,
  ref: ConnectionRef,
  walked: CoverageWalkRow,
  { until, next, cursor }: { until: Date; next: Date; cursor: string | undefined },
): Promise<void> {
  const { reconcile } = deps.settings.waits;
  if (cursor !== undefined) await moveWalk(db, ref.connectionId, { ticketsCursor: cursor });
  const pauseSeconds = reconcile.every / 1000;
  await endCycle(db, ref.connectionId, { nextFrom: earlier(next, until), passedUntil: until, pauseSeconds });
  await recordPause(db, ref, walked, reconcile.every);
  await settleCoverage(db, ref.connectionId);
  await askForUnaccounted(db, ref);
  await healGaps(db, ref.connectionId);
}

/** The last minutes before `until` are asked for again: what happened in them may not have been complete. */
function earlier(next: Date, until: Date): Date {
  return next < until ? next : until;
}

/** The walk stood still for much longer than it pauses: what happened meanwhile was not covered then. */
async function recordPause(db: Queryable, ref: ConnectionRef, walked: CoverageWalkRow, everyMs: number): Promise<void> {
  const last = walked.cycleEndedAt;
  if (last === null || Date.now() - last.getTime() < Math.max(10 * everyMs, 600_000)) return;
  const gap = { ...ref, cause: 'walk_paused' as const, beginsAt: walked.passedUntil, endsAt: new Date(), comments: 0 };
  await tellGap(db, gap);
}

async function askForUnaccounted(db: Queryable, ref: ConnectionRef): Promise<void> {
  const hour = new Date().toISOString().slice(0, 13);
  for (const { ticketId, commentId } of await findUnaccounted(
    db,
    ref.connectionId,
    PATIENCE_SECONDS,
    UNACCOUNTED_AT_ONCE,
  )) {
    // A ticket's own text is in the ledger as soon as it was exported; only its look is waited for.
    if (commentId === TICKET_TEXT) continue;
    const deliveryKey = `export:${ticketId}:${commentId}:${hour}`;
    await insertTicketIntake(db, { ...ref, ticketId, cause: 'export', deliveryKey });
  }
}
