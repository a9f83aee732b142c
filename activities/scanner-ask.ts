import { createCallbackToken } from '../db/callback-token';
import { noteQuestion, readSubmissions, recordSubmission, wakeWaiting } from '../db/submissions';
import type { ObjectKey, SubmissionChange, SubmissionRow } from '../db/submissions';
import { isLastingAnswer } from '../domain/inspection';
import type { EngineReport } from '../domain/inspection';
import { nextLook, nextPause } from '../domain/submission';
import type { AsyncAnswer, AsyncEngine, KnownFile } from '../scanners/async-engine';
import { failedReport } from '../scanners/engine';
import type { ActivityDeps, ItemRef } from './deps';

/** A question about one file to engines that answer later. */
export interface ScannerQuestion {
  ref: ItemRef;
  object: ObjectKey;
  /** Without leave to upload, which is each engine's own. */
  file: Omit<KnownFile, 'mayUpload'>;
  /** Engines that may have the bytes. */
  uploadEngines: readonly string[];
  required: readonly string[];
}

/** A complete answer is believed for the same bytes elsewhere for so long. */
const REMEMBER_MS = 3_600_000;
/** Clocks that wake us may be a little early. */
const EARLY_MS = 500;
/** A required engine that is away is asked again after so long, while the grace lasts. */
const AWAY_MS = 5_000;
/** Trouble with our own copy of the file: tried again until the deadline. */
const NO_BYTES_MS = 30_000;

/** Where bytes are sent to only with the organisation's leave, that is needed before a question makes sense. */
export function isAskable(engine: AsyncEngine, uploadEngines: readonly string[]): boolean {
  return !engine.looksAtBytes || uploadEngines.includes(engine.name);
}

/**
 * Asks one engine about one file, if it is due, and writes the answer down before anything else happens. One at a time
 * asks in all workers. Where a worker dies between question and record, the question is repeated.
 * @returns false when somebody else is asking the same at this moment
 */
export async function askEngine(deps: ActivityDeps, engine: AsyncEngine, question: ScannerQuestion): Promise<boolean> {
  const { organisationId, sha256 } = question.object;
  const name = `submission:${organisationId}:${sha256}:${engine.name}`;
  const asked = await deps.database.tryExclusive(name, async () => {
    const [row] = await deps.database.withOrganisation(organisationId, (db) =>
      readSubmissions(db, question.object, [engine.name]),
    );
    if (row && row.state !== 'done' && row.dueMs <= EARLY_MS) await askNow(deps, engine, question, row);
    return true;
  });
  return asked === true;
}

async function askNow(
  deps: ActivityDeps,
  engine: AsyncEngine,
  question: ScannerQuestion,
  row: SubmissionRow,
): Promise<void> {
  const mayUpload = question.uploadEngines.includes(engine.name);
  const token = row.state === 'queued' && engine.callback ? createCallbackToken() : undefined;
  const noted = { engine: engine.name, mayUpload, callbackHash: token?.hash };
  const { object } = question;
  await deps.database.withOrganisation(object.organisationId, (db) => noteQuestion(db, object, noted));
  const callbackUrl = token && `${deps.settings.publicUrl}/callbacks/scanners/${token.token}`;
  const answer = await answerOf(deps, engine, row, { ...question.file, mayUpload }, callbackUrl);
  await deps.checkpoint?.('scanner-asked');
  const patient = isAway(deps, question, row, answer) ? { state: 'busy' as const, retryAfterMs: AWAY_MS } : answer;
  const calledBack = engine.callback && patient.state === 'pending';
  const change = { ...changeFor(row, patient), engine: engine.name, calledBack };
  await deps.database.withOrganisation(object.organisationId, async (db) => {
    // Locks are taken in one order: the object, then what is about it.
    if (change.state === 'done') await wakeWaiting(db, object, question.ref.itemId);
    await recordSubmission(db, object, change);
  });
  await deps.checkpoint?.('scanner-answered');
}

async function answerOf(
  deps: ActivityDeps,
  engine: AsyncEngine,
  row: SubmissionRow,
  file: KnownFile,
  callbackUrl: string | undefined,
): Promise<AsyncAnswer> {
  if (row.leftMs <= 0) return { state: 'done', report: failedReport(engine.name, 'timeout') };
  try {
    return row.handle ? await engine.fetchResult(row.handle) : await engine.submit(file, callbackUrl);
  } catch (error) {
    // Only our own copy of the file makes an engine reject.
    const name = error instanceof Error ? error.name : 'error';
    deps.log.warn({ engine: engine.name, error: name }, 'the copy of a file could not be given to an engine');
    return { state: 'busy', retryAfterMs: NO_BYTES_MS };
  }
}

/** A required engine that is away is waited for as long as any other. */
function isAway(deps: ActivityDeps, { required }: ScannerQuestion, row: SubmissionRow, answer: AsyncAnswer): boolean {
  if (answer.state !== 'done' || row.state !== 'queued' || row.leftMs <= 0) return false;
  const { report } = answer;
  const away = report.result === 'error' && report.reason === 'engine_unavailable';
  return away && required.includes(report.engine) && row.ageMs < deps.settings.waits.engineGrace;
}

function changeFor(row: SubmissionRow, answer: AsyncAnswer): Omit<SubmissionChange, 'engine' | 'calledBack'> {
  switch (answer.state) {
    case 'done':
      return { state: 'done', report: answer.report, pauseMs: 0, nextMs: 0, leftMs: rememberedMs(answer.report) };
    case 'busy': {
      const pauseMs = nextPause(row.pauseMs, answer.retryAfterMs);
      return { state: 'queued', pauseMs, nextMs: nextLook(pauseMs, row.leftMs) };
    }
    case 'pending': {
      const leftMs = Date.parse(answer.handle.expiresAt) - Date.now();
      // The first look after a submission comes as soon as the engine allows.
      const pauseMs = row.handle ? nextPause(row.pauseMs, answer.retryAfterMs) : answer.retryAfterMs;
      return { state: 'pending', handle: answer.handle, pauseMs, nextMs: nextLook(pauseMs, leftMs), leftMs };
    }
    default:
      return answer satisfies never;
  }
}

function rememberedMs(report: EngineReport): number {
  return isLastingAnswer([report]) ? REMEMBER_MS : 0;
}
