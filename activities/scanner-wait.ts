import { appendAuditEvent, LAZARET } from '../db/audit-events';
import { updateItem } from '../db/items';
import { lockObject, readObject } from '../db/objects';
import { closeOpenInspection, insertOpenInspection, readOpenInspection } from '../db/open-inspections';
import type { OpenInspection } from '../db/open-inspections';
import type { Queryable } from '../db/pool';
import { insertScan } from '../db/scans';
import { openSubmissions, readSubmissions } from '../db/submissions';
import type { SubmissionRow } from '../db/submissions';
import { decideVerdict } from '../domain/inspection';
import type { EngineReport, FoundLink } from '../domain/inspection';
import type { Policy } from '../domain/policy';
import type { ReviewProgress } from '../domain/review';
import type { AsyncEngine } from '../scanners/async-engine';
import { failedReport } from '../scanners/engine';
import { requiredEngines } from './deps';
import type { ActivityDeps, ItemRef } from './deps';
import { explainReports } from './explain';
import { LISTS, machineVerdict } from './lists';
import type { Judged } from './lists';
import type { ReadPass } from './pass';
import { lockContext, proceed } from './progress';
import { detectedType, recordInspection } from './record';
import { askEngine, isAskable } from './scanner-ask';
import type { ScannerQuestion } from './scanner-ask';
import { keepPassingSeal, openAfterPass, openWaiting } from './scanner-copy';

/** No file waits longer than twice the longest deadline of its engines: once in a queue, once for the answer. */
const DEADLINES = 2;
/** While another worker asks the same, so long until the next look. */
const ELSEWHERE_MS = 5_000;

/**
 * Asks the engines that answer later, and records the verdict when all have answered at once; else the file waits for
 * them, and nothing of ours is held meanwhile. What is malicious by now, or settled by lists or an analyst, is not asked
 * about.
 */
export async function recordOrAwait(deps: ActivityDeps, ref: ItemRef, read: ReadPass): Promise<ReviewProgress> {
  if (deps.asyncEngines.length === 0) return recordInspection(deps, ref, read);
  const object = { organisationId: ref.organisationId, sha256: read.sha256 };
  const { engines, rows, policy } = await deps.database.withOrganisation(ref.organisationId, (db) =>
    planQuestions(deps, db, ref, read),
  );
  if (engines.length === 0) return recordInspection(deps, ref, read);
  const question: ScannerQuestion = {
    ref,
    object,
    file: { sha256: read.sha256, length: read.length, fileName: '', open: openAfterPass(deps, ref, read) },
    uploadEngines: policy.uploadEngines,
    required: requiredEngines(deps, policy),
  };
  const open = engines.filter((engine) => rows.some((row) => row.engine === engine.name && row.state !== 'done'));
  await Promise.all(open.map((engine) => askEngine(deps, engine, question)));
  const names = engines.map((engine) => engine.name);
  const now = await deps.database.withOrganisation(ref.organisationId, (db) => readSubmissions(db, object, names));
  const { outside, complete } = answersOf(deps, names, now, false);
  if (complete || isMalicious(outside)) return recordInspection(deps, ref, { ...read, outside });
  return beginWaiting(deps, ref, read, engines);
}

interface Plan {
  engines: AsyncEngine[];
  rows: SubmissionRow[];
  policy: Policy;
}

async function planQuestions(deps: ActivityDeps, db: Queryable, ref: ItemRef, read: ReadPass): Promise<Plan> {
  const { organisationId } = ref;
  const [{ policy }, object] = await Promise.all([lockContext(db, ref), readObject(db, organisationId, read.sha256)]);
  const judged = await machineVerdict(db, organisationId, read, requiredEngines(deps, policy));
  const settled = judged.verdict.verdict === 'malicious' || isAllowed(judged) || Boolean(object?.decision_id);
  const engines = settled ? [] : deps.asyncEngines.filter((engine) => isAskable(engine, policy.uploadEngines));
  if (engines.length === 0) return { engines, rows: [], policy };
  const wanted = engines.map(({ name: engine, deadlineMs }) => {
    return { engine, deadlineMs, mayUpload: policy.uploadEngines.includes(engine) };
  });
  return { engines, rows: await openSubmissions(db, { organisationId, sha256: read.sha256 }, wanted), policy };
}

/** An allow list stands above every engine. */
function isAllowed({ reports }: Judged): boolean {
  const findings = reports.filter((report) => report.engine === LISTS).flatMap((report) => report.findings);
  return findings.some((finding) => finding.rule === 'Lists_Allowed_Hash');
}

/** What was answered, and whether nobody is waited for any more. Whoever is gone, or late, has not answered. */
function answersOf(
  deps: ActivityDeps,
  names: readonly string[],
  rows: readonly SubmissionRow[],
  expired: boolean,
): { outside: EngineReport[]; complete: boolean } {
  const outside: EngineReport[] = [];
  for (const name of names) {
    const row = rows.find((one) => one.engine === name);
    const runs = deps.asyncEngines.some((engine) => engine.name === name);
    if (row?.report) outside.push(row.report);
    else if (!row || !runs) outside.push(failedReport(name, 'engine_unavailable'));
    else if (expired) outside.push(failedReport(name, 'timeout'));
  }
  return { outside, complete: outside.length === names.length };
}

function isMalicious(reports: readonly EngineReport[]): boolean {
  return decideVerdict(reports, []).verdict === 'malicious';
}

/** Writes down what is known, keeps the sealed copy, and leaves the file to its engines. */
async function beginWaiting(
  deps: ActivityDeps,
  ref: ItemRef,
  read: ReadPass,
  engines: readonly AsyncEngine[],
): Promise<ReviewProgress> {
  const { organisationId, itemId } = ref;
  const { sha256, length, ms, cached } = read;
  const links = await sealLinks(deps, ref, read.reports);
  const decided = await deps.database.withOrganisation(organisationId, async (db) => {
    const object = await lockObject(db, organisationId, sha256, length);
    const before = await lockContext(db, ref);
    if (before.item.machine_verdict !== 'pending') return proceed(db, before);
    // Decided while the engines were asked: nobody waits for them now.
    if (object.decision_id !== null) return undefined;
    const reports = read.reports.map(({ links: _links, ...report }) => report);
    const names = engines.map((engine) => engine.name);
    const longestMs = Math.max(...engines.map((engine) => engine.deadlineMs)) * DEADLINES;
    await insertOpenInspection(db, {
      ...{ itemId, organisationId, sha256, length, ms, cached, reports, links, longestMs },
      engines: names,
    });
    await keepPassingSeal(db, object, read.seal, itemId);
    const scan = { organisationId, itemId, sha256, ms, reports: explainReports(reports) };
    await insertScan(db, { ...scan, verdict: { verdict: 'pending' } });
    const change = { state: 'waiting' as const, state_reason: 'scanner' as const };
    const bytes = { sha256, length, detected_type: detectedType(reports) };
    await updateItem(db, itemId, { ...change, ...bytes });
    const event = { organisationId, kind: 'item.awaits_engines', actor: LAZARET, itemId };
    await appendAuditEvent(db, { ...event, detail: { sha256, engines: names } });
    return proceed(db, { ...before, item: { ...before.item, ...change, ...bytes } });
  });
  if (!decided) return recordInspection(deps, ref, read);
  await deps.checkpoint?.('scanners-awaited');
  return decided;
}

/** Asks again whoever is due, and goes on when all have answered, when one found malware, or when an analyst decided. */
export async function askScanners(deps: ActivityDeps, ref: ItemRef): Promise<ReviewProgress> {
  const waiting = await readWaiting(deps, ref);
  if ('step' in waiting) return waiting;
  const { inspection, decided, policy, fileName } = waiting;
  const { organisationId, sha256, length } = inspection;
  const question: ScannerQuestion = {
    ref,
    object: { organisationId, sha256 },
    file: { sha256, length, fileName, open: openWaiting(deps, inspection) },
    uploadEngines: policy.uploadEngines,
    required: requiredEngines(deps, policy),
  };
  const engines = deps.asyncEngines.filter((engine) => inspection.engines.includes(engine.name));
  const mine = decided ? [] : await Promise.all(engines.map((engine) => askEngine(deps, engine, question)));
  const rows = await deps.database.withOrganisation(organisationId, (db) =>
    readSubmissions(db, question.object, inspection.engines),
  );
  const { outside, complete } = answersOf(deps, inspection.engines, rows, inspection.expired);
  if (!decided && !complete && !isMalicious(outside)) {
    const next = await deps.database.withOrganisation(organisationId, async (db) =>
      proceed(db, await lockContext(db, ref)),
    );
    const elsewhere = next.step === 'await' && mine.includes(false);
    return elsewhere ? { ...next, waitMs: Math.max(next.waitMs ?? 0, ELSEWHERE_MS) } : next;
  }
  const { ms, cached } = inspection;
  const reports = await withLinks(deps, ref, inspection);
  if (!reports) return scanAnew(deps, ref);
  return recordInspection(deps, ref, { sha256, length, reports, outside, ms, cached });
}

interface Waiting {
  inspection: OpenInspection & { expired: boolean };
  decided: boolean;
  policy: Policy;
  fileName: string;
}

function readWaiting(deps: ActivityDeps, ref: ItemRef): Promise<Waiting | ReviewProgress> {
  return deps.database.withOrganisation(ref.organisationId, async (db) => {
    const context = await lockContext(db, ref);
    const inspection = await readOpenInspection(db, ref.itemId);
    if (!inspection || context.item.machine_verdict !== 'pending') return proceed(db, context);
    const { decision, policy, item } = context;
    return { inspection, decided: decision !== undefined, policy, fileName: item.file_name };
  });
}

/** What was read cannot be opened any more, because its master key is gone: the file is inspected once more. */
function scanAnew(deps: ActivityDeps, ref: ItemRef): Promise<ReviewProgress> {
  return deps.database.withOrganisation(ref.organisationId, async (db) => {
    const context = await lockContext(db, ref);
    await closeOpenInspection(db, ref.itemId);
    return proceed(db, context);
  });
}

function linksContext(ref: ItemRef): Record<string, string> {
  return { organisation: ref.organisationId, item: ref.itemId, field: 'open_inspection_links' };
}

async function sealLinks(
  deps: ActivityDeps,
  ref: ItemRef,
  reports: readonly EngineReport[],
): Promise<OpenInspection['links']> {
  const links = reports.map((report) => report.links ?? []);
  if (links.every((one) => one.length === 0)) return null;
  return deps.secretBox.seal(JSON.stringify(links), linksContext(ref));
}

async function withLinks(
  deps: ActivityDeps,
  ref: ItemRef,
  { reports, links }: OpenInspection,
): Promise<EngineReport[] | undefined> {
  if (links === null) return reports;
  const opened = await deps.secretBox.open(links, linksContext(ref)).catch(() => undefined);
  if (!opened) return undefined;
  const each = JSON.parse(opened.toString('utf8')) as FoundLink[][];
  return reports.map((report, index) => ({ ...report, links: each[index] ?? [] }));
}
