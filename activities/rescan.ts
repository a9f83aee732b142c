import { appendAuditEvent, LAZARET } from '../db/audit-events';
import { updateItem } from '../db/items';
import type { ItemRow } from '../db/items';
import { insertNoteEntry } from '../db/notes';
import { readDecision } from '../db/objects';
import { countRescanned, finishRescan, listRescanItems, planRescans, readRescan } from '../db/rescans';
import type { RescanRow } from '../db/rescans';
import type { Database } from '../db/pool';
import { insertScan } from '../db/scans';
import { enginesKey, isWorse } from '../domain/inspection';
import { DEFAULT_POLICY } from '../domain/policy';
import { orderFor } from '../domain/policy-order';
import { requiredEngines } from './deps';
import type { ActivityDeps, ItemRef } from './deps';
import { waitingReason } from './failures';
import { explainReports } from './explain';
import { passUntilAnswered } from './inspection';
import { machineVerdict } from './lists';
import { noteEntryFor } from './outcomes';
import type { ReadPass } from './pass';
import { isContainmentWanted, judgedFile, lockContext } from './progress';
import type { ItemContext } from './progress';
import { judge, settledState, undated } from './record';
import { keepSeal } from './seal';
import { currentContext } from './sleep';

/** Files of one organisation that are scanned again in a minute at most. */
const PER_MINUTE = 20;
const MINUTE_MS = 60_000;
/** A file that cannot be read so often keeps the others waiting no longer. */
const PATIENCE = 4;

export interface RescanRef {
  organisationId: string;
  rescanId: string;
}

/** Plans walks after the versions of this worker's engines changed, or were seen for the first time. */
export async function planRescansFor(database: Database, key: string): Promise<void> {
  await database.withService((db) => planRescans(db, key, DEFAULT_POLICY.rescanDays));
}

/** Scans the next files of a walk again. @returns whether there may be more, and how long to wait before them */
export async function rescanBatch(deps: ActivityDeps, ref: RescanRef): Promise<{ more: boolean; waitMs: number }> {
  const started = Date.now();
  const { rescan, items } = await deps.database.withOrganisation(ref.organisationId, async (db) => {
    const row = await readRescan(db, ref.rescanId);
    const open = row !== undefined && row.finishedAt === null;
    return { rescan: row, items: open ? await listRescanItems(db, row, PER_MINUTE) : [] };
  });
  if (!rescan) return { more: false, waitMs: 0 };
  for (const item of items) await rescanItem(deps, rescan, item);
  if (items.length === PER_MINUTE) return { more: true, waitMs: Math.max(1, MINUTE_MS - (Date.now() - started)) };
  await deps.database.withOrganisation(ref.organisationId, (db) => finishRescan(db, rescan.id));
  return { more: false, waitMs: 0 };
}

async function rescanItem(deps: ActivityDeps, rescan: RescanRow, item: ItemRow): Promise<void> {
  const ref = { organisationId: item.organisation_id, connectionId: item.connection_id, itemId: item.id };
  const pass = await readAgain(deps, ref, item);
  try {
    const same = pass !== undefined && pass.sha256 === item.sha256;
    await deps.database.withOrganisation(ref.organisationId, async (db) => {
      const outcome = same ? await recordRescan(deps, db, ref, pass) : 'unread';
      await countRescanned(db, rescan, item.id, outcome);
    });
  } finally {
    await pass?.seal.drop();
  }
}

/** The file once more; undefined when Zendesk no longer gives it out, or fails on this one file again and again. */
async function readAgain(deps: ActivityDeps, ref: ItemRef, item: ItemRow): Promise<ReadPass | undefined> {
  try {
    const { channel } = await deps.access.open(ref);
    const pass = await passUntilAnswered(deps, { item, channel, required: [], lane: 'backfill' });
    return pass.kind === 'read' ? pass : undefined;
  } catch (error) {
    const ofThisFile = waitingReason(error) === 'zendesk_unavailable';
    if (ofThisFile && (currentContext()?.info.attempt ?? 1) > PATIENCE) return undefined;
    throw error;
  }
}

type Tx = Parameters<Parameters<Database['withOrganisation']>[1]>[0];

/**
 * Writes the inspection down; engines that answer later were not asked. Only a worse verdict changes the item, and then as
 * a new decision would: by policy.
 */
async function recordRescan(deps: ActivityDeps, db: Tx, ref: ItemRef, pass: ReadPass): Promise<'same' | 'worse'> {
  const before = await lockContext(db, ref);
  const { item, policy, object } = before;
  const { verdict: machine, reports } = await machineVerdict(
    db,
    ref.organisationId,
    pass,
    requiredEngines(deps, policy).filter((name) => !deps.asyncEngines.some((engine) => engine.name === name)),
  );
  const { organisationId, itemId } = ref;
  await insertScan(db, {
    organisationId,
    itemId,
    sha256: pass.sha256,
    verdict: machine,
    reports: explainReports(reports),
    ms: pass.ms,
  });
  await updateItem(db, itemId, { engines_key: enginesKey(pass.reports) });
  const settled = item.state === 'clean' || item.state === 'noted';
  if (!settled || !object || !isWorse(machine.verdict, item.machine_verdict)) return 'same';
  const decision = object.decision_id === null ? undefined : await readDecision(db, object.decision_id);
  const change = await judge(db, before, { machine, decision, pass: { ...pass, reports } });
  const context: ItemContext = { ...before, decision, item: { ...item, ...undated(change) } };
  const wanted = !decision && isContainmentWanted(context);
  if (wanted && object.seal_key === null) await keepSeal(db, object, pass.seal, itemId);
  const state = wanted ? { state: 'waiting' as const, state_reason: 'containing' as const } : settledState(context);
  const asked = change.investigation_id !== undefined;
  await updateItem(db, itemId, { ...change, ...state, ...((wanted || asked) && { deadline_at: new Date() }) });
  const said = !wanted && !decision && orderFor(policy, judgedFile(context)) === 'note';
  if (said) await insertNoteEntry(db, noteEntryFor(context, 'noted', `rescan:${enginesKey(pass.reports)}`));
  const detail = { from: item.machine_verdict, to: machine.verdict, engines: enginesKey(pass.reports) };
  await appendAuditEvent(db, { organisationId, kind: 'item.rescanned', actor: LAZARET, itemId, detail });
  if (wanted) await db.query(`select pg_notify('lazaret_work', 'items')`);
  return 'worse';
}
