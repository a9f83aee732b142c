import { appendAuditEvent, LAZARET } from '../db/audit-events';
import { openMachineInvestigation } from '../db/investigation-state';
import { updateItem } from '../db/items';
import type { ItemChange } from '../db/items';
import { insertNoteEntry } from '../db/notes';
import { closeOpenInspection } from '../db/open-inspections';
import { lockObject, readDecision } from '../db/objects';
import type { DecisionRow } from '../db/objects';
import type { Queryable } from '../db/pool';
import { insertScan } from '../db/scans';
import { enginesKey } from '../domain/inspection';
import type { EngineReport, MachineVerdict } from '../domain/inspection';
import { actionFor } from '../domain/policy';
import { orderFor } from '../domain/policy-order';
import type { ReviewProgress } from '../domain/review';
import type { UnscannableReason } from '../domain/words';
import { requiredEngines } from './deps';
import { explainReports } from './explain';
import type { ActivityDeps, ItemRef } from './deps';
import { machineVerdict } from './lists';
import type { InspectedFile } from './pass';
import { noteEntryFor } from './outcomes';
import { isContainmentWanted, judgedFile, lockContext, proceed } from './progress';
import type { ItemContext } from './progress';
import { dropPassingSeal } from './scanner-copy';
import { keepSeal } from './seal';

/** Records what the engines said, keeps the sealed copy where it will be needed, and chooses the next step. */
export async function recordInspection(deps: ActivityDeps, ref: ItemRef, read: InspectedFile): Promise<ReviewProgress> {
  const progress = await deps.database.withOrganisation(ref.organisationId, async (db) => {
    // Sent together, taken in this order.
    const [locked, before] = await Promise.all([
      lockObject(db, ref.organisationId, read.sha256, read.length),
      lockContext(db, ref),
    ]);
    let object = locked;
    // Recorded meanwhile, by a lost worker or because the file turned out to be our own returned copy.
    if (before.item.machine_verdict !== 'pending') {
      // Whoever was thought lost may have kept a copy for engines after that.
      if (before.policy.keepCleanDays === 0) object = await dropPassingSeal(deps, db, object, ref.itemId, false);
      return proceed(db, { ...before, object });
    }
    const required = requiredEngines(deps, before.policy);
    const said = { ...read, reports: [...read.reports, ...(read.outside ?? [])] };
    const { verdict: machine, reports } = await machineVerdict(db, ref.organisationId, said, required);
    const pass = { ...read, reports };
    const decision = object.decision_id === null ? undefined : await readDecision(db, object.decision_id);
    const change = await judge(db, before, { machine, decision, pass });
    const context: ItemContext = { ...before, object, decision, item: { ...before.item, ...undated(change) } };
    const wanted = isContainmentWanted(context);
    const kept = wanted || context.policy.keepCleanDays > 0 || change.investigation_id !== undefined;
    [object] = await Promise.all([
      kept && object.seal_key === null && read.seal ? keepSeal(db, object, read.seal, ref.itemId) : object,
      insertScan(db, {
        organisationId: ref.organisationId,
        itemId: ref.itemId,
        sha256: pass.sha256,
        verdict: machine,
        reports: explainReports(pass.reports),
        ms: pass.ms,
      }),
    ]);
    const state = wanted ? { state: 'waiting' as const, state_reason: 'containing' as const } : settledState(context);
    Object.assign(context.item, state);
    await Promise.all([
      updateItem(db, ref.itemId, { ...change, ...state, engines_key: enginesKey(read.reports) }),
      sayIfAsked(db, context, wanted),
      appendScanned(db, ref, machine, pass),
      // Also one that an attempt began which was thought lost.
      (read.outside ?? before.item.state === 'waiting') && closeOpenInspection(db, ref.itemId),
    ]);
    if (!kept) object = await dropPassingSeal(deps, db, object, ref.itemId);
    return proceed(db, { ...context, object });
  });
  await deps.checkpoint?.('inspected');
  return progress;
}

/** Verdicts of the row, and a machine investigation where engines now find what the analyst had not seen. */
export async function judge(
  db: Queryable,
  before: ItemContext,
  facts: {
    machine: MachineVerdict;
    decision: DecisionRow | undefined;
    pass: Pick<InspectedFile, 'sha256' | 'length' | 'reports'>;
  },
): Promise<ItemChange> {
  const { machine, decision, pass } = facts;
  const change: ItemChange = {
    sha256: pass.sha256,
    length: pass.length,
    detected_type: detectedType(pass.reports),
    machine_verdict: machine.verdict,
    machine_reason: machine.reason ?? null,
    verdict: decision?.verdict ?? machine.verdict,
    verdict_reason: decision ? null : (machine.reason ?? null),
    scanned_at: new Date(),
  };
  if (!decision) return change;
  change.decision_id = decision.id;
  if (decision.verdict === 'clean' && hasNewFinding(decision, pass.reports)) {
    const reason = 'An engine now finds something that was not known when these bytes were decided to be clean.';
    const request = { organisationId: decision.organisation_id, itemId: before.item.id, sha256: pass.sha256, reason };
    change.investigation_id = await openMachineInvestigation(db, request);
    change.applied_investigation_id = change.investigation_id;
  }
  return change;
}

/** The type by content, as the first engine that knows it says. */
export function detectedType(reports: readonly EngineReport[]): string | null {
  return reports.find((report) => report.detectedType)?.detectedType ?? null;
}

function hasNewFinding(decision: DecisionRow, reports: readonly EngineReport[]): boolean {
  const known = new Set(decision.known_findings);
  const serious = reports.flatMap((report) => report.findings).filter((finding) => finding.severity !== 'info');
  return serious.some((finding) => !known.has(`${finding.engine}:${finding.rule}`));
}

/** Where an item rests about which nothing has to be done. */
export function settledState({ item }: ItemContext): Pick<ItemChange, 'state' | 'state_reason'> {
  const clean = item.verdict === 'clean';
  return { state: clean ? 'clean' : 'noted', state_reason: null };
}

async function sayIfAsked(db: Queryable, context: ItemContext, contained: boolean): Promise<void> {
  if (contained || context.decision) return;
  if (orderFor(context.policy, judgedFile(context)) !== 'note') return;
  await insertNoteEntry(db, noteEntryFor(context, 'noted', 'machine'));
}

async function appendScanned(db: Queryable, ref: ItemRef, machine: MachineVerdict, pass: InspectedFile): Promise<void> {
  const rules = pass.reports.flatMap((report) => report.findings.map((finding) => `${finding.engine}:${finding.rule}`));
  await appendAuditEvent(db, {
    organisationId: ref.organisationId,
    kind: 'item.scanned',
    actor: LAZARET,
    itemId: ref.itemId,
    detail: {
      ...machine,
      sha256: pass.sha256,
      length: pass.length,
      ms: Math.round(pass.ms),
      ...(pass.cached && { cached: true }),
      rules: rules.slice(0, 50),
    },
  });
}

/** Columns of a change that a context's item carries too. */
export function undated(change: ItemChange): Partial<ItemContext['item']> {
  const {
    scanned_at: _scanned,
    released_at: _released,
    deadline_at: _deadline,
    watched_at: _watched,
    engines_key: _engines,
    ...rest
  } = change;
  return rest;
}

/** No bytes could be had: shown with its reason; never clean, and never redacted, for nothing could be sealed. */
export async function recordUnreadable(
  deps: ActivityDeps,
  ref: ItemRef,
  reason: UnscannableReason,
): Promise<ReviewProgress> {
  return deps.database.withOrganisation(ref.organisationId, async (db) => {
    const context = await lockContext(db, ref);
    // Recorded meanwhile, by an attempt that was thought lost, or known as our own returned copy by now.
    if (context.item.machine_verdict !== 'pending') return proceed(db, context);
    // Wanted out, and nothing there to seal.
    const refused = actionFor(context.policy, 'unscannable', reason) === 'contain' && reason !== 'gone';
    const state = reason === 'gone' ? 'gone' : refused ? 'refused' : 'noted';
    const change: ItemChange = {
      state,
      state_reason: refused ? 'sealed_copy_missing' : null,
      machine_verdict: 'unscannable',
      machine_reason: reason,
      verdict: 'unscannable',
      verdict_reason: reason,
      scanned_at: new Date(),
    };
    await updateItem(db, ref.itemId, change);
    // A lost attempt may have kept one for engines that answer later.
    if (context.object) await dropPassingSeal(deps, db, context.object, ref.itemId);
    const judged = judgedFile({ item: { ...context.item, ...undated(change) }, decision: undefined });
    if (orderFor(context.policy, { ...judged, wasRead: false }) === 'note') {
      await insertNoteEntry(db, noteEntryFor(context, refused ? 'refused' : 'noted', 'machine'));
    }
    const detail = { verdict: 'unscannable', reason };
    const event = {
      organisationId: ref.organisationId,
      kind: 'item.scanned',
      actor: LAZARET,
      itemId: ref.itemId,
      detail,
    };
    await appendAuditEvent(db, event);
    return proceed(db, { ...context, item: { ...context.item, ...undated(change) } });
  });
}

const ZENDESK_BLOCK: EngineReport = {
  engine: 'zendesk',
  engineVersion: '',
  rulesVersion: '',
  result: 'findings',
  findings: [
    {
      engine: 'zendesk',
      rule: 'malware_found',
      severity: 'high',
      path: [],
      what: "Zendesk's own malware scan found something in this file and blocks its download.",
    },
  ],
  ms: 0,
};

/** Zendesk blocks the file itself: malicious by its word, not downloaded, not redacted. */
export async function recordBlocked(deps: ActivityDeps, ref: ItemRef): Promise<ReviewProgress> {
  return deps.database.withOrganisation(ref.organisationId, async (db) => {
    const context = await lockContext(db, ref);
    // Recorded meanwhile, by an attempt that was thought lost, or known as our own returned copy by now.
    if (context.item.machine_verdict !== 'pending') return proceed(db, context);
    const machine: MachineVerdict = { verdict: 'malicious' };
    const change: ItemChange = {
      state: 'blocked_at_source',
      state_reason: null,
      machine_verdict: 'malicious',
      verdict: 'malicious',
      scanned_at: new Date(),
    };
    await updateItem(db, ref.itemId, change);
    const scan = { organisationId: ref.organisationId, itemId: ref.itemId, sha256: '', verdict: machine };
    await insertScan(db, { ...scan, reports: explainReports([ZENDESK_BLOCK]), ms: 0 });
    const judged = judgedFile({ item: { ...context.item, ...undated(change) }, decision: undefined });
    if (orderFor(context.policy, judged) === 'note')
      await insertNoteEntry(db, noteEntryFor(context, 'blocked_at_source', 'machine'));
    const event = { organisationId: ref.organisationId, kind: 'item.blocked_at_source', itemId: ref.itemId };
    await appendAuditEvent(db, { ...event, actor: { kind: 'zendesk', id: 'malware_scan_result' } });
    return proceed(db, { ...context, item: { ...context.item, ...undated(change) } });
  });
}
